"""When a month is due, read from the files of the law and not from what SQL has made of them."""

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from tests.warehouse.ledger import OwnDueDay, next_month

DATA = Path(__file__).parents[2] / "operational_db" / "reference" / "data"
DAYS_OFF = ("holiday", "moved_day_off")
CAPITAL_REPAIR = "capital_repair"
HOUSING = "housing"


@cache
def liability_of(service: int) -> str:
    """Housing or capital repair."""
    [row] = [row for row in _rows("service") if int(row["service_id"]) == service]
    return row["liability"]


@cache
def lawful_due_date(liability: str, period: date) -> date:
    """The day of ЖК 155 for a month, moved from a day off to the next working day (ГК 193)."""
    rule = _rule(liability, period)
    return _moved(rule, next_month(period) + timedelta(days=int(rule["due_day"]) - 1))


def due_date_by_contract(liability: str, period: date, own: Iterable[OwnDueDay]) -> date:
    """The day of the contract where there is one and the law lets it; otherwise the law's."""
    named = [
        term.day
        for term in own
        if term.liability == liability
        and term.first <= period
        and (term.last is None or period <= term.last)
    ]
    rule = _rule(liability, period)
    if not named or named[-1] is None or rule["is_override_allowed"] != "true":
        return lawful_due_date(liability, period)
    first_day = next_month(period)
    last_day = next_month(first_day) - timedelta(days=1)
    return _moved(rule, min(first_day + timedelta(days=named[-1] - 1), last_day))


def _rule(liability: str, period: date) -> dict[str, str]:
    [rule] = [
        row
        for row in _rows("due_day")
        if row["scope"] == liability
        and date.fromisoformat(row["period_from"]) <= period
        and (not row["period_to"] or period <= date.fromisoformat(row["period_to"]))
    ]
    return rule


def _moved(rule: dict[str, str], day: date) -> date:
    while rule["is_shifted_from_day_off"] == "true" and _is_day_off(day):
        day += timedelta(days=1)
    return day


def ageing_buckets() -> list[str]:
    """Names of the buckets, the advance first."""
    return [row["bucket_code"] for row in _rows("ageing_bucket")]


def ageing_bucket(due_date: date, day: date) -> str:
    """The one bucket of a debt: by days of delay, and after a year by whole calendar years."""
    days = (day - due_date).days
    [bucket] = [
        row["bucket_code"]
        for row in _rows("ageing_bucket")
        if row["bucket_code"] != "advance"
        and (not row["days_from"] or days >= int(row["days_from"]))
        and (not row["days_to"] or days <= int(row["days_to"]))
        and (not row["years_from"] or day > years_later(due_date, int(row["years_from"])))
        and (not row["years_to"] or day <= years_later(due_date, int(row["years_to"])))
    ]
    return bucket


def years_later(day: date, years: int) -> date:
    """The same day of a later year; of 29 February, the last day of that month."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _is_day_off(day: date) -> bool:
    kind = _named_days().get(day)
    return kind in DAYS_OFF if kind else day.isoweekday() > 5


@cache
def _named_days() -> dict[date, str]:
    return {date.fromisoformat(row["day"]): row["day_kind"] for row in _rows("calendar_day")}


@cache
def _rows(table: str) -> list[dict[str, str]]:
    with (DATA / f"{table}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
