"""Economics of filing: what applications may be expected to bring, and from which sum they pay.

All of it is counted by the warehouse from ``reference.filing_economics``, the scale of state duty
and the organisation's own cases; here it is asked for. The connection is that of a screen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from operational_db.services.debtors import ADVICE
from operational_db.services.filing.obstacles import STOPPED_APPLICATIONS

Row = Mapping[str, Any]

SUMS = ("claim_amount", "duty_amount", "expected_net")
SORTS = {
    "net": ("по ожидаемому итогу, от большего", "expected_net desc"),
    "loss": ("по ожидаемому итогу, от меньшего", "expected_net"),
    "amount": ("по сумме, от большей", "claim_amount desc"),
    "limitation": ("по сроку давности", "limitation_date"),
    "wait": ("по месяцам ожидания", "wait_months nulls last"),
}


@dataclass(frozen=True, slots=True)
class EconomicsFilter:
    """What is asked of the applications that could be filed; None asks nothing."""

    organisation_id: int | None = None
    advice: str | None = None

    def __post_init__(self) -> None:
        if self.advice is not None and self.advice not in ADVICE:
            raise ValueError(f"Неизвестный совет «{self.advice}».")

    def described(self) -> dict[str, str]:
        """What was asked, for the audit trail: only what was asked at all."""
        return {name: str(value) for name, value in asdict(self).items() if value}


def rates(connection: Connection, organisation_id: int | None = None) -> list[Row]:
    """Share of recovery, costs and break-even of organisations that have something to file."""
    return list(connection.execute(RATES, {"organisation_id": organisation_id}).mappings())


def by_advice(connection: Connection, organisation_id: int | None = None) -> dict[str, Row]:
    """Applications, sums, duty and expected result by advice; every advice has its row.

    An application that a red rule stops is under ``stopped`` only, whatever it would bring.
    """
    found = connection.execute(BY_ADVICE, {"organisation_id": organisation_id}).mappings()
    return {row["advice"]: row for row in found}


def board(
    connection: Connection,
    asked: EconomicsFilter,
    *,
    sort: str = "net",
    limit: int = 50,
    page: int = 1,
) -> tuple[dict[str, Row], list[Row]]:
    """Figures by advice as :func:`by_advice` tells them, and a page of applications.

    ``sort`` is a key of ``SORTS``; a page past the end is the last one. An application comes with
    account and holder; ``advice`` is what money says, ``standing`` the same unless a red rule of
    the guard stops it: ``stopped_because`` then names the first such rule, ``rule_codes`` all.
    """
    query = text(BOARD.format(order=SORTS[sort][1]))
    values = {**asdict(asked), "limit": limit, "page": page}
    rows = list(connection.execute(query, values).mappings())
    figures = {
        advice: told | {name: Decimal(told[name]) for name in SUMS}
        for advice, told in rows[0]["figures"].items()
    }
    return figures, [row for row in rows if row["account_id"] is not None]


def all_applications(
    connection: Connection, asked: EconomicsFilter, *, sort: str = "net"
) -> Iterator[Row]:
    """All of them in the same order, read as they are taken, for a workbook."""
    query = text(FOUND.format(order=SORTS[sort][1]))
    values = asdict(asked)
    portions = {"stream_results": True, "yield_per": 2000}
    yield from connection.execute(query, values, execution_options=portions).mappings()


def sensitivity(connection: Connection) -> list[Row]:
    """Expected result at other sums and shares of recovery, by sum and then by share."""
    return list(connection.execute(SENSITIVITY).mappings())


def estimates(connection: Connection) -> list[Row]:
    """The rows that everything rests on, with their sources and marks."""
    return list(connection.execute(ESTIMATES).mappings())


RATES = text(
    """
    select r.*, o.short_name as organisation_name
    from screens.recovery_rates as r
    inner join ops.organisation as o on r.organisation_id = o.organisation_id
    where (cast(:organisation_id as integer) is null or r.organisation_id = :organisation_id)
        and exists (
            select 1 from marts.debtors as d
            where d.organisation_id = r.organisation_id and d.claimable_amount > 0
        )
    order by ops.russian_sort_key(o.short_name)
    """
)
# What money advises, and what the guard says of it: «stopped» has the last word.
WEIGHED = f"""
    with application as materialized (
        select e.*, row_number() over () as application_no from screens.filing_economics as e
        where cast(:organisation_id as integer) is null or e.organisation_id = :organisation_id
    ),

    {STOPPED_APPLICATIONS},

    weighed as materialized (
        select a.*, s.stopped_because, s.rule_codes,
            case when s.application_no is null then a.advice else 'stopped' end as standing
        from application as a
        left join stopped as s on a.application_no = s.application_no
    )
"""  # noqa: S608 - constants of this package
FIGURES = """
    select known.advice, count(weighed.account_id) as applications,
        coalesce(sum(weighed.claim_amount), 0) as claim_amount,
        coalesce(sum(weighed.duty_amount), 0) as duty_amount,
        coalesce(sum(weighed.expected_net), 0) as expected_net
    from (values ('file'), ('wait'), ('loss'), ('stopped')) as known (advice)
    left join weighed on known.advice = weighed.standing
    group by known.advice
"""
BY_ADVICE = text(WEIGHED + FIGURES)
# Accounts and people are read for the applications that are shown.
TOLD = """
    select weighed.*, a.account_number, a.address,
        coalesce(
            p.full_name, case when weighed.holder_kind = 'unknown' then null else a.holder_name end
        ) as holder_told
    from shown as weighed
    -- One account and one person at a time (offset 0): the views guard themselves by masking
    -- everybody that they are joined to.
    cross join lateral (
        select s.account_number, s.address, s.holder_name
        from screens.accounts as s
        where s.account_id = weighed.account_id
        offset 0
    ) as a
    left join lateral (
        select v.full_name from ops.person_visible as v
        where v.person_id = weighed.holder_person_id
        offset 0
    ) as p on true
"""
FOUND = f"""
    {WEIGHED},

    shown as materialized (
        select weighed.* from weighed
        where cast(:advice as text) is null or weighed.standing = :advice
    )

    {TOLD}
    order by {{order}}, weighed.account_id
"""  # noqa: S608 - constants of this file
# To weigh all applications is most of the work: figures and page come of one weighing. Sums go as
# text, so that they stay the exact numbers that they are.
BOARD = f"""
    {WEIGHED},

    figures as (
        {FIGURES}
    ),

    told_figures as materialized (
        select jsonb_object_agg(f.advice, jsonb_build_object(
            'advice', f.advice, 'applications', f.applications,
            'claim_amount', cast(f.claim_amount as text),
            'duty_amount', cast(f.duty_amount as text),
            'expected_net', cast(f.expected_net as text)
        )) as figures
        from figures as f
    ),

    shown as materialized (
        select weighed.*
        from weighed
        where cast(:advice as text) is null or weighed.standing = :advice
        order by {{order}}, weighed.account_id
        limit :limit
        -- A page that the list does not have (any more) is its last one.
        offset (
            select cast(:limit * greatest(0, least(
                :page - 1, floor((coalesce(sum(f.applications), 0) - 1) / :limit)
            )) as bigint)
            from figures as f
            where cast(:advice as text) is null or f.advice = :advice
        )
    ),

    listed as (
        {TOLD}
    )

    select told_figures.figures, listed.*
    from told_figures
    left join listed on true
    order by {{order}}, listed.account_id
"""  # noqa: S608 - constants of this file
SENSITIVITY = text("select * from screens.filing_sensitivity order by claim_amount, recovery_share")
ESTIMATES = text("select * from reference.filing_economics order by sort_order")
