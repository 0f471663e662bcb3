"""sync-assets: which records disagree between systems, since when, worth how much, and where the truth was lost."""
