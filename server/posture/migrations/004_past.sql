-- +goose Up
-- Who had a finding and when it was due, for questions about a past moment: every change with what it was before.
CREATE TABLE posture_assignment (
  seq       BIGINT NOT NULL, -- the finding's
  n         BIGINT NOT NULL, -- 1, 2, … in order
  at        BIGINT NOT NULL,
  owner     TEXT   NOT NULL,
  due       BIGINT NOT NULL,
  was_owner TEXT   NOT NULL,
  was_due   BIGINT NOT NULL,
  PRIMARY KEY (seq, n)
);

-- How many subjects of each check stood where: one row for each change that a roll-up saw.
CREATE TABLE posture_step (
  num            BIGINT NOT NULL, -- the check (posture_check)
  at             BIGINT NOT NULL,
  status         TEXT   NOT NULL,
  pass           BIGINT NOT NULL,
  fail           BIGINT NOT NULL, -- the excepted ones among them
  unknown        BIGINT NOT NULL,
  stale          BIGINT NOT NULL,
  not_applicable BIGINT NOT NULL,
  not_assessed   BIGINT NOT NULL,
  excepted       BIGINT NOT NULL,
  PRIMARY KEY (num, at)
);

-- What a start has to make up once, from the audit log: both tables above hold nothing of the time before them.
CREATE TABLE posture_owed (
  what TEXT PRIMARY KEY
);
INSERT INTO posture_owed (what) SELECT 'past' WHERE EXISTS (SELECT 1 FROM posture_history);

-- When each finding was open is held in memory (lives.go); nothing reads these any more.
DROP INDEX posture_finding_opened;
DROP INDEX posture_finding_closed;
