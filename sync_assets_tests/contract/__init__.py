"""Contracts of the simulated vendors: each is driven over real HTTP by the client package that others wrote for it."""
