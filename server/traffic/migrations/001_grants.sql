-- +goose Up
CREATE TABLE traffic_grant (
  id         TEXT   PRIMARY KEY,
  name       TEXT   NOT NULL,
  account    TEXT   NOT NULL, -- id
  who        TEXT   NOT NULL, -- its name, for lists
  kinds      TEXT   NOT NULL, -- comma separated
  stream     TEXT   NOT NULL, -- empty: any
  type       TEXT   NOT NULL,
  site       TEXT   NOT NULL,
  classes    TEXT   NOT NULL, -- beyond public and internal, comma separated
  purpose    TEXT   NOT NULL,
  origin     TEXT   NOT NULL, -- person, upgrade
  created    BIGINT NOT NULL,
  created_by TEXT   NOT NULL,
  ends       BIGINT NOT NULL, -- 0: open
  used       BIGINT NOT NULL, -- 0: never
  UNIQUE (account, name)
);

CREATE INDEX traffic_grant_ends ON traffic_grant (ends);

-- What was done once, such as the grants of accounts that were there before grants.
CREATE TABLE traffic_done (
  what TEXT   PRIMARY KEY,
  at   BIGINT NOT NULL
);
