"""The simulated company and its vendors, behind real HTTP on loopback.

Belongs here: everything that makes up data, plays a vendor's protocol or injects a fault. Imports `model` only; nobody
imports it but the command line and the tests. Written from the vendors' documents, never from the connectors.
"""
