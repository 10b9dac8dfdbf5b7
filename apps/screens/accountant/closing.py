"""Закрытие месяца: is it in order, close it, open it again; what the closed months stand on."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from apps import menu
from apps.shared import database, filters, session
from apps.shared.exports import close_dialog, is_dialog_open, offer_workbook, open_dialog
from apps.shared.page import local, say_later, title_line
from apps.shared.tables import AMBER, GREY, Column, show_table
from document_gen.russian import amount, counted, moment_ru, number, period_ru
from operational_db.services import month_checks, requests
from operational_db.services.month_checks import Check, Month
from operational_db.services.month_closing import COLUMNS
from operational_db.services.requests import RunRequest

FILTERS = ("month",)
SUMS = (
    Column("name", "Показатель", width=180),
    Column("ledger", "Первичные записи", "money", width=170),
    Column("marts", "Витрины", "money", width=170),
    Column("difference", "Разница", "money", width=130),
    Column("closed", "По протоколу закрытия", "money", width=190),
)


def show() -> None:
    """The months, then the chosen one: its check, its closing, its protocol."""
    user = session.user()
    filters.open_filters("closing", FILTERS)
    with database.connection(session.token()) as connection:
        title_line("Закрытие месяца", connection, user.organisation_name)
        months = month_checks.months(connection)
    st.caption(
        "Закрытый месяц не меняется: начисления и перерасчёты, которые изменили бы его, программа "
        "не примет. Месяцы закрываются по порядку, открываются снова – с последнего."
    )
    options = {month.period.isoformat(): period_ru(month.period) for month in months}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = filters.choice(
            "Месяц",
            "month",
            options,
            nothing=f"{period_ru(_next_to_close(months).period)} (следующий)",
            width=260,
        )
    filters.keep_in_address("closing", FILTERS)
    of_period = {month.period.isoformat(): month for month in months}
    month = of_period[chosen] if chosen else _next_to_close(months)
    with database.connection(session.token()) as connection:
        request = requests.latest_of_month(connection, month.period)
    is_awaited = _is_under_way(request)
    # A dialog must not be drawn anew under the hand that writes in it: only a run is looked after.
    st.fragment(_show_month, run_every=5 if is_awaited else None)(month, is_awaited=is_awaited)
    _show_list(months)


def _next_to_close(months: list[Month]) -> Month:
    """The first month after the last closed one; without any, the last one that is over."""
    closed = [month.period for month in months if month.is_closed]
    if closed:
        later = [month for month in months if month.period > max(closed)]
        return later[-1] if later else months[0]
    return next(month for month in months if month.is_over)


def _show_month(month: Month, *, is_awaited: bool) -> None:
    """State, actions and sums of one month."""
    with database.connection(session.token()) as connection:
        found = {known.period: known for known in month_checks.months(connection)}
        month = found.get(month.period, month)
        check = month_checks.latest_check(connection, month.period)
        request = requests.latest_of_month(connection, month.period)
    if is_awaited != _is_under_way(request):
        # A fragment cannot start or stop its own clock.
        st.rerun()
    state, actions = st.columns([3, 2], vertical_alignment="center")
    with state:
        _show_state(month, request)
    with actions:
        _offer_actions(month, request)
    if check is None and not month.totals:
        st.info(
            "Этот месяц ещё не сверяли. «Сверить» сложит первичные записи и сравнит их с "
            "витринами по каждому счёту; месяц при этом останется открытым."
        )
        return
    _show_sums(month, check)


def _is_under_way(request: RunRequest | None) -> bool:
    return request is not None and not request.is_finished


def _show_state(month: Month, request: RunRequest | None) -> None:
    told = f"**{period_ru(month.period).capitalize()}: {month.state}**"
    if month.changed_at is not None:
        told += f" :gray[{moment_ru(local(month.changed_at))}]"
    st.markdown(told)
    if month.reason and not month.is_closed:
        st.caption(f"Причина: {month.reason}")
    if request is None:
        return
    name = requests.KINDS[request.kind]
    if not request.is_finished:
        st.info(f"{name}: {requests.STATES[request.state]}. Экран можно закрыть.")
    elif request.state == "failed":
        st.error(f"{name} – не выполнено. {request.message or ''}")
    elif request.message:
        st.caption(f"{name}: {request.message.splitlines()[0]}")


def _offer_actions(month: Month, request: RunRequest | None) -> None:
    user = session.user()
    is_busy = _is_under_way(request)
    with st.container(horizontal=True):
        st.button(
            "Сверить",
            icon=":material/balance:",
            key="closing_check",
            disabled=is_busy,
            on_click=_ask,
            args=("month_check", month.period),
        )
        if month.is_closed:
            st.button(
                "Открыть снова",
                icon=":material/lock_open:",
                key="closing_reopen",
                disabled=is_busy,
                on_click=open_dialog,
                args=("reopen_month",),
            )
        elif user.has_any_role(*requests.ROLES["month_close"]):
            st.button(
                "Закрыть месяц",
                icon=":material/lock:",
                key="closing_close",
                type="primary",
                disabled=is_busy or not month.is_over,
                help=None if month.is_over else "Месяц ещё не кончился",
                on_click=open_dialog,
                args=("close_month",),
            )
        if month.totals:
            st.button(
                "Протокол (Excel)",
                icon=":material/download:",
                key="closing_xlsx",
                on_click=open_dialog,
                args=("closing_protocol",),
            )
    if is_dialog_open("close_month"):
        _confirm_closing(month.period)
    elif is_dialog_open("reopen_month"):
        _ask_for_reason(month.period)
    elif is_dialog_open("closing_protocol") and month.totals:
        _offer_protocol(month)


@st.dialog("Закрыть месяц?", on_dismiss=close_dialog)
def _confirm_closing(period: date) -> None:
    st.write(
        f"{period_ru(period).capitalize()} закроется, если первичные записи и витрины сойдутся по "
        "каждому счёту. После этого начисления за него не примутся."
    )
    if st.button("Закрыть месяц", key="closing_confirm", type="primary"):
        _ask("month_close", period)
        close_dialog()
        st.rerun()


@st.dialog("Открыть месяц снова?", on_dismiss=close_dialog)
def _ask_for_reason(period: date) -> None:
    st.write(
        f"{period_ru(period).capitalize()} снова можно будет менять. Прежний протокол останется, "
        "причина запишется в журнал."
    )
    reason = st.text_input("Почему", key="closing_reason", max_chars=500)
    if st.button("Открыть месяц", key="closing_reopen_confirm", type="primary"):
        if not reason.strip():
            st.error("Напишите, почему месяц открывается снова: об этом спросят.")
            return
        _ask("month_reopen", period, reason)
        close_dialog()
        st.rerun()


def _offer_protocol(month: Month) -> None:
    with database.connection(session.token()) as connection:
        check = month_checks.latest_check(connection, month.period)
    rows = _sums(month, check)
    offer_workbook(
        name="month_closing",
        title=f"Закрытие месяца – {period_ru(month.period)}",
        columns=SUMS,
        count=len(rows),
        read=lambda _connection: rows,
        asked={"month": month.period.isoformat()},
    )


def _ask(kind: str, period: date, reason: str | None = None) -> None:
    try:
        with database.connection(session.token()) as connection:
            number_of = requests.request_month(connection, kind, period, reason=reason)
    except PermissionError as refusal:
        say_later(str(refusal))
        return
    say_later(f"{requests.KINDS[kind]}: задание № {number_of} принято.")


def _sums(month: Month, check: Check | None) -> list[dict[str, Any]]:
    def row(column: str, name: str) -> dict[str, Any]:
        # A check or a protocol of old may lack a column that came later.
        ledger = check.ledger.get(column) if check else None
        marts = check.marts.get(column) if check else None
        return {
            "name": name,
            "ledger": ledger,
            "marts": marts,
            "difference": None if ledger is None or marts is None else ledger - marts,
            "closed": month.totals.get(column),
        }

    return [row(column, name) for column, name in COLUMNS.items()]


def _show_sums(month: Month, check: Check | None) -> None:
    rows = _sums(month, check)
    show_table(rows, SUMS, key="closing_sums", highlight=_needs_a_look)
    if check is None:
        return
    told = f"Сверено {moment_ru(local(check.recorded_at))}, счетов: {number(check.accounts)}."
    if not check.differing:
        st.success(f"{told} Первичные записи и витрины сошлись по каждому счёту.")
    else:
        st.error(
            f"{told} Расходятся: {counted(check.differing, 'счёт', 'счёта', 'счетов')}. Запустите "
            "пересчёт и сверьте снова; если не сойдётся, сообщите администратору."
        )
        _show_differences(check)
    if month.is_closed and _came_later(month, check):
        st.warning(
            "После закрытия в этот месяц пришли деньги или месяц считан заново: остаток на конец "
            f"теперь {amount(check.ledger['closing_balance'])} ₽, по протоколу было "
            f"{amount(month.totals['closing_balance'])} ₽. Протокол не меняется."
        )


def _show_differences(check: Check) -> None:
    st.markdown("**Счета, которые расходятся: остаток на конец месяца**")
    rows = [
        {**difference, "difference": difference["ledger"] - difference["marts"]}
        for difference in check.differences
    ]
    chosen = show_table(
        rows,
        [
            Column("account_number", "Лицевой счёт", width=160),
            Column("ledger", "Первичные записи", "money", width=170),
            Column("marts", "Витрины", "money", width=170),
            Column("difference", "Разница", "money", width=130),
        ],
        key="closing_differences",
        is_selectable=True,
    )
    if check.differing > len(rows):
        st.caption(f"Показаны {len(rows)} самых больших из {number(check.differing)}.")
    if chosen is not None:
        st.switch_page(menu.ACCOUNT, query_params={"account": str(chosen["account_id"])})


def _show_list(months: list[Month]) -> None:
    st.subheader("Все месяцы", anchor=False)
    show_table(
        [
            {
                "month": month.period,
                "state": month.state,
                "changed": None if month.changed_at is None else local(month.changed_at),
                **month.totals,
            }
            for month in months
        ],
        [
            Column("month", "Месяц", "month", width=120),
            Column("state", "Состояние", width=105),
            Column("changed", "Когда", "moment", width=130),
            *(
                # A long name gets the room that it takes: the last column is what one looks for.
                Column(column, name.capitalize(), "money", width=max(108, 7 * len(name)))
                for column, name in COLUMNS.items()
            ),
        ],
        key="closing_months",
        height=420,
    )
    st.caption("Суммы – по протоколу, с которым месяц был закрыт.")


def _came_later(month: Month, check: Check) -> bool:
    return any(
        check.ledger[column] != total
        for column, total in month.totals.items()
        if column in check.ledger
    )


def _needs_a_look(row: Mapping[str, Any]) -> str | None:
    if row["difference"] not in (None, Decimal(0)):
        return AMBER
    return GREY if row["closed"] not in (None, row["ledger"]) and row["ledger"] else None


show()
