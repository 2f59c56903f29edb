-- +goose Up
-- The audit entry that says what the row holds.
ALTER TABLE records_item ADD COLUMN entry TEXT NOT NULL DEFAULT '';
ALTER TABLE records_register ADD COLUMN entry TEXT NOT NULL DEFAULT '';
ALTER TABLE records_ack ADD COLUMN entry TEXT NOT NULL DEFAULT '';
