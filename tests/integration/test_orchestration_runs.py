"""Runs that screens ask for: told in Russian, resumable, repeatable."""

import os
import subprocess
import sys
import time
import zipfile
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, date, datetime
from io import BytesIO

import dagster as dg
import docx
import psutil
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from document_gen import account_statement
from operational_db import server
from operational_db.database import owner_engine, screens_connection, travel_in_time
from operational_db.database_urls import libpq
from operational_db.imports.problems import FileRefusedError
from operational_db.services import run_queue, unknown_receipts
from operational_db.services.importing import import_file
from operational_db.services.month_closing import MonthNotClosedError, close_month, reopen_month
from operational_db.services.penalty import penalty_of_accounts
from operational_db.services.statements import statement_data
from operational_db.services.statements_in_bulk import statements_data
from orchestration.defs.closing.months import Checking, ClosingRun, Reopening
from orchestration.defs.dbt.assets import BuildRun
from orchestration.defs.documents.statements import StatementsRun
from orchestration.defs.requests import run_requests as requests_module
from orchestration.defs.requests.run_requests import run_requests
from orchestration.lib import statement_runs
from orchestration.lib.builds import exclusive
from orchestration.lib.database import DatabaseResource
from orchestration.lib.statement_runs import archive_of
from tests import factories
from tests.integration.orchestrating_steps import (
    TODAY,
    change,
    count_what_changed,
    definitions,
    execute,
    failure_of,
    load_small_town,
    one,
    rows,
)

AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
STATEMENTS = "documents__account_statements"


@pytest.fixture(scope="module", autouse=True)
def town(module_database):
    load_small_town(module_database.owner)


@pytest.fixture
def organisation():
    return one("select organisation_id from ops.account order by account_id limit 1")


@pytest.fixture
def neighbour(organisation):
    return one(
        "select organisation_id from ops.account where organisation_id <> :o limit 1",
        o=organisation,
    )


@pytest.fixture
def accounts(organisation):
    return [
        account_id
        for (account_id,) in rows(
            "select account_id from ops.account where organisation_id = :o order by account_id",
            o=organisation,
        )
    ]


def ask(organisation_id, kind, *, user_id=None, **parameters):
    with owner_engine().begin() as connection:
        return run_queue.add(
            connection,
            organisation_id=organisation_id,
            kind=kind,
            parameters=parameters,
            user_id=user_id,
        )


def state_of(number):
    return rows(
        "select state, items_done, items_total, message from ops.run_request "
        "where run_request_id = :number",
        number=number,
    )[0]


def documents_of(number):
    return one("select count(*) from ops.document where run_request_id = :number", number=number)


def tick(instance):
    """One look of the sensor; the runs that it asks for, as (job, request) pairs."""
    context = dg.build_sensor_context(
        instance=instance,
        repository_def=definitions().get_repository_def(),
        resources={"database": DatabaseResource()},
    )
    data = run_requests.evaluate_tick(context)
    return data.run_requests


def finish_all_requests():
    change("update ops.run_request set state = 'done' where state in ('queued', 'running')")


# Builds


def test_a_requested_build_counts_the_changed_account_and_says_so(organisation, accounts):
    change(
        "insert into ops.payment (account_id, paid_on, amount, channel) "
        "values (:account_id, :day, 10, 'bank')",
        account_id=accounts[0],
        day=date(2026, 11, 20),
    )
    number = ask(organisation, "build")

    result = execute("build_warehouse", ops={"warehouse_models": BuildRun(run_request_id=number)})

    state, done, total, message = state_of(number)
    assert result.success, failure_of(result)
    assert (state, done) == ("done", total)
    assert message.startswith("Пересчёт по изменениям: 1\N{NO-BREAK SPACE}счёт,")
    assert result.get_asset_check_evaluations()


def test_building_one_mart_leaves_the_changed_accounts_for_the_whole_build(accounts):
    change(
        "insert into ops.payment (account_id, paid_on, amount, channel) "
        "values (:account_id, :day, 10, 'bank')",
        account_id=accounts[1],
        day=date(2026, 11, 20),
    )

    result = execute("build_warehouse", asset_selection=[dg.AssetKey(["marts", "house_debts"])])

    waiting = rows("select account_id from warehouse.account_to_rebuild")
    assert result.success, failure_of(result)
    assert (accounts[1],) in waiting


def test_a_day_that_is_no_day_is_explained_and_nothing_is_built(organisation):
    builds = one("select count(*) from warehouse.build")
    number = ask(organisation, "build")

    result = execute(
        "build_warehouse",
        ops={"warehouse_models": BuildRun(run_request_id=number, as_of="31.10.2026")},
    )

    assert not result.success
    assert "as_of пишется как 2026-10-31" in failure_of(result)
    assert state_of(number)[0] == "failed"
    assert "as_of пишется как 2026-10-31" in state_of(number)[3]
    assert one("select count(*) from warehouse.build") == builds


# Statements


def test_every_requested_account_gets_a_statement_and_all_are_packed(organisation, accounts):
    number = ask(organisation, "statements", account_ids=accounts)

    result = execute("print_statements", ops={STATEMENTS: StatementsRun(run_request_id=number)})

    assert result.success, failure_of(result)
    assert state_of(number)[:3] == ("done", len(accounts), len(accounts))
    with zipfile.ZipFile(archive_of(number)) as archive:
        names = archive.namelist()
        first = docx.Document(BytesIO(archive.read(names[0])))
    assert len(names) == len(set(names)) == len(accounts)
    heading = "\n".join(paragraph.text for paragraph in first.paragraphs)
    number_of_first = one(
        "select account_number from ops.account where account_id = :a", a=accounts[0]
    )
    assert number_of_first in heading
    checks = result.get_asset_check_evaluations()
    assert [check.passed for check in checks] == [True]


def test_a_statement_ends_with_the_balance_of_the_mart(organisation, accounts):
    """In bulk the figures are read from live views; a built mart must say the same."""
    count_what_changed()
    with owner_engine().connect() as connection:
        read = dict(statements_data(connection, accounts, may_see_names=True))
    balances = dict(
        rows(
            "select account_id, balance from marts.account_balances where organisation_id = :o",
            o=organisation,
        )
    )

    assert {a: parts["head"]["total_debt"] for a, parts in read.items()} == balances
    assert {a: parts["totals"]["closing"] for a, parts in read.items()} == balances
    assert {a: sum(parts["ageing"].values()) for a, parts in read.items()} == balances


def test_in_bulk_a_statement_says_what_the_card_says(organisation, accounts):
    with owner_engine().begin() as connection:
        manager = factories.new_user(connection, organisation, "manager")
        token = factories.new_session(connection, manager)

    with owner_engine().connect() as connection:
        in_bulk = dict(statements_data(connection, accounts, may_see_names=True))
    with screens_connection(token) as connection:
        on_the_card = {account: statement_data(connection, account) for account in accounts}

    for parts in (*in_bulk.values(), *on_the_card.values()):
        del parts["head"]["built_at"]
    contexts = {
        account: (
            account_statement.statement_from_mappings(**whole(in_bulk[account])),
            account_statement.statement_from_mappings(**whole(on_the_card[account])),
        )
        for account in accounts
    }
    assert [a for a, (bulk, card) in contexts.items() if bulk != card] == []


def whole(parts):
    return parts | {"head": parts["head"] | {"built_at": datetime(2026, 11, 21, tzinfo=UTC)}}


def test_calculations_of_penalty_are_printed_by_the_same_run(organisation, accounts):
    number = ask(
        organisation,
        "statements",
        account_ids=accounts,
        document="penalty_calculation",
        as_of="2026-10-31",
    )

    result = execute("print_statements", ops={STATEMENTS: StatementsRun(run_request_id=number)})

    with owner_engine().begin() as connection:
        travel_in_time(connection, as_of=date(2026, 10, 31))
        found = penalty_of_accounts(connection, accounts)
    owing = {account for account, penalty in found.items() if penalty.months}
    made = rows(
        "select account_id, kind, file_name from ops.document where run_request_id = :n", n=number
    )
    assert result.success, failure_of(result)
    assert owing
    assert {row[0] for row in made} == owing
    assert {row[1] for row in made} == {"penalty_calculation"}
    assert all(row[2].startswith("Расчёт пени ") for row in made)
    if owing < set(accounts):
        assert "Без расчёта пени остались счета" in state_of(number)[3]


def test_a_paper_of_an_unknown_kind_is_refused(organisation, accounts):
    number = ask(organisation, "statements", account_ids=accounts, document="poem")

    result = execute("print_statements", ops={STATEMENTS: StatementsRun(run_request_id=number)})

    assert not result.success
    assert "Документы вида «poem» эта версия не составляет" in state_of(number)[3]


def test_in_the_middle_of_a_month_the_reason_and_the_right_day_are_told(organisation, accounts):
    """Charges of October count from its last day, the sheet of October has them already."""
    middle = ask(organisation, "statements", account_ids=accounts, as_of="2026-10-15")
    end = ask(organisation, "statements", account_ids=accounts, as_of="2026-10-31")

    results = [
        execute("print_statements", ops={STATEMENTS: StatementsRun(run_request_id=number)})
        for number in (middle, end)
    ]

    assert [result.success for result in results] == [False, True]
    assert state_of(middle)[0] == "failed"
    assert "последний день месяца" in state_of(middle)[3]
    assert documents_of(end) > 0


class PowerCutError(BaseException):
    """Ends a run as a kill does: nothing is told to anybody."""


def test_a_batch_killed_in_the_middle_goes_on_and_doubles_nothing(
    organisation, accounts, monkeypatch
):
    number = ask(organisation, "statements", account_ids=accounts)
    monkeypatch.setattr(statement_runs, "CHUNK", 5)
    keep, kept = statement_runs.keep_statement, []

    def keep_twelve(*arguments, **options):
        if len(kept) == 12:
            raise PowerCutError
        kept.append(arguments)
        return keep(*arguments, **options)

    monkeypatch.setattr(statement_runs, "keep_statement", keep_twelve)
    with (
        pytest.raises(PowerCutError),
        run_queue.taken(owner_engine(), number),
    ):
        statement_runs.print_batch(owner_engine(), number)
    # Two whole chunks are there, the third was undone with its transaction.
    assert documents_of(number) == 10
    assert state_of(number)[:2] == ("running", 10)
    monkeypatch.setattr(statement_runs, "keep_statement", keep)

    result = execute("print_statements", ops={STATEMENTS: StatementsRun(run_request_id=number)})

    assert result.success, failure_of(result)
    assert state_of(number)[:2] == ("done", len(accounts))
    assert (
        rows(
            "select account_id from ops.document where run_request_id = :number "
            "group by account_id having count(*) > 1",
            number=number,
        )
        == []
    )
    assert documents_of(number) == len(accounts)


def test_a_finished_batch_is_not_printed_again(organisation, accounts):
    number = ask(organisation, "statements", account_ids=accounts[:2])
    ops = {STATEMENTS: StatementsRun(run_request_id=number)}
    execute("print_statements", ops=ops)

    result = execute("print_statements", ops=ops)

    assert result.success, failure_of(result)
    assert documents_of(number) == 2


def test_an_account_of_strangers_is_not_printed_and_is_listed_as_missing(organisation, accounts):
    stranger, number_of_stranger = rows(
        "select account_id, account_number from ops.account where organisation_id <> :o limit 1",
        o=organisation,
    )[0]
    number = ask(organisation, "statements", account_ids=[accounts[0], stranger])

    result = execute("print_statements", ops={STATEMENTS: StatementsRun(run_request_id=number)})

    check = result.get_asset_check_evaluations()[0]
    assert documents_of(number) == 1
    assert not check.passed
    message = state_of(number)[3]
    assert f"неизвестный счёт № {stranger}" in message
    assert number_of_stranger not in message, "numbers of strangers' accounts are not told"


def test_an_official_gets_masked_names(organisation, accounts):
    with owner_engine().begin() as connection:
        official = connection.scalar(
            text(
                "insert into ops.app_user (organisation_id, login, full_name) "
                "values (:o, 'official-of-test', 'Чиновник') returning user_id"
            ),
            {"o": organisation},
        )
        connection.execute(
            text("insert into ops.user_role (user_id, role) values (:u, 'official')"),
            {"u": official},
        )
    number = ask(organisation, "statements", user_id=official, account_ids=accounts)

    with owner_engine().connect() as connection:
        batch = statement_runs.batch_of(connection, number)
        masked = dict(
            statements_data(connection, batch.to_print, may_see_names=batch.may_see_names)
        )
    finish_all_requests()

    names = [holder["name"] for parts in masked.values() for holder in parts["holders"]]
    surnames = {surname for (surname,) in rows("select last_name from ops.person")}
    assert any("***" in name for name in names)
    assert not [name for name in names if name.split()[0] in surnames]


def test_statements_started_by_hand_name_the_accounts_that_do_not_exist():
    code = one("select code from ops.organisation where kind = 'management_company' limit 1")

    result = execute(
        "print_statements",
        ops={STATEMENTS: StatementsRun(organisation=code, accounts=["нет-такого"])},
    )

    assert "Нет таких лицевых счетов: нет-такого" in failure_of(result)


def test_statements_started_by_hand_may_be_for_debtors_only(organisation):
    code = one("select code from ops.organisation where organisation_id = :o", o=organisation)
    expected = one(
        "select count(*) from marts.account_balances "
        "where organisation_id = :o and overdue_debt >= 1000",
        o=organisation,
    )

    result = execute(
        "print_statements", ops={STATEMENTS: StatementsRun(organisation=code, overdue_from="1000")}
    )

    assert expected > 0
    assert result.success, failure_of(result)
    assert documents_of(one("select max(run_request_id) from ops.run_request")) == expected


# Builds that were killed

ORPHAN = """
import subprocess, sys, os
from orchestration.lib.builds import exclusive, working_with
from orchestration.lib.orphans import mark_of
url, dbt = sys.argv[1], sys.argv[2]
with exclusive(url), working_with(mark_of(url)):
    child = subprocess.Popen([sys.executable, "-c", dbt, url])
    print(child.pid, flush=True)
    child.wait()
"""
DBT_AT_WORK = """
import sys, psycopg
from operational_db.database_urls import libpq
with psycopg.connect(libpq(sys.argv[1]), application_name="dolgomer build") as connection:
    connection.execute("select pg_sleep(600)")
"""
SESSIONS_OF_DBT = (
    "select count(*) from pg_stat_activity "
    "where application_name = 'dolgomer build' and datname = current_database()"
)


def test_the_dbt_of_a_killed_worker_is_ended_before_the_next_build_begins():
    url = server.ensure_running().owner
    worker = subprocess.Popen(
        [sys.executable, "-c", ORPHAN, url, DBT_AT_WORK], stdout=subprocess.PIPE, text=True
    )
    orphan = psutil.Process(int(worker.stdout.readline()))
    wait_until(lambda: one(SESSIONS_OF_DBT) == 1)
    worker.kill()
    worker.wait()
    assert orphan.is_running(), "the lock is free, and yet dbt is at work"

    with exclusive(url):
        assert one(SESSIONS_OF_DBT) == 0
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


def test_a_session_of_dbt_without_a_process_here_is_ended_too():
    url = server.ensure_running().owner
    with psycopg.connect(libpq(url), application_name="dolgomer build") as elsewhere:
        with exclusive(url):
            assert one(SESSIONS_OF_DBT) == 0
        with pytest.raises(psycopg.OperationalError):
            elsewhere.execute("select 1")


def wait_until(is_so, seconds=20):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


# Closing months


def test_a_month_is_closed_with_the_totals_of_the_ledger(organisation):
    count_what_changed()
    number = ask(organisation, "month_close", period="2026-09-01")

    result = execute(
        "close_months",
        ops={"closing__closed_months": ClosingRun(run_request_id=number)},
        partition_key="2026-09-01",
    )

    assert result.success, failure_of(result)
    assert state_of(number)[0] == "done"
    assert "расхождений нет" in state_of(number)[3]
    totals = one(
        "select control_totals -> 'totals' from ops.month_closing "
        "where organisation_id = :o and period = :p",
        o=organisation,
        p=SEPTEMBER,
    )
    charged = one(
        "select sum(c.amount) from ops.charge as c "
        "inner join ops.account as a on c.account_id = a.account_id "
        "where a.organisation_id = :o and c.period = :p and c.kind = 'charge'",
        o=organisation,
        p=SEPTEMBER,
    )
    assert totals["charged"] == str(charged)


def test_a_closed_month_stays_as_it_was_closed(organisation):
    count_what_changed()
    with owner_engine().begin() as connection:
        first = close_month(connection, organisation, SEPTEMBER, today=TODAY)
        second = close_month(connection, organisation, SEPTEMBER, today=TODAY)

    assert not second.is_new
    assert second.recorded_at == first.recorded_at


def test_a_month_that_is_not_over_is_not_closed(organisation):
    with (
        owner_engine().begin() as connection,
        pytest.raises(MonthNotClosedError, match=r"закрыть его можно с 01\.12\.2026"),
    ):
        close_month(connection, organisation, NOVEMBER, today=TODAY)


def test_a_month_after_an_open_one_is_not_closed(neighbour):
    count_what_changed()
    with owner_engine().connect() as connection:
        close_month(connection, neighbour, AUGUST, today=TODAY)

        with pytest.raises(MonthNotClosedError, match=r"открыт предыдущий месяц \(сентябрь 2026"):
            close_month(connection, neighbour, OCTOBER, today=TODAY)
        close_month(connection, neighbour, SEPTEMBER, today=TODAY)
        assert close_month(connection, neighbour, OCTOBER, today=TODAY).is_new
        connection.rollback()


def test_facts_that_are_not_counted_yet_keep_the_month_open(organisation, accounts):
    change(
        "insert into ops.payment (account_id, paid_on, amount, channel) "
        "values (:account_id, :day, 55, 'bank')",
        account_id=accounts[2],
        day=date(2026, 10, 20),
    )
    with (
        owner_engine().begin() as connection,
        pytest.raises(MonthNotClosedError, match="изменились счета организации: 1"),
    ):
        close_month(connection, organisation, OCTOBER, today=TODAY)


def test_a_difference_between_ledger_and_marts_keeps_the_month_open(organisation, accounts):
    count_what_changed()
    number = one("select account_number from ops.account where account_id = :a", a=accounts[3])
    with owner_engine().connect() as connection:
        connection.execute(
            text(
                "update marts.account_turnover set charged = charged + 0.01 "
                "where account_id = :a and period = :p"
            ),
            {"a": accounts[3], "p": OCTOBER},
        )
        with pytest.raises(MonthNotClosedError) as refusal:
            close_month(connection, organisation, OCTOBER, today=TODAY)
        connection.rollback()

    assert "расходятся (счетов: 1)" in str(refusal.value)
    assert f"счёт {number}: начислено" in str(refusal.value)
    assert "против" in str(refusal.value)


def test_a_month_is_opened_again_only_with_a_reason_and_from_the_end(organisation):
    count_what_changed()
    with owner_engine().begin() as connection:
        close_month(connection, organisation, SEPTEMBER, today=TODAY)
        close_month(connection, organisation, OCTOBER, today=TODAY)
        with pytest.raises(MonthNotClosedError, match="Напишите, почему"):
            reopen_month(connection, organisation, OCTOBER, reason="  ")
        with pytest.raises(MonthNotClosedError, match="закрыт более поздний месяц"):
            reopen_month(connection, organisation, SEPTEMBER, reason="ошибка в реестре")
        reopen_month(connection, organisation, OCTOBER, reason="ошибка в реестре")
        closed_again = close_month(connection, organisation, OCTOBER, today=TODAY)
        kept = connection.scalar(
            text(
                "select count(*) from ops.month_closing where organisation_id = :o and period = :p"
            ),
            {"o": organisation, "p": OCTOBER},
        )
        connection.rollback()

    assert closed_again.is_new
    assert kept == 3


def test_a_closed_month_is_opened_again_from_dagster_with_a_reason():
    with owner_engine().begin() as connection:
        organisation = factories.new_organisation(connection, "uk-reopening")
    change(
        "insert into ops.month_closing (organisation_id, period, is_closed, control_totals) "
        "values (:o, :p, true, '{}')",
        o=organisation,
        p=AUGUST,
    )

    def reopen(**config):
        asked = {"organisation": "uk-reopening", "month": "2026-08", "reason": "ошибка в реестре"}
        return execute("reopen_month", ops={"open_month_again": Reopening(**(asked | config))})

    assert "Напишите, почему" in failure_of(reopen(reason=" "))
    assert "«августа» не месяц" in failure_of(reopen(month="августа"))
    assert "не найдена" in failure_of(reopen(organisation="нет такой"))
    assert reopen().success
    assert rows(
        "select is_closed, control_totals ->> 'reason' from ops.month_closing "
        "where organisation_id = :o and period = :p order by recorded_at",
        o=organisation,
        p=AUGUST,
    ) == [(True, None), (False, "ошибка в реестре")]


def test_a_check_keeps_what_it_found_and_closes_nothing(organisation):
    count_what_changed()
    number = ask(organisation, "month_check", period="2026-07-01")

    result = execute("check_month", ops={"compare_month": Checking(run_request_id=number)})

    assert result.success
    [(accounts, differing, ledger, marts)] = rows(
        "select accounts, differing, ledger, marts from ops.month_check where run_request_id = :n",
        n=number,
    )
    assert accounts > 0
    assert differing == 0
    assert ledger == marts
    assert "расхождений нет" in one(
        "select message from ops.run_request where run_request_id = :n", n=number
    )
    assert (
        rows(
            "select is_closed from ops.month_closing where organisation_id = :o and period = :p",
            o=organisation,
            p=date(2026, 7, 1),
        )
        == []
    )


def test_a_month_is_opened_again_by_a_request_with_its_reason():
    change(
        "insert into ops.organisation (code, kind, name, short_name) "
        "values ('uk-asking', 'management_company', 'УК', 'УК')"
    )
    own = one("select organisation_id from ops.organisation where code = 'uk-asking'")
    change(
        "insert into ops.month_closing (organisation_id, period, is_closed, control_totals) "
        "values (:own, '2026-08-01', true, '{}')",
        own=own,
    )
    number = ask(own, "month_reopen", period="2026-08-01", reason="ошибка в реестре")

    result = execute("reopen_month", ops={"open_month_again": Reopening(run_request_id=number)})

    assert result.success
    assert rows(
        "select is_closed, control_totals ->> 'reason' from ops.month_closing "
        "where organisation_id = :own order by recorded_at desc limit 1",
        own=own,
    ) == [(False, "ошибка в реестре")]
    assert one("select state from ops.run_request where run_request_id = :n", n=number) == "done"


# Closing a month while facts are written


def pay_for_october(connection, organisation_id, account_id):
    """Load a payment of October, as a file of one line."""
    number = connection.scalar(
        text("select account_number from ops.account where account_id = :a"), {"a": account_id}
    )
    return import_file(
        connection,
        kind="payments",
        file_name="октябрь.csv",
        content=f"account,paid_on,amount\n{number},2026-10-20,77.01\n".encode(),
        organisation_id=organisation_id,
        today=TODAY,
    )


def unknown_receipt(organisation_id):
    """A receipt of October that nobody could place; return its number."""
    with owner_engine().begin() as connection:
        import_id = connection.scalar(
            text(
                "insert into ops.import_file (organisation_id, kind, file_name, sha256, "
                "size_bytes, rows_accepted, rows_known, rows_refused, report) values "
                "(:o, 'bank-statement', 'kl_to_1c.txt', gen_random_uuid()::text, 1, 1, 0, 0, '{}') "
                "returning import_id"
            ),
            {"o": organisation_id},
        )
        return connection.scalar(
            text(
                "insert into ops.bank_operation (organisation_id, natural_key, direction, "
                "document_kind, document_number, operation_date, amount, import_id, import_line) "
                "values (:o, gen_random_uuid()::text, 'in', 'Платёжное поручение', '17', "
                "'2026-10-20', 25, :i, 10) returning bank_operation_id"
            ),
            {"o": organisation_id, "i": import_id},
        )


def hurry(connection):
    connection.execute(text("set local lock_timeout = '300ms'"))


def test_a_month_is_not_closed_while_a_file_of_its_organisation_is_loaded(organisation, accounts):
    count_what_changed()
    with owner_engine().connect() as loading, owner_engine().connect() as closing:
        assert pay_for_october(loading, organisation, accounts[0]).rows_accepted == 1
        hurry(closing)

        with pytest.raises(OperationalError, match="lock timeout"):
            close_month(closing, organisation, SEPTEMBER, today=TODAY)

        closing.rollback()
        loading.rollback()
        assert close_month(closing, organisation, SEPTEMBER, today=TODAY).protocol
        closing.rollback()


def test_a_neighbour_closes_its_month_whatever_others_load(organisation, neighbour, accounts):
    count_what_changed()
    with owner_engine().connect() as loading, owner_engine().connect() as closing:
        pay_for_october(loading, organisation, accounts[0])
        hurry(closing)

        assert close_month(closing, neighbour, AUGUST, today=TODAY).protocol

        closing.rollback()
        loading.rollback()


def test_a_month_is_not_closed_while_a_receipt_is_posted(organisation, accounts):
    count_what_changed()
    number = one("select account_number from ops.account where account_id = :a", a=accounts[0])
    receipt = unknown_receipt(organisation)
    with owner_engine().connect() as posting, owner_engine().connect() as closing:
        unknown_receipts.post_to_account(posting, receipt, number)
        hurry(closing)

        with pytest.raises(OperationalError, match="lock timeout"):
            close_month(closing, organisation, SEPTEMBER, today=TODAY)

        closing.rollback()
        posting.rollback()


def test_receipts_are_posted_while_a_file_is_loaded(organisation, accounts):
    number = one("select account_number from ops.account where account_id = :a", a=accounts[0])
    receipt = unknown_receipt(organisation)
    with owner_engine().connect() as loading, owner_engine().connect() as posting:
        pay_for_october(loading, organisation, accounts[1])
        hurry(posting)

        posted_to = unknown_receipts.post_to_account(posting, receipt, number)

        assert posted_to == accounts[0]
        posting.rollback()
        loading.rollback()


def test_facts_begun_before_a_closing_and_written_after_it_are_refused(neighbour):
    """They would bear a moment before the closing, and stand in the closed sheet."""
    count_what_changed()
    account, number = rows(
        "select account_id, account_number from ops.account where organisation_id = :o limit 1",
        o=neighbour,
    )[0]
    receipt = unknown_receipt(neighbour)
    with owner_engine().connect() as late:
        late.execute(text("select now()"))
        with owner_engine().begin() as closing:
            assert close_month(closing, neighbour, SEPTEMBER, today=TODAY).is_new

        with pytest.raises(FileRefusedError, match=r"закрывали месяц.*Загрузите файл ещё раз"):
            pay_for_october(late, neighbour, account)
        with pytest.raises(unknown_receipts.ReceiptError, match="закрывали месяц"):
            unknown_receipts.post_to_account(late, receipt, number)

        late.rollback()
        assert pay_for_october(late, neighbour, account).rows_accepted == 1
        late.rollback()


# The sensor


def test_each_request_of_a_screen_becomes_a_run_of_its_kind(organisation, accounts):
    finish_all_requests()
    ask(organisation, "build")
    ask(organisation, "statements", account_ids=accounts[:1])
    ask(organisation, "month_close", period="2026-10-01")

    with dg.DagsterInstance.ephemeral() as instance:
        runs = tick(instance)

    assert [run.job_name for run in runs] == ["build_warehouse", "print_statements", "close_months"]
    assert runs[2].partition_key == "2026-10-01"
    finish_all_requests()


def test_a_request_that_somebody_works_on_is_left_alone(organisation):
    finish_all_requests()
    number = ask(organisation, "build")

    with dg.DagsterInstance.ephemeral() as instance, run_queue.taken(owner_engine(), number):
        assert tick(instance) == []
    with dg.DagsterInstance.ephemeral() as instance:
        assert len(tick(instance)) == 1
    finish_all_requests()


def test_a_request_that_an_administrator_stopped_is_not_started_again(organisation):
    finish_all_requests()
    number = ask(organisation, "build")
    with dg.DagsterInstance.ephemeral() as instance:
        request = tick(instance)[0]
        instance.add_run(
            dg.DagsterRun(
                job_name="build_warehouse",
                tags=request.tags,
                status=dg.DagsterRunStatus.CANCELED,
            )
        )
        assert tick(instance) == []

    assert state_of(number)[0] == "failed"
    assert "остановлен администратором" in state_of(number)[3]


def test_a_request_whose_runs_keep_dying_is_given_up_in_words(organisation):
    finish_all_requests()
    number = ask(organisation, "build")
    with dg.DagsterInstance.ephemeral() as instance:
        keys = []
        for _attempt in range(3):
            request = tick(instance)[0]
            keys.append(request.run_key)
            instance.add_run(
                dg.DagsterRun(
                    job_name="build_warehouse",
                    tags=request.tags,
                    status=dg.DagsterRunStatus.FAILURE,
                )
            )
        assert tick(instance) == []

    assert len(set(keys)) == 3
    assert state_of(number)[0] == "failed"
    assert "прерывался несколько раз" in state_of(number)[3]


def test_a_request_that_people_continue_has_its_attempts_anew(organisation):
    finish_all_requests()
    number = ask(organisation, "court_packages", batch_id=1)
    with dg.DagsterInstance.ephemeral() as instance:
        for _attempt in range(3):
            [request] = tick(instance)
            run = dg.DagsterRun(
                job_name="print_packages", tags=request.tags, status=dg.DagsterRunStatus.FAILURE
            )
            instance.add_run(run)
        assert tick(instance) == []
        assert state_of(number)[0] == "failed"
        with owner_engine().begin() as connection:
            continued = text(
                "update ops.run_request set state = 'queued', "
                "parameters = parameters || '{\"continued\": 1}' where run_request_id = :number"
            )
            connection.execute(continued, {"number": number})
        [again] = tick(instance)
    assert again.run_key != request.run_key
    finish_all_requests()


def test_a_request_whose_helping_process_was_killed_stays_open(organisation, monkeypatch):
    finish_all_requests()
    number = ask(organisation, "build")

    def killed(*_arguments, **_named):
        raise BrokenProcessPool

    monkeypatch.setattr("orchestration.defs.dbt.assets._plan", killed)
    result = execute("build_warehouse", ops={"warehouse_models": BuildRun(run_request_id=number)})
    assert not result.success
    assert state_of(number)[0] == "running"
    with owner_engine().connect() as connection:
        assert number in [each.run_request_id for each in run_queue.waiting(connection)]
    finish_all_requests()


def test_a_run_without_a_process_frees_its_place():
    finish_all_requests()
    nobody = max(psutil.pids()) + 1_000_000
    with dg.DagsterInstance.ephemeral() as instance:
        for run_id, pid in (("dead", nobody), ("alive", os.getpid())):
            instance.add_run(
                dg.DagsterRun(
                    job_name="build_warehouse", run_id=run_id, status=dg.DagsterRunStatus.STARTING
                )
            )
            start = dg.DagsterEvent(
                event_type_value=dg.DagsterEventType.RUN_START.value,
                job_name="build_warehouse",
                pid=pid,
            )
            instance.report_dagster_event(start, run_id)

        tick(instance)

        assert instance.get_run_by_id("dead").status is dg.DagsterRunStatus.FAILURE
        assert instance.get_run_by_id("alive").status is dg.DagsterRunStatus.STARTED


def test_a_request_without_a_month_is_refused_in_words(organisation):
    finish_all_requests()
    number = ask(organisation, "month_close")

    with dg.DagsterInstance.ephemeral() as instance:
        assert tick(instance) == []

    assert state_of(number)[0] == "failed"
    assert "не назван месяц" in state_of(number)[3]


@pytest.mark.parametrize(
    ("kind", "parameters", "told"),
    [
        ("build", "[]", "записан с ошибкой"),
        ("month_close", "null", "записан с ошибкой"),
        ("month_close", '{"period": "2014-12-01"}', r"12.2014 не закрыть"),
        ("month_close", '{"period": "0001-01-01"}', "не закрыть"),
        ("month_close", '{"period": "9999-12-01"}', "не закрыть"),
        ("month_close", '{"period": ["2026-10-01"]}', "не назван месяц"),
        ("horoscope", "{}", "эта версия не выполняет"),
    ],
)
def test_a_spoilt_request_ends_in_words_and_the_others_run(
    organisation, neighbour, kind, parameters, told
):
    finish_all_requests()
    spoilt = one_written(organisation, kind, parameters)
    sound = ask(neighbour, "build")

    with dg.DagsterInstance.ephemeral() as instance:
        runs = tick(instance)

    assert [run.run_config["ops"]["warehouse_models"]["config"] for run in runs] == [
        {"run_request_id": sound, "full": False}
    ]
    assert state_of(spoilt)[0] == "failed"
    assert told in state_of(spoilt)[3]
    assert state_of(sound)[0] == "queued"
    finish_all_requests()


def test_a_fault_nobody_thought_of_ends_one_request_only(organisation, neighbour, monkeypatch):
    finish_all_requests()
    spoilt = ask(organisation, "month_close", period="2026-10-01")
    ask(neighbour, "build")

    def break_down(_value):
        raise ZeroDivisionError

    monkeypatch.setattr(requests_module, "_month", break_down)
    with dg.DagsterInstance.ephemeral() as instance:
        runs = tick(instance)

    assert [run.job_name for run in runs] == ["build_warehouse"]
    assert state_of(spoilt)[0] == "failed"
    assert "записан с ошибкой" in state_of(spoilt)[3]
    finish_all_requests()


def test_what_the_database_says_in_english_is_told_by_a_number(organisation, monkeypatch):
    finish_all_requests()
    number = ask(organisation, "build")

    def break_down(*_arguments, **_named):
        with owner_engine().begin() as connection:
            connection.execute(text("select 1 / 0"))

    monkeypatch.setattr("orchestration.defs.dbt.assets._plan", break_down)
    result = execute("build_warehouse", ops={"warehouse_models": BuildRun(run_request_id=number)})

    state, *_, message = state_of(number)
    assert not result.success
    assert state == "failed"
    assert "сообщите администратору номер" in message
    assert "division" not in message


WITHOUT_CHECK = (
    "alter table ops.run_request drop constraint if exists ck_run_request_parameters_are_named"
)


def one_written(organisation_id, kind, parameters):
    """A request as a broken screen could write it, had the table no check of its own."""
    with owner_engine().begin() as connection:
        connection.execute(text(WITHOUT_CHECK))
        return connection.scalar(
            text(
                "insert into ops.run_request (organisation_id, kind, parameters) "
                "values (:o, :kind, cast(:parameters as jsonb)) returning run_request_id"
            ),
            {"o": organisation_id, "kind": kind, "parameters": parameters},
        )
