-- Rollbacks and deploys. One text for SQLite and PostgreSQL, as 00001 is.

-- +goose Up

INSERT INTO counters (name, value) VALUES ('rollback', 0);

-- data is a rollback without its reason, which is the text of the entry seq of
-- its incident. That entry is written after the row, so seq refers to nothing.
-- The other columns are what queries need of data.
CREATE TABLE rollbacks (
    id           text    NOT NULL PRIMARY KEY CHECK (id <> ''),
    number       bigint  NOT NULL UNIQUE CHECK (number > 0),
    incident     bigint  NOT NULL REFERENCES incidents (number),
    seq          bigint  NOT NULL CHECK (seq > 0),
    target       text    NOT NULL,
    service      text    NOT NULL CHECK (service <> ''),
    environment  text    NOT NULL CHECK (environment <> ''),
    lock_key     text    NOT NULL CHECK (lock_key <> ''),
    requested_by text    NOT NULL,
    state        text    NOT NULL CHECK (state IN ('requested', 'awaiting_approval', 'approved', 'submitting', 'running', 'blocked', 'verifying',
        'succeeded', 'failed', 'timed_out', 'unknown', 'cancelled', 'denied', 'expired', 'voided')),
    live         boolean NOT NULL CHECK (live IN (true, false)),
    requested_at bigint  NOT NULL,
    ended_at     bigint,
    data         text    NOT NULL,
    CHECK (NOT live OR state NOT IN ('succeeded', 'failed', 'cancelled', 'denied', 'expired', 'voided'))
);
-- The lock: one live rollback for each key, whatever the program believes.
CREATE UNIQUE INDEX rollbacks_lock ON rollbacks (lock_key) WHERE live;
CREATE INDEX rollbacks_live ON rollbacks (number) WHERE live;
CREATE INDEX rollbacks_key ON rollbacks (lock_key, number);
CREATE INDEX rollbacks_incident ON rollbacks (incident, number);
CREATE INDEX rollbacks_service ON rollbacks (service, environment, number);

-- What deploy systems told. at is when it took effect, as far as it is known.
CREATE TABLE deploys (
    source      text   NOT NULL CHECK (source <> ''),
    dedupe_key  text   NOT NULL CHECK (dedupe_key <> ''),
    service     text   NOT NULL,
    environment text   NOT NULL,
    kind        text   NOT NULL CHECK (kind IN ('deploy', 'rollback', 'flag', 'config')),
    version     text   NOT NULL,
    previous    text   NOT NULL,
    status      text   NOT NULL CHECK (status IN ('started', 'succeeded', 'failed')),
    actor       text   NOT NULL,
    url         text   NOT NULL,
    started_at  bigint,
    finished_at bigint,
    received_at bigint NOT NULL,
    at          bigint NOT NULL,
    PRIMARY KEY (source, dedupe_key)
);
-- Each list has its order in an index, down to what tells two of one moment apart.
CREATE INDEX deploys_at ON deploys (at, received_at, source, dedupe_key);
CREATE INDEX deploys_environment ON deploys (environment, at, received_at, source, dedupe_key);
CREATE INDEX deploys_service ON deploys (service, at, received_at, source, dedupe_key);
CREATE INDEX deploys_place ON deploys (service, environment, at, received_at, source, dedupe_key);
