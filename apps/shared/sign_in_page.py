"""The page that asks who you are."""

import streamlit as st

from apps.shared import session
from operational_db.services.sign_in import SignInRefusedError


def show() -> None:
    """Ask for login and password, or offer the organisation's own sign-in."""
    _, middle, _ = st.columns([1, 1, 1])
    with middle:
        st.title("Долгомер")
        st.caption("Долги за жильё и коммунальные услуги: точно до копейки и с объяснением")
        if notice := session.notice():
            st.warning(notice)
        if session.identity_provider_is_configured():
            st.button(
                "Войти через учётную запись организации",
                on_click=st.login,
                type="primary",
                key="sign_in_provider",
                width="stretch",
            )
        _ask_for_password()


def _ask_for_password() -> None:
    with st.form("sign_in"):
        login = st.text_input("Логин", key="sign_in_login", autocomplete="username")
        password = st.text_input(
            "Пароль", type="password", key="sign_in_password", autocomplete="current-password"
        )
        asked = st.form_submit_button("Войти", key="sign_in_submit", type="primary")
    if not asked:
        return
    if not login.strip() or not password:
        st.error("Введите логин и пароль.")
        return
    try:
        session.open_session(login, password)
    except SignInRefusedError as refusal:
        st.error(str(refusal))
    else:
        st.rerun()
