"""Plans of measures as people read them: the board, the card of an indicator, lists of events.

Figures come from marts.plan_execution, which every build makes anew; a session sees its own
organisations, and an official also the municipality as a whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from operational_db.event_names import CONTACT_RESULTS, COUNTED_KINDS

Row = Mapping[str, Any]

STATUSES = {
    "kept": "выполнено",
    "on_course": "идёт по плану",
    "behind": "отстаёт",
    "not_kept": "не выполнено",
    "no_target": "без норматива",
    "nothing_to_judge": "не с чем сравнить",
    "awaits_events": "ждёт событий",
}
REASONS = {
    "cancelled": "событие отменено",
    "doubled": "уже учтено по делу в суде",
    "out_of_plan": "вне срока действия плана",
    "day_off": "нерабочий день",
    "debt_too_small": "долг на день события мал",
    "no_band": "долг на день события ниже полос",
    "other_band": "долг на день события в другой полосе",
    "few_charges": "долг меньше нужного числа средних начислений",
    "other_result": "результат не засчитывается",
    "no_mark": "нет подтверждения (пошлины, фото, подписи, квитанции)",
    "counted_before": "счёт или дом уже засчитан в этом периоде",
    "only_in_denominator": "только в знаменателе: результат или пометка не те",
    "not_dispatched": "документ ещё не передан",
    "not_paid": "оплаты ещё не было",
    "not_followed": "нужного продолжения в срок не было",
    "not_among": "событие без признаков, о которых показатель",
    "no_sum": "сумма не названа",
    "other_sum": "названная сумма расходится с учётом",
    "newer_reconciliation": "есть более поздняя сверка с этим ОСП",
}
SOURCES = {"screen": "экран", "file": "файл", "system": "система", "demo": "пример"}
EVENT_NAMES = {**COUNTED_KINDS, "execution_document": "исполнительный документ получен"}
FORECAST_METHOD = (
    "Количество и сумма: факт ÷ прошедшие рабочие дни × рабочие дни периода. Доли: как сейчас. "
    "У законченного периода прогноз равен факту."
)

PLANS = text(
    """
    select p.plan_id, p.code, p.version, p.title, p.organisation_id, p.valid_from, p.valid_to,
        p.recorded_at, p.approval, p.columns,
        p.version = max(p.version) over (partition by p.organisation_id, p.code) as is_newest
    from ops.plan as p
    order by p.code desc, p.version desc
    """
)
SCOPES = text(
    """
    select o.organisation_id, o.short_name, o.kind = 'municipality' as is_whole
    from ops.organisation as o
    where o.organisation_id in (
        select e.organisation_id
        from marts.plan_execution as e
        inner join ops.plan_indicator as i on e.plan_indicator_id = i.plan_indicator_id
        inner join ops.plan_measure as m on i.plan_measure_id = m.plan_measure_id
        where m.plan_id = :plan_id
    )
    order by o.kind <> 'municipality', ops.russian_sort_key(o.short_name)
    """
)
PERIODS_OF_KIND = text(
    """
    select distinct e.period_start
    from marts.plan_execution as e
    inner join ops.plan_indicator as i on e.plan_indicator_id = i.plan_indicator_id
    inner join ops.plan_measure as m on i.plan_measure_id = m.plan_measure_id
    where m.plan_id = :plan_id and e.period_kind = :period_kind
    order by e.period_start desc
    """
)
# Figures are those of the last build, or those that the last build until the end of a day told.
# An indicator counted by quarters is shown by the quarter that the chosen month lies in.
BOARD = text(
    """
    with figures as (
        select e.*
        from marts.plan_execution as e
        where cast(:known_on as date) is null and e.organisation_id = :organisation_id
        union all
        select told.*
        from (
            select distinct on (f.plan_indicator_id, f.period_kind, f.period_start) f.figures
            from ops.plan_figure as f
            where f.organisation_id = :organisation_id
                and f.recorded_at
                < cast(cast(:known_on as date) + 1 as timestamp) at time zone 'Europe/Moscow'
            order by f.plan_indicator_id, f.period_kind, f.period_start, f.plan_figure_id desc
        ) as kept
        cross join lateral
            jsonb_populate_record(cast(null as marts.plan_execution), kept.figures) as told
    )

    select
        m.plan_measure_id, m.position, m.measure_no, m.section_no, s.title as section_title,
        m.name, m.quantity, m.expected_result, m.mechanism, m.indicators, m.term,
        m.responsible as measure_responsible,
        coalesce(i.responsible, m.responsible) as responsible,
        coalesce(i.deadline, m.term) as deadline,
        i.plan_indicator_id, i.position as indicator_position, i.code, i.title, i.unit, i.counts,
        i.is_daily_norm, i.numerator as numerator_words, i.denominator as denominator_words,
        i.counting_rule, i.sources, i.awaits, i.offered_target,
        shown.period_kind, shown.period_start, shown.period_end, shown.is_over, shown.numerator,
        shown.denominator, shown.fact, shown.target, shown.execution_share,
        shown.cumulative_fact, shown.cumulative_target, shown.forecast, shown.working_days,
        shown.working_days_passed, shown.daily_mean, shown.daily_least, shown.events_counted,
        shown.events_excluded, shown.last_event_date,
        coalesce(shown.status_code, 'awaits_events') as status_code,
        shown.fact - shown.target as deviation,
        remark.comment
    from ops.plan_measure as m
    inner join ops.plan_indicator as i on m.plan_measure_id = i.plan_measure_id
    left join ops.plan_section as s on m.plan_id = s.plan_id and m.section_no = s.section_no
    left join lateral (
        select e.*
        from figures as e
        where e.plan_indicator_id = i.plan_indicator_id
            and (
                (e.period_kind = :period_kind and e.period_start = :period_start)
                or (
                    e.period_kind = i.period
                    and e.period_start = date_trunc(i.period, cast(:period_start as date))
                )
            )
        order by e.period_kind <> :period_kind
        limit 1
    ) as shown on true
    left join lateral (
        select c.comment
        from ops.plan_comment as c
        where c.plan_measure_id = m.plan_measure_id and c.organisation_id = :organisation_id
            and c.period_start = :period_start
            and (
                cast(:known_on as date) is null
                or c.recorded_at
                < cast(cast(:known_on as date) + 1 as timestamp) at time zone 'Europe/Moscow'
            )
        order by c.recorded_at desc
        limit 1
    ) as remark on true
    where m.plan_id = :plan_id
    order by m.position, i.position
    """
)
TOLD_ON = text(
    """
    select max(f.recorded_at)
    from ops.plan_figure as f
    where f.organisation_id = :organisation_id
        and f.recorded_at < cast(cast(:known_on as date) + 1 as timestamp)
            at time zone 'Europe/Moscow'
    """
)
INDICATOR = text(
    """
    select i.*, m.measure_no, m.name as measure_name, m.plan_id, p.title as plan_title,
        p.code as plan_code, p.version as plan_version
    from ops.plan_indicator as i
    inner join ops.plan_measure as m on i.plan_measure_id = m.plan_measure_id
    inner join ops.plan as p on m.plan_id = p.plan_id
    where i.plan_indicator_id = :plan_indicator_id
    """
)
TREND = text(
    """
    select * from (
        select e.period_start, e.fact, e.target, e.status_code, e.events_counted,
            e.events_excluded
        from marts.plan_execution as e
        where e.plan_indicator_id = :plan_indicator_id and e.organisation_id = :organisation_id
            and e.period_kind = :period_kind and e.period_start <= :period_start
        order by e.period_start desc
        limit :periods
    ) as last_ones
    order by period_start
    """
)
ONE = text(
    """
    select e.* from marts.plan_execution as e
    where e.plan_indicator_id = :plan_indicator_id and e.organisation_id = :organisation_id
        and e.period_kind = :period_kind and e.period_start = :period_start
    """
)
FEASIBILITY = text(
    """
    select f.* from marts.plan_feasibility as f
    where f.plan_indicator_id = :plan_indicator_id and f.organisation_id = :organisation_id
    """
)

# The municipality stands for all that the session sees of it.
OF_SCOPE = """
    from screens.plan_verdicts as v
    where v.plan_indicator_id = :plan_indicator_id
        and v.event_date between :since and :until
        and (
            v.organisation_id = :organisation_id
            or exists (
                select 1 from ops.organisation as o
                where o.organisation_id = v.organisation_id
                    and o.municipality_id = :organisation_id
            )
        )
"""
VERDICT_COLUMNS = """
    v.event_date, v.event_at, v.event_kind, v.event_table, v.event_id, v.account_id,
    v.account_number, v.address, v.organisation_name, v.result_code, v.event_amount,
    v.amount_after, v.bailiff_office,
    v.overdue_debt, v.band_code, v.document_number, v.event_source, v.recorded_at, v.is_counted,
    v.reason_code
"""
VERDICTS = text(
    f"""
    select {VERDICT_COLUMNS}
    {OF_SCOPE} and v.is_counted = :is_counted
    order by v.event_at desc, v.event_table, v.event_id
    limit :limit offset :offset
    """
)
COUNTED_OF_PLAN = text(
    """
    select asked.code, v.event_date, v.event_kind, v.event_id, v.account_number, v.address,
        v.organisation_name, v.result_code, v.event_amount, v.overdue_debt, v.document_number,
        v.event_source, v.reason_code
    from unnest(
        cast(:indicators as integer[]), cast(:codes as text[]), cast(:since as date[]),
        cast(:until as date[])
    ) with ordinality as asked (plan_indicator_id, code, since, until, place)
    inner join screens.plan_verdicts as v
        on asked.plan_indicator_id = v.plan_indicator_id
        and v.event_date between asked.since and asked.until
    inner join ops.organisation as o on v.organisation_id = o.organisation_id
    where v.is_counted and :organisation_id in (o.organisation_id, o.municipality_id)
    order by asked.place, v.event_date, v.event_table, v.event_id
    """
)
VERDICT_TOTALS = text(
    f"""
    select count(*) filter (where v.is_counted) as counted,
        count(*) filter (where not v.is_counted) as excluded
    {OF_SCOPE}
    """
)
VERDICTS_BY_BAND = text(
    f"""
    select coalesce(b.label, 'ниже 5 000 ₽') as band_name,
        count(distinct v.account_id) as accounts, count(*) as events,
        coalesce(sum(v.event_amount), 0) as amount
    from (select v.* {OF_SCOPE} and v.is_counted and v.account_id is not null) as v
    left join reference.debt_band as b on v.band_code = b.band_code
    group by b.band_code, b.label, b.sort_order
    order by b.sort_order nulls last
    """  # noqa: S608
)
REASONS_COUNTED = text(
    f"""
    select v.reason_code, count(*) as events, count(distinct v.account_id) as accounts
    {OF_SCOPE} and not v.is_counted
    group by v.reason_code
    order by count(*) desc, v.reason_code
    """
)
# Of every organisation and office, the last reconciliation until a day.
OPEN_DIFFERENCES = text(
    """
    select distinct on (o.short_name, v.organisation_id, v.bailiff_office)
        o.short_name as organisation_name, v.bailiff_office, v.event_date,
        v.event_amount, v.amount_after, v.document_number, v.event_id,
        abs(coalesce(v.amount_after, v.event_amount)) as open_amount
    from screens.plan_verdicts as v
    inner join ops.organisation as o on v.organisation_id = o.organisation_id
    where v.plan_indicator_id = :plan_indicator_id and v.event_date <= :until
        and (v.is_counted or v.reason_code = 'newer_reconciliation')
        and :organisation_id in (o.organisation_id, o.municipality_id)
    order by o.short_name, v.organisation_id, v.bailiff_office, v.event_at desc, v.event_id desc
    """
)
BILLS_WITHOUT = text(
    """
    select a.account_id, a.account_number, a.address, a.organisation_name,
        b.period, b.issued_date, b.penalty_amount
    from marts.account_bills as b
    inner join screens.accounts as a on b.account_id = a.account_id
    where b.issued_date between :since and :until
        and case when :counts = 'bills_marked' then not b.has_penalty_information
            else b.is_penalty_due and not b.has_penalty end
        and (
            b.organisation_id = :organisation_id
            or exists (
                select 1 from ops.organisation as o
                where o.organisation_id = b.organisation_id
                    and o.municipality_id = :organisation_id
            )
        )
    order by b.issued_date, a.address_sort_key, a.account_id
    limit :limit
    """
)
ADD_COMMENT = text(
    """
    insert into ops.plan_comment
        (plan_measure_id, organisation_id, period_start, comment, user_id)
    values (:plan_measure_id, :organisation_id, :period_start, :comment, ops.session_user_id())
    """
)


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which plan, whose work, and which period a board shows."""

    plan_id: int
    organisation_id: int
    period_kind: str
    period_start: date
    known_on: date | None = None
    """As was told at the end of this day; None: as is known now."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Events beside one indicator in a range of days."""

    plan_indicator_id: int
    organisation_id: int
    since: date
    until: date

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def plans(connection: Connection) -> list[Row]:
    """Versions of plans that the session sees; ``is_newest`` marks the one in force of each."""
    return list(connection.execute(PLANS).mappings())


def scopes(connection: Connection, plan_id: int) -> list[Row]:
    """Whose work there are figures of: the municipality first, if the session sees it."""
    return list(connection.execute(SCOPES, {"plan_id": plan_id}).mappings())


def periods(connection: Connection, plan_id: int, period_kind: str) -> list[date]:
    """First days of the periods that there are figures for, the newest first."""
    values = {"plan_id": plan_id, "period_kind": period_kind}
    return list(connection.scalars(PERIODS_OF_KIND, values))


def board(connection: Connection, asked: BoardFilter) -> list[Row]:
    """One row per indicator in the order of the plan; the first of a measure is its main one."""
    values = {name: getattr(asked, name) for name in asked.__dataclass_fields__}
    return list(connection.execute(BOARD, values).mappings())


def told_on(connection: Connection, organisation_id: int, known_on: date) -> datetime | None:
    """When the figures that a day knew were last changed; None when there were none by then."""
    values = {"organisation_id": organisation_id, "known_on": known_on}
    return connection.scalar(TOLD_ON, values)


def indicator(connection: Connection, plan_indicator_id: int) -> Row | None:
    """The rule of an indicator and the measure it is of; None when the session sees no such."""
    values = {"plan_indicator_id": plan_indicator_id}
    return connection.execute(INDICATOR, values).mappings().one_or_none()


def execution(
    connection: Connection,
    plan_indicator_id: int,
    organisation_id: int,
    period_kind: str,
    period_start: date,
) -> Row | None:
    """The figures of one indicator in one period."""
    values = {
        "plan_indicator_id": plan_indicator_id,
        "organisation_id": organisation_id,
        "period_kind": period_kind,
        "period_start": period_start,
    }
    return connection.execute(ONE, values).mappings().one_or_none()


def trend(
    connection: Connection,
    plan_indicator_id: int,
    organisation_id: int,
    period_kind: str,
    period_start: date,
    periods_shown: int = 12,
) -> list[Row]:
    """Fact and target of the periods up to one, oldest first."""
    values = {
        "plan_indicator_id": plan_indicator_id,
        "organisation_id": organisation_id,
        "period_kind": period_kind,
        "period_start": period_start,
        "periods": periods_shown,
    }
    return list(connection.execute(TREND, values).mappings())


def feasibility(connection: Connection, plan_indicator_id: int, organisation_id: int) -> Row | None:
    """Whether a norm of a day can be kept; None for other indicators and without debtors."""
    values = {"plan_indicator_id": plan_indicator_id, "organisation_id": organisation_id}
    return connection.execute(FEASIBILITY, values).mappings().one_or_none()


def event_totals(connection: Connection, asked: EventFilter) -> Row:
    """How many events were counted and how many were not."""
    return connection.execute(VERDICT_TOTALS, asked.values()).mappings().one()


def events(
    connection: Connection, asked: EventFilter, *, is_counted: bool, limit: int, offset: int
) -> list[Row]:
    """A page of counted or of excluded events, the newest first, each with its reason."""
    values = {**asked.values(), "is_counted": is_counted, "limit": limit, "offset": offset}
    return [with_words(row) for row in connection.execute(VERDICTS, values).mappings()]


def all_events(connection: Connection, asked: EventFilter, *, is_counted: bool) -> Iterator[Row]:
    """All of them, for a workbook."""
    values = {**asked.values(), "is_counted": is_counted, "limit": None, "offset": 0}
    return (with_words(row) for row in connection.execute(VERDICTS, values).mappings())


def counted_of_plan(connection: Connection, organisation_id: int, rows: Sequence[Row]) -> list[Row]:
    """Events that the rows of a board counted, each by its own period, in the order of the board.

    The appendix of the report: accounts and papers, without names.
    """
    counted = [row for row in rows if row["events_counted"] and row["period_start"] is not None]
    values = {
        "organisation_id": organisation_id,
        "indicators": [row["plan_indicator_id"] for row in counted],
        "codes": [row["code"] for row in counted],
        "since": [row["period_start"] for row in counted],
        "until": [row["period_end"] for row in counted],
    }
    found = connection.execute(COUNTED_OF_PLAN, values).mappings()
    return [with_words(row) for row in found]


def events_by_band(connection: Connection, asked: EventFilter) -> list[Row]:
    """Counted accounts and events by band of debt on the day of the event."""
    return list(connection.execute(VERDICTS_BY_BAND, asked.values()).mappings())


def excluded_by_reason(connection: Connection, asked: EventFilter) -> list[Row]:
    """How many events each reason kept out, in words."""
    rows = connection.execute(REASONS_COUNTED, asked.values()).mappings()
    return [{**row, "reason": REASONS[row["reason_code"]]} for row in rows]


def open_differences(connection: Connection, asked: EventFilter) -> list[Row]:
    """What the last reconciliation with every office left open, by organisation."""
    return list(connection.execute(OPEN_DIFFERENCES, asked.values()).mappings())


def bills_without(
    connection: Connection, asked: EventFilter, counts: str, limit: int = 500
) -> list[Row]:
    """Bills that lack what the indicator asks for: the list to be mended."""
    values = {**asked.values(), "counts": counts, "limit": limit}
    return list(connection.execute(BILLS_WITHOUT, values).mappings())


def add_comment(
    connection: Connection,
    plan_measure_id: int,
    organisation_id: int,
    period_start: date,
    comment: str,
) -> None:
    """Say why a measure stands as it does; the last word goes into the report."""
    if not comment.strip():
        raise ValueError("Напишите пояснение: пустое не сохраняется.")
    connection.execute(
        ADD_COMMENT,
        {
            "plan_measure_id": plan_measure_id,
            "organisation_id": organisation_id,
            "period_start": period_start,
            "comment": comment.strip(),
        },
    )


def with_words(row: Row) -> Row:
    """The row with the names of its event, result, source and reason beside the codes."""
    return {
        **row,
        "event_name": EVENT_NAMES[row["event_kind"]],
        "result_name": CONTACT_RESULTS.get(row["result_code"]),
        "reason": REASONS.get(row["reason_code"]),
        "source_name": SOURCES[row["event_source"]],
    }


def plan(connection: Connection, plan_id: int) -> Row | None:
    """One version of a plan; None when the session sees no such."""
    return next((row for row in plans(connection) if row["plan_id"] == plan_id), None)


def signer(connection: Connection, organisation_id: int) -> Row:
    """Name of an organisation and who signs for it."""
    return (
        connection.execute(
            text(
                "select name, short_name, head_position, head_name from ops.organisation "
                "where organisation_id = :organisation_id"
            ),
            {"organisation_id": organisation_id},
        )
        .mappings()
        .one()
    )
