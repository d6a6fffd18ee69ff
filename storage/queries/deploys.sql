-- name: SaveDeploy :execrows
INSERT INTO deploys (source, dedupe_key, service, environment, kind, version, previous, status, actor, url,
    started_at, finished_at, received_at, at)
VALUES (sqlc.arg(source), sqlc.arg(dedupe_key), sqlc.arg(service), sqlc.arg(environment), sqlc.arg(kind), sqlc.arg(version),
    sqlc.arg(previous), sqlc.arg(status), sqlc.arg(actor), sqlc.arg(url), sqlc.narg(started_at), sqlc.narg(finished_at),
    sqlc.arg(received_at), sqlc.arg(at))
ON CONFLICT (source, dedupe_key) DO NOTHING;

-- One service a query: what deploy systems call theirs may hold anything, so
-- no list of several could be looked into with LIKE.

-- name: ListDeploys :many
SELECT * FROM deploys
ORDER BY at DESC, received_at DESC, source DESC, dedupe_key DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListDeploysIn :many
SELECT * FROM deploys
WHERE environment = CAST(sqlc.arg(environment) AS text)
ORDER BY at DESC, received_at DESC, source DESC, dedupe_key DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListDeploysOf :many
SELECT * FROM deploys
WHERE service = CAST(sqlc.arg(service) AS text)
ORDER BY at DESC, received_at DESC, source DESC, dedupe_key DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListDeploysOfIn :many
SELECT * FROM deploys
WHERE service = CAST(sqlc.arg(service) AS text) AND environment = CAST(sqlc.arg(environment) AS text)
ORDER BY at DESC, received_at DESC, source DESC, dedupe_key DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);
