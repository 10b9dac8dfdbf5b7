"""What every command needs first: a running database with the newest schema and reference data."""

from dataclasses import dataclass

from sqlalchemy import text

from operational_db import database, migrate, server
from operational_db.locks import Lock
from operational_db.reference.loader import load_reference


@dataclass(frozen=True, slots=True)
class Prepared:
    """A database that is ready for work, and whether its schema or law has just changed."""

    urls: server.DatabaseUrls
    has_changed: bool


def prepare() -> Prepared:
    """Start the database if needed, migrate it, load reference data; twice is as good as once."""
    urls = server.ensure_running()
    migrated = migrate.upgrade(urls.owner)
    with database.owner_engine().begin() as connection:
        # Two commands at once must not load the same rows.
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": Lock.REFERENCE})
        loaded = any(table.is_changed for table in load_reference(connection))
        if loaded:
            # A few rows each, but the planner takes a table it knows nothing of for a large one.
            for statement in connection.scalars(ANALYSE_REFERENCE).all():
                connection.execute(text(statement))
    return Prepared(urls, migrated or loaded)


ANALYSE_REFERENCE = text("""
    select format('analyze %I.%I', schemaname, tablename)
    from pg_tables
    where schemaname = 'reference'
""")
