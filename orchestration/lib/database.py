"""The one Dagster resource that opens the operational database."""

import dagster as dg
from sqlalchemy import Engine

from operational_db import database, server


class DatabaseResource(dg.ConfigurableResource):
    """Opens the database as its owner; nothing is connected before a run asks for it.

    The server is found where every other process finds it: the embedded one of the home folder, or
    the one in ``DOLGOMER_DATABASE_URL``. Both raise ``ServerError`` (Russian) when there is none.
    """

    def engine(self) -> Engine:
        """The engine of imports, builds and documents; it finds a server that has moved."""
        return database.owner_engine()

    def url(self) -> str:
        """The owner's address, for tools that connect by themselves (dbt, Great Expectations)."""
        return server.ensure_running().owner
