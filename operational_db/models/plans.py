"""Municipal plans of measures: sections, measures word for word, and how each is counted.

A plan is never edited. A changed plan file makes a new version with measures and indicators of its
own, so that a report made by the old version can be made again.
"""

from datetime import date
from decimal import Decimal

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, BigKey, IntKey, Money, RecordedAt, SmallInt, range_check

COUNTS = (
    "accounts",
    "events",
    "houses",
    "amount",
    "share_of_events",
    "share_of_accounts",
    "share_of_houses",
    "share_followed",
    "bills_marked",
    "bills_with_penalty",
    "documents_dispatched",
    "days_to_payment",
    "share_of_amount",
    "share_of_execution",
    "difference_removed",
    "difference_open",
    "announced_sums",
)
"""What an indicator may count; dbt_project/models/intermediate/plans reads these codes."""
PERIODS = ("day", "month", "quarter", "year")
CALENDARS = ("working", "calendar")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


class Plan(Base):
    """A version of a plan: what it is called, whose it is, which columns its source has."""

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("organisation_id", "code", "version"),
        CheckConstraint("version > 0", name="version_counted"),
        CheckConstraint(range_check("valid_from", "valid_to"), name="range"),
        {"comment": "Municipal plans of measures by version; a changed file is a new version"},
    )

    plan_id: Mapped[IntKey]
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("ops.organisation.organisation_id"), comment="The municipality"
    )
    code: Mapped[str] = mapped_column(comment="Short code, the same in all versions")
    version: Mapped[SmallInt] = mapped_column(comment="1 for the first file, then 2, 3, …")
    title: Mapped[str] = mapped_column(comment="As in the source")
    approval: Mapped[str | None] = mapped_column(comment="Who approved it and when, as written")
    columns: Mapped[list] = mapped_column(
        JSONB, comment="Columns of the source in their order: field of the measure and heading"
    )
    valid_from: Mapped[date] = mapped_column(comment="Events before this day are not counted")
    valid_to: Mapped[date | None] = mapped_column(
        comment="Last day; null while the plan is in force"
    )
    file_name: Mapped[str]
    sha256: Mapped[str] = mapped_column(comment="Checksum of the plan file")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class PlanSection(Base):
    """A task above measures."""

    __tablename__ = "plan_section"
    __table_args__ = ({"comment": "Sections (tasks) of plans"},)

    plan_id: Mapped[int] = mapped_column(ForeignKey("ops.plan.plan_id"), primary_key=True)
    section_no: Mapped[SmallInt] = mapped_column(primary_key=True, comment="Order in the plan")
    title: Mapped[str]


class PlanMeasure(Base):
    """A measure as the source words it; what the source leaves empty is null."""

    __tablename__ = "plan_measure"
    __table_args__ = (
        UniqueConstraint("plan_id", "position"),
        {"comment": "Measures of plans with the texts of their source"},
    )

    plan_measure_id: Mapped[IntKey]
    plan_id: Mapped[int] = mapped_column(ForeignKey("ops.plan.plan_id"))
    position: Mapped[SmallInt] = mapped_column(comment="Order in the plan")
    section_no: Mapped[SmallInt | None] = mapped_column(comment="Its section; null without one")
    measure_no: Mapped[str] = mapped_column(comment="Number as printed")
    name: Mapped[str] = mapped_column(comment="Мероприятие")
    quantity: Mapped[str | None] = mapped_column(comment="Кол-во")
    expected_result: Mapped[str | None] = mapped_column(comment="Ожидаемый результат")
    mechanism: Mapped[str | None] = mapped_column(comment="Механизм реализации")
    indicators: Mapped[str | None] = mapped_column(comment="Индикаторы, in words")
    responsible: Mapped[str | None] = mapped_column(comment="Ответственный исполнитель")
    term: Mapped[str | None] = mapped_column(comment="Срок исполнения")


class PlanIndicator(Base):
    """What is counted for a measure, from which events, and against which target."""

    __tablename__ = "plan_indicator"
    __table_args__ = (
        UniqueConstraint("plan_measure_id", "code"),
        CheckConstraint(f"counts in ({_listed(COUNTS)})", name="counts_known"),
        CheckConstraint(f"period in ({_listed(PERIODS)})", name="period_known"),
        CheckConstraint(f"calendar in ({_listed(CALENDARS)})", name="calendar_known"),
        CheckConstraint(
            "(counts = 'share_followed') = (follow_up_kinds is not null) "
            "and (follow_up_kinds is null) = (follow_up_days is null)",
            name="follow_up_is_whole",
        ),
        CheckConstraint("target is null or target > 0", name="target_positive"),
        CheckConstraint(
            "(counts = 'announced_sums') = (tolerance is not null)",
            name="tolerance_of_announced_sums",
        ),
        CheckConstraint("target is not null or not is_daily_norm", name="norm_has_a_target"),
        {"comment": "Computable indicators of measures: rule, events, target, period"},
    )

    plan_indicator_id: Mapped[IntKey]
    plan_measure_id: Mapped[int] = mapped_column(
        ForeignKey("ops.plan_measure.plan_measure_id"), index=True
    )
    position: Mapped[SmallInt] = mapped_column(comment="1 is the one that the board shows")
    code: Mapped[str] = mapped_column(comment="K1, B1 and so on")
    title: Mapped[str]
    unit: Mapped[str] = mapped_column(comment="лицевых счетов, ₽, %, дней")
    counts: Mapped[str] = mapped_column(comment="What is counted, one of the known ways")
    event_kinds: Mapped[list[str]] = mapped_column(ARRAY(String), comment="Kinds of events read")
    results: Mapped[list[str] | None] = mapped_column(
        ARRAY(String), comment="Results that count; null: any"
    )
    marks: Mapped[list[str] | None] = mapped_column(
        ARRAY(String), comment="What an event must have: duty_paid, photo, receipt, signed, …"
    )
    among_marks: Mapped[list[str] | None] = mapped_column(
        ARRAY(String),
        comment="What an event must have to be looked at, beside its kind; null: any",
    )
    tolerance: Mapped[Decimal | None] = mapped_column(
        Numeric(6, 4),
        comment="By which part a sum announced may differ from the ledger; null: not asked",
    )
    debt_over: Mapped[Money | None] = mapped_column(
        comment="Overdue debt on the day of the event must be above; null: any"
    )
    bands: Mapped[list[str] | None] = mapped_column(
        ARRAY(String), comment="Bands of reference.debt_band on the day of the event; null: any"
    )
    average_charges_from: Mapped[Decimal | None] = mapped_column(
        Numeric(4, 1), comment="Debt of at least so many mean monthly charges; null: any"
    )
    follow_up_kinds: Mapped[list[str] | None] = mapped_column(
        ARRAY(String), comment="Kinds of events that must come after it on the same account"
    )
    follow_up_days: Mapped[SmallInt | None] = mapped_column(comment="Within so many days")
    is_follow_up_working: Mapped[bool] = mapped_column(
        server_default="false", comment="The days of the follow-up are working days"
    )
    period: Mapped[str] = mapped_column(
        comment="What one counting covers: day, month, quarter, year"
    )
    calendar: Mapped[str] = mapped_column(
        comment="Whether events of days off count: working – no, calendar – yes"
    )
    is_daily_norm: Mapped[bool] = mapped_column(
        server_default="false",
        comment="A norm of a day: a longer period is told in days that kept it",
    )
    target: Mapped[Money | None] = mapped_column(
        comment="At least so much in a period; shares as parts of one; null: the source has none"
    )
    offered_target: Mapped[Money | None] = mapped_column(
        comment="What we offer where the source has no target; judges nothing"
    )
    numerator: Mapped[str] = mapped_column(comment="In words")
    denominator: Mapped[str | None] = mapped_column(comment="In words; null for plain counts")
    counting_rule: Mapped[str] = mapped_column(comment="In words, printed beside the figure")
    sources: Mapped[str] = mapped_column(comment="Where the events come from, in words")
    awaits: Mapped[str] = mapped_column(comment="What to enter when nothing was counted yet")
    responsible: Mapped[str | None] = mapped_column(
        comment="Who answers; null: as the measure says"
    )
    deadline: Mapped[str | None] = mapped_column(comment="Term in words; null: as the measure says")


class PlanFigure(Base):
    """What a build said of an indicator; a row is added when it says something else."""

    __tablename__ = "plan_figure"
    __table_args__ = (
        Index(
            "ix_plan_figure_newest",
            "plan_indicator_id",
            "organisation_id",
            "period_kind",
            "period_start",
            "plan_figure_id",
        ),
        {
            "comment": "Figures of plans as builds told them; append-only, "
            "a row for each that differs"
        },
    )

    plan_figure_id: Mapped[BigKey]
    plan_indicator_id: Mapped[int] = mapped_column(
        ForeignKey("ops.plan_indicator.plan_indicator_id")
    )
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    period_kind: Mapped[str] = mapped_column(comment="day, month, quarter, year")
    period_start: Mapped[date]
    as_of_date: Mapped[date] = mapped_column(comment="Day that the build answered for")
    figures: Mapped[dict] = mapped_column(
        JSONB, comment="The row of marts.plan_execution as it was"
    )
    recorded_at: Mapped[RecordedAt]


class PlanComment(Base):
    """What an official or an organisation says of a measure in a month: deviation and reason."""

    __tablename__ = "plan_comment"
    __table_args__ = (
        Index(None, "plan_measure_id", "period_start"),
        {"comment": "Comments on measures by month; the last one goes into the report"},
    )

    plan_comment_id: Mapped[BigKey]
    plan_measure_id: Mapped[int] = mapped_column(ForeignKey("ops.plan_measure.plan_measure_id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    period_start: Mapped[date] = mapped_column(comment="First day of the period spoken of")
    comment: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]
