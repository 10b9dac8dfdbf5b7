"""Bring a database to the newest schema.

Postgres refuses to alter a column under a view, so dbt's view schemas are dropped before the first
pending migration; the next build makes them anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, pool, text

from operational_db.locks import Lock

VIEW_SCHEMAS = ("screens", "intermediate", "staging")


def upgrade(url: str) -> bool:
    """Apply what is pending to the database at ``url``; true when anything was."""
    with _configured(url) as (configuration, connection):
        if not _is_behind(configuration, connection):
            return False
        for schema in VIEW_SCHEMAS:
            # A full build that was killed may have left views in the schemas that it fills aside.
            for suffix in ("", "_next", "_old"):
                connection.execute(text(f"drop schema if exists {schema}{suffix} cascade"))
        connection.commit()
        command.upgrade(configuration, "head")
        return True


def check(url: str) -> None:
    """Fail when the models say something that the migrations do not."""
    with _configured(url) as (configuration, _):
        command.check(configuration)


def write_revision(url: str, message: str) -> None:
    """Write a migration from the difference between the models and the database."""
    with _configured(url) as (configuration, _):
        command.revision(configuration, message, autogenerate=True)


def _is_behind(configuration: Config, connection: Connection) -> bool:
    context = MigrationContext.configure(connection, opts={"version_table_schema": "ops"})
    heads = set(ScriptDirectory.from_config(configuration).get_heads())
    return set(context.get_current_heads()) != heads


@contextmanager
def _configured(url: str) -> Iterator[tuple[Config, Connection]]:
    configuration = Config(Path(__file__).parents[1] / "alembic.ini")
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        # Two starts at once must not migrate twice; the lock goes with the connection.
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": Lock.MIGRATION})
        connection.execute(text("set lock_timeout = '10s'"))
        connection.execute(text("create schema if not exists ops"))
        connection.execute(text("create schema if not exists reference"))
        connection.commit()
        configuration.attributes["connection"] = connection
        yield configuration, connection
