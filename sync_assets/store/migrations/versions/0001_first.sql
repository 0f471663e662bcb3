CREATE SCHEMA raw;

CREATE SCHEMA canonical;

CREATE SCHEMA identity;

CREATE SCHEMA integrity;

CREATE SEQUENCE canonical.change;

CREATE TABLE canonical.allocation (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	payment_id TEXT NOT NULL,
	document_id TEXT NOT NULL,
	document_kind TEXT NOT NULL,
	amount_minor BIGINT NOT NULL,
	currency TEXT,
	status TEXT,
	applied_at TIMESTAMP WITH TIME ZONE,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX allocation_change ON canonical.allocation (change_id);

CREATE INDEX allocation_document_id ON canonical.allocation (document_id);

CREATE INDEX allocation_payment_id ON canonical.allocation (system, payment_id);

COMMENT ON TABLE canonical.allocation IS 'Each system''s current copy of allocation; observed_at is when we came to know it.';

CREATE TABLE canonical.allocation_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	payment_id TEXT NOT NULL,
	document_id TEXT NOT NULL,
	document_kind TEXT NOT NULL,
	amount_minor BIGINT NOT NULL,
	currency TEXT,
	status TEXT,
	applied_at TIMESTAMP WITH TIME ZONE,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX allocation_history_record ON canonical.allocation_history (system, record_id);

COMMENT ON TABLE canonical.allocation_history IS 'Former copies of allocation, with the time during which each was what we knew.';

CREATE TABLE canonical.billed_usage (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	price_id TEXT NOT NULL,
	used_on DATE,
	used_at TIMESTAMP WITH TIME ZONE,
	quantity NUMERIC NOT NULL,
	invoice_id TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX billed_usage_change ON canonical.billed_usage (change_id);

CREATE INDEX billed_usage_subscription_id ON canonical.billed_usage (subscription_id);

COMMENT ON TABLE canonical.billed_usage IS 'Each system''s current copy of billed_usage; observed_at is when we came to know it.';

CREATE TABLE canonical.billed_usage_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	price_id TEXT NOT NULL,
	used_on DATE,
	used_at TIMESTAMP WITH TIME ZONE,
	quantity NUMERIC NOT NULL,
	invoice_id TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX billed_usage_history_record ON canonical.billed_usage_history (system, record_id);

COMMENT ON TABLE canonical.billed_usage_history IS 'Former copies of billed_usage, with the time during which each was what we knew.';

CREATE TABLE canonical.contract (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	status TEXT,
	starts_on DATE,
	ends_on DATE,
	number TEXT,
	order_id TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX contract_change ON canonical.contract (change_id);

CREATE INDEX contract_customer_id ON canonical.contract (customer_id);

COMMENT ON TABLE canonical.contract IS 'Each system''s current copy of contract; observed_at is when we came to know it.';

CREATE TABLE canonical.contract_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	status TEXT,
	starts_on DATE,
	ends_on DATE,
	number TEXT,
	order_id TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX contract_history_record ON canonical.contract_history (system, record_id);

COMMENT ON TABLE canonical.contract_history IS 'Former copies of contract, with the time during which each was what we knew.';

CREATE TABLE canonical.credit_note (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	copy_of TEXT,
	invoice_id TEXT,
	customer_id TEXT NOT NULL,
	reason TEXT,
	kind TEXT,
	status TEXT NOT NULL,
	is_void BOOLEAN NOT NULL,
	is_posted BOOLEAN,
	issued_at TIMESTAMP WITH TIME ZONE,
	issued_on DATE,
	currency TEXT NOT NULL,
	tax_minor BIGINT,
	total_minor BIGINT NOT NULL,
	allocated_minor BIGINT,
	refunded_minor BIGINT,
	available_minor BIGINT,
	period_id TEXT,
	number TEXT,
	origin TEXT,
	legal_entity TEXT,
	exchange_rate NUMERIC,
	created_at TIMESTAMP WITH TIME ZONE,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX credit_note_change ON canonical.credit_note (change_id);

CREATE INDEX credit_note_copy_of ON canonical.credit_note (copy_of);

CREATE INDEX credit_note_customer_id ON canonical.credit_note (customer_id);

CREATE INDEX credit_note_invoice_id ON canonical.credit_note (invoice_id);

COMMENT ON TABLE canonical.credit_note IS 'Each system''s current copy of credit_note; observed_at is when we came to know it.';

CREATE TABLE canonical.credit_note_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	copy_of TEXT,
	invoice_id TEXT,
	customer_id TEXT NOT NULL,
	reason TEXT,
	kind TEXT,
	status TEXT NOT NULL,
	is_void BOOLEAN NOT NULL,
	is_posted BOOLEAN,
	issued_at TIMESTAMP WITH TIME ZONE,
	issued_on DATE,
	currency TEXT NOT NULL,
	tax_minor BIGINT,
	total_minor BIGINT NOT NULL,
	allocated_minor BIGINT,
	refunded_minor BIGINT,
	available_minor BIGINT,
	period_id TEXT,
	number TEXT,
	origin TEXT,
	legal_entity TEXT,
	exchange_rate NUMERIC,
	created_at TIMESTAMP WITH TIME ZONE,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX credit_note_history_record ON canonical.credit_note_history (system, record_id);

COMMENT ON TABLE canonical.credit_note_history IS 'Former copies of credit_note, with the time during which each was what we knew.';

CREATE TABLE canonical.currency (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	code TEXT NOT NULL,
	name TEXT,
	exchange_rate NUMERIC,
	is_base BOOLEAN,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX currency_change ON canonical.currency (change_id);

COMMENT ON TABLE canonical.currency IS 'Each system''s current copy of currency; observed_at is when we came to know it.';

CREATE TABLE canonical.currency_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	code TEXT NOT NULL,
	name TEXT,
	exchange_rate NUMERIC,
	is_base BOOLEAN,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX currency_history_record ON canonical.currency_history (system, record_id);

COMMENT ON TABLE canonical.currency_history IS 'Former copies of currency, with the time during which each was what we knew.';

CREATE TABLE canonical.customer (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	copy_of TEXT,
	name TEXT,
	legal_name TEXT,
	tax_id TEXT,
	domain TEXT,
	email TEXT,
	country TEXT,
	region TEXT,
	currency TEXT,
	parent_id TEXT,
	legal_entity TEXT,
	status TEXT NOT NULL,
	credit_hold BOOLEAN,
	payment_terms TEXT,
	origin TEXT,
	merged_into TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX customer_change ON canonical.customer (change_id);

CREATE INDEX customer_copy_of ON canonical.customer (copy_of);

CREATE INDEX customer_parent_id ON canonical.customer (parent_id);

CREATE INDEX customer_tax_id ON canonical.customer (tax_id);

COMMENT ON TABLE canonical.customer IS 'Each system''s current copy of customer; observed_at is when we came to know it.';

CREATE TABLE canonical.customer_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	copy_of TEXT,
	name TEXT,
	legal_name TEXT,
	tax_id TEXT,
	domain TEXT,
	email TEXT,
	country TEXT,
	region TEXT,
	currency TEXT,
	parent_id TEXT,
	legal_entity TEXT,
	status TEXT NOT NULL,
	credit_hold BOOLEAN,
	payment_terms TEXT,
	origin TEXT,
	merged_into TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX customer_history_record ON canonical.customer_history (system, record_id);

COMMENT ON TABLE canonical.customer_history IS 'Former copies of customer, with the time during which each was what we knew.';

CREATE TABLE canonical.dispute (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	payment_id TEXT NOT NULL,
	amount_minor BIGINT NOT NULL,
	currency TEXT NOT NULL,
	status TEXT NOT NULL,
	opened_at TIMESTAMP WITH TIME ZONE,
	reason TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX dispute_change ON canonical.dispute (change_id);

CREATE INDEX dispute_payment_id ON canonical.dispute (payment_id);

COMMENT ON TABLE canonical.dispute IS 'Each system''s current copy of dispute; observed_at is when we came to know it.';

CREATE TABLE canonical.dispute_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	payment_id TEXT NOT NULL,
	amount_minor BIGINT NOT NULL,
	currency TEXT NOT NULL,
	status TEXT NOT NULL,
	opened_at TIMESTAMP WITH TIME ZONE,
	reason TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX dispute_history_record ON canonical.dispute_history (system, record_id);

COMMENT ON TABLE canonical.dispute_history IS 'Former copies of dispute, with the time during which each was what we knew.';

CREATE TABLE canonical.document_line (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	document_id TEXT NOT NULL,
	is_main BOOLEAN,
	item_id TEXT,
	account_id TEXT,
	amount_minor BIGINT,
	currency TEXT,
	tax BOOLEAN,
	recognition BOOLEAN,
	quantity NUMERIC,
	unit_price NUMERIC,
	legal_entity TEXT,
	memo TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX document_line_change ON canonical.document_line (change_id);

CREATE INDEX document_line_document_id ON canonical.document_line (system, document_id);

COMMENT ON TABLE canonical.document_line IS 'Each system''s current copy of document_line; observed_at is when we came to know it.';

CREATE TABLE canonical.document_line_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	document_id TEXT NOT NULL,
	is_main BOOLEAN,
	item_id TEXT,
	account_id TEXT,
	amount_minor BIGINT,
	currency TEXT,
	tax BOOLEAN,
	recognition BOOLEAN,
	quantity NUMERIC,
	unit_price NUMERIC,
	legal_entity TEXT,
	memo TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX document_line_history_record ON canonical.document_line_history (system, record_id);

COMMENT ON TABLE canonical.document_line_history IS 'Former copies of document_line, with the time during which each was what we knew.';

CREATE TABLE canonical.entitlement (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	feature TEXT NOT NULL,
	kind TEXT,
	"limit" NUMERIC,
	status TEXT NOT NULL,
	starts_at TIMESTAMP WITH TIME ZONE,
	ends_at TIMESTAMP WITH TIME ZONE,
	customer_id TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX entitlement_change ON canonical.entitlement (change_id);

CREATE INDEX entitlement_subscription_id ON canonical.entitlement (subscription_id);

COMMENT ON TABLE canonical.entitlement IS 'Each system''s current copy of entitlement; observed_at is when we came to know it.';

CREATE TABLE canonical.entitlement_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	feature TEXT NOT NULL,
	kind TEXT,
	"limit" NUMERIC,
	status TEXT NOT NULL,
	starts_at TIMESTAMP WITH TIME ZONE,
	ends_at TIMESTAMP WITH TIME ZONE,
	customer_id TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX entitlement_history_record ON canonical.entitlement_history (system, record_id);

COMMENT ON TABLE canonical.entitlement_history IS 'Former copies of entitlement, with the time during which each was what we knew.';

CREATE TABLE canonical.invoice (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	copy_of TEXT,
	customer_id TEXT NOT NULL,
	subscription_id TEXT,
	number TEXT,
	status TEXT NOT NULL,
	is_void BOOLEAN NOT NULL,
	is_posted BOOLEAN,
	issued_at TIMESTAMP WITH TIME ZONE,
	issued_on DATE,
	due_on DATE,
	finalised_at TIMESTAMP WITH TIME ZONE,
	paid_at TIMESTAMP WITH TIME ZONE,
	voided_at TIMESTAMP WITH TIME ZONE,
	currency TEXT NOT NULL,
	subtotal_minor BIGINT,
	discount_minor BIGINT,
	tax_minor BIGINT,
	total_minor BIGINT NOT NULL,
	paid_minor BIGINT,
	credited_minor BIGINT,
	written_off_minor BIGINT,
	due_minor BIGINT,
	round_off_minor BIGINT,
	legal_entity TEXT,
	period_id TEXT,
	origin TEXT,
	exchange_rate NUMERIC,
	created_at TIMESTAMP WITH TIME ZONE,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX invoice_change ON canonical.invoice (change_id);

CREATE INDEX invoice_copy_of ON canonical.invoice (copy_of);

CREATE INDEX invoice_customer_id ON canonical.invoice (customer_id);

CREATE INDEX invoice_subscription_id ON canonical.invoice (subscription_id);

COMMENT ON TABLE canonical.invoice IS 'Each system''s current copy of invoice; observed_at is when we came to know it.';

CREATE TABLE canonical.invoice_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	copy_of TEXT,
	customer_id TEXT NOT NULL,
	subscription_id TEXT,
	number TEXT,
	status TEXT NOT NULL,
	is_void BOOLEAN NOT NULL,
	is_posted BOOLEAN,
	issued_at TIMESTAMP WITH TIME ZONE,
	issued_on DATE,
	due_on DATE,
	finalised_at TIMESTAMP WITH TIME ZONE,
	paid_at TIMESTAMP WITH TIME ZONE,
	voided_at TIMESTAMP WITH TIME ZONE,
	currency TEXT NOT NULL,
	subtotal_minor BIGINT,
	discount_minor BIGINT,
	tax_minor BIGINT,
	total_minor BIGINT NOT NULL,
	paid_minor BIGINT,
	credited_minor BIGINT,
	written_off_minor BIGINT,
	due_minor BIGINT,
	round_off_minor BIGINT,
	legal_entity TEXT,
	period_id TEXT,
	origin TEXT,
	exchange_rate NUMERIC,
	created_at TIMESTAMP WITH TIME ZONE,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX invoice_history_record ON canonical.invoice_history (system, record_id);

COMMENT ON TABLE canonical.invoice_history IS 'Former copies of invoice, with the time during which each was what we knew.';

CREATE TABLE canonical.invoice_line (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	invoice_id TEXT NOT NULL,
	subscription_id TEXT,
	product_id TEXT,
	price_id TEXT,
	kind TEXT,
	starts_at TIMESTAMP WITH TIME ZONE,
	ends_at TIMESTAMP WITH TIME ZONE,
	quantity NUMERIC,
	unit_price NUMERIC,
	amount_minor BIGINT,
	discount_minor BIGINT,
	tax_minor BIGINT,
	currency TEXT,
	proration BOOLEAN,
	description TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX invoice_line_change ON canonical.invoice_line (change_id);

CREATE INDEX invoice_line_invoice_id ON canonical.invoice_line (system, invoice_id);

CREATE INDEX invoice_line_subscription_id ON canonical.invoice_line (subscription_id);

COMMENT ON TABLE canonical.invoice_line IS 'Each system''s current copy of invoice_line; observed_at is when we came to know it.';

CREATE TABLE canonical.invoice_line_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	invoice_id TEXT NOT NULL,
	subscription_id TEXT,
	product_id TEXT,
	price_id TEXT,
	kind TEXT,
	starts_at TIMESTAMP WITH TIME ZONE,
	ends_at TIMESTAMP WITH TIME ZONE,
	quantity NUMERIC,
	unit_price NUMERIC,
	amount_minor BIGINT,
	discount_minor BIGINT,
	tax_minor BIGINT,
	currency TEXT,
	proration BOOLEAN,
	description TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX invoice_line_history_record ON canonical.invoice_line_history (system, record_id);

COMMENT ON TABLE canonical.invoice_line_history IS 'Former copies of invoice_line, with the time during which each was what we knew.';

CREATE TABLE canonical.journal (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	number TEXT,
	kind TEXT NOT NULL,
	issued_on DATE,
	is_posted BOOLEAN,
	period_id TEXT,
	currency TEXT,
	memo TEXT,
	legal_entity TEXT,
	status TEXT,
	customer_id TEXT,
	exchange_rate NUMERIC,
	external_id TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX journal_change ON canonical.journal (change_id);

CREATE INDEX journal_customer_id ON canonical.journal (customer_id);

CREATE INDEX journal_period_id ON canonical.journal (period_id);

COMMENT ON TABLE canonical.journal IS 'Each system''s current copy of journal; observed_at is when we came to know it.';

CREATE TABLE canonical.journal_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	number TEXT,
	kind TEXT NOT NULL,
	issued_on DATE,
	is_posted BOOLEAN,
	period_id TEXT,
	currency TEXT,
	memo TEXT,
	legal_entity TEXT,
	status TEXT,
	customer_id TEXT,
	exchange_rate NUMERIC,
	external_id TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX journal_history_record ON canonical.journal_history (system, record_id);

COMMENT ON TABLE canonical.journal_history IS 'Former copies of journal, with the time during which each was what we knew.';

CREATE TABLE canonical.ledger_account (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	number TEXT,
	name TEXT,
	kind TEXT NOT NULL,
	currency TEXT,
	is_inactive BOOLEAN,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX ledger_account_change ON canonical.ledger_account (change_id);

CREATE INDEX ledger_account_kind ON canonical.ledger_account (kind);

COMMENT ON TABLE canonical.ledger_account IS 'Each system''s current copy of ledger_account; observed_at is when we came to know it.';

CREATE TABLE canonical.ledger_account_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	number TEXT,
	name TEXT,
	kind TEXT NOT NULL,
	currency TEXT,
	is_inactive BOOLEAN,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX ledger_account_history_record ON canonical.ledger_account_history (system, record_id);

COMMENT ON TABLE canonical.ledger_account_history IS 'Former copies of ledger_account, with the time during which each was what we knew.';

CREATE TABLE canonical.legal_entity (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	copy_of TEXT,
	name TEXT,
	currency TEXT,
	country TEXT,
	parent_id TEXT,
	time_zone TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX legal_entity_change ON canonical.legal_entity (change_id);

COMMENT ON TABLE canonical.legal_entity IS 'Each system''s current copy of legal_entity; observed_at is when we came to know it.';

CREATE TABLE canonical.legal_entity_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	copy_of TEXT,
	name TEXT,
	currency TEXT,
	country TEXT,
	parent_id TEXT,
	time_zone TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX legal_entity_history_record ON canonical.legal_entity_history (system, record_id);

COMMENT ON TABLE canonical.legal_entity_history IS 'Former copies of legal_entity, with the time during which each was what we knew.';

CREATE TABLE canonical.meter (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	feature TEXT,
	event_type TEXT NOT NULL,
	aggregation TEXT NOT NULL,
	value_property TEXT,
	name TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX meter_change ON canonical.meter (change_id);

CREATE INDEX meter_event_type ON canonical.meter (event_type);

COMMENT ON TABLE canonical.meter IS 'Each system''s current copy of meter; observed_at is when we came to know it.';

CREATE TABLE canonical.meter_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	feature TEXT,
	event_type TEXT NOT NULL,
	aggregation TEXT NOT NULL,
	value_property TEXT,
	name TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX meter_history_record ON canonical.meter_history (system, record_id);

COMMENT ON TABLE canonical.meter_history IS 'Former copies of meter, with the time during which each was what we knew.';

CREATE TABLE canonical."order" (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	customer_id TEXT,
	contract_id TEXT,
	kind TEXT NOT NULL,
	deal_id TEXT,
	amends_id TEXT,
	status TEXT NOT NULL,
	won_at TIMESTAMP WITH TIME ZONE,
	won_on DATE,
	starts_on DATE,
	ends_on DATE,
	currency TEXT,
	amount_minor BIGINT,
	legal_entity TEXT,
	number TEXT,
	uplift_on DATE,
	uplift_percent NUMERIC,
	accepted_on DATE,
	discount_limit_percent NUMERIC,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX order_change ON canonical."order" (change_id);

CREATE INDEX order_customer_id ON canonical."order" (customer_id);

CREATE INDEX order_deal_id ON canonical."order" (deal_id);

COMMENT ON TABLE canonical."order" IS 'Each system''s current copy of order; observed_at is when we came to know it.';

CREATE TABLE canonical.order_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	customer_id TEXT,
	contract_id TEXT,
	kind TEXT NOT NULL,
	deal_id TEXT,
	amends_id TEXT,
	status TEXT NOT NULL,
	won_at TIMESTAMP WITH TIME ZONE,
	won_on DATE,
	starts_on DATE,
	ends_on DATE,
	currency TEXT,
	amount_minor BIGINT,
	legal_entity TEXT,
	number TEXT,
	uplift_on DATE,
	uplift_percent NUMERIC,
	accepted_on DATE,
	discount_limit_percent NUMERIC,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX order_history_record ON canonical.order_history (system, record_id);

COMMENT ON TABLE canonical.order_history IS 'Former copies of order, with the time during which each was what we knew.';

CREATE TABLE canonical.order_line (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	order_id TEXT NOT NULL,
	product_id TEXT,
	sku TEXT,
	quantity NUMERIC,
	unit_price NUMERIC,
	discount_percent NUMERIC,
	amount_minor BIGINT,
	currency TEXT,
	starts_on DATE,
	ends_on DATE,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX order_line_change ON canonical.order_line (change_id);

CREATE INDEX order_line_order_id ON canonical.order_line (system, order_id);

COMMENT ON TABLE canonical.order_line IS 'Each system''s current copy of order_line; observed_at is when we came to know it.';

CREATE TABLE canonical.order_line_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	order_id TEXT NOT NULL,
	product_id TEXT,
	sku TEXT,
	quantity NUMERIC,
	unit_price NUMERIC,
	discount_percent NUMERIC,
	amount_minor BIGINT,
	currency TEXT,
	starts_on DATE,
	ends_on DATE,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX order_line_history_record ON canonical.order_line_history (system, record_id);

COMMENT ON TABLE canonical.order_line_history IS 'Former copies of order_line, with the time during which each was what we knew.';

CREATE TABLE canonical.payment (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	copy_of TEXT,
	customer_id TEXT,
	kind TEXT,
	status TEXT NOT NULL,
	amount_minor BIGINT NOT NULL,
	refunded_minor BIGINT,
	currency TEXT NOT NULL,
	fee_minor BIGINT,
	settled_at TIMESTAMP WITH TIME ZONE,
	created_at TIMESTAMP WITH TIME ZONE,
	settled_on DATE,
	method TEXT,
	processor_reference TEXT,
	invoice_id TEXT,
	intent_id TEXT,
	is_posted BOOLEAN,
	period_id TEXT,
	is_disputed BOOLEAN,
	exchange_rate NUMERIC,
	available_minor BIGINT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX payment_change ON canonical.payment (change_id);

CREATE INDEX payment_copy_of ON canonical.payment (copy_of);

CREATE INDEX payment_customer_id ON canonical.payment (customer_id);

CREATE INDEX payment_intent_id ON canonical.payment (intent_id);

CREATE INDEX payment_processor_reference ON canonical.payment (processor_reference);

COMMENT ON TABLE canonical.payment IS 'Each system''s current copy of payment; observed_at is when we came to know it.';

CREATE TABLE canonical.payment_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	copy_of TEXT,
	customer_id TEXT,
	kind TEXT,
	status TEXT NOT NULL,
	amount_minor BIGINT NOT NULL,
	refunded_minor BIGINT,
	currency TEXT NOT NULL,
	fee_minor BIGINT,
	settled_at TIMESTAMP WITH TIME ZONE,
	created_at TIMESTAMP WITH TIME ZONE,
	settled_on DATE,
	method TEXT,
	processor_reference TEXT,
	invoice_id TEXT,
	intent_id TEXT,
	is_posted BOOLEAN,
	period_id TEXT,
	is_disputed BOOLEAN,
	exchange_rate NUMERIC,
	available_minor BIGINT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX payment_history_record ON canonical.payment_history (system, record_id);

COMMENT ON TABLE canonical.payment_history IS 'Former copies of payment, with the time during which each was what we knew.';

CREATE TABLE canonical.payout (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	copy_of TEXT,
	amount_minor BIGINT NOT NULL,
	currency TEXT NOT NULL,
	status TEXT NOT NULL,
	arrival_on DATE,
	automatic BOOLEAN,
	reconciliation TEXT,
	created_at TIMESTAMP WITH TIME ZONE,
	is_posted BOOLEAN,
	period_id TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX payout_change ON canonical.payout (change_id);

CREATE INDEX payout_copy_of ON canonical.payout (copy_of);

COMMENT ON TABLE canonical.payout IS 'Each system''s current copy of payout; observed_at is when we came to know it.';

CREATE TABLE canonical.payout_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	copy_of TEXT,
	amount_minor BIGINT NOT NULL,
	currency TEXT NOT NULL,
	status TEXT NOT NULL,
	arrival_on DATE,
	automatic BOOLEAN,
	reconciliation TEXT,
	created_at TIMESTAMP WITH TIME ZONE,
	is_posted BOOLEAN,
	period_id TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX payout_history_record ON canonical.payout_history (system, record_id);

COMMENT ON TABLE canonical.payout_history IS 'Former copies of payout, with the time during which each was what we knew.';

CREATE TABLE canonical.period (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	name TEXT,
	starts_on DATE NOT NULL,
	ends_on DATE NOT NULL,
	is_closed BOOLEAN,
	is_locked BOOLEAN,
	is_quarter BOOLEAN,
	is_year BOOLEAN,
	closed_on DATE,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX period_change ON canonical.period (change_id);

COMMENT ON TABLE canonical.period IS 'Each system''s current copy of period; observed_at is when we came to know it.';

CREATE TABLE canonical.period_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	name TEXT,
	starts_on DATE NOT NULL,
	ends_on DATE NOT NULL,
	is_closed BOOLEAN,
	is_locked BOOLEAN,
	is_quarter BOOLEAN,
	is_year BOOLEAN,
	closed_on DATE,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX period_history_record ON canonical.period_history (system, record_id);

COMMENT ON TABLE canonical.period_history IS 'Former copies of period, with the time during which each was what we knew.';

CREATE TABLE canonical.posting (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	document_id TEXT NOT NULL,
	line_id TEXT,
	book TEXT NOT NULL,
	account_id TEXT,
	debit_minor BIGINT,
	credit_minor BIGINT,
	currency TEXT,
	amount_minor BIGINT,
	exchange_rate NUMERIC,
	is_posting BOOLEAN NOT NULL,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX posting_account_id ON canonical.posting (account_id);

CREATE INDEX posting_change ON canonical.posting (change_id);

CREATE INDEX posting_document_id ON canonical.posting (system, document_id);

COMMENT ON TABLE canonical.posting IS 'Each system''s current copy of posting; observed_at is when we came to know it.';

CREATE TABLE canonical.posting_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	document_id TEXT NOT NULL,
	line_id TEXT,
	book TEXT NOT NULL,
	account_id TEXT,
	debit_minor BIGINT,
	credit_minor BIGINT,
	currency TEXT,
	amount_minor BIGINT,
	exchange_rate NUMERIC,
	is_posting BOOLEAN NOT NULL,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX posting_history_record ON canonical.posting_history (system, record_id);

COMMENT ON TABLE canonical.posting_history IS 'Former copies of posting, with the time during which each was what we knew.';

CREATE TABLE canonical.price (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	currency TEXT,
	unit_price NUMERIC,
	model TEXT NOT NULL,
	period BIGINT,
	period_unit TEXT,
	metered BOOLEAN,
	status TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX price_change ON canonical.price (change_id);

CREATE INDEX price_product_id ON canonical.price (product_id);

COMMENT ON TABLE canonical.price IS 'Each system''s current copy of price; observed_at is when we came to know it.';

CREATE TABLE canonical.price_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	currency TEXT,
	unit_price NUMERIC,
	model TEXT NOT NULL,
	period BIGINT,
	period_unit TEXT,
	metered BOOLEAN,
	status TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX price_history_record ON canonical.price_history (system, record_id);

COMMENT ON TABLE canonical.price_history IS 'Former copies of price, with the time during which each was what we knew.';

CREATE TABLE canonical.product (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	sku TEXT,
	name TEXT,
	status TEXT NOT NULL,
	metered BOOLEAN,
	income_account_id TEXT,
	deferral_account_id TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX product_change ON canonical.product (change_id);

CREATE INDEX product_sku ON canonical.product (sku);

COMMENT ON TABLE canonical.product IS 'Each system''s current copy of product; observed_at is when we came to know it.';

CREATE TABLE canonical.product_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	sku TEXT,
	name TEXT,
	status TEXT NOT NULL,
	metered BOOLEAN,
	income_account_id TEXT,
	deferral_account_id TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX product_history_record ON canonical.product_history (system, record_id);

COMMENT ON TABLE canonical.product_history IS 'Former copies of product, with the time during which each was what we knew.';

CREATE TABLE canonical.refund (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	copy_of TEXT,
	payment_id TEXT,
	customer_id TEXT,
	credit_note_id TEXT,
	amount_minor BIGINT NOT NULL,
	currency TEXT NOT NULL,
	status TEXT NOT NULL,
	refunded_at TIMESTAMP WITH TIME ZONE,
	processor_reference TEXT,
	reason TEXT,
	is_posted BOOLEAN,
	period_id TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX refund_change ON canonical.refund (change_id);

CREATE INDEX refund_copy_of ON canonical.refund (copy_of);

CREATE INDEX refund_customer_id ON canonical.refund (customer_id);

CREATE INDEX refund_payment_id ON canonical.refund (payment_id);

CREATE INDEX refund_processor_reference ON canonical.refund (processor_reference);

COMMENT ON TABLE canonical.refund IS 'Each system''s current copy of refund; observed_at is when we came to know it.';

CREATE TABLE canonical.refund_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	copy_of TEXT,
	payment_id TEXT,
	customer_id TEXT,
	credit_note_id TEXT,
	amount_minor BIGINT NOT NULL,
	currency TEXT NOT NULL,
	status TEXT NOT NULL,
	refunded_at TIMESTAMP WITH TIME ZONE,
	processor_reference TEXT,
	reason TEXT,
	is_posted BOOLEAN,
	period_id TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX refund_history_record ON canonical.refund_history (system, record_id);

COMMENT ON TABLE canonical.refund_history IS 'Former copies of refund, with the time during which each was what we knew.';

CREATE TABLE canonical.settlement (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	payout_id TEXT,
	source_id TEXT,
	kind TEXT NOT NULL,
	amount_minor BIGINT NOT NULL,
	fee_minor BIGINT NOT NULL,
	net_minor BIGINT NOT NULL,
	currency TEXT NOT NULL,
	available_on DATE,
	created_at TIMESTAMP WITH TIME ZONE,
	status TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX settlement_change ON canonical.settlement (change_id);

CREATE INDEX settlement_payout_id ON canonical.settlement (payout_id);

CREATE INDEX settlement_source_id ON canonical.settlement (source_id);

COMMENT ON TABLE canonical.settlement IS 'Each system''s current copy of settlement; observed_at is when we came to know it.';

CREATE TABLE canonical.settlement_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	payout_id TEXT,
	source_id TEXT,
	kind TEXT NOT NULL,
	amount_minor BIGINT NOT NULL,
	fee_minor BIGINT NOT NULL,
	net_minor BIGINT NOT NULL,
	currency TEXT NOT NULL,
	available_on DATE,
	created_at TIMESTAMP WITH TIME ZONE,
	status TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX settlement_history_record ON canonical.settlement_history (system, record_id);

COMMENT ON TABLE canonical.settlement_history IS 'Former copies of settlement, with the time during which each was what we knew.';

CREATE TABLE canonical.subscription (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	order_id TEXT,
	status TEXT NOT NULL,
	started_at TIMESTAMP WITH TIME ZONE,
	ends_at TIMESTAMP WITH TIME ZONE,
	cancelled_at TIMESTAMP WITH TIME ZONE,
	term_starts_at TIMESTAMP WITH TIME ZONE,
	term_ends_at TIMESTAMP WITH TIME ZONE,
	next_billing_at TIMESTAMP WITH TIME ZONE,
	currency TEXT NOT NULL,
	period BIGINT,
	period_unit TEXT,
	mrr_minor BIGINT,
	auto_renew BOOLEAN,
	origin TEXT,
	legal_entity TEXT,
	purchase_order TEXT,
	created_at TIMESTAMP WITH TIME ZONE,
	contract_starts_at TIMESTAMP WITH TIME ZONE,
	contract_ends_at TIMESTAMP WITH TIME ZONE,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX subscription_change ON canonical.subscription (change_id);

CREATE INDEX subscription_customer_id ON canonical.subscription (customer_id);

CREATE INDEX subscription_order_id ON canonical.subscription (order_id);

COMMENT ON TABLE canonical.subscription IS 'Each system''s current copy of subscription; observed_at is when we came to know it.';

CREATE TABLE canonical.subscription_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	order_id TEXT,
	status TEXT NOT NULL,
	started_at TIMESTAMP WITH TIME ZONE,
	ends_at TIMESTAMP WITH TIME ZONE,
	cancelled_at TIMESTAMP WITH TIME ZONE,
	term_starts_at TIMESTAMP WITH TIME ZONE,
	term_ends_at TIMESTAMP WITH TIME ZONE,
	next_billing_at TIMESTAMP WITH TIME ZONE,
	currency TEXT NOT NULL,
	period BIGINT,
	period_unit TEXT,
	mrr_minor BIGINT,
	auto_renew BOOLEAN,
	origin TEXT,
	legal_entity TEXT,
	purchase_order TEXT,
	created_at TIMESTAMP WITH TIME ZONE,
	contract_starts_at TIMESTAMP WITH TIME ZONE,
	contract_ends_at TIMESTAMP WITH TIME ZONE,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX subscription_history_record ON canonical.subscription_history (system, record_id);

COMMENT ON TABLE canonical.subscription_history IS 'Former copies of subscription, with the time during which each was what we knew.';

CREATE TABLE canonical.subscription_item (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	price_id TEXT NOT NULL,
	product_id TEXT,
	kind TEXT NOT NULL,
	quantity NUMERIC,
	unit_price NUMERIC,
	amount_minor BIGINT,
	currency TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX subscription_item_change ON canonical.subscription_item (change_id);

CREATE INDEX subscription_item_price_id ON canonical.subscription_item (price_id);

CREATE INDEX subscription_item_subscription_id ON canonical.subscription_item (system, subscription_id);

COMMENT ON TABLE canonical.subscription_item IS 'Each system''s current copy of subscription_item; observed_at is when we came to know it.';

CREATE TABLE canonical.subscription_item_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	price_id TEXT NOT NULL,
	product_id TEXT,
	kind TEXT NOT NULL,
	quantity NUMERIC,
	unit_price NUMERIC,
	amount_minor BIGINT,
	currency TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX subscription_item_history_record ON canonical.subscription_item_history (system, record_id);

COMMENT ON TABLE canonical.subscription_item_history IS 'Former copies of subscription_item, with the time during which each was what we knew.';

CREATE TABLE canonical.subscription_version (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	known_at TIMESTAMP WITH TIME ZONE NOT NULL,
	status TEXT,
	price_id TEXT,
	kind TEXT,
	quantity NUMERIC,
	unit_price NUMERIC,
	currency TEXT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX subscription_version_change ON canonical.subscription_version (change_id);

CREATE INDEX subscription_version_subscription_id ON canonical.subscription_version (subscription_id);

COMMENT ON TABLE canonical.subscription_version IS 'Each system''s current copy of subscription_version; observed_at is when we came to know it.';

CREATE TABLE canonical.subscription_version_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	known_at TIMESTAMP WITH TIME ZONE NOT NULL,
	status TEXT,
	price_id TEXT,
	kind TEXT,
	quantity NUMERIC,
	unit_price NUMERIC,
	currency TEXT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX subscription_version_history_record ON canonical.subscription_version_history (system, record_id);

COMMENT ON TABLE canonical.subscription_version_history IS 'Former copies of subscription_version, with the time during which each was what we knew.';

CREATE TABLE canonical.term (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	name TEXT,
	days BIGINT,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX term_change ON canonical.term (change_id);

COMMENT ON TABLE canonical.term IS 'Each system''s current copy of term; observed_at is when we came to know it.';

CREATE TABLE canonical.term_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	name TEXT,
	days BIGINT,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX term_history_record ON canonical.term_history (system, record_id);

COMMENT ON TABLE canonical.term_history IS 'Former copies of term, with the time during which each was what we knew.';

CREATE TABLE canonical.usage (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	event_id TEXT NOT NULL,
	source TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	meter TEXT NOT NULL,
	quantity NUMERIC,
	occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
	stored_at TIMESTAMP WITH TIME ZONE NOT NULL,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX usage_change ON canonical.usage (change_id);

CREATE INDEX usage_subscription_id ON canonical.usage (subscription_id);

COMMENT ON TABLE canonical.usage IS 'Each system''s current copy of usage; observed_at is when we came to know it.';

CREATE TABLE canonical.usage_history (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	version_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	from_record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	event_id TEXT NOT NULL,
	source TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	meter TEXT NOT NULL,
	quantity NUMERIC,
	occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
	stored_at TIMESTAMP WITH TIME ZONE NOT NULL,
	change_id BIGINT NOT NULL,
	known_to TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX usage_history_record ON canonical.usage_history (system, record_id);

COMMENT ON TABLE canonical.usage_history IS 'Former copies of usage, with the time during which each was what we knew.';

CREATE TABLE identity.customer (
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	rule TEXT NOT NULL,
	score NUMERIC NOT NULL,
	evidence JSONB NOT NULL,
	linked_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (system, record_id)
);

CREATE INDEX customer_members ON identity.customer (customer_id);

COMMENT ON TABLE identity.customer IS 'Which customer each system''s customer record is, by which rule, with which evidence.';

CREATE TABLE integrity.alert (
	key TEXT NOT NULL,
	owner TEXT NOT NULL,
	told_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	PRIMARY KEY (key)
);

COMMENT ON TABLE integrity.alert IS 'What an owner was told: a break opened or aged, a sensor fell silent.';

CREATE TABLE integrity.break_event (
	event_id BIGINT GENERATED BY DEFAULT AS IDENTITY,
	break_id TEXT NOT NULL,
	event TEXT NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	run_id TEXT,
	detail JSONB NOT NULL,
	PRIMARY KEY (event_id)
);

CREATE INDEX break_event_break ON integrity.break_event (break_id);

COMMENT ON TABLE integrity.break_event IS 'What happened to each break, in order.';

CREATE TABLE integrity.break_record (
	break_id TEXT NOT NULL,
	system TEXT NOT NULL,
	record_id TEXT NOT NULL,
	PRIMARY KEY (break_id, system, record_id)
);

CREATE INDEX break_record_record ON integrity.break_record (system, record_id);

COMMENT ON TABLE integrity.break_record IS 'Which records each break is about: breaks that share one may explain each other.';

CREATE TABLE integrity.breaks (
	break_id TEXT NOT NULL,
	rule TEXT NOT NULL,
	root_id TEXT NOT NULL,
	class TEXT NOT NULL,
	title TEXT NOT NULL,
	verdict TEXT NOT NULL,
	owner TEXT NOT NULL,
	entity TEXT NOT NULL,
	entity_id TEXT NOT NULL,
	customer_id TEXT,
	records JSONB NOT NULL,
	expected TEXT NOT NULL,
	found TEXT NOT NULL,
	currency TEXT,
	money_at_risk_minor BIGINT NOT NULL,
	forward_minor BIGINT DEFAULT '0' NOT NULL,
	kind TEXT NOT NULL,
	caused_by TEXT,
	hop TEXT NOT NULL,
	system TEXT NOT NULL,
	record_id TEXT,
	field TEXT NOT NULL,
	happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
	diverged_at TIMESTAMP WITH TIME ZONE NOT NULL,
	run_id TEXT,
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	closed_at TIMESTAMP WITH TIME ZONE,
	explanation TEXT NOT NULL,
	PRIMARY KEY (break_id)
);

CREATE INDEX breaks_entity ON integrity.breaks (entity_id);

CREATE INDEX breaks_open ON integrity.breaks (rule, root_id) WHERE closed_at IS NULL;

COMMENT ON TABLE integrity.breaks IS 'The ledger of breaks: opened, seen, closed by itself when the copies agree again.';

CREATE TABLE integrity.judged (
	rule TEXT NOT NULL,
	fingerprint TEXT NOT NULL,
	streams TEXT[] NOT NULL,
	unknowable TEXT,
	complete_through TIMESTAMP WITH TIME ZONE,
	judged_at TIMESTAMP WITH TIME ZONE,
	run_id TEXT NOT NULL,
	PRIMARY KEY (rule)
);

COMMENT ON TABLE integrity.judged IS 'When each rule was last judged, through when what it needs was complete, and what it lacks if anything.';

CREATE TABLE integrity.quote_to_cash (
	deal_id TEXT NOT NULL,
	customer_id TEXT,
	account_at TIMESTAMP WITH TIME ZONE,
	order_accepted_at TIMESTAMP WITH TIME ZONE,
	subscription_active_at TIMESTAMP WITH TIME ZONE,
	invoice_issued_at TIMESTAMP WITH TIME ZONE,
	payment_settled_at TIMESTAMP WITH TIME ZONE,
	posted_at TIMESTAMP WITH TIME ZONE,
	missing TEXT NOT NULL,
	evaluated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	PRIMARY KEY (deal_id)
);

COMMENT ON TABLE integrity.quote_to_cash IS 'The milestones of every deal with their times, and the first one that is missing.';

CREATE TABLE integrity.waiting (
	rule TEXT NOT NULL,
	break_id TEXT NOT NULL,
	root_id TEXT NOT NULL,
	verdict TEXT NOT NULL,
	happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
	due_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (rule, break_id)
);

CREATE INDEX waiting_due ON integrity.waiting (rule, due_at);

COMMENT ON TABLE integrity.waiting IS 'What looks wrong but may still be on its way, and when it must be looked at again.';

CREATE TABLE raw.head (
	stream_id SMALLINT NOT NULL,
	record_id TEXT NOT NULL,
	version_id BIGINT NOT NULL,
	content_hash BYTEA NOT NULL,
	rank BIGINT NOT NULL,
	is_deleted BOOLEAN NOT NULL,
	PRIMARY KEY (stream_id, record_id)
);

COMMENT ON TABLE raw.head IS 'The newest version of each record.';

CREATE TABLE raw.page (
	page_id BIGINT GENERATED BY DEFAULT AS IDENTITY,
	window_id BIGINT NOT NULL,
	fetched_at TIMESTAMP WITH TIME ZONE NOT NULL,
	body BYTEA NOT NULL,
	exact_bytes INTEGER NOT NULL,
	sha256 BYTEA NOT NULL,
	PRIMARY KEY (page_id)
);

COMMENT ON TABLE raw.page IS 'The exact bytes of each page that brought something new, zstd compressed, then composed records if any.';

CREATE TABLE raw.version (
	stream_id SMALLINT NOT NULL,
	version_id BIGINT GENERATED BY DEFAULT AS IDENTITY,
	record_id TEXT NOT NULL,
	content_hash BYTEA NOT NULL,
	rank BIGINT NOT NULL,
	stamped_at TIMESTAMP WITH TIME ZONE,
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	page_id BIGINT NOT NULL,
	start INTEGER NOT NULL,
	length INTEGER NOT NULL,
	is_deleted BOOLEAN NOT NULL,
	merged_into TEXT,
	PRIMARY KEY (stream_id, version_id)
);

CREATE INDEX version_deleted ON raw.version (stream_id, observed_at) WHERE is_deleted;

COMMENT ON TABLE raw.version IS 'Every distinct version of every record, pointing into its page; `rank` orders versions of one record.';

CREATE TABLE sync.beat (
	name TEXT NOT NULL,
	beat_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	PRIMARY KEY (name)
);

COMMENT ON TABLE sync.beat IS 'When each sensor and schedule last ticked.';

CREATE TABLE sync.budget (
	system TEXT NOT NULL,
	next_free_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (system)
);

COMMENT ON TABLE sync.budget IS 'One request rate per system, shared by all processes.';

CREATE TABLE sync.consumed (
	consumer TEXT NOT NULL,
	entity TEXT NOT NULL,
	change_id BIGINT NOT NULL,
	PRIMARY KEY (consumer, entity)
);

COMMENT ON TABLE sync.consumed IS 'How far each consumer has taken the changes of each entity.';

CREATE TABLE sync.dead_letter (
	dead_letter_id BIGINT GENERATED BY DEFAULT AS IDENTITY,
	stream_id SMALLINT NOT NULL,
	record_id TEXT NOT NULL,
	content_hash BYTEA NOT NULL,
	entity TEXT NOT NULL,
	reason TEXT NOT NULL,
	field TEXT DEFAULT '' NOT NULL,
	page_id BIGINT NOT NULL,
	start INTEGER NOT NULL,
	length INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	resolved_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (dead_letter_id),
	UNIQUE (stream_id, record_id, content_hash, entity, reason)
);

COMMENT ON TABLE sync.dead_letter IS 'Records that could not be read or mapped, with the reason and where their exact bytes are.';

CREATE TABLE sync.field_profile (
	stream_id SMALLINT NOT NULL,
	field TEXT NOT NULL,
	types JSONB NOT NULL,
	records BIGINT NOT NULL,
	PRIMARY KEY (stream_id, field)
);

COMMENT ON TABLE sync.field_profile IS 'Which fields a stream has shown, with how often each JSON type was seen.';

CREATE TABLE sync.gate (
	gate_id BIGINT GENERATED BY DEFAULT AS IDENTITY,
	asset TEXT NOT NULL,
	check_name TEXT NOT NULL,
	run_id TEXT NOT NULL,
	decided_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	outcome TEXT NOT NULL,
	explanation JSONB NOT NULL,
	PRIMARY KEY (gate_id)
);

CREATE INDEX gate_latest ON sync.gate (asset, check_name, gate_id);

COMMENT ON TABLE sync.gate IS 'Every outcome of every gate; whoever reads a gated table asserts the latest.';

CREATE TABLE sync.gate_override (
	override_id BIGINT GENERATED BY DEFAULT AS IDENTITY,
	asset TEXT NOT NULL,
	made_by TEXT NOT NULL,
	approver TEXT NOT NULL,
	reason TEXT NOT NULL,
	until DATE NOT NULL,
	made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	PRIMARY KEY (override_id)
);

CREATE INDEX gate_override_latest ON sync.gate_override (asset, override_id);

COMMENT ON TABLE sync.gate_override IS 'Who let data pass a closed gate, why, and through which day.';

CREATE TABLE sync.probe (
	system TEXT NOT NULL,
	marker TEXT,
	epoch BIGINT DEFAULT '0' NOT NULL,
	probed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	PRIMARY KEY (system)
);

COMMENT ON TABLE sync.probe IS 'What each system''s change probe saw last.';

CREATE TABLE sync.schema_finding (
	finding_id BIGINT GENERATED BY DEFAULT AS IDENTITY,
	stream_id SMALLINT NOT NULL,
	kind TEXT NOT NULL,
	field TEXT NOT NULL,
	was TEXT NOT NULL,
	became TEXT NOT NULL,
	run_id TEXT NOT NULL,
	found_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (finding_id),
	UNIQUE (stream_id, kind, field, became)
);

COMMENT ON TABLE sync.schema_finding IS 'Fields that appeared, vanished, changed type or went null.';

CREATE TABLE sync.stream (
	stream_id SMALLINT GENERATED BY DEFAULT AS IDENTITY,
	system TEXT NOT NULL,
	name TEXT NOT NULL,
	fence BIGINT DEFAULT '0' NOT NULL,
	leased_until TIMESTAMP WITH TIME ZONE,
	leased_by TEXT,
	high_water_at TIMESTAMP WITH TIME ZONE,
	seen_through TIMESTAMP WITH TIME ZONE,
	complete_through TIMESTAMP WITH TIME ZONE,
	read_at TIMESTAMP WITH TIME ZONE,
	conformed_version_id BIGINT DEFAULT '0' NOT NULL,
	lateness_max_s INTEGER DEFAULT '0' NOT NULL,
	PRIMARY KEY (stream_id),
	UNIQUE (system, name)
);

COMMENT ON TABLE sync.stream IS 'One row per stream: who reads it now, how far it is read, how far it is conformed.';

CREATE TABLE sync."window" (
	window_id BIGINT GENERATED BY DEFAULT AS IDENTITY,
	stream_id SMALLINT NOT NULL,
	kind TEXT NOT NULL,
	start_at TIMESTAMP WITH TIME ZONE,
	end_at TIMESTAMP WITH TIME ZONE NOT NULL,
	earliest_at TIMESTAMP WITH TIME ZONE NOT NULL,
	place TEXT,
	covered_until TIMESTAMP WITH TIME ZONE,
	run_id TEXT NOT NULL,
	opened_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	closed_at TIMESTAMP WITH TIME ZONE,
	pages INTEGER DEFAULT '0' NOT NULL,
	records BIGINT DEFAULT '0' NOT NULL,
	changed BIGINT DEFAULT '0' NOT NULL,
	rejected BIGINT DEFAULT '0' NOT NULL,
	PRIMARY KEY (window_id)
);

CREATE UNIQUE INDEX window_open ON sync."window" (stream_id) WHERE closed_at IS NULL AND kind <> 'backfill';

COMMENT ON TABLE sync.window IS 'Every window that was ever read, and the place of the open ones.';
