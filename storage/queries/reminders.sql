-- A reminder is seen with its incident; without one, by its user. Its text is
-- that of the entry that set it, which is not there yet while that is being
-- written; without an incident its own.

-- name: GetReminder :one
SELECT r.data, COALESCE(r.text, e.text) AS text, e.redacted FROM reminders r
LEFT JOIN events e ON e.incident = r.incident AND e.seq = r.seq
WHERE r.number = CAST(sqlc.arg(number) AS bigint)
  AND (CAST(sqlc.arg(see_all) AS boolean)
    OR r.incident IS NULL AND r.user_id = CAST(sqlc.arg(viewer) AS text) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = r.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))));

-- Of an incident there are few.

-- name: ListRemindersOfIncident :many
SELECT r.data, COALESCE(r.text, e.text) AS text, e.redacted FROM reminders r
LEFT JOIN events e ON e.incident = r.incident AND e.seq = r.seq
WHERE r.incident = CAST(sqlc.arg(incident) AS bigint)
  AND (NOT CAST(sqlc.arg(only_waiting) AS boolean) OR r.state = 'waiting')
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = r.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY r.at, r.number LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListRemindersOf :many
SELECT r.data, r.text FROM reminders r
WHERE r.incident IS NULL AND r.user_id = CAST(sqlc.arg(user_id) AS text)
  AND (CAST(sqlc.arg(see_all) AS boolean) OR r.user_id = CAST(sqlc.arg(viewer) AS text))
ORDER BY r.at, r.number LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListWaitingRemindersOf :many
SELECT r.data, r.text FROM reminders r
WHERE r.incident IS NULL AND r.state = 'waiting' AND r.user_id = CAST(sqlc.arg(user_id) AS text)
  AND (CAST(sqlc.arg(see_all) AS boolean) OR r.user_id = CAST(sqlc.arg(viewer) AS text))
ORDER BY r.at, r.number LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: CreateReminder :execrows
INSERT INTO reminders (number, incident, seq, user_id, at, state, text, data)
VALUES (sqlc.arg(number), sqlc.narg(incident), sqlc.narg(seq), sqlc.arg(user_id), sqlc.arg(at), sqlc.arg(state), sqlc.narg(text),
    sqlc.arg(data));

-- SaveReminder finds no row where what never changes is another. 0 is no
-- incident.

-- name: SaveReminder :execrows
UPDATE reminders SET at = sqlc.arg(at), state = sqlc.arg(state), text = sqlc.narg(text), data = sqlc.arg(data)
WHERE number = CAST(sqlc.arg(number) AS bigint) AND COALESCE(incident, 0) = CAST(sqlc.arg(incident) AS bigint)
  AND COALESCE(seq, 0) = CAST(sqlc.arg(seq) AS bigint) AND user_id = CAST(sqlc.arg(user_id) AS text);
