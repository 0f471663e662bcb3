ALTER TABLE canonical."order" ADD COLUMN ends_with TEXT;

ALTER TABLE canonical.order_history ADD COLUMN ends_with TEXT;
