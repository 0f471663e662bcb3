"""FLOOR 4. Which customer records are the same customer: explicit references first, then exact keys; with evidence."""
