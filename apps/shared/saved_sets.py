"""Sets of filters and columns of a list: chosen by name, saved for oneself or for colleagues.

A set writes its filters into the address as if they had been typed, so a link shows the same to
whoever opens it; ``set`` in the address only says which name is shown.
"""

from collections.abc import Mapping, Sequence

import streamlit as st
from sqlalchemy import Connection

from apps.shared import database, debtor_columns, session
from apps.shared.filters import row_number
from apps.shared.page import say_later
from apps.shared.tables import Column
from operational_db.services import saved_views
from operational_db.services.saved_views import SavedView, ViewRefusedError

SEPARATOR = ","
CHOSEN, COLUMNS = "filter_set", "filter_columns"


def show_sets(connection: Connection, screen: str, names: Sequence[str]) -> None:
    """The list of sets and, behind a button, saving and throwing away. To stand above the filters.

    ``names`` are the filters of the address that a set holds.
    """
    found = {each.saved_view_id: each for each in saved_views.views(connection, screen)}
    number = row_number(st.session_state.get(CHOSEN))
    chosen = found.get(number) if number else None
    st.session_state[CHOSEN] = str(number) if chosen else None
    st.session_state["saved_set"] = number if chosen else None
    with st.container(horizontal=True, vertical_alignment="bottom", key="saved_sets"):
        st.selectbox(
            "Набор",
            [None, *found],
            format_func=lambda key: "без набора" if key is None else found[key].told,
            placeholder="без набора",
            key="saved_set",
            width=330,
            on_change=_apply,
            args=(found, tuple(names)),
            help="Условия и столбцы под одним названием",
        )
        with st.popover("Сохранить", icon=":material/bookmark_add:", key="saved_set_popover"):
            _offer_save(screen, tuple(names), chosen)


def ask_columns(catalogue: Mapping[str, Column], stage: str) -> list[Column]:
    """Ask which columns to show; without an answer those of the stage."""
    written = (st.session_state.get(COLUMNS) or "").split(SEPARATOR)
    st.session_state["chosen_columns"] = [
        key for key in written if key in catalogue and key != debtor_columns.PINNED
    ]
    with st.popover("Столбцы", icon=":material/view_column:", key="columns_popover"):
        st.multiselect(
            "Какие столбцы показать, по порядку",
            [key for key in catalogue if key != debtor_columns.PINNED],
            format_func=lambda key: catalogue[key].heading,
            key="chosen_columns",
            placeholder="обычные для стадии",
            on_change=_keep_columns,
        )
        st.caption("Пусто – обычные столбцы стадии. Те же столбцы уйдут в Excel.")
    return debtor_columns.of_keys(st.session_state["chosen_columns"], stage)


def _keep_columns() -> None:
    st.session_state[COLUMNS] = SEPARATOR.join(st.session_state["chosen_columns"]) or None


def _apply(found: Mapping[int, SavedView], names: Sequence[str]) -> None:
    """Put the set's filters in place of all that stood there; «без набора» leaves them."""
    chosen = found.get(st.session_state["saved_set"])
    st.session_state[CHOSEN] = None if chosen is None else str(chosen.saved_view_id)
    if chosen is None:
        return
    for name in names:
        st.session_state[f"filter_{name}"] = chosen.filters.get(name)
    st.session_state[COLUMNS] = SEPARATOR.join(chosen.columns) or None


def _offer_save(screen: str, names: Sequence[str], chosen: SavedView | None) -> None:
    own = chosen if chosen is not None and chosen.is_own else None
    name = st.text_input(
        "Название",
        value=own.name if own else "",
        key=f"saved_set_name_{own.saved_view_id if own else 0}",
        max_chars=saved_views.LONGEST_NAME,
    )
    is_shared = st.checkbox(
        "Показывать коллегам",
        value=bool(own and own.is_shared),
        key=f"saved_set_shared_{own.saved_view_id if own else 0}",
    )
    st.caption("Сохранятся условия, порядок и столбцы, которые сейчас на экране.")
    st.button(
        "Сохранить набор",
        key="saved_set_save",
        type="primary",
        on_click=_save,
        args=(screen, names, name, is_shared),
    )
    if own is not None:
        st.button(
            f"Удалить набор «{own.name}»",
            key="saved_set_remove",
            on_click=_throw_away,
            args=(own.saved_view_id,),
        )
    if problem := st.session_state.pop("saved_set_problem", None):
        st.error(problem)


def _save(screen: str, names: Sequence[str], name: str, is_shared: bool) -> None:
    said = {
        key: st.session_state[f"filter_{key}"]
        for key in names
        if st.session_state.get(f"filter_{key}") not in (None, "")
    }
    columns = (st.session_state.get(COLUMNS) or "").split(SEPARATOR)
    try:
        with database.connection(session.token()) as connection:
            number = saved_views.save(
                connection,
                screen,
                name,
                filters=said,
                columns=[key for key in columns if key],
                is_shared=is_shared,
            )
    except (ViewRefusedError, PermissionError) as problem:
        st.session_state["saved_set_problem"] = str(problem)
        return
    st.session_state[CHOSEN] = str(number)
    say_later(f"Набор «{' '.join(name.split())}» сохранён.")


def _throw_away(saved_view_id: int) -> None:
    try:
        with database.connection(session.token()) as connection:
            saved_views.throw_away(connection, saved_view_id)
    except (ViewRefusedError, PermissionError) as problem:
        st.session_state["saved_set_problem"] = str(problem)
        return
    st.session_state[CHOSEN] = None
    say_later("Набор удалён. Условия на экране остались.")
