-- What is left of purged incidents. One text for SQLite and PostgreSQL, as 00001 is.

-- +goose Up

-- seq, head_hash and recorded_at are those of the last entry; entry is that of
-- the house which tells of it; chain has a line for each entry that there was.
CREATE TABLE tombstones (
    incident    bigint NOT NULL PRIMARY KEY CHECK (incident > 0),
    seq         bigint NOT NULL CHECK (seq > 0),
    head_hash   text   NOT NULL,
    recorded_at bigint NOT NULL,
    entry       bigint NOT NULL CHECK (entry > 0),
    chain       text   NOT NULL
);
