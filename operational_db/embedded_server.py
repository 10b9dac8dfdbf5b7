"""The embedded PostgreSQL: made, started, mended after a crash and stopped, by any process.

The server is a daemon: it outlives the process that started it, and every process of the project
shares it. Whatever changes it happens under one lock of the home folder.
"""

import contextlib
import logging
import os
import re
import shutil
import signal
import socket
import time
from pathlib import Path

import psutil
import psycopg
from psycopg import sql
from sqlalchemy import URL

from operational_db import embedded_settings, settings
from operational_db.cluster import Cluster, Postmaster, cluster, existing_cluster
from operational_db.database_urls import (
    GATE_ROLE,
    OWNER_ROLE,
    SCREENS_ROLE,
    DatabaseUrls,
    libpq,
    render,
)
from operational_db.errors import ServerError

DATABASE = "dolgomer"
ADMINISTRATOR_ROLE = "dolgomer_administrator"
LOOPBACK = "127.0.0.1"

# Replaying 8 GB of the journal after a power cut takes minutes on a slow disk.
START_LIMIT_SECONDS = 15 * 60
LISTEN_LIMIT_SECONDS = 60
PATIENCE_SECONDS = 5
STOP_LIMIT_SECONDS = 60
ORPHAN_LIMIT_SECONDS = 20
PORT_ATTEMPTS = 5
LOG_TAIL_LINES = 8

# A page that hangs lets go of the server some day. Loading a large file takes minutes, though.
SCREENS_LIMITS = {
    "statement_timeout": "10min",
    "idle_in_transaction_session_timeout": "5min",
}
# Of a hundred connections, so that the scheduler and the command line always get in.
SCREENS_CONNECTIONS = 60
# Large objects, which no policy guards.
CLOSED_FUNCTIONS = ("lo_creat(integer)", "lo_create(oid)", "lo_from_bytea(oid, bytea)")
# Ending the sessions of others, and locks that outlive a transaction or that builds and migrations
# wait for. Screens keep the two that hold a pair of numbers until their transaction ends.
FUNCTIONS_OF_OWNER = (
    "pg_terminate_backend(integer, bigint)",
    "pg_cancel_backend(integer)",
    *(
        f"pg_{attempt}advisory_{lock}lock{shared}({key})"
        for attempt in ("", "try_")
        for lock in ("", "xact_")
        for shared in ("", "_shared")
        for key in ("bigint", "integer, integer")
        if (attempt, lock, key) != ("", "xact_", "integer, integer")
    ),
)

_LOG = logging.getLogger(__name__)


def ensure_running() -> DatabaseUrls:
    """Return the addresses of the embedded server, which is made and started where needed.

    Raises ``ServerError`` when it does not start, with the end of its log.
    """
    found = existing_cluster()
    if found is not None:
        postmaster = found.postmaster()
        if postmaster is not None and postmaster.port and _answers(postmaster.port):
            return _urls(postmaster.port)
    with settings.locked("server"):
        return _urls(_started(cluster()))


def stop() -> bool:
    """Stop the server, letting it write everything to disk; false when it was not running."""
    found = existing_cluster()
    if found is None:
        return False
    with settings.locked("server"):
        postmaster = found.postmaster()
        if postmaster is None:
            return False
        # SIGINT: clients are disconnected, data is flushed. SIGQUIT: leave at once, mend later.
        for request, limit in (
            (signal.SIGINT, STOP_LIMIT_SECONDS),
            (signal.SIGQUIT, ORPHAN_LIMIT_SECONDS),
        ):
            if _ended([postmaster.process], request, limit):
                return True
    raise ServerError(f"База данных не остановилась (процесс {postmaster.process.pid}).")


def administrator_url(database: str = DATABASE) -> str:
    """Return the superuser's address: for backups and for tests, never for the program's work."""
    port = _port_of(ensure_running())
    return _url(ADMINISTRATOR_ROLE, "administrator_password", port, database)


def _port_of(urls: DatabaseUrls) -> int:
    return psycopg.conninfo.conninfo_to_dict(libpq(urls.owner))["port"]


def _urls(port: int) -> DatabaseUrls:
    return DatabaseUrls(
        owner=_url(OWNER_ROLE, "owner_password", port),
        screens=_url(SCREENS_ROLE, "screens_password", port),
        gate=_url(GATE_ROLE, "gate_password", port),
    )


def _url(role: str, password: str, port: int, database: str = DATABASE) -> str:
    secret = settings.secrets()[password]
    return render(URL.create("postgresql", role, secret, LOOPBACK, int(port), database))


def _connection(url: str) -> psycopg.Connection:
    """Connect without ever showing the password to a stranger who took our port."""
    return psycopg.connect(
        libpq(url), connect_timeout=5, require_auth="scram-sha-256", autocommit=True
    )


def _answers(port: int) -> bool:
    """Tell whether the finished database, and no other server, listens there."""
    try:
        _connection(_urls(port).owner).close()
    except psycopg.OperationalError:
        return False
    return True


def _started(found: Cluster) -> int:
    """Return the port of the server, running and complete; called under the lock."""
    postmaster = found.postmaster()
    if postmaster is None:
        _clear_up_after_crash(found)
        if not (found.data / "PG_VERSION").exists():
            _initialise(found)
        _require_same_version(found)
        postmaster = _launched(found)
    elif postmaster.port is None:
        postmaster = _listening(found, postmaster.process)
        if postmaster is None:
            raise _start_error(found)
    _wait_until_ready(found, postmaster)
    _create_roles_and_database(postmaster.port)
    return postmaster.port


def _clear_up_after_crash(found: Cluster) -> None:
    """Make room for a new server where the old one was killed.

    Its children may still be at work for a moment, and a new server refuses to start beside them.
    They are told to leave: what they have committed is in the journal, the rest is rolled back.
    """
    orphans = list(found.processes())
    if orphans and not (
        _ended(orphans, signal.SIGQUIT, ORPHAN_LIMIT_SECONDS / 2)
        or _ended(orphans, signal.SIGKILL, ORPHAN_LIMIT_SECONDS / 2)
    ):
        pids = ", ".join(str(process.pid) for process in orphans)
        raise ServerError(
            f"Прежний сервер базы данных оборвался, а его процессы ({pids}) не завершаются. "
            "Завершите их или перезагрузите компьютер."
        )
    # The number in the file may by now be another program's, or a zombie's that nobody collects:
    # PostgreSQL would take either for a living server.
    found.pid_file.unlink(missing_ok=True)


def _ended(processes: list[psutil.Process], request: signal.Signals, limit: float) -> bool:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(request)
    deadline = time.monotonic() + limit
    while any(_is_alive(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _initialise(found: Cluster) -> None:
    """Make the data folder beside its place and move it there finished."""
    draft = found.folder / "data.new"
    password = found.folder / "password.new"
    shutil.rmtree(draft, ignore_errors=True)
    password.touch(mode=0o600)
    try:
        password.write_text(settings.secrets()["administrator_password"], encoding="ascii")
        found.give_to_server(password, 0o600)
        _initdb(found, draft, password)
    finally:
        password.unlink()
    _write_for_server(found, draft / "pg_hba.conf", embedded_settings.HOST_ACCESS)
    _write_for_server(
        found,
        draft / "postgresql.conf",
        "include 'dolgomer.conf'\n# Settings of your own go below and win.\n",
    )
    draft.rename(found.data)
    settings.sync_folder(found.folder)


def _initdb(found: Cluster, folder: Path, password: Path) -> None:
    # The builtin provider knows upper and lower case of Russian, ё too, on every machine alike;
    # sorting by its code points is mended in SQL.
    command = [
        *(found.program("initdb"), "--pgdata", str(folder)),
        *("--username", ADMINISTRATOR_ROLE, "--pwfile", str(password)),
        *("--auth", "scram-sha-256", "--encoding", "UTF8", "--data-checksums"),
        *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
        *("--text-search-config", "russian"),
    ]
    result = found.user.run(command)
    if result.returncode != 0:
        raise ServerError(
            f"Не удалось создать базу данных в «{found.folder}». PostgreSQL сообщает:\n"
            f"{_last_lines(result.stderr)}"
        )


def _require_same_version(found: Cluster) -> None:
    data_version = (found.data / "PG_VERSION").read_text(encoding="ascii").strip()
    said = found.user.run([found.program("postgres"), "--version"]).stdout
    our_version = re.search(r"(\d+)\.", said).group(1)
    if data_version != our_version:
        raise ServerError(
            f"База данных в «{found.data}» создана PostgreSQL {data_version}, а установлен "
            f"{our_version}. Выгрузите её программой pg_dump прежней версии и загрузите в новую "
            "или верните прежнюю версию проекта."
        )


def _write_for_server(found: Cluster, path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".new")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    found.give_to_server(draft, 0o600)
    draft.replace(path)


def _launched(found: Cluster) -> Postmaster:
    """Start the server and wait for it to listen; another port is tried where ours is taken."""
    port = _remembered_port(found)
    for _ in range(PORT_ATTEMPTS):
        if port is None or not _is_free(port):
            port = _free_port()
        _write_configuration(found, port)
        process = _launch(found)
        # Ours may have met a server whose starter was killed before it could say so.
        postmaster = _listening(found, process) or found.postmaster()
        if postmaster is not None and postmaster.port:
            return postmaster
        if _is_free(port):
            break  # so the port was not what stopped it
    raise _start_error(found)


def _write_configuration(found: Cluster, port: int) -> None:
    text = embedded_settings.configuration(
        memory=embedded_settings.machine_memory(),
        free_disk=embedded_settings.free_disk(found.data),
        port=port,
    )
    _write_for_server(found, found.data / "dolgomer.conf", text)


def _launch(found: Cluster) -> psutil.Process:
    """Start the first process as nobody's child, in a session of its own.

    Ctrl-C in a terminal must not reach it, and its death must not leave a zombie behind, which a
    later start would take for a living server: hence the shell between us.
    """
    first_words = found.folder / "log" / "start.log"
    first_words.touch(mode=0o600)
    found.give_to_server(first_words, 0o600)
    command = [
        *("/bin/sh", "-c", '"$@" >"$0" 2>&1 & echo $!', str(first_words)),
        *(found.program("postgres"), "-D", str(found.data), "-c", f"cluster_name={found.name}"),
    ]
    said = found.user.run(command, start_new_session=True).stdout
    try:
        return psutil.Process(int(said))
    except psutil.NoSuchProcess:
        raise _start_error(found) from None


def _listening(found: Cluster, process: psutil.Process) -> Postmaster | None:
    """Wait until the server has written its port; None when it ended instead."""
    deadline = time.monotonic() + LISTEN_LIMIT_SECONDS
    while _is_alive(process) and time.monotonic() < deadline:
        postmaster = found.postmaster()
        if postmaster is not None and postmaster.port:
            return postmaster
        time.sleep(0.01)
    return None


def _wait_until_ready(found: Cluster, postmaster: Postmaster) -> None:
    """Wait until recovery has ended and the server lets us in."""
    url = _url(ADMINISTRATOR_ROLE, "administrator_password", postmaster.port, "postgres")
    started = time.monotonic()
    told = False
    while True:
        try:
            _connection(url).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise _password_error() from error
        else:
            return
        waited = time.monotonic() - started
        if not _is_alive(postmaster.process) or waited > START_LIMIT_SECONDS:
            raise _start_error(found)
        if waited > PATIENCE_SECONDS and not told:
            _LOG.warning(
                "База данных восстанавливается после сбоя; это может занять несколько минут…"
            )
            told = True
        time.sleep(0.03)


def _create_roles_and_database(port: int) -> None:
    """Create what is missing. The database comes last: whoever reaches it finds the rest done."""
    url = _url(ADMINISTRATOR_ROLE, "administrator_password", port, "postgres")
    passwords = {
        SCREENS_ROLE: "screens_password",
        GATE_ROLE: "gate_password",
        OWNER_ROLE: "owner_password",
    }
    with _connection(url) as connection:
        for role, password in passwords.items():
            create_role(connection, role, settings.secrets()[password])
        # A role that an earlier version made keeps its limits until it is told the present ones.
        limit_screens(connection)
        # So that screens' sessions that go on for too long are seen and can be ended.
        connection.execute(
            sql.SQL("grant pg_signal_backend, pg_read_all_stats to {}").format(
                sql.Identifier(OWNER_ROLE)
            )
        )
        is_there = connection.execute(
            "select 1 from pg_database where datname = %s", [DATABASE]
        ).fetchone()
        if not is_there:
            connection.execute(
                sql.SQL("create database {} owner {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER_ROLE)
                )
            )
        connection.execute(
            sql.SQL("alter role {} connection limit {}").format(
                sql.Identifier(SCREENS_ROLE), sql.Literal(SCREENS_CONNECTIONS)
            )
        )
        # Functions belong to a database, what they do does not: from another database the role
        # could still end the sessions of this one.
        connection.execute("revoke connect on database postgres, template1 from public")
    database = _url(ADMINISTRATOR_ROLE, "administrator_password", port)
    with _connection(database) as connection:
        close_functions(connection)


def close_functions(connection: psycopg.Connection) -> None:
    """Leave to the owner, or to nobody, what screens may not call in the connection's database."""
    for function in (*CLOSED_FUNCTIONS, *FUNCTIONS_OF_OWNER):
        connection.execute(
            sql.SQL("revoke execute on function pg_catalog.{} from public").format(
                sql.SQL(function)
            )
        )
    for function in FUNCTIONS_OF_OWNER:
        connection.execute(
            sql.SQL("grant execute on function pg_catalog.{} to {}").format(
                sql.SQL(function), sql.Identifier(OWNER_ROLE)
            )
        )


def create_role(connection: psycopg.Connection, role: str, password: str) -> None:
    """Create a role that may sign in and nothing more, unless it is there."""
    if connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
        return
    # Utility statements take no parameters; the password goes as its hash, so no log holds it.
    digest = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    connection.execute(
        sql.SQL("create role {} login password {}").format(
            sql.Identifier(role), sql.Literal(digest)
        )
    )
    if role == SCREENS_ROLE:
        limit_screens(connection)


def limit_screens(connection: psycopg.Connection) -> None:
    """Limit how long a screen's statement and an idle transaction of it may last.

    A session may lift its own limits; ``services/overlong_sessions`` is for those.
    """
    for setting, value in SCREENS_LIMITS.items():
        connection.execute(
            sql.SQL("alter role {} set {} = {}").format(
                sql.Identifier(SCREENS_ROLE), sql.Identifier(setting), sql.Literal(value)
            )
        )


def _remembered_port(found: Cluster) -> int | None:
    try:
        text = (found.data / "dolgomer.conf").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    match = re.search(r"^port = '(\d+)'", text, re.MULTILINE)
    return int(match.group(1)) if match else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As PostgreSQL does: connections that are dying on the port do not occupy it.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _password_error() -> ServerError:
    path = settings.home() / "secrets.json"
    return ServerError(
        f"Пароль из «{path}» не подходит к базе данных: файл заменён или создан заново. Верните "
        "прежний файл из резервной копии."
    )


def _start_error(found: Cluster) -> ServerError:
    return ServerError(
        f"База данных не запустилась. Журнал сервера: «{found.logs}». Последние строки:\n"
        f"{_log_tail(found)}"
    )


def _log_tail(found: Cluster) -> str:
    try:
        newest = max(found.logs.glob("*.log"), key=os.path.getmtime)
        text = newest.read_text(encoding="utf-8", errors="replace")
        first_words = (found.logs / "start.log").read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError) as error:
        return f"(журнал не прочитан: {error})"
    return _last_lines(text) or _last_lines(first_words)


def _last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-LOG_TAIL_LINES:])
