"""A built warehouse for the tests of this folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from psycopg import sql
from sqlalchemy import Engine

from operational_db import database, settings
from operational_db.database import owner_engine
from operational_db.reference.loader import load_reference
from operational_db.server import DatabaseUrls
from orchestration.lib.builds import BuildOutcome, run_build
from tests import conftest as databases

BUILT = "built_template"


@dataclass(frozen=True)
class Warehouse:
    """A database with the law loaded, and how its marts are built."""

    urls: DatabaseUrls

    @property
    def engine(self) -> Engine:
        return owner_engine()

    def build(
        self, *, full: bool = False, as_of: date | None = None, known_at: datetime | None = None
    ) -> BuildOutcome:
        return run_build(self.urls.owner, full=full, as_of=as_of, known_at=known_at)


@pytest.fixture(scope="session")
def built_template(database_server: DatabaseUrls, migrated_template: str) -> str:
    """Name of a database with the law and an empty warehouse, to copy from; made once per run."""
    with settings.locked("test-built-template"):
        if not databases._database_exists(BUILT):
            _make_built_template(database_server, migrated_template)
    return BUILT


@pytest.fixture(scope="module")
def warehouse(database_server: DatabaseUrls, built_template: str) -> Iterator[Warehouse]:
    """A warehouse without accounts, built and of this module's own."""
    with databases._copied_database(database_server, built_template) as urls:
        yield Warehouse(urls)


def _make_built_template(server_urls: DatabaseUrls, migrated_template: str) -> None:
    with databases._copied_database(server_urls, migrated_template) as urls:
        with owner_engine().begin() as connection:
            load_reference(connection)
        run_build(urls.owner)
        database.clear_engines()
        source = sql.Identifier(urls.owner.rsplit("/", 1)[1])
        databases._administer(
            sql.SQL("create database {} template {} owner {}").format(
                sql.Identifier(BUILT), source, sql.Identifier(databases.OWNER_ROLE)
            ),
            # A database with guests cannot be copied from.
            sql.SQL("alter database {} allow_connections false").format(sql.Identifier(BUILT)),
        )
