"""Claims about the gates."""
