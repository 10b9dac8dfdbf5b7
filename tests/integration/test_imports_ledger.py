"""Charges and payments from files, in a real database."""

import io
from datetime import date
from decimal import Decimal
from itertools import permutations

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from operational_db.database import owner_engine
from operational_db.imports.problems import FileRefusedError
from operational_db.services.import_report import Outcome, untaken_rows_xlsx
from operational_db.services.importing import import_file
from operational_db.services.month_closing import reopen_month
from tests.integration.importing_steps import (
    TODAY,
    count,
    counts,
    load,
    new_organisation,
    organisation_with_reference_data,
    rows,
)

CHARGES = "account;period;service;amount;kind;due_date;recorded_on\n"
PAYMENTS = "account;paid_on;amount;period;channel;document\n"
LEDGER = """
    select a.account_number, c.period, s.code, c.kind, c.amount, c.booked_on, c.due_date
    from ops.charge as c
    inner join ops.account as a on c.account_id = a.account_id
    inner join reference.service as s on c.service_id = s.service_id
    order by 1, 2, 3, 4, 5, 6
"""
RECEIPTS = """
    select a.account_number, p.paid_on, p.amount, p.named_period, p.channel, p.document
    from ops.payment as p inner join ops.account as a on p.account_id = a.account_id
    order by 1, 2, 3, 6
"""


pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.fixture
def organisation(fresh_database):  # noqa: ARG001 - the database comes first
    """An organisation in an otherwise empty database with the reference data."""
    return organisation_with_reference_data()


def test_a_charges_file_becomes_facts_that_point_at_their_lines(organisation):
    report = load(
        organisation,
        "charges",
        CHARGES + "0001;01.2024;Отопление;100,50;;10.02.2024;\n"
        "0001;01.2024;отопл.;-20;перерасчёт;;05.03.2024\n",
        create_accounts=True,
    )
    assert counts(report) == (2, 0, 0)
    assert rows(LEDGER) == [
        ("0001", date(2024, 1, 1), "heating", "charge", Decimal("100.50"), date(2024, 1, 31),
         date(2024, 2, 10)),
        ("0001", date(2024, 1, 1), "heating", "recalculation", Decimal("-20.00"),
         date(2024, 3, 5), None),
    ]  # fmt: skip
    origin = rows("select distinct import_id, import_line from ops.charge order by 2")
    assert origin == [(report.import_id, 2), (report.import_id, 3)]


def test_the_same_file_twice_changes_nothing(organisation):
    content = CHARGES + "0001;01.2024;Отопление;100;;;\n"
    first = load(organisation, "charges", content, create_accounts=True)
    again = load(organisation, "charges", content, create_accounts=True)
    assert again.outcome is Outcome.ALREADY_LOADED
    assert again.import_id == first.import_id
    assert counts(again) == (0, 1, 0)
    assert "ничего не изменено" in again.as_text()
    assert (count("charge"), count("import_file")) == (1, 1)


def test_rows_of_an_overlapping_file_are_known_and_only_new_ones_added(organisation):
    load(
        organisation,
        "charges",
        CHARGES + "1;01.2024;Газ;100;;;\n1;02.2024;Газ;100;;;\n",
        create_accounts=True,
    )
    report = load(
        organisation,
        "charges",
        CHARGES + "1;02.2024;Газ;100;;;\n1;03.2024;Газ;100;;;\n",
        create_accounts=True,
    )
    assert counts(report) == (1, 1, 0)
    assert count("charge") == 3


def test_two_equal_payments_in_one_file_are_two_and_in_another_file_known(organisation):
    twice = PAYMENTS + "1;05.02.2024;100;;;\n1;05.02.2024;100;;;\n"
    once = PAYMENTS + "1;05.02.2024;100;;;\n1;06.02.2024;100;;;\n"
    assert counts(load(organisation, "payments", twice, create_accounts=True)) == (2, 0, 0)
    assert counts(load(organisation, "payments", once, create_accounts=True)) == (1, 1, 0)
    assert count("payment") == 3


def test_a_row_of_another_file_is_known_and_told_line_by_line_with_its_equal(organisation):
    once = PAYMENTS + "1;05.02.2024;100;;;\n"
    load(organisation, "payments", once, create_accounts=True, file_name="касса.csv")
    both = PAYMENTS + "1;06.02.2024;50;;;\n1;05.02.2024;100;;;\n"
    report = load(organisation, "payments", both, file_name="банк.csv")
    assert counts(report) == (1, 1, 0)
    [known] = report.known_rows
    assert (known.line, known.raw) == (3, "1;05.02.2024;100;;;")
    assert "строка 2 файла «касса.csv»" in known.text
    assert f"строка 3: {known.text}" in report.as_text()
    assert "--repeat" in report.as_text()
    kept = rows("select line_number, outcome, raw from ops.import_line")
    assert kept == [(3, "known", "1;05.02.2024;100;;;")]
    sheet = openpyxl.load_workbook(io.BytesIO(untaken_rows_xlsx(report)))["Уже известны 1"]
    _, row = sheet.iter_rows(values_only=True)
    assert (row[0], row[1], row[2:5]) == (3, known.text, ("1", "05.02.2024", "100"))


def test_a_second_equal_payment_comes_in_when_its_line_is_named_and_only_once(organisation):
    load(organisation, "payments", PAYMENTS + "1;05.02.2024;100;;;\n", create_accounts=True)
    content = PAYMENTS + "1;05.02.2024;100;;;\n1;06.02.2024;1;;;\n"
    first = load(organisation, "payments", content)
    assert counts(first) == (1, 1, 0)
    again = load(organisation, "payments", content)
    assert [row.line for row in again.known_rows] == [2]

    second = load(organisation, "payments", content, repeated_lines=[2])
    assert second.outcome is Outcome.COMPLETED
    assert second.import_id == first.import_id
    third = load(organisation, "payments", content, repeated_lines=[2])

    assert counts(second) == (1, 1, 0)
    assert third.rows_accepted == 0
    assert third.notices[0].line == 2
    assert count("payment") == 3
    assert rows("select import_id, line_number, outcome from ops.import_line_taken") == [
        (first.import_id, 2, "known")
    ]
    assert load(organisation, "payments", content).known_rows == ()


def test_lines_named_at_the_first_loading_come_in_at_once(organisation):
    load(organisation, "payments", PAYMENTS + "1;05.02.2024;100;;;\n", create_accounts=True)
    content = PAYMENTS + "1;05.02.2024;100;;;\n"
    content += "1;07.02.2024;1;;;\n"
    assert counts(load(organisation, "payments", content, repeated_lines=[2])) == (2, 0, 0)
    assert counts(load(organisation, "payments", content, repeated_lines=[2])) == (0, 2, 0)
    assert count("payment") == 3


def test_payments_with_different_document_numbers_are_different(organisation):
    load(organisation, "payments", PAYMENTS + "1;05.02.2024;100;;;7\n", create_accounts=True)
    report = load(organisation, "payments", PAYMENTS + "1;05.02.2024;100;;;8\n")
    assert counts(report) == (1, 0, 0)
    assert report.known_rows == ()


def test_rows_known_from_the_file_itself_are_not_listed(organisation):
    content = CHARGES + "1;01.2024;Газ;100;;;\n2;01.2024;Газ;100;;;\n"
    load(organisation, "charges", CHARGES + "1;12.2023;Газ;1;;;\n", create_accounts=True)
    load(organisation, "charges", content)
    again = load(organisation, "charges", content, create_accounts=True)
    assert counts(again) == (1, 1, 0)
    assert again.known_rows == ()


def close(organisation, period):
    """Close a month as its row does; what it takes to close one is tested elsewhere."""
    with owner_engine().begin() as connection:
        connection.execute(
            text(
                "insert into ops.month_closing (organisation_id, period, is_closed, "
                "control_totals, recorded_at) "
                "values (:own, :period, true, '{}', now() - interval '1 minute')"
            ),
            {"own": organisation, "period": period},
        )


def test_an_undated_recalculation_of_a_closed_month_is_booked_in_the_open_one(organisation):
    load(organisation, "charges", CHARGES + "1;09.2026;Газ;100;;;\n", create_accounts=True)
    close(organisation, date(2026, 9, 1))
    content = CHARGES + "1;09.2026;Газ;-20;перерасчёт;;\n1;10.2026;Газ;-5;перерасчёт;;\n"
    report = load(organisation, "charges", content)
    assert counts(report) == (2, 0, 0)
    assert "Сентябрь 2026 г. закрыт" in report.as_text()
    assert "21.11.2026" in report.notices[0].text
    booked = rows(
        "select amount, booked_on, moved_from from ops.charge where kind = 'recalculation' "
        "order by amount"
    )
    assert booked == [
        (Decimal("-20.00"), TODAY, date(2026, 9, 30)),
        (Decimal("-5.00"), date(2026, 10, 31), None),
    ]


def test_a_moved_recalculation_is_known_when_another_file_brings_it_again(organisation):
    load(organisation, "charges", CHARGES + "1;09.2026;Газ;100;;;\n", create_accounts=True)
    close(organisation, date(2026, 9, 1))
    line = "1;09.2026;Газ;-20;перерасчёт;;\n"
    load(organisation, "charges", CHARGES + line)
    report = load(organisation, "charges", CHARGES + line + "1;10.2026;Газ;1;;;\n")
    assert counts(report) == (1, 1, 0)


def test_what_would_change_a_closed_month_is_refused_and_told_who_may_open_it(organisation):
    load(organisation, "charges", CHARGES + "1;09.2026;Газ;100;;;\n", create_accounts=True)
    close(organisation, date(2026, 9, 1))
    content = (
        CHARGES
        + "1;09.2026;Отопление;100;;;\n1;08.2026;Газ;-5;перерасчёт;;05.09.2026\n"
        + "1;09.2026;Газ;100;;;\n1;08.2026;Газ;-7;перерасчёт;;05.10.2026\n"
    )
    report = load(organisation, "charges", content)
    assert counts(report) == (1, 1, 2)
    assert [refusal.line for refusal in report.refusals] == [2, 3]
    assert "Сентябрь 2026 г. закрыт" in report.refusals[0].reason
    assert [refusal.field for refusal in report.refusals] == ["period", "recorded_on"]
    assert "Сентябрь 2026 г. закрыт" in report.refusals[1].reason
    assert "бухгалтер и руководитель" in report.refusals[0].reason


def test_a_late_payment_of_a_closed_month_is_accepted_with_a_notice(organisation):
    load(organisation, "charges", CHARGES + "1;09.2026;Газ;100;;;\n", create_accounts=True)
    close(organisation, date(2026, 9, 1))
    report = load(organisation, "payments", PAYMENTS + "1;15.09.2026;100;;;\n")
    assert counts(report) == (1, 0, 0)
    [notice] = report.notices
    assert notice.line == 2
    assert "Сентябрь 2026 г. уже закрыт" in notice.text


def test_rows_refused_for_a_closed_month_come_in_once_it_is_open_again(organisation):
    load(organisation, "charges", CHARGES + "1;08.2026;Газ;100;;;\n", create_accounts=True)
    close(organisation, date(2026, 9, 1))
    content = CHARGES + "1;09.2026;Газ;100;;;\n"
    assert counts(load(organisation, "charges", content)) == (0, 0, 1)
    with owner_engine().begin() as connection:
        reopen_month(connection, organisation, date(2026, 9, 1), reason="не все начисления")
    assert counts(load(organisation, "charges", content)) == (1, 0, 0)


def test_an_unknown_account_is_refused_and_its_line_kept_word_for_word(organisation):
    report = load(organisation, "charges", CHARGES + "0077;01.2024;Газ;100;;;\n")
    assert counts(report) == (0, 0, 1)
    assert "0077" in report.refusals[0].reason
    kept = rows("select line_number, outcome, field, raw from ops.import_line")
    assert kept == [(2, "refused", "account", "0077;01.2024;Газ;100;;;")]


def test_refused_rows_are_taken_from_the_same_file_once_the_account_is_there(organisation):
    content = CHARGES + "0077;01.2024;Газ;100;;;\n"
    first = load(organisation, "charges", content)
    again = load(organisation, "charges", content, create_accounts=True)
    assert again.outcome is Outcome.COMPLETED
    assert again.import_id == first.import_id
    assert counts(again) == (1, 0, 0)
    third = load(organisation, "charges", content, create_accounts=True)
    assert third.outcome is Outcome.ALREADY_LOADED
    assert (count("charge"), count("import_file")) == (1, 1)


def test_a_created_account_is_open_from_the_first_month_of_its_file(organisation):
    content = CHARGES + "1;03.2024;Газ;1;;;\n1;01.2024;Газ;1;;;\n"
    load(organisation, "charges", content, create_accounts=True)
    assert rows("select valid_from, is_open from ops.account_state") == [(date(2024, 1, 1), True)]


def test_an_unknown_service_is_refused_naming_the_nearest(organisation):
    content = CHARGES + "1;01.2024;Отоплени;100;;;\n1;01.2024;Взнос на капитальный ремонт;5;;;\n"
    report = load(organisation, "charges", content, create_accounts=True)
    assert counts(report) == (1, 0, 1)
    assert "«Отопление»" in report.refusals[0].reason
    assert rows(LEDGER)[0][2] == "capital_repair"


def test_a_charge_with_another_sum_in_a_later_file_is_accepted_with_a_notice(organisation):
    load(organisation, "charges", CHARGES + "1;01.2024;Газ;100;;;\n", create_accounts=True)
    report = load(organisation, "charges", CHARGES + "1;01.2024;Газ;120;;;\n")
    assert counts(report) == (1, 0, 0)
    assert "100,00" in report.notices[0].text
    assert rows("select outcome from ops.import_line") == [("warning",)]


def test_two_lines_of_one_bill_give_no_notice(organisation):
    content = CHARGES + "1;01.2024;Газ;100;;;\n1;01.2024;Газ;120;;;\n"
    assert load(organisation, "charges", content, create_accounts=True).notices == ()


def test_a_payment_like_a_known_one_is_accepted_with_a_notice(organisation):
    load(organisation, "payments", PAYMENTS + "1;05.02.2024;100;;;7\n", create_accounts=True)
    report = load(organisation, "payments", PAYMENTS + "1;05.02.2024;100;;;8\n")
    assert counts(report) == (1, 0, 0)
    assert "второй раз" in report.notices[0].text


def test_the_channel_and_the_named_month_of_a_payment_are_kept(organisation):
    content = PAYMENTS + "1;05.02.2024;100;январь 2024;касса;77\n1;05.02.2024;5;;волшебство;\n"
    report = load(organisation, "payments", content, create_accounts=True)
    assert rows(RECEIPTS) == [
        ("1", date(2024, 2, 5), Decimal("5.00"), None, "other", None),
        ("1", date(2024, 2, 5), Decimal("100.00"), date(2024, 1, 1), "cash_desk", "77"),
    ]
    assert "«волшебство»" in report.notices[0].text


def test_what_an_agent_says_of_a_payment_stands_in_the_register_of_receipts(organisation):
    load(organisation, "charges", CHARGES + "0001;01.2024;Отопление;100;;;\n", create_accounts=True)
    report = load(
        organisation,
        "payments",
        "Лицевой счёт;Дата платежа;Сумма платежа;Сумма комиссии;№ чека;Дата зачисления\n"
        "0001;05.02.2024;1 000,00;12,50;ФД 1207;06.02.2024\n"
        "0001;07.02.2024;300;;;\n",
    )
    assert counts(report) == (2, 0, 0)
    assert rows(
        "select p.amount, p.document, d.commission, d.receipt_number, d.credited_on, "
        "d.import_id = p.import_id and d.import_line = p.import_line "
        "from ops.payment as p left join ops.payment_detail as d "
        "on p.account_id = d.account_id and p.payment_id = d.payment_id order by p.paid_on"
    ) == [
        (1_000, "ФД 1207", Decimal("12.50"), "ФД 1207", date(2024, 2, 6), True),
        (300, None, None, None, None, None),
    ]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("-3;;", "комиссия -3 меньше нуля"),
        (";;04.02.2024", "раньше дня оплаты 05.02.2024"),
        (";;01.02.2030", "позже сегодняшнего"),
    ],
)
def test_a_commission_below_zero_and_money_credited_before_it_was_paid_are_refused(
    organisation, cells, told
):
    load(organisation, "charges", CHARGES + "0001;01.2024;Отопление;100;;;\n", create_accounts=True)
    report = load(
        organisation,
        "payments",
        "account;paid_on;amount;commission;receipt_number;credited_on\n"
        f"0001;05.02.2024;1000;{cells}\n",
    )
    assert counts(report) == (0, 0, 1)
    assert told in report.refusals[0].reason
    assert count("payment_detail") == 0


def test_accounts_with_one_number_in_two_organisations_do_not_mix(organisation):
    content = CHARGES + "1;01.2024;Газ;100;;;\n"
    other = new_organisation("uk2")
    load(organisation, "charges", content, create_accounts=True)
    report = load(other, "charges", content)
    assert counts(report) == (0, 0, 1)
    report = load(other, "charges", content, create_accounts=True)
    assert counts(report) == (1, 0, 0)
    assert count("account") == 2


def test_a_trial_run_tells_what_would_happen_and_writes_nothing(organisation):
    content = CHARGES + "1;01.2024;Газ;100;;;\nИтого;;;100;;;\n"
    report = load(organisation, "charges", content, create_accounts=True, dry_run=True)
    assert counts(report) == (1, 0, 1)
    assert report.import_id is None
    assert "пробная" in report.as_text()
    for table in ("charge", "account", "import_file", "import_line", "account_change"):
        assert count(table) == 0


def test_a_line_that_is_refused_is_not_told_to_have_been_accepted(organisation):
    report = load(organisation, "charges", CHARGES + "0077;01.2024;Газ;-5;;;\n")
    assert counts(report) == (0, 0, 1)
    assert report.notices == ()
    assert "ни одна строка не принята" in report.as_text()


def test_a_refused_file_leaves_no_trace_and_the_message_names_it(organisation):
    with pytest.raises(FileRefusedError, match=r"«мусор\.csv».*не найдена строка заголовков"):
        load(organisation, "charges", "a;b\n1;2\n", file_name="мусор.csv")
    assert count("import_file") == 0


def test_a_failure_later_in_the_transaction_takes_the_whole_file_back(organisation):
    content = (CHARGES + "1;01.2024;Газ;100;;;\n").encode()
    with owner_engine().connect() as connection:
        import_file(
            connection,
            kind="charges",
            file_name="f",
            content=content,
            organisation_id=organisation,
            create_accounts=True,
            today=TODAY,
        )
        connection.rollback()
    assert count("charge") == count("import_file") == count("account") == 0


def test_several_files_may_share_one_transaction(organisation):
    with owner_engine().begin() as connection:
        for period in ("01.2024", "02.2024"):
            import_file(
                connection, kind="charges", file_name=period,
                content=(CHARGES + f"1;{period};Газ;100;;;\n").encode(),
                organisation_id=organisation, create_accounts=True, today=TODAY,
            )  # fmt: skip
    assert count("charge") == 2


def test_the_warehouse_is_told_which_accounts_changed(organisation):
    load(organisation, "charges", CHARGES + "1;01.2024;Газ;100;;;\n", create_accounts=True)
    changed = rows("select distinct account_id from ops.account_change")
    assert changed == rows("select account_id from ops.account")


def test_refused_rows_come_back_as_a_workbook_in_the_columns_of_the_file(organisation):
    content = CHARGES + '0077;01.2024;"Газ; плита";1,005;;;\n'
    report = load(organisation, "charges", content)
    sheet = openpyxl.load_workbook(io.BytesIO(untaken_rows_xlsx(report))).active
    heading, refused = sheet.iter_rows(values_only=True)
    assert heading[:6] == ("Строка", "Столбец", "Причина", "account", "period", "service")
    assert refused[0] == 2
    assert "больше двух знаков" in refused[2]
    assert refused[3:7] == ("0077", "01.2024", "Газ; плита", "1,005")


def test_the_report_counts_and_lists(organisation):
    content = CHARGES + "1;01.2024;Газ;1234,5;;;\n2;99.2024;Газ;1;;;\n"
    report = load(organisation, "charges", content, create_accounts=True, file_name="ноябрь.csv")
    assert report.as_text() == (
        f"Файл «ноябрь.csv» загружен (загрузка № {report.import_id}).\n"
        "  принято строк: 1, уже известны: 0, отказано: 1\n"
        "  сумма принятых строк, руб.: 1\u202f234,50\n"
        "  новых лицевых счетов: 1\n"
        "Отказано:\n"
        "  строка 3, столбец «period»: в периоде «99.2024» месяц 99. "
        "Впишите месяц в виде 01.2024."
    )


ledger_line = st.tuples(
    st.sampled_from(["001", "002"]),
    st.sampled_from(["2024-01", "2024-02"]),
    st.sampled_from(["Газ", "Отопление"]),
    st.sampled_from(["100.00", "50.00"]),
)


@pytest.mark.usefixtures("organisation")
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(ledger_line, min_size=1, max_size=5), min_size=2, max_size=3))
def test_any_order_of_files_gives_the_same_ledger(files):
    contents = [
        "account,period,service,amount\n" + "\n".join(",".join(line) for line in lines)
        for lines in files
    ]
    ledgers = []
    for number, order in enumerate(permutations(contents)):
        # Facts cannot be deleted, so each order gets an organisation of its own.
        own = new_organisation(f"order{number}-{count('organisation')}")
        for content in (*order, *order):
            load(own, "charges", content, create_accounts=True)
        ledgers.append(
            rows(
                "select a.account_number, c.period, c.service_id, c.amount "
                "from ops.charge as c inner join ops.account as a using (account_id) "
                "where a.organisation_id = :own order by 1, 2, 3, 4",
                own=own,
            )
        )
    assert all(ledger == ledgers[0] for ledger in ledgers)
