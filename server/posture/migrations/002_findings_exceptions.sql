-- +goose Up
-- Where a subject is, so that an exception for a site or a system covers it again at once after a restart.
ALTER TABLE posture_observation ADD COLUMN site TEXT NOT NULL DEFAULT '';
ALTER TABLE posture_observation ADD COLUMN system TEXT NOT NULL DEFAULT '';

-- A finding's keys are small numbers, so that a million of them with every index stay quick to write and to page.
CREATE TABLE posture_found (
  seq           BIGINT  PRIMARY KEY, -- order of opening
  id            TEXT    NOT NULL UNIQUE,
  num           BIGINT  NOT NULL,    -- the check (posture_check)
  kind          TEXT    NOT NULL,
  subject       TEXT    NOT NULL,
  name          TEXT    NOT NULL,
  state         BIGINT  NOT NULL,    -- 0 open, 1 excepted, 2 closed
  opened        BIGINT  NOT NULL,
  reason        TEXT    NOT NULL,
  closed        BIGINT  NOT NULL,    -- 0: not closed
  closed_seq    BIGINT  NOT NULL,    -- 0: not closed; order of openings and closings together
  closed_by     TEXT    NOT NULL,    -- pass, not-applicable, gone
  closed_reason TEXT    NOT NULL,
  exception     TEXT    NOT NULL,    -- that covers it now
  owner         TEXT    NOT NULL,
  due           BIGINT  NOT NULL,
  overdue       BOOLEAN NOT NULL,    -- finding.overdue was published
  former        TEXT    NOT NULL,    -- the finding before this one of the same check and subject
  notes         BIGINT  NOT NULL
);
INSERT INTO posture_found (seq, id, num, kind, subject, name, state, opened, reason, closed, closed_seq, closed_by, closed_reason, exception, owner, due, overdue, former, notes)
  SELECT row_number() OVER (ORDER BY f.opened, f.id), f.id, c.num, f.kind, f.subject, f.name, CASE WHEN f.closed = 0 THEN 0 ELSE 2 END, f.opened, f.reason, f.closed,
    CASE WHEN f.closed = 0 THEN 0 ELSE (SELECT COUNT(*) FROM posture_finding) END, f.closed_by, f.closed_reason, '', '', f.opened + 2592000000000, FALSE, '', 0
  FROM posture_finding f JOIN posture_check c ON c.id = f.check_id;
DROP TABLE posture_finding;
ALTER TABLE posture_found RENAME TO posture_finding;
CREATE INDEX posture_finding_state ON posture_finding (state, seq);
CREATE INDEX posture_finding_due ON posture_finding (state, due, seq);
CREATE INDEX posture_finding_check ON posture_finding (num, state, seq);
CREATE INDEX posture_finding_check_due ON posture_finding (num, state, due, seq);
CREATE INDEX posture_finding_owner ON posture_finding (owner, num, state, seq);
CREATE INDEX posture_finding_owner_due ON posture_finding (owner, num, state, due, seq) WHERE owner <> '';
CREATE INDEX posture_finding_subject ON posture_finding (subject, num, seq);
CREATE INDEX posture_finding_opened ON posture_finding (opened, seq);
CREATE INDEX posture_finding_closed ON posture_finding (closed) WHERE state = 2;
CREATE INDEX posture_finding_untold ON posture_finding (due, seq) WHERE state = 0 AND overdue = FALSE; -- what to say next

CREATE TABLE posture_note (
  id      TEXT   PRIMARY KEY,
  finding TEXT   NOT NULL,
  at      BIGINT NOT NULL,
  author  TEXT   NOT NULL,
  body    TEXT   NOT NULL
);
CREATE INDEX posture_note_finding ON posture_note (finding, at);

CREATE TABLE posture_exception (
  id            TEXT   PRIMARY KEY,
  control       TEXT   NOT NULL,
  check_id      TEXT   NOT NULL, -- '': the whole control
  subject_kind  TEXT   NOT NULL, -- '': not one subject
  subject       TEXT   NOT NULL,
  subject_name  TEXT   NOT NULL,
  scope_type    TEXT   NOT NULL,
  scope_site    TEXT   NOT NULL,
  scope_system  TEXT   NOT NULL,
  state         TEXT   NOT NULL, -- requested, approved, refused, withdrawn, ended
  requester     TEXT   NOT NULL, -- account name
  requester_id  TEXT   NOT NULL,
  approver      TEXT   NOT NULL,
  justification TEXT   NOT NULL,
  compensating  TEXT   NOT NULL,
  plan          TEXT   NOT NULL,
  requested     BIGINT NOT NULL,
  decided       BIGINT NOT NULL, -- 0: not yet
  finished      BIGINT NOT NULL, -- when it ended or was withdrawn; 0: not yet
  ends          BIGINT NOT NULL,
  reason        TEXT   NOT NULL  -- of the last step
);
CREATE INDEX posture_exception_state ON posture_exception (state, ends);
CREATE INDEX posture_exception_control ON posture_exception (control);

-- What the log says about a control at its last entry, so that the next one is written only when something moved.
ALTER TABLE posture_control ADD COLUMN digest TEXT NOT NULL DEFAULT '';
