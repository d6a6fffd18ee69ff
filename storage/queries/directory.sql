-- name: GetPerson :one
SELECT * FROM people WHERE id = CAST(sqlc.arg(id) AS text);

-- name: AnyPersonSynced :one
SELECT EXISTS (SELECT 1 FROM people WHERE synced_at > 0);

-- name: ListPeopleByHandle :many
SELECT * FROM people WHERE handle_key = CAST(sqlc.arg(handle_key) AS text)
ORDER BY deleted, id LIMIT 2;

-- name: SavePerson :execrows
-- What is saved was read at its synced_at. A row that was read later stays, since
-- a replica may be held up between reading and saving; not one from ten minutes
-- ahead, which a clock left that was put back since.
INSERT INTO people (id, handle, handle_key, name, zone, email, deleted, bot, guest, external, synced_at)
VALUES (sqlc.arg(id), sqlc.arg(handle), sqlc.arg(handle_key), sqlc.arg(name), sqlc.arg(zone), sqlc.arg(email),
    sqlc.arg(deleted), sqlc.arg(bot), sqlc.arg(guest), sqlc.arg(external), sqlc.arg(synced_at))
ON CONFLICT (id) DO UPDATE SET handle = excluded.handle, handle_key = excluded.handle_key, name = excluded.name,
    zone = excluded.zone, email = excluded.email, deleted = excluded.deleted, bot = excluded.bot,
    guest = excluded.guest, external = excluded.external, synced_at = excluded.synced_at
WHERE people.synced_at <= excluded.synced_at OR people.synced_at > excluded.synced_at + 600000000;

-- name: GetGroup :one
SELECT * FROM user_groups WHERE id = CAST(sqlc.arg(id) AS text);

-- name: ListGroupsOf :many
SELECT g.* FROM group_members m JOIN user_groups g ON g.id = m.group_id
WHERE m.user_id = CAST(sqlc.arg(user_id) AS text) ORDER BY g.id;

-- name: SaveGroup :execrows
INSERT INTO user_groups (id, handle, name, synced_at)
VALUES (sqlc.arg(id), sqlc.arg(handle), sqlc.arg(name), sqlc.arg(synced_at))
ON CONFLICT (id) DO UPDATE SET handle = excluded.handle, name = excluded.name, synced_at = excluded.synced_at
WHERE user_groups.synced_at <= excluded.synced_at OR user_groups.synced_at > excluded.synced_at + 600000000;

-- name: ListGroupMembers :many
SELECT user_id FROM group_members WHERE group_id = CAST(sqlc.arg(group_id) AS text) ORDER BY user_id;

-- name: AddGroupMember :execrows
INSERT INTO group_members (group_id, user_id) VALUES (sqlc.arg(group_id), sqlc.arg(user_id))
ON CONFLICT (group_id, user_id) DO NOTHING;

-- name: DropGroupMember :execrows
DELETE FROM group_members
WHERE group_id = CAST(sqlc.arg(group_id) AS text) AND user_id = CAST(sqlc.arg(user_id) AS text);

-- name: GetChannel :one
SELECT * FROM channels WHERE id = CAST(sqlc.arg(id) AS text);

-- name: GetChannelByName :one
SELECT * FROM channels WHERE name_key = CAST(sqlc.arg(name_key) AS text)
ORDER BY archived, synced_at DESC, id LIMIT 1;

-- name: SaveChannel :execrows
INSERT INTO channels (id, name, name_key, private, archived, synced_at)
VALUES (sqlc.arg(id), sqlc.arg(name), sqlc.arg(name_key), sqlc.arg(private), sqlc.arg(archived), sqlc.arg(synced_at))
ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, private = excluded.private,
    archived = excluded.archived, synced_at = excluded.synced_at
WHERE channels.synced_at <= excluded.synced_at OR channels.synced_at > excluded.synced_at + 600000000;
