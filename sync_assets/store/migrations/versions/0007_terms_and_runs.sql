ALTER TABLE canonical."order" ADD COLUMN ends_with TEXT;

ALTER TABLE canonical."order" ADD COLUMN follows_id TEXT;

ALTER TABLE canonical."order" ADD COLUMN organisation_id TEXT;

ALTER TABLE canonical.order_history ADD COLUMN ends_with TEXT;

ALTER TABLE canonical.order_history ADD COLUMN follows_id TEXT;

ALTER TABLE canonical.order_history ADD COLUMN organisation_id TEXT;

ALTER TABLE canonical.journal ADD COLUMN created_at TIMESTAMP WITH TIME ZONE;

ALTER TABLE canonical.journal_history ADD COLUMN created_at TIMESTAMP WITH TIME ZONE;
