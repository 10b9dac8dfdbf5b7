"""How long the first answer of every screen takes: its own script, run whole, nothing cached.

The scripts run in Streamlit's own test runner as they run on the server, so no query that a screen
makes can be left out of its figure. What a browser draws afterwards is not in it.
"""

import gc
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from sqlalchemy import Connection, Row, event, text
from streamlit.testing.v1 import AppTest

from apps import menu
from benchmarks.report import Figure, percentile
from operational_db import database, server
from operational_db.services.sign_in import sign_in_verified
from orchestration.lib.builds import bring_up_to_date

ENTRY = Path(menu.__file__).with_name("entry.py")
SECTION = "First answer of every screen"
LIST_MILLISECONDS = 500
SCREEN_MILLISECONDS = 2000
ROUNDS = 4
PATIENCE_SECONDS = 120
SEED = 11

Address = dict[str, str]


@dataclass(frozen=True, slots=True)
class Opening:
    """What a screen promises, in milliseconds, and what stands in the address that opens it.

    ``has_rows`` says that the screen is measured only when it shows a table: an empty one is quick.
    """

    promise: int = SCREEN_MILLISECONDS
    address: Callable[[Connection, random.Random], Address] = lambda _connection, _chance: {}
    has_rows: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """One first answer: milliseconds in all, and those of them that the database took."""

    role: str
    milliseconds: float
    of_database: float
    statements: int


def _an_account(connection: Connection, chance: random.Random) -> Address:
    accounts = connection.scalars(text("select account_id from screens.accounts")).all()
    return {"account": str(chance.choice(accounts))}


def _an_indicator(connection: Connection, _chance: random.Random) -> Address:
    """The indicator that counts most events, in the month of most of them."""
    row: Row[Any] = connection.execute(
        text(
            """
            select plan_indicator_id, organisation_id, period_kind, period_start
            from marts.plan_execution
            where period_kind = 'month'
            order by events_counted desc nulls last, plan_indicator_id
            limit 1
            """
        )
    ).one()
    return {
        "indicator": str(row.plan_indicator_id),
        "organisation": str(row.organisation_id),
        "kind": row.period_kind,
        "start": row.period_start.isoformat(),
    }


LIST = Opening(LIST_MILLISECONDS)
FORM_TO_FILL = Opening(has_rows=False)

OPENINGS: Mapping[str, Opening] = {
    menu.DASHBOARD: Opening(),
    menu.STEERING: Opening(),
    menu.WORKLIST: Opening(),  # weighs all debts of the town before it shows a page
    menu.PROVENANCE: Opening(address=_an_account),
    menu.ACCOUNTS: LIST,
    menu.ACCOUNT: Opening(address=_an_account),
    menu.IMPORTS: FORM_TO_FILL,
    menu.RECEIPTS: Opening(LIST_MILLISECONDS, has_rows=False),
    menu.TURNOVER_SHEET: Opening(),
    menu.PAYMENTS_REGISTER: Opening(),
    menu.DEBT_INFORMATION: Opening(),
    menu.RESOURCE_REPORT: Opening(),
    menu.FORM_RIGHTS: FORM_TO_FILL,
    menu.CLOSING: Opening(),
    menu.DEBTORS: LIST,
    menu.ECONOMICS: Opening(),
    menu.BATCHES: Opening(),  # counts what a batch of all who fit would ask for
    menu.CALCULATOR: FORM_TO_FILL,
    menu.PEOPLE: Opening(LIST_MILLISECONDS, has_rows=False),
    menu.COURTS: LIST,
    menu.DUTIES: LIST,
    menu.LIMITATION: Opening(),
    menu.ANSWERS: LIST,
    menu.DEADLINES: LIST,
    menu.RETURNS: Opening(LIST_MILLISECONDS, has_rows=False),
    menu.TEMPLATES: LIST,
    menu.PLAN: Opening(has_rows=False),  # a sheet, not a table; the town has its plans
    menu.INDICATOR: Opening(address=_an_indicator),
    menu.DEBT: Opening(),
    menu.RATING: Opening(),
    menu.DESK: Opening(has_rows=False),
    menu.EVENTS: LIST,
    menu.ROUTE: Opening(LIST_MILLISECONDS, has_rows=False),
    menu.REQUESTS: Opening(LIST_MILLISECONDS, has_rows=False),
}
"""Every screen of the menu; a test holds the two together."""


def measure(rounds: int = ROUNDS) -> list[Figure]:
    """The 95th percentile of each screen, over all the roles that it serves."""
    bring_up_to_date(database.owner_engine(), server.ensure_running().owner)
    # What earlier measurements left in this process no server has: its collector of garbage would
    # go through millions of their objects in the midst of a screen.
    gc.collect()
    gc.freeze()
    answers: dict[str, list[Answer]] = defaultdict(list)
    roles = sorted({role for screen in menu.SCREENS for role in screen.roles})
    for role in roles:
        for path, answer in answers_of(role, rounds):
            answers[path].append(answer)
    titles = {screen.path: screen.title for screen in menu.SCREENS}
    return [_figure(titles[path], OPENINGS[path], found) for path, found in answers.items()]


def answers_of(role: str, rounds: int) -> Iterator[tuple[str, Answer]]:
    """First answers of the role's screens: in each round one screen after another, as people go.

    Raises ``RuntimeError`` naming a screen that failed or had nothing to show.
    """
    chance = random.Random(SEED)
    token = sign_in_verified(role)
    app = AppTest.from_file(str(ENTRY), default_timeout=PATIENCE_SECONDS)
    app.session_state["session_token"] = token
    app.run()
    for screen in menu.SCREENS:
        if role not in screen.roles:
            continue
        opening = OPENINGS[screen.path]
        for _ in range(rounds):
            # Away and back: whoever stays on a screen keeps what it remembers.
            app.switch_page(menu.REQUESTS).run()
            with database.screens_connection(token) as connection:
                address = opening.address(connection, chance)
            st.cache_data.clear()
            app.switch_page(screen.path)
            app.query_params.clear()
            app.query_params.update(address)
            yield screen.path, _answer(app, role)
        _check(app, screen, opening, role)


def _answer(app: AppTest, role: str) -> Answer:
    with _counting_statements() as seconds:
        started = time.perf_counter()
        app.run()
        whole = time.perf_counter() - started
    return Answer(role, whole * 1000, sum(seconds) * 1000, len(seconds))


def _check(app: AppTest, screen: menu.Screen, opening: Opening, role: str) -> None:
    told = f"{screen.title} ({role})"
    if app.exception:
        raise RuntimeError(f"{told} failed: {app.exception[0].message}")
    if opening.has_rows and not app.dataframe:
        said = "; ".join(info.value for info in app.info)
        raise RuntimeError(f"{told} has no rows, so its figure would say nothing: {said}")


@contextmanager
def _counting_statements() -> Iterator[list[float]]:
    """Seconds of every statement that the screens send while this lasts."""
    seconds: list[float] = []
    engine = database.screens_engine()

    def before(_connection: Any, _cursor: Any, _query: str, _values: Any, context: Any, _: Any):
        context.sent_at = time.perf_counter()

    def after(_connection: Any, _cursor: Any, _query: str, _values: Any, context: Any, _: Any):
        seconds.append(time.perf_counter() - context.sent_at)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield seconds
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


def _figure(title: str, opening: Opening, answers: list[Answer]) -> Figure:
    slowest = max(answers, key=lambda answer: answer.milliseconds)
    return Figure(
        f"«{title}», p95",
        percentile([answer.milliseconds for answer in answers], 0.95),
        "ms",
        promise=opening.promise,
        note=f"slowest for the {slowest.role}: {slowest.statements} statements, "
        f"{slowest.of_database:.0f} ms",
        section=SECTION,
    )
