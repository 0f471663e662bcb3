"""The brake on what a single look at a source may take away or change: past it, a source is not believed. Pure.

Not here: what becomes of records that are held back (vanished.py, audit.py, audit_contents.py).
"""

AT_LEAST, ONE_IN = 50, 100


def believable(stored: int) -> int:
    """How many of so many records may be gone, or be otherwise, at once: fifty, or one in a hundred of many.

    A permission that was taken away, or a vendor's new form of its records, looks just like many deletions or changes.
    """
    return max(AT_LEAST, stored // ONE_IN)
