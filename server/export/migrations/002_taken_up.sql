-- +goose Up
-- A pack that is interrupted is taken up again, for the same moment, by whichever node is free.
ALTER TABLE export_job ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE export_job ADD COLUMN node TEXT NOT NULL DEFAULT '';     -- process that makes it
ALTER TABLE export_job ADD COLUMN beat BIGINT NOT NULL DEFAULT 0;    -- when that last said so
ALTER TABLE export_job ADD COLUMN moment BIGINT NOT NULL DEFAULT 0;  -- that the first attempt read, where none was asked for
ALTER TABLE export_job ADD COLUMN progress TEXT NOT NULL DEFAULT ''; -- JSON
-- The files of packs, where several nodes share the database.
CREATE TABLE export_chunk (
  job  TEXT   NOT NULL,
  file TEXT   NOT NULL,
  n    BIGINT NOT NULL,
  box  BLOB   NOT NULL,
  PRIMARY KEY (job, file, n)
);
