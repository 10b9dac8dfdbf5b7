"""Full and incremental builds, and the chain of debt and penalty, beside the same SQL in psql."""

import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

from sqlalchemy import text

from benchmarks.report import Figure, median
from operational_db import database, server
from operational_db.database_urls import libpq
from orchestration.lib.builds import dbt_environment, run_build

# From facts to penalty: what makes it, and the reconciliations that hold it.
CHAIN = (
    "int_due_dates",
    "int_penalty_rates",
    "obligations",
    "debt_intervals",
    "the_debt_is_the_ledger_added_up",
    "the_pieces_of_a_month_add_up_to_it",
    "the_services_of_a_piece_add_up_to_it",
)
PENALTY = "select count(*), sum(penalty_amount) from {lines} as lines"
CHANGED_SHARE = 0.03
ROUNDS_OF_CHANGES = 3
TIMED = re.compile(r"^step (\S+)$|^Time: ([0-9.]+) ms", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Builds:
    """Figures of the builds, and what the chain took, for those who are compared with it."""

    figures: list[Figure]
    chain_seconds: float


def measure() -> Builds:
    """Full build, the chain in it, their bare SQL, and builds after 3 % of accounts changed."""
    urls = server.ensure_running()
    started = time.perf_counter()
    run_build(urls.owner, full=True)
    full = time.perf_counter() - started
    penalty = _penalty_seconds()
    chain = _seconds_of_nodes(urls.owner) + penalty
    steps = _bare_seconds(urls.owner)
    bare = sum(seconds for step, seconds in steps.items() if step != "penalty")
    bare_chain = steps["obligations"] + steps["debt_intervals"] + steps["penalty"]
    changed, accounts = _changed_seconds(urls.owner)
    figures = [
        Figure("full build", full, "s", note="with all reconciliations"),
        Figure("the same tables as bare SQL in psql", bare, "s"),
        Figure("full build ÷ bare SQL", full / bare, "×", promise=1.5),
        Figure(
            "build after 3 % of accounts changed",
            changed,
            "s",
            note=f"{accounts:,} accounts, median of {ROUNDS_OF_CHANGES} builds",
        ),
        Figure("changed ÷ full", changed / full, "×", promise=0.1),
        Figure(
            "chain of debt and penalty of all accounts",
            chain,
            "s",
            note=f"due dates to penalty lines with reconciliations; penalty alone {penalty:.1f} s",
        ),
        Figure("its heaviest steps as bare SQL in psql", bare_chain, "s"),
        Figure("chain ÷ bare SQL", chain / bare_chain, "×", promise=1.5),
    ]
    return Builds(figures, chain)


def _penalty_seconds() -> float:
    started = time.perf_counter()
    with database.owner_engine().connect() as connection:
        query = PENALTY.format(lines="intermediate.int_penalty_lines_built")
        connection.execute(text(query)).one()
    return time.perf_counter() - started


def _seconds_of_nodes(url: str) -> float:
    """Seconds that the nodes of the chain took in the last build, as dbt counted them."""
    results = Path(dbt_environment(url)["DBT_TARGET_PATH"]) / "run_results.json"
    seconds = {
        result["unique_id"].split(".")[2]: result["execution_time"]
        for result in json.loads(results.read_text("utf-8"))["results"]
    }
    return sum(seconds[name] for name in CHAIN)


def _changed_seconds(url: str) -> tuple[float, int]:
    """Median seconds of builds of changes, each of other accounts, and how many these were."""
    seconds, accounts = [], 0
    for number in range(ROUNDS_OF_CHANGES):
        _pay_on_some_accounts(number)
        started = time.perf_counter()
        outcome = run_build(url)
        seconds.append(time.perf_counter() - started)
        if outcome.is_full:
            raise RuntimeError(f"A build of changes was full: {outcome.reason}")
        accounts = outcome.accounts_rebuilt
    return median(seconds), accounts


def _pay_on_some_accounts(number: int) -> None:
    """A payment on every so many accounts: the touched ones lie all over the town."""
    with database.owner_engine().begin() as connection:
        connection.execute(
            text("""
                insert into ops.payment (account_id, paid_on, amount, channel, document)
                select account_id, ops.as_of(), 100.01, 'bank', 'bench'
                from ops.account
                where account_id % :step = :number
            """),
            {"step": round(1 / CHANGED_SHARE), "number": number},
        )


def _bare_seconds(url: str) -> dict[str, float]:
    """Seconds by step that psql takes with the compiled SQL, into a schema of its own."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as script:
        script.write("\n".join(_bare_script(url)))
        script.flush()
        output = subprocess.run(
            [str(server.psql_path()), "-q", "-d", libpq(url), "-f", script.name],
            check=True,
            env=os.environ | {"PGOPTIONS": "-c client_min_messages=warning"},
            capture_output=True,
            text=True,
        ).stdout
    with database.owner_engine().begin() as connection:
        connection.execute(text("drop schema bare cascade"))
    seconds: dict[str, float] = {}
    step = ""
    for named, milliseconds in TIMED.findall(output):
        if named:
            step = named
        else:
            seconds[step] = seconds.get(step, 0.0) + float(milliseconds) / 1000
    return seconds


def _bare_script(url: str) -> Iterator[str]:
    target = Path(dbt_environment(url)["DBT_TARGET_PATH"])
    compiled, tables = target / "compiled", _marts_in_order(target)
    yield "\\set ON_ERROR_STOP on"
    yield "drop schema if exists bare cascade; create schema bare;"
    yield "\\timing on"
    for table in tables:
        yield f"\\echo step {table}"
        yield f"create table bare.{table} (like marts.{table} including all);"
        yield f"insert into bare.{table} {_bare_query(compiled, f'marts/**/{table}.sql', tables)};"
        yield f"analyze bare.{table};"
    lines = _bare_query(compiled, "intermediate/**/int_penalty_lines_built.sql", tables)
    yield "\\echo step penalty"
    yield PENALTY.format(lines=f"({lines})") + ";"


def _marts_in_order(target: Path) -> list[str]:
    """The tables that a build makes, each after those that it reads."""
    nodes = json.loads((target / "manifest.json").read_text("utf-8"))["nodes"]
    models = {name: node for name, node in nodes.items() if node["resource_type"] == "model"}
    needs = {name: set(node["depends_on"]["nodes"]) for name, node in models.items()}
    in_order = [name for name in TopologicalSorter(needs).static_order() if name in models]
    # A full build is made aside, so its manifest names the schema of that time, or of now.
    marts = ("marts", "marts_next")
    return [models[name]["name"] for name in in_order if models[name]["schema"] in marts]


def _bare_query(compiled: Path, pattern: str, tables: list[str]) -> str:
    """A compiled model that reads the bare tables instead of the marts."""
    (file,) = compiled.rglob(pattern)
    query = file.read_text("utf-8").strip().rstrip(";")
    # A full build is made aside, and so its compiled text names the schemas of that time.
    query = re.sub(r'"(staging|intermediate|marts|screens)_next"', r'"\1"', query)
    for made in tables:
        query = query.replace(f'"marts"."{made}"', f'"bare"."{made}"')
    return query
