"""Building the warehouse: what must be rebuilt, how dbt is told, and what came of it.

The command line runs dbt inside its own process, so that killing one kills the other; Dagster runs
it through its own resource with the same arguments and environment.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, make_url, pool, text

from operational_db import settings
from operational_db.locks import Lock
from orchestration.lib.orphans import StillAtWorkError, end_orphans

PROJECT = Path(__file__).parents[2]
DBT_FILES = ("*.sql", "*.yml", "*.md")
# dbt counts the nodes of a run under another name for tests than for models.
NODES_IN_ALL = {"LogModelResult": "total", "LogTestResult": "num_models"}


class BuildError(RuntimeError):
    """The warehouse could not be built; the message is Russian and names what failed."""


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """Whether everything is rebuilt, and why (Russian; empty when only changes are)."""

    is_full: bool
    reason: str
    as_of: date | None = None
    known_at: datetime | None = None
    keeps_views: bool = False

    def dbt_arguments(self, *, is_whole: bool = True) -> list[str]:
        """Arguments of ``dbt build``. Unit tests stay in CI, where they already passed.

        A full build of all models is made aside and swapped in at its end; one of a few models
        (``is_whole`` false) needs the others where they are.
        """
        variables = {
            "is_aside": self.is_full and is_whole,
            "as_of": self.as_of.isoformat() if self.as_of else "",
            "known_at": self.known_at.isoformat() if self.known_at else "",
            "project_digest": project_digest(),
        }
        arguments = ["build", "--exclude-resource-type", "unit_test"]
        arguments += ["--vars", json.dumps(variables)]
        if self.keeps_views:
            # dbt makes a view anew by dropping the old one, and with it all that reads it: for that
            # moment screens would find nothing. A build of changes fills tables where they stand,
            # so views that say what they said can stay as they are.
            arguments += ["--exclude", "config.materialized:view", "--indirect-selection", "empty"]
        return [*arguments, "--full-refresh"] if self.is_full else arguments


@dataclass(frozen=True, slots=True)
class BuildOutcome:
    """What a build did."""

    is_full: bool
    reason: str
    accounts_rebuilt: int
    seconds: float
    warnings: tuple[str, ...]


def dbt_environment(url: str) -> dict[str, str]:
    """The environment that profiles.yml reads, for the database at ``url``."""
    address = make_url(url)
    return {
        "DOLGOMER_DBT_HOST": address.host or "localhost",
        "DOLGOMER_DBT_PORT": str(address.port or 5432),
        "DOLGOMER_DBT_USER": address.username or "",
        "DOLGOMER_DBT_PASSWORD": address.password or "",
        "DOLGOMER_DBT_NAME": address.database or "",
        "DBT_TARGET_PATH": str(settings.home() / "dbt" / "target"),
        "DBT_LOG_PATH": str(settings.home() / "dbt" / "logs"),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_PROJECT_DIR": str(PROJECT),
    }


def project_digest() -> str:
    """Digest of the models: other models make other tables, so everything is rebuilt then."""
    digest = hashlib.sha256()
    files = [f for pattern in DBT_FILES for f in (PROJECT / "dbt_project").rglob(pattern)]
    for file in sorted([*files, PROJECT / "dbt_project.yml"]):
        digest.update(file.relative_to(PROJECT).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def plan_build(
    connection: Connection,
    *,
    full: bool = False,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> BuildPlan:
    """Decide whether changed accounts are enough: not when the rules themselves changed."""
    is_full, reason = _extent(connection, full=full, is_other_day=bool(as_of or known_at))
    keeps_views = not is_full and _views_stand(connection)
    return BuildPlan(is_full, reason, as_of, known_at, keeps_views)


def _extent(connection: Connection, *, full: bool, is_other_day: bool) -> tuple[bool, str]:
    """Whether everything is rebuilt, and why."""
    if full:
        return True, "полный пересчёт запрошен"
    if is_other_day:
        return True, "пересчёт на другую дату или состояние знаний"
    if connection.scalar(text("select to_regclass('warehouse.build')")) is None:
        return True, "первый пересчёт"
    if connection.scalar(WAS_CUT_SHORT):
        return True, "прошлый полный пересчёт прервался"
    last = connection.execute(LAST_BUILD).one_or_none()
    if last is None:
        return True, "законченного пересчёта ещё не было"
    if not last.is_as_of_today or last.is_limited:
        return True, "прошлый пересчёт был на другую дату"
    if last.reference_digest != connection.scalar(REFERENCE_DIGEST):
        return True, "изменились справочники"
    if last.project_digest != project_digest():
        return True, "изменились модели расчёта"
    return False, ""


def _views_stand(connection: Connection) -> bool:
    # A migration takes all views away, and a build brings them back.
    return connection.scalar(text("select to_regclass('screens.accounts')")) is not None


def is_up_to_date(connection: Connection) -> bool:
    """Tell whether a build would change nothing: no changed account, and built today."""
    if plan_build(connection).is_full:
        return False
    return bool(connection.scalar(NOTHING_CHANGED))


def bring_up_to_date(engine: Engine, url: str, on_build: Callable[[], None] = lambda: None) -> None:
    """Build the warehouse at ``url`` where facts have come since the last build, else do nothing.

    ``on_build`` is told before. Raises :class:`BuildError` as :func:`run_build` does.
    """
    with engine.connect() as connection:
        if is_up_to_date(connection):
            return
    on_build()
    run_build(url)


@contextmanager
def exclusive(url: str) -> Iterator[Connection]:
    """Hold the right to build: two builds at once would take each other's list of accounts.

    The dbt of a build whose worker was killed is ended first: it lost its right with its worker.
    """
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": Lock.BUILD})
        connection.commit()
        try:
            end_orphans(connection, url)
        except StillAtWorkError as problem:
            raise BuildError(
                "Прерванный пересчёт ещё работает с базой и не останавливается. Остановите его "
                "процесс dbt и запустите пересчёт снова."
            ) from problem
        yield connection


def run_build(
    url: str,
    *,
    full: bool = False,
    as_of: date | None = None,
    known_at: datetime | None = None,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> BuildOutcome:
    """Build the warehouse of the database at ``url`` with dbt, in this process.

    ``on_progress`` hears the name of each finished node, how many are done and how many there are.
    Raises :class:`BuildError` when a model or a reconciliation fails; what was built before stays.
    """
    with exclusive(url) as connection:
        plan = plan_build(connection, full=full, as_of=as_of, known_at=known_at)
        connection.commit()
        warnings = _run_dbt(url, plan, on_progress)
        row = connection.execute(LAST_BUILD).one()
        return BuildOutcome(
            is_full=plan.is_full,
            reason=plan.reason,
            accounts_rebuilt=row.accounts_rebuilt,
            seconds=float(row.seconds),
            warnings=tuple(warnings),
        )


def _run_dbt(
    url: str, plan: BuildPlan, on_progress: Callable[[str, int, int], None] | None
) -> list[str]:
    from dbt.cli.main import dbtRunner  # two seconds to import: not for every command

    def hear(event: object) -> None:
        total = NODES_IN_ALL.get(event.info.name)
        if on_progress and total:
            data = event.data
            on_progress(data.node_info.node_name, data.index, getattr(data, total))

    quiet = ["--log-level", "none", "--log-level-file", "info"]
    with working_with(dbt_environment(url)):
        outcome = dbtRunner(callbacks=[hear]).invoke([*quiet, *plan.dbt_arguments()])
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception
    if outcome.exception is not None:
        raise BuildError(f"Пересчёт не начался: {outcome.exception}") from outcome.exception
    results = list(outcome.result)
    failures = [_describe(r) for r in results if r.status in ("error", "fail", "runtime error")]
    if failures or not outcome.success:
        raise BuildError("Пересчёт не закончен.\n" + "\n".join(failures))
    return [_describe(r) for r in results if r.status == "warn"]


def _describe(result: object) -> str:
    name = getattr(result.node, "name", "пересчёт")
    if result.status == "fail":
        return f"Сверка «{name}» не сошлась, строк с расхождением: {result.failures}."
    return f"«{name}»: {(result.message or '').strip()}"


@contextmanager
def working_with(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


LAST_BUILD = text("""
    select is_as_of_today, known_at < 'infinity' as is_limited, reference_digest, project_digest,
        accounts_rebuilt, extract(epoch from finished_at - started_at) as seconds, as_of
    from warehouse.build
    where finished_at is not null
    order by build_id desc
    limit 1
""")
# A full build in place that was killed may have left tables of another day or of other rules
# behind it; one aside left nothing.
WAS_CUT_SHORT = text("""
    select finished_at is null and not is_aside
        and (is_full or not is_as_of_today or known_at < 'infinity')
    from warehouse.build
    order by build_id desc
    limit 1
""")
REFERENCE_DIGEST = text("""
    select md5(string_agg(table_name || checksum, ',' order by table_name))
    from reference.table_state
""")
NOTHING_CHANGED = text("""
    -- A migration takes the views away, and a build brings them back.
    select to_regclass('screens.accounts') is not null
        and not exists (select from ops.account_change)
        and not exists (select from warehouse.account_to_rebuild)
        and (
            select as_of from warehouse.build
            where finished_at is not null order by build_id desc limit 1
        ) = ops.as_of()
""")
