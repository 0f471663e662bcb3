"""Benchmarks: our reading against peers on the same server in one run, in ratios of CPU time.

CPU is that of the client and of the whole Postgres server; the page server runs apart and does not count.
"""
