"""Deliveries of bills of a file, added to what is known of the months."""

from operational_db.imports.bills import BillRow, read_bills
from operational_db.imports.problems import KnownRow, ParsedTable, Refusal
from operational_db.services.import_accounts import refusals_of_unknown_accounts
from operational_db.services.import_staging import (
    ImportRequest,
    Staged,
    fill_temporary_table,
    staged_table,
)

ROW_COLUMNS = """
    line integer, account_number text, period date, delivered_on date, channel text
"""
OUTCOME_COLUMNS = f"{ROW_COLUMNS}, account_id bigint, outcome text"
# Known is what repeats the last that is known of the month: a correction back is news again.
COMPARE = """
    insert into pg_temp.import_outcome
    select
        r.line, r.account_number, r.period, r.delivered_on, r.channel, a.account_id,
        case
            when a.account_id is null then 'refused'
            when last.account_id is not null
                and last.delivered_on is not distinct from r.delivered_on
                and last.channel = r.channel then 'known'
            else 'accepted'
        end as outcome
    from pg_temp.import_row as r
    left join ops.account as a
        on a.organisation_id = :organisation_id and a.account_number = r.account_number
    left join lateral (
        select b.account_id, b.delivered_on, b.channel
        from ops.bill_delivery as b
        where b.account_id = a.account_id and b.period = r.period
        order by b.bill_delivery_id desc
        limit 1
    ) as last on true
"""
ADD = """
    insert into ops.bill_delivery (
        account_id, period, delivered_on, channel, import_id, import_line, user_id
    )
    select
        account_id, period, delivered_on, channel, :import_id, line, cast(:user_id as integer)
    from pg_temp.import_outcome
    where outcome = 'accepted'
    order by account_id, line
"""
OUTCOMES = """
    select line, outcome, delivered_on is null as is_not_delivered
    from pg_temp.import_outcome
    where outcome <> 'refused'
    order by line
"""


def stage_bills(request: ImportRequest) -> Staged:
    """Read a file of deliveries and compare it with what is known of the months."""
    parsed = read_bills(request.content, today=request.today)
    rows, same, repeated = _once_each(parsed)
    fill_temporary_table(
        request.connection,
        "import_row",
        ROW_COLUMNS,
        ((row.line, row.account, row.period, row.delivered_on, row.channel) for row in rows),
    )
    fill_temporary_table(request.connection, "import_outcome", OUTCOME_COLUMNS, ())
    request.execute(COMPARE, organisation_id=request.organisation_id)

    def write(import_id: int) -> None:
        request.execute(ADD, import_id=import_id, user_id=request.user_id)

    staged = staged_table(parsed, write)
    staged.refusals += repeated + refusals_of_unknown_accounts(
        request, parsed, may_be_created=False
    )
    staged.known_rows += [
        KnownRow(line, f"та же доставка уже названа в строке {earlier}", parsed.raw(line))
        for line, earlier in same
    ]
    outcomes = request.execute(OUTCOMES).all()
    accepted = [row.line for row in outcomes if row.outcome == "accepted"]
    staged.known_rows += [
        KnownRow(row.line, "это о доставке уже известно", parsed.raw(row.line))
        for row in outcomes
        if row.outcome == "known"
    ]
    staged.accepted_lines = lambda: [(line, "refused") for line in accepted]
    staged.accepted, staged.known = len(accepted), len(staged.known_rows)
    staged.figures = {
        "счетов, которые не доставлены": sum(
            row.is_not_delivered for row in outcomes if row.outcome == "accepted"
        )
    }
    return staged


def _once_each(
    parsed: ParsedTable[BillRow],
) -> tuple[list[BillRow], list[tuple[int, int]], list[Refusal]]:
    """One row for a month of an account; another day for it in the same file is refused.

    Between them come the lines that say the same once more, with the line that said it first.
    """
    first: dict[tuple[str, object], BillRow] = {}
    same, refusals = [], []
    for row in parsed.rows:
        earlier = first.setdefault((row.account, row.period), row)
        if earlier is row:
            continue
        if (earlier.delivered_on, earlier.channel) == (row.delivered_on, row.channel):
            same.append((row.line, earlier.line))
            continue
        refusals.append(
            Refusal(
                row.line,
                parsed.header_of("delivered_on"),
                f"доставка счёта «{row.account}» за {row.period:%m.%Y} уже названа иначе в "
                f"строке {earlier.line}. Оставьте одну из строк.",
                parsed.raw(row.line),
            )
        )
    return list(first.values()), same, refusals
