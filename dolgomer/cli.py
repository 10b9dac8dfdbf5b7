"""The command line of Dolgomer. Every command works without a terminal and fails with a code."""

import logging
import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from dolgomer.preparation import prepare
from operational_db import database, server, settings
from operational_db.demo import TownError
from operational_db.errors import ServerError
from operational_db.imports.problems import FileRefusedError
from operational_db.reference.schema import ReferenceDataError
from operational_db.services.organisations import (
    OrganisationUnclearError,
    only_organisation,
    organisation_by_code,
)
from operational_db.services.users import UserRefusedError
from orchestration.lib.builds import BuildError

app = typer.Typer(
    help="Долгомер: долги за жилищно-коммунальные услуги, по закону и до копейки.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
user_app = typer.Typer(help="Пользователи.", no_args_is_help=True)
app.add_typer(user_app, name="user")
console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

EXPECTED = (
    BuildError,
    FileRefusedError,
    OrganisationUnclearError,
    ReferenceDataError,
    ServerError,
    TownError,
    UserRefusedError,
)
logger = logging.getLogger("dolgomer")


class FileKind(StrEnum):
    """Kinds of files that ``dolgomer import`` takes."""

    CHARGES = "charges"
    PAYMENTS = "payments"
    BANK_STATEMENT = "bank-statement"
    HOUSES = "houses"
    COURTS = "courts"


def main() -> None:
    """Run a command; what goes wrong is told in Russian, the traceback goes to the log."""
    try:
        app()
    except EXPECTED as problem:
        errors.print(f"Ошибка: {problem}", markup=False)
        sys.exit(1)
    except (OperationalError, InterfaceError) as problem:
        _unexpected(problem)
        errors.print(
            "Ошибка: связь с базой данных прервалась. Ничего не сделано наполовину: "
            "повторите команду."
        )
        sys.exit(1)
    except KeyboardInterrupt:
        errors.print("Прервано.")
        sys.exit(130)
    except Exception as problem:  # noqa: BLE001  the last door before the user
        errors.print(_unexpected(problem), markup=False)
        sys.exit(1)


def _unexpected(problem: Exception) -> str:
    log = settings.home() / "logs" / "dolgomer.log"
    log.parent.mkdir(exist_ok=True)
    logging.basicConfig(filename=log, encoding="utf-8", format="%(asctime)s %(message)s")
    logger.exception("Unexpected failure")
    what = str(problem.orig if isinstance(problem, DBAPIError) else problem).strip()
    return (
        f"Непредвиденная ошибка: {what.splitlines()[0] if what else type(problem).__name__}\n"
        + (f"Подробности в журнале: {log}")
    )


def day(value: str) -> date:
    """A day as ISO or as dd.mm.yyyy."""
    for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(value, pattern).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    raise typer.BadParameter(f"«{value}» — не дата. Нужно 31.12.2026 или 2026-12-31.")


AsOf = Annotated[
    date | None, typer.Option(parser=day, metavar="ДАТА", help="На какой день считать.")
]


@app.command()
def demo(
    accounts: Annotated[int, typer.Option(min=1, help="Сколько лицевых счетов.")] = 3000,
    months: Annotated[int, typer.Option(min=1, help="За сколько месяцев.")] = 36,
    seed: Annotated[int, typer.Option(help="Зерно: тот же город при том же зерне.")] = 1,
    serve: Annotated[bool, typer.Option(help="Открыть экраны после загрузки.")] = True,
) -> None:
    """Показательный город: загрузить, пересчитать, открыть экраны."""
    from dolgomer.demonstration import ensure_town, sign_in_card
    from dolgomer.serving import APP_PORT, DAGSTER_PORT
    from dolgomer.serving import serve as serve_pages

    prepared = prepare()
    ensure_town(prepared.urls.owner, console, accounts=accounts, months=months, seed=seed)
    if not serve:
        console.print(sign_in_card(), highlight=False)
        return
    try:
        serve_pages(console, app_port=APP_PORT, dagster_port=DAGSTER_PORT, after=sign_in_card())
    finally:
        server.stop()


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Порт экранов.")] = 8501,
    dagster_port: Annotated[int, typer.Option(help="Порт Dagster.")] = 3000,
) -> None:
    """Открыть экраны и Dagster; остановить — Ctrl-C."""
    from dolgomer.demonstration import sign_in_card
    from dolgomer.serving import serve as serve_pages

    prepare()
    serve_pages(console, app_port=port, dagster_port=dagster_port, after=sign_in_card())


@app.command()
def build(
    full: Annotated[bool, typer.Option("--full", help="Пересчитать всё заново.")] = False,
    as_of: AsOf = None,
) -> None:
    """Пересчитать витрины: только изменившиеся счета или всё."""
    from dolgomer.building import build_with_progress

    prepared = prepare()
    build_with_progress(prepared.urls.owner, console, full=full, as_of=as_of)


@app.command("import")
def import_files(
    kind: Annotated[FileKind, typer.Argument(help="Вид файлов.")],
    files: Annotated[list[Path], typer.Argument(help="Файлы.")],
    organisation: Annotated[
        str | None, typer.Option(metavar="КОД", help="Чьи это счета (код организации).")
    ] = None,
    create_accounts: Annotated[
        bool, typer.Option("--create-accounts", help="Заводить счета, которых нет.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Только показать, что будет.")] = False,
    refused: Annotated[
        Path | None,
        typer.Option(metavar="ПАПКА", help="Куда сложить отвергнутые строки (xlsx)."),
    ] = None,
) -> None:
    """Загрузить файлы: каждый целиком или никак, тот же файл дважды ничего не меняет."""
    from operational_db.services.import_report import refused_rows_xlsx
    from operational_db.services.importing import COMMON_REGISTRIES, import_file

    prepare()
    failures = 0
    for file in files:
        try:
            content = file.read_bytes()
        except OSError as problem:
            errors.print(f"Файл «{file}» не прочитан: {problem.strerror}.", markup=False)
            failures += 1
            continue
        try:
            with database.owner_engine().begin() as connection:
                organisation_id = None
                if kind not in COMMON_REGISTRIES:
                    # A statement may be the first that an organisation brings.
                    may_create = create_accounts or kind is FileKind.BANK_STATEMENT
                    organisation_id = _organisation(connection, organisation, may_create)
                report = import_file(
                    connection,
                    kind=kind.value,
                    file_name=file.name,
                    content=content,
                    organisation_id=organisation_id,
                    create_accounts=create_accounts,
                    dry_run=dry_run,
                )
        except FileRefusedError as problem:
            errors.print(str(problem), markup=False)
            failures += 1
            continue
        console.print(report.as_text(), markup=False)
        if refused and report.rows_refused:
            refused.mkdir(parents=True, exist_ok=True)
            target = refused / f"{file.stem}-отвергнутые.xlsx"
            target.write_bytes(refused_rows_xlsx(report))
            console.print(f"Отвергнутые строки: {target}", markup=False)
    if failures:
        raise typer.Exit(1)


def _organisation(connection: object, code: str | None, may_create: bool) -> int:
    if code:
        return organisation_by_code(connection, code)
    organisation_id, name = only_organisation(connection, create=may_create)
    console.print(f"Организация: {name}.", markup=False)
    return organisation_id


@app.command()
def check() -> None:
    """Проверить справочники: что устарело, в чём закон не ясен."""
    from operational_db.reference.check import check_reference

    prepare()
    today = datetime.now(ZoneInfo("Europe/Moscow")).date()
    with database.owner_engine().connect() as connection:
        warnings = check_reference(connection, today)
    for warning in warnings:
        console.print(f"• {warning}", markup=False)
    if not warnings:
        console.print("Справочники проверены, замечаний нет.")


@app.command()
def status() -> None:
    """Где база и сколько в ней чего."""
    console.print(str(server.status()), markup=False)
    prepare()
    with database.owner_engine().connect() as connection:
        row = connection.execute(COUNTS).one()
        built = connection.scalar(HAS_BUILDS) and connection.scalar(LAST_BUILT)
    console.print(
        f"Организаций: {row.organisations}, домов: {row.houses}, лицевых счетов: {row.accounts}, "
        f"загруженных файлов: {row.files}."
    )
    console.print(f"Последний пересчёт: {built:%d.%m.%Y %H:%M}." if built else "Пересчёта не было.")


@app.command()
def stop() -> None:
    """Остановить встроенную базу данных."""
    console.print("База данных остановлена." if server.stop() else "База данных не работала.")


@app.command()
def docs() -> None:
    """Описание витрин и их связей (dbt docs): страница и её место на диске."""
    from dolgomer.documentation import write_site

    prepared = prepare()
    console.print(f"Описание витрин: {write_site(prepared.urls.owner)}", markup=False)


@user_app.command("add")
def add_user(
    login: str,
    full_name: Annotated[str, typer.Option("--name", help="Фамилия, имя, отчество.")],
    organisation: Annotated[str, typer.Option(help="Код организации.")],
    role: Annotated[list[str], typer.Option(help="Роль; можно несколько.")],
    password_file: Annotated[
        Path | None, typer.Option(help="Файл с паролем; без него пароль спросят.")
    ] = None,
    oidc: Annotated[bool, typer.Option("--oidc", help="Входит через провайдера.")] = False,
) -> None:
    """Добавить пользователя."""
    from operational_db.services.users import create_user

    prepare()
    password = None if oidc else _password(password_file)
    with database.owner_engine().begin() as connection:
        create_user(
            connection,
            login=login,
            full_name=full_name,
            organisation_code=organisation,
            roles=role,
            password=password,
        )
    console.print(f"Пользователь «{login}» добавлен.", markup=False)


@user_app.command("password")
def change_password(
    login: str,
    password_file: Annotated[
        Path | None, typer.Option(help="Файл с паролем; без него пароль спросят.")
    ] = None,
) -> None:
    """Задать пользователю новый пароль; его сеансы закрываются."""
    from operational_db.services.users import set_password

    prepare()
    password = _password(password_file)
    with database.owner_engine().begin() as connection:
        set_password(connection, login=login, password=password)
    console.print(f"Пароль пользователя «{login}» изменён.", markup=False)


def _password(file: Path | None) -> str:
    if file is not None:
        return file.read_text("utf-8").strip()
    return typer.prompt("Пароль", hide_input=True, confirmation_prompt="Ещё раз")


COUNTS = text("""
    select
        (select count(*) from ops.organisation) as organisations,
        (select count(*) from ops.house) as houses,
        (select count(*) from ops.account) as accounts,
        (select count(*) from ops.import_file) as files
""")
HAS_BUILDS = text("select to_regclass('warehouse.build') is not null")
LAST_BUILT = text("""
    select max(finished_at) at time zone 'Europe/Moscow' from warehouse.build
""")

if __name__ == "__main__":
    main()
