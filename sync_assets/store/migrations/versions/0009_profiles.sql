CREATE TABLE identity.profile (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	name TEXT,
	words TEXT,
	street TEXT,
	city TEXT,
	postcode TEXT,
	region TEXT,
	country TEXT,
	tax_id TEXT,
	domain TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX profile_city ON identity.profile (city, substr(name, 1, 3)) WHERE city IS NOT NULL;

CREATE INDEX profile_domain ON identity.profile (domain) WHERE domain IS NOT NULL;

CREATE INDEX profile_postcode ON identity.profile (postcode, city) WHERE postcode IS NOT NULL;

CREATE INDEX profile_street ON identity.profile (region, substr(street, 1, 9)) WHERE region IS NOT NULL;

CREATE INDEX profile_tax ON identity.profile (tax_id) WHERE tax_id IS NOT NULL;

CREATE INDEX profile_words ON identity.profile (words) WHERE words IS NOT NULL;

COMMENT ON TABLE identity.profile IS 'What each standing customer record says of its company, made plain, and the change that last altered it.';

DELETE FROM sync.consumed WHERE consumer = 'identity' AND entity = 'customer';
