"""The inbox folder, end to end in a real database: whole files only, each once, with a report."""

import os

import dagster as dg
import openpyxl
import psycopg
import pytest

from operational_db.database import owner_engine
from operational_db.errors import ServerError
from operational_db.reference.loader import load_reference
from orchestration.defs.imports import inbox_files as inbox_module
from orchestration.defs.imports.inbox_files import InboxImport, inbox_files
from orchestration.lib import inbox
from orchestration.lib.database import DatabaseResource
from tests import factories
from tests.integration.orchestrating_steps import definitions, execute, failure_of, one, rows

PAYMENTS = "account;paid_on;amount\n{account};20.11.2026;100,50\n"


@pytest.fixture
def home(open_folder, monkeypatch):
    folder = open_folder / "Данные"
    monkeypatch.setenv("DOLGOMER_HOME", str(folder))
    return folder


@pytest.fixture
def account(fresh_database, home):  # noqa: ARG001  both must be there first
    """The number of an account of the organisation «uk1»; its folders in the inbox are made."""
    with owner_engine().begin() as connection:
        load_reference(connection)
        organisation = factories.new_organisation(connection, "uk1")
        factories.new_account(connection, organisation, account_number="00012345")
        inbox.prepare(connection)
    return "00012345"


def put(name, content, kind="payments", code="uk1"):
    path = inbox.folder() / kind / code / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def look(cursor=None):
    """One look of the sensor: the places that it wants run, and what it remembers."""
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(
            instance=instance,
            cursor=cursor,
            repository_def=definitions().get_repository_def(),
            resources={"database": DatabaseResource()},
        )
        seen = inbox_files.evaluate_tick(context)
    files = [
        request.run_config["ops"]["import_from_inbox"]["config"]["file"]
        for request in seen.run_requests
    ]
    return files, seen


def run(file):
    return execute("import_inbox_file", ops={"import_from_inbox": InboxImport(file=file)})


def failing_with(problem):
    """An import that breaks: a plain function, since Dagster looks into what its modules hold."""

    def import_file(*_, **__):
        raise problem

    return import_file


def payments():
    return rows("select amount, paid_on from ops.payment order by payment_id")


def test_a_file_is_loaded_when_two_looks_saw_it_the_same(account):
    put("оплаты.csv", PAYMENTS.format(account=account))

    first, seen = look()
    second, _seen = look(seen.cursor)
    result = run(second[0])

    assert first == []
    assert second == ["payments/uk1/оплаты.csv"]
    assert result.success, failure_of(result)
    assert [str(amount) for amount, _day in payments()] == ["100.50"]
    done = inbox.folder() / "payments" / "uk1" / "done"
    assert sorted(path.name for path in done.iterdir()) == ["оплаты.csv", "оплаты.csv.txt"]
    assert "принято строк: 1" in (done / "оплаты.csv.txt").read_text("utf-8")
    assert list(inbox.waiting()) == []


def test_a_file_that_grows_is_left_until_it_is_whole(account):
    path = put("оплаты.csv", "account;paid_on;amount\n")
    _files, seen = look()
    path.write_text(PAYMENTS.format(account=account), encoding="utf-8")

    still_growing, seen = look(seen.cursor)
    whole, _seen = look(seen.cursor)

    assert still_growing == []
    assert whole == ["payments/uk1/оплаты.csv"]


@pytest.mark.parametrize("name", ["оплаты.csv.part", ".оплаты.csv.swp", "~$оплаты.csv", "a.TMP"])
def test_an_unfinished_copy_is_not_touched(account, name):
    put(name, PAYMENTS.format(account=account))
    _files, seen = look()

    files, _seen = look(seen.cursor)

    assert files == []


def test_a_link_to_a_file_outside_is_not_read(account, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text(PAYMENTS.format(account=account))
    (inbox.folder() / "payments" / "uk1" / "оплаты.csv").symlink_to(secret)

    assert list(inbox.waiting()) == []


def test_the_same_file_put_twice_changes_nothing_and_says_so(account):
    for _time in range(2):
        put("оплаты.csv", PAYMENTS.format(account=account))
        assert run("payments/uk1/оплаты.csv").success

    done = inbox.folder() / "payments" / "uk1" / "done"
    assert len(payments()) == 1
    assert "уже загружен" in (done / "оплаты (2).csv.txt").read_text("utf-8")


def test_a_file_put_again_is_run_again_though_its_name_and_content_are_the_same(account):
    path = put("оплаты.csv", PAYMENTS.format(account=account))
    os.utime(path, (1, 1))
    _files, seen = look()
    _files, first = look(seen.cursor)
    path.unlink()
    path = put("оплаты.csv", PAYMENTS.format(account=account))
    os.utime(path, (1, 1))
    _files, seen = look()
    _files, second = look(seen.cursor)

    assert first.run_requests[0].run_key != second.run_requests[0].run_key


def test_refused_rows_come_back_as_a_workbook_and_the_rest_is_loaded(account):
    put("оплаты.csv", PAYMENTS.format(account=account) + "00099999;20.11.2026;7,00\n")

    result = run("payments/uk1/оплаты.csv")

    assert result.success, failure_of(result)
    assert len(payments()) == 1
    done = inbox.folder() / "payments" / "uk1" / "done"
    book = openpyxl.load_workbook(done / "оплаты.csv – непринятые строки.xlsx")
    assert [str(cell.value) for cell in book.active[2]][3] == "00099999"
    assert "отказано: 1" in (done / "оплаты.csv.txt").read_text("utf-8")


def test_a_file_that_cannot_be_read_goes_to_refused_with_the_reason(account):  # noqa: ARG001
    put("оплаты.csv", "это не таблица оплат\n")

    result = run("payments/uk1/оплаты.csv")

    refused = inbox.folder() / "payments" / "uk1" / "refused"
    report = (refused / "оплаты.csv.txt").read_text("utf-8")
    assert not result.success
    assert (refused / "оплаты.csv").exists()
    assert "Файл «оплаты.csv» не загружен" in report
    assert report.strip() in failure_of(result)
    assert one("select count(*) from ops.import_file") == 0


def test_a_file_of_an_unknown_organisation_is_refused_with_the_known_codes(account):
    put("оплаты.csv", PAYMENTS.format(account=account), code="uk9")

    run("payments/uk9/оплаты.csv")

    report = inbox.folder() / "payments" / "uk9" / "refused" / "оплаты.csv.txt"
    assert "«uk9» не найдена" in report.read_text("utf-8")
    assert "uk1" in report.read_text("utf-8")


def test_a_file_in_nobodys_folder_is_refused_and_not_given_to_anybody(account):
    put("оплаты.csv", PAYMENTS.format(account=account), code="")

    result = run("payments/оплаты.csv")

    assert "не ясно, чьи это счета" in failure_of(result)
    assert payments() == []


def test_new_facts_ask_for_a_build_once(account):
    put("первый.csv", PAYMENTS.format(account=account))
    put("второй.csv", PAYMENTS.format(account=account).replace("100,50", "7,00"))
    run("payments/uk1/первый.csv")
    run("payments/uk1/второй.csv")

    assert rows("select kind, state from ops.run_request") == [("build", "queued")]


def test_a_file_that_is_gone_is_no_failure(account):  # noqa: ARG001
    result = run("payments/uk1/нет.csv")

    assert result.success, failure_of(result)


def test_a_file_with_an_endless_line_is_refused_with_the_line(account):
    put("оплаты.csv", PAYMENTS.format(account=account) + f'"{"7" * 200_000}";20.11.2026;1\n')

    result = run("payments/uk1/оплаты.csv")

    report = inbox.folder() / "payments" / "uk1" / "refused" / "оплаты.csv.txt"
    assert not result.success
    assert "Строка 3: строка длиннее" in report.read_text("utf-8")
    assert list(inbox.waiting()) == []


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (PermissionError(13, "Permission denied"), "не удалось прочитать (Permission denied)"),
        (ZeroDivisionError("внутри"), "непредвиденная ошибка (ZeroDivisionError)"),
        (psycopg.DataError("внутри"), "непредвиденная ошибка (DataError)"),
    ],
)
def test_a_file_that_breaks_the_import_is_not_tried_for_ever(account, monkeypatch, problem, told):
    put("оплаты.csv", PAYMENTS.format(account=account))
    monkeypatch.setattr(inbox_module, "import_file", failing_with(problem))

    result = run("payments/uk1/оплаты.csv")

    report = inbox.folder() / "payments" / "uk1" / "refused" / "оплаты.csv.txt"
    assert not result.success
    assert told in report.read_text("utf-8")
    assert "внутри" not in report.read_text("utf-8")
    assert list(inbox.waiting()) == []


@pytest.mark.parametrize(
    "problem", [psycopg.OperationalError("нет связи"), ServerError("нет связи")]
)
def test_a_file_waits_in_the_inbox_while_the_database_is_away(account, monkeypatch, problem):
    put("оплаты.csv", PAYMENTS.format(account=account))
    monkeypatch.setattr(inbox_module, "import_file", failing_with(problem))

    result = run("payments/uk1/оплаты.csv")

    assert not result.success
    assert [file.path.name for file in inbox.waiting()] == ["оплаты.csv"]


def test_a_file_above_the_limit_is_refused_in_words_and_not_read(account, monkeypatch):
    monkeypatch.setenv("DOLGOMER_LARGEST_FILE_MB", "1")
    path = put("огромный.csv", PAYMENTS.format(account=account) + "x" * 2**20)
    monkeypatch.setattr(type(path), "read_bytes", lambda _path: pytest.fail("the file was read"))

    result = run("payments/uk1/огромный.csv")

    report = inbox.folder() / "payments" / "uk1" / "refused" / "огромный.csv.txt"
    assert not result.success
    assert "принимаются файлы до 1,0 МБ" in report.read_text("utf-8")
    assert list(inbox.waiting()) == []
    assert one("select count(*) from ops.payment") == 0
