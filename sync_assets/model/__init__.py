"""FLOOR 0. The business in plain Python: entities, money, days, keys, roles and ownership, verdicts and breaks, errors.

Standard library only; knows no vendor, no database, no HTTP and no Dagster.
"""
