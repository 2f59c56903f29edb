-- +goose Up

-- One row that every change of roles and states touches first: on PostgreSQL its lock makes them wait for each other, so
-- that two administrators cannot remove one another at the same time.
CREATE TABLE access_guard (
  id      BIGINT PRIMARY KEY,
  changes BIGINT NOT NULL
);
INSERT INTO access_guard (id, changes) VALUES (1, 0);

CREATE TABLE access_account (
  id               TEXT    PRIMARY KEY,
  name             TEXT    NOT NULL UNIQUE,
  name_key         TEXT    NOT NULL UNIQUE, -- keyed hash of the name: finds its row in access_failure
  kind             TEXT    NOT NULL,        -- person, service
  roles            TEXT    NOT NULL,        -- JSON list, in the order of the standard roles
  site             TEXT    NOT NULL,        -- the one place of a local user or gateway
  disabled         BOOLEAN NOT NULL,
  reason           TEXT    NOT NULL,        -- why it is disabled
  created          BIGINT  NOT NULL,
  changed          BIGINT  NOT NULL,        -- state, roles or password
  last_login       BIGINT  NOT NULL,
  password         TEXT    NOT NULL,        -- argon2id in its usual text form; empty: none
  password_changed BIGINT  NOT NULL,
  must_change      BOOLEAN NOT NULL         -- somebody else set it
);

CREATE TABLE access_former_password (
  account TEXT   NOT NULL REFERENCES access_account (id),
  hash    TEXT   NOT NULL,
  until   BIGINT NOT NULL,
  PRIMARY KEY (account, hash)
);

-- A session or an API token. The secret itself is nowhere; ended rows stay a while, so that a program that goes on using
-- one is told so and not taken for a burglar.
CREATE TABLE access_session (
  id      TEXT    PRIMARY KEY,
  hash    TEXT    NOT NULL UNIQUE, -- SHA-256 of the secret, hex
  account TEXT    NOT NULL REFERENCES access_account (id),
  kind    TEXT    NOT NULL,        -- console, cli, api (sessions) or token
  name    TEXT    NOT NULL,        -- of a token
  method  TEXT    NOT NULL,        -- password, totp, link, token
  mfa     BOOLEAN NOT NULL,
  created BIGINT  NOT NULL,
  seen    BIGINT  NOT NULL,        -- last use, up to a minute behind
  expires BIGINT  NOT NULL,
  idle    BIGINT  NOT NULL,        -- microseconds it may lie unused; 0: any time
  address TEXT    NOT NULL,        -- of the last use
  ended   BIGINT  NOT NULL,
  reason  TEXT    NOT NULL
);
CREATE INDEX access_session_account ON access_session (account, kind, ended);
CREATE INDEX access_session_ended ON access_session (ended);

CREATE TABLE access_link (
  hash    TEXT   PRIMARY KEY,
  account TEXT   NOT NULL REFERENCES access_account (id),
  expires BIGINT NOT NULL
);

CREATE TABLE access_factor (
  account   TEXT   PRIMARY KEY REFERENCES access_account (id),
  secret    BLOB   NOT NULL, -- sealed
  confirmed BIGINT NOT NULL, -- 0: enrolment is not finished
  used      BIGINT NOT NULL  -- the time step of the last code: no code works twice
);

-- Failed sign-ins in a row, for names that exist and names that do not alike.
CREATE TABLE access_failure (
  name_key TEXT   PRIMARY KEY,
  count    BIGINT NOT NULL,
  locks    BIGINT NOT NULL, -- how often it was locked since the last success: each lock is twice as long
  last     BIGINT NOT NULL,
  until    BIGINT NOT NULL  -- locked until
);
CREATE INDEX access_failure_last ON access_failure (last);
