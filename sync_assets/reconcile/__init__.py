"""FLOOR 4. Do the copies agree? Rules as data, evaluated on what changed, with the verdict that time allows.

Rules name roles, never systems. Not here: reading the ledger of breaks for people (integrity/).
"""
