"""Which customer a usage subject belongs to: by the customer's own key or its usage attribution.

Source: OpenMeter customer usage attribution (subjectKeys, and the customer's key), meterevent/adapter/event.go.
"""

from dataclasses import dataclass, field

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.product.resources import Resources


@dataclass(kw_only=True)
class Attribution:
    """The customers of a platform by subject, kept until a customer changes."""

    resources: Resources
    _by_subject: dict[str, Record] = field(default_factory=dict)
    _of: list[Record] = field(default_factory=list)

    def customer_of(self, subject: str) -> Record | None:
        """The living customer of a subject."""
        living = self.resources.settled("customers").ordered("createdAt", with_deleted=False)
        if living is not self._of:
            self._of = living
            self._by_subject = {name: customer for customer in living for name in subjects_of(customer)}
        return self._by_subject.get(subject)


def subjects_of(customer: Record) -> list[str]:
    """The subjects whose usage is the customer's."""
    attributed = (customer.get("usageAttribution") or {}).get("subjectKeys", [])
    return [*attributed, *([customer["key"]] if customer.get("key") else [])]
