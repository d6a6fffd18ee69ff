# syntax=docker/dockerfile:1

# The build runs on the builder's own platform and cross-compiles: without cgo
# that costs nothing, and emulation is slow.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
ARG TARGETOS TARGETARCH VERSION=dev
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -buildvcs=false -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/tocsin ./cmd/tocsin
RUN mkdir -p /out/tmp /out/data

# Nothing but the binary: it carries its time zones, pages and migrations.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
# SQLite spills large sorts and backups here.
COPY --from=build --chmod=1777 /out/tmp /tmp
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/tocsin /tocsin

# By number, so that Kubernetes can tell that it is not root.
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV TOCSIN_DATABASE=/data/tocsin.db TOCSIN_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["/tocsin", "health"]
ENTRYPOINT ["/tocsin"]
CMD ["serve"]
