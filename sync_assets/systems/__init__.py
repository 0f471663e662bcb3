"""FLOOR 4. One folder per system: its charter, its streams as data, its pages, its mappings. Nothing is registered.

A folder here holds `spec.py` with a module-level `SYSTEM`; that is all it takes for its assets, gates, sensors and
settings to exist. A system never imports another.
"""
