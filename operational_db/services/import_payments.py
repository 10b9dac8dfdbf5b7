"""Payments of a file, added to the ledger."""

from operational_db.imports.channels import read_channel
from operational_db.imports.ledger import PaymentRow, read_payments
from operational_db.imports.problems import Notice, ParsedTable
from operational_db.imports.values import rubles
from operational_db.services.import_ledger import LedgerTable, stage_ledger
from operational_db.services.import_staging import ImportRequest, Staged

# Money that came late is taken into a closed month with a notice: the day it was paid is a fact.
PAYMENTS = LedgerTable(
    fact="payment",
    fact_id="payment_id",
    row_columns="""
        paid_on date, amount numeric(14, 2), named_period date, channel text, document text,
        commission numeric(14, 2), receipt_number text, credited_on date
    """,
    columns=(
        *("paid_on", "amount", "named_period", "channel", "document"),
        *("commission", "receipt_number", "credited_on"),
    ),
    keys=("paid_on", "amount", "named_period", "channel", "document"),
    nullable_keys=frozenset({"named_period", "document"}),
    range="paid_on",
    first_day="paid_on",
)
SIMILAR = """
    select distinct o.line, o.paid_on, o.amount
    from pg_temp.import_outcome as o
    inner join ops.payment as p
        on o.account_id = p.account_id and o.paid_on = p.paid_on and o.amount = p.amount
    where o.outcome = 'accepted' and not o.is_repeated
    order by o.line
"""
# What the register says beyond the payment goes beside it, for the register of receipts.
ADD = """
    with added as (
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
        returning account_id, payment_id, import_line
    )

    insert into ops.payment_detail (
        account_id, payment_id, credited_on, commission, receipt_number,
        import_id, import_line, user_id
    )
    select
        added.account_id, added.payment_id, o.credited_on, o.commission, o.receipt_number,
        :import_id, added.import_line, cast(:user_id as integer)
    from added
    inner join pg_temp.import_outcome as o on added.import_line = o.line
    where o.commission is not null or o.receipt_number is not null or o.credited_on is not null
"""


def stage_payments(request: ImportRequest) -> Staged:
    """Read a payments file and compare it with the ledger.

    A payment of the same account, day and sum that differs in document, channel or named month is
    accepted with a notice: the same money may have come by a bank statement.
    """
    parsed = read_payments(request.content, today=request.today)
    staged = stage_ledger(request, PAYMENTS, parsed, map(_columns, parsed.rows), ADD)
    staged.notices += _strange_channels(parsed)
    staged.notices += [
        Notice(
            line,
            f"платёж {rubles(amount)} от {paid_on:%d.%m.%Y} на этот счёт уже есть с другими "
            "реквизитами; принят. Проверьте, не пришли ли те же деньги второй раз (например, "
            "выпиской)",
        )
        for line, paid_on, amount in request.execute(SIMILAR)
    ]
    return staged


def _columns(row: PaymentRow) -> tuple[object, ...]:
    channel = read_channel(row.channel) or "other"
    return (
        *(row.line, row.account, row.paid_on, row.amount, row.period, channel, row.document),
        *(row.commission, row.receipt_number, row.credited_on),
    )


def _strange_channels(parsed: ParsedTable[PaymentRow]) -> list[Notice]:
    words = sorted(
        {row.channel for row in parsed.rows if read_channel(row.channel) is None} - {None}
    )
    if not words:
        return []
    named = ", ".join(f"«{word}»" for word in words[:10])
    return [Notice(None, f"каналы оплаты не распознаны и записаны как «прочее»: {named}")]
