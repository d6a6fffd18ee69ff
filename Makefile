# All that a change needs; Go and make are the only things to have beforehand.

LINT_VERSION := 2.15.0
SQLC_VERSION := 1.31.1

# The version is in the name, so that a new one is installed when it changes.
LINT := .tools/golangci-lint-$(LINT_VERSION)
SQLC := .tools/sqlc-$(SQLC_VERSION)

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 10s
BENCH    ?= P
BENCHTIME ?= 3s
CHAOS_CYCLES ?= 500
CHAOS_SEED ?=

# SQLite's own code, which is C translated to Go, is tested without the race
# detector and checkptr, as a C library would be: it is half of what the tests do.
# Its driver, its mutexes and all else keep both. Of several patterns the last
# counts.
SQLITE_AS_C := -gcflags=modernc.org/...=-d=checkptr=0 "-gcflags=modernc.org/sqlite/lib=-d=checkptr=0 -race=false"

# The packages that take longest begin first, so that the others fill the gaps.
LONGEST := ./cmd/... ./bot/slack

# Stamping the commit makes a build fail where git refuses the folder (another
# owner, a shallow copy); the version above says the same.
export GOFLAGS := $(strip $(shell go env GOFLAGS) -buildvcs=false)

.PHONY: help build demo test lint bench chaos generate verify fuzz clean

## help: what can be made
help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST)) | awk -F ': ' '{ printf "make %-9s %s\n", $$1, $$2 }'

## build: the static binary, .bin/tocsin
build:
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o .bin/tocsin ./cmd/tocsin

## demo: play a real incident with local stand-ins, in a browser (DEMO_FLAGS)
demo: build
	@exec .bin/tocsin demo $(DEMO_FLAGS)

## test: install what the tests need, then run all of them with the race detector
test:
	@.ci/deps
	@set -- -race $(SQLITE_AS_C); command -v $$(go env CC) >/dev/null || { set --; echo "no C compiler: without the race detector"; }; \
	set -x; go vet "$$@" ./... && go test "$$@" -timeout 15m $(LONGEST) ./...

## lint: the rules of .golangci.yml
lint: $(LINT)
	$(LINT) run ./...

## bench: the figures of the performance goals (BENCH, BENCHTIME)
bench:
	go test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -timeout 30m ./cmd/tocsin

## chaos: kill, stop and starve the program again and again, for hours (CHAOS_CYCLES, CHAOS_SEED)
chaos:
	@.ci/deps
	CHAOS_CYCLES=$(CHAOS_CYCLES) CHAOS_SEED=$(CHAOS_SEED) go test -count=1 -timeout 12h -run '^TestChaos$$' -v ./cmd/tocsin

## generate: write storage/db from storage/queries, and all else that is generated
generate: $(SQLC)
	$(SQLC) generate -f storage/sqlc.yaml
	go generate ./...

## verify: fail if storage/db is not what generate would write
verify: $(SQLC)
	$(SQLC) diff -f storage/sqlc.yaml

## fuzz: every fuzz test for FUZZTIME each
fuzz:
	@set -e; grep -rl --include='*_test.go' '^func Fuzz' bot commands storage cmd | while read -r file; do \
		for name in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$$file"); do \
			echo "$$name"; go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")" </dev/null; \
		done; \
	done

## clean: remove what was built and installed here
clean:
	rm -rf .bin .tools

$(LINT):
	CGO_ENABLED=0 GOBIN="$(CURDIR)/.tools" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(LINT_VERSION)
	@mv .tools/golangci-lint $@

$(SQLC):
	GOBIN="$(CURDIR)/.tools" go install github.com/sqlc-dev/sqlc/cmd/sqlc@v$(SQLC_VERSION)
	@mv .tools/sqlc $@
