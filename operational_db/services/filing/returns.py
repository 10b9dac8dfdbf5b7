"""What courts send back, and what of it the guard could have caught.

Counted over applications filed in a span of days, from the events of their cases; the connection is
that of a screen, so everybody sees the returns of his own organisations.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, TextClause, text

Row = Mapping[str, Any]

GROUPS = {
    "reason": "по причинам",
    "court": "по судам",
    "template": "по шаблонам",
    "maker": "по сотрудникам",
}
TIGHTEN_FROM = 2
"""One return may be a whim of a judge; two for one reason are a rule that is missing."""


@dataclass(frozen=True, slots=True)
class ReturnsFilter:
    """Applications filed within a span of days; ``group`` and ``key`` choose a line of a group."""

    filed_from: date
    filed_to: date
    organisation_id: int | None = None
    group: str | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        if self.group is not None and self.group not in GROUPS:
            raise ValueError(f"Неизвестная группировка «{self.group}».")

    def described(self) -> dict[str, str]:
        """What was asked, for the audit trail."""
        return {name: str(value) for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Advice:
    """A reason for which papers came back, and what to do with the rule that stands against it."""

    reason: str
    returned: int
    rule: str | None
    advice: str


def totals(connection: Connection, asked: ReturnsFilter) -> Row:
    """How many were filed and came back, on what sum, and of how many the guard had warned."""
    return connection.execute(TOTALS, asdict(asked)).mappings().one()


def grouped(connection: Connection, asked: ReturnsFilter, group: str) -> list[Row]:
    """Lines of a group, most returned first: key, name, filed, returned, share, warned.

    Of a reason ``filed`` is that of all applications: it has none of its own.
    """
    return list(connection.execute(BY[group], asdict(asked)).mappings())


def returned(
    connection: Connection, asked: ReturnsFilter, *, limit: int = 50, offset: int = 0
) -> list[Row]:
    """A page of what came back, the latest first, with reason, court, template and maker."""
    values = asdict(asked) | {"limit": limit, "offset": offset}
    return list(connection.execute(PAGE, values).mappings())


def all_returned(connection: Connection, asked: ReturnsFilter) -> Iterator[Row]:
    """All of it in the same order, for a workbook."""
    yield from connection.execute(ALL, asdict(asked)).mappings()


def count_returned(connection: Connection, asked: ReturnsFilter) -> int:
    """How many :func:`returned` would find without a limit."""
    return connection.scalar(COUNT, asdict(asked))


def advice(connection: Connection, asked: ReturnsFilter) -> list[Advice]:
    """Which rules of the guard to tighten: reasons that came twice or oftener, by frequency."""
    found = connection.execute(RULES, asdict(asked) | {"tighten_from": TIGHTEN_FROM}).mappings()
    return [Advice(row["reason"], row["returned"], row["rule"], _advice(row)) for row in found]


def _advice(row: Row) -> str:
    if row["rule"] is None:
        return "Правила проверки против этой причины нет: просмотрите такие дела перед подачей."
    if not row["is_enabled"]:
        return (
            "Правило выключено: попросите администратора включить его в справочнике правил "
            "проверки (файл filing_rule.csv)."
        )
    if not row["is_red"]:
        return (
            f"Правило только предупреждает, и предупредило о {row['warned']}: "
            "сделайте его останавливающим."
        )
    return (
        "Правило останавливает, но этих дел не поймало: проверьте, верны ли сведения, на которые"
        " оно смотрит."
    )


def share(returned_count: int, filed: int) -> Decimal | None:
    """Share of what came back; None where nothing was filed."""
    return Decimal(returned_count) / filed if filed else None


# Every application that was filed, and whether it came back. Cases that no batch made (loaded from
# files, or claims) have no template and no findings.
_FILED = """
    with filed as materialized (
        select
            s.case_id, s.number, s.account_id, s.court_code, s.kind, s.filed_on, s.freed_on,
            s.freed_reason_code,
            s.freed_by in ('returned', 'refused', 'left_unheard') as is_returned,
            coalesce(b.user_id, s.user_id) as maker_id, r.batch_id, r.item_number
        from ops.court_case_state as s
        left join ops.filing_result as r on s.case_id = r.case_id
        left join ops.filing_batch as b on r.batch_id = b.batch_id
        where s.filed_on between :filed_from and :filed_to
            and (
                cast(:organisation_id as integer) is null or s.organisation_id = :organisation_id
            )
    ),

    told as (
        select f.*, coalesce(f.is_returned, false) as came_back, reason.title as reason,
            reason.guard_rule, court.name as court_name, maker.full_name as maker_name,
            paper.template_version, claimed.amount,
            exists (
                select 1 from ops.filing_finding as found
                where found.batch_id = f.batch_id and found.item_number = f.item_number
                    and found.rule_code = reason.guard_rule
            ) as was_warned
        from filed as f
        left join reference.court_reason as reason on f.freed_reason_code = reason.reason_code
        left join ops.court as court on f.court_code = court.court_code
        left join ops.colleague as maker on f.maker_id = maker.user_id
        left join lateral (
            select d.template_version
            from ops.package_document as p
            inner join ops.document as d on p.document_id = d.document_id
            where p.case_id = f.case_id and d.kind in ('order_application', 'claim_statement')
            order by p.position
            limit 1
        ) as paper on true
        left join lateral (
            select sum(m.amount) as amount from ops.claimed_month as m where m.case_id = f.case_id
        ) as claimed on true
    )
"""
# A rule is one for a reason, so it neither adds cases nor takes any away.
_CHOSEN = """
    from told
    inner join screens.accounts as a on told.account_id = a.account_id
    left join reference.filing_rule as rule on told.guard_rule = rule.rule_code
    where told.came_back and case cast(:group as text)
        when 'reason' then coalesce(told.freed_reason_code, '') = :key
        when 'court' then coalesce(told.court_code, '') = :key
        when 'template' then coalesce(told.template_version, '') = :key
        when 'maker' then coalesce(cast(told.maker_id as text), '') = :key
        else true
    end
"""
_PAGE = f"""
    {_FILED}

    select told.case_id, told.number, told.account_id, a.account_number, a.address,
        told.filed_on, told.freed_on, told.reason, told.court_name, told.template_version,
        told.maker_name, told.amount, told.was_warned, rule.title as rule_title
    {_CHOSEN}
    order by told.freed_on desc, told.case_id desc
"""
TOTALS = text(
    f"""
    {_FILED}

    select count(*) as filed, count(*) filter (where told.came_back) as returned,
        coalesce(sum(told.amount) filter (where told.came_back), 0) as returned_amount,
        count(*) filter (where told.came_back and told.was_warned) as warned
    from told
    """  # noqa: S608
)
COUNT = text(f"{_FILED} select count(*) {_CHOSEN}")
PAGE = text(f"{_PAGE} limit :limit offset :offset")
ALL = text(_PAGE)


def _by(key: str, name: str, nothing: str) -> TextClause:
    """Lines of a group by ``key``; ``nothing`` names those without one."""
    return text(
        f"""
        {_FILED}

        select {key} as key, coalesce({name}, '{nothing}') as name, count(*) as filed,
            count(*) filter (where told.came_back) as returned,
            count(*) filter (where told.came_back and told.was_warned) as warned
        from told
        group by {key}, {name}
        having count(*) filter (where told.came_back) > 0
        order by returned desc, name
        """  # noqa: S608
    )


BY = {
    "reason": text(
        f"""
        {_FILED}

        select coalesce(told.freed_reason_code, '') as key,
            coalesce(told.reason, 'причина не указана') as name,
            (select count(*) from told) as filed, count(*) as returned,
            count(*) filter (where told.was_warned) as warned
        from told
        where told.came_back
        group by told.freed_reason_code, told.reason
        order by returned desc, name
        """  # noqa: S608
    ),
    "court": _by("coalesce(told.court_code, '')", "told.court_name", "суд не указан"),
    "template": _by(
        "coalesce(told.template_version, '')", "told.template_version", "составлено не здесь"
    ),
    "maker": _by(
        "coalesce(cast(told.maker_id as text), '')", "told.maker_name", "загружено из файла"
    ),
}
RULES = text(
    f"""
    {_FILED}

    select told.reason, count(*) as returned, rule.title as rule, rule.is_red, rule.is_enabled,
        count(*) filter (where told.was_warned) as warned
    from told
    left join reference.filing_rule as rule on told.guard_rule = rule.rule_code
    where told.came_back and told.reason is not null
    group by told.reason, rule.title, rule.is_red, rule.is_enabled
    having count(*) >= :tighten_from
    order by returned desc, told.reason
    """  # noqa: S608
)
