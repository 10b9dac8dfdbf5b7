"""Rows of a file compared with the ledger: which are new, which it holds already, which may not be.

Charges and payments differ in their columns only. The same row in two files is one fact, twice in
one file it is two: so a row is known when the ledger holds at least as many equal ones as the file
has shown so far. Since that is a guess about money, every row that equals one of another file is
listed with the file, line and day of its equal, and whoever loads the file may say that it is a
second one (``ImportRequest.repeated_lines``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from operational_db.imports.ledger import last_day_of_month
from operational_db.imports.problems import KnownRow, Notice, ParsedTable, Refusal
from operational_db.services.import_accounts import (
    COUNTS,
    create_new_accounts,
    refusals_of_unknown_accounts,
)
from operational_db.services.import_receipts import post_waiting_receipts
from operational_db.services.import_staging import (
    ImportRequest,
    Staged,
    fill_temporary_table,
    local_day,
    staged_table,
)
from operational_db.services.month_closing import last_closed_month, month_name

WHO_REOPENS = (
    "Снова открыть месяц могут бухгалтер и руководитель организации на экране «Закрытие месяца»"
)

COMPARE = """
    insert into pg_temp.import_outcome
    with located as (
        select
            r.*, a.account_id,
            row_number() over (
                partition by r.account_number, {row_keys} order by r.line
            ) as ordinal
        from pg_temp.import_row as r
        left join ops.account as a
            on a.organisation_id = :organisation_id and a.account_number = r.account_number
    ),
    known as (
        select
            f.account_id, {fact_keys}, f.import_id, f.import_line, f.recorded_at,
            row_number() over (
                partition by f.account_id, {fact_partition}
                -- What this very file brought stands for its own lines first.
                order by coalesce(f.import_id = :own_import, false) desc, f.{fact_id}
            ) as ordinal
        from ops.{fact} as f
        where f.account_id in (select l.account_id from located as l)
            and {range_of_fact} between (select min(r.{range}) from pg_temp.import_row as r)
            and (select max(r.{range}) from pg_temp.import_row as r)
    ),
    compared as (
        select
            l.*, k.import_id as known_import_id, k.import_line as known_line,
            k.recorded_at as known_at, k.ordinal is not null as is_known,
            case when l.line = any(:repeated) then not exists (
                select from ops.{fact} as own
                where own.account_id = l.account_id and own.import_id = :own_import
                    and own.import_line = l.line
            ) else false end as is_wanted
        from located as l
        left join known as k on l.account_id = k.account_id and l.ordinal = k.ordinal and {matches}
    )
    select
        c.line, c.account_number, {columns}, {first_day}, c.account_id,
        case
            when c.account_id is null and not :create_accounts then 'refused'
            when c.is_known and not c.is_wanted then 'known'
            when {is_closed} then 'closed'
            else 'accepted'
        end,
        c.is_known and c.is_wanted, {moved_from}, c.known_import_id, c.known_line, c.known_at
    from compared as c
"""
OUTCOME_COLUMNS = """
    first_day date, account_id bigint, outcome text, is_repeated boolean, moved_from date,
    known_import_id integer, known_line integer, known_at timestamptz
"""
KNOWN = """
    select o.line, o.known_line, o.known_at, f.file_name
    from pg_temp.import_outcome as o
    left join ops.import_file as f on o.known_import_id = f.import_id
    where o.outcome = 'known' and o.known_import_id is distinct from :own_import
    order by o.line
"""
ACCEPTED = "select line, is_repeated from pg_temp.import_outcome where outcome = 'accepted'"


@dataclass(frozen=True, slots=True)
class LedgerTable:
    """How rows of a file stand in a table of the ledger. All of it constants of our modules.

    ``keys`` are the columns by which two rows are the same, ``nullable_keys`` those of them that
    may be empty; ``fact_expressions`` say what a key is in the ledger where it is no plain column.
    ``is_closed`` tells of a compared row ``c`` whether a closed month forbids it (because of the
    day ``closed_day``, which the file writes in ``closed_field``), ``moved_from`` the
    day that it would have been booked on had its month not been closed.
    """

    fact: str
    fact_id: str
    row_columns: str
    columns: Sequence[str]
    keys: Sequence[str]
    range: str
    first_day: str
    nullable_keys: frozenset[str] = frozenset()
    fact_expressions: tuple[tuple[str, str], ...] = ()
    replaced_columns: tuple[tuple[str, str], ...] = ()
    is_closed: str = "false"
    closed_day: str = "null"
    closed_field: str = "null"
    moved_from: str = "cast(null as date)"

    def compare(self) -> str:
        """The statement that fills ``import_outcome``."""
        fact = {key: f"f.{key}" for key in self.keys} | dict(self.fact_expressions)
        shown = {name: f"c.{name}" for name in self.columns} | dict(self.replaced_columns)
        return COMPARE.format(
            fact=self.fact,
            fact_id=self.fact_id,
            row_keys=", ".join(f"r.{key}" for key in self.keys),
            fact_keys=", ".join(f"{fact[key]} as {key}" for key in self.keys),
            fact_partition=", ".join(fact[key] for key in self.keys),
            range=self.range,
            range_of_fact=fact[self.range],
            matches=" and ".join(
                f"l.{key} is not distinct from k.{key}"
                if key in self.nullable_keys
                else f"l.{key} = k.{key}"
                for key in self.keys
            ),
            columns=", ".join(shown[name] for name in self.columns),
            first_day=f"c.{self.first_day}",
            is_closed=self.is_closed,
            moved_from=self.moved_from,
        )


def stage_ledger(
    request: ImportRequest,
    table: LedgerTable,
    parsed: ParsedTable,
    rows: Iterable[Sequence[object]],
    add: str,
) -> Staged:
    """Compare ``rows`` (in the columns of ``table``) with the ledger; ``add`` inserts the new."""
    fill_temporary_table(
        request.connection,
        "import_row",
        f"line integer, account_number text, {table.row_columns}",
        rows,
    )
    fill_temporary_table(
        request.connection,
        "import_outcome",
        f"line integer, account_number text, {table.row_columns}, {OUTCOME_COLUMNS}",
        (),
    )
    closed = last_closed_month(request.connection, request.organisation_id)
    closed_until = last_day_of_month(closed) if closed else None
    first_open = closed_until + timedelta(days=1) if closed_until else request.today
    request.execute(
        table.compare(),
        organisation_id=request.organisation_id,
        create_accounts=request.create_accounts,
        own_import=request.own_import_id,
        repeated=list(request.repeated_lines),
        closed_until=closed_until,
        day_of_moved=max(first_open, request.today),
    )

    def write(import_id: int) -> None:
        are_created = create_new_accounts(request, import_id)
        request.execute(add, import_id=import_id, user_id=request.user_id)
        if are_created:
            post_waiting_receipts(request)

    staged = staged_table(parsed, write)
    staged.refusals += refusals_of_unknown_accounts(request, parsed)
    staged.refusals += _refusals_of_closed_months(request, table, parsed)
    staged.notices += _notices_of_closed_months(request, table, closed_until)
    staged.known_rows = _known_rows(request, parsed)
    accepted = dict(map(tuple, request.execute(ACCEPTED)))
    staged.accepted_lines = lambda: [
        (line, "known" if is_repeated else "refused") for line, is_repeated in accepted.items()
    ]
    staged.notices += _needless_repeats(request, {line for line in accepted if accepted[line]})
    counts = request.execute(COUNTS).one()
    staged.accepted, staged.known = counts.accepted, counts.known
    staged.figures = {
        "сумма принятых строк, руб.": counts.amount,
        "новых лицевых счетов": counts.new_accounts,
    }
    if request.repeated_lines:
        staged.figures["записано вторыми такими же"] = sum(accepted.values())
    return staged


def _known_rows(request: ImportRequest, parsed: ParsedTable) -> list[KnownRow]:
    found = request.execute(KNOWN, own_import=request.own_import_id)
    return [
        KnownRow(
            row.line,
            (
                f"такая же, как строка {row.known_line} файла «{row.file_name}», "
                f"который загружен {local_day(row.known_at):%d.%m.%Y}"
                if row.file_name
                else f"такая же, как запись, внесённая {local_day(row.known_at):%d.%m.%Y}"
            ),
            parsed.raw(row.line),
        )
        for row in found
    ]


def _refusals_of_closed_months(
    request: ImportRequest, table: LedgerTable, parsed: ParsedTable
) -> list[Refusal]:
    """A month whose sheet was handed over does not change: what would change it is refused."""
    found = request.execute(
        f"select line, {table.closed_day} as day, {table.closed_field} as field "  # noqa: S608
        "from pg_temp.import_outcome where outcome = 'closed' order by line"
    )
    return [
        Refusal(
            row.line,
            parsed.header_of(row.field),
            f"{month_name(row.day)} закрыт, и его обороты не меняются. Загрузите эту сумму "
            "перерасчётом без даты документа – он пойдёт в открытый месяц. "
            f"{WHO_REOPENS}.",
            parsed.raw(row.line),
        )
        for row in found
    ]


def _notices_of_closed_months(
    request: ImportRequest, table: LedgerTable, closed_until: date | None
) -> list[Notice]:
    if table.fact == "payment":
        late = request.execute(LATE_PAYMENTS, closed_until=closed_until)
        return [Notice(row.line, late_payment(row.paid_on)) for row in late]
    return [
        Notice(
            row.line,
            f"{month_name(row.moved_from)} закрыт, а даты документа нет: принято "
            f"{row.booked_on:%d.%m.%Y}, в открытом месяце",
        )
        for row in request.execute(MOVED)
    ]


def _needless_repeats(request: ImportRequest, taken: set[int]) -> list[Notice]:
    return [
        Notice(
            line,
            "указана как вторая такая же, но не записана как вторая: равной строки в другом файле "
            "нет, она уже записана раньше или в ней отказано",
        )
        for line in sorted(set(request.repeated_lines) - taken)
    ]


def late_payment(day: date) -> str:
    """What is told of money that came late into a closed month."""
    return (
        f"оплата от {day:%d.%m.%Y} пришла, когда {month_name(day)} уже закрыт; принята. Долг "
        "пересчитается с этого дня, протокол закрытия останется каким был"
    )


LATE_PAYMENTS = """
    select line, paid_on from pg_temp.import_outcome
    where outcome = 'accepted' and paid_on <= :closed_until
    order by line
"""
MOVED = """
    select line, moved_from, booked_on from pg_temp.import_outcome
    where outcome = 'accepted' and moved_from is not null
    order by line
"""
