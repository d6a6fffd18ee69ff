-- A private incident is seen by the bot itself, by who holds a role in it, and
-- by its members. The same condition stands in every query that reads one.

-- name: NextID :one
UPDATE counters SET value = value + 1
WHERE name = CAST(sqlc.arg(name) AS text)
RETURNING value;

-- name: CreateIncident :execrows
INSERT INTO incidents (number, version, seq, head_hash, recorded_at, state, severity, status,
    open, private, drill, published, declared_at, updated_at, resolved_at, channel_id, channel_name,
    owed, writer, declared_by)
VALUES (sqlc.arg(number), 1, sqlc.arg(seq), sqlc.arg(head_hash), sqlc.arg(recorded_at), sqlc.arg(state),
    sqlc.arg(severity), sqlc.arg(status), sqlc.arg(open), sqlc.arg(private), sqlc.arg(drill), sqlc.arg(published),
    sqlc.arg(declared_at), sqlc.arg(updated_at), sqlc.narg(resolved_at), sqlc.narg(channel_id), sqlc.arg(channel_name),
    sqlc.arg(owed), sqlc.arg(writer), sqlc.arg(declared_by))
ON CONFLICT (number) DO NOTHING;

-- name: LockIncident :one
UPDATE incidents SET version = version + 1
WHERE number = CAST(sqlc.arg(number) AS bigint)
  AND (NOT private OR CAST(sqlc.arg(see_all) AS boolean)
    OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = incidents.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
    OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = incidents.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))
RETURNING *;

-- name: GetIncident :one
SELECT * FROM incidents i
WHERE i.number = CAST(sqlc.arg(number) AS bigint)
  AND (NOT i.private OR CAST(sqlc.arg(see_all) AS boolean)
    OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
    OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)));

-- name: GetIncidentByChannel :one
SELECT * FROM incidents i
WHERE i.channel_id = CAST(sqlc.arg(channel) AS text)
  AND (NOT i.private OR CAST(sqlc.arg(see_all) AS boolean)
    OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
    OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)));

-- The lists differ in what they start from, so that each has an index to walk.

-- name: ListIncidents :many
SELECT * FROM incidents i
WHERE i.number < CAST(sqlc.arg(before) AS bigint)
  AND (NOT i.private OR CAST(sqlc.arg(see_all) AS boolean)
    OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
    OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))
ORDER BY i.number DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListOpenIncidents :many
SELECT * FROM incidents i
WHERE i.open AND i.number < CAST(sqlc.arg(before) AS bigint)
  AND i.declared_at >= CAST(sqlc.arg(since) AS bigint)
  AND (i.published OR NOT CAST(sqlc.arg(only_published) AS boolean))
  AND (NOT i.private OR CAST(sqlc.arg(see_all) AS boolean)
    OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
    OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))
ORDER BY i.number DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListPublishedIncidents :many
SELECT * FROM incidents i
WHERE i.published AND i.number < CAST(sqlc.arg(before) AS bigint)
  AND i.declared_at >= CAST(sqlc.arg(since) AS bigint)
  AND (NOT i.private OR CAST(sqlc.arg(see_all) AS boolean)
    OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
    OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))
ORDER BY i.number DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- ListIncidentsSince finds the numbers in an index that holds all it looks at
-- (+ keeps SQLite from walking all numbers in their order instead), and reads
-- only what is shown.

-- name: ListIncidentsSince :many
SELECT * FROM incidents
WHERE number IN (
    SELECT i.number FROM incidents i
    WHERE i.declared_at >= CAST(sqlc.arg(since) AS bigint)
      AND +i.number < CAST(sqlc.arg(before) AS bigint)
      AND (NOT i.private OR CAST(sqlc.arg(see_all) AS boolean)
        OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
        OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))
    ORDER BY +i.number DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint))
ORDER BY number DESC;

-- name: ListHeldIncidents :many
SELECT * FROM incidents i
WHERE i.number IN (SELECT h.incident FROM incident_people h WHERE h.user_id = CAST(sqlc.arg(holder) AS text))
  AND i.number < CAST(sqlc.arg(before) AS bigint)
  AND i.declared_at >= CAST(sqlc.arg(since) AS bigint)
  AND (i.open OR NOT CAST(sqlc.arg(only_open) AS boolean))
  AND (i.published OR NOT CAST(sqlc.arg(only_published) AS boolean))
  AND (NOT i.private OR CAST(sqlc.arg(see_all) AS boolean)
    OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
    OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))
ORDER BY i.number DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListOwedIncidents :many
SELECT * FROM incidents i
WHERE i.owed
  AND i.number < CAST(sqlc.arg(before) AS bigint)
  AND i.declared_at >= CAST(sqlc.arg(since) AS bigint)
  AND (i.open OR NOT CAST(sqlc.arg(only_open) AS boolean))
  AND (i.published OR NOT CAST(sqlc.arg(only_published) AS boolean))
  AND (NOT i.private OR CAST(sqlc.arg(see_all) AS boolean)
    OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
    OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))
ORDER BY i.number DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListOwedIncidentsOf :many
SELECT * FROM incidents i
WHERE i.number IN (
    SELECT a.number FROM incidents a WHERE a.owed AND a.writer = CAST(sqlc.arg(writer) AS text)
    UNION SELECT b.number FROM incidents b WHERE b.owed AND b.declared_by = CAST(sqlc.arg(writer) AS text)
    UNION SELECT h.incident FROM incident_people h WHERE h.user_id = CAST(sqlc.arg(writer) AS text) AND h.role = 'commander')
  AND i.owed
  AND i.number < CAST(sqlc.arg(before) AS bigint)
  AND i.declared_at >= CAST(sqlc.arg(since) AS bigint)
  AND (i.open OR NOT CAST(sqlc.arg(only_open) AS boolean))
  AND (i.published OR NOT CAST(sqlc.arg(only_published) AS boolean))
  AND (NOT i.private OR CAST(sqlc.arg(see_all) AS boolean)
    OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
    OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))
ORDER BY i.number DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- SaveIncident writes what an incident became, SaveState only what every entry
-- changes, which leaves the indexes alone. Both do so only where the entry
-- that led to it continues the stream.

-- name: SaveIncident :execrows
UPDATE incidents SET seq = sqlc.arg(seq), head_hash = sqlc.arg(head_hash), recorded_at = sqlc.arg(recorded_at),
    state = sqlc.arg(state), severity = sqlc.arg(severity), status = sqlc.arg(status), open = sqlc.arg(open),
    private = sqlc.arg(private), drill = sqlc.arg(drill), published = sqlc.arg(published),
    declared_at = sqlc.arg(declared_at), updated_at = sqlc.arg(updated_at), resolved_at = sqlc.narg(resolved_at),
    owed = sqlc.arg(owed), writer = sqlc.arg(writer), declared_by = sqlc.arg(declared_by)
WHERE number = CAST(sqlc.arg(number) AS bigint)
  AND seq = CAST(sqlc.arg(prev_seq) AS bigint) AND head_hash = CAST(sqlc.arg(prev_hash) AS text);

-- name: SaveState :execrows
UPDATE incidents SET seq = sqlc.arg(seq), head_hash = sqlc.arg(head_hash), recorded_at = sqlc.arg(recorded_at),
    state = sqlc.arg(state), updated_at = sqlc.arg(updated_at)
WHERE number = CAST(sqlc.arg(number) AS bigint)
  AND seq = CAST(sqlc.arg(prev_seq) AS bigint) AND head_hash = CAST(sqlc.arg(prev_hash) AS text);

-- name: SetIncidentChannel :execrows
UPDATE incidents SET channel_id = sqlc.narg(channel_id), channel_name = CAST(sqlc.arg(channel_name) AS text)
WHERE number = CAST(sqlc.arg(number) AS bigint);

-- name: IncidentOfChannel :one
SELECT number FROM incidents WHERE channel_id = CAST(sqlc.arg(channel) AS text);

-- name: DropRoles :execrows
DELETE FROM incident_people WHERE incident = CAST(sqlc.arg(incident) AS bigint);

-- name: AddRole :execrows
INSERT INTO incident_people (incident, role, user_id)
VALUES (sqlc.arg(incident), sqlc.arg(role), sqlc.arg(user_id));

-- name: ListMembers :many
SELECT m.user_id FROM incident_members m WHERE m.incident = CAST(sqlc.arg(incident) AS bigint) ORDER BY m.user_id;

-- name: AddMember :execrows
INSERT INTO incident_members (incident, user_id) VALUES (sqlc.arg(incident), sqlc.arg(user_id))
ON CONFLICT (incident, user_id) DO NOTHING;

-- name: DropMember :execrows
DELETE FROM incident_members
WHERE incident = CAST(sqlc.arg(incident) AS bigint) AND user_id = CAST(sqlc.arg(user_id) AS text);
