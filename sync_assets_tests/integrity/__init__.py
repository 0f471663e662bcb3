"""The top floor: the ledger, its reports, and the trace of one record."""
