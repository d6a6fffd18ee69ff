-- A filled database of Tocsin v0, schema 3 on SQLite and 4 on PostgreSQL. CONTRIBUTING.md says how it is made.
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE counters (
    name  text   NOT NULL PRIMARY KEY,
    value bigint NOT NULL CHECK (value >= 0)
);
CREATE TABLE streams (
    name        text   NOT NULL PRIMARY KEY,
    version     bigint NOT NULL,
    seq         bigint NOT NULL CHECK (seq >= 0),
    head_hash   text   NOT NULL,
    recorded_at bigint NOT NULL
);
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
, owed boolean NOT NULL DEFAULT false CHECK (owed IN (true, false)), writer text NOT NULL DEFAULT '', declared_by text NOT NULL DEFAULT '');
CREATE TABLE incident_people (
    incident bigint NOT NULL REFERENCES incidents (number),
    role     text   NOT NULL,
    user_id  text   NOT NULL CHECK (user_id <> ''),
    PRIMARY KEY (incident, role)
);
CREATE TABLE incident_members (
    incident bigint NOT NULL REFERENCES incidents (number),
    user_id  text   NOT NULL CHECK (user_id <> ''),
    PRIMARY KEY (incident, user_id)
);
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
CREATE TABLE keys (
    key      text   NOT NULL PRIMARY KEY,
    digest   text   NOT NULL,
    reply    text,
    taken_at bigint NOT NULL
);
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
CREATE TABLE channels (
    id        text    NOT NULL PRIMARY KEY CHECK (id <> ''),
    name      text    NOT NULL,
    name_key  text    NOT NULL,
    private   boolean NOT NULL CHECK (private IN (true, false)),
    archived  boolean NOT NULL CHECK (archived IN (true, false)),
    synced_at bigint  NOT NULL
);
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
CREATE TABLE lanes (
    lane    text    NOT NULL PRIMARY KEY CHECK (lane <> ''),
    wake_at bigint,
    leased  boolean NOT NULL CHECK (leased IN (true, false)),
    token   bigint  NOT NULL,
    CHECK (NOT leased OR wake_at IS NOT NULL)
);
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
CREATE TABLE limits (
    name    text   NOT NULL PRIMARY KEY,
    free_at bigint NOT NULL
);
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

-- rows
INSERT INTO "counters" ("name", "value") VALUES ('followup', 2);
INSERT INTO "counters" ("name", "value") VALUES ('incident', 6);
INSERT INTO "counters" ("name", "value") VALUES ('job', 6);
INSERT INTO "counters" ("name", "value") VALUES ('reminder', 2);
INSERT INTO "counters" ("name", "value") VALUES ('rollback', 2);
INSERT INTO "counters" ("name", "value") VALUES ('token', 1);
INSERT INTO "streams" ("name", "version", "seq", "head_hash", "recorded_at") VALUES ('house', 1, 2, '031de07b5742a22d7638919712cad51ed77f709f8421d715530a940a1460d36c', 1767323045678902);
INSERT INTO "incidents" ("number", "version", "seq", "head_hash", "recorded_at", "state", "severity", "status", "open", "private", "drill", "published", "declared_at", "updated_at", "resolved_at", "channel_id", "channel_name", "owed", "writer", "declared_by") VALUES (1, 6, 13, 'bdf31bff5ad6daf1c1173360953f399f68d0c04ef92c3d3d0107d605cb8f1fce', 1767324039678906, '{"number":1,"title":"","severity":"sev2","status":"resolved","declared_by":"U0ANA","roles":{"commander":"U0ANA"},"services":["api"],"components":{"api":"operational"},"changes":[{"component":"api","state":"operational","at":"2026-01-02T03:05:30.678901Z"}],"history":[{"status":"investigating","at":"2026-01-02T03:04:05.678901Z"},{"status":"monitoring","at":"2026-01-02T03:05:30.678901Z"},{"status":"resolved","at":"2026-01-02T04:18:37.678901Z"}],"updates":[{"seq":2,"from":1,"at":"2026-01-02T03:16:15.678901Z","status":"investigating","text":"日本 🔥","actor":"U0ANA"},{"seq":4,"at":"2026-01-02T03:17:53.678901Z","status":"resolved","text":"","actor":"U0BEN"}],"links":[{"seq":9,"url":"it''s","name":"\"here\""}],"rollbacks":[{"id":"r2","target":"api-production","state":"requested"}],"declared_at":"2026-01-02T03:04:05.678901Z","updated_at":"2026-01-02T03:20:39.678906Z","resolved_at":"2026-01-02T04:18:37.678901Z","last_update":"2026-01-02T03:17:53.678901Z","last_text":"Known","last_text_at":"2026-01-02T03:16:15.678902Z"}', 'sev2', 'resolved', FALSE, FALSE, FALSE, TRUE, 1767323045678901, 1767324039678906, 1767327517678901, 'C0INC1', 'inc-1', TRUE, 'U0ANA', 'U0ANA');
INSERT INTO "incidents" ("number", "version", "seq", "head_hash", "recorded_at", "state", "severity", "status", "open", "private", "drill", "published", "declared_at", "updated_at", "resolved_at", "channel_id", "channel_name", "owed", "writer", "declared_by") VALUES (2, 4, 11, 'e5e6d1c49021ea43a6864a4e47e7ad4a91787a2555e1f0657122ed4d666dc4b6', 1767323958678904, '{"number":2,"title":"Checkout n° B is \"down\" 🔥","severity":"sev2","status":"resolved","declared_by":"U0ANA","roles":{"commander":"U0ANA","comms":"U0BEN"},"services":["api"],"components":{"api":"under_maintenance"},"changes":[{"component":"api","state":"under_maintenance","at":"2026-01-02T03:41:57.678901Z"}],"history":[{"status":"investigating","at":"2026-01-02T03:04:05.678901Z"},{"status":"resolved","at":"2026-01-02T02:23:06.678901Z"},{"status":"resolved","at":"2026-01-02T03:41:57.678901Z"}],"updates":[{"seq":2,"at":"2026-01-02T03:10:57.678901Z","status":"investigating","text":"Known","actor":"U0ANA"},{"seq":7,"at":"2026-01-02T03:17:44.678902Z","status":"resolved","text":"This incident has been resolved.","actor":"U0BEN"},{"seq":8,"at":"2026-01-02T03:19:18.678901Z","status":"resolved","text":"This incident has been resolved.","actor":"U0BEN","next_by":"2026-01-02T03:41:57.678901Z"}],"rollbacks":[{"id":"r1","target":"api-production","state":"requested"}],"declared_at":"2026-01-02T03:04:05.678901Z","updated_at":"2026-01-02T03:19:18.678904Z","resolved_at":"2026-01-02T03:41:57.678901Z","last_update":"2026-01-02T03:19:18.678901Z","last_text":"it''s \"here\"","last_text_at":"2026-01-02T03:17:44.678902Z"}', 'sev2', 'resolved', FALSE, FALSE, FALSE, TRUE, 1767323045678901, 1767323958678904, 1767325317678901, NULL, '', TRUE, 'U0ANA', 'U0ANA');
INSERT INTO "incidents" ("number", "version", "seq", "head_hash", "recorded_at", "state", "severity", "status", "open", "private", "drill", "published", "declared_at", "updated_at", "resolved_at", "channel_id", "channel_name", "owed", "writer", "declared_by") VALUES (3, 2, 9, '8df4fc2ce0c098c95b77fd3267959adb7332530e91b526e26652de0d1d102a7c', 1767323969678904, '{"number":3,"title":"Checkout n° C is \"down\" 🔥","severity":"sev2","status":"investigating","declared_by":"U0ANA","roles":{"commander":"U0ANA"},"services":["api"],"components":{"web":"under_maintenance"},"changes":[{"component":"web","state":"under_maintenance","at":"2026-01-02T02:22:46.678901Z"},{"component":"web","state":"partial_outage","at":"2026-01-02T01:50:21.678901Z"},{"component":"web","state":"partial_outage","at":"2026-01-02T02:02:36.678901Z"}],"history":[{"status":"investigating","at":"2026-01-02T03:04:05.678901Z"},{"status":"resolved","at":"2026-01-02T01:50:21.678901Z"},{"status":"identified","at":"2026-01-02T02:42:24.678901Z"},{"status":"investigating","at":"2026-01-02T02:02:36.678901Z"}],"updates":[{"seq":3,"at":"2026-01-02T03:15:08.678902Z","status":"resolved","text":"","actor":"U0ANA","next_by":"2026-01-02T01:50:21.678901Z"},{"seq":6,"at":"2026-01-02T03:19:29.678901Z","status":"identified","text":"","actor":"U0ANA"},{"seq":7,"from":4,"at":"2026-01-02T03:19:29.678902Z","status":"investigating","text":"We are currently investigating this issue.","actor":"","next_by":"2026-01-02T02:02:36.678901Z"}],"links":[{"seq":8,"url":""}],"declared_at":"2026-01-02T03:04:05.678901Z","updated_at":"2026-01-02T03:19:29.678904Z","reopened":1,"last_update":"2026-01-02T03:19:29.678902Z","last_text":"Known","last_text_at":"2026-01-02T03:19:29.678902Z"}', 'sev2', 'investigating', TRUE, FALSE, FALSE, TRUE, 1767323045678901, 1767323969678904, NULL, NULL, '', FALSE, 'U0ANA', 'U0ANA');
INSERT INTO "incidents" ("number", "version", "seq", "head_hash", "recorded_at", "state", "severity", "status", "open", "private", "drill", "published", "declared_at", "updated_at", "resolved_at", "channel_id", "channel_name", "owed", "writer", "declared_by") VALUES (4, 2, 9, 'cf27887989fde5e0e279b95eb79ed2c5bd56665398eb94de42ab2fe74825a0cd', 1767323723678904, '{"number":4,"title":"Checkout n° D is \"down\" 🔥","severity":"sev2","status":"investigating","private":true,"declared_by":"U0ANA","services":["api"],"components":{"web":"major_outage"},"changes":[{"component":"web","state":"major_outage","at":"2026-01-02T03:37:23.678901Z"}],"history":[{"status":"investigating","at":"2026-01-02T03:04:05.678901Z"},{"status":"monitoring","at":"2026-01-02T04:18:49.678901Z"},{"status":"identified","at":"2026-01-02T03:37:23.678901Z"},{"status":"cancelled","at":"2026-01-02T03:50:52.678901Z"},{"status":"investigating","at":"2026-01-02T03:16:08.678901Z"}],"updates":[{"seq":4,"at":"2026-01-02T03:06:56.678903Z","status":"monitoring","text":"Known","actor":"U0ANA"},{"seq":5,"at":"2026-01-02T03:14:37.678901Z","status":"identified","text":"日本 🔥","actor":"U0CAT","next_by":"2026-01-02T03:37:23.678901Z"},{"seq":6,"at":"2026-01-02T03:15:23.678901Z","status":"resolved","text":"We found no impact on our services.","actor":"U0CAT"},{"seq":8,"at":"2026-01-02T03:15:23.678903Z","status":"investigating","text":"Known","actor":"U0CAT"}],"rollbacks":[{"id":"r1","target":"api","state":"awaiting_approval"}],"declared_at":"2026-01-02T03:04:05.678901Z","updated_at":"2026-01-02T03:15:23.678904Z","reopened":1,"last_update":"2026-01-02T03:15:23.678904Z","last_text":"Known","last_text_at":"2026-01-02T03:15:23.678904Z"}', 'sev2', 'investigating', TRUE, TRUE, FALSE, FALSE, 1767323045678901, 1767323723678904, NULL, NULL, '', FALSE, 'U0ANA', 'U0ANA');
INSERT INTO "incidents" ("number", "version", "seq", "head_hash", "recorded_at", "state", "severity", "status", "open", "private", "drill", "published", "declared_at", "updated_at", "resolved_at", "channel_id", "channel_name", "owed", "writer", "declared_by") VALUES (5, 2, 9, '92c0dc536b7a4d25e9fa0479e1a9fa8e8b23df42c35428ad184296436c916cea', 1767323974678905, '{"number":5,"title":"Checkout n° E is \"down\" 🔥","severity":"sev1","status":"resolved","drill":true,"declared_by":"U0ANA","services":["api"],"components":{"web":"major_outage"},"changes":[{"component":"web","state":"major_outage","at":"2026-01-02T03:09:44.678901Z"}],"history":[{"status":"investigating","at":"2026-01-02T03:04:05.678901Z"},{"status":"resolved","at":"2026-01-02T03:59:28.678901Z"},{"status":"investigating","at":"2026-01-02T03:04:48.678901Z"},{"status":"investigating","at":"2026-01-02T02:37:04.678901Z"},{"status":"resolved","at":"2026-01-02T03:09:44.678901Z"}],"updates":[{"seq":4,"from":2,"at":"2026-01-02T03:16:55.678902Z","status":"resolved","text":"This incident has been resolved.","actor":""},{"seq":5,"at":"2026-01-02T03:19:34.678901Z","status":"investigating","text":"it''s \"here\"","actor":""},{"seq":7,"from":4,"at":"2026-01-02T03:19:34.678903Z","status":"investigating","text":"We are currently investigating this issue.","actor":"U0BEN"}],"declared_at":"2026-01-02T03:04:05.678901Z","updated_at":"2026-01-02T03:19:34.678905Z","reopened":2,"last_update":"2026-01-02T03:19:34.678904Z","last_text_at":"2026-01-02T03:19:34.678904Z","next_by":"2026-01-02T03:09:44.678901Z"}', 'sev1', 'resolved', FALSE, FALSE, TRUE, FALSE, 1767323045678901, 1767323974678905, NULL, NULL, '', FALSE, 'U0ANA', 'U0ANA');
INSERT INTO "incidents" ("number", "version", "seq", "head_hash", "recorded_at", "state", "severity", "status", "open", "private", "drill", "published", "declared_at", "updated_at", "resolved_at", "channel_id", "channel_name", "owed", "writer", "declared_by") VALUES (6, 2, 9, '92776edbde0afe4b3b35b8d5825f73a6d61f97255fa61b8a7a23edbab44eb6d2', 1767323938678906, '{"number":6,"title":"Checkout n° F is \"down\" 🔥","severity":"sev2","status":"cancelled","declared_by":"U0ANA","roles":{"commander":"U0ANA"},"services":["api"],"components":{"api":"partial_outage"},"changes":[{"component":"api","state":"partial_outage","at":"2026-01-02T02:03:22.678901Z"}],"history":[{"status":"investigating","at":"2026-01-02T03:04:05.678901Z"},{"status":"identified","at":"2026-01-02T02:31:42.678901Z"},{"status":"cancelled","at":"2026-01-02T02:45:33.678901Z"},{"status":"cancelled","at":"2026-01-02T03:29:00.678901Z"}],"updates":[{"seq":2,"at":"2026-01-02T03:06:55.678901Z","status":"investigating","text":"日本 🔥","actor":"U0CAT"},{"seq":9,"at":"2026-01-02T03:18:58.678906Z","status":"resolved","text":"We found no impact on our services.","actor":""}],"links":[{"seq":4,"url":"日本","name":"🔥"}],"rollbacks":[{"id":"r1","target":"api","state":"running"}],"declared_at":"2026-01-02T03:04:05.678901Z","updated_at":"2026-01-02T03:18:58.678906Z","last_update":"2026-01-02T03:18:58.678906Z","last_text":"Known","last_text_at":"2026-01-02T03:18:58.678906Z"}', 'sev2', 'cancelled', FALSE, FALSE, FALSE, TRUE, 1767323045678901, 1767323938678906, NULL, NULL, '', FALSE, 'U0ANA', 'U0ANA');
INSERT INTO "incident_people" ("incident", "role", "user_id") VALUES (1, 'commander', 'U0ANA');
INSERT INTO "incident_people" ("incident", "role", "user_id") VALUES (2, 'commander', 'U0ANA');
INSERT INTO "incident_people" ("incident", "role", "user_id") VALUES (2, 'comms', 'U0BEN');
INSERT INTO "incident_people" ("incident", "role", "user_id") VALUES (3, 'commander', 'U0ANA');
INSERT INTO "incident_people" ("incident", "role", "user_id") VALUES (6, 'commander', 'U0ANA');
INSERT INTO "incident_members" ("incident", "user_id") VALUES (4, 'U0BEN');
INSERT INTO "incident_members" ("incident", "user_id") VALUES (4, 'U0CAT');
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (0, 1, 1767323045678901, 1767323045678901, 'deploy', '', 'api', 'A deploy of api.', FALSE, '{}', 'pJd427UUEkPGFj70FhvbVw', 'c709e957366f31ac8870fb9a4b50118c3781cc1d9ef881d5132596b012a82538', '', 'c000bb7d790fe4ade2c50d27405c9dce5083eabf6a5e1aabcd592ebc9e49dc9d', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (0, 2, 1767323045678902, 1767323045678902, 'deploy', '', 'api', 'Another one.', FALSE, '{}', 'K9VVFXTwhZ+wgwzXnCf46Q', '79502ab850da4d8494c0336933d3c86d9f08ec0a0e76ab85716094a21ab1f4ab', 'c000bb7d790fe4ade2c50d27405c9dce5083eabf6a5e1aabcd592ebc9e49dc9d', '031de07b5742a22d7638919712cad51ed77f709f8421d715530a940a1460d36c', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (1, 1, 1767323045678901, 1767323045678901, 'declared', 'U0ANA', 'slack', 'Checkout n° A is "down" 🔥', FALSE, '{"severity":"sev2","services":["api"],"user":"U0ANA"}', 'g8iTT/Y5yLqqcUlcQ3ZL2A', '8098d9314eb19529b72f800158d95093d3d20903c716204fd85005f6ee6dc5c8', '', '68bbc332e46036d7c461cc37f4bddb4577dc47967fa60e71b76a8367fb272ff2', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (1, 2, 1767325738678901, 1767323775678901, 'published', 'U0ANA', 'slack', '日本 🔥', TRUE, '{"severity":"sev2","status":"monitoring","role":"comms","user":"U0ANA","milestone":"mitigated","when":"2026-01-02T02:48:58.678901Z","ref":1}', 'iOIhdvkUjoDpCpyguv6HFg', 'effdb43c67272e2041ec474fd297e1d5b295470ca30eb71d0e6a65866b4d28d8', '68bbc332e46036d7c461cc37f4bddb4577dc47967fa60e71b76a8367fb272ff2', '624cd19d3a635da7bfbe25ae8bc6b302acd188be18a6741990692df34fc0d8c2', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (1, 3, 1767323130678901, 1767323775678902, 'updated', 'U0CAT', 'api', 'Known', FALSE, '{"severity":"sev1","status":"monitoring","components":[{"component":"api","state":"operational"}],"role":"commander","milestone":"resolved","when":"2026-01-02T02:05:30.678901Z","next_by":"2026-01-02T03:05:30.678901Z"}', '6A2ljQdvmLmdLaOg6mgGsA', 'aa942b1e3fd020a25f69f987a43d7c92c4130c0f7dcde2115a23afbce75846cd', '624cd19d3a635da7bfbe25ae8bc6b302acd188be18a6741990692df34fc0d8c2', 'eda5b2442e0655bba9b430524955eb1224349185f7bfa1b970316fa324077c14', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (1, 4, 1767327517678901, 1767323873678901, 'resolved', 'U0BEN', 'api', '', TRUE, '{"severity":"sev1","status":"investigating","role":"commander","user":"U0BEN","milestone":"identified","when":"2026-01-02T03:18:37.678901Z"}', 'fyUSwFq1Poko8r9kcnsFGQ', '8aa9cd97cb96f9998c078ebcde981af591016fb4e8158b098073f3bf8958e16f', 'eda5b2442e0655bba9b430524955eb1224349185f7bfa1b970316fa324077c14', '5b9dff75f3251f5468d1776f2abebe2bd9b19e22581d1f2040e97869f220cd3e', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (1, 5, 1767326970678901, 1767323873678902, 'retracted', 'U0BEN', 'api', 'Known', FALSE, '{"severity":"sev1","status":"resolved","components":[{"component":"web","state":"partial_outage"}],"role":"comms","user":"U0BEN","milestone":"identified","when":"2026-01-02T03:09:30.678901Z","next_by":"2026-01-02T04:09:30.678901Z","ref":3}', '7XTv5PYQQWSwjZ9wpLjxGw', 'b05b3acff87eb5f3b1db03d0cd90389702c9e65c241955f3d8197d3f6f68cfb6', '5b9dff75f3251f5468d1776f2abebe2bd9b19e22581d1f2040e97869f220cd3e', '0e07a2dd5bf4f7c5c5063a3ab92556828a49f5ba6d16fcdaa9b4425b015a7413', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (1, 6, 1767325808678901, 1767323873678903, 'delivery_failed', '', 'slack', 'Known', TRUE, '{"severity":"sev1","status":"investigating","role":"commander","user":"U0ANA","milestone":"impact","when":"2026-01-02T02:50:08.678901Z"}', 'IYuOiokla34sxw0hfWXwtA', '3e12c0c2d3aabd3bb0c3e23758bf702f9f0bc67c059fcb46311367810918f48c', '0e07a2dd5bf4f7c5c5063a3ab92556828a49f5ba6d16fcdaa9b4425b015a7413', '5fe960f2e0a3ba074456770a6e56dbf5a7112bd80ab0b14cffb7f52776d9b7f8', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (1, 7, 1767320921678901, 1767323873678904, 'severity', '', 'slack', 'it''s "here"', TRUE, '{"severity":"sev2","status":"identified","role":"commander","user":"U0BEN","milestone":"resolved","when":"2026-01-02T01:28:41.678901Z"}', 'BoSkhjgvxXPExKVCyctx6Q', '1124d4c261e89f10ca95780103673b23cc18e81b0595eacd8c0532bec509e02e', '5fe960f2e0a3ba074456770a6e56dbf5a7112bd80ab0b14cffb7f52776d9b7f8', '902b4c22286d1a1a906386444ac67b477422900d15fdb2971cab13b36205b095', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (1, 8, 1767318174678901, 1767324039678901, 'title', 'U0ANA', 'api', '', TRUE, '{"severity":"sev1","status":"identified","components":[{"component":"api","state":"under_maintenance"}],"role":"comms","user":"U0BEN","milestone":"resolved","when":"2026-01-02T00:42:54.678901Z","next_by":"2026-01-02T01:42:54.678901Z"}', '9/6m3ANEXiuYvkwAnmT4XQ', '9d5b9321e8fa42800eaa0992f957424a1dfba6f68dae77f5e8d5d3b3fdf40fa1', '902b4c22286d1a1a906386444ac67b477422900d15fdb2971cab13b36205b095', 'ebbc86036273a8acd6404431fa12c24e5b8928d6183af84a386415f26661de81', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (1, 9, 1767325195678901, 1767324039678902, 'link', '', 'api', 'it''s "here"', FALSE, '{"severity":"sev2","status":"identified","role":"commander","milestone":"mitigated","when":"2026-01-02T02:39:55.678901Z","ref":5}', 'ecDWK9tSEuwOfqquLW8PZA', 'fdb359b106dc083dd92fb4a5a85f9645856f19abdc0571baa078b0fd2d81b43a', 'ebbc86036273a8acd6404431fa12c24e5b8928d6183af84a386415f26661de81', '8e769d1d57d7baa2cc86c3d41780adf8bbbb1f38cb00678ed1a9d6183ebfb748', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (1, 10, 1767324039678903, 1767324039678903, 'note', 'U0BEN', 'slack', NULL, FALSE, '{}', NULL, 'c9c98ab685b5ab002b8c444f22546645098307581855110f1a201467fd594b74', '8e769d1d57d7baa2cc86c3d41780adf8bbbb1f38cb00678ed1a9d6183ebfb748', 'a02c0dd1d9d11cca5ff87b36fe611ac99dfa673cf0c9ea6329ac4c5bb4ec481b', TRUE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (1, 11, 1767324039678904, 1767324039678904, 'rollback', 'U0ANA', 'slack', 'The last deploy broke it.', FALSE, '{"rollback":{"id":"r2","target":"api-production","state":"requested"}}', '/sotq9yOX8SGeH9wghvFog', '9bc3a255cde67fab8d8f441d52fe1034edabcc0906d1ff6575e6bc1fba7169e8', 'a02c0dd1d9d11cca5ff87b36fe611ac99dfa673cf0c9ea6329ac4c5bb4ec481b', 'b27e15b36076041a4b1ce7e318f7f101be58f2dce63c38cc5ef37ca20afd7019', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (1, 12, 1767324039678905, 1767324039678905, 'followup', 'U0ANA', 'slack', 'Write the runbook.', FALSE, '{"followup":{"number":1,"what":"added","state":"open"}}', 'Scbl/D2ULp4LR2IaTVRTvw', '479b13b03ab4c6e8a9bfde24124041683a73558a1927bf925a3e570e37822aeb', 'b27e15b36076041a4b1ce7e318f7f101be58f2dce63c38cc5ef37ca20afd7019', '78a4eefc3ec11df1424de627d5202f19e44066cfcc4c08da2c0d3f319b70ac7f', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (1, 13, 1767324039678906, 1767324039678906, 'reminder', 'U0ANA', 'slack', 'Look at the graphs.', FALSE, '{"reminder":{"number":1,"state":"waiting","at":"2026-01-02T04:04:05.678901Z"}}', 'EBF+76jdk5VV1zvmb5h5jg', 'e228d7b8172a024124364fa70201b72dad7bc1363b7f0c277a586f088d35655c', '78a4eefc3ec11df1424de627d5202f19e44066cfcc4c08da2c0d3f319b70ac7f', 'bdf31bff5ad6daf1c1173360953f399f68d0c04ef92c3d3d0107d605cb8f1fce', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (2, 1, 1767323045678901, 1767323045678901, 'declared', 'U0ANA', 'slack', 'Checkout n° B is "down" 🔥', FALSE, '{"severity":"sev2","services":["api"],"user":"U0ANA"}', 'Z8hYF0HErE595PI1kIgODg', '616d31ca230d1f7d56185d2fa92b502000b95695174bd6cb258b1602533b0003', '', '71fcd432ebfa0ebd2a217be9b5953dc2a87ababc56b6c622c59ec6dcd2da5b54', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (2, 2, 1767326545678901, 1767323457678901, 'published', 'U0ANA', 'slack', 'Known', TRUE, '{"severity":"sev1","status":"resolved","role":"comms","milestone":"resolved","when":"2026-01-02T03:02:25.678901Z","stock":true}', '46ddbH9f8kfRJj2PpX0o8Q', '33ade1c2afacaefc8f746b4b59ca315828c4b27018de98e38a9ee3f01a377190', '71fcd432ebfa0ebd2a217be9b5953dc2a87ababc56b6c622c59ec6dcd2da5b54', '365699218e232198f38f75717e81916c0ef18ca1574cf991eb637f2fb20c5506', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (2, 3, 1767327031678901, 1767323460678901, 'delivery_failed', '', 'api', '', TRUE, '{"severity":"sev2","status":"resolved","role":"comms","user":"U0ANA","milestone":"identified","when":"2026-01-02T03:10:31.678901Z","public":true}', 'ekreXJvjrilRtUCzuJDhRw', '3f956b149b4b699a4e64021807270d0987ccfc7488625575b67c6e1d1b3012ba', '365699218e232198f38f75717e81916c0ef18ca1574cf991eb637f2fb20c5506', 'c57f55d14132383860492d141785864606720656823e2c6b1a27ed7eb89b9806', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (2, 4, 1767326900678901, 1767323460678902, 'role', '', 'slack', '', FALSE, '{"severity":"sev1","status":"monitoring","role":"comms","user":"U0ANA","milestone":"resolved","when":"2026-01-02T03:08:20.678901Z","public":true}', 'moifSIPlt4K/iI0zw2uOjA', 'df79b9e0b46e16f0c51bb3c7da74a13168586eefe7a438f2b9d48c2345c1d1f9', 'c57f55d14132383860492d141785864606720656823e2c6b1a27ed7eb89b9806', '634c40807f4674b6652ac37faa3370e6a93deb137ed9ee8a01208d553d268b96', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (2, 5, 1767323047678901, 1767323460678903, 'note', '', 'api', '', TRUE, '{"severity":"sev1","status":"resolved","components":[{"component":"web","state":"operational"}],"role":"comms","user":"U0ANA","milestone":"identified","when":"2026-01-02T02:04:07.678901Z","next_by":"2026-01-02T03:04:07.678901Z","ref":1}', 'lnBYtLXA78PPLLhO8r2fTA', 'f0d19e588b8f01762d19a9ff1b10d1255906b54457b0f850174ccc442e658146', '634c40807f4674b6652ac37faa3370e6a93deb137ed9ee8a01208d553d268b96', '26d113974e64e0c341f8c7f61deda4fae1661463cd09324157aeb5f0ad00abaf', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (2, 6, 1767323428678901, 1767323864678901, 'updated', 'U0ANA', 'api', 'it''s "here"', TRUE, '{"severity":"sev1","status":"monitoring","role":"commander","milestone":"detected","when":"2026-01-02T02:10:28.678901Z","ref":3}', 'P1UokM9V/VTGr4fdqT+kPg', 'a146ba1b07c890168bb9835d09ea9fc2bcc60f735f750ae55988813a7511e24f', '26d113974e64e0c341f8c7f61deda4fae1661463cd09324157aeb5f0ad00abaf', '828418008cb0a3491dc217130058f670a1d5ae8badc9ca6d4ad2da22d7a19c3e', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (2, 7, 1767320586678901, 1767323864678902, 'resolved', 'U0BEN', 'slack', 'it''s "here"', FALSE, '{"severity":"sev1","status":"identified","role":"comms","user":"U0ANA","milestone":"detected","when":"2026-01-02T01:23:06.678901Z","stock":true}', 'TZjM4OKIjrvTHrRsTbIghg', '5ebd7dc8501224212a900e1feb4fac27a839595b171c56853ec617d58321d073', '828418008cb0a3491dc217130058f670a1d5ae8badc9ca6d4ad2da22d7a19c3e', '866587f0cd82599c1b4a50e8f618751d210d6642dac7021b4a741831124c01b3', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (2, 8, 1767325317678901, 1767323958678901, 'resolved', 'U0BEN', 'api', '', TRUE, '{"severity":"sev2","status":"resolved","components":[{"component":"api","state":"under_maintenance"}],"role":"commander","user":"U0BEN","milestone":"mitigated","when":"2026-01-02T02:41:57.678901Z","next_by":"2026-01-02T03:41:57.678901Z","stock":true}', 'LsBSI0K5aOwQFUzxOP2RBg', '81b452eba6b9f1af9ee10b6e32581778294ed449f9965f6dfe33f14ddcfdce2d', '866587f0cd82599c1b4a50e8f618751d210d6642dac7021b4a741831124c01b3', '9443e27e92b55b2108d3f8f19fc248364736a47f3aae44ffe8d38b10c3095bf9', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (2, 9, 1767324599678901, 1767323958678902, 'role', '', 'slack', 'Known', FALSE, '{"severity":"sev2","status":"investigating","components":[{"component":"web","state":"operational"}],"role":"comms","user":"U0BEN","milestone":"detected","when":"2026-01-02T02:29:59.678901Z","next_by":"2026-01-02T03:29:59.678901Z","ref":7,"public":true}', 'IGE6SBvEUuj/L9fOD/HUWg', '02ff8949366dca65ff63669c8265362c59191a3ed23baa1541003b88b39fcfd6', '9443e27e92b55b2108d3f8f19fc248364736a47f3aae44ffe8d38b10c3095bf9', 'a06485b518b6e0bfa89e5acad21ea28efab988c6ad01b86b559f4c24ede0f478', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (2, 10, 1767323958678903, 1767323958678903, 'rollback', 'U0ANA', 'slack', 'The last deploy broke it.', FALSE, '{"rollback":{"id":"r1","target":"api-production","state":"requested"}}', 'sAI27AtgIcJHcUTvKt5o5g', '915f3b3e86325f49510e5b6eeeb9691a61b30f7e040c48bb16b1057c6f47e51f', 'a06485b518b6e0bfa89e5acad21ea28efab988c6ad01b86b559f4c24ede0f478', 'c06120015b1382b143061cd230c0e1845f369635e33fe7960bb3adb141a83d8e', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (2, 11, 1767323958678904, 1767323958678904, 'followup', 'U0ANA', 'slack', 'Write the runbook.', FALSE, '{"followup":{"number":2,"what":"added","state":"open"}}', '4+erwT0YUMOHXAu+Q7nvdQ', '9dc69c203a583343d41536c944e70e62477d8450464c40b761c5a0a38bc1ac94', 'c06120015b1382b143061cd230c0e1845f369635e33fe7960bb3adb141a83d8e', 'e5e6d1c49021ea43a6864a4e47e7ad4a91787a2555e1f0657122ed4d666dc4b6', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (3, 1, 1767323045678901, 1767323045678901, 'declared', 'U0ANA', 'slack', 'Checkout n° C is "down" 🔥', FALSE, '{"severity":"sev2","services":["api"],"user":"U0ANA"}', '7gW/dX9N+diqj4BQMRkZ9w', '516cd47d1754fc01318186d87a7cb4537f3d17264f138e54c9263b3a35e80322', '', '4b254ead56f76118a45af420ea1cfac3d07ceca715932ffd4df643fa26ab0538', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (3, 2, 1767320566678901, 1767323708678901, 'component', 'U0BEN', 'slack', 'it''s "here"', FALSE, '{"severity":"sev1","status":"monitoring","components":[{"component":"web","state":"under_maintenance"}],"role":"comms","milestone":"detected","when":"2026-01-02T01:22:46.678901Z","next_by":"2026-01-02T02:22:46.678901Z","ref":1,"public":true}', 'NAwGnuAg09LwTCA08xmSjg', 'bb0dd9aef9912455e0dd2e2b284d2200338346d84279746774132e3882025ff8', '4b254ead56f76118a45af420ea1cfac3d07ceca715932ffd4df643fa26ab0538', '8bda2bc6d0619883063272688862bd8de50b7b726b60a1872f7c23969c8f287b', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (3, 3, 1767318621678901, 1767323708678902, 'resolved', 'U0ANA', 'slack', '', TRUE, '{"severity":"sev1","status":"monitoring","components":[{"component":"web","state":"partial_outage"}],"role":"comms","user":"U0ANA","milestone":"identified","when":"2026-01-02T00:50:21.678901Z","next_by":"2026-01-02T01:50:21.678901Z"}', 'Po5EkUGrBdL1XIG1jRzx8A', 'd7ecb419a9908036fb2275e8da118f4404dee19f92fe92f886e2b51a7f13c213', '8bda2bc6d0619883063272688862bd8de50b7b726b60a1872f7c23969c8f287b', 'f91a0f2139063bd5c2da3a75edbb2808091b781e2378a437ac0357c938f9885f', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (3, 4, 1767321689678901, 1767323708678903, 'severity', 'U0CAT', 'api', 'Known', TRUE, '{"severity":"sev1","status":"identified","components":[{"component":"web","state":"operational"}],"role":"comms","user":"U0BEN","milestone":"mitigated","when":"2026-01-02T01:41:29.678901Z","next_by":"2026-01-02T02:41:29.678901Z","ref":2}', 'tvALiEAmtC5Ykr338kaA3A', '17a938d47bf40a7ca3f97bb58ac9ab87f316750db856467222142de061758140', 'f91a0f2139063bd5c2da3a75edbb2808091b781e2378a437ac0357c938f9885f', '3ce63faf2f21ad8d79e6be8445e0a8e863538464b2a94b9de7c744ded495c6e2', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (3, 5, 1767325411678901, 1767323913678901, 'deploy', 'U0BEN', 'slack', 'it''s "here"', TRUE, '{"severity":"sev1","status":"resolved","role":"comms","milestone":"identified","when":"2026-01-02T02:43:31.678901Z","ref":4}', 'VSfa2sE8av7Z6FvG7HhIKw', '4db608656525c6d502137337e7c3972ca314738340074316b80150c1559a61d4', '3ce63faf2f21ad8d79e6be8445e0a8e863538464b2a94b9de7c744ded495c6e2', '5a2cb45b8fb8bddfb1c66c8941bff19e026efac8d860abbe2f64a972f031c341', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (3, 6, 1767321744678901, 1767323969678901, 'updated', 'U0ANA', 'api', '', TRUE, '{"severity":"sev2","status":"identified","role":"comms","user":"U0ANA","milestone":"identified","when":"2026-01-02T01:42:24.678901Z","stock":true}', 'FQKcETojl/jfPkx2TlTwcw', 'f6c3afc8f050c43789f152896de1c2c4d29be982d32c194995c0445837b43c81', '5a2cb45b8fb8bddfb1c66c8941bff19e026efac8d860abbe2f64a972f031c341', 'bea85f0f7baef8dcf6adfb611d387567afec54ce3fe2380b98693cce63c7c0b9', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (3, 7, 1767319356678901, 1767323969678902, 'reopened', '', 'api', 'Known', FALSE, '{"severity":"sev2","status":"investigating","components":[{"component":"web","state":"partial_outage"}],"role":"comms","milestone":"identified","when":"2026-01-02T01:02:36.678901Z","next_by":"2026-01-02T02:02:36.678901Z","ref":4,"stock":true}', 'RLs6Q1wSP59LoP0/BBsD0Q', '375bd09dae4049038972fe6639a61b5faf70772947463509e43de2fd94bc0f69', 'bea85f0f7baef8dcf6adfb611d387567afec54ce3fe2380b98693cce63c7c0b9', '70ff056d339260bee307086f6320b3b1a013cdc5a2a847bc0ffe78a8ea89a246', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (3, 8, 1767323821678901, 1767323969678903, 'link', '', 'slack', '', FALSE, '{"severity":"sev2","status":"resolved","role":"comms","milestone":"resolved","when":"2026-01-02T02:17:01.678901Z"}', '0JolvUWclLkWkKqfAsS2SA', 'bdb34e0edc0d7d735de701ed3fc0e2ebced96897f9cc34c6c5376bb91f7e5f0e', '70ff056d339260bee307086f6320b3b1a013cdc5a2a847bc0ffe78a8ea89a246', '85e080084527d70eba436581cc8ead277857b6f12c97d56700461ea443d45b03', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (3, 9, 1767326633678901, 1767323969678904, 'severity', '', 'api', 'it''s "here"', FALSE, '{"severity":"sev2","status":"identified","role":"comms","user":"U0ANA","milestone":"impact","when":"2026-01-02T03:03:53.678901Z","ref":8}', 'zDc54Bn8+tmAigqIGv2LVw', '1512faa41c3fb8fa63048accdc5c4cd4c3308ea0dc78c589236ad1e0361a21df', '85e080084527d70eba436581cc8ead277857b6f12c97d56700461ea443d45b03', '8df4fc2ce0c098c95b77fd3267959adb7332530e91b526e26652de0d1d102a7c', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (4, 1, 1767323045678901, 1767323045678901, 'declared', 'U0ANA', 'slack', 'Checkout n° D is "down" 🔥', FALSE, '{"severity":"sev2","services":["api"],"user":"U0ANA","private":true}', 'pzcqu7oTvQtJ7CLPpl/jqA', '878db2f067f6ca02f73df37760ac9a8611561b2ba06295ffbdb230f29461c9cc', '', '74a71a4444ee7284a7fdd310595947e6e9a929e4c3ac2449483894ccd9621268', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (4, 2, 1767319251678901, 1767323216678901, 'rollback', '', 'slack', 'Known', TRUE, '{"severity":"sev2","status":"investigating","components":[{"component":"web","state":"operational"}],"role":"comms","milestone":"resolved","when":"2026-01-02T01:00:51.678901Z","next_by":"2026-01-02T02:00:51.678901Z","rollback":{"id":"r1","target":"api","state":"awaiting_approval"}}', 'nV6knLjHCn58kwzTh0Rwaw', 'dba60b1208517378c4b92421ef85fc54f98446ecb0386b499bcc3cb420da43b8', '74a71a4444ee7284a7fdd310595947e6e9a929e4c3ac2449483894ccd9621268', '7b45fc12ad886204fa9d20429de35d52c1be7247710c36b24abfa207313cc026', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (4, 3, 1767322644678901, 1767323216678902, 'delivery_failed', '', 'api', 'it''s "here"', FALSE, '{"severity":"sev2","status":"investigating","role":"commander","milestone":"resolved","when":"2026-01-02T01:57:24.678901Z","public":true}', 'Ykl7F5FQXErGwYcRDITxzw', 'be002903342ea9b042ba8635f504f7f07d6b1a7a4fea9e2c04d5f9e97c65652b', '7b45fc12ad886204fa9d20429de35d52c1be7247710c36b24abfa207313cc026', '2a91e5843cb1e792b2159238387c28553146adc503c69341721bb6b74558880a', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (4, 4, 1767327529678901, 1767323216678903, 'updated', 'U0ANA', 'slack', 'Known', TRUE, '{"severity":"sev1","status":"monitoring","role":"comms","user":"U0BEN","milestone":"identified","when":"2026-01-02T03:18:49.678901Z"}', 'LZmmqGqNT51t48up0ubDCQ', '7d73c97e749ac47ebba657430439ce2a0c3c10823c86e58172a34865a17d3c8d', '2a91e5843cb1e792b2159238387c28553146adc503c69341721bb6b74558880a', '0b52e706944f80597d2a2af6436e6107da417776d924dc6e698ba176ff06c4f3', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (4, 5, 1767325043678901, 1767323677678901, 'updated', 'U0CAT', 'slack', '日本 🔥', TRUE, '{"severity":"sev1","status":"identified","components":[{"component":"web","state":"major_outage"}],"role":"comms","milestone":"impact","when":"2026-01-02T02:37:23.678901Z","next_by":"2026-01-02T03:37:23.678901Z","public":true,"stock":true}', '0CYITxDZMykAQsRjOTQjOA', '2bd45308bdea4421c1ae2b6a7094cae957d116f34fa232fa36f2416c1c515a82', '0b52e706944f80597d2a2af6436e6107da417776d924dc6e698ba176ff06c4f3', '3a29df4cc132b321d868d7deba7b8871fcec4000be237c16549642060bb21584', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (4, 6, 1767325852678901, 1767323723678901, 'cancelled', 'U0CAT', 'api', 'it''s "here"', TRUE, '{"severity":"sev2","status":"investigating","role":"commander","user":"U0BEN","milestone":"mitigated","when":"2026-01-02T02:50:52.678901Z","public":true,"stock":true}', '2xepc8QEAaQ63B2qEXaKaA', 'ffbc5264493f578c60dfe7e9a044b1d877faf28abdc9f298551e0511546e6fd3', '3a29df4cc132b321d868d7deba7b8871fcec4000be237c16549642060bb21584', '4ae5bc1f5d504431426b44dacd277796007299bb6eb7c3c34f736053085502e4', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (4, 7, 1767320527678901, 1767323723678902, 'role', 'U0BEN', 'api', 'it''s "here"', FALSE, '{"severity":"sev2","status":"investigating","components":[{"component":"api","state":"partial_outage"}],"role":"commander","milestone":"identified","when":"2026-01-02T01:22:07.678901Z","next_by":"2026-01-02T02:22:07.678901Z","ref":5,"public":true}', '0eK61Emcm2UBgiS0BgXP4g', '590f9030fa0986c8fd8c51bc8be99164901f265a82828ae2b1d96d5f4bd7175c', '4ae5bc1f5d504431426b44dacd277796007299bb6eb7c3c34f736053085502e4', '25316da36e4d6b1597ef475acbb48ed73fd4a9a71e32ce3e8841df42a327e4ed', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (4, 8, 1767323768678901, 1767323723678903, 'reopened', 'U0CAT', 'api', 'Known', TRUE, '{"severity":"sev2","status":"resolved","role":"commander","user":"U0ANA","milestone":"impact","when":"2026-01-02T02:16:08.678901Z","public":true}', '+JVRHN/9kZe6mQu+qP7K1Q', '1d5de8b7f5746a7992e8dc2b3f1d35b21d93a5426e572990ce84daae077d1e7c', '25316da36e4d6b1597ef475acbb48ed73fd4a9a71e32ce3e8841df42a327e4ed', '9f7b45c0b37f3fb4eb46757584fd969f28e4aa23be1d0b7c97bf7992de0e8a64', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (4, 9, 1767327159678901, 1767323723678904, 'updated', 'U0BEN', 'slack', 'Known', FALSE, '{"severity":"sev2","status":"investigating","role":"commander","milestone":"identified","when":"2026-01-02T03:12:39.678901Z"}', 'hqRdJ6uVSekHKnML2KxhjA', '942d0430c4fe0a7836df944a9e434f1fac42883a3df072a780b9469384d617e0', '9f7b45c0b37f3fb4eb46757584fd969f28e4aa23be1d0b7c97bf7992de0e8a64', 'cf27887989fde5e0e279b95eb79ed2c5bd56665398eb94de42ab2fe74825a0cd', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (5, 1, 1767323045678901, 1767323045678901, 'declared', 'U0ANA', 'slack', 'Checkout n° E is "down" 🔥', FALSE, '{"severity":"sev2","services":["api"],"user":"U0ANA","drill":true}', 'FaD+KeuvodVvK4r75OOoiA', '4826b61ce89f2250cd14e81eac1467cf74db9026d09b229a517c5c4972c5714a', '', '20eab2ea568dcaba720ac226e71f1249a20fc62d231e6c7c97fab3c07994b15d', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (5, 2, 1767321999678901, 1767323646678901, 'role', '', 'slack', '', TRUE, '{"severity":"sev1","status":"identified","role":"commander","user":"U0ANA","milestone":"detected","when":"2026-01-02T01:46:39.678901Z","public":true,"stock":true}', 'Au9tQImk6IdrP4jgOqUe2g', '08c4f71482a4b21473fe22b35aea8223d0ee6ad31fa46cc0976e9b6d948df498', '20eab2ea568dcaba720ac226e71f1249a20fc62d231e6c7c97fab3c07994b15d', '63c243bc3e0f72e036d080f34d463f55b75939c3a8a0aed151971e1fda1e25b0', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (5, 3, 1767320674678901, 1767323815678901, 'role', 'U0ANA', 'api', '日本 🔥', TRUE, '{"severity":"sev1","status":"investigating","components":[{"component":"api","state":"degraded_performance"}],"role":"commander","milestone":"mitigated","when":"2026-01-02T01:24:34.678901Z","next_by":"2026-01-02T02:24:34.678901Z","stock":true}', 'CkscPTij+PJMTk77GuUhfQ', '10bb527eaa80a2048cbec8a3ccf1607228dd0dddb73d1155ffafa0dd55f67373', '63c243bc3e0f72e036d080f34d463f55b75939c3a8a0aed151971e1fda1e25b0', 'b66a4a28c4922ce3e44b59f2a476c462e04a42dd50c21668693bb716e30da27d', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (5, 4, 1767326368678901, 1767323815678902, 'resolved', '', 'api', '日本 🔥', TRUE, '{"severity":"sev1","status":"identified","role":"comms","user":"U0ANA","milestone":"mitigated","when":"2026-01-02T02:59:28.678901Z","ref":2,"stock":true}', 'dUNcX6qQWLG+dheZXIA+hg', '0a0a15df2bc38479e5adcffe6fb72f3bbc1409d1cd437ab28cc769b54f8d3655', 'b66a4a28c4922ce3e44b59f2a476c462e04a42dd50c21668693bb716e30da27d', '5c184273b48ed8939a06e3136dbb1096d96912db52794507ee29348eb9847316', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (5, 5, 1767323088678901, 1767323974678901, 'reopened', '', 'slack', 'it''s "here"', TRUE, '{"severity":"sev1","status":"resolved","role":"commander","milestone":"mitigated","when":"2026-01-02T02:04:48.678901Z","public":true}', 'FNSDxBT0tFkzHpRhCbZ29w', '8838019cf72c5e97ea8007f049ec15a41dd570981d7d3dbdfbfa12bf2cc6fa5d', '5c184273b48ed8939a06e3136dbb1096d96912db52794507ee29348eb9847316', 'fa43eb5573afe1777c45e9ba5dd310797116feb58cdea716ab8f2a935ec2be7f', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (5, 6, 1767321807678901, 1767323974678902, 'severity', 'U0BEN', 'slack', '', FALSE, '{"severity":"sev1","status":"resolved","components":[{"component":"web","state":"under_maintenance"}],"role":"commander","milestone":"identified","when":"2026-01-02T01:43:27.678901Z","next_by":"2026-01-02T02:43:27.678901Z","ref":3}', 'SXa1lFxf/VPPsTA2dcNHlw', 'ca63e1e021698d41775a47fe8f0a4263861c72a2443c63a71eafa5c3081c6d1c', 'fa43eb5573afe1777c45e9ba5dd310797116feb58cdea716ab8f2a935ec2be7f', '79910f793e3b9b8fa23e940b6a938fe187fd8a951cea0dbda13886ac1fd91847', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (5, 7, 1767321424678901, 1767323974678903, 'reopened', 'U0BEN', 'slack', '', TRUE, '{"severity":"sev2","status":"monitoring","role":"comms","user":"U0BEN","milestone":"identified","when":"2026-01-02T01:37:04.678901Z","ref":4,"stock":true}', 'PpMBp4C2gIX6Pu4wJuejgA', '31944280d2969607da4be66e49279879bfa939e929fa24171fb1cb29788411da', '79910f793e3b9b8fa23e940b6a938fe187fd8a951cea0dbda13886ac1fd91847', 'bfa741edd5e4ccc86e65b646824b5b35665de0e73f3f603b1e0b067649ef79c8', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (5, 8, 1767323384678901, 1767323974678904, 'updated', '', 'slack', '', FALSE, '{"severity":"sev2","status":"resolved","components":[{"component":"web","state":"major_outage"}],"role":"commander","user":"U0BEN","milestone":"resolved","when":"2026-01-02T02:09:44.678901Z","next_by":"2026-01-02T03:09:44.678901Z","stock":true}', '+VQDbc66GaSKjFL0U4h7zQ', '9f49037e1824a5b655c6c85c38d5451ce565123a8420ecddd9ab851062b269ae', 'bfa741edd5e4ccc86e65b646824b5b35665de0e73f3f603b1e0b067649ef79c8', '178bff80a87b09d6acf7570b88bd47c8226716cc1e58abc1a642f3d0f3ecb6b6', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (5, 9, 1767323905678901, 1767323974678905, 'delivery_failed', 'U0ANA', 'api', 'it''s "here"', TRUE, '{"severity":"sev1","status":"investigating","components":[{"component":"web","state":"operational"}],"role":"commander","user":"U0BEN","milestone":"identified","when":"2026-01-02T02:18:25.678901Z","next_by":"2026-01-02T03:18:25.678901Z"}', 'B7OcQ4vbMu5UYYnqkl4IEA', 'efb7f5bf218f50ffc9668769ef931b7ebf462ac492d8642da7cbb52f5a9e38fc', '178bff80a87b09d6acf7570b88bd47c8226716cc1e58abc1a642f3d0f3ecb6b6', '92c0dc536b7a4d25e9fa0479e1a9fa8e8b23df42c35428ad184296436c916cea', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (6, 1, 1767323045678901, 1767323045678901, 'declared', 'U0ANA', 'slack', 'Checkout n° F is "down" 🔥', FALSE, '{"severity":"sev2","services":["api"],"user":"U0ANA"}', 'tnacRwn9yEUipIG37Vqdxw', 'a15a8988a8706fe1939a609c252c808bc9505f4f4961bce424730adc70668cda', '', '7dd0d1c1c82403cd999c79a99984d9414656655541337aa580b608f2c5a938bd', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (6, 2, 1767318444678901, 1767323215678901, 'published', 'U0CAT', 'api', '日本 🔥', FALSE, '{"severity":"sev1","status":"identified","role":"comms","user":"U0BEN","milestone":"identified","when":"2026-01-02T00:47:24.678901Z","stock":true}', 'u8d3pa7wpebmUC7h4vAVuQ', '6d0a37496bd8cbf6e0bf6bdbd056a265cdf77ceb066613eaf7b6f999012f40ff', '7dd0d1c1c82403cd999c79a99984d9414656655541337aa580b608f2c5a938bd', '102f00cf48ad3908bcd979435325153d72dfd20581bb227017360dccda957c0f', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (6, 3, 1767321102678901, 1767323400678901, 'status', 'U0CAT', 'api', 'Known', TRUE, '{"severity":"sev2","status":"identified","role":"comms","user":"U0BEN","milestone":"mitigated","when":"2026-01-02T01:31:42.678901Z","ref":1}', 'c+4AYUs0HPRZNKE/cGiOMQ', '8f410cee0d425d6f43d183f2061dec53a3b19710a5648f69dfdc9a373b32e075', '102f00cf48ad3908bcd979435325153d72dfd20581bb227017360dccda957c0f', '620b1cfaeb0c30aff60d0290be3a78663674e94f6739d911be8147db83e2b04a', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (6, 4, 1767322709678901, 1767323938678901, 'link', 'U0ANA', 'slack', '日本 🔥', TRUE, '{"severity":"sev2","status":"monitoring","role":"comms","user":"U0BEN","milestone":"mitigated","when":"2026-01-02T01:58:29.678901Z","stock":true}', 'Y93ENAsFMGE5RqoaFcaGtQ', 'e5992a344dfea390d14dc0a20e61fe555f38d91400b6952f0ef16720af30b282', '620b1cfaeb0c30aff60d0290be3a78663674e94f6739d911be8147db83e2b04a', 'bc58498329480091fd6e51ee2f205a511973453d393899b54f3d5ef00fa3d26c', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (6, 5, 1767323941678901, 1767323938678902, 'retracted', 'U0CAT', 'api', 'it''s "here"', FALSE, '{"severity":"sev2","status":"investigating","role":"commander","user":"U0ANA","milestone":"detected","when":"2026-01-02T02:19:01.678901Z","stock":true}', 'x1GZu/2Lf341Npv4Xc6JcA', '300e76f492b1d3b0d182acc52672efbe0e1bbc58e4450198c19c706ab305d206', 'bc58498329480091fd6e51ee2f205a511973453d393899b54f3d5ef00fa3d26c', '966eafc5465b3303e65debd363b79da381ffe04a8d89381402288e1b7fe53aff', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (6, 6, 1767325903678901, 1767323938678903, 'rollback', 'U0ANA', 'slack', 'Known', FALSE, '{"severity":"sev1","status":"resolved","components":[{"component":"web","state":"operational"}],"role":"comms","user":"U0ANA","milestone":"impact","when":"2026-01-02T02:51:43.678901Z","next_by":"2026-01-02T03:51:43.678901Z","rollback":{"id":"r1","target":"api","state":"running"}}', 'ksBz8t9hJHaz/JtFzOU75A', '423ea8315412cf290dff5f47f7546a8dd5a5fe2421fbea9f15699749ead074ff', '966eafc5465b3303e65debd363b79da381ffe04a8d89381402288e1b7fe53aff', 'b7659b829c6e24d017ccc22064527d06980d4606bacabbc532a897f4fcba8b92', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (6, 7, 1767319402678901, 1767323938678904, 'component', 'U0BEN', 'api', 'Known', FALSE, '{"severity":"sev1","status":"identified","components":[{"component":"api","state":"partial_outage"}],"role":"comms","milestone":"identified","when":"2026-01-02T01:03:22.678901Z","next_by":"2026-01-02T02:03:22.678901Z","public":true,"stock":true}', 'xAu/4oUu6mawQAZpCMcaCA', 'd8779305de16e56065ee36b583d73bde4541fb0570b4bd9f6950068971e4a0b4', 'b7659b829c6e24d017ccc22064527d06980d4606bacabbc532a897f4fcba8b92', '107d4de44eb9ff2f5af32cd1be8e4454116a7a1b2ac2619363fb6cdf77ec21ce', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (6, 8, 1767321933678901, 1767323938678905, 'cancelled', 'U0ANA', 'slack', 'it''s "here"', FALSE, '{"severity":"sev1","status":"monitoring","role":"comms","user":"U0BEN","milestone":"mitigated","when":"2026-01-02T01:45:33.678901Z"}', '1OMQ/rCeD6R8qDXXTCI/dw', '9162b81ff7f3f3371c2a7946f01886e9a0324ce97b5dd7e2ba2a4eb41a43c54e', '107d4de44eb9ff2f5af32cd1be8e4454116a7a1b2ac2619363fb6cdf77ec21ce', 'a5926d4bcc500b3795b2ee3d8e4e62973830dcc7bdf9c22987e08c86af89d18c', FALSE);
INSERT INTO "events" ("incident", "seq", "at", "recorded_at", "kind", "actor", "via", "text", "public", "data", "salt", "text_hash", "prev", "hash", "redacted") VALUES (6, 9, 1767324540678901, 1767323938678906, 'cancelled', '', 'slack', 'Known', FALSE, '{"severity":"sev1","status":"resolved","role":"commander","milestone":"resolved","when":"2026-01-02T02:29:00.678901Z","stock":true}', 'Thiae0hspMy2tkEHXxFBjw', '6b4c73f6189c9286126c693855aad998232639da459e8f78cb650c521994f3d3', 'a5926d4bcc500b3795b2ee3d8e4e62973830dcc7bdf9c22987e08c86af89d18c', '92776edbde0afe4b3b35b8d5825f73a6d61f97255fa61b8a7a23edbab44eb6d2', FALSE);
INSERT INTO "keys" ("key", "digest", "reply", "taken_at") VALUES ('key 1', 'digest', '{"text":"Declared #1."}', 1767323045678901);
INSERT INTO "keys" ("key", "digest", "reply", "taken_at") VALUES ('key 2', '', NULL, 1767323045678901);
INSERT INTO "people" ("id", "handle", "handle_key", "name", "zone", "email", "deleted", "bot", "guest", "external", "synced_at") VALUES ('U0ANA', 'ana', 'ana', 'Ana Ruiz', 'Europe/Madrid', '', FALSE, FALSE, FALSE, FALSE, 1767323045678901);
INSERT INTO "people" ("id", "handle", "handle_key", "name", "zone", "email", "deleted", "bot", "guest", "external", "synced_at") VALUES ('U0BEN', 'Ben', 'ben', 'Ben', '', '', FALSE, FALSE, TRUE, FALSE, 1767323045678901);
INSERT INTO "user_groups" ("id", "handle", "name", "synced_at") VALUES ('S0SRE', 'sre', '', 1767323045678901);
INSERT INTO "group_members" ("group_id", "user_id") VALUES ('S0SRE', 'U0ANA');
INSERT INTO "group_members" ("group_id", "user_id") VALUES ('S0SRE', 'U0BEN');
INSERT INTO "channels" ("id", "name", "name_key", "private", "archived", "synced_at") VALUES ('C0OPS', 'ops', 'ops', FALSE, FALSE, 1767323045678901);
INSERT INTO "links" ("owner", "name", "value") VALUES ('incident:1', 'slack.card', 'C1:1.2');
INSERT INTO "tokens" ("id", "user_id", "hash", "verbs", "created_at", "expires_at", "revoked_at") VALUES (1, 'U0ANA', 'hash', '["note"]', 1767323045678901, 1767326645678901, NULL);
INSERT INTO "lanes" ("lane", "wake_at", "leased", "token") VALUES ('a', 1767323045678901, FALSE, 1);
INSERT INTO "lanes" ("lane", "wake_at", "leased", "token") VALUES ('b', 1767323045678901, FALSE, 1);
INSERT INTO "lanes" ("lane", "wake_at", "leased", "token") VALUES ('c', 1767323105678901, TRUE, 1);
INSERT INTO "lanes" ("lane", "wake_at", "leased", "token") VALUES ('d', 1798859045678901, FALSE, 0);
INSERT INTO "jobs" ("id", "lane", "kind", "dedup", "edit", "incident", "payload", "run_at", "state", "attempt", "last_error", "created_at", "done_at") VALUES (1, 'a', 'first', NULL, '', 0, 'null', 1767323045678901, 'done', 1, '', 1767323045678901, 1767323045678901);
INSERT INTO "jobs" ("id", "lane", "kind", "dedup", "edit", "incident", "payload", "run_at", "state", "attempt", "last_error", "created_at", "done_at") VALUES (2, 'a', 'second', NULL, '', 0, 'null', 1767323045678901, 'waiting', 0, '', 1767323045678901, NULL);
INSERT INTO "jobs" ("id", "lane", "kind", "dedup", "edit", "incident", "payload", "run_at", "state", "attempt", "last_error", "created_at", "done_at") VALUES (3, 'b', 'failed', NULL, '', 0, 'null', 1767323045678901, 'failed', 1, 'no such channel', 1767323045678901, 1767323045678901);
INSERT INTO "jobs" ("id", "lane", "kind", "dedup", "edit", "incident", "payload", "run_at", "state", "attempt", "last_error", "created_at", "done_at") VALUES (4, 'b', 'waits', NULL, '', 0, 'null', 1767323045678901, 'waiting', 0, '', 1767323045678901, NULL);
INSERT INTO "jobs" ("id", "lane", "kind", "dedup", "edit", "incident", "payload", "run_at", "state", "attempt", "last_error", "created_at", "done_at") VALUES (5, 'c', 'leased', NULL, '', 0, 'null', 1767323045678901, 'waiting', 1, '', 1767323045678901, NULL);
INSERT INTO "jobs" ("id", "lane", "kind", "dedup", "edit", "incident", "payload", "run_at", "state", "attempt", "last_error", "created_at", "done_at") VALUES (6, 'd', 'later', 'once', '', 1, '{"n":1}', 1798859045678901, 'waiting', 0, '', 1767323045678901, NULL);
INSERT INTO "limits" ("name", "free_at") VALUES ('slack:chat.postMessage', 1767323046678901);
INSERT INTO "rollbacks" ("id", "number", "incident", "seq", "target", "service", "environment", "lock_key", "requested_by", "state", "live", "requested_at", "ended_at", "data") VALUES ('r1', 1, 2, 10, 'api-production', 'api', 'production', 'other', 'U0ANA', 'succeeded', FALSE, 1767323045678901, NULL, '{"id":"r1","number":1,"incident":2,"seq":10,"target":"api-production","service":"api","environment":"production","lock_key":"other","state":"succeeded","steps":[{"name":"eu","from":{"id":""},"to":{"id":""},"state":"pending"}],"target_digest":"d1","requested_by":"U0ANA","requested_at":"2026-01-02T03:04:05.678901Z"}');
INSERT INTO "rollbacks" ("id", "number", "incident", "seq", "target", "service", "environment", "lock_key", "requested_by", "state", "live", "requested_at", "ended_at", "data") VALUES ('r2', 2, 1, 11, 'api-production', 'api', 'production', 'api/production', 'U0ANA', 'requested', TRUE, 1767323045678901, NULL, '{"id":"r2","number":2,"incident":1,"seq":11,"target":"api-production","service":"api","environment":"production","lock_key":"api/production","state":"requested","steps":[{"name":"eu","from":{"id":""},"to":{"id":""},"state":"pending"}],"target_digest":"d1","requested_by":"U0ANA","requested_at":"2026-01-02T03:04:05.678901Z"}');
INSERT INTO "deploys" ("source", "dedupe_key", "service", "environment", "kind", "version", "previous", "status", "actor", "url", "started_at", "finished_at", "received_at", "at") VALUES ('generic', 'first', 'api', 'production', 'deploy', 'v2', '', 'succeeded', '', '', NULL, 1767323045678901, 1767323105678901, 1767323045678901);
INSERT INTO "followups" ("number", "incident", "seq", "key", "state", "closed", "owner", "added_by", "due", "repo_key", "issue", "data") VALUES (1, 1, 12, 'key1', 'open', FALSE, '', 'U0ANA', '', '', 0, '{"number":1,"incident":1,"seq":12,"key":"key1","state":"open","added_by":"U0ANA","added_at":"2026-01-02T03:04:05.678901Z","issue":{}}');
INSERT INTO "followups" ("number", "incident", "seq", "key", "state", "closed", "owner", "added_by", "due", "repo_key", "issue", "data") VALUES (2, 2, 11, 'key2', 'open', FALSE, '', 'U0ANA', '', 'acme/postmortems', 7, '{"number":2,"incident":2,"seq":11,"key":"key2","state":"open","added_by":"U0ANA","added_at":"2026-01-02T03:04:05.678901Z","issue":{"state":"wanted","repo":"acme/Postmortems","number":7,"adopted":true}}');
INSERT INTO "reminders" ("number", "incident", "seq", "user_id", "at", "state", "text", "data") VALUES (1, 1, 13, 'U0ANA', 1767326645678901, 'waiting', NULL, '{"number":1,"incident":1,"seq":13,"user":"U0ANA","at":"2026-01-02T04:04:05.678901Z","state":"waiting","set_at":"2026-01-02T03:04:05.678901Z"}');
INSERT INTO "reminders" ("number", "incident", "seq", "user_id", "at", "state", "text", "data") VALUES (2, NULL, NULL, 'U0ANA', 1767326645678901, 'waiting', 'Look at the graphs.', '{"number":2,"user":"U0ANA","at":"2026-01-02T04:04:05.678901Z","state":"waiting","set_at":"2026-01-02T03:04:05.678901Z"}');

-- the rest of SQLite's
INSERT INTO "goose_db_version" ("id", "version_id", "is_applied", "tstamp") VALUES (1, 0, 1, '2026-11-28 20:57:12');
INSERT INTO "goose_db_version" ("id", "version_id", "is_applied", "tstamp") VALUES (2, 1, 1, '2026-11-28 20:57:12');
INSERT INTO "goose_db_version" ("id", "version_id", "is_applied", "tstamp") VALUES (3, 2, 1, '2026-11-28 20:57:12');
INSERT INTO "goose_db_version" ("id", "version_id", "is_applied", "tstamp") VALUES (4, 3, 1, '2026-11-28 20:57:12');
CREATE INDEX incidents_open ON incidents (number) WHERE open;
CREATE INDEX incidents_published ON incidents (number) WHERE published;
CREATE INDEX incidents_declared ON incidents (declared_at, number, private);
CREATE INDEX incident_people_user ON incident_people (user_id, incident);
CREATE INDEX events_at ON events (incident, at, seq);
CREATE INDEX keys_taken ON keys (taken_at);
CREATE INDEX people_handle ON people (handle_key);
CREATE INDEX group_members_user ON group_members (user_id, group_id);
CREATE INDEX channels_name ON channels (name_key);
CREATE INDEX lanes_wake ON lanes (wake_at, lane) WHERE wake_at IS NOT NULL;
CREATE INDEX jobs_head ON jobs (lane, id) WHERE state = 'waiting';
CREATE INDEX jobs_outbox ON jobs (id) WHERE state IN ('waiting', 'failed');
CREATE UNIQUE INDEX rollbacks_lock ON rollbacks (lock_key) WHERE live;
CREATE INDEX rollbacks_live ON rollbacks (number) WHERE live;
CREATE INDEX rollbacks_key ON rollbacks (lock_key, number);
CREATE INDEX rollbacks_incident ON rollbacks (incident, number);
CREATE INDEX rollbacks_service ON rollbacks (service, environment, number);
CREATE INDEX deploys_at ON deploys (at, received_at, source, dedupe_key);
CREATE INDEX deploys_environment ON deploys (environment, at, received_at, source, dedupe_key);
CREATE INDEX deploys_service ON deploys (service, at, received_at, source, dedupe_key);
CREATE INDEX deploys_place ON deploys (service, environment, at, received_at, source, dedupe_key);
CREATE UNIQUE INDEX followups_issue ON followups (repo_key, issue) WHERE issue > 0;
CREATE INDEX followups_open ON followups (number) WHERE NOT closed;
CREATE INDEX followups_incident ON followups (incident, number);
CREATE INDEX followups_owner ON followups (owner, number);
CREATE INDEX followups_added ON followups (added_by, number) WHERE NOT closed;
CREATE INDEX incidents_owed ON incidents (number) WHERE owed;
CREATE INDEX incidents_writer ON incidents (writer, number) WHERE owed;
CREATE INDEX incidents_declared_by ON incidents (declared_by, number) WHERE owed;
CREATE INDEX reminders_incident ON reminders (incident, at, number);
CREATE INDEX reminders_user ON reminders (user_id, at, number) WHERE incident IS NULL;
CREATE INDEX reminders_waiting ON reminders (user_id, at, number) WHERE incident IS NULL AND state = 'waiting';
