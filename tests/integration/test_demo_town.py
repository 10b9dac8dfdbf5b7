"""The demonstration town in a real database: it repeats itself, and its curves are a town's."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import argon2
import pytest
from sqlalchemy import Connection, create_engine, pool, text
from sqlalchemy.exc import DBAPIError

from operational_db.demo import TownError, TownSummary, create_users, load_town
from operational_db.reference.loader import load_reference
from operational_db.server import DatabaseUrls

TODAY = date(2026, 11, 21)
SMALL = {"accounts": 120, "months": 8, "today": TODAY}


@contextmanager
def connected(urls: DatabaseUrls) -> Iterator[Connection]:
    engine = create_engine(urls.owner, poolclass=pool.NullPool)
    with engine.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def summary(module_database: DatabaseUrls) -> TownSummary:
    with connected(module_database) as connection:
        load_reference(connection)
        loaded = load_town(connection, accounts=1_500, months=36, seed=1, today=TODAY)
        connection.commit()
    return loaded


@pytest.fixture
def town(module_database: DatabaseUrls, summary: TownSummary) -> Iterator[Connection]:  # noqa: ARG001
    with connected(module_database) as connection:
        yield connection


@pytest.fixture
def empty(fresh_database: DatabaseUrls) -> Iterator[Connection]:
    """A database with reference data and nothing else; what a test does there is undone."""
    with connected(fresh_database) as connection:
        load_reference(connection)
        connection.commit()
        yield connection


def test_the_town_is_as_large_as_asked(town: Connection, summary: TownSummary):
    assert town.scalar(text("select count(*) from ops.account")) == 1_500
    assert (
        town.scalar(text("select count(distinct period) from ops.charge where kind = 'charge'"))
        == 36
    )
    assert summary.last_period == date(2026, 10, 1)
    for table, rows in summary.rows.items():
        assert town.scalar(text(f"select count(*) from ops.{table}")) == rows, table


def test_collection_is_between_93_and_97_per_cent(town: Connection):
    """Money of a month against the bills that fall due in it, month by month and year by year."""
    months = town.execute(
        text(
            """
            with billed as (
                select period, sum(amount) as amount from ops.charge
                where kind <> 'adjustment' group by period
            ),
            paid as (
                select date_trunc('month', paid_on)::date as month, sum(amount) as amount
                from ops.payment group by month
            )
            select paid.month, paid.amount, billed.amount
            from paid inner join billed on billed.period = (paid.month - interval '1 month')::date
            where paid.month between '2024-01-01' and '2026-10-01'
            """
        )
    ).all()
    assert len(months) == 34
    for month, paid, billed in months:
        assert Decimal("0.91") < paid / billed < Decimal("1.01"), month
    for year in (2024, 2025, 2026):
        paid = sum(row[1] for row in months if row[0].year == year)
        billed = sum(row[2] for row in months if row[0].year == year)
        assert Decimal("0.93") < paid / billed < Decimal("0.97"), year


BALANCES = """
with movement as (
    select account_id, amount from ops.charge
    union all select account_id, -amount from ops.payment
    union all select account_id, -amount from ops.write_off
)
select account_id, sum(amount) as balance from movement group by account_id
"""


def test_most_accounts_owe_nothing(town: Connection):
    share = town.scalar(text(f"select avg((balance <= 0)::int) from ({BALANCES}) as b"))

    assert Decimal("0.75") < share < Decimal("0.90")


def test_debt_has_a_long_tail(town: Connection):
    """Debtors by how many of their last bills they owe, and arrears from before the town."""
    sizes = town.execute(
        text(
            f"""
            with last_bill as (
                select account_id, sum(amount) as amount from ops.charge
                where period = '2026-10-01' and kind = 'charge' group by account_id
            )
            select width_bucket(balance / amount, array[0.01, 1.05, 2.05, 3.05, 6, 12, 36]) as size,
                count(*)
            from ({BALANCES}) as b inner join last_bill using (account_id)
            group by size
            """
        )
    ).all()
    assert {size for size, count in sizes if count >= 3} == set(range(8))

    before_the_town, over_three_months = town.execute(
        text(
            f"""
            select count(*) filter (where exists (
                select 1 from ops.charge as c
                where c.account_id = b.account_id and c.period < '2023-11-01'
            )), count(*)
            from ({BALANCES}) as b
            where balance > 3 * (
                select sum(amount) / 36 from ops.charge as c where c.account_id = b.account_id
            )
            """
        )
    ).one()
    assert 0.2 < before_the_town / over_three_months < 0.5


@pytest.mark.parametrize(
    "event",
    [
        "charge where kind = 'recalculation' and amount < 0",
        "charge where kind = 'recalculation' and amount > 0",
        "charge where kind = 'adjustment'",
        "payment where named_period is not null",
        "payment where named_period is null",
        "payment where channel = 'bailiff' and execution_document_id is not null",
        "payment where reverses_payment_id is not null",
        "payment where recorded_at::date > paid_on + 13",
        "write_off where reason like '%исковой давности%'",
        "write_off where reason like 'Решение%'",
        "account_state where not is_open",
        "account_state where reason = 'Открыт повторно'",
        "person where death_date is not null",
        "ownership where right_kind = 'unknown'",
        "ownership where right_kind = 'social_tenancy'",
        "ownership where right_kind = 'municipal_property' and holder_organisation_id is not null",
        "premises where kind = 'non_residential'",
        "account where account_number like '0%'",
    ],
)
def test_it_happens_in_the_town(town: Connection, event: str):
    assert town.scalar(text(f"select count(*) from ops.{event}")) > 0


def test_a_recalculation_may_exceed_its_month(town: Connection):
    overdrawn = town.scalar(
        text(
            "select count(*) from (select 1 from ops.charge group by account_id, period "
            "having sum(amount) < 0) as months"
        )
    )
    assert overdrawn > 0


def test_a_full_payer_owes_nothing_from_before_the_last_bill(town: Connection):
    """What a payer by automatic order paid equals the bills, to the kopeck."""
    differences = town.scalars(
        text(
            f"""
            select b.balance from ({BALANCES}) as b
            where b.account_id in (select account_id from ops.payment group by account_id
                having bool_and(channel = 'autopay') and bool_and(amount > 0) and count(*) > 30)
            and not exists (select 1 from ops.charge as c where c.account_id = b.account_id
                and c.booked_on > '2026-10-01' and c.kind <> 'charge')
            """
        )
    ).all()
    assert len(differences) > 50
    assert set(differences) == {Decimal("0.00")}


def test_receipts_under_an_order_go_to_the_account_that_it_is_about(town: Connection):
    strangers = town.scalar(
        text(
            "select count(*) from ops.payment as p inner join ops.execution_document as d "
            "using (execution_document_id) "
            "where p.account_id <> d.account_id or p.paid_on <= d.issued_on "
            "or d.period_from > d.period_to"
        )
    )
    assert strangers == 0


def test_a_reversal_takes_back_a_payment_of_the_same_account(town: Connection):
    wrong = town.scalar(
        text(
            "select count(*) from ops.payment as back left join ops.payment as p "
            "on p.account_id = back.account_id and p.payment_id = back.reverses_payment_id "
            "where back.reverses_payment_id is not null and (p.amount is null "
            "or p.amount < -back.amount or p.paid_on > back.paid_on "
            "or p.recorded_at > back.recorded_at)"
        )
    )
    assert wrong == 0


def test_a_closed_account_is_not_charged(town: Connection):
    charged = town.scalar(
        text(
            "select count(*) from ops.charge as c where c.kind = 'charge' and not ("
            "select s.is_open from ops.account_state as s where s.account_id = c.account_id "
            "and s.valid_from <= c.period order by s.valid_from desc limit 1)"
        )
    )
    assert charged == 0


def test_meters_never_run_backwards_and_agree_with_the_bill(town: Connection):
    disagreements = town.scalar(
        text(
            """
            with used as (
                select m.premises_id, m.service_id, date_trunc('month', r.read_on)::date as period,
                    r.reading - lag(r.reading) over (partition by r.meter_id order by r.read_on)
                    as volume
                from ops.meter_reading as r inner join ops.meter as m using (meter_id)
            )
            select count(*) from used
            inner join ops.account as a using (premises_id)
            left join ops.charge as c on c.account_id = a.account_id
                and c.service_id = used.service_id and c.period = used.period
                and c.kind = 'charge'
            where used.volume < 0 or c.volume <> used.volume
            """
        )
    )
    assert disagreements == 0


def test_nearly_every_house_has_its_courts_and_a_few_wait_for_a_person(town: Connection):
    states = dict(
        town.execute(
            text("select magistrate_state, count(*) from ops.house_court group by 1")
        ).all()
    )
    assert set(states) == {"territory", "none", "several"}
    assert 1 <= states["none"] <= 6
    assert states["territory"] > 8 * (states["none"] + states["several"])
    districts = "select district_state, count(*) from ops.house_court where magistrate_code is not "
    assert town.execute(text(f"{districts} null group by 1")).all() == [
        ("of_section", states["territory"])
    ]


def test_requisites_of_courts_can_be_taken_for_nobodys(town: Connection):
    told = town.execute(
        text("select distinct payee, bic, bank, source from ops.court_payment_details")
    ).all()
    assert len(told) == 1
    assert "ДЕМОНСТРАЦИЯ" in told[0].payee
    assert told[0].bic == "000000000"


def test_nothing_is_known_from_the_future(town: Connection):
    for table in ("charge", "payment", "write_off", "meter_reading", "account_state", "person"):
        latest = town.scalar(
            text(f"select max(recorded_at at time zone 'Europe/Moscow') from ops.{table}")
        )
        assert latest.date() <= TODAY, table


def test_guards_are_back_on_after_loading(town: Connection):
    off = town.scalars(text("select tgname from pg_trigger where tgenabled <> 'O'")).all()
    unchecked = town.scalars(text("select conname from pg_constraint where not convalidated")).all()
    assert off == []
    assert unchecked == []
    with pytest.raises(DBAPIError, match="не изменяются"):
        town.execute(text("update ops.charge set amount = 0"))


def test_loading_loses_no_key_index_or_foreign_key(empty: Connection):
    definitions = text(
        "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint "
        "where connamespace = 'ops'::regnamespace "
        "union all select tablename, indexname, indexdef from pg_indexes where schemaname = 'ops' "
        "order by 1, 2"
    )
    before = empty.execute(definitions).all()

    load_town(empty, **SMALL)

    assert empty.execute(definitions).all() == before


def test_every_account_waits_for_the_warehouse_once(town: Connection):
    row = town.execute(
        text("select count(*), count(distinct account_id) from ops.account_change")
    ).one()
    assert tuple(row) == (1_500, 1_500)


def test_the_next_charge_gets_the_next_number(empty: Connection):
    load_town(empty, **SMALL)
    last = empty.scalar(text("select max(charge_id) from ops.charge"))

    added = empty.scalar(
        text(
            "insert into ops.charge (account_id, period, service_id, kind, amount, booked_on) "
            "values (1, '2026-10-01', 1, 'charge', 1, '2026-10-31') returning charge_id"
        )
    )
    assert added == last + 1


def test_the_same_seed_makes_the_same_town(empty: Connection):
    assert digest_of_town(empty, seed=5) == digest_of_town(empty, seed=5)


def test_another_seed_makes_another_town(empty: Connection):
    first, second = digest_of_town(empty, seed=5), digest_of_town(empty, seed=6)

    for table in ("person", "charge", "payment", "account_state", "ownership", "meter_reading"):
        assert first[table] != second[table], table


def digest_of_town(connection: Connection, seed: int) -> dict[str, str]:
    """Load a town, digest every row of every table, and undo it."""
    load_town(connection, seed=seed, **SMALL)
    tables = connection.scalars(
        text("select tablename from pg_tables where schemaname = 'ops' order by tablename")
    ).all()
    digests = {}
    for table in tables:
        rows = connection.scalars(text(f"select t::text from ops.{table} as t")).all()
        digests[table] = hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()
    connection.rollback()
    # Numbers given out by the sequence of the queue are not undone with the rows.
    del digests["account_change"]
    return digests


@pytest.mark.parametrize("months", [6, 60])
def test_shorter_and_longer_histories_load_too(empty: Connection, months: int):
    load_town(empty, accounts=60, months=months, today=date(2026, 11, 1))

    periods = text("select count(distinct period) from ops.charge where kind = 'charge'")
    assert empty.scalar(periods) == months


def test_a_town_is_never_loaded_over_accounts(town: Connection):
    with pytest.raises(TownError, match="только в пустую базу"):
        load_town(town, **SMALL)


def test_a_town_needs_its_reference_data(fresh_database: DatabaseUrls):
    with connected(fresh_database) as connection, pytest.raises(TownError, match="справочник"):
        load_town(connection, **SMALL)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"accounts": 3}, "Число лицевых счетов 3 не подходит"),
        ({"months": 1}, "Число месяцев 1 не подходит"),
        ({"seed": -1}, "Зерно -1 не подходит"),
    ],
)
def test_an_impossible_size_is_refused_with_the_bounds(empty: Connection, wrong: dict, told: str):
    with pytest.raises(TownError, match=told):
        load_town(empty, **(SMALL | wrong))


def test_users_sign_in_with_the_password_that_was_generated(empty: Connection):
    load_town(empty, **SMALL)

    users = create_users(empty, "речной-вокзал-41")

    stored = {
        row.login: row
        for row in empty.execute(
            text(
                "select u.login, u.password_hash, o.code, array_agg(r.role::text) as roles "
                "from ops.app_user as u inner join ops.organisation as o using (organisation_id) "
                "inner join ops.user_role as r using (user_id) group by u.user_id, o.code"
            )
        )
    }
    assert set(stored) == {user.login for user in users}
    for user in users:
        row = stored[user.login]
        assert argon2.PasswordHasher().verify(row.password_hash, "речной-вокзал-41")
        assert (row.code, row.roles) == (user.organisation_code, [user.role.value])
    assert stored["official"].code == "krasnogorsk"
    assert stored["manager"].code != stored["manager2"].code
