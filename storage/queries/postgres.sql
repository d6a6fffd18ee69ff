-- What only PostgreSQL needs, and understands.

-- name: NextJobID :one
SELECT CAST(nextval('job_ids') AS bigint);

-- ClaimFreeLanes is ClaimLanes that passes over what another replica is claiming,
-- or writing into, instead of waiting for it.

-- name: ClaimFreeLanes :many
WITH due AS MATERIALIZED (
    SELECT l.lane FROM lanes l WHERE l.wake_at <= CAST(sqlc.arg(now) AS bigint)
    ORDER BY l.wake_at, l.lane LIMIT CAST(sqlc.arg(row_limit) AS bigint) FOR UPDATE SKIP LOCKED)
UPDATE lanes SET leased = true, token = token + 1, wake_at = CAST(sqlc.arg(until) AS bigint)
WHERE lanes.lane IN (SELECT due.lane FROM due)
RETURNING lanes.lane, lanes.token;

-- Tell gives what a commit is asked for by afterwards, and wakes the other replicas
-- with it.

-- name: Tell :one
SELECT CAST(pg_current_xact_id() AS text) AS xid, CAST(pg_notify(sqlc.arg(channel), sqlc.arg(payload)) AS text) AS told;

-- name: CurrentXact :one
SELECT CAST(pg_current_xact_id() AS text);

-- name: Fate :one
SELECT CAST(COALESCE(pg_xact_status(CAST(CAST(sqlc.arg(xid) AS text) AS xid8)), '') AS text);
