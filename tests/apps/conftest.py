"""The screens over a real database: a known town, built by dbt once and copied for every test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from sqlalchemy import Engine, create_engine, pool, text
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from apps.shared import exports
from operational_db import database, server, settings
from operational_db.services.sign_in import sign_in
from tests import conftest as servers
from tests.apps import town
from tests.apps.lent_town import LentTown

ENTRY = Path(__file__).parents[2] / "apps" / "entry.py"
TOWN = "town_template"


def table_with(app: AppTest, heading: str) -> pd.DataFrame:
    """The first table of the screen that has such a column."""
    return next(frame.value for frame in app.dataframe if heading in frame.value.columns)


def plain(told: str) -> str:
    """Text as one would type it, with ordinary spaces."""
    return told.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.fixture(scope="session", autouse=True)
def components_looked_for_once() -> Iterator[None]:
    """Streamlit reads what each installed package says of itself, for every screen opened."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner,
            "scan_component_manifests",
            cache(manifest_scanner.scan_component_manifests),
        )
        yield


@pytest.fixture(scope="session")
def town_template(database_server: server.DatabaseUrls, migrated_template: str) -> str:
    """Name of a database with the town in it, counted by dbt; made once per run."""
    with settings.locked("test-town"):
        if not servers._database_exists(TOWN):
            _build_town(database_server, migrated_template)
    return TOWN


@pytest.fixture(scope="module")
def town_at_start(town_template: str) -> str:
    """Name of the database that each test gets a copy of; a module may prepare one of its own."""
    return town_template


@pytest.fixture(scope="module")
def lent_town(database_server: server.DatabaseUrls, town_at_start: str) -> Iterator[LentTown]:
    lent = LentTown(database_server, town_at_start)
    yield lent
    lent.drop()


@pytest.fixture
def town_database(lent_town: LentTown) -> Iterator[server.DatabaseUrls]:
    """The town as if nobody had touched it before this test."""
    with lent_town.to_a_test() as urls:
        yield urls


@contextmanager
def prepared_town(
    server_urls: server.DatabaseUrls, template: str, prepare: Callable[[Engine], None]
) -> Iterator[str]:
    """Name of a town in which something happened and was counted, to copy from."""
    from orchestration.lib.builds import run_build

    with servers._copied_database(server_urls, template) as urls:
        prepare(_owner_of(urls))
        run_build(urls.owner)
        # A database with guests cannot be copied from.
        database.clear_engines()
        yield urls.owner.rsplit("/", 1)[1]


@pytest.fixture
def open_as(
    town_database: server.DatabaseUrls,  # noqa: ARG001 - the screens find it by the environment
) -> Iterator[Callable[..., AppTest]]:
    """Open a screen as a user: ``open_as("manager", menu.ACCOUNTS, words="иванов")``."""
    st.cache_data.clear()

    def start(login: str, screen: str | None = None, /, **query: str) -> AppTest:
        app = AppTest.from_file(str(ENTRY), default_timeout=60)
        app.session_state["session_token"] = sign_in(login, town.PASSWORD)
        app.run()
        if screen is not None:
            app.switch_page(screen)
            app.query_params.clear()
            app.query_params.update(query)
            app.run()
        assert not app.exception, [problem.stack_trace for problem in app.exception]
        return app

    yield start
    st.cache_data.clear()


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], bytes]]:
    """What a click on each file that was offered would run, the latest last."""
    offered: list[Callable[[], bytes]] = []
    make = exports.given_when_clicked

    def remember(*asked: object) -> Callable[[], bytes]:
        offered.append(make(*asked))
        return offered[-1]

    monkeypatch.setattr(exports, "given_when_clicked", remember)
    return offered


@pytest.fixture
def ask(town_database: server.DatabaseUrls) -> Callable[..., list]:
    """Read the database past the screens, as its owner."""

    def read(query: str, **values: object) -> list:
        with _owner_of(town_database).connect() as connection:
            return connection.execute(text(query), values).all()

    return read


@pytest.fixture
def change(town_database: server.DatabaseUrls) -> Callable[..., None]:
    """Write to the database past the screens, as its owner."""

    def write(statement: str, **values: object) -> None:
        with _owner_of(town_database).begin() as connection:
            connection.execute(text(statement), values)

    return write


def _owner_of(urls: server.DatabaseUrls) -> Engine:
    return create_engine(urls.owner, poolclass=pool.NullPool)


def _build_town(urls: server.DatabaseUrls, template: str) -> None:
    from operational_db.reference.loader import load_reference
    from orchestration.lib.builds import run_build

    draft = f"{TOWN}_draft"
    servers._administer(f"drop database if exists {draft} with (force)")
    servers._administer(f"create database {draft} template {template} owner dolgomer_owner")
    address = servers._in_database(urls.owner, draft)
    with create_engine(address, poolclass=pool.NullPool).begin() as connection:
        load_reference(connection)
        town.settle(connection)
    run_build(address, full=True)
    database.clear_engines()
    servers._administer(
        f"alter database {draft} allow_connections false",
        f"alter database {draft} rename to {TOWN}",
    )
