"""FLOOR 3. What any system is, and the protocol by which it is read: spec, extract, conform, audit, assets.

Names no vendor: what is a vendor's own lives in its folder under `systems/`.
"""
