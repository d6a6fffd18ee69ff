-- What people wrote, as words. Only SQLite's; PostgreSQL has an index of its own.
--
-- The table holds no texts, only in which entries a word stands, and so a text has
-- to be given again to take its words out. In return they are gone from the file:
-- secure-delete takes them out of the index, where contentless_delete would only
-- mark the row. rowid is incident * 2^24 + seq, so that its order is that of the
-- incidents. The house's record is the bot's alone and is not searched.
--
-- Every entry is written on its own, so the index is mostly small pieces that are
-- merged again and again; pages of a quarter of the usual size take a third less to
-- write for each entry.

-- +goose Up
CREATE VIRTUAL TABLE event_search USING fts5 (text, content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO event_search (event_search, rank) VALUES ('secure-delete', 1);
INSERT INTO event_search (event_search, rank) VALUES ('pgsz', 1000);
INSERT INTO event_search (rowid, text)
SELECT incident * 16777216 + seq, text FROM events WHERE incident > 0 AND text <> '' ORDER BY incident, seq;

-- +goose StatementBegin
CREATE TRIGGER event_search_added AFTER INSERT ON events WHEN new.incident > 0 AND new.text <> '' BEGIN
    INSERT INTO event_search (rowid, text) VALUES (new.incident * 16777216 + new.seq, new.text);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER event_search_dropped AFTER DELETE ON events WHEN old.incident > 0 AND old.text <> '' BEGIN
    INSERT INTO event_search (event_search, rowid, text) VALUES ('delete', old.incident * 16777216 + old.seq, old.text);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER event_search_taken AFTER UPDATE OF text ON events WHEN old.incident > 0 AND old.text <> '' BEGIN
    INSERT INTO event_search (event_search, rowid, text) VALUES ('delete', old.incident * 16777216 + old.seq, old.text);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER event_search_given AFTER UPDATE OF text ON events WHEN new.incident > 0 AND new.text <> '' BEGIN
    INSERT INTO event_search (rowid, text) VALUES (new.incident * 16777216 + new.seq, new.text);
END;
-- +goose StatementEnd
