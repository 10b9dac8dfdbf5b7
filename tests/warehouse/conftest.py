"""A built warehouse for the tests of this folder."""

from collections.abc import Iterator

import pytest

from operational_db.database import owner_engine
from operational_db.reference.loader import load_reference
from operational_db.server import DatabaseUrls
from orchestration.lib.builds import run_build


@pytest.fixture(scope="module")
def warehouse(module_database: DatabaseUrls) -> Iterator[str]:
    """Address of a database with the law loaded and an empty warehouse built, for a module."""
    with owner_engine().begin() as connection:
        load_reference(connection)
    run_build(module_database.owner)
    yield module_database.owner
