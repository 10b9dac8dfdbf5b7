"""Penalty of a case that is no account: typed or pasted, reckoned by the SQL of accounts.

The ledger goes to the views in a setting of the transaction, so nothing of it is stored. Numbers of
charges and payments in the answer are the lines of the typed table.
"""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from operational_db.database import type_case
from operational_db.imports.case import CaseKind, CaseLine
from operational_db.services.penalty import NOTHING, Penalty, Row

DEBTOR_KINDS = {
    "citizen": "гражданин",
    "hoa": "ТСЖ или ЖСК перед поставщиком",
    "management_company": "управляющая организация перед поставщиком",
    "other_organisation": "другая организация или нежилое помещение",
}

_LINES = """
    select
        l.*,
        sum(l.penalty_amount) over (partition by l.liability, l.period, l.due_date)
            as month_penalty
    from screens.case_penalty_lines{mode} as l
    order by l.due_date, l.period, l.liability, l.is_closed desc, l.closed_by_date, l.interval_no,
        l.date_from
"""
LINES = text(_LINES.format(mode=""))
STEPPED_LINES = text(_LINES.format(mode="_stepped"))
MONTHS = text("""
    with parts as (
        select
            coalesce(liability, 'housing') as liability, period, due_date,
            interval_amount as debt, 0::numeric as penalty, 0::numeric as stepped
        from screens.case_intervals
        where interval_kind <> 'advance' and due_date < ops.as_of()
            and opened_date <= ops.as_of()
            and (closed_date is null or closed_date > ops.as_of())
        union all
        select liability, period, due_date, 0, penalty_amount, 0
        from screens.case_penalty_lines
        union all
        select liability, period, due_date, 0, 0, penalty_amount
        from screens.case_penalty_lines_stepped
    )

    select
        liability,
        period,
        due_date,
        grouping(period) = 1 as is_total,
        sum(debt) as debt,
        sum(penalty) as penalty,
        sum(stepped) as stepped_penalty,
        sum(stepped) - sum(penalty) as difference,
        sum(debt) + sum(penalty) as debt_and_penalty
    from parts
    group by grouping sets ((), (liability, period, due_date))
    having count(*) > 0
    order by due_date nulls last, period, liability
""")


def state_case(
    connection: Connection, lines: Sequence[CaseLine], *, debtor_kind: str = "citizen"
) -> None:
    """Let the connection answer for this case until its transaction ends."""
    type_case(connection, json.dumps(_case(lines, debtor_kind), default=_written))


def penalty_of_case(
    connection: Connection, lines: Sequence[CaseLine], *, debtor_kind: str = "citizen"
) -> Penalty:
    """Penalty of a case on the day of the connection; numbers are lines of the table."""
    state_case(connection, lines, debtor_kind=debtor_kind)
    payments = {line.line: line for line in lines if line.kind is CaseKind.PAYMENT}
    charges: dict[tuple[str, date | None], list[int]] = {}
    for line in lines:
        if line.kind not in {CaseKind.PAYMENT, CaseKind.WRITE_OFF}:
            charges.setdefault((line.liability, line.period), []).append(line.line)
    found: list[Row] = []
    for row in case_lines(connection):
        payment = payments.get(row["closed_by_id"]) if row["closed_by_kind"] == "payment" else None
        found.append(
            {
                **row,
                "charge_ids": charges.get((row["liability"], row["period"]), []),
                "payment_amount": payment.amount if payment else None,
                "payment_document": None,
                "payment_channel": None,
            }
        )
    months = list(connection.execute(MONTHS).mappings())
    total = next((month for month in months if month["is_total"]), NOTHING)
    return Penalty(found, [month for month in months if not month["is_total"]], total)


def case_lines(connection: Connection, *, is_stepped: bool = False) -> list[Row]:
    """Lines of the case that the connection states, by the law or with the rate of each day."""
    query = STEPPED_LINES if is_stepped else LINES
    return list(connection.execute(query).mappings())


def _case(lines: Sequence[CaseLine], debtor_kind: str) -> dict[str, Any]:
    if debtor_kind not in DEBTOR_KINDS:
        raise ValueError(f"Неизвестный вид должника «{debtor_kind}».")
    charges, payments, write_offs = [], [], []
    for line in lines:
        if line.kind is CaseKind.PAYMENT:
            payments.append(
                {
                    "number": line.line,
                    "paid_on": line.happened_on,
                    "amount": line.amount,
                    "named_period": line.period,
                }
            )
        elif line.kind is CaseKind.WRITE_OFF:
            write_offs.append(
                {
                    "number": line.line,
                    "written_off_on": line.happened_on,
                    "amount": line.amount,
                    "named_period": line.period,
                }
            )
        else:
            charges.append(
                {
                    "number": line.line,
                    "period": line.period,
                    "liability": line.liability,
                    "kind": line.kind.value,
                    "amount": line.amount,
                    "booked_on": line.booked_on,
                    "due_date": line.due_date,
                }
            )
    bills = {line.period: line.delivered_on for line in lines if line.delivered_on}
    return {
        "debtor_kind": debtor_kind,
        "charges": charges,
        "payments": payments,
        "write_offs": write_offs,
        "bills": [{"period": period, "delivered_on": day} for period, day in bills.items()],
    }


def _written(value: object) -> str:
    # Sums as text: JSON has binary fractions only, and the view reads numeric(14, 2) from either.
    if isinstance(value, Decimal | date):
        return str(value)
    raise TypeError(f"{type(value)} is no part of a case")
