"""Loading the demonstration town."""

import secrets
import time

from sqlalchemy import text

from benchmarks.report import Figure
from operational_db import clock, database, migrate, server
from operational_db.demo import create_users, load_town
from operational_db.reference.loader import load_reference
from operational_db.services.plan_import import import_shipped_plans


def measure(accounts: int, months: int) -> list[Figure]:
    """Load a town into an empty database; a town that is there already is not measured again."""
    urls = server.ensure_running()
    migrate.upgrade(urls.owner)
    engine = database.owner_engine()
    with engine.begin() as connection:
        load_reference(connection)
        if connection.scalar(text("select exists (select from ops.account)")):
            return []
    started = time.perf_counter()
    with engine.begin() as connection:
        today = clock.today()
        load_town(connection, accounts=accounts, months=months, seed=1, today=today)
        create_users(connection, secrets.token_urlsafe(16))
        import_shipped_plans(connection)
    seconds = time.perf_counter() - started
    with engine.connect() as connection:
        charges = connection.scalar(text("select count(*) from ops.charge"))
        payments = connection.scalar(text("select count(*) from ops.payment"))
    note = f"{charges:,} charges, {payments:,} payments"
    return [Figure("town loaded", seconds, "s", note=note)]
