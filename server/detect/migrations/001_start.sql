-- +goose Up

-- One row that every batch updates first: batches and closings follow one another, on several nodes too.
CREATE TABLE detect_turn (
  one     BIGINT PRIMARY KEY,
  batches BIGINT NOT NULL
);
INSERT INTO detect_turn (one, batches) VALUES (1, 0);

-- The searchable copy of the event stream. Its primary key is also how an event that is delivered twice is known.
CREATE TABLE detect_event (
  id                TEXT   PRIMARY KEY,
  time              BIGINT NOT NULL,
  type              TEXT   NOT NULL,
  severity          TEXT   NOT NULL,
  initiator_kind    TEXT   NOT NULL,
  initiator_id      TEXT   NOT NULL,
  initiator_name    TEXT   NOT NULL,
  initiator_address TEXT   NOT NULL,
  receiver_kind     TEXT   NOT NULL,
  receiver_id       TEXT   NOT NULL,
  receiver_name     TEXT   NOT NULL,
  receiver_address  TEXT   NOT NULL,
  body              BLOB   NOT NULL -- the event as JSON
);
CREATE INDEX detect_event_time ON detect_event (time, id);
CREATE INDEX detect_event_type ON detect_event (type, time);
CREATE INDEX detect_event_initiator ON detect_event (initiator_id, time);
CREATE INDEX detect_event_receiver ON detect_event (receiver_id, time);

-- How far each subject is on its way to an alert of a rule.
CREATE TABLE detect_counter (
  rule    TEXT   NOT NULL,
  subject TEXT   NOT NULL, -- kind:id
  horizon BIGINT NOT NULL, -- events up to this time no longer count
  marks   TEXT   NOT NULL, -- JSON: the events that count, by time
  weight  BIGINT NOT NULL, -- how many events count; the lightest and coldest is forgotten first
  touched BIGINT NOT NULL, -- when the last event arrived
  PRIMARY KEY (rule, subject)
);
CREATE INDEX detect_counter_cold ON detect_counter (rule, weight, touched);
CREATE INDEX detect_counter_touched ON detect_counter (touched);

-- How many subjects were forgotten for want of room.
CREATE TABLE detect_evicted (
  rule     TEXT   PRIMARY KEY,
  subjects BIGINT NOT NULL
);

CREATE TABLE detect_alert (
  id              TEXT   PRIMARY KEY,
  rule            TEXT   NOT NULL,
  control         TEXT   NOT NULL,
  title           TEXT   NOT NULL,
  severity        TEXT   NOT NULL,
  text            TEXT   NOT NULL,
  state           TEXT   NOT NULL, -- open, acknowledged, closed
  subject_kind    TEXT   NOT NULL,
  subject_id      TEXT   NOT NULL,
  subject_name    TEXT   NOT NULL,
  subject_address TEXT   NOT NULL,
  count           BIGINT NOT NULL,
  first           BIGINT NOT NULL, -- event times
  last            BIGINT NOT NULL,
  raised          BIGINT NOT NULL,
  notified        BIGINT NOT NULL,
  owner           TEXT   NOT NULL,
  acknowledged    BIGINT NOT NULL,
  closed          BIGINT NOT NULL,
  closed_by       TEXT   NOT NULL,
  cleared         BIGINT NOT NULL, -- when the condition was seen to be over
  cause           TEXT   NOT NULL,
  remedy          TEXT   NOT NULL,
  events          TEXT   NOT NULL  -- JSON: ids of the first and last events
);
CREATE UNIQUE INDEX detect_alert_open ON detect_alert (rule, subject_kind, subject_id) WHERE state <> 'closed';
CREATE INDEX detect_alert_raised ON detect_alert (raised, id);
CREATE INDEX detect_alert_subject ON detect_alert (subject_id, raised);

-- Thresholds that differ from the shelf's.
CREATE TABLE detect_rule (
  id        TEXT   PRIMARY KEY,
  threshold BIGINT NOT NULL,
  seconds   BIGINT NOT NULL,
  routes    TEXT   NOT NULL -- JSON: names; empty means every route by severity
);

-- Where alerts go. The secret is sealed.
CREATE TABLE detect_route (
  name   TEXT PRIMARY KEY,
  body   TEXT NOT NULL,
  secret BLOB NOT NULL
);

-- What is to be delivered, tried again until it arrives or has failed for good.
CREATE TABLE detect_delivery (
  id      TEXT   PRIMARY KEY,
  alert   TEXT   NOT NULL,
  route   TEXT   NOT NULL,
  state   TEXT   NOT NULL, -- pending, delivered, failed, dropped
  tries   BIGINT NOT NULL,
  due     BIGINT NOT NULL,
  error   TEXT   NOT NULL,
  created BIGINT NOT NULL,
  done    BIGINT NOT NULL
);
CREATE INDEX detect_delivery_due ON detect_delivery (state, route, due);
CREATE INDEX detect_delivery_alert ON detect_delivery (alert);
