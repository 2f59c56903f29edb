-- +goose Up
-- A risk with its mitigations and links is one thing with one version: the body holds it whole, the other columns are what
-- lists filter and sort by.
CREATE TABLE risk_risk (
  id         TEXT    PRIMARY KEY,
  version    BIGINT  NOT NULL,
  title      TEXT    NOT NULL,
  system     TEXT    NOT NULL,
  site       TEXT    NOT NULL,
  owner      TEXT    NOT NULL,
  state      TEXT    NOT NULL, -- open, closed
  decision   TEXT    NOT NULL, -- mitigate, defer, accept; empty: undecided
  ends       BIGINT  NOT NULL, -- of the decision; 0: it has no end
  level      BIGINT  NOT NULL, -- 1 to 5
  safety     BOOLEAN NOT NULL,
  due        BIGINT  NOT NULL, -- of the first mitigation that is not finished; 0: none
  created    BIGINT  NOT NULL,
  changed    BIGINT  NOT NULL,
  find       TEXT    NOT NULL, -- lower case, what a search looks at
  body       TEXT    NOT NULL  -- JSON
);
CREATE INDEX risk_risk_state ON risk_risk (state, level);

CREATE TABLE risk_scope (
  risk  TEXT NOT NULL,
  scope TEXT NOT NULL,
  PRIMARY KEY (risk, scope)
);

-- Every version of every risk, so that the register can be shown as it was at any time.
CREATE TABLE risk_history (
  risk    TEXT   NOT NULL,
  version BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  who     TEXT   NOT NULL, -- name of the account
  what    TEXT   NOT NULL, -- in words
  body    TEXT   NOT NULL, -- JSON: the risk as it became
  PRIMARY KEY (risk, version)
);
CREATE INDEX risk_history_at ON risk_history (at);
