-- +goose Up
CREATE TABLE registry_type (
    name       TEXT PRIMARY KEY,
    version    TEXT NOT NULL,
    digest     TEXT NOT NULL,
    definition TEXT NOT NULL,
    changed    BIGINT NOT NULL
);
CREATE TABLE registry_type_version (
    name       TEXT NOT NULL,
    version    TEXT NOT NULL,
    digest     TEXT NOT NULL,
    manifest   BLOB NOT NULL,
    applied    BIGINT NOT NULL,
    applied_by TEXT NOT NULL,
    PRIMARY KEY (name, version)
);
CREATE TABLE registry_system (
    id    TEXT PRIMARY KEY,
    name  TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL
);
CREATE TABLE registry_site (
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    system    TEXT NOT NULL,
    latitude  DOUBLE PRECISION,
    longitude DOUBLE PRECISION
);
CREATE TABLE registry_device (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    type         TEXT NOT NULL,
    site         TEXT NOT NULL,
    system       TEXT NOT NULL,
    state        TEXT NOT NULL,
    reason       TEXT NOT NULL,
    assignee     TEXT NOT NULL,
    manufacturer TEXT NOT NULL,
    serial       TEXT NOT NULL,
    labels       TEXT NOT NULL,
    created      BIGINT NOT NULL,
    changed      BIGINT NOT NULL,
    since        BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    find         TEXT NOT NULL
);
-- Each filter walks one index in the order of the list; the columns behind the name let it skip rows unread.
CREATE INDEX registry_device_type ON registry_device (type, name, state, site, system);
CREATE INDEX registry_device_site ON registry_device (site, name, state, type, system);
CREATE INDEX registry_device_system ON registry_device (system, name, state, type, site);
CREATE INDEX registry_device_state ON registry_device (state, name, type, site, system);
CREATE INDEX registry_device_changed ON registry_device (changed, id, state, type, site, system);
CREATE UNIQUE INDEX registry_device_made ON registry_device (manufacturer, serial) WHERE manufacturer <> '';
-- How many devices there are of each combination, so that totals need no scan.
CREATE TABLE registry_tally (
    type    TEXT NOT NULL,
    site    TEXT NOT NULL,
    system  TEXT NOT NULL,
    state   TEXT NOT NULL,
    devices BIGINT NOT NULL,
    PRIMARY KEY (type, site, system, state)
);
CREATE TABLE registry_twin (
    device          TEXT PRIMARY KEY,
    desired         TEXT NOT NULL,
    desired_version BIGINT NOT NULL,
    desired_at      BIGINT NOT NULL,
    reported        TEXT NOT NULL,
    reported_at     BIGINT NOT NULL,
    inventory       TEXT NOT NULL,
    inventory_at    BIGINT NOT NULL,
    firmware        TEXT NOT NULL
);
-- What must still be published: written with the change that asks for it, gone once the broker has it.
CREATE TABLE registry_outbox (
    key     TEXT PRIMARY KEY,
    device  TEXT NOT NULL,
    topic   TEXT NOT NULL,
    payload BLOB NOT NULL,
    retain  BOOLEAN NOT NULL,
    made    BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX registry_outbox_made ON registry_outbox (made, key);
