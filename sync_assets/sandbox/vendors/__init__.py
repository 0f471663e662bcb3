"""The simulated vendors, one module or folder each: a vendor's own protocol over the records of its shelf.

Belongs here: wire shapes, paging, authentication, errors and oddities of one vendor, written from that vendor's public
documents and client package. No business of the simulated company, no transport fault, nothing of the connectors; a
vendor never imports another vendor.
"""
