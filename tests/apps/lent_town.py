"""One copy of the town serves test after test for as long as they only look at it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from operational_db import server
from tests import conftest as servers

# What signing in and taking a file away leave behind; it is taken out before the next test.
TRACES = ("sign_in_attempt", "user_session", "audit_event")
# A server counts what a connection wrote when the connection has ended.
SOMEBODY_WORKS = "select exists (select from pg_stat_activity where datname = %s)"
# Statistics are gathered by the server itself, and shared catalogs are of no database.
WRITTEN = """
    select exists (
        select from pg_stat_all_tables as t
        inner join pg_class as c on t.relid = c.oid
        where t.n_tup_ins + t.n_tup_upd + t.n_tup_del > 0
            and not c.relisshared
            and not (t.schemaname = 'ops' and t.relname = any (%s))
            and t.relname not in ('pg_statistic', 'pg_statistic_ext_data')
    )
"""
PATIENCE_SECONDS = 5


class LentTown:
    """A copy of a database that is given to tests one after another, and renewed when written to.

    Making a copy takes longer than most screens take to draw.
    """

    def __init__(self, server_urls: server.DatabaseUrls, template: str) -> None:
        self.server_urls = server_urls
        self.template = template
        self.name: str | None = None

    @contextmanager
    def to_a_test(self) -> Iterator[server.DatabaseUrls]:
        if self.name is None:
            self.name = servers.copy_database(self.template)
            self._take_traces_out()
        with servers.found_by_the_code(self.server_urls, self.name) as urls:
            yield urls
        if not self._is_as_it_was():
            self.drop()

    def drop(self) -> None:
        if self.name is not None:
            servers.drop_database(self.name)
            self.name = None

    def _is_as_it_was(self) -> bool:
        if not self._is_quiet():
            return False
        with servers._administrator(self.name) as connection:
            [is_written] = connection.execute(WRITTEN, [list(TRACES)]).fetchone()
        if is_written:
            return False
        self._take_traces_out()
        return True

    def _take_traces_out(self) -> None:
        with servers._administrator(self.name) as connection:
            connection.execute("set session_replication_role = replica")
            for table in TRACES:
                connection.execute(f"delete from ops.{table}")

    def _is_quiet(self) -> bool:
        deadline = time.monotonic() + PATIENCE_SECONDS
        with servers._administrator() as connection:
            while connection.execute(SOMEBODY_WORKS, [self.name]).fetchone()[0]:
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.01)
        return True
