-- +goose Up
-- What a file says itself, as it was read; it is part of the record's digest.
ALTER TABLE records_evidence ADD COLUMN facts TEXT NOT NULL DEFAULT '';
