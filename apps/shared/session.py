"""Who is using the app; the only module that reads ``st.user`` and the cookie."""

import json
from ipaddress import ip_address

import streamlit as st

from apps.shared import database, session_cookie
from operational_db.services import sign_in
from operational_db.services.sign_in import SignedInUser

TOKEN = "session_token"  # noqa: S105 - the name of a key, not a secret
USER = "session_user"
HANDOVER = "session_to_keep"
NOTICE = "session_notice"

ENDED = "Сеанс закончился. Войдите снова – ничего из сохранённого не потеряно."


def user() -> SignedInUser:
    """The user whom this run has found to be signed in; for screens, which nobody else reaches."""
    return st.session_state[USER]


def current_user() -> SignedInUser | None:
    """Ask the database who is signed in; a session that ended in the meantime is told of once."""
    token = _token()
    if token is None:
        return _user_of_identity_provider()
    with database.connection(token) as connection:
        found = sign_in.who_am_i(connection)
    st.session_state[USER] = found
    if found is None and st.session_state.pop(TOKEN, None) is not None:
        st.session_state[NOTICE] = ENDED
    return found


def token() -> str:
    """The secret of the session in hand; to be used behind the sign-in only."""
    known = _token()
    if known is None:
        raise PermissionError(ENDED)
    return known


def open_session(login: str, password: str) -> None:
    """Sign in; raises ``SignInRefusedError`` with what to tell the user."""
    _remember(sign_in.sign_in(login, password, browser_address()))


def browser_address() -> str:
    """Where the browser is, as far as we can know."""
    return address_seen(st.context.ip_address, st.context.headers.get("X-Forwarded-For", ""))


def address_seen(peer: str | None, forwarded: str) -> str:
    """The address of a browser whose connection comes from ``peer``; None is this machine.

    A proxy on this machine adds whom it serves at the end of ``forwarded``; what stands before, or
    comes from elsewhere, anybody can write.
    """
    peer = peer or "127.0.0.1"
    if forwarded and ip_address(peer).is_loopback:
        return forwarded.rsplit(",", 1)[-1].strip()
    return peer


def close_session() -> None:
    """Sign out here and, where one was used, at the identity provider."""
    known = _token()
    if known is not None:
        sign_in.sign_out(known)
    # Everything that the user looked at goes with them.
    st.session_state.clear()
    st.session_state[TOKEN] = ""
    if identity_provider_is_configured() and st.user.get("is_logged_in"):
        st.logout()


def keep_in_browser() -> None:
    """After signing in, give the browser its cookie, so that a reload finds the session."""
    if not st.session_state.pop(HANDOVER, False):
        return
    ticket = session_cookie.ticket_for(token())
    base = st.get_option("server.baseUrlPath").strip("/")
    address = (f"/{base}" if base else "") + session_cookie.PATH
    headers = json.dumps({session_cookie.TICKET_HEADER: ticket})
    st.html(
        f"<script>fetch({json.dumps(address)}, {{method: 'POST', headers: {headers}}})</script>",
        unsafe_allow_javascript=True,
    )


def notice() -> str | None:
    """What the sign-in page has to say, once."""
    return st.session_state.pop(NOTICE, None)


def identity_provider_is_configured() -> bool:
    """True when the organisation's own sign-in (OIDC) stands in the section ``[auth]``."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def _token() -> str | None:
    # An empty token means «signed out here»: the cookie of this page's load is then out of date.
    if TOKEN in st.session_state:
        return st.session_state[TOKEN] or None
    return st.context.cookies.get(session_cookie.COOKIE)


def _remember(new_token: str) -> None:
    st.session_state[TOKEN] = new_token
    st.session_state[HANDOVER] = True


def _user_of_identity_provider() -> SignedInUser | None:
    if not identity_provider_is_configured() or not st.user.get("is_logged_in"):
        return None
    # An address that the provider has not verified may be anybody's.
    if st.user.get("email_verified") is False:
        st.session_state[NOTICE] = "Адрес почты не подтверждён у поставщика входа."
        return None
    try:
        _remember(sign_in.sign_in_verified(st.user.get("email") or ""))
    except sign_in.SignInRefusedError as refusal:
        st.session_state[NOTICE] = str(refusal)
        return None
    return current_user()
