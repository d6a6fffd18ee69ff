-- OpenLane makes the lane or locks it; what writes into a lane or takes from it
-- locks it first, so that ids are in the order of the commits.

-- name: OpenLane :one
INSERT INTO lanes (lane, wake_at, leased, token) VALUES (sqlc.arg(lane), CAST(sqlc.arg(run_at) AS bigint), false, 0)
ON CONFLICT (lane) DO UPDATE SET wake_at = COALESCE(lanes.wake_at, excluded.wake_at)
RETURNING leased;

-- name: AddJob :execrows
INSERT INTO jobs (id, lane, kind, dedup, edit, incident, payload, run_at, state, attempt, last_error, created_at)
VALUES (sqlc.arg(id), sqlc.arg(lane), sqlc.arg(kind), sqlc.narg(dedup), sqlc.arg(edit), sqlc.arg(incident), sqlc.arg(payload),
    sqlc.arg(run_at), 'waiting', 0, '', sqlc.arg(created_at))
ON CONFLICT (dedup) DO NOTHING;

-- name: SupersedeJobs :execrows
UPDATE jobs SET state = 'superseded', done_at = CAST(sqlc.arg(now) AS bigint)
WHERE lane = CAST(sqlc.arg(lane) AS text) AND state = 'waiting' AND attempt = 0
  AND edit = CAST(sqlc.arg(edit) AS text) AND id < CAST(sqlc.arg(id) AS bigint);

-- name: WakeLane :execrows
UPDATE lanes SET wake_at = (SELECT j.run_at FROM jobs j WHERE j.lane = lanes.lane AND j.state = 'waiting' ORDER BY j.id LIMIT 1)
WHERE lanes.lane = CAST(sqlc.arg(lane) AS text);

-- HurryHead and HurryLane let the first job of a lane start now. One that runs
-- says by itself when it wants to go on.

-- name: HurryHead :execrows
UPDATE jobs SET run_at = CAST(sqlc.arg(now) AS bigint)
WHERE id = (SELECT j.id FROM jobs j WHERE j.lane = CAST(sqlc.arg(lane) AS text) AND j.state = 'waiting' ORDER BY j.id LIMIT 1)
  AND run_at > CAST(sqlc.arg(now) AS bigint);

-- name: HurryLane :execrows
UPDATE lanes SET wake_at = CAST(sqlc.arg(now) AS bigint)
WHERE lane = CAST(sqlc.arg(lane) AS text) AND NOT leased AND wake_at > CAST(sqlc.arg(now) AS bigint);

-- ClaimLanes repeats its condition outside: where two processes claim at once,
-- the second one's list is stale when its turn comes.

-- name: ClaimLanes :many
UPDATE lanes SET leased = true, token = token + 1, wake_at = CAST(sqlc.arg(until) AS bigint)
WHERE lane IN (SELECT l.lane FROM lanes l WHERE l.wake_at <= CAST(sqlc.arg(now) AS bigint)
    ORDER BY l.wake_at, l.lane LIMIT CAST(sqlc.arg(row_limit) AS bigint))
  AND wake_at <= CAST(sqlc.arg(now) AS bigint)
RETURNING lane, token;

-- name: StartHead :one
UPDATE jobs SET attempt = attempt + 1
WHERE id = (SELECT j.id FROM jobs j WHERE j.lane = CAST(sqlc.arg(lane) AS text) AND j.state = 'waiting' ORDER BY j.id LIMIT 1)
  AND state = 'waiting'
RETURNING *;

-- name: GetHead :one
SELECT id, run_at FROM jobs WHERE lane = CAST(sqlc.arg(lane) AS text) AND state = 'waiting' ORDER BY id LIMIT 1;

-- name: LockLease :execrows
UPDATE lanes SET leased = true
WHERE lane = CAST(sqlc.arg(lane) AS text) AND token = CAST(sqlc.arg(token) AS bigint) AND leased;

-- name: EndTry :execrows
UPDATE jobs SET state = CAST(sqlc.arg(state) AS text), run_at = CAST(sqlc.arg(run_at) AS bigint),
    attempt = attempt - CAST(sqlc.arg(uncount) AS bigint), last_error = CAST(sqlc.arg(last_error) AS text), done_at = sqlc.narg(done_at)
WHERE id = CAST(sqlc.arg(id) AS bigint) AND lane = CAST(sqlc.arg(lane) AS text) AND state = 'waiting';

-- name: KeepLane :execrows
UPDATE lanes SET wake_at = CAST(sqlc.arg(until) AS bigint) WHERE lane = CAST(sqlc.arg(lane) AS text);

-- name: FreeLane :execrows
UPDATE lanes SET leased = false, wake_at = sqlc.narg(wake_at) WHERE lane = CAST(sqlc.arg(lane) AS text);

-- name: FreeLanes :execrows
UPDATE lanes SET leased = false, wake_at = (SELECT j.run_at FROM jobs j WHERE j.lane = lanes.lane AND j.state = 'waiting' ORDER BY j.id LIMIT 1)
WHERE leased;

-- name: NextWake :one
SELECT wake_at FROM lanes WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT 1;

-- The outbox is small whatever was done before; other states are for looking
-- back. states is a list with a comma before and behind each.

-- name: ListOutbox :many
SELECT * FROM jobs j
WHERE j.state IN ('waiting', 'failed') AND j.id > CAST(sqlc.arg(after) AS bigint)
  AND CAST(sqlc.arg(states) AS text) LIKE '%,' || j.state || ',%'
  AND (CAST(sqlc.arg(see_all) AS boolean) OR j.incident = 0 OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = j.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY j.id LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListJobs :many
SELECT * FROM jobs j
WHERE j.id > CAST(sqlc.arg(after) AS bigint)
  AND CAST(sqlc.arg(states) AS text) LIKE '%,' || j.state || ',%'
  AND (CAST(sqlc.arg(see_all) AS boolean) OR j.incident = 0 OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = j.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY j.id LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: TakePlace :execrows
INSERT INTO limits (name, free_at) VALUES (sqlc.arg(name), CAST(sqlc.arg(next_at) AS bigint))
ON CONFLICT (name) DO UPDATE SET free_at = excluded.free_at
WHERE limits.free_at <= CAST(sqlc.arg(now) AS bigint);

-- name: GetLimit :one
SELECT free_at FROM limits WHERE name = CAST(sqlc.arg(name) AS text);

-- name: HoldLimit :execrows
INSERT INTO limits (name, free_at) VALUES (sqlc.arg(name), CAST(sqlc.arg(until) AS bigint))
ON CONFLICT (name) DO UPDATE SET free_at = excluded.free_at
WHERE limits.free_at < excluded.free_at;
