"""The command line of Dolgomer. Every command works without a terminal and fails with a code."""

import logging
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from document_gen import penalty_words
from document_gen.russian import date_ru
from dolgomer import templates
from dolgomer.duty import DutyFormat, share_asked, sum_asked, told_duty
from dolgomer.forms import FORMS, FormAsked, write_form
from dolgomer.preparation import prepare
from dolgomer.reporting import ReportFormat, UnverifiedCounter, write_to, written
from dolgomer.serving import ServingError
from dolgomer.wording import ClickException, FolderError, in_russian, make_folder, usage_in_russian
from operational_db import clock, database, server, settings
from operational_db.demo import TownError
from operational_db.errors import ServerError
from operational_db.imports.case import CaseLine, read_case
from operational_db.imports.problems import FieldError, FileRefusedError
from operational_db.imports.values import read_line_numbers, read_period
from operational_db.models import OrganisationKind
from operational_db.reference.schema import ReferenceDataError
from operational_db.services.organisations import (
    OrganisationUnclearError,
    create_bank_account,
    create_organisation,
    let_keep_registries,
    only_organisation,
    organisation_by_code,
)
from operational_db.services.own_due_days import DueDayRefusedError
from operational_db.services.penalty import tables_of_law
from operational_db.services.penalty_case import DEBTOR_KINDS
from operational_db.services.reports import (
    RateMode,
    ReportKind,
    ReportRefusedError,
    ReportRequest,
    case_rows,
    report_rows,
)
from operational_db.services.state_duty import DutyKind, DutyRefusedError, duty_tables
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
organisation_app = typer.Typer(help="Организации и их счета в банках.", no_args_is_help=True)
app.add_typer(organisation_app, name="organisation")
plan_app = typer.Typer(help="Планы мероприятий: печати на журнале событий.", no_args_is_help=True)
app.add_typer(plan_app, name="plan")
app.add_typer(templates.app, name="templates")
console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

EXPECTED = (
    BuildError,
    DueDayRefusedError,
    DutyRefusedError,
    FileRefusedError,
    FolderError,
    OrganisationUnclearError,
    ReferenceDataError,
    ReportRefusedError,
    ServerError,
    ServingError,
    TownError,
    UserRefusedError,
)
EARLIEST_DAY = date(1991, 1, 1)  # months before that are not read from files either
logger = logging.getLogger("dolgomer")


class FileKind(StrEnum):
    """Kinds of files that ``dolgomer import`` takes."""

    CHARGES = "charges"
    PAYMENTS = "payments"
    BILLS = "bills"
    EVENTS = "events"
    PAYMENT_REQUESTS = "payment-requests"
    PLAN = "plan"
    BANK_STATEMENT = "bank-statement"
    HOUSES = "houses"
    COURTS = "courts"
    COURT_ANSWERS = "court-answers"
    COURT_DETAILS = "court-details"
    COURT_TERRITORIES = "court-territories"
    EGRN = "egrn"


def main() -> None:
    """Run a command; what goes wrong is told in Russian, the traceback goes to the log."""
    try:
        # Exit codes come back as values; mistakes of usage come as errors to be told in Russian.
        code = app(standalone_mode=False)
    except ClickException as mistake:
        errors.print(f"Ошибка: {usage_in_russian(mistake)}", markup=False)
        sys.exit(2)
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
    except (KeyboardInterrupt, typer.Abort):
        errors.print("Прервано.")
        sys.exit(130)
    except Exception as problem:  # noqa: BLE001  the last door before the user
        errors.print(_unexpected(problem), markup=False)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


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


def month(value: str) -> date:
    """A month: 01.2024, 2024-01, январь 2024."""
    try:
        return read_period(value)
    except FieldError as problem:
        raise typer.BadParameter(str(problem)) from problem


def moment(value: str) -> datetime:
    """A moment in Moscow; a bare day means its end, so that all of the day is known."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = datetime.combine(day(value), time.max)
    else:
        if len(value) <= len("2026-12-31"):
            found = datetime.combine(found, time.max)
    return found if found.tzinfo else found.replace(tzinfo=clock.MOSCOW)


def day_to_count(value: str) -> date:
    """A day that debt can be counted for: the code lists and the calendar reach no further."""
    found = day(value)
    latest = clock.today() + timedelta(days=366)
    if not EARLIEST_DAY <= found <= latest:
        raise typer.BadParameter(
            f"На {date_ru(found)} не посчитать: нужен день с {date_ru(EARLIEST_DAY)} "
            f"по {date_ru(latest)}."
        )
    return found


def line_numbers(value: str) -> list[int]:
    """Numbers of lines of a file: 5,12,20-25."""
    try:
        return read_line_numbers(value)
    except FieldError as problem:
        raise typer.BadParameter(str(problem)) from problem


AsOf = Annotated[
    date | None, typer.Option(parser=day_to_count, metavar="ДАТА", help="На какой день считать.")
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

    stays = False
    try:
        prepared = prepare()
        ensure_town(prepared.urls.owner, console, accounts=accounts, months=months, seed=seed)
        if serve:
            card = sign_in_card()
            serve_pages(console, app_port=APP_PORT, dagster_port=DAGSTER_PORT, after=card)
        else:
            console.print(sign_in_card(), highlight=False)
            stays = True  # whoever asked for no pages goes on with commands
    finally:
        if not stays:
            server.stop()


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Порт экранов.")] = 8501,
    dagster_port: Annotated[int, typer.Option(min=1, max=65_535, help="Порт Dagster.")] = 3000,
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
        typer.Option(metavar="ПАПКА", help="Куда сложить строки, которые не приняты (xlsx)."),
    ] = None,
    repeat: Annotated[
        list[int] | None,
        typer.Option(
            parser=line_numbers,
            metavar="СТРОКИ",
            help="Строки, равные строкам других файлов, которые всё же нужно записать: 5,12.",
        ),
    ] = None,
) -> None:
    """Загрузить файлы: каждый целиком или никак, тот же файл дважды ничего не меняет."""
    from operational_db.services.import_report import untaken_rows_xlsx
    from operational_db.services.importing import (
        COMMON_REGISTRIES,
        import_file,
        refuse_too_large,
    )

    prepare()
    if repeat and len(files) > 1:
        raise typer.BadParameter("--repeat называет строки одного файла: загрузите его отдельно.")
    if repeat and kind not in (FileKind.CHARGES, FileKind.PAYMENTS):
        raise typer.BadParameter("--repeat есть только у начислений и оплат.")
    if refused:
        make_folder(refused)
    failures = 0
    for file in files:
        try:
            refuse_too_large(str(file), file.stat().st_size)
            content = file.read_bytes()
        except FileRefusedError as problem:
            errors.print(str(problem), markup=False)
            failures += 1
            continue
        except OSError as problem:
            errors.print(f"Файл «{file}» не прочитан: {in_russian(problem)}.", markup=False)
            failures += 1
            continue
        try:
            with database.owner_engine().begin() as connection:
                if kind is FileKind.PLAN:
                    console.print(
                        _import_plan(connection, file.name, content, organisation, dry_run),
                        markup=False,
                    )
                    continue
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
                    repeated_lines=[line for lines in repeat or () for line in lines],
                )
        except FileRefusedError as problem:
            errors.print(str(problem), markup=False)
            failures += 1
            continue
        console.print(report.as_text(), markup=False)
        if refused and report.has_untaken_rows:
            target = refused / f"{file.stem}-непринятые.xlsx"
            target.write_bytes(untaken_rows_xlsx(report))
            console.print(f"Непринятые строки: {target}", markup=False)
    if failures:
        raise typer.Exit(1)


def _import_plan(
    connection: Connection, file_name: str, content: bytes, municipality: str | None, dry_run: bool
) -> str:
    """Load a plan of measures; what to tell of it."""
    from operational_db.services.plan_import import import_plan, municipality_of_plans

    savepoint = connection.begin_nested()
    loaded = import_plan(
        connection,
        file_name=file_name,
        content=content,
        organisation_id=municipality_of_plans(connection, municipality),
    )
    if dry_run:
        savepoint.rollback()
        return f"Пробная загрузка, ничего не записано. {loaded.as_text(file_name)}"
    savepoint.commit()
    return loaded.as_text(file_name)


def _organisation(connection: object, code: str | None, may_create: bool) -> int:
    if code:
        return organisation_by_code(connection, code)
    organisation_id, name = only_organisation(connection, create=may_create)
    console.print(f"Организация: {name}.", markup=False)
    return organisation_id


@app.command()
def report(
    kind: Annotated[ReportKind, typer.Argument(help="Какой отчёт.")],
    account: Annotated[str | None, typer.Option(metavar="НОМЕР", help="Лицевой счёт.")] = None,
    organisation: Annotated[str | None, typer.Option(metavar="КОД", help="Организация.")] = None,
    as_of: AsOf = None,
    known_at: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="МОМЕНТ", help="Как знали на этот момент."),
    ] = None,
    rate_mode: Annotated[
        RateMode,
        typer.Option(
            help="Ставка пени: payment-day – по закону, на день оплаты; stepped – своя у каждого "
            "дня, для сравнения с другими программами."
        ),
    ] = RateMode.PAYMENT_DAY,
    case: Annotated[
        str | None,
        typer.Option(
            "--input",
            metavar="ФАЙЛ",
            help="Пени по таблице начислений и оплат без лицевого счёта; «-» – из ввода.",
        ),
    ] = None,
    debtor: Annotated[
        str,
        typer.Option(
            metavar="КТО",
            help="Чьи правила пени для --input: " + ", ".join(DEBTOR_KINDS) + ".",
        ),
    ] = "citizen",
    form: Annotated[ReportFormat, typer.Option("--format", help="Вид файла.")] = ReportFormat.CSV,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="ФАЙЛ", help="Куда записать.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="ДАТА", help="Форма: с какого дня."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="ДАТА", help="Форма: по какой день."),
    ] = None,
    login: Annotated[
        str | None, typer.Option(metavar="ЛОГИН", help="Форма: от чьего имени.")
    ] = None,
    purpose: Annotated[str, typer.Option(metavar="ЦЕЛЬ", help="Форма: для чего.")] = "",
) -> None:
    """Долг, сроки, пени, обороты, давность, оплаты по получателям (splitting); формы.

    Формы – osv, payments-register, debt-info, resource.
    """
    if kind.value in FORMS:
        if output is None:
            raise ReportRefusedError("Форму пишут в файл: добавьте --output форма.xlsx.")
        today = clock.today()
        prepare()
        write_form(
            FormAsked(
                form=FORMS[kind.value],
                since=since.date() if since else today.replace(day=1),
                until=until.date() if until else as_of or today,
                login=login,
                purpose=purpose,
                organisation_code=organisation,
                account_number=account,
                known_at=known_at,
            ),
            output,
        )
        console.print(f"Форма записана: {output}", markup=False)
        return
    if debtor not in DEBTOR_KINDS:
        raise typer.BadParameter(
            f"«{debtor}» – нужно одно из: {', '.join(DEBTOR_KINDS)}.", param_hint="--debtor"
        )
    if kind is not ReportKind.PENALTY and (case is not None or rate_mode is RateMode.STEPPED):
        raise ReportRefusedError("--input и --rate-mode – только для отчёта penalty.")
    if case is not None and (account or organisation or known_at):
        raise ReportRefusedError(
            "С --input считается таблица из файла: уберите --account, --organisation, --known-at."
        )
    prepare()
    asked = ReportRequest(kind, account, organisation, as_of, known_at, rate_mode)
    if output is None and form is ReportFormat.XLSX:
        raise ReportRefusedError("Книгу xlsx пишут в файл: добавьте --output отчёт.xlsx.")
    with database.owner_engine().connect() as connection:
        if not connection.scalar(HAS_VIEWS):
            raise ReportRefusedError("Пересчёта ещё не было: выполните dolgomer build.")
        if case is not None:
            rows = case_rows(connection, _typed_case(case), asked, debtor_kind=debtor)
        else:
            rows = report_rows(connection, asked)
        counter = UnverifiedCounter()
        if kind is ReportKind.PENALTY:
            rows = counter.passing(rows)
        write_to(written(kind, rows, form), output, sys.stdout.buffer)
        # On the other stream: csv and json stay clean, and carry is_verified line by line.
        if warning := penalty_words.without_rate(counter.without_rate):
            errors.print(f"Внимание: {warning}", markup=False)
        if warning := penalty_words.unverified(counter.count, tables_of_law(connection)):
            errors.print(f"Внимание: {warning}", markup=False)


def _typed_case(source: str) -> list[CaseLine]:
    """Lines of the case in a file or, for «-», in standard input; remarks go to stderr."""
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as problem:
        raise ReportRefusedError(
            f"Файл «{source}» не прочитан: {in_russian(problem)}."
        ) from problem
    lines, notices = read_case(content, today=clock.today())
    for notice in notices:
        errors.print(f"Обратите внимание: {notice.as_text()}", markup=False)
    return lines


@app.command()
def duty(
    claim_sum: Annotated[
        str, typer.Option("--sum", metavar="СУММА", help="Цена требования вместе с пени, руб.")
    ],
    kind: Annotated[DutyKind, typer.Option(help="Судебный приказ или иск.")] = DutyKind.ORDER,
    filed_on: Annotated[
        date | None,
        typer.Option(parser=day, metavar="ДАТА", help="День отправки в суд; без него сегодня."),
    ] = None,
    offset: Annotated[
        str | None,
        typer.Option(metavar="СУММА", help="Уплачено по отменённому или возвращённому приказу."),
    ] = None,
    share: Annotated[
        list[str] | None,
        typer.Option(metavar="ДОЛЯ", help="Доля собственника; по заявлению на каждого."),
    ] = None,
    form: Annotated[DutyFormat, typer.Option("--format", help="Вид ответа.")] = DutyFormat.TEXT,
) -> None:
    """Госпошлина за приказ или иск: по шкале дня подачи, до целого рубля."""
    asked_sum = sum_asked(claim_sum)
    paid_before = sum_asked(offset) if offset is not None else Decimal(0)
    shares = [share_asked(written) for written in share or ()]
    prepare()
    with database.owner_engine().connect() as connection:
        tables = duty_tables(connection)
    told = told_duty(
        tables,
        kind,
        asked_sum,
        filed_on or clock.today(),
        paid_before=paid_before,
        shares=shares,
        form=form,
    )
    print(told)


@app.command()
def check() -> None:
    """Проверить справочники: что устарело, в чём закон не ясен."""
    from operational_db.reference.check import check_reference

    prepare()
    today = clock.today()
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


@plan_app.command("seal")
def seal_events() -> None:
    """Опечатать события, записанные после прошлой печати."""
    from operational_db.services.event_seal import seal

    prepare()
    with database.owner_engine().begin() as connection:
        sealed = seal(connection)
    if sealed is None:
        console.print("Новых событий нет, печать не нужна.")
    else:
        console.print(
            f"Печать № {sealed.event_seal_id}: событий {sealed.events}, отпечаток {sealed.digest}."
        )


@plan_app.command("verify")
def verify_events() -> None:
    """Проверить, что опечатанные события не изменились."""
    from operational_db.services.event_seal import verify

    prepare()
    with database.owner_engine().begin() as connection:
        state = verify(connection)
    if not state.is_whole:
        errors.print(
            f"Цепочка нарушена: печать № {state.broken_seal} от {state.broken_at:%d.%m.%Y %H:%M} "
            f"не сходится с событиями. До неё целы события: {state.events}."
        )
        raise typer.Exit(1)
    console.print(f"Цепочка цела: печатей {state.seals}, событий {state.events}.")


@organisation_app.command("add")
def add_organisation(
    code: Annotated[str, typer.Argument(help="Короткий код для команд и папок, латиницей.")],
    name: Annotated[str, typer.Option(help="Полное наименование.")],
    short_name: Annotated[str | None, typer.Option(help="Краткое наименование.")] = None,
    kind: Annotated[
        OrganisationKind, typer.Option(help="Чем занимается.")
    ] = OrganisationKind.MANAGEMENT_COMPANY,
    inn: Annotated[str | None, typer.Option(help="ИНН.")] = None,
    municipality: Annotated[
        str | None, typer.Option(metavar="КОД", help="Код муниципалитета, который видит её счета.")
    ] = None,
) -> None:
    """Завести организацию."""
    prepare()
    with database.owner_engine().begin() as connection:
        create_organisation(
            connection,
            code=code,
            name=name,
            short_name=short_name or name,
            kind=kind,
            inn=inn,
            municipality_code=municipality,
        )
    console.print(f"Организация «{code}» заведена.", markup=False)


@organisation_app.command("bank-account")
def add_bank_account(
    code: Annotated[str, typer.Argument(help="Код организации.")],
    number: Annotated[str, typer.Argument(help="Расчётный счёт, 20 цифр.")],
    bic: Annotated[str, typer.Option(help="БИК банка, 9 цифр.")],
    bank: Annotated[str, typer.Option(help="Название банка.")],
    valid_from: Annotated[
        date | None, typer.Option("--from", parser=day, metavar="ДАТА", help="С какого дня.")
    ] = None,
) -> None:
    """Записать расчётный счёт: по нему в выписке видно, где приход."""
    prepare()
    with database.owner_engine().begin() as connection:
        create_bank_account(
            connection, code=code, number=number, bic=bic, bank=bank, valid_from=valid_from
        )
    console.print(f"Счёт {number} записан за организацией «{code}».", markup=False)


@organisation_app.command("registries")
def hand_over_registries(
    code: Annotated[str, typer.Argument(help="Код организации, чьи администраторы их ведут.")],
) -> None:
    """Назначить, кто ведёт общие справочники: суды, их реквизиты и территории."""
    prepare()
    with database.owner_engine().begin() as connection:
        let_keep_registries(connection, code)
    console.print(
        f"Справочники судов ведут администраторы организации «{code}», и больше никто.",
        markup=False,
    )


@organisation_app.command("due-day")
def set_due_day(
    code: Annotated[str, typer.Argument(help="Код организации.")],
    due_day: Annotated[
        str,
        typer.Option(
            "--day", metavar="ДЕНЬ", help="День следующего месяца, 1–31; law – снова по закону."
        ),
    ],
    period_from: Annotated[
        date, typer.Option("--from", parser=month, metavar="МЕСЯЦ", help="С какого месяца.")
    ],
    basis: Annotated[str, typer.Option(help="Договор управления, протокол собрания, закон.")],
    period_to: Annotated[
        date | None, typer.Option("--to", parser=month, metavar="МЕСЯЦ", help="По какой месяц.")
    ] = None,
    liability: Annotated[
        str, typer.Option(help="housing – жильё и услуги, capital_repair – капитальный ремонт.")
    ] = "housing",
    house_of: Annotated[
        str | None,
        typer.Option(metavar="НОМЕР", help="Только для дома, в котором этот лицевой счёт."),
    ] = None,
) -> None:
    """Записать срок оплаты по договору, если он не такой, как в законе."""
    from operational_db.services.own_due_days import OwnDueDayTerm, record_own_due_day

    if due_day != "law" and not (
        due_day.isascii() and due_day.isdigit() and 1 <= int(due_day) <= 31
    ):
        raise typer.BadParameter(
            f"«{due_day}» – нужен день от 1 до 31 или law.", param_hint="--day"
        )
    if liability not in {"housing", "capital_repair"}:
        raise typer.BadParameter(
            f"«{liability}» – нужно housing или capital_repair.", param_hint="--liability"
        )
    prepare()
    term = OwnDueDayTerm(
        day=None if due_day == "law" else int(due_day),
        period_from=period_from,
        period_to=period_to,
        basis=basis,
        liability=liability,
        house_of=house_of,
    )
    with database.owner_engine().begin() as connection:
        accounts = record_own_due_day(connection, code, term)
    console.print(
        f"Срок оплаты записан; лицевых счетов, которых он касается: {accounts}. "
        "Витрины изменит dolgomer build.",
        markup=False,
    )


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
        try:
            return file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            reason = in_russian(problem) if isinstance(problem, OSError) else "это не текст"
            raise UserRefusedError(f"Файл с паролем «{file}» не прочитан: {reason}.") from problem
    return typer.prompt("Пароль", hide_input=True, confirmation_prompt="Ещё раз")


COUNTS = text("""
    select
        (select count(*) from ops.organisation) as organisations,
        (select count(*) from ops.house) as houses,
        (select count(*) from ops.account) as accounts,
        (select count(*) from ops.import_file) as files
""")
HAS_VIEWS = text("select to_regclass('screens.case_penalty_lines') is not null")
HAS_BUILDS = text("select to_regclass('warehouse.build') is not null")
LAST_BUILT = text("""
    select max(finished_at) at time zone 'Europe/Moscow' from warehouse.build
""")

if __name__ == "__main__":
    main()
