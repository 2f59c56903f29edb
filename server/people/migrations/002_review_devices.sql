-- +goose Up
-- Devices are lines too (kind 'device', account holds the device's id): thousands of them, so they are read page by page.
ALTER TABLE people_review_line ADD COLUMN type TEXT NOT NULL DEFAULT '';
ALTER TABLE people_review_line ADD COLUMN site TEXT NOT NULL DEFAULT '';
ALTER TABLE people_review_line ADD COLUMN state TEXT NOT NULL DEFAULT ''; -- of the device, when the review last looked
CREATE INDEX people_review_line_name ON people_review_line (review, name, account);
CREATE INDEX people_review_line_kind ON people_review_line (review, kind, decision);
ALTER TABLE people_review ADD COLUMN swept BIGINT NOT NULL DEFAULT 0; -- when the devices were last looked at; 0: never
