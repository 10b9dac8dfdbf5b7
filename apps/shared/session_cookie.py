"""Hands a session over to the browser as a cookie that no script can read.

A Streamlit script answers over a web socket, which cannot set such a cookie. So the script leaves
the token here under a ticket that works once, and the browser fetches the cookie with it.
"""

import secrets
import threading
import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from operational_db.services.sign_in import SESSION_LIFETIME

COOKIE = "dolgomer_session"
PATH = "/session/keep"
TICKET_HEADER = "X-Dolgomer-Ticket"
TICKET_LIFETIME = 60.0
"""Seconds; the browser comes for its cookie at once."""

_tickets: dict[str, tuple[str, float]] = {}
_lock = threading.Lock()


def ticket_for(token: str) -> str:
    """Leave a token for the browser to fetch; return the ticket."""
    now = time.monotonic()
    ticket = secrets.token_urlsafe(32)
    with _lock:
        for old in [key for key, (_, until) in _tickets.items() if until < now]:
            del _tickets[old]
        _tickets[ticket] = (token, now + TICKET_LIFETIME)
    return ticket


async def keep_session(request: Request) -> Response:
    """Set the cookie for a valid ticket.

    The ticket comes in a header of our own: another site's page cannot send one without asking
    this server, which never allows it, so nobody is signed in by somebody else's page.
    """
    with _lock:
        token, until = _tickets.pop(request.headers.get(TICKET_HEADER, ""), ("", 0.0))
    if until < time.monotonic():
        return Response(status_code=403)
    response = Response(status_code=204)
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=scheme == "https",
    )
    return response


ROUTES = [Route(PATH, keep_session, methods=["POST"])]
