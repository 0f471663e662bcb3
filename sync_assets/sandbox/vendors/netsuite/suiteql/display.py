"""`BUILTIN.DF` and `BUILTIN.CF`: what the account displays for an id, a status or a type, and its full code.

Belongs here: which column refers to which table, and the words of statuses and types.
Source: Oracle online help, SuiteQL Built-in Functions; statuses as `CustInvc:A` and `Invoice : Open` in public queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_assets.sandbox.vendors.netsuite.defaults import TYPES
from sync_assets.sandbox.vendors.netsuite.errors import bad_query
from sync_assets.sandbox.vendors.netsuite.masters import TABLES
from sync_assets.sandbox.vendors.netsuite.schema import Kind
from sync_assets.sandbox.vendors.netsuite.suiteql.pieces import Piece, as_text, quoted, select
from sync_assets.sandbox.vendors.netsuite.suiteql.tree import Call, Name
from sync_assets.sandbox.vendors.netsuite.suiteql.words import UNSUPPORTED

if TYPE_CHECKING:
    from sync_assets.sandbox.vendors.netsuite.suiteql.names import Found
    from sync_assets.sandbox.vendors.netsuite.suiteql.writer import Writer

_REFERENCES = {
    "transaction": "transaction createdfrom previousdoc nextdoc reversal",
    "customer": "entity",
    "subsidiary": "subsidiary",
    "currency": "currency primarycurrency",
    "accountingperiod": "postingperiod",
    "account": "account incomeaccount expenseaccount assetaccount deferralaccount receivablesaccount",
    "item": "item",
    "term": "terms",
    "accountingbook": "accountingbook",
}
TABLE_OF = {column: table for table, columns in _REFERENCES.items() for column in columns.split()}


def builtin(writer: Writer, node: Call) -> Piece:
    """The display value (DF) or full code (CF) of a column."""
    if len(node.arguments) != 1 or node.name not in ("BUILTIN.DF", "BUILTIN.CF"):
        raise bad_query(UNSUPPORTED)
    argument = node.arguments[0]
    piece = writer.say(argument)
    if not isinstance(argument, Name):
        return as_text(piece, writer.facts)
    found = writer.scope.find(argument.table, argument.column)
    if found.column == "status" and "type" in found.source.columns:
        return _status(found, full=node.name == "BUILTIN.CF")
    return as_text(piece, writer.facts) if node.name == "BUILTIN.CF" else _displayed(writer, piece, found)


def _displayed(writer: Writer, piece: Piece, found: Found) -> Piece:
    if found.column == "type":
        return _words(found, {code: kind.title for code, kind in TYPES.items()})
    if piece.kind is Kind.BOOLEAN:
        return _words(found, {"T": "Yes", "F": "No"})
    referred = found.source.table if found.column == "parent" else TABLE_OF.get(found.column)
    if referred is None or piece.kind is not Kind.INTEGER:
        return as_text(piece, writer.facts)
    display = TABLES[referred].display
    sql = select(f'df."{display}"', f'"{referred}" AS df WHERE df."id" = {piece.sql}')
    return Piece(sql=f"({sql})", kind=Kind.TEXT)


def _words(found: Found, words: dict[str, str]) -> Piece:
    branches = " ".join(f"WHEN {quoted(code)} THEN {quoted(word)}" for code, word in words.items())
    return Piece(sql=f"CASE {found.sql} {branches} ELSE {found.sql} END", kind=Kind.TEXT)


def _status(found: Found, *, full: bool) -> Piece:
    kind = f'"{found.source.alias}"."type"'
    if full:
        return Piece(sql=f"({kind} || ':' || {found.sql})", kind=Kind.TEXT)
    words = {
        f"{code}:{letter}": f"{kind.title} : {name}"
        for code, kind in TYPES.items()
        for letter, name in kind.statuses.items()
    }
    branches = " ".join(f"WHEN {quoted(code)} THEN {quoted(word)}" for code, word in words.items())
    return Piece(sql=f"CASE {kind} || ':' || {found.sql} {branches} ELSE {found.sql} END", kind=Kind.TEXT)
