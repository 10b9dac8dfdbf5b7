"""The calculation of penalty: what a judge must find on the paper."""

import re
from dataclasses import fields
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn

from document_gen import penalty_words
from document_gen.parties import DocumentDataError
from document_gen.penalty_calculation import (
    LawTable,
    Month,
    PenaltyCalculationContext,
    Row,
    calculation_from_rows,
    file_name,
    render,
)

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "user" / "shablony.md"
BUILT_AT = datetime(2026, 11, 21, 2, 14, tzinfo=timezone(timedelta(hours=3)))
HEAD = {
    "account_number": "50240123456",
    "address": "г. Красногорск, ул. Вокзальная, д. 15, кв. 147",
    "as_of": date(2024, 1, 9),
    "signer_position": "Начальник отдела",
    "signer_name": "Петрова Анна Сергеевна",
    "built_at": BUILT_AT,
}
ORGANISATION = dict.fromkeys(
    ("inn", "kpp", "ogrn", "address", "phone", "email", "bank_name", "bic", "bank_account",
     "correspondent_account")
) | {"name": "МУП «Расчётный центр»"}  # fmt: skip
TABLES = [
    {"title": "Ключевая ставка", "verified_through": date(2026, 10, 25), "version": "d0d2fde3"},
    {"title": "Ступени пени", "verified_through": None, "version": "3903a01b"},
]
LIMITS = [
    {"moratorium_id": "M2022", "kind": "exclude_days", "date_from": date(2022, 4, 1),
     "date_to": date(2022, 10, 1), "rule": "За эти дни пени не начисляются", "act": "ПП № 497"},
    {"moratorium_id": "C2023", "kind": "rate_cap", "date_from": date(2023, 1, 1),
     "date_to": date(2023, 12, 31), "rule": "Ставка не выше 9,5 %", "act": "ПП № 2479"},
    {"moratorium_id": "C2024", "kind": "rate_cap", "date_from": date(2024, 1, 1),
     "date_to": date(2024, 12, 31), "rule": "Ставка не выше 9,5 %", "act": "ПП № 2382"},
]  # fmt: skip


def line(**changes):
    given = {
        "liability": "housing",
        "period": date(2023, 9, 1),
        "due_date": date(2023, 10, 10),
        "delay_from_date": date(2023, 10, 10),
        "bill_delivered_date": None,
        "base_amount": Decimal("3000.00"),
        "date_from": date(2023, 11, 10),
        "date_to": date(2023, 11, 19),
        "day_count": 10,
        "first_delay_day": 31,
        "rate_pct": Decimal("9.50"),
        "cap_id": "C2023",
        "denominator": 300,
        "step_act": "ЖК РФ ст. 155 ч. 14",
        "is_verified": True,
        "penalty_amount": Decimal("9.50"),
        "closed_by_kind": "payment",
        "closed_by_id": 7,
        "closed_by_date": date(2023, 11, 19),
        "begins_because": "step",
        "ends_because": "closed",
        "charge_ids": [101, 102, 103, 110],
        "payment_amount": Decimal("3000.00"),
        "payment_document": "п/п 11",
    }
    return given | changes


OPEN_LINE = line(
    base_amount=Decimal("7000.00"),
    date_to=date(2024, 1, 8),
    day_count=60,
    penalty_amount=Decimal("133.00"),
    closed_by_kind=None,
    closed_by_id=None,
    closed_by_date=None,
    ends_because="step",
    payment_amount=None,
    payment_document=None,
)


def month(**changes):
    given = {
        "liability": "housing",
        "period": date(2023, 9, 1),
        "due_date": date(2023, 10, 10),
        "debt": Decimal("7000.00"),
        "penalty": Decimal("142.50"),
    }
    return given | changes


def calculation(lines=None, months=None, **head):
    return calculation_from_rows(
        HEAD | head,
        lines=[line(), OPEN_LINE] if lines is None else lines,
        months=[month()] if months is None else months,
        total={
            "debt": Decimal("7000.00"),
            "penalty": Decimal("142.50"),
            "debt_and_penalty": Decimal("7142.50"),
        },
        tables=TABLES,
        limits=LIMITS,
        organisation=ORGANISATION,
        holders=[{"name": "Иванов Иван Иванович", "share": None}],
    )


def opened(context):
    return Document(BytesIO(render(context)))


def plain(text):
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


def rows_of(table):
    """Cells of each row, a merged one once."""
    return [
        [plain("".join(t.text or "" for t in cell.iter(qn("w:t")))) for cell in row._tr.tc_lst]
        for row in table.rows
    ]


def text_of(context):
    document = opened(context)
    told = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        told += [" | ".join(cells) for cells in rows_of(table)]
    return plain("\n".join(told))


def test_the_columns_are_those_of_the_accepted_form():
    head, below = rows_of(opened(calculation()).tables[1])[:2]
    assert head[:7] == [
        "Задолженность", "Период просрочки", "Ставка, %", "Доля ставки", "Формула", "Пени",
        "Основание: с какого дня; по какой",
    ]  # fmt: skip
    assert below[1:4] == ["с", "по", "дней"]


def test_a_month_has_its_head_its_lines_what_closed_them_and_its_sum():
    assert rows_of(opened(calculation()).tables[1])[2:] == [
        ["сентябрь 2023 – жильё и услуги. Срок оплаты 10.10.2023. Начисления № 101–103, 110"],
        ["3 000,00", "10.11.2023", "19.11.2023", "10", "9,5", "1/300",
         "3 000,00 × 10 × 1/300 × 9,5 %", "9,50",
         "31-й день просрочки; по: оплата № 7 от 19.11.2023, док. п/п 11"],
        ["19.11.2023: оплата № 7 от 19.11.2023, док. п/п 11 на 3 000,00 руб.; из долга за этот "
         "месяц погашено 3 000,00 руб."],
        ["7 000,00", "10.11.2023", "08.01.2024", "60", "9,5", "1/300",
         "7 000,00 × 60 × 1/300 × 9,5 %", "133,00",
         "31-й день просрочки; по: изменилась доля ставки"],
        ["Итого за сентябрь 2023: долг 7 000,00, пени", "142,50", ""],
    ]  # fmt: skip


def test_the_heading_rows_stand_on_every_page():
    rows = opened(calculation()).tables[1].rows
    repeated = [row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows]
    assert repeated == [True, True] + [False] * (len(rows) - 2)


def test_totals_acts_and_versions_of_the_tables_are_told():
    told = text_of(calculation())
    assert "Всего | 7 142,50" in told
    assert "Пени: Сто сорок два рубля 50 копеек." in told
    assert "Доли ставки: ЖК РФ ст. 155 ч. 14." in told
    assert "ПП № 2479" in told
    assert "ключевая ставка, проверено по 25.10.2026, версия d0d2fde3" in told


def test_only_moratoria_and_caps_that_the_lines_met_are_named():
    told = text_of(calculation())
    assert "ПП № 497" not in told
    assert "ПП № 2382" not in told
    late = line(period=date(2022, 1, 1), due_date=date(2022, 2, 10), date_from=date(2022, 3, 13))
    assert "ПП № 497" in text_of(
        calculation([late], [month(period=date(2022, 1, 1), due_date=date(2022, 2, 10))])
    )


def test_a_late_bill_is_named_in_the_head_of_its_month():
    late = line(bill_delivered_date=date(2023, 10, 20), delay_from_date=date(2023, 10, 20))
    assert "счёт доставлен 20.10.2023, просрочка со следующего дня" in text_of(calculation([late]))


def test_unverified_lines_are_warned_of():
    assert "Внимание!" not in text_of(calculation())
    told = text_of(calculation([line(is_verified=False)]))
    assert "Внимание! 1 строка пени опирается на непроверенные ставку или ограничение" in told


def test_a_typed_case_has_no_account_no_organisation_and_says_of_what_it_is():
    context = calculation_from_rows(
        {"subject": "Иванов: по введённым данным", "as_of": date(2024, 1, 9), "built_at": BUILT_AT},
        lines=[line()],
        months=[month()],
        total={"debt": Decimal(0), "penalty": Decimal("9.50"), "debt_and_penalty": Decimal("9.50")},
        tables=TABLES,
        limits=LIMITS,
    )
    told = text_of(context)
    assert "Иванов: по введённым данным" in told
    assert "Лицевой счёт" not in told
    assert file_name(context) == "Расчёт пени на 09.01.2024.docx"


def test_what_was_known_then_is_told():
    assert "как было известно на 1 марта 2024 г." in text_of(calculation(known_on=date(2024, 3, 1)))


def test_penalty_that_came_under_a_cancelled_order_is_told_beside_what_is_asked():
    total = {
        "debt": Decimal("7000.00"),
        "penalty": Decimal("142.50"),
        "debt_and_penalty": Decimal("7142.50"),
        "own_debt": Decimal("7000.00"),
        "own_penalty": Decimal("42.40"),
        "own_total": Decimal("7042.40"),
        "recovered_penalty": Decimal("100.10"),
    }
    given = {"lines": [line()], "months": [month()], "tables": TABLES, "limits": LIMITS}
    told = plain(text_of(calculation_from_rows(HEAD, total=total, **given)))
    assert "Из них к взысканию с должника: пени" in told
    assert "получено 100,10 руб.; к взысканию заявлено 42,40 руб." in told


def test_nothing_is_told_of_an_order_under_which_no_penalty_came():
    total = {
        "debt": Decimal("7000.00"),
        "penalty": Decimal("142.50"),
        "debt_and_penalty": Decimal("7142.50"),
    }
    given = {"lines": [line()], "months": [month()], "tables": TABLES, "limits": LIMITS}
    without, with_zero = (
        render(calculation_from_rows(HEAD, total=total | more, **given))
        for more in ({}, {"recovered_penalty": Decimal(0)})
    )
    assert without == with_zero


def test_a_month_without_penalty_yet_shows_its_debt():
    told = rows_of(opened(calculation([], [month(penalty=Decimal(0))])).tables[1])[2:]
    assert told == [
        ["сентябрь 2023 – жильё и услуги. Срок оплаты 10.10.2023"],
        ["Итого за сентябрь 2023: долг 7 000,00, пени", "0,00", ""],
    ]


def test_nothing_to_reckon_makes_no_paper():
    with pytest.raises(DocumentDataError, match="считать нечего"):
        calculation([], [])


def test_equal_data_make_equal_bytes():
    assert render(calculation()) == render(calculation())


def test_numbers_of_facts_are_told_shortly():
    assert penalty_words.numbers([5, 1, 2, 3, 9, 10]) == "1–3, 5, 9, 10"


def test_the_guide_names_everything_that_the_template_may_use():
    guide = GUIDE.read_text("utf-8")
    for kind in (PenaltyCalculationContext, Month, Row, LawTable):
        for field in fields(kind):
            assert re.search(rf"`(\w+\.)?{field.name}`", guide), f"{kind.__name__}.{field.name}"
