"""Serving the app and Dagster's pages until Ctrl-C, and stopping all of it then."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from operational_db import settings
from orchestration.lib.dagster_home import prepare as prepare_dagster_home

APP_PORT = 8501
DAGSTER_PORT = 3000
START_SECONDS = 180
PORTS_TRIED = 50
LAST_PORT = 65_535


class ServingError(RuntimeError):
    """A server did not start or died; the message is Russian and names its log."""


@dataclass
class Server:
    """One of the processes that serve: its name for people, page, log and process."""

    name: str
    url: str
    health_url: str
    log: Path
    process: subprocess.Popen


def serve(console: Console, *, app_port: int, dagster_port: int, after: str = "") -> None:
    """Start both servers, print their addresses, wait for Ctrl-C, stop both.

    Raises :class:`ServingError` when one of them does not answer or dies.
    """
    with _terminating_like_ctrl_c(), _servers(app_port, dagster_port) as servers:
        with console.status("Запускаю экраны и Dagster…"):
            for server in servers:
                _wait_until_it_answers(server)
        for server in servers:
            console.print(f"{server.name}: {server.url}", highlight=False)
        if after:
            console.print(after, highlight=False)
        console.print("Остановить: Ctrl-C.", highlight=False)
        try:
            while True:
                time.sleep(1)
                for server in servers:
                    if server.process.poll() is not None:
                        raise ServingError(f"«{server.name}» остановился. Журнал: {server.log}")
        except KeyboardInterrupt:
            console.print("Останавливаю…")


@contextmanager
def _servers(app_port: int, dagster_port: int) -> Iterator[list[Server]]:
    logs = settings.home() / "logs"
    logs.mkdir(exist_ok=True)
    app = _free_port(app_port)
    dagster = _free_port(dagster_port, taken=app)
    root = settings.project_root()
    environment = os.environ | {"DAGSTER_HOME": str(prepare_dagster_home())}
    # Streamlit and Dagster must be those of this environment, whatever PATH says.
    started: list[Server] = []
    try:
        for name, port, health, command in (
            (
                "Долгомер",
                app,
                "/_stcore/health",
                [
                    *("streamlit", "run", "apps/main.py", "--server.port", str(app)),
                    *("--server.address", "127.0.0.1", "--server.headless", "true"),
                    *("--browser.gatherUsageStats", "false"),
                ],
            ),
            (
                "Dagster (запуски и расписания)",
                dagster,
                "/server_info",
                [
                    *("dagster", "dev", "-m", "orchestration.definitions"),
                    *("-h", "127.0.0.1", "-p", str(dagster)),
                ],
            ),
        ):
            log = logs / f"{command[0]}.log"
            with log.open("wb") as output:
                process = subprocess.Popen(  # noqa: S603  our own command
                    [sys.executable, "-m", *command],
                    cwd=root,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            url = f"http://127.0.0.1:{port}"
            started.append(Server(name, url, url + health, log, process))
        yield started
    finally:
        _stop(started)


def _wait_until_it_answers(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise ServingError(f"«{server.name}» не запустился. Журнал: {server.log}")
        try:
            with urllib.request.urlopen(server.health_url, timeout=5) as answer:  # noqa: S310  ours
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise ServingError(f"«{server.name}» не ответил за {START_SECONDS} с. Журнал: {server.log}")


def _stop(servers: list[Server]) -> None:
    for server in servers:
        _signal_group(server.process, signal.SIGTERM)
    for server in servers:
        with suppress(subprocess.TimeoutExpired):
            server.process.wait(timeout=15)
        # Children that outlived their parent would keep the port.
        _signal_group(server.process, signal.SIGKILL)


def _signal_group(process: subprocess.Popen, number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _free_port(wanted: int, taken: int | None = None) -> int:
    for port in range(wanted, min(wanted + PORTS_TRIED, LAST_PORT + 1)):
        if port == taken:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except PermissionError as problem:
                raise ServingError(
                    f"Порт {port} система не даёт обычному пользователю: задайте порт от 1024."
                ) from problem
            except OSError:
                continue
            return port
    raise ServingError(f"Порты {wanted}–{wanted + PORTS_TRIED - 1} заняты: задайте другой порт.")


@contextmanager
def _terminating_like_ctrl_c() -> Iterator[None]:
    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
