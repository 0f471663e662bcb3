"""The simulated company: customers, deals, subscriptions, invoices, money and usage as they happen, minute by minute.

Belongs here: what the business does and in which order it reaches each system, written through the vendors' `put`.
Everything is consistent to the cent; what goes wrong is told in `sandbox.defects`. No HTTP, no vendor's protocol.
"""
