CREATE TABLE identity.record_key (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	side TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (system, record_id, kind)
);

CREATE INDEX record_key_holders ON identity.record_key (kind, value, side);

COMMENT ON TABLE identity.record_key IS 'What each customer record names or can be found by: its reference, tax id, domain and name, made plain.';

DELETE FROM sync.consumed WHERE consumer = 'identity';
