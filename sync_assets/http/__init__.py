"""FLOOR 1. One HTTP conversation with a system: client, authentication, retry, origin, strict decoding.

The only home of `requests`. Knows no vendor and no database; the rate budget is handed in.
"""
