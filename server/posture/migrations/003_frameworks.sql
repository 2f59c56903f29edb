-- +goose Up
-- A framework that operators brought. An import over an existing one, and a deletion, end the present row and keep it, so
-- that the past can be shown as it was.
CREATE TABLE posture_framework (
  id      TEXT   NOT NULL,
  since   BIGINT NOT NULL,
  until   BIGINT NOT NULL, -- 0: present
  name    TEXT   NOT NULL,
  summary TEXT   NOT NULL,
  edition TEXT   NOT NULL,
  date    TEXT   NOT NULL,
  who     TEXT   NOT NULL, -- name of the account
  digest  TEXT   NOT NULL, -- of the body, to tell an import of the same
  items   BIGINT NOT NULL,
  body    BLOB   NOT NULL, -- JSON: the items
  PRIMARY KEY (id, since)
);

-- Operators' own mappings, of imported frameworks and of those that come with the program.
CREATE TABLE posture_mapping (
  framework TEXT   NOT NULL,
  item      TEXT   NOT NULL,
  control   TEXT   NOT NULL,
  since     BIGINT NOT NULL,
  until     BIGINT NOT NULL, -- 0: present
  relation  TEXT   NOT NULL,
  why       TEXT   NOT NULL,
  who       TEXT   NOT NULL,
  PRIMARY KEY (framework, item, control, since)
);

-- Which industry profile weighed the controls, and since when.
CREATE TABLE posture_profile (
  seq     BIGINT PRIMARY KEY,
  at      BIGINT NOT NULL,
  profile TEXT   NOT NULL, -- empty: none
  reason  TEXT   NOT NULL,
  who     TEXT   NOT NULL
);
