"""A built warehouse for the tests of this folder."""

from dataclasses import dataclass
from datetime import date, datetime

import pytest
from sqlalchemy import Engine

from operational_db.database import owner_engine
from operational_db.reference.loader import load_reference
from operational_db.server import DatabaseUrls
from orchestration.lib.builds import BuildOutcome, run_build


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


@pytest.fixture(scope="module")
def warehouse(module_database: DatabaseUrls) -> Warehouse:
    """A warehouse without accounts, built once for a module."""
    with owner_engine().begin() as connection:
        load_reference(connection)
    built = Warehouse(module_database)
    built.build()
    return built
