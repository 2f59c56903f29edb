-- +goose Up
CREATE TABLE identity_certificate (
  serial       TEXT    PRIMARY KEY, -- lower-case hex
  subject_kind TEXT    NOT NULL,    -- device, account, server
  subject_id   TEXT    NOT NULL,
  subject_name TEXT    NOT NULL,
  issuer       TEXT    NOT NULL,
  key_hash     TEXT    NOT NULL,    -- SHA-256 of the SubjectPublicKeyInfo, hex
  algorithm    TEXT    NOT NULL,
  not_before   BIGINT  NOT NULL,
  not_after    BIGINT  NOT NULL,
  issued       BIGINT  NOT NULL,
  state        TEXT    NOT NULL,    -- active, superseded, revoked
  enrolled_by  TEXT    NOT NULL,    -- claim, idevid, renewal, setup
  evidence     TEXT    NOT NULL,    -- JSON: what proved the identity before issue
  der          BLOB    NOT NULL,
  superseded   BIGINT  NOT NULL,    -- when, 0 never
  revoked      BIGINT  NOT NULL,    -- when, 0 never
  reason       TEXT    NOT NULL,
  reason_code  BIGINT  NOT NULL,    -- RFC 5280, 5.3.1
  warn_at      BIGINT  NOT NULL     -- when its nearing end is next reported, 0 never
);
CREATE INDEX identity_certificate_subject ON identity_certificate (subject_id, subject_kind, state);
CREATE INDEX identity_certificate_key ON identity_certificate (key_hash);
CREATE INDEX identity_certificate_issued ON identity_certificate (issued, serial);
CREATE INDEX identity_certificate_standing ON identity_certificate (state, not_after);
CREATE INDEX identity_certificate_revoked ON identity_certificate (revoked) WHERE revoked > 0;
CREATE INDEX identity_certificate_warn ON identity_certificate (warn_at) WHERE warn_at > 0;

CREATE TABLE identity_key (
  hash         TEXT    PRIMARY KEY, -- a public key belongs to one subject, for ever
  subject_kind TEXT    NOT NULL,
  subject_id   TEXT    NOT NULL,
  first_used   BIGINT  NOT NULL,
  revoked      BOOLEAN NOT NULL
);
CREATE INDEX identity_key_subject ON identity_key (subject_kind, subject_id);

CREATE TABLE identity_claim (
  id           TEXT    PRIMARY KEY,
  hash         TEXT    NOT NULL UNIQUE, -- SHA-256 of the claim: 256 random bits need no slow hash
  subject_kind TEXT    NOT NULL,
  subject_id   TEXT    NOT NULL,
  created      BIGINT  NOT NULL,
  created_by   TEXT    NOT NULL,
  expires      BIGINT  NOT NULL,
  used         BIGINT  NOT NULL, -- when, 0 never
  serial       TEXT    NOT NULL  -- the certificate that used it up
);
CREATE INDEX identity_claim_subject ON identity_claim (subject_kind, subject_id);
CREATE INDEX identity_claim_expires ON identity_claim (expires);

CREATE TABLE identity_manufacturer (
  id      TEXT   PRIMARY KEY,
  name    TEXT   NOT NULL UNIQUE,
  pem     TEXT   NOT NULL,
  created BIGINT NOT NULL,
  changed BIGINT NOT NULL
);

CREATE TABLE identity_serial (
  manufacturer TEXT    NOT NULL REFERENCES identity_manufacturer (id),
  serial       TEXT    NOT NULL,
  known        BOOLEAN NOT NULL, -- it stands in an uploaded manifest
  type         TEXT    NOT NULL,
  site         TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  device       TEXT    NOT NULL, -- the device it became, empty before
  PRIMARY KEY (manufacturer, serial)
);

CREATE TABLE identity_authority (
  fingerprint TEXT   PRIMARY KEY,
  role        TEXT   NOT NULL, -- root, issuing
  name        TEXT   NOT NULL,
  seen        BIGINT NOT NULL
);

CREATE TABLE identity_policy (
  version BIGINT PRIMARY KEY,
  body    TEXT   NOT NULL,
  since   BIGINT NOT NULL
);

CREATE TABLE identity_crl (
  issuer    TEXT   PRIMARY KEY, -- root, issuing
  number    BIGINT NOT NULL,
  published BIGINT NOT NULL,
  next      BIGINT NOT NULL,
  revoked   BIGINT NOT NULL, -- how many entries
  der       BLOB   NOT NULL
);
