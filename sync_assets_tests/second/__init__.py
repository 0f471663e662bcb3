"""A second company, written from the vendors' documents alone: proof that the product knows no sandbox.

Belongs here: the company as data and stories, what each story should make the product say, and the run that checks it.
"""
