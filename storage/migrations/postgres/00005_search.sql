-- What people wrote, as words. Only PostgreSQL's; SQLite has a table of its own.

-- +goose Up

-- The words of a text are those that SQLite finds in it: letters and digits, however
-- large and whatever stands above or below them. Punctuation and pictures are made
-- blanks here, since what they are would depend on the database's locale, and since
-- the parser takes api.example.com for one word. Most texts are ASCII, for which that
-- is cheap. The end of a text that nobody wrote by hand is left out, so that none is
-- too long for the index. The cost is what the planner is to take for it: much more
-- than to read an entry, so that an index is asked for words.
-- +goose StatementBegin
CREATE FUNCTION event_words(written text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000
AS $$
BEGIN
    IF octet_length(written) = length(written) THEN
        RETURN to_tsvector('pg_catalog.simple', translate(left(written, 100000), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)));
    END IF;
    RETURN to_tsvector('pg_catalog.simple', regexp_replace(regexp_replace(normalize(left(written, 100000), NFD), '[\u0300-\u036f]+', '', 'g'),
        '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u2000-\u206f\u20a0-\u20bf\u2190-\u245f\u2500-\u2bff\u3000-\u3004\u3008-\u3020\u30fb\ufe00-\ufe0f\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\U0001f000-\U0001faff]+', ' ', 'g'));
END
$$;
-- +goose StatementEnd

-- What waits to be put in its place is read by every search, so it is kept short.
CREATE INDEX events_words ON events USING gin (event_words(text)) WITH (gin_pending_list_limit = 256)
WHERE incident > 0 AND text <> '';
