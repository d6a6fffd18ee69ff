-- Action items and reminders. One text for SQLite and PostgreSQL, as 00001 is.

-- +goose Up

INSERT INTO counters (name, value) VALUES ('followup', 0);
INSERT INTO counters (name, value) VALUES ('reminder', 0);

-- data is an action item without its text, which is that of the entry seq of
-- its incident. That entry is written after the row, so seq refers to nothing.
-- The other columns are what queries need of data. repo_key is the repository in
-- small letters, since GitHub tells none apart by theirs; issue is 0 while there
-- is none.
CREATE TABLE followups (
    number   bigint  NOT NULL PRIMARY KEY CHECK (number > 0),
    incident bigint  NOT NULL REFERENCES incidents (number),
    seq      bigint  NOT NULL CHECK (seq > 0),
    key      text    NOT NULL UNIQUE CHECK (key <> ''),
    state    text    NOT NULL CHECK (state IN ('open', 'in_progress', 'ongoing', 'done', 'dropped')),
    closed   boolean NOT NULL CHECK (closed IN (true, false)),
    owner    text    NOT NULL,
    added_by text    NOT NULL,
    due      text    NOT NULL CHECK (due = '' OR due LIKE '____-__-__'),
    repo_key text    NOT NULL,
    issue    bigint  NOT NULL CHECK (issue >= 0),
    data     text    NOT NULL,
    CHECK (closed = (state IN ('done', 'dropped'))),
    CHECK (issue = 0 OR repo_key <> '')
);
-- One action item for each issue, whatever the program believes.
CREATE UNIQUE INDEX followups_issue ON followups (repo_key, issue) WHERE issue > 0;
CREATE INDEX followups_open ON followups (number) WHERE NOT closed;
CREATE INDEX followups_incident ON followups (incident, number);
CREATE INDEX followups_owner ON followups (owner, number);
CREATE INDEX followups_added ON followups (added_by, number) WHERE NOT closed;

-- owed is an incident that is over or whose post-mortem has a due date, as long as
-- that is neither published nor skipped; writer is who writes it, declared_by who
-- does if they cannot.
ALTER TABLE incidents ADD COLUMN owed boolean NOT NULL DEFAULT false CHECK (owed IN (true, false));
ALTER TABLE incidents ADD COLUMN writer text NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN declared_by text NOT NULL DEFAULT '';
UPDATE incidents SET owed = (status = 'resolved' AND NOT drill),
    declared_by = COALESCE((SELECT e.actor FROM events e WHERE e.incident = incidents.number AND e.seq = 1), '');
UPDATE incidents SET writer = COALESCE((SELECT p.user_id FROM incident_people p WHERE p.incident = incidents.number AND p.role = 'commander'), declared_by);
CREATE INDEX incidents_owed ON incidents (number) WHERE owed;
CREATE INDEX incidents_writer ON incidents (writer, number) WHERE owed;
CREATE INDEX incidents_declared_by ON incidents (declared_by, number) WHERE owed;

-- data is a reminder without its text: that of the entry seq of its incident, or
-- without an incident the row's own.
CREATE TABLE reminders (
    number   bigint NOT NULL PRIMARY KEY CHECK (number > 0),
    incident bigint REFERENCES incidents (number),
    seq      bigint CHECK (seq > 0),
    user_id  text   NOT NULL,
    at       bigint NOT NULL,
    state    text   NOT NULL CHECK (state IN ('waiting', 'fired', 'cancelled')),
    text     text,
    data     text   NOT NULL,
    CHECK ((incident IS NULL) = (seq IS NULL)),
    CHECK ((incident IS NULL) = (text IS NOT NULL)),
    CHECK (incident IS NOT NULL OR user_id <> '')
);
CREATE INDEX reminders_incident ON reminders (incident, at, number);
CREATE INDEX reminders_user ON reminders (user_id, at, number) WHERE incident IS NULL;
CREATE INDEX reminders_waiting ON reminders (user_id, at, number) WHERE incident IS NULL AND state = 'waiting';
