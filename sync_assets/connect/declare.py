"""Columns of a mapping declared as one line of words instead of a page of calls.

Belongs here: the grammar of that line. Not here: what kinds of values there are (connect/kinds.py).
"""

from sync_assets.connect.spec import Column


def columns(declaration: str, *, under: str = "") -> tuple[Column, ...]:
    """Columns from words `name`, `name=path`, `name:kind` or `name=path:kind`; a closing `!` marks a required one.

    `name=path@SETTING` lets a setting of the system name the last step of the path; with
    `name=@SETTING` there is no such field until the setting names one.

    `under` is a path put before each path that does not start with `/`: the same fields, found deeper.

    >>> columns("id! paid=amount_paid:integer")[1].path
    'amount_paid'
    """
    return tuple(_column(word, under) for word in declaration.split())


def _column(word: str, under: str) -> Column:
    name, _, kind = word.rstrip("!").partition(":")
    name, _, path = name.partition("=")
    path, _, setting = (path or name).partition("@")
    if under and not path.startswith("/"):
        path = f"{under}.{path}"
    return Column(name=name, path=path, kind=kind or "text", required=word.endswith("!"), setting=setting)
