-- One text for SQLite and PostgreSQL: bigint, text, boolean and CHECK only.
-- Times are UTC microseconds, JSON is text, ids are made by the program.

-- +goose Up

-- The last number given of each kind. A row a kind, so that a rolled back
-- transaction gives its number back.
CREATE TABLE counters (
    name  text   NOT NULL PRIMARY KEY,
    value bigint NOT NULL CHECK (value >= 0)
);
INSERT INTO counters (name, value) VALUES ('incident', 0);
INSERT INTO counters (name, value) VALUES ('job', 0);
INSERT INTO counters (name, value) VALUES ('token', 0);

-- The ends of the streams that belong to no incident.
CREATE TABLE streams (
    name        text   NOT NULL PRIMARY KEY,
    version     bigint NOT NULL,
    seq         bigint NOT NULL CHECK (seq >= 0),
    head_hash   text   NOT NULL,
    recorded_at bigint NOT NULL
);
INSERT INTO streams (name, version, seq, head_hash, recorded_at) VALUES ('house', 0, 0, '', 0);

-- The fold of each incident's events (state), and what queries need of it.
CREATE TABLE incidents (
    number       bigint  NOT NULL PRIMARY KEY CHECK (number > 0),
    version      bigint  NOT NULL,
    seq          bigint  NOT NULL CHECK (seq >= 0),
    head_hash    text    NOT NULL,
    recorded_at  bigint  NOT NULL,
    state        text    NOT NULL,
    severity     text    NOT NULL,
    status       text    NOT NULL CHECK (status IN ('', 'investigating', 'identified', 'monitoring', 'resolved', 'cancelled', 'merged')),
    open         boolean NOT NULL CHECK (open IN (true, false)),
    private      boolean NOT NULL CHECK (private IN (true, false)),
    drill        boolean NOT NULL CHECK (drill IN (true, false)),
    published    boolean NOT NULL CHECK (published IN (true, false)),
    declared_at  bigint  NOT NULL,
    updated_at   bigint  NOT NULL,
    resolved_at  bigint,
    channel_id   text UNIQUE,
    channel_name text NOT NULL
);
CREATE INDEX incidents_open ON incidents (number) WHERE open;
CREATE INDEX incidents_published ON incidents (number) WHERE published;
CREATE INDEX incidents_declared ON incidents (declared_at, number, private);

-- Who holds which role.
CREATE TABLE incident_people (
    incident bigint NOT NULL REFERENCES incidents (number),
    role     text   NOT NULL,
    user_id  text   NOT NULL CHECK (user_id <> ''),
    PRIMARY KEY (incident, role)
);
CREATE INDEX incident_people_user ON incident_people (user_id, incident);

-- Who else may see a private incident: the members of its channel.
CREATE TABLE incident_members (
    incident bigint NOT NULL REFERENCES incidents (number),
    user_id  text   NOT NULL CHECK (user_id <> ''),
    PRIMARY KEY (incident, user_id)
);
CREATE INDEX incident_members_user ON incident_members (user_id, incident);

-- The record. Incident 0 is the house's stream.
CREATE TABLE events (
    incident    bigint  NOT NULL,
    seq         bigint  NOT NULL CHECK (seq > 0),
    at          bigint  NOT NULL,
    recorded_at bigint  NOT NULL,
    kind        text    NOT NULL CHECK (kind <> ''),
    actor       text    NOT NULL,
    via         text    NOT NULL,
    text        text,
    public      boolean NOT NULL CHECK (public IN (true, false)),
    data        text    NOT NULL,
    salt        text,
    text_hash   text    NOT NULL,
    prev        text    NOT NULL,
    hash        text    NOT NULL,
    redacted    boolean NOT NULL CHECK (redacted IN (true, false)),
    PRIMARY KEY (incident, seq),
    CHECK (redacted OR (text IS NOT NULL AND salt IS NOT NULL))
);
CREATE INDEX events_at ON events (incident, at, seq);

-- Requests that were carried out, with what was answered.
CREATE TABLE keys (
    key      text   NOT NULL PRIMARY KEY,
    digest   text   NOT NULL,
    reply    text,
    taken_at bigint NOT NULL
);
CREATE INDEX keys_taken ON keys (taken_at);

CREATE TABLE people (
    id         text    NOT NULL PRIMARY KEY CHECK (id <> ''),
    handle     text    NOT NULL,
    handle_key text    NOT NULL,
    name       text    NOT NULL,
    zone       text    NOT NULL,
    email      text    NOT NULL,
    deleted    boolean NOT NULL CHECK (deleted IN (true, false)),
    bot        boolean NOT NULL CHECK (bot IN (true, false)),
    guest      boolean NOT NULL CHECK (guest IN (true, false)),
    external   boolean NOT NULL CHECK (external IN (true, false)),
    synced_at  bigint  NOT NULL
);
CREATE INDEX people_handle ON people (handle_key);

CREATE TABLE user_groups (
    id        text   NOT NULL PRIMARY KEY CHECK (id <> ''),
    handle    text   NOT NULL,
    name      text   NOT NULL,
    synced_at bigint NOT NULL
);
CREATE TABLE group_members (
    group_id text NOT NULL REFERENCES user_groups (id),
    user_id  text NOT NULL CHECK (user_id <> ''),
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_user ON group_members (user_id, group_id);

CREATE TABLE channels (
    id        text    NOT NULL PRIMARY KEY CHECK (id <> ''),
    name      text    NOT NULL,
    name_key  text    NOT NULL,
    private   boolean NOT NULL CHECK (private IN (true, false)),
    archived  boolean NOT NULL CHECK (archived IN (true, false)),
    synced_at bigint  NOT NULL
);
CREATE INDEX channels_name ON channels (name_key);

-- Names of things that exist elsewhere.
CREATE TABLE links (
    owner text NOT NULL,
    name  text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (owner, name)
);

CREATE TABLE tokens (
    id         bigint NOT NULL PRIMARY KEY CHECK (id > 0),
    user_id    text   NOT NULL,
    hash       text   NOT NULL UNIQUE,
    verbs      text   NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    revoked_at bigint
);

-- Lanes. wake_at is when the lane wants attention: when its first waiting job
-- may start, or, while it is leased, when the lease ends; null when nothing
-- waits. token counts the leases, so that a stale one is known.
CREATE TABLE lanes (
    lane    text    NOT NULL PRIMARY KEY CHECK (lane <> ''),
    wake_at bigint,
    leased  boolean NOT NULL CHECK (leased IN (true, false)),
    token   bigint  NOT NULL,
    CHECK (NOT leased OR wake_at IS NOT NULL)
);
CREATE INDEX lanes_wake ON lanes (wake_at, lane) WHERE wake_at IS NOT NULL;

CREATE TABLE jobs (
    id         bigint NOT NULL PRIMARY KEY CHECK (id > 0),
    lane       text   NOT NULL,
    kind       text   NOT NULL,
    dedup      text UNIQUE,
    edit       text   NOT NULL,
    incident   bigint NOT NULL,
    payload    text   NOT NULL,
    run_at     bigint NOT NULL,
    state      text   NOT NULL CHECK (state IN ('waiting', 'done', 'failed', 'superseded')),
    attempt    bigint NOT NULL CHECK (attempt >= 0),
    last_error text   NOT NULL,
    created_at bigint NOT NULL,
    done_at    bigint
);
CREATE INDEX jobs_head ON jobs (lane, id) WHERE state = 'waiting';
CREATE INDEX jobs_outbox ON jobs (id) WHERE state IN ('waiting', 'failed');

-- From when on a limit lets the next one through.
CREATE TABLE limits (
    name    text   NOT NULL PRIMARY KEY,
    free_at bigint NOT NULL
);
