"""The database server that the project works with: the embedded one, or the one it was given.

Any process may call ``ensure_running`` at any time: some milliseconds when the server is up.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from operational_db import cluster, embedded_server, given_server, settings
from operational_db.database_urls import DatabaseUrls
from operational_db.errors import ServerError

__all__ = [
    "DatabaseUrls",
    "ServerError",
    "ServerStatus",
    "binary",
    "ensure_running",
    "psql_path",
    "status",
    "stop",
]


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What is known of the server without starting it; folders are the embedded one's only."""

    is_embedded: bool
    is_running: bool
    port: int | None
    pid: int | None
    data_folder: Path | None
    log_folder: Path | None

    def __str__(self) -> str:
        """One Russian sentence for the command line."""
        if not self.is_embedded:
            return "База данных на своём сервере (DOLGOMER_DATABASE_URL)."
        if not self.is_running:
            return "Встроенная база данных остановлена."
        return (
            f"Встроенная база данных работает: порт {self.port}, процесс {self.pid}, "
            f"данные в «{self.data_folder}»."
        )


def ensure_running() -> DatabaseUrls:
    """Return the addresses of a server that answers, started and mended where it is ours.

    Raises ``ServerError`` with a Russian explanation when there is none.
    """
    given = settings.database_url()
    return given_server.verified_urls(given) if given else embedded_server.ensure_running()


def stop() -> bool:
    """Stop the embedded server; false when there was nothing of ours to stop.

    A process of the project that is still at work starts it again with its next query.
    """
    return False if settings.database_url() else embedded_server.stop()


def status() -> ServerStatus:
    """Tell what runs, starting nothing."""
    given = settings.database_url()
    if given:
        urls = given_server.verified_urls(given)
        return ServerStatus(False, True, make_url(urls.owner).port, None, None, None)
    found = cluster.existing_cluster()
    if found is None:
        return ServerStatus(True, False, None, None, None, None)
    postmaster = found.postmaster()
    return ServerStatus(
        is_embedded=True,
        is_running=postmaster is not None,
        port=postmaster.port if postmaster else None,
        pid=postmaster.process.pid if postmaster else None,
        data_folder=found.data,
        log_folder=found.logs,
    )


def binary(name: str) -> Path:
    """Return the path of a PostgreSQL program that comes with the project."""
    path = cluster.programs() / name
    if not path.is_file():
        raise ServerError(f"В поставке PostgreSQL нет программы «{name}».")
    return path


def psql_path() -> Path:
    """Return the path of ``psql``."""
    return binary("psql")
