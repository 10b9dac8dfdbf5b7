"""The statement of an account's debt: what a clerk must find on the paper."""

import hashlib
import os
import subprocess
import sys
import time
from dataclasses import asdict, fields, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn

from document_gen.account_statement import (
    TEMPLATE,
    AccountStatementContext,
    Ageing,
    Holder,
    MonthRow,
    Organisation,
    StatementDataError,
    Turnover,
    file_name,
    render,
    render_many,
    statement_from_mappings,
)
from document_gen.engine import template_version

ROOT = Path(__file__).resolve().parents[2]

COLUMNS = [
    "Период учета",
    "Вх. сальдо",
    "Начисления",
    "Начисления разовые",
    "Доп. корректировка",
    "Субсидии",
    "Субсидии перерасчет",
    "Оплаты",
    "Исх. сальдо",
]

NOTHING = Ageing(*[Decimal(0)] * 9)


def month(number):
    """The month that is ``number`` months after January 2016."""
    return date(2016 + number // 12, number % 12 + 1, 1)


def statement(months=2, **changes):
    turnover = Turnover(
        opening=Decimal("1000.00"),
        charged=Decimal("6543.21"),
        one_off=Decimal("-120.50"),
        adjustment=Decimal("-300.07"),
        paid=Decimal("5000.03"),
        closing=Decimal("2122.61"),
    )
    context = AccountStatementContext(
        organisation=Organisation("МУП «Расчётный центр»", inn="5024000000", phone="8 495 1"),
        account_number="50240123456",
        payer_code="00012345",
        address="г. Красногорск, ул. Вокзальная, д. 15, кв. 147",
        holders=(Holder("Иванов Иван Иванович", "1/2"), Holder("Иванова Мария Петровна", "1/2")),
        services=("Отопление", "Холодная вода"),
        as_of=date(2026, 11, 21),
        period_from=month(0),
        period_to=month(months - 1),
        rows=tuple(MonthRow(month(number), turnover) for number in range(months)),
        totals=replace(turnover, charged=Decimal("13086.42")),
        total_debt=Decimal("2122.61"),
        ageing=replace(NOTHING, not_due=Decimal("2000.60"), over_3_years=Decimal("122.01")),
        signer_position="Начальник отдела",
        signer_name="Петрова Анна Сергеевна",
        built_at=datetime(2026, 11, 21, 2, 14, tzinfo=timezone(timedelta(hours=3))),
    )
    return replace(context, **changes)


def opened(context):
    return Document(BytesIO(render(context)))


def words(text):
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


def cells(row):
    return [words(cell.text) for cell in row.cells]


def text_of(context):
    """All that the statement says, outside its tables and inside them."""
    document = opened(context)
    lines = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        lines += [" | ".join(cell.text for cell in row.cells) for row in table.rows]
    return words("\n".join(lines))


def turnover_table(context):
    return opened(context).tables[1]


def test_the_columns_are_those_of_the_accepted_form():
    assert cells(turnover_table(statement()).rows[0]) == COLUMNS


def test_every_sum_stands_under_its_own_column():
    assert cells(turnover_table(statement()).rows[2]) == [
        "январь 2016",
        "1 000,00",
        "6 543,21",
        "−120,50",
        "−300,07",
        "—",
        "—",
        "5 000,03",
        "2 122,61",
    ]


def test_money_for_awarded_duty_and_penalty_is_told_under_the_table_and_is_in_no_column():
    context = statement()
    awarded = replace(context.totals, to_awards=Decimal("250.00"))
    text = text_of(replace(context, totals=awarded))
    assert "250,00 руб. поступили и зачтены в присуждённые судом пошлину и пени" in text
    assert "пошлину и пени" not in text_of(context)
    assert turnover_table(context).rows[2].cells[7].text == "5\N{NARROW NO-BREAK SPACE}000,03"


def test_recorded_subsidies_are_printed():
    row = statement().rows[0]
    subsidised = replace(
        row.turnover, subsidy=Decimal("810.11"), subsidy_recalculation=Decimal("-5.00")
    )
    table = turnover_table(statement(rows=(replace(row, turnover=subsidised),)))
    assert cells(table.rows[2])[5:7] == ["810,11", "−5,00"]


@pytest.mark.parametrize("months", [0, 1, 36, 120])
def test_each_month_has_one_line_between_the_head_and_the_total(months):
    context = statement(1, rows=statement(months).rows if months else ())
    rows = turnover_table(context).rows
    assert len(rows) == 2 + months + 1
    assert cells(rows[-1])[:3] == ["Итого", "1 000,00", "13 086,42"]


def test_the_head_of_the_table_is_repeated_on_every_page():
    repeated = [
        row._tr.trPr is not None and row._tr.trPr.find(qn("w:tblHeader")) is not None
        for row in turnover_table(statement(3)).rows
    ]
    assert repeated == [True, True, False, False, False, False]


def test_the_head_names_the_account_its_people_and_services():
    text = text_of(statement())
    for said in (
        "МУП «Расчётный центр»",
        "ИНН 5024000000",
        "СВОД ЗАДОЛЖЕННОСТИ ПО ЛИЦЕВОМУ СЧЁТУ № 50240123456",
        "за период: январь 2016 – февраль 2016; по состоянию на 21 ноября 2026 г.",
        "Код плательщика | 00012345",
        "г. Красногорск, ул. Вокзальная, д. 15, кв. 147",
        "Иванов Иван Иванович — доля 1/2\nИванова Мария Петровна — доля 1/2",
        "Отопление, Холодная вода",
        "Начальник отдела",
        "Петрова Анна Сергеевна",
        "М. П.",
    ):
        assert said in text


def test_a_debt_is_named_in_figures_and_in_words():
    assert (
        "Общая задолженность на 21 ноября 2026 г.: 2 122,61 руб. "
        "(Две тысячи сто двадцать два рубля 61 копейка)."
    ) in text_of(statement())


def test_an_overpayment_is_not_called_a_debt():
    text = text_of(statement(total_debt=Decimal("-50.00")))
    assert "Переплата (аванс): 50,00 руб. (Пятьдесят рублей 00 копеек)." in text
    assert "Общая задолженность" not in text


def test_an_account_without_debt_says_so():
    text = text_of(statement(total_debt=Decimal("0.00")))
    assert "Задолженности на 21 ноября 2026 г. нет." in text
    assert "Переплата (аванс)" not in text


def test_the_debt_is_parted_by_age():
    ageing = Ageing(*[Decimal(number) for number in range(1, 10)])
    table = opened(statement(ageing=ageing)).tables[2]
    assert dict(zip(cells(table.rows[0]), cells(table.rows[1]), strict=True)) == {
        "Срок оплаты не наступил": "1,00",
        "Аванс": "2,00",
        "1–30 дней": "3,00",
        "31–60 дней": "4,00",
        "61–90 дней": "5,00",
        "91–180 дней": "6,00",
        "181–365 дней": "7,00",
        "От 1 года до 3 лет": "8,00",
        "Более 3 лет": "9,00",
    }


def test_what_is_not_known_leaves_no_hole_and_no_foreign_word():
    text = text_of(
        statement(
            organisation=Organisation("ТСЖ «Дружба»"),
            payer_code=None,
            holders=(),
            services=(),
            signer_position=None,
            signer_name=None,
        )
    )
    assert "None" not in text
    assert "ИНН" not in text
    assert "Код плательщика | —" in text
    assert "Ф.И.О. | сведений нет" in text


def test_every_requisite_that_is_known_is_printed():
    organisation = Organisation(**{field.name: f"<{field.name}>" for field in fields(Organisation)})
    text = text_of(statement(organisation=organisation))
    assert [field.name for field in fields(Organisation) if f"<{field.name}>" not in text] == []


def test_the_footer_names_the_account_and_the_version_of_the_template():
    footer = words(opened(statement()).sections[0].footer.paragraphs[0].text)
    assert "50240123456" in footer
    assert "Составлено 21.11.2026 02:14" in footer
    assert template_version(TEMPLATE)[:12] in footer


def test_another_process_in_another_time_zone_makes_the_same_bytes():
    code = (
        "import hashlib; from document_gen.account_statement import render;"
        "from tests.unit.test_document_account_statement import statement;"
        "print(hashlib.sha256(render(statement(36))).hexdigest())"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Vladivostok"}
    elsewhere = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert elsewhere.stdout.strip() == hashlib.sha256(render(statement(36))).hexdigest()


def test_a_mass_run_makes_the_same_documents_as_the_card():
    contexts = [statement(account_number=number) for number in ("17", "18")]
    made = dict(render_many(iter(contexts)))
    assert made == {file_name(context): render(context) for context in contexts}


def test_files_of_different_accounts_never_overwrite_each_other():
    numbers = ["1/2", "1_2", "1%2F2", "1:2", "12", "1\\2"]
    names = {file_name(statement(account_number=number)) for number in numbers}
    assert len(names) == len(numbers)
    assert all(not set('\\/:*?"<>|') & set(name) for name in names)
    assert file_name(statement()) == "Свод задолженности 50240123456 на 21.11.2026.docx"


def test_a_hundred_thousand_statements_are_a_night_s_work_and_not_a_week_s():
    """At least 30 statements of three years a second; processor time, so neighbours don't count."""
    contexts = [statement(36, account_number=str(number)) for number in range(60)]
    render(contexts[0])
    started = time.process_time()
    made = sum(1 for _ in render_many(contexts))
    assert made / (time.process_time() - started) >= 30


def query_results(context):
    head = {field.name: getattr(context, field.name) for field in fields(context)}
    parts = {name: head.pop(name) for name in ("rows", "totals", "ageing", "organisation")}
    return head, {
        "rows": [{"period": row.period, **asdict(row.turnover)} for row in parts["rows"]],
        "totals": asdict(parts["totals"]),
        "ageing": asdict(parts["ageing"]),
        "organisation": asdict(parts["organisation"]),
        "holders": [asdict(holder) for holder in head.pop("holders")],
        "services": list(head.pop("services")),
    }


def test_query_results_become_the_statement():
    head, parts = query_results(statement(3))
    assert statement_from_mappings(head | {"account_id": 7}, **parts) == statement(3)


def test_a_query_without_a_column_is_told_which():
    head, parts = query_results(statement(3))
    del parts["rows"][1]["paid"]
    with pytest.raises(StatementDataError, match=r"«строки».* paid"):
        statement_from_mappings(head, **parts)

    head, parts = query_results(statement(3))
    del head["address"]
    with pytest.raises(StatementDataError, match=r"«шапка».* address"):
        statement_from_mappings(head, **parts)
