-- +goose Up
CREATE TABLE engagement_main (
  id         TEXT   PRIMARY KEY,
  title      TEXT   NOT NULL,
  system     TEXT   NOT NULL, -- empty: the whole installation
  begins     BIGINT NOT NULL, -- the period under audit
  finishes   BIGINT NOT NULL,
  ends       BIGINT NOT NULL, -- until when the auditors work
  scope      TEXT   NOT NULL, -- JSON
  controls   TEXT   NOT NULL, -- what the scope meant when it was set, JSON list
  auditors   TEXT   NOT NULL, -- JSON list of account ids and names
  created    BIGINT NOT NULL,
  created_by TEXT   NOT NULL,
  changed    BIGINT NOT NULL,
  version    BIGINT NOT NULL,
  signed     BIGINT NOT NULL, -- 0: open
  signed_by  TEXT   NOT NULL,
  statement  TEXT   NOT NULL,
  digest     TEXT   NOT NULL, -- SHA-256 of everything above and below, hex
  checkpoint TEXT   NOT NULL  -- the log's signed note at signing
);

CREATE TABLE engagement_sample (
  engagement TEXT   NOT NULL REFERENCES engagement_main (id),
  n          BIGINT NOT NULL,
  control    TEXT   NOT NULL,
  check_id   TEXT   NOT NULL,
  seed       TEXT   NOT NULL,
  wanted     BIGINT NOT NULL,
  population BIGINT NOT NULL,
  digest     TEXT   NOT NULL, -- SHA-256 over the population's ranks, hex
  drawn      BIGINT NOT NULL,
  drawn_by   TEXT   NOT NULL,
  objects    TEXT   NOT NULL, -- JSON
  PRIMARY KEY (engagement, n)
);

CREATE TABLE engagement_request (
  engagement TEXT   NOT NULL REFERENCES engagement_main (id),
  n          BIGINT NOT NULL,
  control    TEXT   NOT NULL,
  text       TEXT   NOT NULL,
  due        BIGINT NOT NULL,
  asked      BIGINT NOT NULL,
  asked_by   TEXT   NOT NULL,
  state      TEXT   NOT NULL, -- asked, answered, returned, accepted
  PRIMARY KEY (engagement, n)
);

-- Answers and judgements, in order.
CREATE TABLE engagement_turn (
  engagement TEXT   NOT NULL,
  request    BIGINT NOT NULL,
  n          BIGINT NOT NULL,
  verdict    TEXT   NOT NULL, -- empty for an answer; accepted, returned
  text       TEXT   NOT NULL,
  records    TEXT   NOT NULL, -- JSON list of ids
  export     TEXT   NOT NULL,
  at         BIGINT NOT NULL,
  by_name    TEXT   NOT NULL,
  PRIMARY KEY (engagement, request, n)
);

CREATE TABLE engagement_conclusion (
  engagement TEXT   NOT NULL REFERENCES engagement_main (id),
  control    TEXT   NOT NULL,
  conclusion TEXT   NOT NULL,
  text       TEXT   NOT NULL,
  at         BIGINT NOT NULL,
  by_name    TEXT   NOT NULL,
  PRIMARY KEY (engagement, control)
);
