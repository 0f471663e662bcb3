CREATE TABLE sync.known_page (
	stream_id SMALLINT NOT NULL,
	records_hash BYTEA NOT NULL,
	version_ids BIGINT[] NOT NULL,
	PRIMARY KEY (stream_id, records_hash)
);

COMMENT ON TABLE sync.known_page IS 'Which versions the records of a page were when it was landed: the same records again need no reading.';
