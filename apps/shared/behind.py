"""The list behind a figure: accounts page by page, and from each the way to its facts."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from apps import menu
from apps.shared import database, session
from apps.shared.tables import Column, show_table
from document_gen.russian import counted, number, rubles
from operational_db.event_names import CONTACT_KINDS, CONTACT_RESULTS
from operational_db.services import behind_figures
from operational_db.services.behind_figures import Figure

ROWS_ON_A_PAGE = 50
ACCOUNT = (
    Column("account_number", "Лицевой счёт", width=105),
    Column("holder_name", "Кто", width=230),
    Column("address", "Адрес", "address", width=380),
)


def show_behind(title: str, figure: Figure, columns: Sequence[Column], *, key: str) -> None:
    """Show what a figure is made of; a chosen account leads to its card and its facts."""
    st.markdown(f"**{title}**")
    with database.connection(session.token()) as connection:
        totals = behind_figures.totals(connection, figure)
        pages = max(1, -(-totals["rows"] // ROWS_ON_A_PAGE))
        page = min(int(st.session_state.get(f"{key}_page") or 1), pages)
        rows = [
            {**row, "told": _in_words(row["told"])}
            for row in behind_figures.page(
                connection, figure, limit=ROWS_ON_A_PAGE, offset=(page - 1) * ROWS_ON_A_PAGE
            )
        ]
    if not rows:
        st.info("Таких счетов нет.")
        return
    st.caption(_told(totals))
    chosen = show_table(
        rows,
        [*ACCOUNT, *columns],
        key=f"{key}_rows",
        is_selectable=True,
        height=380 if len(rows) > 12 else "content",
    )
    if pages > 1:
        st.pagination(pages, key=f"{key}_page")
    if chosen is None:
        st.caption("Щёлкните слева от строки: откроются карточка счёта и его факты.")
        return
    account = str(chosen["account_id"])
    with st.container(horizontal=True):
        st.page_link(
            menu.ACCOUNT,
            label=f"Карточка счёта {chosen['account_number']} →",
            query_params={"account": account},
        )
        st.page_link(menu.PROVENANCE, label="Откуда это число →", query_params={"account": account})


def _in_words(told: str | None) -> str | None:
    """A contact comes as its codes, «live_call:talked»; anything else as it is written."""
    kind, _colon, result = (told or "").partition(":")
    if kind in CONTACT_KINDS and result in CONTACT_RESULTS:
        return f"{CONTACT_KINDS[kind]}, {CONTACT_RESULTS[result]}"
    return told


def _told(totals: Any) -> str:
    told = counted(totals["accounts"], "счёт", "счёта", "счетов")
    if totals["rows"] != totals["accounts"]:
        told += f", строк {number(totals['rows'])}"
    if totals["amount"]:
        told += f", всего {rubles(totals['amount'])}"
    return told + "."
