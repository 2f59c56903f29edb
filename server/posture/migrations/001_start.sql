-- +goose Up
-- Where every check stands about one subject: one row for each subject, packed, so that 100,000 devices with dozens of
-- checks stay small and quick to write.
CREATE TABLE posture_observation (
  kind     TEXT   NOT NULL,
  subject  TEXT   NOT NULL,
  name     TEXT   NOT NULL,
  type     TEXT   NOT NULL,
  observed BIGINT NOT NULL,
  body     BLOB   NOT NULL, -- see pack.go
  PRIMARY KEY (kind, subject)
);

CREATE TABLE posture_finding (
  id            TEXT   PRIMARY KEY,
  check_id      TEXT   NOT NULL,
  kind          TEXT   NOT NULL,
  subject       TEXT   NOT NULL,
  name          TEXT   NOT NULL,
  opened        BIGINT NOT NULL,
  reason        TEXT   NOT NULL,
  closed        BIGINT NOT NULL, -- 0: open
  closed_by     TEXT   NOT NULL, -- pass, not-applicable, gone
  closed_reason TEXT   NOT NULL
);
CREATE INDEX posture_finding_open ON posture_finding (check_id, subject, closed);
CREATE INDEX posture_finding_subject ON posture_finding (subject, opened);

-- Numbers of checks in packed observations; a number is never used again.
CREATE TABLE posture_check (
  num BIGINT PRIMARY KEY,
  id  TEXT   NOT NULL UNIQUE
);

CREATE TABLE posture_control (
  control TEXT   PRIMARY KEY,
  status  TEXT   NOT NULL,
  reason  TEXT   NOT NULL,
  since   BIGINT NOT NULL
);

CREATE TABLE posture_history (
  id      TEXT   PRIMARY KEY, -- UUIDv7: sorts by time
  control TEXT   NOT NULL,
  at      BIGINT NOT NULL,
  was     TEXT   NOT NULL,
  became  TEXT   NOT NULL,
  reason  TEXT   NOT NULL
);
CREATE INDEX posture_history_control ON posture_history (control, at);

CREATE TABLE posture_trend (
  at       BIGINT           PRIMARY KEY,
  passing  DOUBLE PRECISION NOT NULL, -- percent; -1 where nothing is measured
  coverage DOUBLE PRECISION NOT NULL
);

CREATE TABLE posture_shared (
  account   TEXT   PRIMARY KEY,
  at        BIGINT NOT NULL,
  addresses TEXT   NOT NULL -- with spaces between
);
