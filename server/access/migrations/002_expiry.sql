-- +goose Up
-- When the account ends by itself, and when an access review last kept it; 0: never.
ALTER TABLE access_account ADD COLUMN expires BIGINT NOT NULL DEFAULT 0;
ALTER TABLE access_account ADD COLUMN reviewed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX access_account_expires ON access_account (expires);
