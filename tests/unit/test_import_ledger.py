"""Files of charges and payments from any billing program."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operational_db.imports.ledger import LedgerKind, read_charges, read_payments
from operational_db.imports.problems import FileRefusedError

TODAY = date(2026, 11, 21)
CHARGES = "account;period;service;amount;kind;due_date;recorded_on\n"
PAYMENTS = "account;paid_on;amount;period;channel;document\n"


def charges(*lines):
    return read_charges((CHARGES + "\n".join(lines)).encode(), today=TODAY)


def payments(*lines):
    return read_payments((PAYMENTS + "\n".join(lines)).encode(), today=TODAY)


def reason(parsed):
    assert parsed.rows == []
    (refusal,) = parsed.refusals
    return refusal.as_text()


def test_a_charge_is_booked_on_the_last_day_of_its_month():
    (row,) = charges("0001;02.2024;Отопление;100;;;15.02.2024").rows
    assert row.kind is LedgerKind.CHARGE
    assert row.booked_on == date(2024, 2, 29)


def test_a_recalculation_is_booked_on_the_day_of_its_document():
    (row,) = charges("0001;02.2024;Отопление;-100;перерасчёт;;10.05.2024").rows
    assert row.booked_on == date(2024, 5, 10)


def test_a_recalculation_without_a_document_date_is_booked_at_the_end_of_its_month():
    (row,) = charges("0001;02.2024;Отопление;-100;перерасчёт;;").rows
    assert row.booked_on == date(2024, 2, 29)


def test_leading_zeros_of_an_account_are_kept():
    (row,) = charges("0000001001;01.2024;Газ;1;;;").rows
    assert row.account == "0000001001"


@pytest.mark.parametrize("written", ['="00123"', "'00123", " 00123 "])
def test_an_account_protected_from_excel_is_read_without_the_protection(written):
    cell = '"' + written.replace('"', '""') + '"'
    (row,) = charges(f"{cell};01.2024;Газ;1;;;").rows
    assert row.account == "00123"


def test_an_account_that_excel_made_a_number_is_refused():
    assert "Excel" in reason(charges("1,23E+11;01.2024;Газ;1;;;"))


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("начисление", "charge"),
        ("charge", "charge"),
        ("", "charge"),
        ("Перерасчет", "recalculation"),
        ("перерасчёт", "recalculation"),
        ("recalculation", "recalculation"),
        ("Корректировка", "adjustment"),
        ("adjustment", "adjustment"),
    ],
)
def test_the_kind_of_a_line_is_known_in_both_languages(word, kind):
    (row,) = charges(f"1;01.2024;Газ;1;{word};;").rows
    assert row.kind == kind


def test_an_unknown_kind_is_refused_naming_the_known_ones():
    text = reason(charges("1;01.2024;Газ;1;премия;;"))
    assert "столбец «kind»" in text
    assert "начисление, перерасчёт или корректировка" in text


def test_a_negative_charge_is_taken_as_a_recalculation_and_said_so():
    parsed = charges("1;01.2024;Газ;-5;начисление;;")
    assert parsed.rows[0].kind is LedgerKind.RECALCULATION
    assert [notice.line for notice in parsed.notices] == [2]
    assert "перерасчёт" in parsed.notices[0].text


def test_a_zero_charge_is_a_fact_and_a_zero_recalculation_is_none():
    assert charges("1;01.2024;Газ;0;;;").rows[0].amount == Decimal("0.00")
    assert "ничего не меняет" in reason(charges("1;01.2024;Газ;0;перерасчёт;;"))


def test_a_due_date_must_fit_its_month():
    (row,) = charges("1;11.2026;Газ;1;;10.01.2027;").rows
    assert row.due_date == date(2027, 1, 10)
    assert "срок оплаты" in reason(charges("1;11.2026;Газ;1;;10.10.2026;"))


def test_a_line_of_totals_is_no_account():
    assert "строка итогов" in reason(charges("Итого;01.2024;Газ;100;;;"))


def test_a_refusal_names_line_column_and_keeps_the_line_word_for_word():
    parsed = charges("1;01.2024;Газ;1;;;", "2;01.2024;Газ;1,005;;;")
    (refusal,) = parsed.refusals
    assert (refusal.line, refusal.field, refusal.raw) == (3, "amount", "2;01.2024;Газ;1,005;;;")


def test_a_payment_may_name_the_month_it_is_for():
    named, unnamed = payments("1;05.02.2024;100;01.2024;bank;77", "1;05.02.2024;100;;;").rows
    assert named.period == date(2024, 1, 1)
    assert (named.channel, named.document) == ("bank", "77")
    assert (unnamed.period, unnamed.channel, unnamed.document) == (None, None, None)


def test_two_equal_payments_in_one_file_are_two_payments():
    assert len(payments("1;05.02.2024;100;;;", "1;05.02.2024;100;;;").rows) == 2


def test_a_negative_payment_is_a_refund_and_a_zero_one_is_refused():
    parsed = payments("1;05.02.2024;-100;;;", "1;05.02.2024;0,00;;;")
    assert parsed.rows[0].amount == Decimal("-100.00")
    assert "возврат" in parsed.notices[0].text
    assert "ноль" in parsed.refusals[0].reason


def test_a_payment_from_the_far_future_is_refused():
    assert "Исправьте год" in reason(payments("1;05.02.2062;100;;;"))


def test_a_payments_file_is_not_taken_for_charges():
    with pytest.raises(FileRefusedError, match="заголовков"):
        read_charges((PAYMENTS + "1;05.02.2024;1;;;").encode(), today=TODAY)


HEADINGS = {
    "en": ("account", "period", "service", "amount"),
    "ru": ("Лицевой счёт", "Период", "Услуга", "Сумма, руб."),
    "short": ("ЛС", "Месяц", "Наименование услуги", "Начислено"),
}
ledger_rows = st.lists(
    st.tuples(
        st.from_regex(r"[0-9]{1,12}", fullmatch=True),
        st.dates(min_value=date(2015, 1, 1), max_value=date(2026, 10, 31)),
        st.sampled_from(["Отопление", "Взнос на капитальный ремонт", "Содержание, ремонт; лифт"]),
        st.decimals(min_value=0, max_value=999_999, places=2),
    ),
    max_size=12,
)


@given(
    ledger_rows,
    st.sampled_from(["utf-8", "utf-8-sig", "cp1251", "cp866"]),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["en", "ru", "short"]),
    st.sampled_from([".", ","]),
    st.sampled_from(["%Y-%m", "%m.%Y", "%d.%m.%Y", "%Y-%m-%d"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_the_same_charges_are_read_however_the_program_writes_them(
    rows, encoding, delimiter, language, point, month_format, end
):
    def cell(text):
        return f'"{text}"' if delimiter in text else text

    lines = [delimiter.join(cell(heading) for heading in HEADINGS[language])]
    for account, day, service, amount in rows:
        amount_text = f"{amount:.2f}".replace(".", point)
        values = (account, day.strftime(month_format), service, amount_text)
        lines.append(delimiter.join(cell(value) for value in values))

    parsed = read_charges(end.join(lines).encode(encoding), today=TODAY)

    assert parsed.refusals == []
    assert [(row.account, row.period, row.service, row.amount) for row in parsed.rows] == [
        (account, day.replace(day=1), service, amount) for account, day, service, amount in rows
    ]
    assert [row.line for row in parsed.rows] == list(range(2, len(rows) + 2))


def test_the_examples_of_the_users_guide_are_read_whole():
    guide = (Path(__file__).resolve().parents[2] / "docs/user/zagruzka.md").read_text("utf-8")
    blocks = [block.strip() for block in guide.split("```")[1::2]]
    ledger = next(block for block in blocks if block.startswith("Лицевой счёт;"))
    receipts = next(block for block in blocks if block.startswith("account,paid_on"))
    assert len(read_charges(ledger.encode(), today=TODAY).rows) == ledger.count("\n")
    assert len(read_payments(receipts.encode(), today=TODAY).rows) == receipts.count("\n")


def test_a_sum_above_a_million_is_taken_with_a_notice():
    taken = payments("0001;20.11.2026;1000000;;;", "0002;20.11.2026;1000000,01;;;")
    assert [row.account for row in taken.rows] == ["0001", "0002"]
    assert [(notice.line, "больше миллиона" in notice.text) for notice in taken.notices] == [
        (3, True)
    ]


def test_a_sum_above_a_hundred_millions_refuses_its_row_only():
    taken = charges("0001;02.2024;Газ;100000000,01;;;", "0002;02.2024;Газ;5;;;")
    assert [row.account for row in taken.rows] == ["0002"]
    assert [(refusal.line, refusal.field) for refusal in taken.refusals] == [(2, "amount")]


@pytest.mark.parametrize("quote", ['"', '"Ромашка" '])
def test_a_line_longer_than_any_row_refuses_the_file_and_names_the_line(quote):
    with pytest.raises(FileRefusedError, match="Строка 3: строка длиннее") as refused:
        charges("0001;02.2024;Газ;5;;;", f'{quote}{"я" * 140_000}";02.2024;Газ;5;;;')
    assert refused.value.line == 3
