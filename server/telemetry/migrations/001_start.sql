-- +goose Up
CREATE TABLE telemetry_series (
    id       BIGINT PRIMARY KEY,
    device   TEXT NOT NULL,
    stream   TEXT NOT NULL,
    property TEXT NOT NULL,
    UNIQUE (device, stream, property)
);
CREATE TABLE telemetry_seen (
    device       TEXT PRIMARY KEY,
    seen         BIGINT NOT NULL,
    silent       BOOLEAN NOT NULL,
    silent_since BIGINT NOT NULL,
    health       TEXT NOT NULL
);
