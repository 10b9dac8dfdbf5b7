"""The power goes during an import and during a build: nothing is half-done, nothing is lost.

Everything is done by the command line, as a user would, on a server of the test's own that is
killed with all its processes.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from operational_db import database, server
from operational_db.database_urls import libpq

ACCOUNTS = 400
MONTHS = 36
PATIENCE_SECONDS = 60


@pytest.fixture
def own_home(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with a server of its own, for commands and for looking in from here."""
    monkeypatch.setenv("DOLGOMER_HOME", str(open_folder / "home"))
    yield open_folder
    database.clear_engines()
    server.stop()


def dolgomer(*arguments: object) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "dolgomer.cli", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )


def finished(process: subprocess.Popen) -> tuple[int, str]:
    output, _ = process.communicate(timeout=PATIENCE_SECONDS * 3)
    return process.returncode, output


def asked(query: str) -> object:
    with psycopg.connect(libpq(server.ensure_running().owner)) as connection:
        return connection.execute(query).fetchone()[0]


def cut_the_power_when(query: str) -> None:
    """Kill every process of the server as soon as ``query`` is true of what it is doing."""
    url = libpq(server.ensure_running().owner)
    deadline = time.monotonic() + PATIENCE_SECONDS
    with psycopg.connect(url, autocommit=True) as connection:
        while not connection.execute(query).fetchone()[0]:
            assert time.monotonic() < deadline, "the command never came to the point"
            time.sleep(0.005)
        postmaster = psutil.Process(server.status().pid)
        for process in [postmaster, *postmaster.children(recursive=True)]:
            process.kill()


def ledger(folder: Path) -> Path:
    file = folder / "начисления.csv"
    with file.open("w", encoding="utf-8") as text:
        text.write("account,period,service,amount\n")
        for account in range(1, ACCOUNTS + 1):
            for month in range(MONTHS):
                period = f"{2023 + month // 12}-{month % 12 + 1:02}"
                text.write(f"{account:06},{period},Отопление,{1000 + account}.{month:02}\n")
    return file


WRITES_CHARGES = """
    select exists (
        select from pg_stat_activity
        where pid <> pg_backend_pid() and state = 'active' and query ilike '%ops.charge%'
    )
"""
WRITES_INTERVALS = """
    select exists (
        select from pg_stat_activity
        where pid <> pg_backend_pid() and state = 'active'
            and query ilike '%insert into%debt_intervals%'
    )
"""


@pytest.mark.slow
def test_the_power_goes_during_an_import_and_during_a_build(own_home: Path):
    file = ledger(own_home)
    assert finished(dolgomer("status"))[0] == 0

    importing = dolgomer("import", "charges", file, "--create-accounts")
    cut_the_power_when(WRITES_CHARGES)
    code, output = finished(importing)
    assert code != 0
    assert "Traceback" not in output
    assert asked("select count(*) from ops.charge") == 0
    assert asked("select count(*) from ops.import_file") == 0

    code, output = finished(dolgomer("import", "charges", file, "--create-accounts"))
    assert code == 0, output
    assert asked("select count(*) from ops.charge") == ACCOUNTS * MONTHS
    charged = asked("select sum(amount) from ops.charge")

    building = dolgomer("build")
    cut_the_power_when(WRITES_INTERVALS)
    code, output = finished(building)
    assert code != 0
    assert "Traceback" not in output
    assert asked("select count(*) from ops.charge") == ACCOUNTS * MONTHS

    code, output = finished(dolgomer("build"))
    assert code == 0, output
    assert asked("select sum(balance) from marts.account_balances") == charged
    assert asked("select count(*) from warehouse.account_to_rebuild") == 0
