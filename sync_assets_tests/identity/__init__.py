"""Which customer records are the same customer."""
