"""What the org says about itself: versions, resources, limits, objects and their columns.

Source: REST API Developer Guide (versions, resources by version, limits, describe global, sObject describe).
"""

from typing import Any

from sync_assets.sandbox.vendors.salesforce.columns import visible_fields
from sync_assets.sandbox.vendors.salesforce.org import Org
from sync_assets.sandbox.vendors.salesforce.schema import Field, SObject

VERSION_OLDEST, VERSION_NEWEST = 31, 67
"""Versions alive, Summer '14 to Summer '26: 21 to 30 were retired. Source: help.salesforce.com article 000354473."""

_SEASONS = ("Winter", "Spring", "Summer")
_SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "currency": "xsd:double",
    "double": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}
_LENGTH = {"id": 18, "reference": 18, "textarea": 32000, "picklist": 255, "email": 80, "phone": 40}
_SCALED = {"currency": (18, 2), "double": (18, 4), "percent": (5, 2)}
_RESOURCES = ("query", "queryAll", "limits", "sobjects", "jobs")


def versions() -> list[dict[str, str]]:
    """The API versions that are alive, three a year since Winter '15 (v32.0)."""
    found = []
    for number in range(VERSION_OLDEST, VERSION_NEWEST + 1):
        years, season = divmod(number - 32, 3)
        label = f"{_SEASONS[season]} '{15 + years}"
        found.append({"label": label, "url": f"/services/data/v{number}.0", "version": f"{number}.0"})
    return found


def resources(version: str) -> dict[str, str]:
    """The resources of a version."""
    return {name: f"/services/data/{version}/{name}" for name in _RESOURCES}


def limits(used: int, allowed: int) -> dict[str, dict[str, int]]:
    """The org's daily limits."""
    return {
        "DailyApiRequests": {"Max": allowed, "Remaining": max(0, allowed - used)},
        "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
        "DailyBulkV2QueryFileStorageMB": {"Max": 976_562, "Remaining": 976_562},
    }


def organization(org: Org, version: str) -> dict[str, Any]:
    """The org's own settings; it names its currency only where there is one alone.

    Source: Connect REST API Developer Guide, "Organization" (`features.defaultCurrencyIsoCode`).
    """
    many = org.quirks.multi_currency
    features = {"multiCurrency": many, "defaultCurrencyIsoCode": None if many else org.corporate_currency}
    return {
        "orgId": org.org_id,
        "userId": org.user_id,
        "features": features,
        "url": f"/services/data/{version}/connect",
    }


def described_global(org: Org, version: str) -> dict[str, Any]:
    """Every object, in short."""
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [_short(sobject, version) for sobject in org.objects.values()],
    }


def described(org: Org, sobject: SObject, version: str) -> dict[str, Any]:
    """One object with the columns the integration user may see."""
    return {**_short(sobject, version), "fields": [_field(column) for column in visible_fields(org, sobject)]}


def basic(sobject: SObject, version: str) -> dict[str, Any]:
    """One object in short, as the bare sObject resource answers it."""
    return {"objectDescribe": _short(sobject, version), "recentItems": []}


def _short(sobject: SObject, version: str) -> dict[str, Any]:
    path = f"/services/data/{version}/sobjects/{sobject.name}"
    return {
        "name": sobject.name,
        "label": sobject.name,
        "keyPrefix": sobject.prefix,
        "custom": sobject.name.endswith("__c"),
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "createable": True,
        "updateable": True,
        "deletable": True,
        "urls": {"sobject": path, "describe": f"{path}/describe", "rowTemplate": f"{path}/{{ID}}"},
    }


def _field(column: Field) -> dict[str, Any]:
    precision, scale = _SCALED.get(column.kind, (0, 0))
    return {
        "name": column.name,
        "label": column.name,
        "type": column.kind,
        "soapType": _SOAP.get(column.kind, "xsd:string"),
        "length": 0 if column.kind in _SOAP and column.kind not in _LENGTH else _LENGTH.get(column.kind, 255),
        "precision": precision,
        "scale": scale,
        "nillable": column.kind not in {"id", "boolean"},
        "custom": column.name.endswith("__c"),
        "calculated": False,
        "filterable": column.kind not in {"textarea", "address"},
        "sortable": column.kind not in {"textarea", "address"},
        "referenceTo": [column.refers_to] if column.refers_to else [],
        "relationshipName": column.relationship or None,
        "compoundFieldName": None,
        "externalId": False,
    }
