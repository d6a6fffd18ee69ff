-- name: GetLink :one
SELECT value FROM links WHERE owner = CAST(sqlc.arg(owner) AS text) AND name = CAST(sqlc.arg(name) AS text);

-- name: SetLink :execrows
INSERT INTO links (owner, name, value) VALUES (sqlc.arg(owner), sqlc.arg(name), sqlc.arg(value))
ON CONFLICT (owner, name) DO UPDATE SET value = excluded.value;

-- name: GetTokenByHash :one
SELECT * FROM tokens WHERE hash = CAST(sqlc.arg(hash) AS text);

-- name: ListTokens :many
SELECT * FROM tokens ORDER BY id;

-- name: AddToken :execrows
INSERT INTO tokens (id, user_id, hash, verbs, created_at, expires_at, revoked_at)
VALUES (sqlc.arg(id), sqlc.arg(user_id), sqlc.arg(hash), sqlc.arg(verbs), sqlc.arg(created_at), sqlc.narg(expires_at), sqlc.narg(revoked_at))
ON CONFLICT (hash) DO NOTHING;

-- name: RevokeToken :execrows
UPDATE tokens SET revoked_at = COALESCE(revoked_at, CAST(sqlc.arg(revoked_at) AS bigint))
WHERE id = CAST(sqlc.arg(id) AS bigint);
