"""FLOOR 5. Where it breaks: the ledger for people, one record's trace, the milestones of each deal, reports."""
