-- +goose Up
CREATE TABLE records_record (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    about       TEXT NOT NULL,
    object      TEXT NOT NULL,
    object_name TEXT NOT NULL,
    system      TEXT NOT NULL,
    site        TEXT NOT NULL,
    version     BIGINT NOT NULL,
    state       TEXT NOT NULL,
    owner       TEXT NOT NULL,
    author      TEXT NOT NULL,
    writers     TEXT NOT NULL,
    approver    TEXT NOT NULL,
    body        TEXT NOT NULL,
    performed   BIGINT NOT NULL,
    effective   BIGINT NOT NULL,
    expires     BIGINT NOT NULL,
    created     BIGINT NOT NULL,
    changed     BIGINT NOT NULL,
    reason      TEXT NOT NULL,
    digest      TEXT NOT NULL,
    entry       TEXT NOT NULL,
    altered     TEXT NOT NULL,
    etag        BIGINT NOT NULL
);
CREATE UNIQUE INDEX records_record_version ON records_record (kind, object, version);
-- One version is written at a time, and one is in force.
CREATE UNIQUE INDEX records_record_open ON records_record (kind, object) WHERE state IN ('draft', 'submitted', 'rejected');
CREATE UNIQUE INDEX records_record_force ON records_record (kind, object) WHERE state = 'approved';
CREATE INDEX records_record_ends ON records_record (state, expires, id);
CREATE INDEX records_record_changed ON records_record (changed, id);
CREATE TABLE records_evidence (
    id       TEXT PRIMARY KEY,
    record   TEXT NOT NULL,
    name     TEXT NOT NULL,
    media    TEXT NOT NULL,
    size     BIGINT NOT NULL,
    sha256   TEXT NOT NULL,
    link     TEXT NOT NULL,
    added    BIGINT NOT NULL,
    added_by TEXT NOT NULL
);
CREATE INDEX records_evidence_record ON records_evidence (record, id);
-- The content of evidence, in sealed pieces.
CREATE TABLE records_chunk (
    evidence TEXT NOT NULL,
    n        BIGINT NOT NULL,
    box      BLOB NOT NULL,
    PRIMARY KEY (evidence, n)
);
CREATE TABLE records_item (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    record      TEXT NOT NULL,
    about       TEXT NOT NULL,
    object      TEXT NOT NULL,
    object_name TEXT NOT NULL,
    system      TEXT NOT NULL,
    site        TEXT NOT NULL,
    field       TEXT NOT NULL,
    title       TEXT NOT NULL,
    owner       TEXT NOT NULL,
    due         BIGINT NOT NULL,
    opened      BIGINT NOT NULL,
    closed      BIGINT NOT NULL,
    closed_by   TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    etag        BIGINT NOT NULL
);
CREATE INDEX records_item_object ON records_item (kind, object, id);
CREATE INDEX records_item_due ON records_item (closed, due, id);
CREATE TABLE records_ack (
    record  TEXT NOT NULL,
    account TEXT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (record, account)
);
-- Which reminders went out, so that each does once.
CREATE TABLE records_notice (
    record TEXT NOT NULL,
    what   TEXT NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (record, what)
);
CREATE TABLE records_register (
    id      TEXT PRIMARY KEY,
    kind    TEXT NOT NULL,
    name    TEXT NOT NULL,
    system  TEXT NOT NULL,
    site    TEXT NOT NULL,
    owner   TEXT NOT NULL,
    facts   TEXT NOT NULL,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    retired BIGINT NOT NULL,
    reason  TEXT NOT NULL,
    etag    BIGINT NOT NULL
);
CREATE UNIQUE INDEX records_register_name ON records_register (kind, name) WHERE retired = 0;
CREATE INDEX records_register_kind ON records_register (kind, id);
