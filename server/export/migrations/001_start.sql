-- +goose Up
CREATE TABLE export_job (
  id         TEXT   PRIMARY KEY,
  state      TEXT   NOT NULL, -- queued, running, done, failed, gone
  formats    TEXT   NOT NULL, -- JSON
  scope      TEXT   NOT NULL, -- JSON
  at         BIGINT NOT NULL, -- 0: now
  engagement TEXT   NOT NULL,
  bodies     BOOLEAN NOT NULL, -- whoever asked may read the audit log
  created    BIGINT NOT NULL,
  by_id      TEXT   NOT NULL,
  by_name    TEXT   NOT NULL,
  ended      BIGINT NOT NULL,
  expires    BIGINT NOT NULL,
  reason     TEXT   NOT NULL, -- why it failed
  files      TEXT   NOT NULL, -- JSON
  checkpoint TEXT   NOT NULL, -- JSON
  figures    TEXT   NOT NULL  -- JSON
);
CREATE INDEX export_job_state ON export_job (state, expires);
