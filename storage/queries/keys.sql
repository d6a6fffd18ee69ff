-- name: ClaimKey :execrows
INSERT INTO keys (key, digest, taken_at) VALUES (sqlc.arg(key), sqlc.arg(digest), sqlc.arg(taken_at))
ON CONFLICT (key) DO NOTHING;

-- name: GetKey :one
SELECT digest, reply FROM keys WHERE key = CAST(sqlc.arg(key) AS text);

-- name: SaveReply :execrows
UPDATE keys SET reply = CAST(sqlc.arg(reply) AS text) WHERE key = CAST(sqlc.arg(key) AS text);

-- name: DropKeys :execrows
DELETE FROM keys WHERE taken_at < CAST(sqlc.arg(before) AS bigint);
