"""Обзвон: the next account, what to say, the result in two clicks, and the next one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from apps import menu
from apps.shared import database, days, exports, filters, session
from apps.shared.page import MOSCOW, local, say_later, title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import counted, date_ru, moment_ru, number, period_ru, rubles
from operational_db.event_names import CONTACT_KINDS, CONTACT_RESULTS
from operational_db.services import accounts, call_desk, debt_bands
from operational_db.services.call_desk import (
    CALL_RESULTS,
    NEXT_ACTIONS,
    NON_PAYMENT_REASONS,
    CallChoice,
    CallOutcome,
    CallRefusedError,
)

CALLS_ON_A_PAGE = 50
LIST, STARTED, LAST = "desk_list_in_hand", "desk_started", "desk_last_call"
JOURNAL_COLUMNS = [
    Column("happened_at", "Дата и время", "moment", width=120),
    Column("executor", "Оператор", width=180),
    Column("account_number", "Лицевой счёт", width=100),
    Column("holder_name", "Ф.И.О.", width=220),
    Column("address", "Адрес", "address", width=300),
    Column("phone", "Телефон", width=130),
    Column("overdue_debt", "Долг на момент, ₽", "money", width=110, has_total=True),
    Column("band_code", "Полоса", width=60),
    Column("attempt", "Попытка №", "count", width=70),
    Column("duration_seconds", "Длительность, с", "count", width=80),
    Column("result_name", "Результат", width=110),
    Column("non_payment_reason", "Причина неплатежа", width=170),
    Column("promise_date", "Обещание: дата", "date", width=90),
    Column("promise_amount", "Обещание: сумма, ₽", "money", width=110, has_total=True),
    Column("next_action", "Следующее действие", width=160),
    Column("next_action_on", "Когда", "date", width=90),
    Column("recording", "Запись", width=100),
    Column("comment", "Комментарий", width=240),
]


def show() -> None:
    """The day's count, the list, the account in hand."""
    with database.connection(session.token()) as connection:
        title_line("Обзвон", connection)
        day = call_desk.my_day(connection)
        lists = call_desk.lists(connection)
        organisations = accounts.organisations_with_accounts(connection)
        closed = call_desk.refusal_now(connection)
        norm = call_desk.daily_norm(connection)
    _show_day(day, norm)
    if closed:
        st.warning(
            f"{closed.capitalize()}. Записать уже сделанный звонок можно, новые счета не выдаются."
        )
    chosen = _choose_list(lists, organisations)
    if chosen is None:
        st.info("Составьте список: кнопка «Новый список» вверху.")
    else:
        _work(chosen)
    _show_journal()


def _show_day(day: Mapping[str, Any], norm: int | None) -> None:
    tiles = (
        ("Счетов сегодня", number(day["accounts"])),
        ("Звонков", number(day["calls"])),
        ("Разговоров", number(day["talks"])),
        ("Обещаний", number(day["promises"])),
        ("Обещано", rubles(day["promised"])),
    )
    for place, (label, value) in zip(st.columns(len(tiles)), tiles, strict=True):
        place.metric(label, value, border=True)
    if norm:
        st.progress(
            min(day["accounts"] / norm, 1.0),
            text=f"{number(day['accounts'])} из {number(norm)} счетов в день по плану",
        )


def _choose_list(lists: list, organisations: dict[int, str]) -> int | None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="desk_lists"):
        known = {
            row["call_list_id"]: (
                f"{row['title']} – {number(row['done'])} из {number(row['accounts'])}"
            )
            for row in lists
        }
        if st.session_state.get(LIST) not in known:
            st.session_state[LIST] = next(iter(known), None)
        chosen = None
        if known:
            chosen = st.selectbox(
                "Список",
                list(known),
                format_func=known.__getitem__,
                key=LIST,
                width=520,
            )
        st.button(
            "Новый список",
            icon=":material/playlist_add:",
            key="desk_new_list",
            on_click=exports.open_dialog,
            args=("desk_list",),
        )
    if exports.is_dialog_open("desk_list"):
        _make_list(organisations)
    return chosen


@st.dialog("Новый список для обзвона", on_dismiss=exports.close_dialog)
def _make_list(organisations: dict[int, str]) -> None:
    organisation_id = st.selectbox(
        "Организация",
        list(organisations),
        format_func=organisations.__getitem__,
        key="desk_organisation",
    )
    with database.connection(session.token()) as connection:
        known = debt_bands.names(connection)
    bands = st.multiselect(
        "Полосы долга",
        list(known),
        default=list(known),
        format_func=known.__getitem__,
        key="desk_bands",
        placeholder="Выберите полосы",
    )
    months = st.number_input("Месяцев просрочки не меньше", 1, 120, 1, key="desk_months")
    quiet = st.number_input("Не звонили дней, не меньше", 0, 90, 3, key="desk_quiet")
    choice = CallChoice(organisation_id, tuple(bands), int(months), int(quiet))
    with database.connection(session.token()) as connection:
        found = call_desk.count_chosen(connection, choice)
    st.markdown(
        f"Подходит: **{counted(found['accounts'], 'счёт', 'счёта', 'счетов')}**, "
        f"просрочено **{rubles(found['overdue_debt'])}**."
    )
    if found["accounts"] > call_desk.LARGEST_LIST:
        st.caption(f"В список войдут первые {number(call_desk.LARGEST_LIST)}: с большим долгом.")
    title = st.text_input(
        "Название",
        value=f"{date_ru(datetime.now(MOSCOW).date())}, полосы {''.join(bands)}",
        key="desk_title",
    )
    if st.button(
        f"Составить список: {number(min(found['accounts'], call_desk.LARGEST_LIST))}",
        key="desk_list_make",
        type="primary",
        disabled=found["accounts"] == 0 or not title.strip(),
    ):
        try:
            with database.connection(session.token()) as connection:
                made = call_desk.make_list(connection, choice, filters.plain_text(title).strip())
        except CallRefusedError as problem:
            st.error(str(problem))
            return
        exports.close_dialog()
        st.session_state.pop(LIST, None)
        say_later(f"Список составлен (№ {made}).")
        st.rerun()


def _work(call_list_id: int) -> None:
    with database.connection(session.token()) as connection:
        account_id = call_desk.take(connection, call_list_id)
        if account_id is None:
            st.success(
                "В этом списке звонить больше некому: все счета обзвонены, заняты другими или "
                "упёрлись в пределы частоты. Составьте новый список."
            )
            return
        account = call_desk.account_to_call(connection, account_id)
        known = call_desk.phones(connection, account_id)
        past = call_desk.history(connection, account_id)
        months = call_desk.oldest_months(connection, account_id)
    if st.session_state.get(STARTED, (None,))[0] != account_id:
        st.session_state[STARTED] = (account_id, datetime.now(MOSCOW))
    left, right = st.columns([3, 2])
    with left:
        _show_account(account, known, months)
        _show_past(past)
    with right:
        _ask_result(call_list_id, account, known)


def _show_account(account: Mapping[str, Any], known: list, months: list) -> None:
    st.markdown(f"#### {account['holder_name'] or 'Плательщик не назван'}")
    st.markdown(
        f"ЛС **{account['account_number']}** · {account['address'] or 'адрес не известен'} · "
        f"{account['organisation_name']}"
    )
    if known:
        st.markdown(
            "Телефон: " + "; ".join(f"**{row['phone']}** ({row['full_name']})" for row in known)
        )
    else:
        st.warning("Телефона нет. Отметьте «неверный номер» и действие «Уточнить телефон».")
    st.markdown(
        f"Просрочено **{rubles(account['overdue_debt'])}** за "
        f"{counted(account['overdue_months'], 'месяц', 'месяца', 'месяцев')}, всего долг "
        f"{rubles(account['debt'])}. Полоса: {account['band_name'] or 'ниже полос'}."
    )
    first = ", ".join(f"{period_ru(row['period'])} – {rubles(row['amount'])}" for row in months)
    paid = (
        f"Последняя оплата {date_ru(account['last_payment_date'])}: "
        f"{rubles(account['last_payment_amount'])}."
        if account["last_payment_date"]
        else "Оплат ещё не было."
    )
    st.caption(
        f"Не оплачено с: {first}. {paid} Среднее начисление {rubles(account['average_charge'])}."
    )
    with st.container(border=True, key="desk_script"):
        st.markdown("**Что сказать**")
        st.markdown(_script(account))
    st.page_link(
        menu.ACCOUNT,
        label="Карточка счёта →",
        query_params={"account": str(account["account_id"])},
    )


def _script(account: Mapping[str, Any]) -> str:
    """What to say, by how much is owed and for how long."""
    name = account["holder_name"] or "собственника"
    who = f"Здравствуйте. {account['organisation_name']}, {session.user().full_name}. "
    ask = f"Могу я поговорить с плательщиком ({name})? "
    debt = (
        f"За жильё по адресу {account['address']} не оплачено "
        f"{rubles(account['overdue_debt'])} за "
        f"{counted(account['overdue_months'], 'месяц', 'месяца', 'месяцев')}. "
    )
    if account["band_code"] in ("A", "B"):
        end = (
            "Долг будет взыскан через суд с пошлиной и пени. Готовы оплатить или заключить "
            "соглашение о рассрочке? Назовите день и сумму."
        )
    elif account["overdue_months"] > 2:
        end = "Чтобы дело не дошло до суда, когда и сколько вы сможете оплатить?"
    else:
        end = "Возможно, квитанция потерялась. Когда сможете оплатить? Прислать квитанцию?"
    return who + ask + "\n\n" + debt + end


def _show_past(past: list) -> None:
    if not past:
        st.caption("Обращений раньше не было.")
        return
    lines = []
    for row in past:
        told = (
            f"{moment_ru(local(row['happened_at']))} {CONTACT_KINDS[row['kind']]}: "
            f"{CONTACT_RESULTS[row['result']]}"
        )
        if row["promise_date"]:
            kept = "" if row["promise_date"] >= datetime.now(MOSCOW).date() else ", срок прошёл"
            told += f", обещал до {date_ru(row['promise_date'])} "
            told += (
                f"{rubles(row['promise_amount']) if row['promise_amount'] else 'весь долг'}{kept}"
            )
        if row["comment"]:
            told += f" – {row['comment']}"
        lines.append(f"- {told}")
    st.markdown("**Раньше**\n" + "\n".join(lines))


def _ask_result(call_list_id: int, account: Mapping[str, Any], known: list) -> None:
    today = datetime.now(MOSCOW).date()
    account_id = account["account_id"]
    st.markdown("**Результат – сразу следующий счёт**")
    quick = [code for code in CALL_RESULTS if code not in ("talked", "refused")]
    for pair in (quick[:2], quick[2:]):
        for place, code in zip(st.columns(len(pair)), pair, strict=True):
            if place.button(CALL_RESULTS[code].capitalize(), key=f"desk_{code}", width="stretch"):
                _record(call_list_id, account_id, CallOutcome(code, **_phone(known)))
    with st.form(f"desk_talk_{account_id}", border=True):
        st.markdown("**Был разговор**")
        result = st.radio(
            "Чем кончился",
            ["talked", "refused"],
            format_func=lambda code: {"talked": "разговор", "refused": "отказ говорить"}[code],
            horizontal=True,
            key=f"desk_result_{account_id}",
            label_visibility="collapsed",
        )
        first, second = st.columns(2)
        promise_date = days.field(
            "Обещает оплатить до",
            since=today,
            until=today + timedelta(days=90),
            key=f"desk_promise_{account_id}",
            place=first,
        )
        promised = second.text_input(
            "Сумма, ₽",
            key=f"desk_sum_{account_id}",
            placeholder="весь долг",
        )
        reason = st.selectbox(
            "Причина неплатежа",
            NON_PAYMENT_REASONS,
            index=None,
            placeholder="не названа",
            key=f"desk_reason_{account_id}",
        )
        third, fourth = st.columns(2)
        action = third.selectbox(
            "Дальше",
            NEXT_ACTIONS,
            index=None,
            placeholder="ничего",
            key=f"desk_action_{account_id}",
        )
        action_on = days.field(
            "Когда", since=today, key=f"desk_action_on_{account_id}", place=fourth
        )
        comment = st.text_input("Комментарий", key=f"desk_comment_{account_id}")
        if st.form_submit_button(
            "Записать и следующий", type="primary", key="desk_save", width="stretch"
        ):
            amount = filters.parsed_sum(promised) if promised.strip() else None
            if promised.strip() and (amount is None or amount <= 0):
                st.error(f"«{promised}» – не сумма. Напишите, например, 5000.")
                return
            _record(
                call_list_id,
                account_id,
                CallOutcome(
                    result,
                    **_phone(known),
                    non_payment_reason=reason,
                    promise_date=promise_date,
                    promise_amount=amount,
                    next_action=action,
                    next_action_on=action_on,
                    comment=filters.plain_text(comment).strip() or None,
                ),
            )
    with st.container(horizontal=True):
        if st.button("Отложить на 2 часа", key="desk_put_off"):
            with database.connection(session.token()) as connection:
                call_desk.put_off(connection, account_id)
            st.rerun()
        last = st.session_state.get(LAST)
        if last is not None and st.button("Отменить прошлый звонок", key="desk_cancel"):
            _cancel(last)


def _phone(known: list) -> dict[str, str | None]:
    return {"phone": known[0]["phone"] if known else None}


def _record(call_list_id: int, account_id: int, outcome: CallOutcome) -> None:
    started = st.session_state[STARTED][1]
    seconds = int((datetime.now(MOSCOW) - started).total_seconds())
    timed = {name: getattr(outcome, name) for name in outcome.__dataclass_fields__}
    timed["duration_seconds"] = seconds if outcome.result in call_desk.ANSWERED else None
    try:
        with database.connection(session.token()) as connection:
            event_id = call_desk.record(connection, account_id, call_list_id, CallOutcome(**timed))
    except CallRefusedError as problem:
        st.error(str(problem))
        return
    st.session_state[LAST] = (account_id, event_id)
    say_later(f"Записано: {CALL_RESULTS[outcome.result]}.")
    st.rerun()


def _cancel(last: tuple[int, int]) -> None:
    try:
        with database.connection(session.token()) as connection:
            call_desk.cancel(connection, *last)
    except CallRefusedError as problem:
        st.error(str(problem))
        return
    st.session_state.pop(LAST, None)
    say_later("Прошлый звонок отменён.")
    st.rerun()


def _show_journal() -> None:
    today = datetime.now(MOSCOW).date()
    with st.expander("Журнал обзвона", icon=":material/history:"):
        chosen = days.field("Дни", (today, today), until=today, key="desk_journal_days", width=260)
        if len(chosen) != 2:
            st.caption("Выберите первый и последний день.")
            return
        since, until = chosen
        filters.start_from_first_page((since, until), "desk_journal_page")
        with database.connection(session.token()) as connection:
            count = call_desk.count_journal(connection, since, until)
            if not count:
                st.info("За эти дни звонков нет.")
                return
            pages = -(-count // CALLS_ON_A_PAGE)
            page = filters.current_page(pages, "desk_journal_page")
            rows = list(
                call_desk.journal(
                    connection,
                    since,
                    until,
                    limit=CALLS_ON_A_PAGE,
                    offset=(page - 1) * CALLS_ON_A_PAGE,
                )
            )
        show_table(rows, JOURNAL_COLUMNS, key="desk_journal", height=300)
        filters.page_number(pages, "desk_journal_page")
        st.button(
            f"Выгрузить журнал в Excel: {counted(count, 'звонок', 'звонка', 'звонков')}",
            icon=":material/table_view:",
            key="desk_journal_export",
            on_click=exports.open_dialog,
            args=("desk_journal",),
        )
    if exports.is_dialog_open("desk_journal"):
        exports.offer_workbook(
            name="call_journal",
            title="Журнал обзвона",
            columns=JOURNAL_COLUMNS,
            count=count,
            read=lambda own: call_desk.journal(own, since, until),
            asked={"since": since.isoformat(), "until": until.isoformat()},
        )


show()
