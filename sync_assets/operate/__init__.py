"""CEILING. How the graph is operated from a shell: its home, runs, backfills, long-lived services, first aid.

Used by the command line only. Not here: what assets do.
"""
