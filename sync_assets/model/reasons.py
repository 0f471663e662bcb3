"""The closed list of dead-letter reasons. Each has an owner and a runbook line; `other` does not exist."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a record was set aside: what it means for a person, and whether reading it again later can help."""

    meaning: str
    owner: str = "DE"
    retryable: bool = False


REASONS: dict[str, Reason] = {
    "transport_exhausted": Reason(meaning="the system did not answer after the allowed attempts", retryable=True),
    "auth": Reason(meaning="the system refused our credentials", retryable=True),
    "forbidden": Reason(meaning="our user may not see this record", retryable=True),
    "not_json": Reason(meaning="the answer is not JSON", retryable=True),
    "encoding": Reason(meaning="the bytes are not valid UTF-8"),
    "too_large": Reason(meaning="the record is larger than the limit"),
    "depth": Reason(meaning="the record is nested deeper than the limit"),
    "dup_key": Reason(meaning="the record names one field twice"),
    "missing_field": Reason(meaning="a field that every such record has is absent"),
    "type": Reason(meaning="a field has another type than documented"),
    "unknown_enum": Reason(meaning="a field has a value that the vendor's document does not list"),
    "unknown_type": Reason(meaning="a kind of record or event that is not documented"),
    "not_finite": Reason(meaning="a number is not a number or infinite"),
    "number_size": Reason(meaning="a number has more digits than can be kept exactly"),
    "currency": Reason(meaning="the currency is not an ISO 4217 code", owner="FI"),
    "money_scale": Reason(meaning="an amount has more decimals than its currency", owner="FI"),
    "date": Reason(meaning="a date does not exist"),
    "tz_unknown": Reason(meaning="a time without a time zone"),
    "missing_parent": Reason(meaning="the record belongs to one that was never read", retryable=True),
    "id_reuse": Reason(meaning="an id was given to another record"),
    "same_version_diff": Reason(meaning="one version of a record came with two different contents"),
    "wrong_account": Reason(meaning="the record belongs to another account"),
    "poison": Reason(meaning="reading the record stopped the program three times"),
}
"""Reason code to its meaning. The codes of governed writes join when writes do."""
