-- Entries are seen with their incident; those of the house only by the bot.

-- name: GetEvent :one
SELECT * FROM events e
WHERE e.incident = CAST(sqlc.arg(incident) AS bigint) AND e.seq = CAST(sqlc.arg(seq) AS bigint)
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = e.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))));

-- kinds is empty or a list with a comma before and behind each.

-- name: ListEvents :many
SELECT * FROM events e
WHERE e.incident = CAST(sqlc.arg(incident) AS bigint) AND e.seq > CAST(sqlc.arg(after) AS bigint)
  AND (CAST(sqlc.arg(kinds) AS text) = '' OR CAST(sqlc.arg(kinds) AS text) LIKE '%,' || e.kind || ',%')
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = e.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY e.seq LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListLastEvents :many
SELECT * FROM events e
WHERE e.incident = CAST(sqlc.arg(incident) AS bigint) AND e.seq > CAST(sqlc.arg(after) AS bigint)
  AND (CAST(sqlc.arg(kinds) AS text) = '' OR CAST(sqlc.arg(kinds) AS text) LIKE '%,' || e.kind || ',%')
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = e.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY e.seq DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListTimeline :many
SELECT * FROM events e
WHERE e.incident = CAST(sqlc.arg(incident) AS bigint)
  AND (e.at, e.seq) > (CAST(sqlc.arg(after_at) AS bigint), CAST(sqlc.arg(after_seq) AS bigint))
  AND e.seq > CAST(sqlc.arg(above) AS bigint)
  AND (CAST(sqlc.arg(kinds) AS text) = '' OR CAST(sqlc.arg(kinds) AS text) LIKE '%,' || e.kind || ',%')
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = e.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY e.at, e.seq LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListLastTimeline :many
SELECT * FROM events e
WHERE e.incident = CAST(sqlc.arg(incident) AS bigint)
  AND (e.at, e.seq) > (CAST(sqlc.arg(after_at) AS bigint), CAST(sqlc.arg(after_seq) AS bigint))
  AND e.seq > CAST(sqlc.arg(above) AS bigint)
  AND (CAST(sqlc.arg(kinds) AS text) = '' OR CAST(sqlc.arg(kinds) AS text) LIKE '%,' || e.kind || ',%')
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = e.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY e.at DESC, e.seq DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: AddEvent :execrows
INSERT INTO events (incident, seq, at, recorded_at, kind, actor, via, text, public, data, salt, text_hash, prev, hash, redacted)
VALUES (sqlc.arg(incident), sqlc.arg(seq), sqlc.arg(at), sqlc.arg(recorded_at), sqlc.arg(kind), sqlc.arg(actor), sqlc.arg(via),
    sqlc.arg(text), sqlc.arg(public), sqlc.arg(data), sqlc.arg(salt), sqlc.arg(text_hash), sqlc.arg(prev), sqlc.arg(hash), false);

-- name: RedactEvent :execrows
UPDATE events SET text = NULL, salt = NULL, redacted = true
WHERE incident = CAST(sqlc.arg(incident) AS bigint) AND seq = CAST(sqlc.arg(seq) AS bigint);

-- name: LockStream :one
UPDATE streams SET version = version + 1
WHERE name = CAST(sqlc.arg(name) AS text)
RETURNING seq, head_hash, recorded_at;

-- name: SaveStream :execrows
UPDATE streams SET seq = sqlc.arg(seq), head_hash = sqlc.arg(head_hash), recorded_at = sqlc.arg(recorded_at)
WHERE name = CAST(sqlc.arg(name) AS text)
  AND seq = CAST(sqlc.arg(prev_seq) AS bigint) AND head_hash = CAST(sqlc.arg(prev_hash) AS text);
