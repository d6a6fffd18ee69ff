-- What checks the record reads all of it, whoever may see it, in the order in
-- which it is stored; what purges it follows.

-- name: AuditEvents :many
SELECT * FROM events
WHERE (incident, seq) > (CAST(sqlc.arg(incident) AS bigint), CAST(sqlc.arg(seq) AS bigint))
ORDER BY incident, seq LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- AuditKey finds the place of a row that cannot be read: SQLite keeps a text in a
-- column of numbers.

-- name: AuditKey :one
SELECT CAST(incident AS text) AS incident, CAST(seq AS text) AS seq FROM events
WHERE (incident, seq) > (CAST(sqlc.arg(incident) AS bigint), CAST(sqlc.arg(seq) AS bigint))
ORDER BY events.incident, events.seq LIMIT 1;

-- name: AuditIncidents :many
SELECT * FROM incidents
WHERE number > CAST(sqlc.arg(after) AS bigint) AND number <= CAST(sqlc.arg(last) AS bigint)
ORDER BY number LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: AuditRoles :many
SELECT incident, role, user_id FROM incident_people
WHERE incident > CAST(sqlc.arg(after) AS bigint) AND incident <= CAST(sqlc.arg(last) AS bigint)
ORDER BY incident, role;

-- name: AuditTombstones :many
SELECT * FROM tombstones
WHERE incident > CAST(sqlc.arg(after) AS bigint) AND incident <= CAST(sqlc.arg(last) AS bigint)
ORDER BY incident LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: GetTombstone :one
SELECT * FROM tombstones WHERE incident = CAST(sqlc.arg(incident) AS bigint);

-- name: GetStream :one
SELECT seq, head_hash, recorded_at FROM streams WHERE name = CAST(sqlc.arg(name) AS text);

-- name: ListHeads :many
SELECT number, seq, head_hash, recorded_at FROM incidents
WHERE number > CAST(sqlc.arg(after) AS bigint) AND number <= CAST(sqlc.arg(last) AS bigint)
ORDER BY number LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: HeadAt :one
SELECT seq, hash, recorded_at FROM events
WHERE incident = CAST(sqlc.arg(incident) AS bigint) AND recorded_at <= CAST(sqlc.arg(at) AS bigint)
ORDER BY seq DESC LIMIT 1;

-- name: LastID :one
SELECT value FROM counters WHERE name = CAST(sqlc.arg(name) AS text);

-- ListOver ends with the last that was declared before: later ones are not over
-- since then.

-- name: ListOver :many
SELECT i.number FROM incidents i
WHERE i.number > CAST(sqlc.arg(after) AS bigint) AND i.declared_at < CAST(sqlc.arg(before) AS bigint)
  AND i.number <= COALESCE((SELECT max(o.number) FROM incidents o WHERE o.declared_at < CAST(sqlc.arg(before) AS bigint)), 0)
  AND i.recorded_at < CAST(sqlc.arg(before) AS bigint) AND NOT i.open
  AND NOT EXISTS (SELECT 1 FROM followups f WHERE f.incident = i.number AND NOT f.closed)
  AND NOT EXISTS (SELECT 1 FROM rollbacks r WHERE r.incident = i.number AND r.live)
  AND NOT EXISTS (SELECT 1 FROM reminders m WHERE m.incident = i.number AND m.state = 'waiting')
  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.incident = i.number AND j.state IN ('waiting', 'failed') AND j.state = 'waiting')
ORDER BY i.number LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: AddTombstone :execrows
INSERT INTO tombstones (incident, seq, head_hash, recorded_at, entry, chain)
VALUES (sqlc.arg(incident), sqlc.arg(seq), sqlc.arg(head_hash), sqlc.arg(recorded_at), sqlc.arg(entry), sqlc.arg(chain));

-- name: PurgeLinks :execrows
DELETE FROM links WHERE owner IN (SELECT CAST(sqlc.arg(owner) AS text)
  UNION SELECT 'rollback:' || r.id FROM rollbacks r WHERE r.incident = CAST(sqlc.arg(incident) AS bigint)
  UNION SELECT 'github:item:' || f.key FROM followups f WHERE f.incident = CAST(sqlc.arg(incident) AS bigint));

-- name: PurgeReminders :execrows
DELETE FROM reminders WHERE incident = CAST(sqlc.arg(incident) AS bigint);

-- name: PurgeFollowUps :execrows
DELETE FROM followups WHERE incident = CAST(sqlc.arg(incident) AS bigint);

-- name: PurgeRollbacks :execrows
DELETE FROM rollbacks WHERE incident = CAST(sqlc.arg(incident) AS bigint);

-- name: PurgeMembers :execrows
DELETE FROM incident_members WHERE incident = CAST(sqlc.arg(incident) AS bigint);

-- name: PurgeFailedJobs :execrows
DELETE FROM jobs WHERE state IN ('waiting', 'failed') AND state = 'failed' AND incident = CAST(sqlc.arg(incident) AS bigint);

-- name: PurgeEvents :execrows
DELETE FROM events WHERE incident = CAST(sqlc.arg(incident) AS bigint);

-- name: PurgeIncident :execrows
DELETE FROM incidents WHERE number = CAST(sqlc.arg(number) AS bigint);

-- name: JobBehind :one
SELECT id, created_at FROM jobs WHERE id > CAST(sqlc.arg(after) AS bigint)
ORDER BY id LIMIT 1 OFFSET CAST(sqlc.arg(skip) AS bigint);

-- name: PurgeJobs :execrows
DELETE FROM jobs WHERE id > CAST(sqlc.arg(after) AS bigint) AND id <= CAST(sqlc.arg(last) AS bigint)
  AND state IN ('done', 'superseded') AND done_at < CAST(sqlc.arg(before) AS bigint);
