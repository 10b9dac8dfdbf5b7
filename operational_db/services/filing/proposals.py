"""Propose applications for court orders: who owes, how much of it may be claimed, what is amiss.

The caller owns the transaction and the connection is that of a screen. What may be claimed, and
which part of a month is whose, is counted by the warehouse; here it is chosen, checked and written
down. The state duty of each application is the one sum that is counted here (by its table).

One application asks one set of people, for the months that just they answer for: a child's months
go apart from those after he came of age. Family of an owner joins him for the utilities of its own
months (ЖК 31); the rest of what he owes stands in the same application. What an agreement by
instalments puts off is asked apart, and stopped, so that other months need not wait for it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from operational_db.database import travel_in_time
from operational_db.services.filing.batches import TAKEN, BatchRefusedError, take_turn
from operational_db.services.filing.guard import DoubtfulName, write_findings
from operational_db.services.state_duty import DutyKind, competence, duty_tables, state_duty

Row = Mapping[str, Any]

LARGEST_BATCH = 5000
"""More applications than a court section reads in a year; a slip of the filter stops here."""

ATTACHMENTS: Mapping[str, str] = {
    "application": "Заявление о вынесении судебного приказа",
    "debt_calculation": "Расчёт задолженности",
    "penalty_calculation": "Расчёт пени",
    "draft_order": "Проект судебного приказа",
    "enclosure_list": "Опись вложения",
}
"""What a package may hold, in the order that courts are used to."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Whom to propose: debt that may be claimed today, in roubles, and of how many months.

    ``account_ids`` narrows the choice to accounts that were marked in a list. ``limitation_days``
    takes those only who have a month that passes the limitation within so many days.
    ``penalty_from`` takes accounts besides whose penalty that no case asks for yet comes to so many
    roubles, though there may be no debt to claim: their months were paid late, or penalty has grown
    since an earlier claim. Limits of debt, of months and of limitation do not bind those.
    """

    organisation_id: int
    debt_from: Decimal | None = None
    debt_to: Decimal | None = None
    months_from: int | None = None
    house_id: int | None = None
    court_code: str | None = None
    limitation_days: int | None = None
    penalty_from: Decimal | None = None
    account_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a batch is to be, besides whom it takes.

    ``with_earlier_penalty`` asks for penalty of months besides that were paid late or are in court
    already, for the days that no case asks for; without it, of the months claimed here only.
    """

    title: str
    sent_on: date
    with_penalty: bool = True
    attachments: tuple[str, ...] = field(default=tuple(ATTACHMENTS))
    with_earlier_penalty: bool = True


@dataclass(frozen=True, slots=True)
class Preview:
    """What a selection comes to before anything is written, in roubles.

    ``for_penalty_only`` of the applications ask for no debt, only for penalty.
    """

    as_of: date | None
    accounts: int
    applications: int
    principal: Decimal
    in_other_batches: int
    for_penalty_only: int = 0


def preview(connection: Connection, selection: Selection) -> Preview:
    """Count what :func:`propose` would take."""
    # Of accounts with a debt the penalty is left out here: it changes no count.
    asked = _values(selection) | {"with_penalty": False, "with_earlier_penalty": True}
    return Preview(**connection.execute(PREVIEW, asked).mappings().one())


def propose(
    connection: Connection,
    selection: Selection,
    proposal: Proposal,
    *,
    doubtful_name: DoubtfulName = lambda *_: None,
) -> int:
    """Write a batch with its applications, their months and what the guard finds; return its id.

    ``doubtful_name`` says of a last, first, middle name and sex why its cases are to be checked, or
    None. Raises :class:`BatchRefusedError` (Russian) when nothing may be claimed, or too much is
    asked for at once.
    """
    _check(selection, proposal)
    # Of two who propose at once the second waits, and sees what the first has taken.
    take_turn(connection, selection.organisation_id)
    # The figures are those of the last build, so penalty ends on its day too, whatever day it is.
    travel_in_time(connection, as_of=connection.scalar(BUILT_ON))
    found = preview(connection, selection)
    if not found.applications and found.in_other_batches:
        raise BatchRefusedError(
            "Всех, кто подходит, уже взяли в другие партии, возможно, только что (счетов: "
            f"{found.in_other_batches}). Обновите страницу и откройте список партий."
        )
    if not found.applications:
        raise BatchRefusedError(
            "С такими условиями подавать нечего: нет ни долга, ни пени, которые можно заявить "
            "сегодня."
        )
    if found.applications > LARGEST_BATCH:
        raise BatchRefusedError(
            f"Заявлений {found.applications}, а в партии бывает до {LARGEST_BATCH}. "
            "Сузьте отбор: участок, дом или сумма."
        )
    batch_id = connection.scalar(
        INSERT_BATCH,
        {
            "organisation_id": selection.organisation_id,
            "title": proposal.title.strip(),
            "calculated_on": found.as_of,
            "sent_on": proposal.sent_on,
            "with_penalty": proposal.with_penalty,
            "selection": _told(selection),
            "attachments": list(proposal.attachments),
        },
    )
    asked = _values(selection) | {
        "with_penalty": proposal.with_penalty,
        "with_earlier_penalty": proposal.with_penalty and proposal.with_earlier_penalty,
    }
    months = [dict(row) for row in connection.execute(MONTHS, asked).mappings()]
    items = _items(connection, months, proposal.sent_on)
    connection.execute(INSERT_ITEMS, {"batch_id": batch_id, "rows": _json(items)})
    connection.execute(INSERT_MONTHS, {"batch_id": batch_id, "rows": _json(months)})
    unverified = {month["item_number"] for month in months if not month["is_verified"]}
    write_findings(connection, batch_id, doubtful_name, unverified=unverified)
    return batch_id


def claimable_months(connection: Connection, selection: Selection) -> list[Row]:
    """Months that may be claimed today with their penalty, as :func:`propose` would take them.

    Numbered by application (``item_number``): one set of people each. The connection is turned to
    the day of the last build, on which the figures and the penalty stand.
    """
    travel_in_time(connection, as_of=connection.scalar(BUILT_ON))
    asked = _values(selection) | {"with_penalty": True, "with_earlier_penalty": True}
    return list(connection.execute(MONTHS, asked).mappings())


def _check(selection: Selection, proposal: Proposal) -> None:
    by_penalty = proposal.with_penalty and proposal.with_earlier_penalty
    if selection.penalty_from is not None and not by_penalty:
        raise BatchRefusedError(
            "Отбор по пеням и партия без пеней не сочетаются: включите пени или снимите отбор."
        )
    if not proposal.title.strip():
        raise BatchRefusedError("Назовите партию, например «Ноябрь, участок 84».")
    unknown = set(proposal.attachments) - set(ATTACHMENTS)
    if unknown:
        raise BatchRefusedError(f"Нет таких приложений: {', '.join(sorted(unknown))}.")
    if "application" not in proposal.attachments:
        raise BatchRefusedError("Без заявления пакета не бывает: верните его в состав.")


def _items(
    connection: Connection, months: Sequence[Mapping[str, Any]], sent_on: date
) -> list[dict[str, Any]]:
    """One row an application, with the duty of its sum."""
    tables = duty_tables(connection)
    items = {month["item_number"]: {name: month[name] for name in ITEM_COLUMNS} for month in months}
    for item in items.values():
        demand = item["principal_amount"] + item["penalty_amount"]
        court = competence(tables, DutyKind.ORDER, demand, sent_on)
        # Above the limit of orders the guard stops the application; no duty can be told.
        if court is not None and court.objection:
            item["duty_amount"] = Decimal(0)
        else:
            item["duty_amount"] = state_duty(tables, DutyKind.ORDER, demand, sent_on).amount
    return list(items.values())


ITEM_COLUMNS = (
    "item_number",
    "account_id",
    "holder_kind",
    "holder_person_id",
    "holder_organisation_id",
    "holder_name",
    "debtors",
    "family_ids",
    "court_code",
    "principal_amount",
    "penalty_amount",
    "period_from",
    "period_to",
    "is_agreed",
)


def _values(selection: Selection) -> dict[str, Any]:
    return asdict(selection) | {"account_ids": list(selection.account_ids)}


def _told(selection: Selection) -> dict[str, Any]:
    """The filters that were set, as they are kept with the batch."""
    return {
        name: str(value) if isinstance(value, Decimal) else value
        for name, value in asdict(selection).items()
        if value not in (None, (), [])
    }


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    # Sums go as text: they arrive as the exact numbers that they are.
    return json.dumps(rows, default=str)


CLAIMABLE = f"""
    claimable as (
        select
            p.account_id, p.house_id, p.liability, p.period, p.due_date, p.part_no,
            p.holder_kind, p.holder_person_id, p.holder_organisation_id, p.holder_name,
            p.portion_person_id, p.claimable_amount, p.limitation_date, p.debtors, p.family_ids
        from marts.debt_parts as p
        where p.organisation_id = :organisation_id
            and p.claimable_amount > 0 and p.liability <> 'refund'
            -- What grew in a month that is claimed already waits for its case; after a cancelled
            -- order the month goes on as a claim. The ledger would refuse the whole application.
            and p.live_case_id is null and p.cancelled_case_id is null
            and (cast(:house_id as integer) is null or p.house_id = :house_id)
            and (cardinality(:account_ids) = 0 or p.account_id = any (:account_ids))
    ),

    -- Month by month first: to count distinct months at once, all parts would be sorted.
    months_of_accounts as (
        select c.account_id, c.house_id, c.period,
            sum(c.claimable_amount) as amount, min(c.limitation_date) as limitation_date
        from claimable as c
        group by c.account_id, c.house_id, c.period
    ),

    -- What fits is a column first: by so many conditions the planner would expect next to nobody,
    -- and hold every month of the town against every agreement.
    fitting as materialized (
        select told.account_id, told.house_id
        from (
            select m.account_id, m.house_id,
                (cast(:debt_from as numeric) is null or sum(m.amount) >= :debt_from)
                and (cast(:debt_to as numeric) is null or sum(m.amount) <= :debt_to)
                and (cast(:months_from as integer) is null or count(*) >= :months_from)
                and (
                    cast(:limitation_days as integer) is null
                    or min(m.limitation_date)
                        <= (select b.as_of_date from screens.build_state as b) + :limitation_days
                ) as fits
            from months_of_accounts as m
            left join ops.house_court as court on m.house_id = court.house_id
            where cast(:court_code as text) is null or court.magistrate_code = :court_code
            group by m.account_id, m.house_id
            offset 0
        ) as told
        where told.fits
    ),

    -- Penalty without a debt to claim is looked for only where it is asked for, and only of
    -- accounts some of whose debt was late within the limitation.
    late as (
        select d.account_id, d.house_id
        from marts.debt_intervals as d
        left join ops.house_court as court on d.house_id = court.house_id
        where cast(:penalty_from as numeric) is not null
            and d.organisation_id = :organisation_id and d.interval_kind = 'debt'
            and coalesce(d.closed_date, 'infinity') > d.due_date
            and coalesce(d.closed_date, 'infinity') >= (
                select ops.as_of() - make_interval(years => cast(min(t.value) as integer))
                from reference.legal_term as t
                where t.code = 'limitation' and t.is_enabled
            )
            and (cast(:house_id as integer) is null or d.house_id = :house_id)
            and (cardinality(:account_ids) = 0 or d.account_id = any (:account_ids))
            and (cast(:court_code as text) is null or court.magistrate_code = :court_code)
        group by d.account_id, d.house_id
    ),

    -- `is_earlier`: the debt of the month is paid, or it is in court already. The penalty of any
    -- other month goes with its debt.
    penalties as materialized (
        select p.*, not exists (
            select 1 from marts.debt_parts as d
            where d.account_id = p.account_id and d.liability = p.liability
                and d.period = p.period and d.due_date = p.due_date
                and d.holder_kind = p.holder_kind
                and d.holder_person_id is not distinct from p.holder_person_id
                and d.holder_organisation_id is not distinct from p.holder_organisation_id
                and d.holder_name is not distinct from p.holder_name
                and (d.live_case_id is null or d.cancelled_case_id is not null)
        ) as is_earlier
        from (
            select l.account_id from late as l
            union
            select f.account_id from fitting as f where :with_penalty
        ) as a
        cross join lateral (
            select m.* from screens.part_penalties as m
            where m.account_id = a.account_id and m.run_no = 1 and not m.is_held
            offset 0
        ) as p
    ),

    penalised as (
        select l.account_id, l.house_id
        from late as l
        inner join penalties as p on l.account_id = p.account_id
        where p.is_earlier
        group by l.account_id, l.house_id
        having sum(p.penalty_amount) >= :penalty_from
    ),

    months_with_debt as not materialized (
        select
            c.account_id, c.house_id, c.liability, c.period, c.due_date, c.holder_kind,
            c.holder_person_id, c.holder_organisation_id, c.holder_name, c.portion_person_id,
            c.debtors, c.family_ids as family_of_month,
            c.claimable_amount as month_principal, p.penalty_amount as month_penalty,
            p.portion_person_id as penalty_portion_person_id, p.penalty_from_date,
            p.penalty_to_date, p.is_verified
        from claimable as c
        inner join fitting as f on c.account_id = f.account_id
        left join penalties as p
            on c.account_id = p.account_id and c.liability = p.liability
                and c.period = p.period and c.due_date = p.due_date
                and c.holder_kind = p.holder_kind
                and c.holder_person_id is not distinct from p.holder_person_id
                and c.holder_organisation_id is not distinct from p.holder_organisation_id
                and c.holder_name is not distinct from p.holder_name
    ),

    -- Once a holder: looked up in his months, the whole batch would be read for each penalty.
    with_debt as (
        select distinct
            c.account_id, c.holder_kind, c.debtors,
            case when c.debtors is null then c.holder_person_id end as holder_person_id,
            c.holder_organisation_id, c.holder_name
        from months_with_debt as c
    ),

    -- Beside a debt of the same holder, or where penalty was asked for by itself.
    months_of_penalty as (
        select
            p.account_id, a.house_id, p.liability, p.period, p.due_date, p.holder_kind,
            p.holder_person_id, p.holder_organisation_id, p.holder_name,
            cast(null as bigint) as portion_person_id, p.debtors,
            cast(null as bigint[]) as family_of_month, 0.00 as month_principal,
            p.penalty_amount as month_penalty, p.portion_person_id as penalty_portion_person_id,
            p.penalty_from_date, p.penalty_to_date, p.is_verified
        from penalties as p
        inner join (
            select f.account_id, f.house_id from fitting as f
            union
            select n.account_id, n.house_id from penalised as n
        ) as a on p.account_id = a.account_id
        left join with_debt as h
            on p.account_id = h.account_id and p.holder_kind = h.holder_kind
                and p.debtors is not distinct from h.debtors
                and (p.debtors is not null
                    or p.holder_person_id is not distinct from h.holder_person_id)
                and p.holder_organisation_id is not distinct from h.holder_organisation_id
                and p.holder_name is not distinct from h.holder_name
        where :with_earlier_penalty and p.is_earlier and (
            p.account_id in (select n.account_id from penalised as n) or h.account_id is not null
        )
    ),

    -- Both are joined by a hash of the account: asked month by month, every month of the town would
    -- be held against every agreement and every application.
    taken as materialized (
        select distinct
            t.account_id, t.holder_kind, t.debtors,
            case when t.debtors is null then t.holder_person_id end as sole_person_id,
            t.holder_organisation_id, t.holder_name
        from ({TAKEN}) as t
    ),

    holds as materialized (
        select h.account_id, h as hold
        from ops.instalment_hold as h
        where h.organisation_id = :organisation_id
            and h.account_id in (
                select f.account_id from fitting as f
                union
                select n.account_id from penalised as n
            )
    ),

    all_months as not materialized (
        select * from months_with_debt
        union all
        select * from months_of_penalty
    ),

    -- Whose debt an agreement puts off is the same for all its months: the rule is asked once.
    put_off as materialized (
        select p.account_id, p.holder_person_id, p.debtors, p.family_of_month,
            range_agg(daterange((h.hold).period_from, (h.hold).period_to, '[]')) as periods
        from (
            select distinct m.account_id, m.holder_person_id, m.debtors, m.family_of_month
            from all_months as m
            where m.account_id in (select h.account_id from holds as h)
        ) as p
        inner join holds as h on p.account_id = h.account_id
        where ops.is_put_off(
            h.hold, (h.hold).period_from, p.holder_person_id, p.debtors, p.family_of_month
        )
        group by p.account_id, p.holder_person_id, p.debtors, p.family_of_month
    ),

    told_months as not materialized (
        select m.*,
            -- Those who hold together may stand under another of them in the month they changed.
            case when m.debtors is null then m.holder_person_id end as sole_person_id,
            coalesce(o.periods @> m.period, false) as is_put_off
        from all_months as m
        left join put_off as o
            on m.account_id = o.account_id
                and m.holder_person_id is not distinct from o.holder_person_id
                and m.debtors is not distinct from o.debtors
                and m.family_of_month is not distinct from o.family_of_month
    ),

    -- Whose whole debt agreements put off: asked of those who owe penalty of paid months besides.
    put_off_entirely as materialized (
        select m.account_id, m.holder_kind, m.debtors, m.sole_person_id,
            m.holder_organisation_id, m.holder_name
        from told_months as m
        where m.month_principal > 0 and m.account_id in (select o.account_id from put_off as o)
            and m.account_id in (select p.account_id from penalties as p where p.is_earlier)
        group by m.account_id, m.holder_kind, m.debtors, m.sole_person_id,
            m.holder_organisation_id, m.holder_name
        having bool_and(m.is_put_off)
    ),

    -- What an agreement puts off is an application of its own, which the guard stops; months that
    -- it does not speak of go to court without waiting. Penalty of months paid late waits with the
    -- debt where all of that does: it is not worth a duty of its own.
    months_to_ask as not materialized (
        select m.*, m.is_put_off or m.month_principal = 0 and w.account_id is not null as is_agreed
        from told_months as m
        left join put_off_entirely as w
            on m.account_id = w.account_id and m.holder_kind = w.holder_kind
                and m.debtors is not distinct from w.debtors
                and m.sole_person_id is not distinct from w.sole_person_id
                and m.holder_organisation_id is not distinct from w.holder_organisation_id
                and m.holder_name is not distinct from w.holder_name
    ),

    -- Few have family: only theirs are sorted.
    latest_families as (
        select distinct on (
            m.account_id, m.is_agreed, m.holder_kind, m.debtors, m.sole_person_id,
            m.holder_organisation_id, m.holder_name
        )
            m.account_id, m.is_agreed, m.holder_kind, m.debtors, m.sole_person_id,
            m.holder_organisation_id, m.holder_name, m.family_of_month as family_ids
        from months_to_ask as m
        where m.family_of_month is not null
        order by m.account_id, m.is_agreed, m.holder_kind, m.debtors, m.sole_person_id,
            m.holder_organisation_id, m.holder_name, m.period desc, m.liability, m.due_date
    ),

    chosen as (
        select m.*, court.magistrate_code as court_code,
            -- Months without family (it moved in later, capital repair) go with the latest that
            -- has some.
            coalesce(m.family_of_month, f.family_ids) as family_ids,
            t.account_id is not null as is_taken
        from months_to_ask as m
        left join ops.house_court as court on m.house_id = court.house_id
        left join latest_families as f
            on m.account_id = f.account_id and m.is_agreed = f.is_agreed
                and m.holder_kind = f.holder_kind
                and m.debtors is not distinct from f.debtors
                and m.sole_person_id is not distinct from f.sole_person_id
                and m.holder_organisation_id is not distinct from f.holder_organisation_id
                and m.holder_name is not distinct from f.holder_name
        left join taken as t
            on m.account_id = t.account_id and m.holder_kind = t.holder_kind
                and m.debtors is not distinct from t.debtors
                and m.sole_person_id is not distinct from t.sole_person_id
                and m.holder_organisation_id is not distinct from t.holder_organisation_id
                and m.holder_name is not distinct from t.holder_name
    )
"""  # noqa: S608 - constants of this file
BUILT_ON = text("select b.as_of_date from screens.build_state as b")
ASKED = bindparam("account_ids", type_=ARRAY(BigInteger))
PREVIEW = text(
    f"""
    with {CLAIMABLE},

    applications as (
        select
            c.account_id, c.is_taken, sum(c.month_principal) as principal
        from chosen as c
        group by
            c.account_id, c.holder_kind, c.sole_person_id, c.holder_organisation_id,
            c.holder_name, c.debtors, c.family_ids, c.is_agreed, c.is_taken
    )

    select
        (select b.as_of_date from screens.build_state as b) as as_of,
        count(distinct a.account_id) filter (where not a.is_taken) as accounts,
        count(*) filter (where not a.is_taken) as applications,
        coalesce(sum(a.principal) filter (where not a.is_taken), 0) as principal,
        count(*) filter (where not a.is_taken and a.principal = 0) as for_penalty_only,
        count(distinct a.account_id) filter (where a.is_taken) as in_other_batches
    from applications as a
    """  # noqa: S608
).bindparams(ASKED)
# Numbered as they will lie in the pile: by section, address, account, holder. The period of an
# application is that of its debt; where it asks for penalty only, that of the months paid late.
MONTHS = text(
    f"""
    with {CLAIMABLE},

    numbered as (
        select
            dense_rank() over (
                order by
                    f.court_code nulls last, placed.address_sort_key nulls last, f.account_id,
                    f.holder_kind, f.sole_person_id, f.holder_organisation_id, f.holder_name,
                    f.debtors, f.family_ids, f.is_agreed
            ) as item_number,
            f.account_id, f.holder_kind, f.holder_person_id as month_holder_id,
            f.holder_organisation_id, f.holder_name, f.debtors, f.family_ids, f.family_of_month,
            f.court_code, f.is_agreed, f.liability, f.period, f.due_date, f.portion_person_id,
            f.month_principal, coalesce(f.month_penalty, 0.00) as month_penalty,
            f.penalty_portion_person_id, f.penalty_from_date as penalty_from,
            f.penalty_to_date as penalty_to,
            coalesce(f.month_penalty, 0.00) = 0 or f.is_verified as is_verified
        from chosen as f
        left join screens.accounts as placed on f.account_id = placed.account_id
        where not f.is_taken
    )

    select
        n.*,
        min(n.month_holder_id) over of_item as holder_person_id,
        sum(n.month_principal) over of_item as principal_amount,
        sum(n.month_penalty) over of_item as penalty_amount,
        coalesce(
            min(n.period) filter (where n.month_principal > 0) over of_item,
            min(n.period) over of_item
        ) as period_from,
        coalesce(
            max(n.period) filter (where n.month_principal > 0) over of_item,
            max(n.period) over of_item
        ) as period_to
    from numbered as n
    window of_item as (partition by n.item_number)
    order by n.item_number, n.period, n.liability, n.due_date
    """  # noqa: S608
).bindparams(ASKED)
INSERT_BATCH = text(
    """
    insert into ops.filing_batch (
        organisation_id, title, calculated_on, sent_on, with_penalty, selection, attachments,
        user_id
    )
    values (
        :organisation_id, :title, :calculated_on, :sent_on, :with_penalty, :selection,
        :attachments, ops.session_user_id()
    )
    returning batch_id
    """
).bindparams(bindparam("selection", type_=JSONB))
INSERT_ITEMS = text(
    """
    insert into ops.filing_item (
        batch_id, item_number, account_id, holder_kind, holder_person_id, holder_organisation_id,
        holder_name, debtors, family_ids, principal_amount, penalty_amount, duty_amount,
        period_from, period_to, court_code, is_agreed
    )
    select
        :batch_id, r.item_number, r.account_id, r.holder_kind, r.holder_person_id,
        r.holder_organisation_id, r.holder_name, r.debtors, r.family_ids, r.principal_amount,
        r.penalty_amount, r.duty_amount, r.period_from, r.period_to, r.court_code,
        r.is_agreed
    from jsonb_to_recordset(cast(:rows as jsonb)) as r (
        item_number integer, account_id bigint, holder_kind text, holder_person_id bigint,
        holder_organisation_id integer, holder_name text, debtors jsonb, family_ids bigint[],
        principal_amount numeric, penalty_amount numeric, duty_amount numeric,
        period_from date, period_to date, court_code text, is_agreed boolean
    )
    """
)
INSERT_MONTHS = text(
    """
    insert into ops.filing_month (
        batch_id, item_number, liability, period, due_date, portion_person_id, principal_amount,
        penalty_amount, penalty_portion_person_id, penalty_from, penalty_to, family_ids
    )
    select
        :batch_id, r.item_number, r.liability, r.period, r.due_date, r.portion_person_id,
        r.month_principal, r.month_penalty, r.penalty_portion_person_id, r.penalty_from,
        r.penalty_to, r.family_of_month
    from jsonb_to_recordset(cast(:rows as jsonb)) as r (
        item_number integer, liability text, period date, due_date date, portion_person_id bigint,
        month_principal numeric, month_penalty numeric, penalty_portion_person_id bigint,
        penalty_from date, penalty_to date, family_of_month bigint[]
    )
    """
)
