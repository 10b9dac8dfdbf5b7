"""Runs migrations on the connection that ``operational_db.migrate`` hands over."""

from alembic import context

import operational_db.models  # noqa: F401  registers the tables
from operational_db.base import Base

OUR_SCHEMAS = {"ops", "reference"}


def is_ours(name: str | None, kind: str, _parents: dict) -> bool:
    """Leave the schemas that dbt owns alone."""
    return name in OUR_SCHEMAS if kind == "schema" else True


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_schemas=True,
    include_name=is_ours,
    version_table_schema="ops",
    compare_server_default=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
