"""Откуда это число: the facts behind the balance of an account, to the line of the file."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import streamlit as st

from apps import menu
from apps.shared import database, filters, session
from apps.shared.page import MOSCOW, title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import counted, date_ru, rubles
from operational_db.services import provenance

PAGE = "provenance"
NAMES = ("account", "until", "kind", "page")
ROWS_ON_A_PAGE = 100


def show() -> None:
    """The sum, what it is made of, and every fact with its file, line and checksum."""
    with database.connection(session.token()) as connection:
        title_line("Откуда это число", connection)
        filters.open_filters(PAGE, NAMES)
        account_id = filters.row_number(st.session_state.get("filter_account"))
        found = None if account_id is None else provenance.head(connection, account_id)
        if account_id is None or found is None:
            st.info("Откройте этот экран из ведомости, очереди работ или карточки счёта.")
            return
        until = _day()
        kind = filters.choice("Факты", "kind", provenance.KINDS, width=200)
        filters.keep_in_address(PAGE, NAMES)
        totals = provenance.totals(connection, account_id, until, kind)
        pages = -(-totals["facts"] // ROWS_ON_A_PAGE)
        page = filters.current_page(pages)
        rows = provenance.facts(
            connection,
            account_id,
            until,
            kind,
            limit=ROWS_ON_A_PAGE,
            offset=(page - 1) * ROWS_ON_A_PAGE,
        )
    st.markdown(f"**Счёт {found['account_number']}**, {found['address'] or 'адрес не известен'}")
    if kind is None:
        st.markdown(
            f"Сальдо на {date_ru(until)}: начисления {rubles(totals['charged'])} + перерасчёты "
            f"{rubles(totals['recalculated'])} + корректировки {rubles(totals['adjusted'])} − "
            f"оплаты {rubles(totals['paid'])}{_told_awards(totals)} − "
            f"списания {rubles(totals['written_off'])} = "
            f"**{rubles(totals['balance'])}**"
        )
        if until == found["as_of_date"]:
            agrees = totals["balance"] == found["balance"]
            st.markdown(
                ":green[Сходится с показателями до копейки.]"
                if agrees
                else f":orange[В показателях {rubles(found['balance'])}: после пересчёта внесены "
                "новые факты. Нажмите «Обновить».]"
            )
    if not rows:
        st.info("Таких фактов на счёте нет.")
        return
    show_table(
        [{**row, "kind": provenance.KINDS[row["kind"]], "source": _source(row)} for row in rows],
        [
            Column("day", "Дата", "date", width=85),
            Column("kind", "Факт", width=110),
            Column("period", "За месяц", "month", width=115),
            Column("service_name", "Услуга", width=200),
            Column("raises", "Сумма, ₽", "money", width=105),
            Column("source", "Файл", width=230),
            Column("import_line", "Строка", "count", width=65),
            Column("sha256", "Контрольная сумма SHA-256", width=200),
            Column("recorded_at", "Записано", "moment", width=130),
        ],
        key="provenance_facts",
        totals={"kind": "Всего", "raises": totals["balance"]},
        height=458 if len(rows) > 15 else "content",
    )
    filters.page_number(pages)
    told = counted(totals["facts"], "факт", "факта", "фактов")
    st.caption(f"{told}. Без файла: {totals['without_file']} – внесены на экране или выпиской.")
    st.page_link(menu.ACCOUNT, label="Карточка счёта →", query_params={"account": str(account_id)})


def _day() -> date:
    try:
        return date.fromisoformat(st.session_state.get("filter_until") or "")
    except ValueError:
        return datetime.now(MOSCOW).date()


def _told_awards(totals: Mapping[str, Any]) -> str:
    """Few accounts have money that went to duty and penalty awarded by a court."""
    if not totals["to_awards"]:
        return ""
    return f" + из них в присуждённые пошлину и пени {rubles(totals['to_awards'])}"


def _source(row: dict) -> str:
    if row["file_name"]:
        return row["file_name"]
    return f"внёс {row['user_name']}" if row["user_name"] else "без файла"


show()
