"""Charges, recalculations and adjustments of a file, added to the ledger."""

from operational_db.imports.ledger import read_charges
from operational_db.imports.problems import Notice
from operational_db.imports.values import rubles
from operational_db.services.import_ledger import LedgerTable, stage_ledger
from operational_db.services.import_services import split_by_service
from operational_db.services.import_staging import ImportRequest, Staged

# The due date is no part of the comparison: a billing may begin to print it later. A correction
# without a date of its own is known by the last day of its month, wherever it was booked.
CHARGES = LedgerTable(
    fact="charge",
    fact_id="charge_id",
    row_columns="""
        period date, service_id integer, kind text, amount numeric(14, 2), booked_on date,
        due_date date, is_dated boolean
    """,
    columns=("period", "service_id", "kind", "amount", "booked_on", "due_date", "is_dated"),
    keys=("period", "service_id", "kind", "amount", "booked_on"),
    fact_expressions=(("booked_on", "coalesce(f.moved_from, f.booked_on)"),),
    range="period",
    first_day="period",
    # An undated correction of a closed month goes to the first day that is open.
    replaced_columns=(
        (
            "booked_on",
            "case when c.kind <> 'charge' and not c.is_dated and c.booked_on <= :closed_until "
            "then :day_of_moved else c.booked_on end",
        ),
    ),
    moved_from=(
        "case when c.kind <> 'charge' and not c.is_dated and c.booked_on <= :closed_until "
        "then c.booked_on end"
    ),
    is_closed="c.booked_on <= :closed_until and (c.kind = 'charge' or c.is_dated)",
    closed_day="booked_on",
    closed_field="case when is_dated then 'recorded_on' else 'period' end",
)
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
        account_id, period, service_id, kind, amount, booked_on, moved_from, due_date,
        import_id, import_line, user_id
    )
    select
        account_id, period, service_id, kind, amount, booked_on, moved_from, due_date,
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
    columns = (
        (
            row.line,
            row.account,
            row.period,
            service_id,
            row.kind.value,
            row.amount,
            row.booked_on,
            row.due_date,
            row.is_dated,
        )
        for row, service_id in rows
    )
    staged = stage_ledger(request, CHARGES, parsed, columns, ADD)
    staged.refusals += unknown_services
    staged.notices += [
        Notice(
            line,
            f"начисление за {period:%m.%Y} по этой услуге уже есть, но на другую сумму "
            f"({rubles(other_amount)}); принято. Если это исправление, нужен перерасчёт на разницу",
        )
        for line, period, other_amount in request.execute(SIMILAR)
    ]
    return staged
