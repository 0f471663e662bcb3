"""FLOOR 1. One Postgres: where it runs, its tables and migrations, every statement that matters, named and described.

The only home of `sqlalchemy` and `psycopg`. Identifiers come from `model/entities.py` and this package, not from data.
"""
