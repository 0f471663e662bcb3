ALTER TABLE canonical."order" ADD COLUMN ends_with TEXT;

ALTER TABLE canonical."order" ADD COLUMN follows_id TEXT;

ALTER TABLE canonical."order" ADD COLUMN organisation_id TEXT;

ALTER TABLE canonical.order_history ADD COLUMN ends_with TEXT;

ALTER TABLE canonical.order_history ADD COLUMN follows_id TEXT;

ALTER TABLE canonical.order_history ADD COLUMN organisation_id TEXT;
