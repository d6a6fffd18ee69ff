-- How sqlc is to understand event_search, which only SQLite has: a table of FTS5
-- has a column of its own name, and what is equal to that matches. No database is
-- made from this.
CREATE TABLE event_search (
    rowid        bigint NOT NULL,
    event_search text   NOT NULL
);
