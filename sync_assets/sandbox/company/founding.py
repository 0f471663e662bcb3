"""What exists before the first customer: catalogue, price book, ledger accounts, currencies, periods, meters."""

from datetime import date, timedelta

from sync_assets.sandbox.company.accounts import ACCOUNTS
from sync_assets.sandbox.company.catalogue import CURRENCIES, LEGAL_ENTITIES, PRODUCTS, Product
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import month_later
from sync_assets.sandbox.company.rates import exchange_rate, major

_CURRENCY_NAMES = {"USD": "US Dollar", "GBP": "British pound", "EUR": "Euro", "JPY": "Japanese Yen"}
_SYMBOLS = {"USD": "$", "GBP": "£", "EUR": "€", "JPY": "¥"}
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_FEATURES = {"seats": "Workspace seats", "priority_support": "Priority support", "api_calls": "API calls"}


def found(company: Company) -> None:
    """Write the company's own records into the five systems."""
    _stock_crm(company)
    for product in PRODUCTS:
        _stock_billing(company, product)
        _stock_erp(company, product)
    _found_ledger(company)
    _found_periods(company)
    _found_product(company)


def _stock_crm(company: Company) -> None:
    crm = company.systems.crm
    company.price_book = crm.new_id("pricebook2")
    crm.put("pricebook2", {"Id": company.price_book, "Name": "Price list", "IsActive": True, "IsStandard": True})
    for product in PRODUCTS:
        _stock_price_book(company, product)


def launch(company: Company, product: Product) -> None:
    """Bring a new product into the price book and into billing; the ERP's item is finance's own work."""
    _stock_price_book(company, product)
    _stock_billing(company, product)


def _stock_price_book(company: Company, product: Product) -> None:
    crm = company.systems.crm
    product_id = crm.new_id("product2")
    record = {"Id": product_id, "Name": product.name, "ProductCode": product.code, "IsActive": True}
    crm.put("product2", {**record, "Family": product.kind})
    for currency in CURRENCIES:
        entry_id = crm.new_id("pricebook_entries")
        entry = {"Id": entry_id, "Pricebook2Id": company.price_book, "Product2Id": product_id, "IsActive": True}
        entry |= {"CurrencyIsoCode": currency, "UnitPrice": major(product.prices[currency], currency)}
        crm.put("pricebook_entries", {**entry, "Name": product.name, "ProductCode": product.code})
        company.price_entries[product.code, currency] = (product_id, entry_id)


def _stock_billing(company: Company, product: Product) -> None:
    billing = company.systems.billing
    item = {"id": product.code, "name": product.name, "external_name": product.name, "type": product.kind}
    billing.put("items", {**item, "metered": product.metered, "item_family_id": "fernway", "status": "active"})
    period = {"period": 1, "period_unit": "year" if product.months == 12 else "month"}
    for currency in CURRENCIES:
        price = {
            "id": product.price_id(currency),
            "name": f"{product.name} ({currency})",
            "item_id": product.code,
            "item_type": product.kind,
            "item_family_id": "fernway",
            "pricing_model": product.model,
            "price": product.prices[currency],
            "currency_code": currency,
            "metered": product.metered,
        }
        billing.put("item_prices", {**price, **period})


def _stock_erp(company: Company, product: Product) -> None:
    income = ACCOUNTS["usage_income" if product.metered else "income"]
    company.systems.erp.put(
        "item",
        {
            "id": product.erp_item,
            "itemid": product.code,
            "displayname": product.name,
            "itemtype": "Service",
            "subtype": "Sale",
            "incomeaccount": income.id,
            "deferralaccount": ACCOUNTS["deferred"].id if product.months == 12 else None,
        },
    )


def _found_ledger(company: Company) -> None:
    erp = company.systems.erp
    for currency, currency_id in CURRENCIES.items():
        rate = exchange_rate(currency, "USD", company.now.date())
        record = {"id": currency_id, "symbol": currency, "name": _CURRENCY_NAMES[currency], "exchangerate": rate}
        record |= {"currencyprecision": 0 if currency == "JPY" else 2, "displaysymbol": _SYMBOLS[currency]}
        erp.put("currency", {**record, "isbasecurrency": "T" if currency == "USD" else "F"})
    for entity in LEGAL_ENTITIES:
        record = {"id": entity.subsidiary, "name": entity.name, "legalname": entity.name, "externalid": entity.code}
        record |= {"country": entity.country, "currency": CURRENCIES[entity.currency], "timezone": entity.zone.key}
        erp.put("subsidiary", {**record, "parent": None if entity.subsidiary == 1 else 1})
    for account in ACCOUNTS.values():
        record = {"id": account.id, "acctnumber": account.number, "accttype": account.kind}
        record |= {"accountsearchdisplayname": account.name, "fullname": account.name}
        erp.put("account", {**record, "currency": CURRENCIES.get(account.currency)})
    for days in (0, 30):
        erp.put("term", {"id": days + 1, "name": f"Net {days}" if days else "Due on receipt", "daysuntilnetdue": days})


def _found_periods(company: Company) -> None:
    first = company.opens_at.date().replace(day=1)
    last = month_later(company.today_at.date().replace(day=1), 6)
    for year in range(first.year, last.year + 1):
        _period(company, year, f"FY {year}", months=12)
        for quarter in range(1, 5):
            _period(company, year * 10 + quarter, f"Q{quarter} {year}", months=3, parent=year)
        for month, name in enumerate(_MONTHS, start=1):
            parent = year * 10 + (month + 2) // 3
            _period(company, period_id(date(year, month, 1)), f"{name} {year}", months=1, parent=parent)


def period_id(on: date) -> int:
    """The ERP's id of the accounting period a day belongs to."""
    return on.year * 100 + on.month


def _period(company: Company, number: int, name: str, *, months: int, parent: int | None = None) -> None:
    start = _first_day(number, months)
    end = month_later(start, months) - timedelta(days=1)
    flag = "T" if end < company.opens_at.date().replace(day=1) else "F"
    record = {"id": number, "periodname": name, "startdate": start, "enddate": end, "parent": parent, "closed": flag}
    record |= {"alllocked": flag, "arlocked": flag, "aplocked": flag, "isposting": "T" if months == 1 else "F"}
    record |= {"isquarter": "T" if months == 3 else "F", "isyear": "T" if months == 12 else "F"}
    company.systems.erp.put("accountingperiod", record)


def _first_day(number: int, months: int) -> date:
    if months == 12:
        return date(number, 1, 1)
    return date(number // 10, number % 10 * 3 - 2, 1) if months == 3 else date(number // 100, number % 100, 1)


def _found_product(company: Company) -> None:
    product = company.systems.product
    meter = {"slug": "api_calls", "name": "API calls", "eventType": "api.call", "aggregation": "SUM"}
    product.put("meters", {"id": _ulid("M", 1), **meter, "valueProperty": "$.units"})
    for number, (key, name) in enumerate(_FEATURES.items(), start=1):
        meters = {"meterSlug": "api_calls"} if key == "api_calls" else {}
        product.put("features", {"id": _ulid("F", number), "key": key, "name": name, **meters})


def _ulid(letter: str, number: int) -> str:
    return f"01{letter}{number:023d}"
