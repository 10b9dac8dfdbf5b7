"""What every screen has in common: the frame, the title line, «данные на …» and the user."""

from datetime import datetime, timedelta
from pathlib import Path

import streamlit as st
from sqlalchemy import Connection

from apps.shared import database, session
from document_gen.russian import date_ru, moment_ru
from operational_db.clock import MOSCOW
from operational_db.services import dashboard, requests
from operational_db.services.dashboard import BuildState
from operational_db.services.sign_in import SignedInUser

ICON = Path(__file__).with_name("icon.png")
STYLE = Path(__file__).with_name("style.css")

ROLE_NAMES = {
    "official": "сотрудник администрации",
    "manager": "руководитель",
    "lawyer": "юрист",
    "accountant": "бухгалтер",
    "operator": "оператор",
    "inspector": "контролёр",
    "administrator": "администратор",
}


def set_up_page() -> None:
    """Name the page and make the widgets as dense as an office screen needs them."""
    st.set_page_config(page_title="Долгомер", page_icon=str(ICON), layout="wide")
    st.html(STYLE)


def title_line(title: str, connection: Connection, subject: str = "") -> BuildState | None:
    """Write the title, what it speaks of, the age of the figures, and the user's corner.

    Returns the last build, by which cached figures are kept, or None before the first one.
    """
    built = dashboard.build_state(connection)
    user = session.user()
    with st.container(horizontal=True, vertical_alignment="center", key="title_line"):
        st.title(title, anchor=False, width="content")
        if subject:
            st.markdown(f":gray[{subject}]", width="content")
        st.space("stretch")
        _data_age(built)
        st.button(
            "Обновить",
            icon=":material/refresh:",
            key="refresh_data",
            help="Пересчитать показатели по тому, что внесено с прошлого пересчёта",
            on_click=_ask_for_build,
        )
        _user_corner(user)
    if message := st.session_state.pop("page_toast", None):
        st.toast(message)
    return built


def say_later(message: str) -> None:
    """Tell of a small success after the rerun that follows it."""
    st.session_state["page_toast"] = message


def local(moment: datetime) -> datetime:
    """The moment by the clock of the municipality."""
    return moment.astimezone(MOSCOW)


def _data_age(built: BuildState | None) -> None:
    if built is None:
        st.markdown(":orange[показатели ещё не рассчитаны]", width="content")
        return
    told = f"данные на {moment_ru(local(built.built_at))}"
    is_old = datetime.now(MOSCOW) - built.built_at > timedelta(days=1)
    colour = "orange" if is_old else "gray"
    st.markdown(
        f":{colour}[{told}]",
        width="content",
        help=f"Долг посчитан на {date_ru(built.as_of)}. "
        + ("Данные старше суток: нажмите «Обновить»." if is_old else ""),
    )
    if built.as_of != datetime.now(MOSCOW).date():
        st.markdown(
            f":orange[на {date_ru(built.as_of)}, не на сегодня]",
            width="content",
            help="Долг на сегодня посчитает кнопка «Обновить».",
        )


def _user_corner(user: SignedInUser) -> None:
    with st.popover(user.full_name, icon=":material/person:", key="user_corner"):
        st.markdown(f"**{user.full_name}**")
        st.caption(
            f"{user.organisation_name}  \n"
            + ", ".join(ROLE_NAMES[role] for role in ROLE_NAMES if role in user.roles)
        )
        st.button(
            "Выйти",
            icon=":material/logout:",
            key="sign_out",
            on_click=session.close_session,
            width="stretch",
        )


def _ask_for_build() -> None:
    try:
        with database.connection(session.token()) as connection:
            number = requests.request_build(connection)
    except PermissionError as refusal:
        say_later(str(refusal))
        return
    say_later(f"Пересчёт заказан (задание № {number}). Ход виден на экране «Задания».")
