-- +goose Up
-- A ban stays here when it has run out or was lifted: who was kept out, when, why and by whom is history worth having.
CREATE TABLE broker_ban (
  id            TEXT   PRIMARY KEY,
  kind          TEXT   NOT NULL, -- device, account, address
  target        TEXT   NOT NULL, -- id, or prefix such as 192.0.2.7/32
  name          TEXT   NOT NULL, -- of the device or account when it was banned
  cause         TEXT   NOT NULL, -- operator, flapping, handshakes
  reason        TEXT   NOT NULL,
  placed        BIGINT NOT NULL,
  placed_by     TEXT   NOT NULL, -- name of who placed it
  ends          BIGINT NOT NULL, -- 0: when it is lifted
  lifted        BIGINT NOT NULL, -- 0: it was not
  lifted_by     TEXT   NOT NULL,
  lifted_reason TEXT   NOT NULL
);
CREATE INDEX broker_ban_target ON broker_ban (kind, target, placed);
CREATE INDEX broker_ban_placed ON broker_ban (placed, id);
CREATE INDEX broker_ban_active ON broker_ban (lifted, ends);
