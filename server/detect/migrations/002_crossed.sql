-- +goose Up

-- The time of the event that crossed the rule's threshold: what the alert's delay is counted from.
ALTER TABLE detect_alert ADD COLUMN crossed BIGINT NOT NULL DEFAULT 0;
UPDATE detect_alert SET crossed = raised;
