"""How a customer becomes known: in billing first, then within minutes to payments, product and ERP."""

from sync_assets.sandbox.company.catalogue import CURRENCIES
from sync_assets.sandbox.company.company import Company, random_id
from sync_assets.sandbox.company.nouns import Customer


def register(company: Company, customer: Customer) -> None:
    """Create the billing customer, once; its copies follow."""
    if customer.billing_id:
        return
    customer.billing_id = f"fw-{customer.number:05d}"
    company.systems.billing.put("customers", _billing_record(customer))
    for child in company.children(customer):
        if child.billing_id:
            company.systems.billing.put("customers", {"id": child.billing_id, "relationship": _under(customer, child)})
    rng = customer.rng
    company.later(rng, (20, 90), lambda: _register_product(company, customer))
    company.later(rng, (120, 600), lambda: _register_erp(company, customer))
    if customer.pays_by == "card":
        customer.stripe_id = random_id(rng, "cus_", 14)
        company.later(rng, (5, 20), lambda: _register_payments(company, customer))


def link_of(salesforce_id: str, *, short: bool) -> str:
    """A CRM id as billing's custom field holds it: 18 characters, or the older form of 15."""
    return salesforce_id[:15] if short else salesforce_id


def _billing_record(customer: Customer) -> dict[str, object]:
    profile = customer.profile
    record: dict[str, object] = {
        "id": customer.billing_id,
        "company": profile.legal_name,
        "first_name": "Accounts",
        "last_name": "Payable",
        "email": profile.email,
        "auto_collection": "on" if customer.pays_by == "card" else "off",
        "net_term_days": customer.net_days,
        "preferred_currency_code": customer.currency,
        "vat_number": profile.tax_id,
        "business_entity_id": customer.entity.code,
        "card_status": "valid" if customer.pays_by == "card" else "no_card",
        "billing_address": {
            "company": profile.legal_name,
            "city": profile.city,
            "country": profile.country,
            "validation_status": "not_validated",
            "object": "billing_address",
        },
    }
    if customer.account_id:
        record["cf_salesforce_account_id"] = link_of(customer.account_id, short=customer.short_ids)
    if customer.self_serve:
        record["cf_source"] = "self_serve"
    if customer.parent and customer.parent.billing_id:
        record["relationship"] = _under(customer.parent, customer)
    return record


def _under(parent: Customer, child: Customer) -> dict[str, object]:
    """How billing says that a customer belongs to another one and still pays for itself."""
    owner = {"payment_owner_id": child.billing_id, "invoice_owner_id": child.billing_id}
    return {"parent_id": parent.billing_id, **owner}


def _register_payments(company: Company, customer: Customer) -> None:
    profile = customer.profile
    company.systems.payments.put(
        "customers",
        {
            "id": customer.stripe_id,
            "name": profile.legal_name,
            "email": profile.email,
            "currency": customer.currency.lower(),
            "address": {
                "city": profile.city,
                "country": profile.country,
                "line1": None,
                "line2": None,
                "postal_code": None,
                "state": None,
            },
            "metadata": {"chargebee_customer_id": customer.billing_id},
        },
    )


def _register_erp(company: Company, customer: Customer) -> None:
    profile = customer.profile
    customer.erp_id = company.number("erp_customer")
    record = {
        "id": customer.erp_id,
        "entityid": f"C{customer.erp_id} {profile.name}",
        "companyname": profile.legal_name,
        "externalid": f"chargebee_customer_{customer.billing_id}",
        "email": profile.email,
        "url": f"https://www.{profile.domain}",
        "subsidiary": customer.booked_by.subsidiary,
        "currency": CURRENCIES[customer.currency],
        "terms": customer.net_days + 1,
        "parent": customer.parent.erp_id or None if customer.parent else None,
        "vatregnumber": profile.tax_id,
        "defaulttaxreg": profile.tax_id,
    }
    company.systems.erp.put("customer", record)
    for child in company.children(customer):
        if child.erp_id:
            company.systems.erp.put("customer", {"id": child.erp_id, "parent": customer.erp_id})


def _register_product(company: Company, customer: Customer) -> None:
    record = {"key": customer.billing_id, "name": customer.profile.legal_name, "currency": customer.currency}
    subjects = {"subjectKeys": [subscription.id for subscription in customer.subscriptions]}
    record["primaryEmail"] = customer.profile.email
    company.systems.product.put("customers", {**record, "usageAttribution": subjects})
