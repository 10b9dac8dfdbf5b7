"""A server named in ``DOLGOMER_DATABASE_URL``: what it must offer, what is said when it does not.

Tried on a PostgreSQL of the system where there is one (15 or newer); skipped elsewhere.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from operational_db import database, given_server, server, settings
from operational_db.database_urls import libpq, normalised, render
from operational_db.system_user import SystemUser, user_for
from orchestration.lib.builds import exclusive

VARIABLES = ("DOLGOMER_DATABASE_URL", "DOLGOMER_SCREENS_URL", "DOLGOMER_GATE_URL")


def system_programs() -> Path | None:
    """Find PostgreSQL's own folder: in PATH there are often only some of its programs."""
    found = shutil.which("postgres") or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))), None
    )
    if found is None:
        return None
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    major = int(re.search(r"(\d+)", version.stdout).group(1))
    return Path(found).resolve().parent if major >= 15 else None


@pytest.fixture(scope="module")
def system_server() -> Iterator[str]:
    """Address of the superuser of a system PostgreSQL, in its database ``postgres``."""
    programs = system_programs()
    if programs is None:
        pytest.skip("no PostgreSQL 15 or newer is installed on this system")
    folder = Path(tempfile.mkdtemp(prefix="given-"))
    user = user_for(Path("/"))
    if os.geteuid() == 0:
        os.chown(folder, user.uid, user.gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    data = str(folder / "data")
    initdb = [str(programs / "initdb"), "-D", data, "-E", "UTF8", "--locale", "C.UTF-8"]
    _run(user, [*initdb, "-U", "boss", "-A", "trust", "--no-sync"])
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    control = [str(programs / "pg_ctl"), "-D", data]
    _run(user, [*control, "-w", "-l", str(folder / "log"), "-o", options, "start"])
    yield f"postgresql://boss:any@127.0.0.1:{port}/postgres"
    _run(user, [*control, "-m", "immediate", "stop"])
    shutil.rmtree(folder)


def _run(user: SystemUser, command: list[str]) -> None:
    result = user.run(command)
    assert result.returncode == 0, result.stderr


@pytest.fixture
def given(
    system_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.MonkeyPatch]:
    """An environment with a home of its own; the server has none of our roles at first."""
    monkeypatch.setenv("DOLGOMER_HOME", str(tmp_path / "home"))
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    given_server._verified.cache_clear()
    database.clear_engines()
    yield monkeypatch
    database.clear_engines()
    with psycopg.connect(system_server, autocommit=True) as connection:
        names = connection.execute("select datname from pg_database where datname like 'case_%'")
        for (name,) in names.fetchall():
            connection.execute(f'drop database "{name}" with (force)')
        roles = connection.execute("select rolname from pg_roles where rolname !~ '^(pg_|boss)'")
        for (role,) in roles.fetchall():
            connection.execute(f'drop role "{role}"')


def make_database(boss: str, options: str = "locale 'C.UTF-8' encoding 'UTF8'") -> str:
    """Create a database and return its address for the superuser."""
    name = f"case_{time.monotonic_ns()}"
    with psycopg.connect(boss, autocommit=True) as connection:
        connection.execute(f"create database {name} template template0 {options}")
    return boss.replace("/postgres", f"/{name}")


def execute(boss: str, *statements: str) -> None:
    with psycopg.connect(boss, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_fitting_server_is_used_and_gets_the_two_roles(
    system_server: str, given: pytest.MonkeyPatch
) -> None:
    given.setenv("DOLGOMER_DATABASE_URL", make_database(system_server))

    urls = server.ensure_running()

    assert make_url(urls.owner).drivername == "postgresql+psycopg"
    for url, role in ((urls.screens, "dolgomer_screens"), (urls.gate, "dolgomer_gate")):
        with psycopg.connect(libpq(url)) as connection:
            row = connection.execute(
                "select rolname, rolsuper, rolbypassrls from pg_roles where rolname = current_user"
            ).fetchone()
        assert row == (role, False, False)
    assert not (settings.home() / "postgres").exists(), "no embedded server was asked for"
    with database.screens_connection("token") as connection:
        assert connection.scalar(text("select current_user")) == "dolgomer_screens"


def test_the_roles_passwords_stay_the_same(system_server: str, given: pytest.MonkeyPatch) -> None:
    given.setenv("DOLGOMER_DATABASE_URL", make_database(system_server))
    first = server.ensure_running()
    given_server._verified.cache_clear()

    assert server.ensure_running() == first


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("locale 'C' encoding 'UTF8'", "не различают строчные и прописные русские буквы"),
        ("locale 'C' encoding 'KOI8R'", "в кодировке KOI8R, а нужна UTF8"),
        ("locale 'C' encoding 'SQL_ASCII'", "в кодировке SQL_ASCII, а нужна UTF8"),
    ],
)
def test_a_database_that_does_not_know_russian_is_refused(
    system_server: str, given: pytest.MonkeyPatch, options: str, complaint: str
) -> None:
    given.setenv("DOLGOMER_DATABASE_URL", make_database(system_server, options))

    with pytest.raises(server.ServerError, match=complaint) as refusal:
        server.ensure_running()

    assert "CREATE DATABASE" in str(refusal.value)


def test_an_owner_that_may_not_create_roles_is_told_to_name_them(
    system_server: str, given: pytest.MonkeyPatch
) -> None:
    address = make_database(system_server)
    execute(system_server, "create role clerk login")
    given.setenv("DOLGOMER_DATABASE_URL", address.replace("boss", "clerk"))
    with pytest.raises(server.ServerError, match="DOLGOMER_SCREENS_URL"):
        server.ensure_running()

    execute(system_server, "create role dolgomer_screens login", "create role dolgomer_gate login")
    for role in ("screens", "gate"):
        address_of_role = address.replace("boss", f"dolgomer_{role}")
        given.setenv(f"DOLGOMER_{role.upper()}_URL", address_of_role)

    assert make_url(server.ensure_running().gate).username == "dolgomer_gate"


def test_screens_may_not_come_in_as_a_superuser(
    system_server: str, given: pytest.MonkeyPatch
) -> None:
    address = make_database(system_server)
    given.setenv("DOLGOMER_DATABASE_URL", address)
    given.setenv("DOLGOMER_SCREENS_URL", address)

    with pytest.raises(server.ServerError, match="видит данные всех организаций"):
        server.ensure_running()


def test_screens_may_not_come_in_under_a_role_without_grants(
    system_server: str, given: pytest.MonkeyPatch
) -> None:
    address = make_database(system_server)
    execute(system_server, "create role stranger login")
    given.setenv("DOLGOMER_DATABASE_URL", address)
    given.setenv("DOLGOMER_SCREENS_URL", address.replace("boss", "stranger"))

    with pytest.raises(server.ServerError, match="GRANT dolgomer_screens TO stranger"):
        server.ensure_running()


def test_a_server_that_does_not_answer_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"postgresql://clerk:s3cret@127.0.0.1:{closed.getsockname()[1]}/debts"
        monkeypatch.setenv("DOLGOMER_DATABASE_URL", address)

        with pytest.raises(server.ServerError, match="не удалось войти в базу «debts»") as refusal:
            server.ensure_running()

    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize(
    "spelling",
    ["postgres://u:p@h:1/d", "postgresql://u:p@h:1/d", "postgresql+psycopg2://u:p@h:1/d"],
)
def test_every_spelling_of_an_address_is_understood(spelling: str) -> None:
    assert normalised(spelling, "DOLGOMER_DATABASE_URL") == "postgresql+psycopg://u:p@h:1/d"


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("localhost s3cret", "не разобран"),
        ("postgresql://u:s3cret@h:port/d", "не разобран"),
        ("mysql://u:s3cret@h/d", "не PostgreSQL"),
        ("postgresql://u:s3cret@h", "не названа база"),
    ],
)
def test_an_address_that_is_none_is_explained(address: str, complaint: str) -> None:
    with pytest.raises(server.ServerError, match=f"DOLGOMER_GATE_URL.*{complaint}") as refusal:
        normalised(address, "DOLGOMER_GATE_URL")
    assert "s3cret" not in str(refusal.value)


def test_a_password_with_odd_letters_survives() -> None:
    url = make_url("postgresql://h/d").set(username="u", password="п@р:о/ль %#")
    assert make_url(normalised(render(url), "X")).password == "п@р:о/ль %#"


def test_a_command_does_not_wait_for_the_build_of_another(fresh_database, monkeypatch):
    for variable in ("DOLGOMER_SCREENS_URL", "DOLGOMER_GATE_URL"):
        monkeypatch.delenv(variable)
    given_server._verified.cache_clear()
    with ThreadPoolExecutor(1) as command, exclusive(fresh_database.owner):
        urls = command.submit(given_server.verified_urls, fresh_database.owner).result(timeout=20)
    assert make_url(urls.screens).username == "dolgomer_screens"
