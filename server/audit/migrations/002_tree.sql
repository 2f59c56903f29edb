-- +goose Up
CREATE TABLE audit_entry (
  idx            BIGINT PRIMARY KEY, -- place in the tree, from 0 without gaps
  id             TEXT   NOT NULL,    -- of the event; this column and those up to body repeat what body says, to be searched
  time           BIGINT NOT NULL,
  type           TEXT   NOT NULL,
  severity       TEXT   NOT NULL,
  initiator_kind TEXT   NOT NULL,
  initiator_id   TEXT   NOT NULL,
  initiator_name TEXT   NOT NULL,
  receiver_kind  TEXT   NOT NULL,
  receiver_id    TEXT   NOT NULL,
  receiver_name  TEXT   NOT NULL,
  body           BLOB   NOT NULL     -- the event as JSON, exactly the bytes that are the leaf
);
CREATE INDEX audit_entry_id ON audit_entry (id);
CREATE INDEX audit_entry_time ON audit_entry (time);
CREATE INDEX audit_entry_type ON audit_entry (type, idx);
CREATE INDEX audit_entry_initiator ON audit_entry (initiator_id, idx);
CREATE INDEX audit_entry_receiver ON audit_entry (receiver_id, idx);

-- The tree's hashes in the order of RFC 6962 "stored hashes", 64 to a page.
CREATE TABLE audit_hash (
  page   BIGINT PRIMARY KEY,
  hashes BLOB   NOT NULL
);

CREATE TABLE audit_checkpoint (
  size BIGINT PRIMARY KEY,
  note TEXT   NOT NULL -- the signed note
);

-- State changes that are in the tree and not yet known to be on the event stream.
CREATE TABLE audit_outbox (
  first BIGINT PRIMARY KEY,
  last  BIGINT NOT NULL,
  node  TEXT   NOT NULL, -- which process publishes them
  time  BIGINT NOT NULL
);

-- One row, locked by the node that extends the tree.
CREATE TABLE audit_turn (one BIGINT PRIMARY KEY);
INSERT INTO audit_turn (one) VALUES (1);
