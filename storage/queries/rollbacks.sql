-- A rollback is seen with its incident. Its reason is the text of the entry that
-- asked for it, which is not there yet while that is being written.

-- name: GetRollback :one
SELECT r.data, e.text, e.redacted FROM rollbacks r
LEFT JOIN events e ON e.incident = r.incident AND e.seq = r.seq
WHERE r.id = CAST(sqlc.arg(id) AS text)
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = r.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))));

-- The lists differ in what they start from, so that each has an index to walk;
-- of the rest, 0 and '' do not filter. Few are live at a time.

-- name: ListRollbacks :many
SELECT r.data, e.text, e.redacted FROM rollbacks r
LEFT JOIN events e ON e.incident = r.incident AND e.seq = r.seq
WHERE (CAST(sqlc.arg(incident) AS bigint) = 0 OR r.incident = CAST(sqlc.arg(incident) AS bigint))
  AND (CAST(sqlc.arg(service) AS text) = '' OR r.service = CAST(sqlc.arg(service) AS text))
  AND (CAST(sqlc.arg(environment) AS text) = '' OR r.environment = CAST(sqlc.arg(environment) AS text))
  AND (CAST(sqlc.arg(lock_key) AS text) = '' OR r.lock_key = CAST(sqlc.arg(lock_key) AS text))
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = r.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY r.number DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListRollbacksOfIncident :many
SELECT r.data, e.text, e.redacted FROM rollbacks r
LEFT JOIN events e ON e.incident = r.incident AND e.seq = r.seq
WHERE r.incident = CAST(sqlc.arg(incident) AS bigint)
  AND (CAST(sqlc.arg(service) AS text) = '' OR r.service = CAST(sqlc.arg(service) AS text))
  AND (CAST(sqlc.arg(environment) AS text) = '' OR r.environment = CAST(sqlc.arg(environment) AS text))
  AND (CAST(sqlc.arg(lock_key) AS text) = '' OR r.lock_key = CAST(sqlc.arg(lock_key) AS text))
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = r.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY r.number DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListRollbacksOfService :many
SELECT r.data, e.text, e.redacted FROM rollbacks r
LEFT JOIN events e ON e.incident = r.incident AND e.seq = r.seq
WHERE (CAST(sqlc.arg(incident) AS bigint) = 0 OR r.incident = CAST(sqlc.arg(incident) AS bigint))
  AND r.service = CAST(sqlc.arg(service) AS text)
  AND r.environment = CAST(sqlc.arg(environment) AS text)
  AND (CAST(sqlc.arg(lock_key) AS text) = '' OR r.lock_key = CAST(sqlc.arg(lock_key) AS text))
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = r.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY r.number DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListRollbacksOfKey :many
SELECT r.data, e.text, e.redacted FROM rollbacks r
LEFT JOIN events e ON e.incident = r.incident AND e.seq = r.seq
WHERE (CAST(sqlc.arg(incident) AS bigint) = 0 OR r.incident = CAST(sqlc.arg(incident) AS bigint))
  AND (CAST(sqlc.arg(service) AS text) = '' OR r.service = CAST(sqlc.arg(service) AS text))
  AND (CAST(sqlc.arg(environment) AS text) = '' OR r.environment = CAST(sqlc.arg(environment) AS text))
  AND r.lock_key = CAST(sqlc.arg(lock_key) AS text)
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = r.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY r.number DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListLiveRollbacks :many
SELECT r.data, e.text, e.redacted FROM rollbacks r
LEFT JOIN events e ON e.incident = r.incident AND e.seq = r.seq
WHERE (CAST(sqlc.arg(incident) AS bigint) = 0 OR r.incident = CAST(sqlc.arg(incident) AS bigint))
  AND (CAST(sqlc.arg(service) AS text) = '' OR r.service = CAST(sqlc.arg(service) AS text))
  AND (CAST(sqlc.arg(environment) AS text) = '' OR r.environment = CAST(sqlc.arg(environment) AS text))
  AND (CAST(sqlc.arg(lock_key) AS text) = '' OR r.lock_key = CAST(sqlc.arg(lock_key) AS text))
  AND r.live
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = r.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY r.number DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- CreateRollback writes nothing where another live one has the key.

-- name: CreateRollback :execrows
INSERT INTO rollbacks (id, number, incident, seq, target, service, environment, lock_key, requested_by,
    state, live, requested_at, ended_at, data)
VALUES (sqlc.arg(id), sqlc.arg(number), sqlc.arg(incident), sqlc.arg(seq), sqlc.arg(target), sqlc.arg(service), sqlc.arg(environment),
    sqlc.arg(lock_key), sqlc.arg(requested_by), sqlc.arg(state), sqlc.arg(live), sqlc.arg(requested_at), sqlc.narg(ended_at), sqlc.arg(data))
ON CONFLICT (lock_key) WHERE live DO NOTHING;

-- SaveRollback finds no row where what never changes is another.

-- name: SaveRollback :execrows
UPDATE rollbacks SET target = sqlc.arg(target), service = sqlc.arg(service), environment = sqlc.arg(environment),
    state = sqlc.arg(state), live = sqlc.arg(live), requested_at = sqlc.arg(requested_at), ended_at = sqlc.narg(ended_at), data = sqlc.arg(data)
WHERE id = CAST(sqlc.arg(id) AS text) AND number = CAST(sqlc.arg(number) AS bigint)
  AND incident = CAST(sqlc.arg(incident) AS bigint) AND seq = CAST(sqlc.arg(seq) AS bigint)
  AND lock_key = CAST(sqlc.arg(lock_key) AS text) AND requested_by = CAST(sqlc.arg(requested_by) AS text);
