"""A database for every test that wants one, from a server of the test run's own.

The server is started by the first test that needs it, shared by all workers and thrown away at the
end. It never touches the developer's home folder or the server in their environment.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from operational_db import database, embedded_server, server, settings
from operational_db.database_urls import OWNER_ROLE, libpq, render

TEMPLATE = "migrated_template"
ADDRESSES = {
    "owner": "DOLGOMER_DATABASE_URL",
    "screens": "DOLGOMER_SCREENS_URL",
    "gate": "DOLGOMER_GATE_URL",
}
RUN_FOLDER = pytest.StashKey[Path]()
# Files go to the workers whole, so the longest come first: at the end both have work.
LONGEST_FIRST = ("warehouse", "browser", "integration", "apps")


def pytest_configure(config: pytest.Config) -> None:
    for variable in ADDRESSES.values():
        os.environ.pop(variable, None)
    if is_worker(config):  # the folder came with the environment
        config.stash[RUN_FOLDER] = Path(os.environ["DOLGOMER_HOME"]).parent
        return
    folder = Path(tempfile.mkdtemp(prefix="dolgomer-tests-"))
    folder.chmod(0o711)  # under root the server has a user of its own, who must get through
    config.stash[RUN_FOLDER] = folder
    os.environ["DOLGOMER_HOME"] = str(folder / "home")


def pytest_unconfigure(config: pytest.Config) -> None:
    if is_worker(config):
        return
    folder = config.stash[RUN_FOLDER]
    os.environ["DOLGOMER_HOME"] = str(folder / "home")
    database.clear_engines()
    server.stop()
    shutil.rmtree(folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        room = item.path.parent.name
        return LONGEST_FIRST.index(room) if room in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=turn)


def is_worker(config: pytest.Config) -> bool:
    """Tell a worker of xdist from the process that started it."""
    return hasattr(config, "workerinput")


@pytest.fixture
def open_folder(pytestconfig: pytest.Config) -> Path:
    """A folder that every user may pass through, as /srv or /home/user would be."""
    folder = Path(tempfile.mkdtemp(dir=pytestconfig.stash[RUN_FOLDER], prefix="Наш дом "))
    folder.chmod(0o711)
    return folder


@pytest.fixture(scope="session")
def database_server() -> Iterator[server.DatabaseUrls]:
    """Addresses of the run's server; its own database stays empty."""
    # Late: dbt takes seconds to import.
    from tests.leaner_dbt import leaner_dbt
    from tests.models_read_once import models_read_once

    with settings.locked("test-server"):
        urls = server.ensure_running()
        # Nothing here has to outlive a power cut. What does is tested on servers of its own.
        _administer("alter system set fsync = off", "alter system set synchronous_commit = off")
        _administer("select pg_reload_conf()")
    with models_read_once(), leaner_dbt():
        yield urls


@pytest.fixture(scope="session")
def migrated_template(database_server: server.DatabaseUrls) -> str:
    """Name of a database with the newest schema, to copy from; made once per run."""
    with settings.locked("test-template"):
        if not _database_exists(TEMPLATE):
            _make_template(database_server)
    return TEMPLATE


@pytest.fixture
def fresh_database(
    database_server: server.DatabaseUrls, migrated_template: str
) -> Iterator[server.DatabaseUrls]:
    """A migrated database of this test's own, which the code under test finds by itself."""
    with _copied_database(database_server, migrated_template) as urls:
        yield urls


@pytest.fixture(scope="module")
def module_database(
    database_server: server.DatabaseUrls, migrated_template: str
) -> Iterator[server.DatabaseUrls]:
    """The same for all tests of a module, where filling it takes long."""
    with _copied_database(database_server, migrated_template) as urls:
        yield urls


@contextmanager
def _copied_database(
    server_urls: server.DatabaseUrls, template: str
) -> Iterator[server.DatabaseUrls]:
    name = copy_database(template)
    with found_by_the_code(server_urls, name) as urls:
        yield urls
    drop_database(name)


def copy_database(template: str) -> str:
    """Make a copy under a name of its own; return the name."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    _administer(
        sql.SQL("create database {} template {} owner {}").format(
            sql.Identifier(name), sql.Identifier(template), sql.Identifier(OWNER_ROLE)
        )
    )
    return name


def drop_database(name: str) -> None:
    _administer(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@contextmanager
def found_by_the_code(server_urls: server.DatabaseUrls, name: str) -> Iterator[server.DatabaseUrls]:
    """For this while the code under test works in the database of that name."""
    urls = server.DatabaseUrls(
        **{role: _in_database(getattr(server_urls, role), name) for role in ADDRESSES}
    )
    with pytest.MonkeyPatch.context() as patch:
        for role, variable in ADDRESSES.items():
            patch.setenv(variable, getattr(urls, role))
        database.clear_engines()
        yield urls
    database.clear_engines()


def _make_template(server_urls: server.DatabaseUrls) -> None:
    from operational_db import migrate  # late: most tests of this folder do without the tables

    draft = f"{TEMPLATE}_draft"
    name = sql.Identifier(draft)
    _administer(
        sql.SQL("drop database if exists {}").format(name),
        sql.SQL("create database {} owner {}").format(name, sql.Identifier(OWNER_ROLE)),
    )
    with _administrator(draft) as connection:
        # Functions are closed database by database: copies let screens do no more than the program.
        embedded_server.close_functions(connection)
    migrate.upgrade(_in_database(server_urls.owner, draft))
    _administer(
        # A database with guests cannot be copied from.
        sql.SQL("alter database {} allow_connections false").format(name),
        sql.SQL("alter database {} rename to {}").format(name, sql.Identifier(TEMPLATE)),
    )


def _database_exists(name: str) -> bool:
    with _administrator() as connection:
        query = "select 1 from pg_database where datname = %s"
        return connection.execute(query, [name]).fetchone() is not None


def _administer(*statements: str | sql.Composed) -> None:
    with _administrator() as connection:
        for statement in statements:
            connection.execute(statement)


def _administrator(database_name: str = "postgres") -> psycopg.Connection:
    url = _in_database(_administrator_url(), database_name)
    return psycopg.connect(libpq(url), autocommit=True)


@cache
def _administrator_url() -> str:
    """The run's server stays where it is; asking for it again would try its programs again."""
    return embedded_server.administrator_url()


def _in_database(url: str, name: str) -> str:
    return render(make_url(url).set(database=name))
