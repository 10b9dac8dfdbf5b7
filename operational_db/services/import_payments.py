"""Payments of a file, added to the ledger."""

from operational_db.imports.channels import read_channel
from operational_db.imports.ledger import PaymentRow, read_payments
from operational_db.imports.problems import Notice, ParsedTable
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
    staged_table,
)

ROW_COLUMNS = """
    line integer, account_number text, paid_on date, amount numeric(14, 2), named_period date,
    channel text, document text
"""
OUTCOME_COLUMNS = f"{ROW_COLUMNS}, first_day date, account_id bigint, outcome text"
# See import_charges: a row is known when the ledger holds as many equal ones as the file showed.
COMPARE = """
    insert into pg_temp.import_outcome
    with located as (
        select
            r.line, r.account_number, r.paid_on, r.amount, r.named_period, r.channel, r.document,
            a.account_id,
            row_number() over (
                partition by
                    r.account_number, r.paid_on, r.amount, r.named_period, r.channel, r.document
                order by r.line
            ) as ordinal
        from pg_temp.import_row as r
        left join ops.account as a
            on a.organisation_id = :organisation_id and a.account_number = r.account_number
    ),
    known as (
        select account_id, paid_on, amount, named_period, channel, document, count(*) as times
        from ops.payment
        where account_id in (select l.account_id from located as l)
            and paid_on between (select min(r.paid_on) from pg_temp.import_row as r)
            and (select max(r.paid_on) from pg_temp.import_row as r)
        group by account_id, paid_on, amount, named_period, channel, document
    )
    select
        l.line, l.account_number, l.paid_on, l.amount, l.named_period, l.channel, l.document,
        l.paid_on as first_day, l.account_id,
        case
            when l.account_id is null and not :create_accounts then 'refused'
            when l.ordinal <= coalesce(k.times, 0) then 'known'
            else 'accepted'
        end as outcome
    from located as l
    left join known as k
        on l.account_id = k.account_id and l.paid_on = k.paid_on and l.amount = k.amount
        and l.named_period is not distinct from k.named_period and l.channel = k.channel
        and l.document is not distinct from k.document
"""
SIMILAR = """
    select distinct o.line, o.paid_on, o.amount
    from pg_temp.import_outcome as o
    inner join ops.payment as p
        on o.account_id = p.account_id and o.paid_on = p.paid_on and o.amount = p.amount
    where o.outcome = 'accepted'
    order by o.line
"""
ADD = """
    insert into ops.payment (
        account_id, paid_on, amount, channel, document, named_period,
        import_id, import_line, user_id
    )
    select
        account_id, paid_on, amount, channel, document, named_period,
        :import_id, line, cast(:user_id as integer)
    from pg_temp.import_outcome
    where outcome = 'accepted'
    order by account_id, line
"""


def stage_payments(request: ImportRequest) -> Staged:
    """Read a payments file and compare it with the ledger.

    A payment of the same account, day and sum that differs in document, channel or named month is
    accepted with a notice: the same money may have come by a bank statement.
    """
    parsed = read_payments(request.content, today=request.today)
    fill_temporary_table(
        request.connection, "import_row", ROW_COLUMNS, (_columns(row) for row in parsed.rows)
    )
    fill_temporary_table(request.connection, "import_outcome", OUTCOME_COLUMNS, ())
    request.execute(
        COMPARE,
        organisation_id=request.organisation_id,
        create_accounts=request.create_accounts,
    )

    def write(import_id: int) -> None:
        are_created = create_new_accounts(request, import_id)
        request.execute(ADD, import_id=import_id, user_id=request.user_id)
        if are_created:
            post_waiting_receipts(request)

    staged = staged_table(parsed, write)
    staged.refusals += refusals_of_unknown_accounts(request, parsed)
    staged.notices += _strange_channels(parsed)
    staged.notices += [
        Notice(
            line,
            f"платёж {amount} от {paid_on:%d.%m.%Y} на этот счёт уже есть с другими реквизитами; "
            "принят. Проверьте, не пришли ли те же деньги второй раз (например, выпиской)",
        )
        for line, paid_on, amount in request.execute(SIMILAR)
    ]
    counts = request.execute(COUNTS).one()
    staged.accepted, staged.known = counts.accepted, counts.known
    staged.figures = {
        "сумма принятых строк, руб.": counts.amount,
        "новых лицевых счетов": counts.new_accounts,
    }
    return staged


def _columns(row: PaymentRow) -> tuple[object, ...]:
    channel = read_channel(row.channel) or "other"
    return (row.line, row.account, row.paid_on, row.amount, row.period, channel, row.document)


def _strange_channels(parsed: ParsedTable[PaymentRow]) -> list[Notice]:
    words = sorted(
        {row.channel for row in parsed.rows if read_channel(row.channel) is None} - {None}
    )
    if not words:
        return []
    named = ", ".join(f"«{word}»" for word in words[:10])
    return [Notice(None, f"каналы оплаты не распознаны и записаны как «прочее»: {named}")]
