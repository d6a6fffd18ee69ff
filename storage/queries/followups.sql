-- An action item is seen with its incident. Its text is that of the entry that
-- gave it, which is not there yet while that is being written.

-- name: GetFollowUp :one
SELECT f.data, e.text, e.redacted FROM followups f
LEFT JOIN events e ON e.incident = f.incident AND e.seq = f.seq
WHERE f.number = CAST(sqlc.arg(number) AS bigint)
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = f.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))));

-- The lists differ in what they start from, so that each has an index to walk;
-- of the rest, zero and empty do not filter. All five states are given for all,
-- and fewer are given more than once. Of an issue there is one at most.

-- name: ListFollowUps :many
SELECT f.data, e.text, e.redacted FROM followups f
LEFT JOIN events e ON e.incident = f.incident AND e.seq = f.seq
WHERE f.number > CAST(sqlc.arg(after) AS bigint)
  AND (CAST(sqlc.arg(incident) AS bigint) = 0 OR f.incident = CAST(sqlc.arg(incident) AS bigint))
  AND (CAST(sqlc.arg(owner) AS text) = '' OR f.owner = CAST(sqlc.arg(owner) AS text))
  AND (CAST(sqlc.arg(repo_key) AS text) = '' OR f.repo_key = CAST(sqlc.arg(repo_key) AS text))
  AND (CAST(sqlc.arg(issue) AS bigint) = 0 OR f.issue = CAST(sqlc.arg(issue) AS bigint))
  AND (CAST(sqlc.arg(due_before) AS text) = '' OR f.due <> '' AND f.due < CAST(sqlc.arg(due_before) AS text))
  AND f.state IN (CAST(sqlc.arg(state1) AS text), CAST(sqlc.arg(state2) AS text), CAST(sqlc.arg(state3) AS text),
    CAST(sqlc.arg(state4) AS text), CAST(sqlc.arg(state5) AS text))
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = f.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY f.number LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListOpenFollowUps :many
SELECT f.data, e.text, e.redacted FROM followups f
LEFT JOIN events e ON e.incident = f.incident AND e.seq = f.seq
WHERE f.number > CAST(sqlc.arg(after) AS bigint)
  AND (CAST(sqlc.arg(incident) AS bigint) = 0 OR f.incident = CAST(sqlc.arg(incident) AS bigint))
  AND (CAST(sqlc.arg(owner) AS text) = '' OR f.owner = CAST(sqlc.arg(owner) AS text))
  AND (CAST(sqlc.arg(repo_key) AS text) = '' OR f.repo_key = CAST(sqlc.arg(repo_key) AS text))
  AND (CAST(sqlc.arg(issue) AS bigint) = 0 OR f.issue = CAST(sqlc.arg(issue) AS bigint))
  AND NOT f.closed
  AND (CAST(sqlc.arg(due_before) AS text) = '' OR f.due <> '' AND f.due < CAST(sqlc.arg(due_before) AS text))
  AND f.state IN (CAST(sqlc.arg(state1) AS text), CAST(sqlc.arg(state2) AS text), CAST(sqlc.arg(state3) AS text),
    CAST(sqlc.arg(state4) AS text), CAST(sqlc.arg(state5) AS text))
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = f.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY f.number LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListFollowUpsOfIncident :many
SELECT f.data, e.text, e.redacted FROM followups f
LEFT JOIN events e ON e.incident = f.incident AND e.seq = f.seq
WHERE f.number > CAST(sqlc.arg(after) AS bigint)
  AND f.incident = CAST(sqlc.arg(incident) AS bigint)
  AND (CAST(sqlc.arg(owner) AS text) = '' OR f.owner = CAST(sqlc.arg(owner) AS text))
  AND (CAST(sqlc.arg(repo_key) AS text) = '' OR f.repo_key = CAST(sqlc.arg(repo_key) AS text))
  AND (CAST(sqlc.arg(issue) AS bigint) = 0 OR f.issue = CAST(sqlc.arg(issue) AS bigint))
  AND (CAST(sqlc.arg(due_before) AS text) = '' OR f.due <> '' AND f.due < CAST(sqlc.arg(due_before) AS text))
  AND f.state IN (CAST(sqlc.arg(state1) AS text), CAST(sqlc.arg(state2) AS text), CAST(sqlc.arg(state3) AS text),
    CAST(sqlc.arg(state4) AS text), CAST(sqlc.arg(state5) AS text))
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = f.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY f.number LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListFollowUpsOfOwner :many
SELECT f.data, e.text, e.redacted FROM followups f
LEFT JOIN events e ON e.incident = f.incident AND e.seq = f.seq
WHERE f.number > CAST(sqlc.arg(after) AS bigint)
  AND (CAST(sqlc.arg(incident) AS bigint) = 0 OR f.incident = CAST(sqlc.arg(incident) AS bigint))
  AND f.owner = CAST(sqlc.arg(owner) AS text)
  AND (CAST(sqlc.arg(repo_key) AS text) = '' OR f.repo_key = CAST(sqlc.arg(repo_key) AS text))
  AND (CAST(sqlc.arg(issue) AS bigint) = 0 OR f.issue = CAST(sqlc.arg(issue) AS bigint))
  AND (CAST(sqlc.arg(due_before) AS text) = '' OR f.due <> '' AND f.due < CAST(sqlc.arg(due_before) AS text))
  AND f.state IN (CAST(sqlc.arg(state1) AS text), CAST(sqlc.arg(state2) AS text), CAST(sqlc.arg(state3) AS text),
    CAST(sqlc.arg(state4) AS text), CAST(sqlc.arg(state5) AS text))
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = f.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY f.number LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListFollowUpsConcerning :many
SELECT f.data, e.text, e.redacted FROM followups f
LEFT JOIN events e ON e.incident = f.incident AND e.seq = f.seq
WHERE f.number > CAST(sqlc.arg(after) AS bigint)
  AND (CAST(sqlc.arg(incident) AS bigint) = 0 OR f.incident = CAST(sqlc.arg(incident) AS bigint))
  AND f.number IN (
    SELECT a.number FROM followups a WHERE a.owner = CAST(sqlc.arg(concerns) AS text) AND NOT a.closed
    UNION SELECT b.number FROM followups b WHERE b.added_by = CAST(sqlc.arg(concerns) AS text) AND NOT b.closed
    UNION SELECT c.number FROM incident_people h JOIN followups c ON c.incident = h.incident
      WHERE h.user_id = CAST(sqlc.arg(concerns) AS text) AND h.role = 'commander' AND NOT c.closed)
  AND (CAST(sqlc.arg(owner) AS text) = '' OR f.owner = CAST(sqlc.arg(owner) AS text))
  AND (CAST(sqlc.arg(repo_key) AS text) = '' OR f.repo_key = CAST(sqlc.arg(repo_key) AS text))
  AND (CAST(sqlc.arg(issue) AS bigint) = 0 OR f.issue = CAST(sqlc.arg(issue) AS bigint))
  AND (CAST(sqlc.arg(due_before) AS text) = '' OR f.due <> '' AND f.due < CAST(sqlc.arg(due_before) AS text))
  AND f.state IN (CAST(sqlc.arg(state1) AS text), CAST(sqlc.arg(state2) AS text), CAST(sqlc.arg(state3) AS text),
    CAST(sqlc.arg(state4) AS text), CAST(sqlc.arg(state5) AS text))
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = f.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY f.number LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- name: ListFollowUpsOfIssue :many
SELECT f.data, e.text, e.redacted FROM followups f
LEFT JOIN events e ON e.incident = f.incident AND e.seq = f.seq
WHERE f.number > CAST(sqlc.arg(after) AS bigint)
  AND (CAST(sqlc.arg(incident) AS bigint) = 0 OR f.incident = CAST(sqlc.arg(incident) AS bigint))
  AND (CAST(sqlc.arg(owner) AS text) = '' OR f.owner = CAST(sqlc.arg(owner) AS text))
  AND f.repo_key = CAST(sqlc.arg(repo_key) AS text)
  AND f.issue = CAST(sqlc.arg(issue) AS bigint)
  AND f.issue > 0
  AND (CAST(sqlc.arg(due_before) AS text) = '' OR f.due <> '' AND f.due < CAST(sqlc.arg(due_before) AS text))
  AND f.state IN (CAST(sqlc.arg(state1) AS text), CAST(sqlc.arg(state2) AS text), CAST(sqlc.arg(state3) AS text),
    CAST(sqlc.arg(state4) AS text), CAST(sqlc.arg(state5) AS text))
  AND (CAST(sqlc.arg(see_all) AS boolean) OR EXISTS (
    SELECT 1 FROM incidents i WHERE i.number = f.incident AND (NOT i.private
      OR EXISTS (SELECT 1 FROM incident_people p WHERE p.incident = i.number AND p.user_id = CAST(sqlc.arg(viewer) AS text))
      OR EXISTS (SELECT 1 FROM incident_members m WHERE m.incident = i.number AND m.user_id = CAST(sqlc.arg(viewer) AS text)))))
ORDER BY f.number LIMIT CAST(sqlc.arg(row_limit) AS bigint);

-- CreateFollowUp writes nothing where another has the issue.

-- name: CreateFollowUp :execrows
INSERT INTO followups (number, incident, seq, key, state, closed, owner, added_by, due, repo_key, issue, data)
VALUES (sqlc.arg(number), sqlc.arg(incident), sqlc.arg(seq), sqlc.arg(key), sqlc.arg(state), sqlc.arg(closed), sqlc.arg(owner),
    sqlc.arg(added_by), sqlc.arg(due), sqlc.arg(repo_key), sqlc.arg(issue), sqlc.arg(data))
ON CONFLICT (repo_key, issue) WHERE issue > 0 DO NOTHING;

-- SaveFollowUp finds no row where what never changes is another.

-- name: SaveFollowUp :execrows
UPDATE followups SET seq = sqlc.arg(seq), state = sqlc.arg(state), closed = sqlc.arg(closed), owner = sqlc.arg(owner),
    due = sqlc.arg(due), repo_key = sqlc.arg(repo_key), issue = sqlc.arg(issue), data = sqlc.arg(data)
WHERE number = CAST(sqlc.arg(number) AS bigint) AND incident = CAST(sqlc.arg(incident) AS bigint)
  AND key = CAST(sqlc.arg(key) AS text);
