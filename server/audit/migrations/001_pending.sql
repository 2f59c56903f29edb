-- +goose Up
CREATE TABLE audit_pending (
  id   TEXT   PRIMARY KEY, -- the event's UUIDv7: sorts by the time it was made
  body BLOB   NOT NULL     -- the event as JSON, exactly the bytes that become the leaf
);
