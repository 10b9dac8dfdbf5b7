"""Loading files: one transaction a file, nothing twice, a reason for every refusal.

``import_file`` is the only door. Each kind of file has a module beside this one that reads it and
compares it with what is known; here the file is recorded and its accepted rows are written.
"""

import hashlib
from collections.abc import Callable, Collection
from datetime import date

from sqlalchemy import Connection, Row, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from operational_db import clock, settings
from operational_db.imports.problems import FileRefusedError, KnownRow, Notice
from operational_db.locks import LockSpace
from operational_db.services.import_bills import stage_bills
from operational_db.services.import_charges import stage_charges
from operational_db.services.import_court_answers import stage_court_answers
from operational_db.services.import_court_details import stage_court_details
from operational_db.services.import_court_territories import stage_territories
from operational_db.services.import_courts import stage_courts
from operational_db.services.import_egrn import stage_egrn
from operational_db.services.import_events import stage_events
from operational_db.services.import_houses import stage_houses
from operational_db.services.import_payment_requests import stage_payment_requests
from operational_db.services.import_payments import stage_payments
from operational_db.services.import_report import ImportReport, Outcome
from operational_db.services.import_staging import ImportRequest, Staged, fill_temporary_table
from operational_db.services.import_statement import stage_statement
from operational_db.services.month_closing import ClosedMeanwhileError, keep_months_from_closing

STAGES: dict[str, Callable[[ImportRequest], Staged]] = {
    "charges": stage_charges,
    "payments": stage_payments,
    "bills": stage_bills,
    "events": stage_events,
    "houses": stage_houses,
    "courts": stage_courts,
    "court-answers": stage_court_answers,
    "court-details": stage_court_details,
    "court-territories": stage_territories,
    "egrn": stage_egrn,
    "bank-statement": stage_statement,
    "payment-requests": stage_payment_requests,
}
# Houses and courts are nobody's own: every organisation works with the same registry.
COMMON_REGISTRIES = frozenset({"houses", "courts", "court-details", "court-territories"})

# Two files of one organisation at once would both find their rows unknown.
LOCK = text("select pg_advisory_xact_lock(:space, :organisation)")
EARLIER = text(
    """
    select import_id, rows_refused, rows_accepted, rows_known, recorded_at
    from ops.import_file
    where kind = :kind and sha256 = :sha256
        and organisation_id is not distinct from cast(:organisation_id as integer)
    """
)
RECORD = text(
    """
    insert into ops.import_file (
        organisation_id, kind, file_name, sha256, size_bytes,
        rows_accepted, rows_known, rows_refused, report, user_id
    )
    values (
        :organisation_id, :kind, :file_name, :sha256, :size_bytes,
        :rows_accepted, :rows_known, :rows_refused, :report, :user_id
    )
    returning import_id
    """
).bindparams(bindparam("report", type_=JSONB))

REMARK_COLUMNS = """
    import_id integer, line_number integer, position integer, outcome text, field text,
    reason text, raw text
"""
ADD_REMARKS = text(
    """
    insert into ops.import_line (
        import_id, line_number, position, outcome, field, reason, raw
    )
    select import_id, line_number, position, outcome, field, reason, raw
    from pg_temp.import_remark
    """
)
STILL_KNOWN = text(
    """
    select l.line_number, l.reason, l.raw from ops.import_line as l
    where l.import_id = :import_id and l.outcome = 'known'
        and not exists (
            select from ops.import_line_taken as t
            where t.import_id = l.import_id and t.line_number = l.line_number
        )
    order by l.line_number
    """
)
TAKEN_COLUMNS = "line_number integer, outcome text"
ADD_TAKEN = text(
    """
    insert into ops.import_line_taken (import_id, line_number, outcome, user_id)
    select :import_id, line_number, outcome, cast(:user_id as integer)
    from pg_temp.import_taken
    """
)


def import_file(
    connection: Connection,
    *,
    kind: str,
    file_name: str,
    content: bytes,
    organisation_id: int | None = None,
    user_id: int | None = None,
    create_accounts: bool = False,
    dry_run: bool = False,
    repeated_lines: Collection[int] = (),
    today: date | None = None,
) -> ImportReport:
    """Load one file; the caller owns the transaction, so a failure leaves nothing half-done.

    The same bytes a second time change nothing, unless rows refused then can be taken now (an
    account was created since) or lines of it are named now in ``repeated_lines``: those are added
    to the same import. ``repeated_lines`` are rows of charges or payments that equal rows of other
    files and are facts of their own nevertheless. ``dry_run`` tells what would happen and writes
    nothing. Raises ``FileRefusedError`` (Russian, names the file) when the file
    as a whole cannot be taken, ``ValueError`` for an unknown kind or a missing organisation.
    """
    refuse_too_large(file_name, len(content))
    if kind not in STAGES:
        raise ValueError(f"Вид файла «{kind}» не известен. Есть виды: {', '.join(STAGES)}.")
    if kind in COMMON_REGISTRIES:
        organisation_id = None
    elif organisation_id is None:
        raise ValueError(f"Для файла вида «{kind}» нужна организация, чьи это счета.")
    # This also begins the transaction of SQLAlchemy, which COPY below must be a part of.
    connection.execute(LOCK, {"space": LockSpace.IMPORT, "organisation": organisation_id or 0})
    if organisation_id is not None and not dry_run:
        _keep_months_from_closing(connection, organisation_id, file_name)
    file = {
        "kind": kind,
        "organisation_id": organisation_id,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    earlier = connection.execute(EARLIER, file).one_or_none()
    if earlier and not earlier.rows_refused and not repeated_lines:
        return _already_loaded(connection, kind, file_name, earlier)

    request = ImportRequest(
        connection=connection,
        content=content,
        today=today or clock.today(),
        organisation_id=organisation_id,
        user_id=user_id,
        create_accounts=create_accounts,
        repeated_lines=tuple(repeated_lines),
        own_import_id=earlier.import_id if earlier else None,
    )
    savepoint = connection.begin_nested()
    try:
        staged = STAGES[kind](request)
        _forget_notices_of_refused_lines(staged)
        _sort(staged)
        import_id = None
        if not dry_run:
            import_id = earlier.import_id if earlier else None
            if import_id is None:
                details = {"file_name": file_name, "size_bytes": len(content), "user_id": user_id}
                import_id = _record(connection, file | details, staged)
                _record_lines(connection, import_id, staged)
            else:
                _record_lines_taken(connection, import_id, user_id, staged)
            staged.write(import_id)
    except FileRefusedError as error:
        savepoint.rollback()
        why = str(error)
        refusal = FileRefusedError(f"Файл «{file_name}» не загружен. {why[0].upper()}{why[1:]}")
        refusal.line = error.line
        raise refusal from error
    except BaseException:
        savepoint.rollback()
        raise
    if dry_run:
        savepoint.rollback()
    else:
        savepoint.commit()
    return _report(kind, file_name, staged, import_id, earlier)


def refuse_too_large(file_name: str, size: int) -> None:
    """Raise ``FileRefusedError`` for a file of ``size`` bytes that would not fit into memory.

    Whoever reads from a disk asks before reading: a file is held whole and takes some eight times
    its size while it is compared.
    """
    largest = settings.largest_file()
    if size > largest:
        raise FileRefusedError(
            f"Файл «{file_name}» не загружен. В нём {_megabytes(size)}, а принимаются файлы до "
            f"{_megabytes(largest)}. Разделите выгрузку по месяцам или домам. Предел меняет "
            "администратор: переменная DOLGOMER_LARGEST_FILE_MB."
        )


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.1f} МБ".replace(",", "\u202f").replace(".", ",")


def _keep_months_from_closing(connection: Connection, organisation_id: int, file_name: str) -> None:
    try:
        keep_months_from_closing(connection, organisation_id)
    except ClosedMeanwhileError as problem:
        raise FileRefusedError(
            f"Файл «{file_name}» не загружен. {problem} Загрузите файл ещё раз."
        ) from problem


def _forget_notices_of_refused_lines(staged: Staged) -> None:
    """What was not taken was not «accepted as a recalculation» either."""
    refused = {refusal.line for refusal in staged.refusals}
    staged.notices = [notice for notice in staged.notices if notice.line not in refused]


def _sort(staged: Staged) -> None:
    staged.refusals.sort(key=lambda refusal: refusal.line)
    staged.notices.sort(key=lambda notice: notice.line or 0)
    staged.known_rows.sort(key=lambda row: row.line)


def _record(connection: Connection, file: dict[str, object], staged: Staged) -> int:
    report = {
        "figures": {name: str(figure) for name, figure in staged.figures.items()},
        "notices": [notice.text for notice in staged.notices if notice.line is None],
    }
    counts = {
        "rows_accepted": staged.accepted,
        "rows_known": staged.known,
        "rows_refused": len(staged.refusals),
    }
    return connection.execute(RECORD, file | counts | {"report": report}).scalar_one()


def _record_lines(connection: Connection, import_id: int, staged: Staged) -> None:
    positions: dict[int, int] = {}

    def position(line: int) -> int:
        positions[line] = positions.get(line, 0) + 1
        return positions[line]

    refused = (
        (import_id, it.line, position(it.line), "refused", it.field or None, it.reason, it.raw)
        for it in staged.refusals
    )
    noted = (
        (import_id, it.line, position(it.line), "warning", None, it.text, staged.raw_of(it.line))
        for it in staged.notices
        if it.line is not None
    )
    known = (
        (import_id, it.line, position(it.line), "known", None, it.text, it.raw)
        for it in staged.known_rows
    )
    fill_temporary_table(connection, "import_remark", REMARK_COLUMNS, (*refused, *noted, *known))
    connection.execute(ADD_REMARKS)


def _record_lines_taken(
    connection: Connection, import_id: int, user_id: int | None, staged: Staged
) -> None:
    fill_temporary_table(connection, "import_taken", TAKEN_COLUMNS, staged.accepted_lines())
    connection.execute(ADD_TAKEN, {"import_id": import_id, "user_id": user_id})


def _report(
    kind: str, file_name: str, staged: Staged, import_id: int | None, earlier: Row | None
) -> ImportReport:
    outcome = Outcome.LOADED
    if import_id is None:
        outcome = Outcome.TRIED
    elif earlier:
        outcome = Outcome.COMPLETED if staged.accepted else Outcome.ALREADY_LOADED
    return ImportReport(
        kind=kind,
        file_name=file_name,
        outcome=outcome,
        import_id=import_id,
        rows_accepted=staged.accepted,
        rows_known=staged.known,
        rows_refused=len(staged.refusals),
        refusals=tuple(staged.refusals),
        notices=tuple(staged.notices),
        known_rows=tuple(staged.known_rows),
        figures=dict(staged.figures),
        header=staged.header,
        delimiter=staged.delimiter,
        loaded_at=earlier.recorded_at if earlier else None,
    )


def _already_loaded(
    connection: Connection, kind: str, file_name: str, earlier: Row
) -> ImportReport:
    known = connection.execute(STILL_KNOWN, {"import_id": earlier.import_id})
    return ImportReport(
        kind=kind,
        file_name=file_name,
        outcome=Outcome.ALREADY_LOADED,
        import_id=earlier.import_id,
        rows_accepted=0,
        rows_known=earlier.rows_accepted + earlier.rows_known,
        rows_refused=0,
        notices=(Notice(None, "тот же файл, байт в байт: повторная загрузка не нужна"),),
        loaded_at=earlier.recorded_at,
        known_rows=tuple(KnownRow(row.line_number, row.reason, row.raw) for row in known),
    )
