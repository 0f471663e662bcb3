"""What the company does by the calendar: payouts each day, revenue recognised at month end, periods closed after it."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from sync_assets.sandbox.company.accounts import ACCOUNTS
from sync_assets.sandbox.company.catalogue import LEGAL_ENTITIES, LegalEntity
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import midnight, month_later
from sync_assets.sandbox.company.erp import Entry, Posting, post
from sync_assets.sandbox.company.founding import period_id
from sync_assets.sandbox.company.payouts import pay_out

_PAYOUT_HOUR = 6
_CLOSES_ON = 6
"""Day of the month on which the ERP's previous period closes."""
_MISTAKES_ON = 3
"""Day of the month on which somebody enters a journal by mistake and deletes it."""


def plan_days(company: Company) -> None:
    """Plan the daily and monthly routines from now on."""
    tomorrow = company.now.replace(hour=_PAYOUT_HOUR, minute=0, second=0, microsecond=0) + timedelta(days=1)
    company.agenda.at(tomorrow, lambda: _day(company))
    for entity in LEGAL_ENTITIES:
        _plan_month_end(company, entity, company.now.date().replace(day=1))


def _day(company: Company) -> None:
    pay_out(company)
    if company.now.day == _CLOSES_ON:
        _close(company, month_later(company.now.date().replace(day=1), -1))
    if company.now.day == _MISTAKES_ON:
        _slip(company)
    company.agenda.at(company.now + timedelta(days=1), lambda: _day(company))


def _plan_month_end(company: Company, entity: LegalEntity, month: date) -> None:
    following = month_later(month, 1)
    last_evening: datetime = midnight(following, entity.zone) - timedelta(hours=3)
    company.agenda.at(last_evening, lambda: _recognise(company, entity, month))


def _recognise(company: Company, entity: LegalEntity, month: date) -> None:
    _plan_month_end(company, entity, month_later(month, 1))
    company.recognised_through[entity.code] = month
    amount = company.recognition.pop((entity.code, month.year, month.month), 0)
    if amount == 0:
        return
    posting = Posting(
        kind="Journal",
        entity=entity,
        currency=entity.currency,
        on=month_later(month, 1) - timedelta(days=1),
        rate=Decimal(1),
        entries=[
            Entry(account=ACCOUNTS["deferred"], minor=amount, memo="Revenue recognition"),
            Entry(account=ACCOUNTS["income"], minor=-amount, memo="Revenue recognition"),
        ],
        number=f"JE{company.number('journal'):06d}",
        memo=f"Revenue recognition {month:%b %Y}",
        is_recognition=True,
        extra={"status": "B"},
    )
    company.recognition_runs[entity.code, month] = post(company, posting)


def _slip(company: Company) -> None:
    posting = Posting(
        kind="Journal",
        entity=LEGAL_ENTITIES[0],
        currency=LEGAL_ENTITIES[0].currency,
        on=company.now.date(),
        rate=Decimal(1),
        entries=[Entry(account=ACCOUNTS["fees"], minor=1000), Entry(account=ACCOUNTS["losses"], minor=-1000)],
        number=f"JE{company.number('journal'):06d}",
        memo="entered by mistake",
        extra={"status": "A", "posting": "F"},
        is_booked=False,
    )
    mistake = post(company, posting)
    company.later(company.rng, (600, 7200), lambda: company.systems.erp.delete("transaction", str(mistake)))


def _close(company: Company, month: date) -> None:
    shut = {"closed": "T", "arlocked": "T", "aplocked": "T", "alllocked": "T", "closedondate": company.now}
    company.systems.erp.put("accountingperiod", {"id": period_id(month), **shut})
