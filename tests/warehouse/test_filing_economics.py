"""What filing costs and brings, by hand-made examples, and the stages of debtors.

The estimates: 45 % of the debt comes in, a package costs 35 + 120 + 150 + 90 = 395 ₽.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text

from operational_db.database import screens_connection
from operational_db.services.cases import register_events
from operational_db.services.filing.economics import (
    EconomicsFilter,
    all_applications,
    board,
    by_advice,
    rates,
    sensitivity,
)
from operational_db.services.state_duty import DutyKind, duty_tables, state_duty
from tests.factories import (
    new_account,
    new_house,
    new_organisation,
    new_premises,
    new_session,
    new_user,
)
from tests.warehouse.conftest import Warehouse
from tests.warehouse.test_who_owes import JAN, TODAY, Flat, filed, issued, new_flat

LAST_YEAR = date(2024, 1, 1)
COST = Decimal(395)
EDGES = [850, 99_999, 100_000, 100_001, 150_000, 300_000, 300_001, 499_999, 500_000, 500_001]
"""Sums of single applications, in roubles: steps of the scale and the limit of orders."""


def months_of_2025(count: int) -> list[date]:
    return [date(2025, number, 1) for number in range(1, count + 1)]


def flat_of(connection, organisation_id: int) -> Flat:
    premises_id = new_premises(connection, new_house(connection))
    account_id = new_account(connection, organisation_id, premises_id=premises_id)
    flat = Flat(connection, organisation_id, premises_id, account_id)
    flat.own()
    return flat


class Town:
    """Accounts of one build, and the sessions of those who look at them."""

    def __init__(self, connection) -> None:
        self.edges = {}
        self.organisation_id = new_organisation(connection)
        for roubles in EDGES:
            flat = flat_of(connection, self.organisation_id)
            flat.charge(JAN, roubles * 100)
            self.edges[flat.account_id] = Decimal(roubles)
        self.growing = flat_of(connection, self.organisation_id)
        for month in months_of_2025(11):
            self.growing.charge(month, 300_00)
        self.ageing = flat_of(connection, self.organisation_id)
        self.ageing.charge(date(2023, 1, 1), 1000_00)
        for month in months_of_2025(11):
            self.ageing.charge(month, 50_00)
        self.standing = flat_of(connection, self.organisation_id)
        self.standing.charge(date(2023, 9, 1), 1000_00)
        self.shared = new_flat(connection)
        for _ in range(2):
            self.shared.own("1/2")
        self.shared.charge(JAN, 8000_00)
        self.seen = {
            cases: self.with_cases(connection, cases, paid) for cases, paid in ((30, 18), (29, 29))
        }
        everybody = {self.organisation_id, self.shared.organisation_id, *self.seen.values()}
        self.sessions = {
            each: new_session(connection, new_user(connection, each, "lawyer"))
            for each in everybody
        }

    @staticmethod
    def with_cases(connection, cases: int, paid: int) -> int:
        """Cases of 1 000 ₽ each, filed long ago, and how many of them were paid in full."""
        organisation_id = new_organisation(connection)
        for number in range(cases):
            flat = flat_of(connection, organisation_id)
            flat.charge(LAST_YEAR, 1000_00)
            case = flat.claim(LAST_YEAR, kopecks=1000_00)
            register_events(connection, [filed(case, date(2024, 6, 3))])
            if number < paid:
                flat.pay(date(2025, 2, 3), 1000_00)
            flat.charge(JAN, 5000_00)
        return organisation_id


@pytest.fixture(scope="module")
def built(warehouse: Warehouse) -> Town:
    with warehouse.engine.begin() as connection:
        town = Town(connection)
    warehouse.build(as_of=TODAY)
    return town


@pytest.fixture
def found(built: Town) -> Iterator[dict]:
    """Applications of the town by account, as its lawyer sees them."""
    with screens_connection(built.sessions[built.organisation_id], as_of=TODAY) as connection:
        yield {row["account_id"]: row for row in all_applications(connection, EconomicsFilter())}


def test_the_duty_is_that_of_the_calculator_at_every_edge(built: Town, found) -> None:
    with screens_connection(built.sessions[built.organisation_id]) as connection:
        tables = duty_tables(connection)
    for account_id, roubles in built.edges.items():
        kind = DutyKind.ORDER if roubles <= 500_000 else DutyKind.CLAIM
        row = found[account_id]
        assert row["claim_amount"] == roubles
        assert row["duty_amount"] == state_duty(tables, kind, roubles, TODAY).amount, roubles
        assert row["expected_net"] == roubles * Decimal("0.45") - row["duty_amount"] - COST


def test_a_debt_of_100_000_brings_42_605(built: Town, found) -> None:
    [account_id] = [each for each, sum_ in built.edges.items() if sum_ == 100_000]
    # 45 000 − 2 000 − 395.
    assert found[account_id]["expected_net"] == Decimal(42_605)
    assert found[account_id]["advice"] == "file"


def test_a_small_debt_that_grows_waits_until_it_pays(built: Town, found) -> None:
    row = found[built.growing.account_id]
    # Ten months are due; all eleven make the growth: 3 300 / 12 = 275 ₽ a month.
    assert (row["claim_amount"], row["monthly_growth"]) == (3000, 275)
    # (5 323 − 3 000) / 275 = 8,4: nine months.
    assert (row["advice"], row["wait_months"]) == ("wait", 9)


def test_nobody_waits_past_the_limitation(built: Town, found) -> None:
    row = found[built.ageing.account_id]
    assert row["limitation_date"] < date(2026, 3, 1)
    assert row["monthly_growth"] > 0
    assert (row["advice"], row["wait_months"]) == ("loss", None)


def test_a_small_debt_that_does_not_grow_never_pays(built: Town, found) -> None:
    row = found[built.standing.account_id]
    assert (row["monthly_growth"], row["expected_net"]) == (0, Decimal(450) - 2000 - 395)
    assert (row["advice"], row["wait_months"]) == ("loss", None)


def test_every_owner_by_share_costs_a_duty_of_his_own(built: Town) -> None:
    session = built.sessions[built.shared.organisation_id]
    with screens_connection(session, as_of=TODAY) as connection:
        figures_of_board, rows = board(connection, EconomicsFilter())
        figures = by_advice(connection)
        stopped, page = board(connection, EconomicsFilter(), limit=1, page=9)
    assert [(row["claim_amount"], row["duty_amount"]) for row in rows] == [(4000, 2000)] * 2
    assert figures_of_board == figures == stopped
    assert [row["account_id"] for row in page] == [rows[-1]["account_id"]]  # the last page
    # Together 8 000 ₽ would pay; by halves they do not.
    assert {row["expected_net"] for row in rows} == {Decimal(1800 - 2000 - 395)}
    assert figures["file"]["applications"] == 0
    assert sum(row["applications"] for row in figures.values()) == 2


def test_own_cases_count_once_there_are_enough_of_them(built: Town) -> None:
    shares = {}
    for cases, organisation_id in built.seen.items():
        with screens_connection(built.sessions[organisation_id], as_of=TODAY) as connection:
            [shares[cases]] = rates(connection)
    enough, few = shares[30], shares[29]
    assert (enough["observed_cases"], enough["is_observed"]) == (30, True)
    # 18 of 30 paid: 60 %; (2 000 + 395) / 0,6 = 3 991,7.
    assert (enough["recovery_share"], enough["break_even"]) == (Decimal("0.6"), 3992)
    assert (few["observed_cases"], few["is_observed"]) == (29, False)
    assert (few["recovery_share"], few["break_even"]) == (Decimal("0.45"), 5323)


def test_the_table_of_sums_and_shares_turns_where_filing_pays(built: Town) -> None:
    with screens_connection(built.sessions[built.organisation_id], as_of=TODAY) as connection:
        found = {
            (int(row["claim_amount"]), row["recovery_share"]): row["expected_net"]
            for row in sensitivity(connection)
        }
    assert found[5000, Decimal("0.4")] == 2000 - 2000 - 395
    assert found[5000, Decimal("0.5")] == 2500 - 2000 - 395
    assert found[200_000, Decimal("0.5")] == 100_000 - 3500 - 395
    assert all(found[amount, Decimal("0.9")] > found[amount, Decimal("0.1")] for amount, _ in found)


def test_a_filed_debt_goes_through_the_stages_in_builds_of_changes(warehouse: Warehouse) -> None:
    with warehouse.engine.begin() as connection:
        flat = new_flat(connection)
        flat.own()
        flat.charge(JAN, 100_00)
        flat.charge(date(2025, 2, 1), 50_00)
    warehouse.build()
    assert stage_of(warehouse, flat) == ("pretrial", 150, 0, 150, 1)
    with warehouse.engine.begin() as connection:
        flat.connection = connection
        case = flat.claim(JAN, kopecks=100_00)
        register_events(connection, [filed(case, date(2025, 5, 5))])
    assert not warehouse.build().is_full
    assert stage_of(warehouse, flat) == ("court", 150, 100, 50, 1)
    with warehouse.engine.begin() as connection:
        register_events(connection, [issued(case, date(2025, 5, 15), 100_00)])
    assert not warehouse.build().is_full
    assert stage_of(warehouse, flat) == ("enforcement", 150, 100, 50, 1)
    with warehouse.engine.begin() as connection:
        flat.connection = connection
        flat.pay(date(2025, 6, 2), 150_00)
    assert not warehouse.build().is_full
    assert stage_of(warehouse, flat) == ("enforcement", 0, 0, 0, 0)
    with warehouse.engine.connect() as connection:
        outcome = connection.execute(
            text(
                "select claimed_amount, recovered_amount from marts.case_outcomes "
                "where account_id = :account_id"
            ),
            {"account_id": flat.account_id},
        ).one()
    assert tuple(outcome) == (100, 100)


def stage_of(warehouse: Warehouse, flat: Flat) -> tuple:
    query = text(
        "select stage, due_amount, claimed_amount, claimable_amount, application_count "
        "from marts.debtors where account_id = :account_id"
    )
    with warehouse.engine.connect() as connection:
        return tuple(connection.execute(query, {"account_id": flat.account_id}).one())


def test_debtors_add_up_to_the_parts_of_the_debt(warehouse: Warehouse, built: Town) -> None:
    assert built.edges
    query = text(
        """
        select
            (select sum(d.unclaimed_amount + d.claimed_amount) from marts.debtors as d) as listed,
            (select sum(p.part_amount) from marts.debt_parts as p where p.is_due) as owed,
            (select sum(d.claimable_amount) from marts.debtors as d) as claimable,
            (select sum(p.claimable_amount) from marts.debt_parts as p) as claimable_parts
        """
    )
    with warehouse.engine.connect() as connection:
        row = connection.execute(query).one()
    assert row.listed == row.owed
    assert row.claimable == row.claimable_parts
