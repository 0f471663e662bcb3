"""What rules write briefly in their selects, and what stands there when they are run.

`/*roots b*/` is where the roots, rows of `b`, may be limited; `/*root b*/` names the root that `b` is, its entity and
its customer; `/*at b*/` says that `b` is the copy where it went wrong.
"""

import re

_MARKER = re.compile(r"/\*(roots|root|at) ([a-z])\*/")
_COLUMNS = {
    "root": (
        "{0}.record_id AS root_id, {0}.system || ':' || {0}.record_id AS entity_id, "
        "{0}.system || ':' || {0}.customer_id AS customer_id"
    ),
    "at": "{0}.system AS at_system, {0}.record_id AS at_record_id",
}
_LIMITS = {"roots": "AND {0}.record_id = ANY(:roots)"}
_OF_DEALS = "/*order roots s*/"
_LIMIT_OF_DEALS = "AND s.order_id = ANY(ARRAY(SELECT 'crm:' || root FROM unnest(:roots) AS root))"


def written_out(select: str, *, is_limited: bool) -> str:
    """The select with its markers replaced; its roots limited to the parameter `:roots`, or free."""
    meant = {**_COLUMNS, **(_LIMITS if is_limited else dict.fromkeys(_LIMITS, ""))}
    select = select.replace(_OF_DEALS, _LIMIT_OF_DEALS if is_limited else "")
    return _MARKER.sub(lambda marker: meant[marker[1]].format(marker[2]), select)
