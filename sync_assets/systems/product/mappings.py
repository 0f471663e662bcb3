"""Which fields of the platform's lists become which entities. Declared here; what they mean is in canonical.py.

Loads no pandas: every mapping is named, and imported when it is first used.
"""

from sync_assets.connect.declare import columns
from sync_assets.connect.spec import Mapped, later

_CANONICAL = "sync_assets.systems.product.canonical"

USAGE = Mapped(
    entity="usage",
    columns=columns(
        "event_id=event.id! source=event.source! subject=event.subject! type=event.type! time=event.time:iso "
        "data=event.data:record meters:list ingested_at=ingestedAt:iso! stored_at=storedAt:iso"
    ),
    to=later(_CANONICAL, "to_usage"),
)
METER = Mapped(
    entity="meter",
    columns=columns("slug! event_type=eventType! aggregation! value_property=valueProperty name"),
    to=later(_CANONICAL, "to_meter"),
)
ENTITLEMENT = Mapped(
    entity="entitlement",
    columns=columns(
        "subject=subjectKey! feature=featureKey! type! limit=issueAfterReset:decimal starts_at=activeFrom:iso "
        "ends_at=activeTo:iso created_at=createdAt:iso config"
    ),
    to=later(_CANONICAL, "to_entitlement"),
)
