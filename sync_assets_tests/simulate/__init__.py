"""A company's life with everything that goes wrong in it, replayed from a seed; and what must hold after each day."""
