-- +goose Up
-- When a line's account or device was last kept, for the check that none goes a year without a review (GVN-04).
CREATE INDEX people_review_line_kept ON people_review_line (account, decision, at);
