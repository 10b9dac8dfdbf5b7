"""How long screens wait for the database, asked as a manager's session asks."""

import random
import time
from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import Connection, text

from benchmarks.report import Figure, median, percentile
from operational_db import database
from operational_db.services import account_card, dashboard, penalty, reports
from operational_db.services.accounts import SORTS, AccountFilter, page_of_accounts
from operational_db.services.sign_in import sign_in_verified

CARD_MILLISECONDS = 100
LIST_MILLISECONDS = 500
PENALTY_CARD_MILLISECONDS = 150
DASHBOARD_MILLISECONDS = 2000
AGEING_SECONDS = 3
CARDS = 200
SEED = 7


def measure() -> list[Figure]:
    """95th percentiles: card of one account, first page of the list, figures of the dashboard."""
    # The official sees every organisation, so these lists are the longest there are.
    token = sign_in_verified("official")
    chosen = random.Random(SEED)
    with database.owner_engine().connect() as connection:
        accounts = connection.scalars(text("select account_id from ops.account")).all()
    cards = [_milliseconds(token, _card(chosen.choice(accounts))) for _ in range(CARDS)]
    lists = []
    for asked in (
        AccountFilter(),
        AccountFilter(words="Ленина"),
        AccountFilter(bucket="y1_3"),
        AccountFilter(months_from=3),
    ):
        for sort in SORTS:
            for _ in range(3):
                lists.append(_milliseconds(token, _page(asked, sort)))
    with_lines = [
        _milliseconds(token, _card_with_lines(chosen.choice(accounts))) for _ in range(CARDS)
    ]
    panels = [_milliseconds(token, _penalty_panel(chosen.choice(accounts))) for _ in range(CARDS)]
    board = [_milliseconds(token, _board) for _ in range(10)]
    ageings = [_ageing_seconds(years_ago) for years_ago in (0, 0.5, 1, 2) for _ in range(2)]
    return [
        Figure(
            "card of one account, p95",
            percentile(cards, 0.95),
            "ms",
            promise=CARD_MILLISECONDS,
            note="head, intervals, turnover, ledger: all live",
        ),
        Figure(
            "card of one account with its penalty lines, p95",
            percentile(with_lines, 0.95),
            "ms",
            promise=PENALTY_CARD_MILLISECONDS,
            note="the same and every line of penalty, live",
        ),
        Figure(
            "penalty panel of one account, p95",
            percentile(panels, 0.95),
            "ms",
            note="lines, sums by month, comparison by the rate of each day",
        ),
        Figure(
            "first page of the list of accounts, p95",
            percentile(lists, 0.95),
            "ms",
            promise=LIST_MILLISECONDS,
            note="with totals of the whole list, every sorting",
        ),
        Figure(
            "figures of the dashboard, p95",
            percentile(board, 0.95),
            "ms",
            promise=DASHBOARD_MILLISECONDS,
            note="all its panels, nothing cached",
        ),
        Figure(
            "ageing of all accounts on any date, slowest",
            max(ageings),
            "s",
            promise=AGEING_SECONDS,
            note=f"as `dolgomer report ageing` asks; median {median(ageings):.2f} s",
        ),
    ]


def _milliseconds(token: str, ask: Callable[[Connection], object]) -> float:
    started = time.perf_counter()
    with database.screens_connection(token) as connection:
        ask(connection)
    return (time.perf_counter() - started) * 1000


def _card_with_lines(account_id: int) -> Callable[[Connection], object]:
    def ask(connection: Connection) -> None:
        _card(account_id)(connection)
        connection.execute(penalty.OF_A_SCREEN.lines, {"account_ids": [account_id]}).all()

    return ask


def _penalty_panel(account_id: int) -> Callable[[Connection], object]:
    return lambda connection: penalty.penalty_of_account(connection, account_id)


def _ageing_seconds(years_ago: float) -> float:
    """Seconds until the last row of the ageing of all accounts has come."""
    day = date.today() - timedelta(days=round(years_ago * 365))
    asked = reports.ReportRequest(reports.ReportKind.AGEING, as_of=day)
    started = time.perf_counter()
    with database.owner_engine().connect() as connection:
        for _ in reports.report_rows(connection, asked):
            pass
    return time.perf_counter() - started


def _card(account_id: int) -> Callable[[Connection], object]:
    def ask(connection: Connection) -> None:
        account_card.head(connection, account_id)
        account_card.balance(connection, account_id)
        account_card.intervals(connection, account_id)
        account_card.turnover(connection, account_id)
        account_card.payments(connection, account_id)

    return ask


def _page(asked: AccountFilter, sort: str) -> Callable[[Connection], object]:
    return lambda connection: page_of_accounts(connection, asked, sort=sort)


def _board(connection: Connection) -> None:
    scope = dashboard.Scope()
    today = dashboard.build_state(connection).as_of
    year_ago = today - timedelta(days=365)
    dashboard.debt_figures(connection, scope)
    dashboard.collection_by_month(connection, scope)
    dashboard.collection_by_origin(connection, scope)
    dashboard.debt_by_month(connection, scope, today, 12)
    dashboard.top_houses(connection, scope)
    dashboard.by_organisation(connection, scope, year_ago, today)
    dashboard.by_service(connection, scope, year_ago, today)
