"""The inspector's route: doors of debtors house by house, its sheet, and results entered back."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from docx import Document

from apps import menu
from apps.screens.inspector.columns import SHEET_COLUMNS
from document_gen.report_forms import FormPrintRow, FormTemplate, ReportFormContext, render
from tests.apps import town
from tests.apps.conftest import plain, table_with
from tests.apps.test_instalments import agreed
from tests.apps.town import CALENDAR, UYUT

MOMENT = datetime(2026, 11, 21, 12, tzinfo=UTC)
MARK_TWO = {"selection": {"rows": [0, 1], "columns": []}}


def doors_of(app) -> int:
    """How many addresses the route says to have, on all its pages."""
    [told] = [plain(line.value) for line in app.markdown if " адрес" in plain(line.value)]
    return int(re.match(r"\*\*([\d ]+) адрес", told).group(1).replace(" ", ""))


def test_the_route_has_every_debtor_of_the_organisation_and_their_debt(open_as, ask):
    app = open_as("operator", menu.ROUTE)

    [(debtors, owed)] = ask(
        "select count(*), sum(overdue_debt) from marts.account_balances "
        "where organisation_id = :o and overdue_debt > 0",
        o=UYUT,
    )
    assert any(f"{debtors} адрес" in plain(line.value) for line in app.markdown)
    assert table_with(app, "Чем кончился")["Долг, ₽"].iloc[-1] == owed


def test_what_came_of_a_visit_is_recorded_for_every_marked_door(open_as, ask):
    app = open_as("operator", menu.ROUTE)
    app.session_state["route_table"] = MARK_TWO
    app.run()
    app.selectbox(key="visit_result").set_value("handed_over")
    app.text_input(key="visit_paper").set_value("У-17")
    app.text_input(key="visit_promise").set_value("500,50")
    app.date_input(key="visit_promise_day").set_value(CALENDAR.today + timedelta(days=3))
    app.button(key="visit_save").click().run()

    assert not app.exception
    assert (
        ask(
            "select kind, result, document_number, promise_amount, source, executor "
            "from ops.contact_event where kind = 'visit'"
        )
        == [("visit", "handed_over", "У-17", 500.5, "screen", "Звонкова Ольга Юрьевна")] * 2
    )
    assert any(
        "Не вошли в обход: 2 счёта с визитом за последние 7 дней" in plain(told.value)
        for told in app.caption
    )


@pytest.mark.parametrize(
    ("result", "days", "is_left_out"),
    [("talked", 6, True), ("talked", 7, False), ("nobody_home", 0, False)],
)
def test_whoever_was_met_within_a_week_is_visited_later(open_as, change, result, days, is_left_out):
    app = open_as("operator", menu.ROUTE)
    doors = doors_of(app)
    change(
        "insert into ops.contact_event (account_id, kind, happened_at, result, source) "
        "values (:account, 'visit', now() - make_interval(days => :days), :result, 'file')",
        account=town.IVANOV,
        days=days,
        result=result,
    )
    app.run()

    assert doors_of(app) == doors - is_left_out
    assert any("Не вошли" in told.value for told in app.caption) is is_left_out


def test_the_limit_of_meetings_is_that_of_the_table(open_as, change):
    change(
        "insert into ops.contact_event (account_id, kind, happened_at, result, source) "
        "values (:account, 'visit', now(), 'talked', 'file')",
        account=town.IVANOV,
    )
    change("update reference.legal_term set value = 2 where code = 'contact_meetings_per_week'")
    app = open_as("operator", menu.ROUTE)

    assert not any("Не вошли" in told.value for told in app.caption)


def test_whoever_keeps_his_agreement_is_not_visited(open_as):
    app = open_as("operator", menu.ROUTE)
    doors = doors_of(app)
    agreed()
    app.run()

    assert doors_of(app) == doors - 1
    assert any(
        "Не вошли в обход: 1 счёт с рассрочкой, которую соблюдают" in plain(told.value)
        for told in app.caption
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "Выберите результат"),
        ({"visit_promise": "много"}, "не сумма"),
        ({"visit_promise": "500"}, "назовите день"),
    ],
)
def test_a_visit_that_is_told_wrongly_is_not_recorded(open_as, ask, fields, told):
    app = open_as("operator", menu.ROUTE)
    app.session_state["route_table"] = MARK_TWO
    app.run()
    if fields:
        app.selectbox(key="visit_result").set_value("talked")
    for key, value in fields.items():
        app.text_input(key=key).set_value(value)
    app.button(key="visit_save").click().run()

    assert any(told in error.value for error in app.error)
    assert ask("select count(*) from ops.contact_event where kind = 'visit'") == [(0,)]


def test_a_debt_that_nobody_has_leaves_no_route(open_as):
    app = open_as("operator", menu.ROUTE, debt_from="99999999")

    assert any("Должников с такими условиями нет" in told.value for told in app.info)


def test_the_sheet_has_the_columns_of_the_form_and_room_to_write():
    empty = dict.fromkeys(column.key for column in SHEET_COLUMNS)
    house = FormPrintRow({**empty, "name": "ул. Лесная, д. 2"}, is_group=True)
    door = FormPrintRow({**empty, "ordinal": 1, "name": "подъезд 1", "account_number": "7"}, 1)
    context = ReportFormContext(
        title="Маршрутный лист обхода",
        lines=("Дом: все",),
        rows=(house, door),
        totals={**empty, "name": "Итого"},
        control="",
        signer="Ершов П. А.",
        built_at=MOMENT,
    )
    [table] = Document(BytesIO(render(FormTemplate.ROUTE_SHEET, context))).tables
    lines = [[cell.text.strip() for cell in line.cells] for line in table.rows]

    assert lines[0] == [column.heading for column in SHEET_COLUMNS]
    assert lines[1][1] == "ул. Лесная, д. 2"
    assert lines[2][:3] == ["1", "подъезд 1", "7"]
    assert lines[2][7:] == [""] * 6
