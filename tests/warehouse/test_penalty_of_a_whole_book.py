"""Thousands of accounts at once: built lines, live lines and the plain reckoning are the same."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import Connection

from operational_db.database import owner_engine, travel_in_time
from orchestration.lib.builds import run_build
from tests.factories import new_account, new_house, new_organisation, new_premises
from tests.warehouse.conftest import Warehouse
from tests.warehouse.generated_ledgers import THOROUGH
from tests.warehouse.penalty_book import (
    BUILT,
    LIVE,
    STEPPED,
    STEPPED_BUILT,
    lines_of_all,
    store_terms,
)
from tests.warehouse.penalty_cases import Case, cases
from tests.warehouse.reference_allocation import Piece, pieces_of
from tests.warehouse.reference_penalty import Line, lines_of
from tests.warehouse.storing import facts_of, store

ACCOUNTS = 10_000 if THOROUGH else 300
DAYS = (
    date(2016, 3, 10), date(2021, 1, 15), date(2022, 7, 31), date(2022, 10, 2), date(2023, 8, 20),
    date(2024, 2, 29), date(2026, 11, 21), date(2027, 1, 1),
)  # fmt: skip
HALF_A_KOPECK = Decimal("0.005")


class Book:
    """Accounts with made-up ledgers, and their pieces by the plain reading of the rules."""

    def __init__(self, made_up: dict[int, Case]) -> None:
        self.cases = made_up
        self.pieces: dict[int, list[Piece]] = {
            account_id: pieces_of(case.ledger) for account_id, case in made_up.items()
        }

    def expected(self, day: date, *, is_stepped: bool = False) -> dict[int, list[Line]]:
        found = {
            account_id: lines_of(
                self.pieces[account_id],
                day,
                case.debtor_kind,
                case.holds,
                dict(case.bills),
                is_stepped=is_stepped,
            )
            for account_id, case in self.cases.items()
        }
        return {account_id: lines for account_id, lines in found.items() if lines}


@pytest.fixture(scope="module")
def book(warehouse: Warehouse) -> Book:
    """A built warehouse with every account."""
    with owner_engine().begin() as connection:
        organisation = new_organisation(connection)
        stored = {}
        for case in many_cases():
            kind = case.debtor_kind
            # Due days of a contract are a house's: each account that has one has a house.
            premises = None
            if case.ledger.own_due_days:
                premises = new_premises(connection, new_house(connection))
            account_id = new_account(
                connection, organisation, debtor_kind=kind, premises_id=premises
            )
            stored[account_id] = case
        store_all(connection, stored)
    run_build(warehouse.urls.owner)
    return Book(stored)


def many_cases() -> list[Case]:
    """The same made-up accounts in every run."""
    found: list[Case] = []

    @settings(
        max_examples=ACCOUNTS,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases())
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found


def store_all(connection: Connection, stored: dict[int, Case]) -> None:
    store(
        connection,
        [(account, fact) for account, case in stored.items() for fact in facts_of(case.ledger)],
    )
    store_terms(
        connection,
        [(account, case.ledger, case.holds, dict(case.bills)) for account, case in stored.items()],
    )


def counted(lines: dict[int, list[Line]]) -> dict[int, Counter]:
    return {account_id: Counter(of_account) for account_id, of_account in lines.items()}


def on(day: date, view: str) -> dict[int, list[Line]]:
    with owner_engine().begin() as connection:
        travel_in_time(connection, as_of=day)
        return lines_of_all(connection, view)


@pytest.mark.slow
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_built_lines_live_lines_and_the_law_agree_on_any_day(book: Book, day: date) -> None:
    expected = book.expected(day)
    assert len(expected) > len(book.cases) / 100, "hardly anybody owes a penalty on this day"
    built = on(day, BUILT)
    assert counted(built) == counted(expected)
    assert counted(on(day, LIVE)) == counted(built)
    stepped = on(day, STEPPED_BUILT)
    assert counted(stepped) == counted(book.expected(day, is_stepped=True))
    assert counted(on(day, STEPPED)) == counted(stepped)


@pytest.mark.slow
@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_a_total_is_off_the_exact_sum_by_half_a_kopeck_a_line_at_most(day: date) -> None:
    for of_account in on(day, BUILT).values():
        exact = sum(
            line.base * line.rate * line.days / (100 * line.denominator) for line in of_account
        )
        total = sum(line.penalty for line in of_account)
        assert abs(total - exact) <= HALF_A_KOPECK * len(of_account)
