"""Charges, recalculations and adjustments of a file, added to the ledger."""

from operational_db.imports.ledger import read_charges
from operational_db.imports.problems import Notice
from operational_db.services.import_accounts import (
    COUNTS,
    create_new_accounts,
    refusals_of_unknown_accounts,
)
from operational_db.services.import_receipts import post_waiting_receipts
from operational_db.services.import_services import split_by_service
from operational_db.services.import_staging import (
    ImportRequest,
    Staged,
    fill_temporary_table,
    staged_table,
)

ROW_COLUMNS = """
    line integer, account_number text, period date, service_id integer, kind text,
    amount numeric(14, 2), booked_on date, due_date date
"""
OUTCOME_COLUMNS = f"{ROW_COLUMNS}, first_day date, account_id bigint, outcome text"
# The same row in two files is one fact, twice in one file it is two: so a row is known when the
# ledger holds at least as many equal ones as the file has shown so far. The due date is no part
# of the comparison: a billing may begin to print it later.
COMPARE = """
    insert into pg_temp.import_outcome
    with located as (
        select
            r.line, r.account_number, r.period, r.service_id, r.kind, r.amount, r.booked_on,
            r.due_date, a.account_id,
            row_number() over (
                partition by
                    r.account_number, r.period, r.service_id, r.kind, r.amount, r.booked_on
                order by r.line
            ) as ordinal
        from pg_temp.import_row as r
        left join ops.account as a
            on a.organisation_id = :organisation_id and a.account_number = r.account_number
    ),
    known as (
        select account_id, period, service_id, kind, amount, booked_on, count(*) as times
        from ops.charge
        where account_id in (select l.account_id from located as l)
            and period between (select min(r.period) from pg_temp.import_row as r)
            and (select max(r.period) from pg_temp.import_row as r)
        group by account_id, period, service_id, kind, amount, booked_on
    )
    select
        l.line, l.account_number, l.period, l.service_id, l.kind, l.amount, l.booked_on,
        l.due_date, l.period as first_day, l.account_id,
        case
            when l.account_id is null and not :create_accounts then 'refused'
            when l.ordinal <= coalesce(k.times, 0) then 'known'
            else 'accepted'
        end as outcome
    from located as l
    left join known as k
        on l.account_id = k.account_id and l.period = k.period and l.service_id = k.service_id
        and l.kind = k.kind and l.amount = k.amount and l.booked_on = k.booked_on
"""
SIMILAR = """
    select o.line, o.period, min(c.amount) as other_amount
    from pg_temp.import_outcome as o
    inner join ops.charge as c
        on o.account_id = c.account_id and o.period = c.period and o.service_id = c.service_id
    where o.outcome = 'accepted' and o.kind = 'charge' and c.kind = 'charge'
        and c.amount <> o.amount
    group by o.line, o.period
    order by o.line
"""
ADD = """
    insert into ops.charge (
        account_id, period, service_id, kind, amount, booked_on, due_date,
        import_id, import_line, user_id
    )
    select
        account_id, period, service_id, kind, amount, booked_on, due_date,
        :import_id, line, cast(:user_id as integer)
    from pg_temp.import_outcome
    where outcome = 'accepted'
    order by account_id, line
"""


def stage_charges(request: ImportRequest) -> Staged:
    """Read a charges file and compare it with the ledger.

    A charge of the same account, month and service with another sum is accepted with a notice: it
    may be a second line of the bill, or a corrected export that should be a recalculation.
    """
    parsed = read_charges(request.content, today=request.today)
    rows, unknown_services = split_by_service(request, parsed)
    fill_temporary_table(
        request.connection,
        "import_row",
        ROW_COLUMNS,
        (
            (
                row.line,
                row.account,
                row.period,
                service_id,
                row.kind.value,
                row.amount,
                row.booked_on,
                row.due_date,
            )
            for row, service_id in rows
        ),
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
    staged.refusals += unknown_services + refusals_of_unknown_accounts(request, parsed)
    staged.notices += [
        Notice(
            line,
            f"начисление за {period:%m.%Y} по этой услуге уже есть, но на другую сумму "
            f"({other_amount}); принято. Если это исправление, нужен перерасчёт на разницу",
        )
        for line, period, other_amount in request.execute(SIMILAR)
    ]
    counts = request.execute(COUNTS).one()
    staged.accepted, staged.known = counts.accepted, counts.known
    staged.figures = {
        "сумма принятых строк, руб.": counts.amount,
        "новых лицевых счетов": counts.new_accounts,
    }
    return staged
