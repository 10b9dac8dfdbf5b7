"""Reads whole marts, so that two states of them can be compared."""

from collections import Counter

from sqlalchemy import Connection, text

MARTS = (
    "accounts",
    "account_holders",
    "account_balances",
    "account_bills",
    "account_events",
    "account_month_debts",
    "account_turnover",
    "case_outcomes",
    "charge_days",
    "charged_services",
    "collection",
    "debt_flow",
    "debt_intervals",
    "debt_moves",
    "debt_parts",
    "debtors",
    "house_debts",
    "obligations",
    "organisation_collection",
    "plan_execution",
    "plan_feasibility",
    "resource_sums",
    "service_charges",
    "service_settlements",
)


def snapshot(connection: Connection) -> dict[str, Counter]:
    """All rows of all marts. The order in which a row lists its services means nothing."""
    return {mart: _rows(connection, mart) for mart in MARTS}


def _rows(connection: Connection, mart: str) -> Counter:
    found = connection.execute(text(f"select * from marts.{mart}")).mappings()
    return Counter(_comparable(dict(row)) for row in found)


def _comparable(row: dict) -> tuple:
    if row.get("service_ids") and "service_kopecks" in row:
        shares: Counter = Counter()
        for service, kopecks in zip(row["service_ids"], row["service_kopecks"], strict=True):
            shares[service] += kopecks
        row["service_ids"], row["service_kopecks"] = None, tuple(sorted(shares.items()))
    return tuple((name, _frozen(value)) for name, value in row.items())


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
