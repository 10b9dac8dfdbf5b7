"""``make bench``: measures a large town from loading to screens and writes docs/benchmarks.md.

Every figure that can have one stands beside a peer measured in the same run: a full build beside
the same SQL in psql, an incremental build beside the full one, the chain of debt and penalty beside
DuckDB and pandas. The database is one of its own, in
a folder of its own, and is thrown away at the end unless ``--keep`` is given.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ACCOUNTS, MONTHS = 100_000, 36
QUICK_ACCOUNTS = 5_000


def main() -> int:
    """Measure and report; non-zero when a promise is not kept."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--months", type=int, default=MONTHS)
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"{QUICK_ACCOUNTS} accounts, to try the command: promises are about large towns",
    )
    parser.add_argument("--home", type=Path, default=ROOT / ".dolgomer" / "bench")
    parser.add_argument("--keep", action="store_true", help="leave the database where it is")
    asked = parser.parse_args()
    if asked.quick:
        asked.accounts = QUICK_ACCOUNTS
    # Settings are read when modules are imported, so the home must be named before that.
    for name in ("DOLGOMER_DATABASE_URL", "DOLGOMER_SCREENS_URL", "DOLGOMER_GATE_URL"):
        os.environ.pop(name, None)
    os.environ["DOLGOMER_HOME"] = str(asked.home)
    asked.home.parent.mkdir(parents=True, exist_ok=True)

    from benchmarks import (
        builds,
        court_packages,
        documents,
        first_answers,
        peers,
        report,
        screens,
        town,
    )
    from operational_db import database, server

    try:
        figures = [*report.shown(town.measure(asked.accounts, asked.months))]
        built = builds.measure()
        figures += report.shown(built.figures)
        figures += report.shown(peers.measure(built.chain_seconds))
        figures += report.shown(screens.measure())
        figures += report.shown(documents.measure())
        # Late: cases that are opened would change what the others measure.
        figures += report.shown(court_packages.measure())
        # Registers of cases, papers and duties are opened with something in them.
        figures += report.shown(first_answers.measure())
    finally:
        if not asked.keep:
            database.clear_engines()
            server.stop()
            shutil.rmtree(asked.home, ignore_errors=True)
    text = report.written(figures, accounts=asked.accounts, months=asked.months)
    print(text)
    if (asked.accounts, asked.months) == (ACCOUNTS, MONTHS):
        (ROOT / "docs" / "benchmarks.md").write_text(text, "utf-8")
    # A small town is built mostly by the start of dbt, which says nothing about the promises.
    return int(not asked.quick and any(figure.is_broken for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
