"""Penalty of accounts line by line, with what each line links to, for a card, a paper or a batch.

Everything is read live, for the day and the state of knowledge of the connection. Sums are made in
SQL; a screen reads through the views that guard it, a batch through those that the owner may read.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, Date, Numeric, Text, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

Row = Mapping[str, Any]

TABLES_OF_LAW = {
    "key_rate": "Ключевая ставка",
    "moratorium": "Моратории и ограничения",
    "penalty_step": "Ступени пени",
}


@dataclass(frozen=True, slots=True)
class Penalty:
    """Penalty of one account: its lines, its months, and the total row of the months.

    ``months`` have the overdue debt of a month on the day, its penalty by the law, what a rate
    stepped by days would make of it, and the difference. ``total`` has the same of all of them, and
    ``repaid_penalty``: what of this penalty courts awarded and receipts under their acts repaid, in
    roubles. It is not taken off any of the sums.
    """

    lines: list[Row]
    months: list[Row]
    total: Row

    @property
    def unverified_lines(self) -> int:
        """How many lines rest on a rate or a limit that nobody has verified."""
        return sum(not line["is_verified"] for line in self.lines)

    @property
    def lines_without_rate(self) -> int:
        """How many lines have no sum, as no rate is known on the day that decides."""
        return sum(line["penalty_amount"] is None for line in self.lines)


_LINES = """
    select
        asked.account_id, l.*,
        p.amount as payment_amount, p.document as payment_document, p.channel as payment_channel,
        sum(l.penalty_amount) over (
            partition by asked.account_id, l.liability, l.period, l.due_date
        ) as month_penalty
    from unnest(:account_ids) as asked (account_id)
    -- One account at a time (offset 0): the conditions must reach its own facts.
    cross join lateral (
        select
            interval_no, liability, period, due_date, delay_from_date, bill_delivered_date,
            base_amount, date_from, date_to, day_count, first_delay_day, rate_pct, key_rate_pct,
            key_rate_start_date, cap_id, denominator, step_id, step_act, is_verified,
            penalty_amount, is_closed, closed_by_kind, closed_by_id, closed_by_date,
            begins_because, ends_because
        from {lines} as one
        where one.account_id = asked.account_id
        offset 0
    ) as l
    left join ops.payment as p
        on l.closed_by_kind = 'payment' and p.account_id = asked.account_id
            and p.payment_id = l.closed_by_id
    order by asked.account_id, l.due_date, l.period, l.liability, l.is_closed desc,
        l.closed_by_date, l.interval_no, l.date_from
"""
_MONTHS = """
    with overdue as (
        select
            asked.account_id, coalesce(i.liability, 'housing') as liability, i.period, i.due_date,
            i.interval_amount as debt, 0::numeric as penalty, 0::numeric as stepped
        from unnest(:account_ids) as asked (account_id)
        cross join lateral (
            select one.* from {intervals} as one
            where one.account_id = asked.account_id
            offset 0
        ) as i
        where i.interval_kind <> 'advance' and i.due_date < ops.as_of()
            and i.opened_date <= ops.as_of()
            and (i.closed_date is null or i.closed_date > ops.as_of())
    ),

    -- The lines that were just read: they are added up here and not reckoned again.
    lawful as (
        select
            l.account_id, l.liability, l.period, l.due_date, 0::numeric as debt,
            l.penalty, 0::numeric as stepped
        from unnest(:line_accounts, :line_liabilities, :line_periods, :line_dues, :line_sums)
            as l (account_id, liability, period, due_date, penalty)
    ),

    stepped as (
        select
            asked.account_id, l.liability, l.period, l.due_date, 0::numeric as debt,
            0::numeric as penalty, l.penalty_amount as stepped
        from unnest(:account_ids) as asked (account_id)
        cross join lateral (
            select one.* from {lines}_stepped as one
            where one.account_id = asked.account_id
            offset 0
        ) as l
    ),

    parts as (
        select * from overdue
        union all select * from lawful
        union all select * from stepped
    )

    select
        account_id,
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
    group by grouping sets ((account_id), (account_id, liability, period, due_date))
    order by account_id, due_date nulls last, period, liability
"""
_CHARGES = """
    select c.account_id, s.liability, c.period, array_agg(c.charge_id order by c.charge_id) as ids
    from unnest(:account_ids) as asked (account_id)
    cross join lateral ({charges} offset 0) as c
    inner join reference.service as s on c.service_id = s.service_id
    group by c.account_id, s.liability, c.period
"""
# A receipt repays penalty only under an act of a case: of other accounts nothing is walked through.
_REPAID = """
    select asked.account_id, sum(l.recovered_amount) as repaid_penalty
    from unnest(:account_ids) as asked (account_id)
    cross join lateral (
        select one.recovered_amount from {claims} as one
        where one.account_id = asked.account_id and one.claimed_part = 'penalty'
            and one.recovered_amount > 0
        offset 0
    ) as l
    where exists (
        select 1 from ops.payment as p
        where p.account_id = asked.account_id and p.execution_document_id is not null
        offset 0
    )
    group by asked.account_id
"""
# The table itself would look up every account that the session may see.
_CHARGES_OF_A_SCREEN = """
    select one.account_id, one.service_id, one.period, one.fact_id as charge_id
    from screens.account_ledger as one
    where one.account_id = asked.account_id and one.fact_kind not in ('payment', 'write_off')
"""
_CHARGES_OF_THE_OWNER = """
    select one.account_id, one.service_id, one.period, one.charge_id
    from ops.charge as one
    where one.account_id = asked.account_id and one.recorded_at <= ops.known_at()
"""
TABLES = text(
    """
    select table_name, verified_through, left(checksum, 8) as version, source
    from reference.table_state
    where table_name = any (:names)
    order by array_position(:names, table_name)
    """
).bindparams(bindparam("names", type_=ARRAY(Text)))
LIMITS = text("""
    select moratorium_id, kind, date_from, date_to, rule, cap_pct, act
    from reference.moratorium
    where is_enabled and kind in ('exclude_days', 'rate_cap')
    order by date_from
""")


@dataclass(frozen=True, slots=True)
class _Views:
    """The same queries over the views that a reader may use."""

    lines: TextClause
    months: TextClause
    charges: TextClause
    repaid: TextClause


def _over(lines: str, intervals: str, charges: str, claims: str) -> _Views:
    asked = bindparam("account_ids", type_=ARRAY(BigInteger))
    of_lines = (
        bindparam("line_accounts", type_=ARRAY(BigInteger)),
        bindparam("line_liabilities", type_=ARRAY(Text)),
        bindparam("line_periods", type_=ARRAY(Date)),
        bindparam("line_dues", type_=ARRAY(Date)),
        bindparam("line_sums", type_=ARRAY(Numeric)),
    )
    return _Views(
        text(_LINES.format(lines=lines)).bindparams(asked),
        text(_MONTHS.format(lines=lines, intervals=intervals)).bindparams(asked, *of_lines),
        text(_CHARGES.format(charges=charges)).bindparams(asked),
        text(_REPAID.format(claims=claims)).bindparams(asked),
    )


OF_A_SCREEN = _over(
    "screens.account_penalty_lines",
    "screens.account_intervals",
    _CHARGES_OF_A_SCREEN,
    "screens.account_claims",
)
OF_THE_OWNER = _over(
    "intermediate.int_penalty_lines",
    "intermediate.int_live_intervals",
    _CHARGES_OF_THE_OWNER,
    "intermediate.int_claimed_ledger",
)
NOTHING = {
    "account_id": None,
    "liability": None,
    "period": None,
    "due_date": None,
    "is_total": True,
    "debt": 0,
    "penalty": 0,
    "stepped_penalty": 0,
    "difference": 0,
    "debt_and_penalty": 0,
    "repaid_penalty": 0,
}


def penalty_of_account(connection: Connection, account_id: int) -> Penalty:
    """Penalty of an account as the session's user may see it; empty for an account of others."""
    return penalty_of_accounts(connection, [account_id], views=OF_A_SCREEN)[account_id]


def penalty_of_accounts(
    connection: Connection, account_ids: Sequence[int], *, views: _Views = OF_THE_OWNER
) -> dict[int, Penalty]:
    """Penalty of each of a few hundred accounts, in four queries for all of them."""
    asked = {"account_ids": list(account_ids)}
    charges = {
        (row.account_id, row.liability, row.period): row.ids
        for row in connection.execute(views.charges, asked)
    }
    lines: dict[int, list[Row]] = defaultdict(list)
    read = list(connection.execute(views.lines, asked).mappings())
    for row in read:
        key = (row["account_id"], row["liability"], row["period"])
        lines[row["account_id"]].append({**row, "charge_ids": charges.get(key, [])})
    months: dict[int, list[Row]] = defaultdict(list)
    totals: dict[int, Row] = {}
    of_lines = {
        "line_accounts": [row["account_id"] for row in read],
        "line_liabilities": [row["liability"] for row in read],
        "line_periods": [row["period"] for row in read],
        "line_dues": [row["due_date"] for row in read],
        "line_sums": [row["penalty_amount"] for row in read],
    }
    repaid = {row.account_id: row.repaid_penalty for row in connection.execute(views.repaid, asked)}
    for row in connection.execute(views.months, asked | of_lines).mappings():
        if row["is_total"]:
            account_id = row["account_id"]
            totals[account_id] = {**row, "repaid_penalty": repaid.get(account_id, 0)}
        else:
            months[row["account_id"]].append(row)
    return {
        account_id: Penalty(lines[account_id], months[account_id], totals.get(account_id, NOTHING))
        for account_id in account_ids
    }


def tables_of_law(connection: Connection) -> list[Row]:
    """The tables that penalty rests on: how far each is verified, and its version."""
    found = connection.execute(TABLES, {"names": list(TABLES_OF_LAW)}).mappings()
    return [{**table, "title": TABLES_OF_LAW[table["table_name"]]} for table in found]


def limits_in_force(connection: Connection) -> list[Row]:
    """Moratoria and caps that are applied, by the day on which they begin."""
    return list(connection.execute(LIMITS).mappings())
