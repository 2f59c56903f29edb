-- +goose Up
CREATE TABLE people_review (
  id        TEXT   PRIMARY KEY,
  title     TEXT   NOT NULL,
  due       BIGINT NOT NULL,
  opened    BIGINT NOT NULL,
  opened_by TEXT   NOT NULL,
  closed    BIGINT NOT NULL, -- 0: open
  closed_by TEXT   NOT NULL
);

-- One line for each account; the platform makes them, and nobody can take one away.
CREATE TABLE people_review_line (
  review   TEXT   NOT NULL REFERENCES people_review (id),
  account  TEXT   NOT NULL,
  name     TEXT   NOT NULL,
  kind     TEXT   NOT NULL,
  roles    TEXT   NOT NULL, -- as they were when the line was made, comma separated
  created  BIGINT NOT NULL, -- of the account
  login    BIGINT NOT NULL, -- last sign-in when the line was made; 0: none
  added    BIGINT NOT NULL, -- when the line was made
  decision TEXT   NOT NULL, -- keep, reject, disabled (there was nothing to decide); empty: owed
  reason   TEXT   NOT NULL,
  by_id    TEXT   NOT NULL,
  by_name  TEXT   NOT NULL,
  at       BIGINT NOT NULL,
  PRIMARY KEY (review, account)
);
