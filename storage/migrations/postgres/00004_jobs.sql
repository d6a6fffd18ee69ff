-- Only PostgreSQL's: a counter's row would make every transaction that plans an
-- effect wait for the one before.

-- +goose Up
CREATE SEQUENCE job_ids;
