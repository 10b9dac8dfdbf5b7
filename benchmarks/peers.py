"""The same chain (months, receipts, pieces, penalty) in DuckDB and in pandas, over the same facts.

Both do what a windowed query can: months and receipts are laid end to end by running sums, and a
piece lies between two ends. That is plain first-in-first-out: no named months, no limitation, no
refunds, no parts by service, no state of knowledge, no line by line. So it is less work than ours,
and the ratio says what exactness and its tables cost. Reading the facts is not counted.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.report import Figure, median
from operational_db import server
from operational_db.database_urls import libpq

CORES = os.cpu_count() or 1
DAY_ZERO = "date '2000-01-01'"

# Days are numbers of days and money is kopecks, so that nobody pays for types.
FACTS = {
    "charge": f"""
        select c.account_id, s.liability = 'capital_repair' as is_repair,
            c.period - {DAY_ZERO} as period, cast(c.amount * 100 as bigint) as kopecks
        from ops.charge as c
        inner join reference.service as s on c.service_id = s.service_id
    """,
    "payment": f"""
        select account_id, payment_id, paid_on - {DAY_ZERO} as paid_day,
            cast(amount * 100 as bigint) as kopecks
        from ops.payment
        where amount > 0
    """,
    "due_date": f"""
        select liability = 'capital_repair' as is_repair, period - {DAY_ZERO} as period,
            due_date - {DAY_ZERO} as due_day
        from intermediate.int_due_dates
    """,
    "rate": f"""
        select rate_date - {DAY_ZERO} as rate_day, rate_pct
        from intermediate.int_penalty_rates
    """,
    "step": f"""
        select liability = 'capital_repair' as is_repair, day_from,
            coalesce(day_to, 100000) as day_to, denominator,
            valid_from - {DAY_ZERO} as valid_from,
            coalesce(valid_to - {DAY_ZERO}, 100000) as valid_to
        from reference.penalty_step
        where is_enabled and denominator is not null and debtor_kind = 'citizen'
    """,
    "moratorium": f"""
        select date_from - {DAY_ZERO} as day_from, date_to - {DAY_ZERO} as day_to,
            coalesce(debts_before - {DAY_ZERO}, 100000) as debts_before
        from reference.moratorium
        where is_enabled and kind = 'exclude_days'
    """,
    "today": f"select ops.as_of() - {DAY_ZERO} as today",
}

WINDOWED = """
    with months as (
        select account_id, is_repair, period, sum(kopecks) as kopecks
        from charge
        group by account_id, is_repair, period
        having sum(kopecks) > 0
    ),

    owed as (
        select months.account_id, months.is_repair, months.period, due_date.due_day,
            sum(months.kopecks) over (
                partition by months.account_id
                order by due_date.due_day, months.period, months.is_repair
                rows unbounded preceding
            ) as upto
        from months
        inner join due_date
            on months.is_repair = due_date.is_repair and months.period = due_date.period
    ),

    received as (
        select account_id, paid_day,
            sum(kopecks) over (
                partition by account_id order by paid_day, payment_id rows unbounded preceding
            ) as upto
        from payment
    ),

    ends as (
        select account_id, upto from owed
        union
        select account_id, upto from received
    ),

    cut as (
        select account_id, upto,
            upto - lag(upto, 1, 0) over (partition by account_id order by upto) as kopecks
        from ends
    ),

    pieces as (
        select cut.account_id, cut.kopecks, owed.is_repair, owed.period, owed.due_day,
            received.paid_day
        from cut
        asof inner join owed on cut.account_id = owed.account_id and cut.upto <= owed.upto
        asof left join received
            on cut.account_id = received.account_id and cut.upto <= received.upto
    ),

    late as (
        select pieces.*, least(coalesce(pieces.paid_day, today.today), today.today) as end_day
        from pieces
        cross join today
        where pieces.due_day < least(coalesce(pieces.paid_day, today.today), today.today)
    ),

    runs as (
        select late.kopecks, late.end_day, late.period, step.denominator,
            greatest(late.due_day + step.day_from, step.valid_from) as first_day,
            least(late.due_day + step.day_to, step.valid_to, late.end_day) as last_day
        from late
        inner join step
            on late.is_repair = step.is_repair
            and greatest(late.due_day + step.day_from, step.valid_from)
            <= least(late.due_day + step.day_to, step.valid_to, late.end_day)
    ),

    counted as (
        select runs.kopecks, runs.end_day, runs.denominator,
            runs.last_day - runs.first_day + 1 {excluded} as days
        from runs
    )

    select
        (select sum(kopecks) from pieces where paid_day is null) as open_kopecks,
        (
            select sum(round(counted.kopecks * rate.rate_pct * counted.days
                / (100 * counted.denominator)))
            from counted
            inner join rate on counted.end_day = rate.rate_day
        ) as penalty_kopecks
"""


def measure(chain_seconds: float, rounds: int = 3) -> list[Figure]:
    """Medians of both peers, and how many times longer our chain takes."""
    with tempfile.TemporaryDirectory() as folder:
        database = _read(Path(folder))
    in_duckdb, found = _timed(lambda: _with_duckdb(database), rounds)
    frames = {name: database.table(name).df() for name in FACTS}
    database.close()
    in_pandas, found_again = _timed(lambda: _with_pandas(frames), rounds)
    # pandas rounds binary fractions: a kopeck in a million is its own.
    if found[0] != found_again[0] or abs(found[1] - found_again[1]) > found[1] / 1_000_000:
        raise RuntimeError(f"DuckDB and pandas disagree: {found} and {found_again}")
    note = "plain first-in-first-out, no parts by service, no rules of order"
    return [
        Figure("the windowed chain in DuckDB", in_duckdb, "s", note=note),
        Figure("chain ÷ DuckDB", chain_seconds / in_duckdb, "×"),
        Figure("the windowed chain in pandas", in_pandas, "s", note=note),
        Figure("chain ÷ pandas", chain_seconds / in_pandas, "×"),
    ]


def _timed(work: Callable[[], tuple[int, int]], rounds: int) -> tuple[float, tuple[int, int]]:
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - started)
    return median(seconds), found


def _read(folder: Path) -> duckdb.DuckDBPyConnection:
    """The facts in the memory of DuckDB."""
    database = duckdb.connect(config={"threads": CORES})
    address = libpq(server.ensure_running().owner)
    for name, query in FACTS.items():
        file = folder / f"{name}.csv"
        copy = f"\\copy ({' '.join(query.split())}) to '{file}' csv header"
        command = [str(server.psql_path()), "-q", "-v", "ON_ERROR_STOP=1", "-d", address]
        subprocess.run([*command, "-c", copy], check=True)
        database.execute(f"create table {name} as select * from read_csv('{file}', header = true)")
        file.unlink()
    return database


def _with_duckdb(database: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Kopecks still open and kopecks of penalty."""
    moratoria = database.execute("select day_from, day_to, debts_before from moratorium").fetchall()
    excluded = "".join(
        f" - case when runs.period < {before} then greatest(0, least(runs.last_day, {last})"
        f" - greatest(runs.first_day, {first}) + 1) else 0 end"
        for first, last, before in moratoria
    )
    [(open_kopecks, penalty_kopecks)] = database.execute(
        WINDOWED.format(excluded=excluded)
    ).fetchall()
    return int(open_kopecks), int(penalty_kopecks)


def _with_pandas(facts: dict[str, pd.DataFrame]) -> tuple[int, int]:
    """The same as ``_with_duckdb``, as one would write it by hand."""
    today = int(facts["today"]["today"].iloc[0])
    keys = ["account_id", "is_repair", "period"]
    owed = facts["charge"].groupby(keys, as_index=False)["kopecks"].sum()
    owed = owed[owed["kopecks"] > 0].merge(facts["due_date"], on=["is_repair", "period"])
    owed = owed.sort_values(["account_id", "due_day", "period", "is_repair"])
    owed["upto"] = owed.groupby("account_id")["kopecks"].cumsum()
    received = facts["payment"].sort_values(["account_id", "paid_day", "payment_id"])
    received = received.assign(upto=received.groupby("account_id")["kopecks"].cumsum())
    ends = pd.concat([owed[["account_id", "upto"]], received[["account_id", "upto"]]])
    cut = ends.drop_duplicates().sort_values(["upto", "account_id"])
    pieces = pd.merge_asof(
        cut,
        owed.drop(columns="kopecks").sort_values("upto"),
        on="upto",
        by="account_id",
        direction="forward",
    )
    pieces = pd.merge_asof(
        pieces,
        received[["account_id", "upto", "paid_day"]].sort_values("upto"),
        on="upto",
        by="account_id",
        direction="forward",
    )
    pieces = pieces.sort_values(["account_id", "upto"])
    pieces["kopecks"] = pieces.groupby("account_id")["upto"].diff().fillna(pieces["upto"])
    pieces = pieces[pieces["due_day"].notna()]
    open_kopecks = int(pieces.loc[pieces["paid_day"].isna(), "kopecks"].sum())
    return open_kopecks, _penalty_of(pieces, facts, today)


def _penalty_of(pieces: pd.DataFrame, facts: dict[str, pd.DataFrame], today: int) -> int:
    late = pieces.assign(end_day=pieces["paid_day"].fillna(today).clip(upper=today))
    late = late[late["due_day"] < late["end_day"]]
    runs = late.merge(facts["step"], on="is_repair")
    first = (runs["due_day"] + runs["day_from"]).clip(lower=runs["valid_from"])
    last = (runs["due_day"] + runs["day_to"]).clip(upper=runs["valid_to"])
    runs["first_day"], runs["last_day"] = first, last.clip(upper=runs["end_day"])
    runs = runs[runs["first_day"] <= runs["last_day"]]
    days = runs["last_day"] - runs["first_day"] + 1
    for moratorium in facts["moratorium"].itertuples():
        overlap = (
            runs["last_day"].clip(upper=moratorium.day_to)
            - runs["first_day"].clip(lower=moratorium.day_from)
            + 1
        ).clip(lower=0)
        days = days - overlap.where(runs["period"] < moratorium.debts_before, 0)
    runs = runs.assign(days=days).merge(
        facts["rate"], left_on="end_day", right_on="rate_day", how="inner"
    )
    lines = runs["kopecks"] * runs["rate_pct"] * runs["days"] / (100 * runs["denominator"])
    return int((lines + 0.5 + 1e-9).floordiv(1).sum())
