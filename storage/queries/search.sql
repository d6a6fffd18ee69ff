-- What was written, found by its words: SQLite's way; PostgreSQL's is in
-- postgres.sql. The index is walked from the newest entry on, and no further than
-- is asked for; CROSS JOIN keeps SQLite from walking the incidents instead.

-- name: SearchEvents :many
SELECT CAST(s.rowid / 16777216 AS bigint) AS incident, CAST(s.rowid % 16777216 AS bigint) AS seq
FROM event_search s CROSS JOIN incidents i
WHERE s.event_search = CAST(sqlc.arg(query) AS text) AND s.rowid < CAST(sqlc.arg(before) AS bigint) * 16777216
  AND i.number = s.rowid / 16777216
  AND (NOT i.private OR CAST(sqlc.arg(see_all) AS boolean)
    OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
    OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))
ORDER BY s.rowid DESC LIMIT CAST(sqlc.arg(row_limit) AS bigint);
