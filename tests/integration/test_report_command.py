"""Reports of the command line, as a newcomer gets them: two CSV files, a build, a report."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from dolgomer.cli import main
from tests.integration.importing_steps import rows

CHARGES = """\
account;period;service;amount;kind;due_date
0001;09.2023;Отопление;6000,00;;
0001;09.2023;ХВС;4000,00;;
0001;10.2023;Отопление;5000,00;;
0002;09.2023;Отопление;777,77;;20.10.2023
0003;09.2023;Капремонт;1200,00;;
"""
PAYMENTS = """\
account;paid_on;amount;period;channel;document
0001;19.11.2023;3000,00;09.2023;банк;п/п 11
"""
BACK_DATED = """\
account;paid_on;amount;period;channel;document
0001;15.11.2023;2000,00;09.2023;касса;квитанция 12
"""
REQUIRED = {
    "account", "period", "base", "date_from", "date_to", "days", "rate", "fraction", "penalty",
    "reason",
}  # fmt: skip
DAY = "2024-01-09"  # the 91st day of September 2023
MONEY = ("base", "penalty", "rate")


@dataclass(frozen=True)
class Finished:
    code: int
    output: bytes
    complaint: str

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.output.decode())))


def dolgomer(*arguments: object, **environment: str) -> Finished:
    """Run a command without a terminal and without anything to read.

    It starts in three seconds, so only a command with an environment of its own gets a process.
    """
    if not environment:
        return _in_this_process([*map(str, arguments)])
    done = subprocess.run(
        [sys.executable, "-m", "dolgomer.cli", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=300,
        env=os.environ | environment,
    )
    return Finished(done.returncode, done.stdout, done.stderr.decode())


def _in_this_process(arguments: list[str]) -> Finished:
    output, complaint = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(output),
        redirect_stderr(complaint),
        Path(os.devnull).open(encoding="utf-8") as nothing,
    ):
        patch.setattr(sys, "argv", ["dolgomer", *arguments])
        patch.setattr(sys, "stdin", nothing)
        with pytest.raises(SystemExit) as ended:
            main()
    return Finished(ended.value.code, _told(output), _told(complaint).decode())


def _told(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    return stream.buffer.getvalue()


def report(*arguments: object, **environment: str) -> Finished:
    finished = dolgomer("report", *arguments, **environment)
    assert finished.code == 0, finished.complaint
    return finished


def added(rows_of_report: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows_of_report), Decimal(0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("отчёты")


@pytest.fixture(scope="module")
def before_the_late_receipt(module_database, folder) -> Iterator[str]:  # noqa: ARG001
    """The moment when all was loaded and built, but for a receipt of November that came later."""
    for name, text in (("charges", CHARGES), ("payments", PAYMENTS)):
        (folder / f"{name}.csv").write_text(text, "utf-8")
        loaded = dolgomer("import", name, folder / f"{name}.csv", "--create-accounts")
        assert loaded.code == 0, loaded.complaint
    assert dolgomer("build").code == 0
    return datetime.now(UTC).isoformat()


@pytest.fixture(scope="module")
def known_before(before_the_late_receipt: str, folder: Path) -> str:
    """The same moment, once the late receipt has been loaded too."""
    (folder / "late.csv").write_text(BACK_DATED, "utf-8")
    loaded = dolgomer("import", "payments", folder / "late.csv")
    assert loaded.code == 0, loaded.complaint
    assert dolgomer("build").code == 0
    return before_the_late_receipt


pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("known_before")]


def test_the_penalty_of_an_account_comes_line_by_line_and_every_sum_is_a_number():
    lines = report("penalty", "--account", "0001", "--as-of", DAY, "--format", "csv").rows
    assert set(lines[0]) >= REQUIRED
    for line in lines:
        base, penalty, rate = (Decimal(line[column]) for column in MONEY)
        exact = base * rate * int(line["days"]) / (100 * int(line["fraction"].removeprefix("1/")))
        assert abs(penalty - exact) <= Decimal("0.005")
    shown = [
        (line["period"], line["base"], line["date_from"], line["date_to"], line["fraction"],
         line["penalty"])
        for line in lines
    ]  # fmt: skip
    assert shown == [
        ("2023-09-01", "2000.00", "2023-11-10", "2023-11-15", "1/300", "3.80"),
        ("2023-09-01", "3000.00", "2023-11-10", "2023-11-19", "1/300", "9.50"),
        ("2023-09-01", "5000.00", "2023-11-10", "2024-01-08", "1/300", "95.00"),
        ("2023-09-01", "5000.00", "2024-01-09", "2024-01-09", "1/130", "3.65"),
        ("2023-10-01", "5000.00", "2023-12-11", "2024-01-09", "1/300", "47.50"),
    ]


def test_a_line_tells_in_russian_why_it_begins_and_ends_and_names_its_act():
    lines = report("penalty", "--account", "0001", "--as-of", DAY).rows
    [paid] = [line for line in lines if line["base"] == "2000.00"]
    payment_id = rows("select payment_id from ops.payment where amount = 2000")[0][0]
    assert paid["reason"] == "31-й день просрочки"
    assert paid["ends"] == f"оплата № {payment_id} от 15.11.2023"
    assert paid["closed_by_id"] == str(payment_id)
    assert paid["formula"].endswith("× 6 × 1/300 × 9,5 %")
    assert "ЖК РФ ст. 155 ч. 14" in paid["act"]
    assert (paid["rule"], paid["cap"], paid["key_rate_from"]) == (
        "citizen_housing_2016_d31",
        "C2023",
        "2023-10-30",
    )


def test_json_holds_the_same_lines_with_exact_sums():
    asked = ("penalty", "--account", "0001", "--as-of", DAY)
    as_csv = report(*asked).rows
    as_json = json.loads(report(*asked, "--format", "json").output, parse_float=Decimal)
    assert len(as_json) == len(as_csv)
    for told, written in zip(as_json, as_csv, strict=True):
        assert all(isinstance(told[column], Decimal) for column in MONEY)
        assert all(told[column] == Decimal(written[column]) for column in MONEY)
        assert told["is_verified"] is True
        assert told["period"] == written["period"]


def test_a_workbook_holds_the_same_lines_and_their_total(folder):
    asked = ("penalty", "--account", "0001", "--as-of", DAY)
    target = folder / "новая папка" / "пени.xlsx"
    report(*asked, "--format", "xlsx", "--output", target)
    heading, *lines, total = openpyxl.load_workbook(target, data_only=True).active.values
    place = heading.index("penalty")
    written = report(*asked).rows
    sums = [Decimal(str(line[place])).quantize(Decimal("0.01")) for line in lines]
    assert sums == [Decimal(line["penalty"]) for line in written]
    assert Decimal(str(total[place])).quantize(Decimal("0.01")) == added(written, "penalty")


def test_a_back_dated_payment_changes_the_day_and_not_what_was_known(known_before):
    asked = ("penalty", "--account", "0001", "--as-of", DAY)
    now, then = report(*asked).rows, report(*asked, "--known-at", known_before).rows
    # Then 7000 for 60 days and one more; now 2000 for 6 days and 5000 for 60 and one more.
    assert added(then, "penalty") - added(now, "penalty") == Decimal("35.67")
    assert "2000.00" not in {line["base"] for line in then}
    debt = ("debt", "--account", "0001", "--as-of", DAY)
    known = report(*debt, "--known-at", known_before).rows
    assert added(known, "amount") - added(report(*debt).rows, "amount") == Decimal("2000.00")


def test_debt_ageing_and_turnover_of_a_past_day_tell_the_same_balance():
    one = ("--account", "0001", "--as-of", "2023-12-31")
    debt = report("debt", *one).rows
    assert [(row["period"], row["liability"], row["amount"]) for row in debt] == [
        ("2023-09-01", "housing", "5000.00"),
        ("2023-10-01", "housing", "5000.00"),
    ]
    [ageing] = report("ageing", *one).rows
    columns = [name for name in ageing if name not in ("organisation", "account", "balance")]
    assert sum(Decimal(ageing[name]) for name in columns) == Decimal(ageing["balance"])
    assert (ageing["days_61_90"], ageing["days_31_60"]) == ("5000.00", "5000.00")
    turnover = report("turnover", *one).rows
    assert [row["period"] for row in turnover] == ["2023-09-01", "2023-10-01", "2023-11-01"]
    assert turnover[-1]["paid"] == "5000.00"
    assert {added(debt, "amount"), Decimal(ageing["balance"])} == {
        Decimal(turnover[-1]["closing_balance"])
    }


def test_before_the_payments_the_past_shows_them_not():
    [ageing] = report("ageing", "--account", "0001", "--as-of", "2023-11-01").rows
    assert (ageing["balance"], ageing["advance"], ageing["not_due"], ageing["days_1_30"]) == (
        "15000.00", "0.00", "5000.00", "10000.00",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["debt", "ageing", "penalty", "turnover"])
def test_the_report_of_all_accounts_is_the_reports_of_each(kind):
    together = report(kind, "--as-of", DAY).rows
    one_by_one = [
        row for number in ("0001", "0002", "0003")
        for row in report(kind, "--account", number, "--as-of", DAY).rows
    ]  # fmt: skip
    assert {row["account"] for row in together} == {"0001", "0002", "0003"}
    assert together == one_by_one


def test_all_accounts_can_be_asked_as_they_were_known(known_before):
    before = report("debt", "--as-of", DAY, "--known-at", known_before).rows
    assert added(before, "amount") - added(report("debt", "--as-of", DAY).rows, "amount") == 2000


def test_payments_are_split_by_service_and_recipient_and_add_up():
    lines = report("splitting", "--account", "0001").rows
    paid = rows("select sum(amount) from ops.payment")[0][0]
    assert added(lines, "amount") == paid
    assert {line["service"] for line in lines} == {"Отопление", "Холодное водоснабжение"}
    assert {line["pass_on_by"] for line in lines} == {""}
    everybody = report("splitting").rows
    assert [line for line in everybody if line["account"] == "0001"] == lines


def test_a_day_beyond_the_known_caps_is_marked():
    lines = report("penalty", "--account", "0001", "--as-of", "2027-01-01").rows
    assert {line["is_verified"] for line in lines if line["ends"].startswith("день расчёта")} == {
        "false"
    }
    assert {line["is_verified"] for line in lines if line["ends"].startswith("оплата")} == {"true"}


def test_an_account_without_penalty_gives_the_heading_alone():
    asked = ("penalty", "--account", "0002", "--as-of", "2023-11-19")
    finished = report(*asked)
    assert finished.rows == []
    assert set(finished.output.decode().strip().split(",")) >= REQUIRED
    assert json.loads(report(*asked, "--format", "json").output) == []


def test_capital_repair_of_a_file_is_a_liability_of_its_own():
    [line] = report("penalty", "--account", "0003", "--as-of", "2024-02-01").rows
    assert (line["liability"], line["days"], line["fraction"], line["penalty"]) == (
        "capital_repair",
        "84",
        "1/300",
        "31.92",
    )


def test_the_due_date_of_a_bill_is_taken_from_the_file():
    [line] = report("penalty", "--account", "0002", "--as-of", "2023-11-20").rows
    assert (line["due_date"], line["date_from"], line["penalty"]) == (
        "2023-10-20",
        "2023-11-20",
        "0.25",
    )


def test_a_bare_environment_changes_nothing():
    asked = ("penalty", "--account", "0001", "--as-of", "09.01.2024")
    bare = report(*asked, LC_ALL="C", LANG="C", TERM="dumb", COLUMNS="20")
    assert bare.output == report("penalty", "--account", "0001", "--as-of", DAY).output
    refused = dolgomer("report", "penalty", "--account", "9999", LC_ALL="C", TERM="dumb")
    assert (refused.code, refused.output) == (1, b"")
    assert "Лицевого счёта «9999» нет" in refused.complaint


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("penalty", "--account", "9999"), "Лицевого счёта «9999» нет"),
        (("penalty", "--format", "xlsx"), "--output"),
        (("penalty", "--as-of", "31.02.2024"), "не дата"),
        (("пени",), ""),
    ],
)
def test_a_report_that_cannot_be_made_fails_with_a_code_and_no_traceback(arguments, told):
    finished = dolgomer("report", *arguments)
    assert finished.code != 0
    assert finished.output == b""
    assert told in finished.complaint
    assert "Traceback" not in finished.complaint


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_a_refused_report_leaves_the_earlier_file_as_it_was(folder, form):
    target = folder / f"прежний.{form}"
    target.write_bytes(b"earlier")
    asked = ("penalty", "--account", "9999", "--format", form, "--output", target)
    assert dolgomer("report", *asked).code == 1
    assert target.read_bytes() == b"earlier"
    assert [file.name for file in folder.glob(".*")] == []


def test_a_report_into_a_folder_is_refused_in_russian(folder):
    finished = dolgomer("report", "debt", "--output", folder)
    assert finished.code == 1
    assert "Отчёт не записан" in finished.complaint


def test_a_reader_who_leaves_early_is_no_failure():
    command = [sys.executable, "-m", "dolgomer.cli", "report", "debt", "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        complaint = process.stderr.read().decode()
    assert (process.returncode, complaint) == (0, "")


CASE = """\
Вид;Период;Сумма;Дата
начисление;09.2023;10000,00;
оплата;;3000,00;19.11.2023
"""


def test_a_case_without_an_account_is_reckoned_from_a_file_and_from_standard_input(folder):
    file = folder / "case.csv"
    file.write_text(CASE, "utf-8")
    lines = report("penalty", "--input", file, "--as-of", DAY).rows
    assert [line["penalty"] for line in lines] == ["9.50", "133.00", "5.12"]
    assert lines[0]["ends"] == "оплата № 3 от 19.11.2023"
    piped = subprocess.run(
        [sys.executable, "-m", "dolgomer.cli", "report", "penalty", "--input", "-",
         "--as-of", DAY],
        input=CASE.encode(), capture_output=True, check=True, timeout=300,
    )  # fmt: skip
    assert list(csv.DictReader(io.StringIO(piped.stdout.decode()))) == lines


def test_a_case_with_wrong_lines_is_refused_by_line_and_column(folder):
    file = folder / "wrong.csv"
    file.write_text(CASE + "оплата;;abc;01.01.2024\nоплата;;5;\n", "utf-8")
    finished = dolgomer("report", "penalty", "--input", file)
    assert (finished.code, finished.output) == (1, b"")
    assert "строка 4, столбец «Сумма»: «abc» не сумма" in finished.complaint
    assert "строка 5, столбец «Дата»: не указан день" in finished.complaint


def test_lines_beyond_verified_law_are_warned_of_on_the_other_stream(folder):
    file = folder / "case.csv"
    file.write_text(CASE, "utf-8")
    for form in ("csv", "json"):
        finished = report("penalty", "--input", file, "--as-of", "2027-01-31", "--format", form)
        assert "строки пени опираются на непроверенные ставку" in finished.complaint
        assert "Внимание" not in finished.output.decode()
    assert 'is_verified": false' in finished.output.decode()
    known = report("penalty", "--input", file, "--as-of", DAY)
    assert "Внимание" not in known.complaint


def test_the_stepped_rate_is_another_mode_of_the_same_report():
    day = "2024-01-09"
    stepped = report("penalty", "--account", "0001", "--as-of", day, "--rate-mode", "stepped")
    by_law = report("penalty", "--account", "0001", "--as-of", day)
    assert added(stepped.rows, "penalty") == added(by_law.rows, "penalty")  # 9.5 % on each day
    refused = dolgomer("report", "debt", "--rate-mode", "stepped")
    assert refused.code == 1
    assert "только для отчёта penalty" in refused.complaint


def test_a_late_bill_and_a_contract_move_the_penalty_of_their_months(folder):
    bills = folder / "bills.csv"
    bills.write_text("ЛС;Период;Дата доставки;Способ\n0002;09.2023;01.12.2023;почта\n", "utf-8")
    before = report("penalty", "--account", "0002", "--as-of", DAY).rows
    loaded = dolgomer("import", "bills", bills)
    assert loaded.code == 0, loaded.complaint
    assert "принято строк: 1" in loaded.output.decode()
    [line] = report("penalty", "--account", "0002", "--as-of", DAY).rows
    assert (before[0]["date_from"], line["date_from"]) == ("2023-11-20", "2024-01-01")
    assert line["reason"] == "31-й день просрочки (счёт доставлен 01.12.2023)"

    moved = dolgomer(
        "organisation", "due-day", "main", "--day", "25", "--from", "09.2023", "--to", "09.2023",
        "--liability", "capital_repair", "--basis", "региональный закон",
    )  # fmt: skip
    assert moved.code == 0, moved.complaint
    [line] = report("penalty", "--account", "0003", "--as-of", DAY).rows
    assert (line["due_date"], line["date_from"]) == ("2023-10-25", "2023-11-25")
    refused = dolgomer(
        "organisation", "due-day", "main", "--day", "25", "--from", "03.2026", "--basis", "договор"
    )
    assert refused.code == 1
    assert "177-ФЗ" in refused.complaint
