"""FLOOR 2. May a table pass? Great Expectations suites derived from the entities, their outcome as check and as row.

The only home of `great_expectations`, which is imported where a table is validated and nowhere else: importing it
costs as much as a whole run without changes.
"""
