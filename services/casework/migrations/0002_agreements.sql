-- Organisations that the person took their agreement back from since it was last recorded anew.
ALTER TABLE cases ADD COLUMN revoked text[] NOT NULL DEFAULT '{}';
