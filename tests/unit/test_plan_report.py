"""The report of a plan: its columns, its figures, and the same bytes for the same facts."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from docx import Document

from document_gen import plan_report
from document_gen.plan_report import PlanReportDataError, figure, signed_deviation
from operational_db.event_names import SHARES

NARROW = {
    "measure_no": "№ п/п",
    "name": "Мероприятия",
    "quantity": "Кол-во",
    "term": "Срок исполнения",
    "responsible": "Ответственный исполнитель",
}
WIDE = {
    "measure_no": "№ п/п",
    "name": "Наименование мероприятия",
    "expected_result": "Ожидаемый результат",
    "mechanism": "Механизм реализации мероприятия",
    "indicators": "Индикаторы",
    "responsible": "Ответственные исполнители",
    "term": "Срок",
}
HEAD = (
    *("plan_title", "approval", "plan_version", "scope_name", "period_name", "as_of", "known_at"),
    *("headings", "forecast_method", "signer_position", "signer_name", "built_at"),
)
MOMENT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def row(**values):
    given = {
        "indicator_position": 1,
        "measure_no": "1",
        "name": "Осуществление СМС рассылки & обзвон",
        "quantity": "Не менее 100",
        "expected_result": None,
        "mechanism": None,
        "indicators": None,
        "responsible": None,
        "term": "Ежемесячно",
        "code": "K1",
        "title": "Должники, которым доставлено СМС",
        "unit": "лицевых счетов",
        "counts": "accounts",
        "is_daily_norm": False,
        "period_kind": "month",
        "numerator": Decimal(8),
        "denominator": None,
        "target": Decimal(100),
        "fact": Decimal(8),
        "execution_share": Decimal("0.08"),
        "cumulative_fact": Decimal(90),
        "deviation": Decimal(-92),
        "comment": None,
        "sources": "журнал СМС",
        "events_counted": 8,
        "awaits": "СМС",
        "status_code": "behind",
        "counting_rule": "Один раз в месяц.",
    }
    return given | values


def report(headings, *rows):
    head = {
        "plan_title": "План мероприятий",
        "approval": None,
        "plan_version": 1,
        "scope_name": "Администрация",
        "period_name": "ноябрь 2026",
        "as_of": date(2026, 11, 21),
        "known_at": MOMENT,
        "headings": headings,
        "forecast_method": "По рабочим дням.",
        "signer_position": None,
        "signer_name": None,
        "built_at": MOMENT,
    }
    return plan_report.report_from_mappings(head, rows, SHARES)


def table_of(context):
    [table] = Document(BytesIO(plan_report.render(context))).tables
    return [[cell.text for cell in line.cells] for line in table.rows]


@pytest.mark.parametrize("headings", [NARROW, WIDE])
def test_the_columns_are_those_of_the_source_and_then_what_was_done(headings):
    first, *lines = table_of(report(headings, row(), row(indicator_position=2, code="K1д")))

    assert first[: len(headings)] == list(headings.values())
    assert first[len(headings) :] == [
        "Показатель",
        "План",
        "Факт",
        "%",
        "Нарастающим с начала года",
        "Отклонение и причина",
        "Источник (события, число)",
    ]
    assert lines[0][:2] == ["1", "Осуществление СМС рассылки & обзвон"]
    assert lines[1][:2] == ["", ""], "the words of a measure stand once"


def test_a_figure_stands_with_its_norm_and_the_reason_of_the_deviation():
    [_head, line] = table_of(report(NARROW, row(comment="не было договора")))

    assert line[6:11] == ["100", "8", "8,0\N{NO-BREAK SPACE}%", "90", "−92; не было договора"]
    assert line[11] == "журнал СМС; событий 8"


def test_a_measure_without_events_says_what_it_waits_for():
    waiting = row(status_code="awaits_events", fact=None, target=None, deviation=None)
    [_head, line] = table_of(report(NARROW, waiting))

    assert line[6] == "без норматива"
    assert line[11] == "событий нет; ждёт: СМС"


def test_a_norm_of_a_day_is_told_in_days():
    daily = row(
        is_daily_norm=True,
        target=Decimal(1),
        fact=Decimal("0.8"),
        numerator=Decimal(16),
        denominator=Decimal(20),
        deviation=Decimal("-0.2"),
    )
    [_head, line] = table_of(report(NARROW, daily))

    assert line[7].replace("\N{NO-BREAK SPACE}", " ") == "80,0 % (16 из 20 раб. дн.)"
    assert line[10] == "−20,0 п. п."


def test_the_appendix_names_every_account_once_and_the_papers_that_have_none():
    counted = [
        {"code": "K1", "account_number": "000102", "document_number": None, "event_id": 1,
         "event_date": date(2026, 11, 3)},
        {"code": "K1", "account_number": "000101", "document_number": "7", "event_id": 2,
         "event_date": date(2026, 11, 4)},
        {"code": "K1", "account_number": "000102", "document_number": None, "event_id": 3,
         "event_date": date(2026, 11, 5)},
        {"code": "K7", "account_number": None, "document_number": "Вести № 3", "event_id": 4,
         "event_date": date(2026, 11, 6)},
    ]  # fmt: skip
    rows = [row(), row(code="K7", title="Публикации")]
    head = {name: getattr(report(NARROW), name) for name in HEAD}
    context = plan_report.report_from_mappings(head, rows, SHARES, counted)
    told = "\n".join(p.text for p in Document(BytesIO(plan_report.render(context))).paragraphs)

    assert "лицевых счетов 2: 000102, 000101." in told
    assert "K7. Публикации: документов 1: 06.11.2026 Вести № 3." in told


def test_a_report_that_counted_nothing_has_no_appendix():
    told = [p.text for p in Document(BytesIO(plan_report.render(report(NARROW, row())))).paragraphs]

    assert not [line for line in told if line.startswith("Приложение")]


def test_equal_facts_give_equal_bytes():
    assert plan_report.render(report(WIDE, row())) == plan_report.render(report(WIDE, row()))


def test_what_the_report_lacks_is_named():
    with pytest.raises(PlanReportDataError, match="plan_title"):
        plan_report.report_from_mappings({}, [], SHARES)


def test_every_kind_of_figure_has_its_form():
    plain = figure(Decimal(700_000), "money").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert plain == "700 000,00 ₽"
    assert figure(None, "count") == "—"
    assert figure(Decimal("47.5"), "days") == "47,5"
    assert signed_deviation(Decimal(5), "count") == "+5"
