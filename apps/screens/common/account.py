"""Карточка счёта: who lives there, what they owe, and why exactly this sum."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import (
    court_tabs,
    database,
    days,
    debtor_actions,
    debtor_links,
    filters,
    first_claim,
    instalment_tab,
    session,
)
from apps.shared import penalty as penalty_views
from apps.shared.exports import DOCX, is_dialog_open, offer_workbook, open_dialog
from apps.shared.page import MOSCOW, local, title_line
from apps.shared.tables import Column, show_table
from document_gen import account_statement, penalty_calculation
from document_gen.engine import load_template
from document_gen.russian import amount, counted, date_ru, number, period_ru, rubles
from operational_db.services import account_card, audit, debtors, penalty_papers, statements
from operational_db.services import penalty as penalties
from operational_db.services.debtors import Place

LIABILITIES = {"housing": "жильё и услуги", "capital_repair": "капитальный ремонт"}
NO_MONTH = {"advance": "переплата", "award": "пошлина и пени по суду"}
TILE_HEIGHT = 95
AMBER_ROW = "#fdf3e1"


def show() -> None:
    """The card of the account that the address names."""
    account_id = _asked_account()
    with database.connection(session.token()) as connection:
        head = account_card.head(connection, account_id) if account_id else None
        if head is None:
            title_line("Карточка счёта", connection)
            st.info("Такого счёта нет или он не ваш. Найдите счёт в списке.")
            st.page_link(menu.ACCOUNTS, label="К списку счетов →")
            return
        title_line(
            f"ЛС {head['account_number']}",
            connection,
            subject=head["address"] or "адрес не указан",
        )
        neighbours = _neighbours(connection, account_id)
    as_of, known_at = _ask_for_moment(account_id, neighbours)
    if problem := st.session_state.pop("account_print_problem", None):
        st.warning(problem)
    if known_at is not None:
        st.caption(f"Показано так, как было известно на конец {date_ru(known_at.date())}.")
    with database.connection(session.token(), as_of=as_of, known_at=known_at) as connection:
        _show_figures(head, account_card.balance(connection, account_id))
        debtor_actions.show_notes(connection, account_id)
        _show_tabs(connection, head, as_of, known_at)


def _asked_account() -> int | None:
    return filters.row_number(st.query_params.get("account"))


def _neighbours(connection: Connection, account_id: int) -> Place:
    """Within the registry of debtors when the card was opened from it, else within the house."""
    registry = debtor_links.registry_of(st.query_params)
    if registry is not None and (place := debtors.place_of(connection, *registry, account_id)):
        return place
    previous_id, next_id = account_card.neighbours(connection, account_id)
    return Place(previous_id, next_id)


def _ask_for_moment(account_id: int, neighbours: Place) -> tuple[date, datetime | None]:
    today = datetime.now(MOSCOW).date()
    end_of_month = (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        as_of = days.field(
            "Долг на дату", today, until=end_of_month, key="account_as_of", width=150
        )
        known_on = None
        if st.toggle(
            "Как знали тогда",
            key="account_is_known_on",
            help="Показать без записей, внесённых позже выбранного дня",
        ):
            known_on = days.field(
                "Известно на конец дня", today, until=today, key="account_known_on", width=170
            )
        as_of = as_of or today
        known_at = None
        if known_on is not None:
            known_at = datetime.combine(known_on, time.max, tzinfo=MOSCOW)
        _offer_print(account_id, as_of, known_at)
        st.space("stretch")
        _link_to_neighbours(neighbours)
    return as_of, known_at


def _link_to_neighbours(neighbours: Place) -> None:
    within = st.query_params.get(debtor_links.PARAMETER) if neighbours.count else None
    kept = {} if within is None else {debtor_links.PARAMETER: within}
    if neighbours.count:
        st.caption(f"{neighbours.number} из {neighbours.count}", width="content")
    for neighbour_id, label, icon in (
        (neighbours.previous_id, "Предыдущий", ":material/arrow_back:"),
        (neighbours.next_id, "Следующий", ":material/arrow_forward:"),
    ):
        if neighbour_id is not None:
            st.page_link(
                menu.ACCOUNT,
                label=label,
                icon=icon,
                query_params={"account": str(neighbour_id), **kept},
            )
    if registry := debtor_links.registry_of(st.query_params) if kept else None:
        st.page_link(
            menu.DEBTORS,
            label="К реестру",
            icon=":material/list_alt:",
            query_params=debtor_links.registry_address(*registry),
        )
    else:
        st.page_link(menu.ACCOUNTS, label="К списку", icon=":material/list_alt:")


def _show_figures(head: Mapping[str, Any], balance: Mapping[str, Any]) -> None:
    tiles = st.columns([1.2, 1, 1, 1, 1.6])
    day = date_ru(balance["as_of"])
    tiles[0].metric(f"Долг на {day}", rubles(balance["debt"]), border=True, height=TILE_HEIGHT)
    tiles[1].metric(
        "Просрочено",
        rubles(balance["overdue_debt"]),
        border=True,
        height=TILE_HEIGHT,
        help=f"Самый давний срок оплаты: {date_ru(balance['oldest_due_date'])}",
    )
    months = counted(balance["overdue_months"], "месяц", "месяца", "месяцев")
    tiles[2].metric("Просрочка", months, border=True, height=TILE_HEIGHT)
    tiles[3].metric("Переплата", rubles(-balance["advance"]), border=True, height=TILE_HEIGHT)
    with tiles[4], st.container(border=True, key="account_facts", height=TILE_HEIGHT):
        state = "открыт" if head["is_open"] else "**закрыт**"
        area = f"{number(head['area'], 1)} м²" if head["area"] else "—"
        st.markdown(
            f"{head['organisation_name']} · счёт {state}  \n"
            f"ЕЛС {head['unified_number'] or '—'} · "
            f"код плательщика {head['payer_code'] or '—'}  \n"
            f"Площадь {area} · проживает {number(head['residents'])}"
        )


def _offer_print(account_id: int, as_of: date, known_at: datetime | None) -> None:
    printed = st.session_state.get("account_printed")
    if st.button("Печать: свод задолженности", icon=":material/print:", key="account_print"):
        try:
            printed = _print_statement(account_id, as_of, known_at)
        except statements.StatementDateError as problem:
            st.session_state["account_print_problem"] = str(problem)
            printed = None
        st.session_state["account_printed"] = printed
    if printed and printed[:3] == (account_id, as_of, known_at):
        st.download_button(
            "Скачать свод",
            printed[4],
            file_name=printed[3],
            mime=DOCX,
            key="account_download",
            icon=":material/download:",
            type="primary",
            on_click="ignore",
        )


def _print_statement(account_id: int, as_of: date, known_at: datetime | None) -> tuple:
    """Render one statement, keep it among the documents, and note in the trail who took it."""
    with database.connection(session.token(), as_of=as_of, known_at=known_at) as connection:
        context = account_statement.statement_from_mappings(
            **statements.statement_data(connection, account_id)
        )
        content = account_statement.render(context)
        name = account_statement.file_name(context)
        document_id = statements.save_statement(
            connection,
            account_id,
            file_name=name,
            template_version=load_template(account_statement.TEMPLATE).version,
            context_digest=hashlib.sha256(repr(context).encode()).hexdigest(),
            content=content,
        )
        audit.record_event(
            connection,
            "print",
            object_kind="account",
            object_id=str(account_id),
            purpose="Свод задолженности",
            details={"document_id": document_id, "as_of": as_of.isoformat()},
        )
    return account_id, as_of, known_at, name, content


def _show_tabs(
    connection: Connection, head: Mapping[str, Any], as_of: date, known_at: datetime | None
) -> None:
    account_id = head["account_id"]
    names = [
        "Почему такая сумма",
        "Пени",
        "По месяцам",
        "Начисления",
        "Оплаты",
        "Кто отвечает",
        "Документы",
    ]
    goes_to_court = session.user().has_any_role(*court_tabs.READERS)
    if goes_to_court:
        names += ["Должники", "Суды", "Что просужено", "Рассрочка"]
    why, penalty, turnover, charges, payments, people, documents, *court = st.tabs(names)
    with why:
        _show_why(account_card.intervals(connection, account_id), as_of)
    with penalty:
        _show_penalty(connection, head, as_of, known_at)
    with turnover:
        _show_turnover(account_card.turnover(connection, account_id))
    with charges:
        _show_ledger(account_card.charges(connection, account_id), "charges")
    with payments:
        _show_ledger(account_card.payments(connection, account_id), "payments")
        if st.toggle(
            "Кому причитаются оплаты: по услугам и получателям",
            key="account_splitting",
            help="ПП РФ от 28.03.2012 № 253: деньги за ресурс передают тому, кто его поставил",
        ):
            _show_splitting(account_card.splitting(connection, account_id))
    with people:
        _show_people(
            account_card.holders(connection, account_id),
            account_card.residents(connection, account_id),
        )
    with documents:
        _show_documents(account_card.documents(connection, account_id))
    if goes_to_court:
        for tab, show_tab in zip(
            court,
            (
                court_tabs.show_debtors,
                court_tabs.show_cases,
                court_tabs.show_claims,
                instalment_tab.show,
            ),
            strict=True,
        ):
            with tab:
                show_tab(connection, account_id)
                if show_tab is court_tabs.show_cases:
                    first_claim.show(account_id)


def _show_why(intervals: list, as_of: date) -> None:
    if not intervals:
        st.info(f"На {date_ru(as_of)} по счёту ничего не начислено и не оплачено.")
        return
    still = [row for row in intervals if row["is_open"]]
    shown = st.segmented_control(
        "Показать",
        ["Из чего состоит сегодня", "Вся история погашений"],
        default="Из чего состоит сегодня",
        key="account_why",
        label_visibility="collapsed",
    )
    is_history = shown == "Вся история погашений"
    rows = [_told(row) for row in (intervals if is_history else still)]
    if not rows:
        st.success(f"На {date_ru(as_of)} долга и переплаты нет: всё начисленное закрыто.")
        return
    show_table(
        rows,
        [
            Column("month", "За месяц", width=130),
            Column("liability", "Обязательство", width=150),
            Column("interval_amount", "Сумма, ₽", "money", width=110),
            Column("due_date", "Оплатить до", "date", width=100),
            Column(
                "days_late",
                "Дней просрочки",
                "count",
                width=110,
                help="До дня погашения, а у непогашенного – до выбранной даты",
            ),
            Column("outcome", "Что с этой частью долга", width=430),
        ],
        key="account_intervals",
        highlight=lambda row: AMBER_ROW if row["is_open"] and row["days_late"] else None,
        height=420 if len(rows) > 13 else "content",
    )
    st.caption(
        "Каждая строка – часть долга за месяц, погашенная одним и тем же платежом. Оплата "
        "закрывает тот месяц, который назвал плательщик; неназванная – самый ранний непогашенный."
    )


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    kind = row["interval_kind"]
    return {
        **row,
        "month": NO_MONTH[kind] if kind in NO_MONTH else period_ru(row["period"]),
        "liability": LIABILITIES.get(row["liability"], "—"),
        "outcome": _outcome(row),
    }


def _outcome(row: Mapping[str, Any]) -> str:
    if row["interval_kind"] == "award":
        if row["refund_kind"] is not None:
            return f"{_credit(row)}: возвращено {date_ru(row['closed_date'])}"
        return f"{_credit(row)}: ушло на присуждённые пошлину и пени, долг за услуги не меньше"
    if row["interval_kind"] == "advance":
        origin = f"{_credit(row)} – больше, чем было начислено"
        if row["closed_date"] is None:
            return f"{origin}; пойдёт в счёт следующих месяцев"
        if row["refund_kind"] is not None:
            return f"{origin}; возвращено {date_ru(row['closed_date'])}"
        return f"{origin}; зачтено {date_ru(row['closed_date'])}"
    reopened = "; открыто снова из-за возврата платежа" if row["reopened_by_kind"] else ""
    if row["closed_date"] is not None:
        return f"Погашено {date_ru(row['closed_date'])}: {_credit(row)}{reopened}"
    if row["interval_kind"] == "refund":
        return "Возвращено плательщику больше, чем он внёс"
    told = "Не оплачено" if row["days_late"] else "Срок оплаты ещё не прошёл"
    return told + reopened


def _credit(row: Mapping[str, Any]) -> str:
    """What closed a part, in a few words that a clerk finds in the ledger."""
    day = date_ru(row["credit_date"])
    if row["credit_kind"] == "write_off":
        return f"списание от {day}"
    if row["credit_kind"] == "recalculation":
        return f"перерасчёт от {day}"
    channel = account_card.CHANNELS.get(row["payment_channel"], "")
    told = f"оплата от {day} на {amount(row['payment_amount'])} ₽"
    document = f"док. № {row['payment_document']}" if row["payment_document"] else ""
    return ", ".join(filter(None, [told, channel, document]))


def _show_penalty(
    connection: Connection, head: Mapping[str, Any], as_of: date, known_at: datetime | None
) -> None:
    account_id = head["account_id"]
    found = penalties.penalty_of_account(connection, account_id)
    if not found.months:
        st.info(f"На {date_ru(as_of)} по счёту нет ни просроченного долга, ни пени.")
        return
    penalty_views.show_penalty(found, penalties.tables_of_law(connection), key="penalty")
    with st.container(horizontal=True):
        st.button(
            f"Выгрузить в Excel: {counted(len(found.lines), 'строка', 'строки', 'строк')}",
            icon=":material/table_view:",
            key="penalty_export",
            on_click=open_dialog,
            args=("penalty_export",),
            disabled=not found.lines,
        )
        _offer_penalty_paper(account_id, as_of, known_at)
    if is_dialog_open("penalty_export"):
        told = penalty_views.told_lines(found)
        offer_workbook(
            name="penalty_lines",
            title=f"Пени по ЛС {head['account_number']} на {date_ru(as_of)}",
            columns=(*penalty_views.LINE_COLUMNS, *penalty_views.LINK_COLUMNS),
            count=len(told),
            read=lambda _connection: told,
            asked={"account_id": str(account_id), "as_of": as_of.isoformat()},
        )


def _offer_penalty_paper(account_id: int, as_of: date, known_at: datetime | None) -> None:
    asked = (account_id, as_of, known_at)
    if st.button("Расчёт пени (Word)", icon=":material/print:", key="penalty_print"):
        st.session_state["penalty_printed"] = (*asked, *_print_penalty(*asked))
    printed = st.session_state.get("penalty_printed")
    if printed and printed[:3] == asked:
        st.download_button(
            "Скачать расчёт пени",
            printed[4],
            file_name=printed[3],
            mime=DOCX,
            key="penalty_download",
            icon=":material/download:",
            type="primary",
            on_click="ignore",
        )


def _print_penalty(account_id: int, as_of: date, known_at: datetime | None) -> tuple[str, bytes]:
    """Render the calculation, keep it among the documents, and note who took it."""
    with database.connection(session.token(), as_of=as_of, known_at=known_at) as connection:
        known_on = known_at.date() if known_at else None
        context = penalty_calculation.calculation_from_rows(
            **penalty_papers.paper_of_account(connection, account_id, known_on=known_on)
        )
        content = penalty_calculation.render(context)
        name = penalty_calculation.file_name(context)
        document_id = statements.save_statement(
            connection,
            account_id,
            kind="penalty_calculation",
            file_name=name,
            template_version=load_template(penalty_calculation.TEMPLATE).version,
            context_digest=hashlib.sha256(repr(context).encode()).hexdigest(),
            content=content,
        )
        audit.record_event(
            connection,
            "print",
            object_kind="account",
            object_id=str(account_id),
            purpose="Расчёт пени",
            details={"document_id": document_id, "as_of": as_of.isoformat()},
        )
    return name, content


def _show_turnover(rows: list) -> None:
    if not rows:
        st.info("Оборотов по счёту нет.")
        return
    show_table(
        rows,
        [
            Column("period", "Месяц", "month", width=130),
            Column("opening_balance", "Сальдо на начало, ₽", "money", width=140),
            Column("charged", "Начислено, ₽", "money", width=115),
            Column("recalculated", "Перерасчёт, ₽", "money", width=115),
            Column("paid", "Оплачено, ₽", "money", width=115),
            *_column_of_awards(rows),
            Column("adjusted", "Корректировка, ₽", "money", width=125),
            Column("written_off", "Списано, ₽", "money", width=110),
            Column("closing_balance", "Сальдо на конец, ₽", "money", width=135),
        ],
        key="account_turnover",
        height=420 if len(rows) > 13 else "content",
    )


def _column_of_awards(rows: list) -> list[Column]:
    """Few accounts have money that went to duty and penalty: others need no column of nothing."""
    if not any(row["to_awards"] for row in rows):
        return []
    told = "Ушло на пошлину и пени, присуждённые судом (ГК 319): долг за услуги от этого не меньше"
    return [Column("to_awards", "В пошлину и пени, ₽", "money", width=140, help=told)]


def _show_splitting(rows: list) -> None:
    if not rows:
        st.info("Оплат по счёту нет.")
        return
    show_table(
        [
            {
                **row,
                "service_name": _fell_to(row),
                "recipient_name": row["recipient_name"] or "—",
            }
            for row in rows
        ],
        [
            Column("paid_date", "Оплата", "date", width=95),
            Column("falls_date", "Пошла в счёт долга", "date", width=140),
            Column("period", "За месяц", "month", width=125),
            Column("service_name", "Услуга", width=230),
            Column("recipient_name", "Кому причитается", width=230),
            Column("amount", "Сумма, ₽", "money", width=110),
        ],
        key="account_splitting_rows",
        height=420 if len(rows) > 13 else "content",
    )


def _fell_to(row: Mapping[str, Any]) -> str:
    if row["is_award"]:
        return "пошлина и пени по суду"
    return row["service_name"] or "ждёт начислений или возвращено"


def _show_ledger(rows: list, name: str) -> None:
    if not rows:
        st.info("Таких записей нет.")
        return
    is_payment = name == "payments"
    columns = [
        Column("fact_date", "Дата", "date", width=95),
        Column("kind", "Вид", width=110),
        Column("amount", "Сумма, ₽", "money", width=110),
        Column("period", "Назван месяц" if is_payment else "За месяц", "month", width=125),
    ]
    if is_payment:
        columns += _column_of_awards(rows)
        columns.append(Column("channel", "Как оплачено", width=130))
        columns.append(Column("document_number", "Документ", width=110))
    else:
        columns.append(Column("service_name", "Услуга", width=230))
    columns += [
        Column("source", "Откуда", width=260, help="Файл и строка, или запись пользователя"),
        Column("recorded", "Внесено", "moment", width=130),
    ]
    show_table(
        [
            {
                **row,
                "kind": account_card.FACT_KINDS[row["fact_kind"]]
                if row["amount"] >= 0 or not is_payment
                else "возврат",
                "channel": account_card.CHANNELS.get(row["channel"]),
                "source": _source(row),
                "recorded": local(row["recorded_at"]),
            }
            for row in rows
        ],
        columns,
        key=f"account_{name}",
        height=420 if len(rows) > 13 else "content",
    )


def _source(row: Mapping[str, Any]) -> str:
    if row["source_file"] is None:
        return "внесено пользователем"
    if row["source_line"] is None:
        return f"файл «{row['source_file']}»"
    return f"файл «{row['source_file']}», строка {row['source_line']}"


def _show_people(holders: list, residents: list) -> None:
    st.markdown("**Права на помещение**")
    if holders:
        show_table(
            [{**row, **_told_holder(row)} for row in holders],
            [
                Column("holder_name", "Кто", width=260),
                Column("right", "Право", width=210),
                Column("share", "Доля", width=65),
                Column("note", "Примечание", width=170),
                Column("birth_date", "Дата рождения", "date", width=110),
                Column("phone", "Телефон", width=130),
                Column("valid_from", "С", "date", width=90),
                Column("registration_number", "№ регистрации", width=190),
            ],
            key="account_holders",
        )
    else:
        st.info("Сведений о правах нет: закажите выписку из ЕГРН.")
    st.markdown("**Зарегистрированы и проживают**")
    if residents:
        show_table(
            [
                {
                    **row,
                    "registration": "постоянно" if row["is_permanent"] else "временно",
                    "note": _note(row),
                }
                for row in residents
            ],
            [
                Column("full_name", "Кто", width=260),
                Column("relation", "Кем приходится", width=150),
                Column("registration", "Регистрация", width=110),
                Column("note", "Примечание", width=170),
                Column("birth_date", "Дата рождения", "date", width=110),
                Column("phone", "Телефон", width=130),
                Column("valid_from", "С", "date", width=90),
            ],
            key="account_residents",
        )
    else:
        st.info("Сведений о проживающих нет.")


def _told_holder(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "holder_name": row["holder_name"] or "не установлен",
        "right": account_card.RIGHTS[row["right_kind"]],
        # Spouses in joint ownership have no shares until they divide it (ГК 244).
        "share": None
        if row["right_kind"] in {"joint_ownership", "unknown"}
        else f"{row['share_numerator']}/{row['share_denominator']}",
        "note": _note(row),
    }


def _note(row: Mapping[str, Any]) -> str | None:
    if row["is_dead"]:
        return "умер(ла): нужны наследники"
    return "несовершеннолетний" if row["is_minor"] else None


def _show_documents(rows: list) -> None:
    if not rows:
        st.info("Документов по счёту ещё не печатали.")
        return
    show_table(
        [{**row, "recorded": local(row["recorded_at"])} for row in rows],
        [
            Column("recorded", "Составлен", "moment", width=140),
            Column("file_name", "Документ", width=420),
        ],
        key="account_documents",
    )


show()
