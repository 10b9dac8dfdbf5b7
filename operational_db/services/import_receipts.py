"""Receipts of bank statements posted to the accounts that their purposes name.

A receipt whose account is not known waits in the queue «невыясненные». Whenever operations or
accounts are added, the queue is read again, so the order in which files come makes no difference.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from operational_db.imports.purpose import read_purpose
from operational_db.imports.values import DAYS_AHEAD_ALLOWED, FIRST_CREDIBLE_DATE, LARGEST_AMOUNT
from operational_db.services.import_staging import ImportRequest, fill_temporary_table

PURPOSE_COLUMNS = "reference bigint, account_number text, named_period date"
# The number as written wins; people drop leading zeros, so without it one account may differ by
# them. Two such accounts leave the choice to a clerk.
CHOSEN = """
    with candidates as (
        select
            m.reference, m.named_period, a.account_id,
            a.account_number = m.account_number as is_exact
        from pg_temp.import_purpose as m
        inner join ops.account as a
            on a.organisation_id = :organisation_id
            and ltrim(a.account_number, '0') = ltrim(m.account_number, '0')
    ),
    chosen as (
        select
            reference, named_period, bool_or(is_exact) as is_exact,
            coalesce(
                min(account_id) filter (where is_exact),
                case when count(*) = 1 then min(account_id) end
            ) as account_id
        from candidates
        group by reference, named_period
    )
"""
MATCHES = f"{CHOSEN} select reference, is_exact from chosen where account_id is not null"  # noqa: S608 - a constant of this module
# A receipt that somebody decided on is theirs, even when postponed. One that is too large for a
# payment of a home is not posted, whatever its purpose names.
WAITING = """
    select b.bank_operation_id, b.purpose, b.operation_date
    from ops.bank_operation as b
    where b.organisation_id = :organisation_id and b.direction = 'in'
        and b.amount <= :largest
        and not exists (
            select 1 from ops.payment as p where p.bank_operation_id = b.bank_operation_id
        )
        and not exists (
            select 1 from ops.bank_operation_decision as d
            where d.bank_operation_id = b.bank_operation_id
        )
"""
POST = f"""
    {CHOSEN}
    insert into ops.payment (
        account_id, paid_on, amount, channel, document, named_period, bank_operation_id,
        import_id, import_line, user_id
    )
    select
        c.account_id, b.operation_date, b.amount, 'bank', nullif(b.document_number, ''),
        c.named_period, b.bank_operation_id, b.import_id, b.import_line,
        cast(:user_id as integer)
    from chosen as c
    inner join ops.bank_operation as b on c.reference = b.bank_operation_id
    where c.account_id is not null
    order by c.account_id, b.bank_operation_id
"""  # noqa: S608 - a constant of this module


def find_accounts(
    request: ImportRequest, receipts: Iterable[tuple[int, str, date]]
) -> dict[int, bool]:
    """Which receipts (reference, purpose, day) name an account of ours; true: to the letter."""
    _stage_purposes(request, receipts)
    found = request.execute(MATCHES, organisation_id=request.organisation_id)
    return {row.reference: row.is_exact for row in found}


def post_waiting_receipts(request: ImportRequest) -> int:
    """Post every waiting receipt whose account is known by now; return how many there were."""
    waiting = request.execute(
        WAITING, organisation_id=request.organisation_id, largest=LARGEST_AMOUNT
    ).all()
    if not waiting:
        return 0
    _stage_purposes(request, ((row[0], row[1] or "", row[2]) for row in waiting))
    posted = request.execute(POST, organisation_id=request.organisation_id, user_id=request.user_id)
    return posted.rowcount


def _stage_purposes(request: ImportRequest, receipts: Iterable[tuple[int, str, date]]) -> None:
    rows = []
    for reference, purpose, day in receipts:
        reading = read_purpose(purpose)
        # Two accounts in one purpose: how much is for which, only a clerk can find out.
        if len(reading.accounts) == 1:
            rows.append((reference, reading.accounts[0], _credible_month(reading.period, day)))
    fill_temporary_table(request.connection, "import_purpose", PURPOSE_COLUMNS, rows)


def _credible_month(period: date | None, paid_on: date) -> date | None:
    if period and FIRST_CREDIBLE_DATE <= period <= paid_on + timedelta(days=DAYS_AHEAD_ALLOWED):
        return period
    return None
