"""Whatever came in, in whatever order and rounds: the marts are those of a full build."""

import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import Connection, TextClause, text

from orchestration.lib.builds import PROJECT, BuildError
from tests.factories import (
    new_account,
    new_house,
    new_organisation,
    new_owner,
    new_person,
    new_premises,
)
from tests.warehouse.conftest import Warehouse
from tests.warehouse.generated_ledgers import THOROUGH, ledgers
from tests.warehouse.ledger import Charge, Ledger, Payment
from tests.warehouse.marts import snapshot
from tests.warehouse.reference_allocation import Piece, balance_on, open_on, pieces_of
from tests.warehouse.reference_calendar import ageing_bucket, ageing_buckets
from tests.warehouse.storing import Fact, built_pieces, facts_of, roubles, store, summed

ACCOUNTS = 1500 if THOROUGH else 250
ROUNDS = 3
PATIENCE_SECONDS = 120
LOCK_OUT = "lock table warehouse.interval_change in access exclusive mode"
IS_LOCKED_OUT = text("""
    select exists (
        select 1 from pg_locks
        where relation = 'warehouse.interval_change'::regclass and not granted
    )
""")

# Obligations stand aside by now, and what needs write-offs waits.
IS_HALF_DONE_ASIDE = text("""
    select to_regclass('marts_next.obligations') is not null and exists (
        select 1 from pg_locks where relation = 'ops.write_off'::regclass and not granted
    )
""")
VIEWS_OF_SCREENS = text("""
    select viewname, definition from pg_views where schemaname = 'screens' order by viewname
""")
SCHEMAS_ASIDE = text("""
    select nspname from pg_namespace where nspname like '%\\_next' or nspname like '%\\_old'
""")


def made_up_ledgers(count: int) -> list[Ledger]:
    """Return the same ledgers in every run."""
    found: list[Ledger] = []

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(ledgers())
    def collect(ledger: Ledger) -> None:
        found.append(ledger)

    collect()
    return found


def new_accounts(connection: Connection, count: int) -> list[int]:
    """Accounts of two organisations in three houses, and some without an address."""
    organisations = [new_organisation(connection) for _ in range(2)]
    houses = [new_house(connection) for _ in range(3)]
    accounts = []
    for number in range(count):
        organisation_id = organisations[number % 2]
        house_id = [*houses, None][number % 4]
        premises_id = house_id and new_premises(connection, house_id)
        accounts.append(new_account(connection, organisation_id, premises_id=premises_id))
        if premises_id and number % 3 == 0:
            new_owner(connection, premises_id, new_person(connection, organisation_id))
    return accounts


def put_in_meters(connection: Connection, accounts: list[int], number: int) -> None:
    """Meters of some flats, and in later rounds the removal of those of the round before."""
    connection.execute(
        text("update ops.meter set removed_on = '2024-03-10' where removed_on is null")
    )
    connection.execute(
        text(
            "insert into ops.meter (premises_id, service_id, number, installed_on) "
            "select premises_id, 3, account_id, :day from ops.account "
            "where account_id = any(:accounts) and premises_id is not null"
        ),
        {"accounts": accounts, "day": date(2023, 2 + 3 * number, 15)},
    )


@pytest.fixture(scope="module")
def books(warehouse: Warehouse) -> dict[int, Ledger]:
    """Accounts with what will have happened on them."""
    found = made_up_ledgers(ACCOUNTS)
    with warehouse.engine.begin() as connection:
        return dict(zip(new_accounts(connection, len(found)), found, strict=True))


@pytest.fixture(scope="module")
def built_in_rounds(warehouse: Warehouse, books: dict[int, Ledger]) -> dict:
    """Facts come in rounds, in no order, and after each the changed accounts are built."""
    chance = random.Random(1)
    facts = [
        (account_id, fact) for account_id, ledger in books.items() for fact in facts_of(ledger)
    ]
    chance.shuffle(facts)
    outcomes = []
    for number in range(ROUNDS):
        with warehouse.engine.begin() as connection:
            store(connection, facts[number::ROUNDS])
            put_in_meters(connection, list(books)[number :: 2 * ROUNDS], number)
        outcomes.append(warehouse.build())
    assert [outcome.is_full for outcome in outcomes] == [False] * ROUNDS
    with warehouse.engine.connect() as connection:
        return snapshot(connection)


def test_marts_built_in_rounds_are_those_of_a_full_build(
    warehouse: Warehouse, built_in_rounds: dict
) -> None:
    assert warehouse.build(full=True).is_full
    with warehouse.engine.connect() as connection:
        full = snapshot(connection)
    for mart, rows in built_in_rounds.items():
        assert rows == full[mart], mart
    assert sum(full["collection"].values()) > ACCOUNTS


@pytest.mark.usefixtures("built_in_rounds")
def test_built_pieces_are_those_of_the_rules(
    warehouse: Warehouse, books: dict[int, Ledger]
) -> None:
    with warehouse.engine.connect() as connection:
        built = built_pieces(connection)
    for account_id, ledger in books.items():
        assert built.get(account_id, {}) == summed(pieces_of(ledger)), ledger


@pytest.mark.usefixtures("built_in_rounds")
@pytest.mark.parametrize("day", [date(2023, 3, 31), date(2024, 9, 1)], ids=str)
def test_a_build_for_a_day_shows_the_debt_of_that_day_and_its_age(
    warehouse: Warehouse, books: dict[int, Ledger], day: date
) -> None:
    warehouse.build(as_of=day)
    with warehouse.engine.connect() as connection:
        rows = connection.execute(text("select * from marts.account_balances")).mappings().all()
    assert {row["as_of_date"] for row in rows} == {day}
    for row in rows:
        ledger = books[row["account_id"]]
        pieces = pieces_of(ledger)
        assert row["balance"] == roubles(balance_on(ledger, day, pieces)), ledger
        age = aged(open_on(pieces, day), day)
        assert {bucket: row[bucket] for bucket in ageing_buckets()} == age, ledger


def aged(pieces: list[Piece], day: date) -> dict:
    """Bucket → roubles that are open on a day."""
    kopecks: dict[str, int] = defaultdict(int)
    for piece in pieces:
        if piece.kind == "advance":
            kopecks["advance"] += piece.kopecks
            continue
        kopecks[ageing_bucket(piece.due_date, day)] += piece.kopecks
    return {name: roubles(kopecks[name]) for name in ageing_buckets()}


@contextmanager
def half_built(
    warehouse: Warehouse, books: dict[int, Ledger], number: int
) -> Iterator[subprocess.Popen]:
    """Facts came in and a build stands between two marts: obligations new, intervals old."""
    warehouse.build()
    with warehouse.engine.begin() as connection:
        store(connection, late_facts(books, number))
    with warehouse.engine.connect() as connection:
        connection.execute(text(LOCK_OUT))
        build = start_build(warehouse)
        try:
            wait_until(IS_LOCKED_OUT, warehouse, build)
            yield build
        finally:
            build.kill()
            connection.rollback()


def late_facts(books: dict[int, Ledger], number: int) -> list[tuple[int, Fact]]:
    """A charge and a payment more on every third account."""
    late = []
    for account_id in list(books)[::3]:
        late.append((account_id, Charge(number, date(2024, 5, 1), 1, 70_00, date(2024, 5, 31))))
        late.append((account_id, Payment(number, date(2024, 4, 20), 33_33)))
    return late


def start_build(warehouse: Warehouse, *, full: bool = False) -> subprocess.Popen:
    command = (
        "import sys; from orchestration.lib.builds import run_build; "
        f"run_build(sys.argv[1], full={full})"
    )
    return subprocess.Popen(
        [sys.executable, "-c", command, warehouse.urls.owner],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def wait_until(reached: TextClause, warehouse: Warehouse, build: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert build.poll() is None, build.communicate()[0].decode()
        with warehouse.engine.connect() as connection:
            if connection.scalar(reached):
                return
        time.sleep(0.2)
    raise AssertionError("The build never came to where it should wait")


def assert_next_build_makes_it_good(warehouse: Warehouse) -> None:
    assert not warehouse.build().is_full
    with warehouse.engine.connect() as connection:
        mended = snapshot(connection)
    warehouse.build(full=True)
    with warehouse.engine.connect() as connection:
        assert mended == snapshot(connection)


def test_a_build_that_was_killed_is_made_good_by_the_next_one(
    warehouse: Warehouse, books: dict[int, Ledger]
) -> None:
    with half_built(warehouse, books, number=1_001) as build:
        build.kill()
        build.wait()
        end_sessions_of_the_build(warehouse)
    assert_next_build_makes_it_good(warehouse)


def test_a_build_whose_connection_broke_fails_and_the_next_one_makes_it_good(
    warehouse: Warehouse, books: dict[int, Ledger]
) -> None:
    with half_built(warehouse, books, number=1_002) as build:
        end_sessions_of_the_build(warehouse)
        output = build.communicate(timeout=PATIENCE_SECONDS)[0].decode()
    assert build.returncode != 0
    assert BuildError.__name__ in output
    assert "debt_intervals" in output
    assert_next_build_makes_it_good(warehouse)


def end_sessions_of_the_build(warehouse: Warehouse) -> None:
    """A server notices a client that died only when it has something to tell it."""
    with warehouse.engine.connect() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and application_name = 'dolgomer build' "
                "and state <> 'idle'"
            )
        )


def test_an_account_whose_premises_were_moved_stands_under_the_new_house(
    warehouse: Warehouse, books: dict[int, Ledger]
) -> None:
    warehouse.build()
    with warehouse.engine.begin() as connection:
        house_id = new_house(connection)
        moved = connection.scalars(
            text(
                "update ops.premises as p set house_id = :house from ops.account as a "
                "where p.premises_id = a.premises_id and a.account_id = any(:accounts) "
                "returning a.account_id"
            ),
            {"house": house_id, "accounts": list(books)[1:40]},
        ).all()
    assert moved
    assert_next_build_makes_it_good(warehouse)
    with warehouse.engine.connect() as connection:
        flow = connection.scalar(
            text("select sum(debt_change) from marts.debt_flow where house_id = :house"),
            {"house": house_id},
        )
        pieces = connection.scalar(
            text(
                "select sum(interval_amount) from marts.debt_intervals "
                "where account_id = any(:moved) and interval_kind <> 'advance' "
                "and closed_date is null"
            ),
            {"moved": moved},
        )
    assert flow == pieces != 0


def test_screens_keep_the_old_state_while_and_after_a_full_build_fails(
    warehouse: Warehouse, books: dict[int, Ledger]
) -> None:
    warehouse.build()
    with warehouse.engine.begin() as connection:
        store(connection, late_facts(books, number=1_003))
    with warehouse.engine.connect() as connection:
        before = snapshot(connection), connection.execute(VIEWS_OF_SCREENS).all()
    with full_build_half_done(warehouse) as build:
        with warehouse.engine.connect() as connection:
            assert (snapshot(connection), connection.execute(VIEWS_OF_SCREENS).all()) == before
        end_sessions_of_the_build(warehouse)
        output = build.communicate(timeout=PATIENCE_SECONDS)[0].decode()
    assert build.returncode != 0
    assert BuildError.__name__ in output
    with warehouse.engine.connect() as connection:
        assert (snapshot(connection), connection.execute(VIEWS_OF_SCREENS).all()) == before
        assert connection.execute(SCHEMAS_ASIDE).all() == []
    assert_next_build_makes_it_good(warehouse)


@contextmanager
def full_build_half_done(warehouse: Warehouse) -> Iterator[subprocess.Popen]:
    """A full build with some of its tables made, waiting for a table of facts."""
    with warehouse.engine.connect() as connection:
        connection.execute(text("lock table ops.write_off in access exclusive mode"))
        build = start_build(warehouse, full=True)
        try:
            wait_until(IS_HALF_DONE_ASIDE, warehouse, build)
            yield build
        finally:
            build.kill()
            connection.rollback()
