"""Files from the inbox folder: a sensor that waits until they are whole, and a run for each."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import psycopg
from sqlalchemy import Engine, exc

from operational_db.errors import ServerError
from operational_db.imports.problems import FileRefusedError
from operational_db.services import run_queue
from operational_db.services.import_report import ImportReport, untaken_rows_xlsx
from operational_db.services.importing import (
    COMMON_REGISTRIES,
    import_file,
    refuse_too_large,
)
from operational_db.services.organisations import OrganisationUnclearError, organisation_by_code
from orchestration.lib import environments, inbox
from orchestration.lib.database import DatabaseResource

TAG = "dolgomer/file"
ALL_LINES = 1_000_000
NOT_THE_FILES_FAULT = (
    ServerError,
    exc.OperationalError,
    exc.InterfaceError,
    exc.TimeoutError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
"""The database is away, busy or full. COPY is done past SQLAlchemy, so its errors come bare."""


class InboxImport(dg.Config):
    """Place of the file in the inbox: kind/organisation/name."""

    file: str


@dg.op(description="Загрузить один файл: целиком или никак; тот же файл дважды ничего не меняет")
def import_from_inbox(
    context: dg.OpExecutionContext, config: InboxImport, database: DatabaseResource
) -> None:
    """Load the file, then move it away with its report.

    Killed between the two, the next run loads it again, which changes nothing, and moves it.
    """
    file = inbox.file_at(config.file)
    if file is None:
        context.log.info(f"Файла «{config.file}» в папке входящих уже нет.")
        return
    try:
        report = _load(database.engine(), file)
    except FileNotFoundError:
        context.log.info(f"Файл «{config.file}» забрали из папки входящих.")
        return
    except NOT_THE_FILES_FAULT:
        raise
    except Exception as problem:
        # Tried again, it would fail again: the clerk must see it, and the log has the rest.
        reason = _reason(file, problem)
        context.log.error(reason, exc_info=problem)
        inbox.put_away(file, inbox.REFUSED, reason)
        raise dg.Failure(reason, allow_retries=False) from problem
    rows = untaken_rows_xlsx(report) if report.has_untaken_rows else None
    target = inbox.put_away(file, inbox.DONE, report.as_text(lines_shown=ALL_LINES), rows)
    context.log.info(report.as_text())
    context.add_output_metadata(
        {
            "файл": dg.MetadataValue.path(str(target)),
            "принято строк": report.rows_accepted,
            "уже известны": report.rows_known,
            "отказано": report.rows_refused,
        }
    )


def _reason(file: inbox.InboxFile, problem: Exception) -> str:
    if isinstance(problem, (FileRefusedError, OrganisationUnclearError)):
        return str(problem)
    if isinstance(problem, OSError):
        return (
            f"Файл «{file.path.name}» не загружен: его не удалось прочитать "
            f"({problem.strerror or type(problem).__name__}). Проверьте права на файл и положите "
            "его снова."
        )
    return (
        f"Файл «{file.path.name}» не загружен: непредвиденная ошибка ({type(problem).__name__}). "
        "Передайте файл администратору: подробности в Dagster, в последнем запуске "
        "import_inbox_file."
    )


def _load(engine: Engine, file: inbox.InboxFile) -> ImportReport:
    refuse_too_large(file.path.name, file.path.stat().st_size)
    content = file.path.read_bytes()
    with engine.begin() as connection:
        organisation_id = None
        if file.kind not in COMMON_REGISTRIES:
            if file.organisation_code is None:
                raise OrganisationUnclearError(
                    f"Файл «{file.path.name}» не загружен: не ясно, чьи это счета. Положите его в "
                    "папку с кодом организации."
                )
            organisation_id = organisation_by_code(connection, file.organisation_code)
        report = import_file(
            connection,
            kind=file.kind,
            file_name=file.path.name,
            content=content,
            organisation_id=organisation_id,
        )
        # Together with the facts: figures that lag behind them are always asked to catch up.
        if report.is_changed and organisation_id is not None:
            run_queue.ask_for_build(connection, organisation_id)
    return report


@dg.job(name="import_inbox_file", description="Загрузка файла из папки входящих")
def import_inbox_file() -> None:
    import_from_inbox()


@dg.sensor(
    job=import_inbox_file,
    minimum_interval_seconds=15,
    default_status=environments.sensor_status("inbox_files"),
    description="Файлы в папке входящих (inbox): каждый целый файл загружается",
)
def inbox_files(
    context: dg.SensorEvaluationContext, database: DatabaseResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Run a file when two looks in a row saw it the same: one that is still copied grows.

    A file whose run failed without moving it (the database was away) is tried again every hour.
    """
    try:
        with database.engine().connect() as connection:
            inbox.prepare(connection)
    except ServerError as problem:
        yield dg.SkipReason(str(problem))
        return
    seen = json.loads(context.cursor or "{}")
    files = list(inbox.waiting())
    context.update_cursor(json.dumps({file.name: file.fingerprint for file in files}))
    hour = datetime.now(UTC).strftime("%Y-%m-%dT%H")
    for file in files:
        if seen.get(file.name) == file.fingerprint:
            yield dg.RunRequest(
                run_key=f"{file.name}|{file.fingerprint}|{hour}",
                run_config=dg.RunConfig(ops={"import_from_inbox": InboxImport(file=file.name)}),
                tags={TAG: file.name[-200:]},
            )
