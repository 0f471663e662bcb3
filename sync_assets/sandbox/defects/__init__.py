"""What goes wrong in the simulated company on purpose, by failure class, and what only looks wrong.

Belongs here: one function per class that lets a customer's business take a wrong turn where it happens in reality, and
records the truth. A new class is one function marked with its name and facts, in any module here. Benign
twins stand beside, in modules of their own.
"""
