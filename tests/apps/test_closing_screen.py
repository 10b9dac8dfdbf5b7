"""A month is checked, closed and opened again by runs that its screen asks for."""

import json

import pytest

from apps import menu
from tests.apps import town
from tests.apps.conftest import plain, table_with
from tests.apps.town import CALENDAR

ASKED = "select kind, parameters, state, organisation_id from ops.run_request"
MONTH = CALENDAR.month(1)
SUMS = dict.fromkeys(
    ("opening_balance", "charged", "recalculated", "paid", "adjusted", "written_off"), "0.00"
) | {"closing_balance": "1500.00"}


@pytest.fixture
def closed(change):
    """The last month that is over, closed by its row."""
    change(
        """
        insert into ops.month_closing (organisation_id, period, is_closed, control_totals)
        values (:organisation, :month, true, cast(:totals as jsonb))
        """,
        organisation=town.UYUT,
        month=MONTH,
        totals=json.dumps({"totals": SUMS, "protocol": ["закрыт"]}),
    )


def check_found(change, *, differing, closing="1500.00"):
    different = [
        {"account_id": town.IVANOV, "account_number": "000101", "ledger": "10.00", "marts": "9.00"}
    ]
    change(
        """
        insert into ops.month_check (organisation_id, period, accounts, differing, ledger, marts,
            differences)
        values (:organisation, :month, 64, :differing, cast(:ledger as jsonb),
            cast(:marts as jsonb), cast(:differences as jsonb))
        """,
        organisation=town.UYUT,
        month=MONTH,
        differing=differing,
        ledger=json.dumps(SUMS | {"closing_balance": closing}),
        marts=json.dumps(SUMS),
        differences=json.dumps(different if differing else []),
    )


def test_the_last_month_that_is_over_is_offered_for_closing(open_as):
    app = open_as("accountant", menu.CLOSING)

    assert not app.button(key="closing_close").disabled
    assert any("ещё не сверяли" in info.value for info in app.info)
    assert list(table_with(app, "Состояние")["Состояние"][:2]) == ["ещё идёт", "открыт"]


def test_a_check_is_asked_for_once(open_as, ask):
    app = open_as("manager", menu.CLOSING)

    app.button(key="closing_check").click().run()
    assert app.button(key="closing_check").disabled

    assert ask(ASKED) == [("month_check", {"period": MONTH.isoformat()}, "queued", town.UYUT)]


def test_a_month_is_closed_after_a_confirmation(open_as, ask):
    app = open_as("accountant", menu.CLOSING)
    app.button(key="closing_close").click().run()
    assert ask(ASKED) == []

    app.button(key="closing_confirm").click().run()

    assert not app.exception
    assert ask(ASKED) == [("month_close", {"period": MONTH.isoformat()}, "queued", town.UYUT)]


@pytest.mark.usefixtures("closed")
def test_a_closed_month_is_opened_again_only_with_a_reason(open_as, ask):
    app = open_as("accountant", menu.CLOSING, month=MONTH.isoformat())
    app.button(key="closing_reopen").click().run()

    app.button(key="closing_reopen_confirm").click().run()
    assert "Напишите, почему" in app.error[0].value
    assert ask(ASKED) == []
    app.text_input(key="closing_reason").set_value("не все начисления").run()
    app.button(key="closing_reopen_confirm").click().run()

    assert not app.exception
    asked = {"period": MONTH.isoformat(), "reason": "не все начисления"}
    assert ask(ASKED) == [("month_reopen", asked, "queued", town.UYUT)]


def test_a_manager_closes_nothing_but_may_open_again(open_as, closed):  # noqa: ARG001
    app = open_as("manager", menu.CLOSING)
    assert "closing_close" not in [button.key for button in app.button]

    app = open_as("manager", menu.CLOSING, month=MONTH.isoformat())
    assert not app.button(key="closing_reopen").disabled


def test_accounts_that_differ_stand_behind_the_difference(open_as, change):
    check_found(change, differing=1, closing="1501.00")

    app = open_as("accountant", menu.CLOSING)

    assert "Расходятся: 1 счёт" in plain(app.error[0].value)
    assert list(table_with(app, "Лицевой счёт")["Лицевой счёт"]) == ["000101"]
    sums = table_with(app, "Показатель").set_index("Показатель")
    assert str(sums.loc["на конец", "Разница"]) == "1.00"


@pytest.mark.usefixtures("closed")
def test_what_came_after_the_closing_is_told_and_the_protocol_stays(open_as, change):
    check_found(change, differing=0, closing="1400.00")

    app = open_as("accountant", menu.CLOSING, month=MONTH.isoformat())

    told = plain(app.warning[0].value)
    assert list(table_with(app, "Состояние")["Состояние"][1:3]) == ["закрыт", "раньше закрытых"]
    assert "1 400,00" in told
    assert "1 500,00" in told


@pytest.mark.usefixtures("closed")
def test_the_protocol_goes_out_as_a_workbook_and_leaves_a_trace(open_as, ask):
    app = open_as("accountant", menu.CLOSING, month=MONTH.isoformat())
    app.button(key="closing_xlsx").click().run()
    app.selectbox(key="export_purpose").set_value("Ответ на запрос").run()

    app.button(key="export_make").click().run()

    assert not app.exception
    assert app.download_button(key="export_download")
    assert ask("select object_kind from ops.audit_event where action = 'export'") == [
        ("month_closing",)
    ]


def test_a_refused_closing_says_why(open_as, change):
    change(
        """
        insert into ops.run_request (organisation_id, kind, parameters, state, message, finished_at)
        values (:organisation, 'month_close', jsonb_build_object('period', cast(:month as text)),
            'failed', 'Запустите пересчёт и повторите.', now())
        """,
        organisation=town.UYUT,
        month=MONTH.isoformat(),
    )

    app = open_as("accountant", menu.CLOSING)

    assert "Запустите пересчёт и повторите." in app.error[0].value


@pytest.mark.usefixtures("closed")
def test_months_of_another_organisation_are_not_shown(open_as):
    app = open_as("neighbour", menu.CLOSING)

    assert "закрыт" not in list(table_with(app, "Состояние")["Состояние"])
