-- What only PostgreSQL needs, and understands.

-- name: NextJobID :one
SELECT CAST(nextval('job_ids') AS bigint);

-- ClaimFreeLanes is ClaimLanes that passes over what another replica is claiming,
-- or writing into, instead of waiting for it. An array of them is looked up by the
-- index; of a list the planner expects so many that it reads the whole table, which
-- is in the way of everybody who writes into any lane.

-- name: ClaimFreeLanes :many
WITH due AS MATERIALIZED (
    SELECT l.lane FROM lanes l WHERE l.wake_at <= CAST(sqlc.arg(now) AS bigint)
    ORDER BY l.wake_at, l.lane LIMIT CAST(sqlc.arg(row_limit) AS bigint) FOR UPDATE SKIP LOCKED)
UPDATE lanes SET leased = true, token = token + 1, wake_at = CAST(sqlc.arg(until) AS bigint)
WHERE lanes.lane = ANY (ARRAY(SELECT due.lane FROM due))
RETURNING lanes.lane, lanes.token;

-- Tell gives what a commit is asked for by afterwards, and wakes the other replicas
-- with it.

-- name: Tell :one
SELECT CAST(pg_current_xact_id() AS text) AS xid, CAST(pg_notify(sqlc.arg(channel), sqlc.arg(payload)) AS text) AS told;

-- name: CurrentXact :one
SELECT CAST(pg_current_xact_id() AS text);

-- name: Fate :one
SELECT CAST(COALESCE(pg_xact_status(CAST(CAST(sqlc.arg(xid) AS text) AS xid8)), '') AS text);

-- SearchNewest looks for words through the newest entries, one after the other: a
-- common one is found in a few of them, while its index would bring, and have
-- sorted, those of all years.

-- name: SearchNewest :many
SELECT e.incident, e.seq FROM (
    SELECT n.incident, n.seq, n.text FROM events n
    WHERE n.incident > 0 AND n.incident < CAST(sqlc.arg(before) AS bigint)
    ORDER BY n.incident DESC, n.seq DESC LIMIT CAST(sqlc.arg(walked) AS bigint)) e
JOIN incidents i ON i.number = e.incident
WHERE e.text <> ''
  AND event_words(e.text) @@ to_tsquery('pg_catalog.simple', regexp_replace(normalize(CAST(sqlc.arg(query) AS text), NFD), '[\u0300-\u036f]+', '', 'g'))
  AND (NOT i.private OR CAST(sqlc.arg(see_all) AS boolean)
    OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
    OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))
ORDER BY e.incident DESC, e.seq DESC;

-- SearchWords looks for them in the index. Without MATERIALIZED the limit would make
-- the planner walk all entries instead, in the hope to meet the words soon.

-- name: SearchWords :many
WITH found AS MATERIALIZED (
    SELECT e.incident, e.seq FROM events e
    WHERE e.incident > 0 AND e.incident < CAST(sqlc.arg(before) AS bigint) AND e.text <> ''
      AND event_words(e.text) @@ to_tsquery('pg_catalog.simple', regexp_replace(normalize(CAST(sqlc.arg(query) AS text), NFD), '[\u0300-\u036f]+', '', 'g')))
SELECT f.incident, f.seq FROM found f
JOIN incidents i ON i.number = f.incident
WHERE (NOT i.private OR CAST(sqlc.arg(see_all) AS boolean)
    OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
    OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))
ORDER BY f.incident DESC, f.seq DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);
