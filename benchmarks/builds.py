"""Full and incremental builds, beside the same SQL in psql."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from benchmarks.report import Figure
from operational_db import database, server
from operational_db.database_urls import libpq
from orchestration.lib.builds import dbt_environment, run_build, working_with

# The tables that a build makes, in the order in which they need each other.
TABLES = (
    "obligations",
    "debt_intervals",
    "account_turnover",
    "account_balances",
    "collection",
    "accounts",
    "account_holders",
    "house_debts",
)
CHANGED_SHARE = 0.03


def measure() -> list[Figure]:
    """Full build, its bare SQL, and a build after three per cent of accounts changed."""
    urls = server.ensure_running()
    started = time.perf_counter()
    run_build(urls.owner, full=True)
    full = time.perf_counter() - started
    bare = _bare_seconds(urls.owner)
    _pay_on_some_accounts()
    started = time.perf_counter()
    outcome = run_build(urls.owner)
    changed = time.perf_counter() - started
    return [
        Figure("full build", full, "s", note="with all reconciliations"),
        Figure("the same tables as bare SQL in psql", bare, "s"),
        Figure("full build ÷ bare SQL", full / bare, "×", promise=1.5),
        Figure(
            "build after 3 % of accounts changed",
            changed,
            "s",
            note=f"{outcome.accounts_rebuilt:,} accounts",
        ),
        Figure("changed ÷ full", changed / full, "×", promise=0.1),
    ]


def _bare_seconds(url: str) -> float:
    """Seconds that psql takes to make the marts from the compiled SQL, into a schema of its own."""
    compiled = Path(dbt_environment(url)["DBT_TARGET_PATH"]) / "compiled"
    statements = ["\\set ON_ERROR_STOP on", "drop schema if exists bare cascade;"]
    statements.append("create schema bare; create table bare.collection_part ")
    statements.append("(like warehouse.collection_part);")
    for table in TABLES:
        (file,) = compiled.rglob(f"marts/**/{table}.sql")
        query = file.read_text("utf-8").strip().rstrip(";")
        for made in TABLES:
            query = query.replace(f'"marts"."{made}"', f'"bare"."{made}"')
        query = query.replace('"warehouse"."collection_part"', '"bare"."collection_part"')
        statements.append(f"create table bare.{table} (like marts.{table} including all);")
        statements.append(f"insert into bare.{table} {query};")
        if table == "debt_intervals":
            statements.append(_contributions(url))
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as script:
        script.write("\n".join(statements))
        script.flush()
        started = time.perf_counter()
        subprocess.run(
            [str(server.psql_path()), "-q", "-d", libpq(url), "-f", script.name],
            check=True,
            env=os.environ | {"PGOPTIONS": "-c client_min_messages=warning"},
            stdout=subprocess.DEVNULL,
        )
        seconds = time.perf_counter() - started
    with database.owner_engine().begin() as connection:
        connection.execute(text("drop schema bare cascade"))
    return seconds


def _contributions(url: str) -> str:
    """The hook that fills warehouse.collection_part, as the last build ran it."""
    from dbt.cli.main import dbtRunner

    environment = dbt_environment(url)
    with working_with(environment):
        dbtRunner().invoke(
            ["--log-level", "none", "compile", "--select", "collection_contributions"]
        )
    compiled = Path(environment["DBT_TARGET_PATH"]) / "compiled"
    (model,) = compiled.rglob("analyses/collection_contributions.sql")
    query = model.read_text("utf-8").replace('"marts"."debt_intervals"', '"bare"."debt_intervals"')
    return f"insert into bare.collection_part {query};"


def _pay_on_some_accounts() -> None:
    """A payment on every so many accounts: the touched ones lie all over the town."""
    with database.owner_engine().begin() as connection:
        connection.execute(
            text("""
                insert into ops.payment (account_id, paid_on, amount, channel, document)
                select account_id, ops.as_of(), 100.01, 'bank', 'bench'
                from ops.account
                where account_id % :step = 0
            """),
            {"step": round(1 / CHANGED_SHARE)},
        )
        connection.commit()
