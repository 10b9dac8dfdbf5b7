"""Law and code lists of the schema ``reference``.

Every row comes from a CSV file of ``operational_db/reference/data`` and is never edited in place:
the loader makes the tables equal to the files. A rule of law carries its act and a mark that says
how sure we are of it, so that a doubtful row can be found and switched.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Numeric, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, Money

ACT_COMMENT = "Act of law (or other source) that the row rests on"
MARK_COMMENT = (
    "How sure the row is: V2 two published sources, V1 one, C sources conflict, "
    "M+/M/M- general knowledge from sure to doubtful, NOT_FOUND no act found"
)
NOTES_COMMENT = "Doubts, defaults chosen and what would change them"
ENABLED_COMMENT = "False keeps an alternative reading of the law at hand without applying it"

MARKS = ("V2", "V1", "C", "M+", "M", "M-", "NOT_FOUND")


def one_of(column: str, *values: str) -> CheckConstraint:
    """Keep a code column within its list, since the list is part of the meaning.

    ``info`` lets the loader name the allowed codes when a file holds another one.
    """
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(
        f"{column} in ({listed})",
        name=f"{column}_known",
        info={"column": column, "allowed": values},
    )


def known_mark() -> CheckConstraint:
    return one_of("mark", *MARKS)


def ordered(start: str, end: str) -> CheckConstraint:
    """A range may be open at its end but never runs backwards."""
    return CheckConstraint(f"{end} >= {start}", name=f"{end}_not_before_{start}")


class KeyRate(Base):
    """Rate that penalties are counted by: refinancing rate, since 2016 the key rate (3894-У)."""

    __tablename__ = "key_rate"
    __table_args__ = (
        CheckConstraint("rate_pct > 0", name="rate_positive"),
        one_of("basis", "refinancing", "key_rate"),
        known_mark(),
        {"schema": "reference", "comment": "Key rate of the Bank of Russia, one row per change"},
    )

    start_date: Mapped[date] = mapped_column(
        primary_key=True, comment="First day of the rate; it holds until the next row"
    )
    rate_pct: Mapped[Decimal] = mapped_column(Numeric(6, 2), comment="Per cent a year")
    basis: Mapped[str] = mapped_column(comment="refinancing before 2016-01-01, key_rate since then")
    act: Mapped[str] = mapped_column(comment=ACT_COMMENT)
    mark: Mapped[str] = mapped_column(comment=MARK_COMMENT)


class Moratorium(Base):
    """A period or a person for whom penalties are not accrued, or accrued at a capped rate."""

    __tablename__ = "moratorium"
    __table_args__ = (
        one_of("kind", "exclude_days", "rate_cap", "exempt_person"),
        one_of("axis", "day_of_delay", "date_of_payment_or_calculation", "person"),
        one_of("rate_mode", "fixed", "min"),
        CheckConstraint(
            "not is_enabled or (kind = 'rate_cap') = (rate_mode is not null)",
            name="only_a_cap_has_a_rate_mode",
        ),
        CheckConstraint(
            "(rate_mode is null) = (cap_pct is null)", name="rate_mode_and_cap_together"
        ),
        ordered("date_from", "date_to"),
        known_mark(),
        {
            "schema": "reference",
            "comment": "Moratoria on penalties, caps of their rate, exemptions",
        },
    )

    moratorium_id: Mapped[str] = mapped_column(primary_key=True, comment="Stable code, e.g. M2022")
    kind: Mapped[str] = mapped_column(
        comment="exclude_days: these days bear no penalty; rate_cap: the rate is limited; "
        "exempt_person: no penalty while a person's ground lasts"
    )
    date_from: Mapped[date] = mapped_column(comment="First day, on the axis of the row")
    date_to: Mapped[date | None] = mapped_column(comment="Last day inclusive; null while open")
    axis: Mapped[str] = mapped_column(
        comment="What the dates are compared with: the day of delay, the day of payment or "
        "calculation, or the dates of a person's ground"
    )
    rule: Mapped[str] = mapped_column(comment="The rule in words")
    rate_mode: Mapped[str | None] = mapped_column(
        comment="fixed: cap_pct itself; min: the lower of cap_pct and the key rate; null: no cap"
    )
    cap_pct: Mapped[Decimal | None] = mapped_column(
        Numeric(6, 2), comment="Cap, per cent a year; null when the row caps nothing"
    )
    scope_debtors: Mapped[str | None] = mapped_column(comment="Whom it covers, in words")
    scope_debts: Mapped[str | None] = mapped_column(comment="Which debts it covers, in words")
    debts_before: Mapped[date | None] = mapped_column(
        comment="Only obligations whose month starts before this day; null: all obligations"
    )
    is_enabled: Mapped[bool] = mapped_column(comment=ENABLED_COMMENT)
    act: Mapped[str | None] = mapped_column(comment=ACT_COMMENT + "; null when none was found")
    mark: Mapped[str] = mapped_column(comment=MARK_COMMENT)
    notes: Mapped[str | None] = mapped_column(comment=NOTES_COMMENT)


class StateDutyStep(Base):
    """One step of a state duty scale, НК 333.19 and 333.21."""

    __tablename__ = "state_duty_step"
    __table_args__ = (
        one_of("forum", "SOYU", "ARBITRAZH"),
        one_of("payer", "any", "organisation", "citizen"),
        CheckConstraint(
            "base_rub is not null or claim_fee_share_pct is not null", name="fee_is_computable"
        ),
        ordered("valid_from", "valid_to"),
        CheckConstraint("claim_upto_incl > claim_over", name="claim_range_not_empty"),
        known_mark(),
        {
            "schema": "reference",
            "comment": "State duty: fee = base_rub + pct_over per cent of the claim above "
            "claim_over, or a share of the fee for a claim, within min_rub and max_rub",
        },
    )

    step_id: Mapped[str] = mapped_column(primary_key=True, comment="Stable code of the step")
    scale_id: Mapped[str] = mapped_column(comment="Scale the step belongs to: old or new")
    valid_from: Mapped[date] = mapped_column(
        comment="First day of sending to the court for which the scale is used"
    )
    valid_to: Mapped[date | None] = mapped_column(comment="Last such day inclusive; null: open")
    forum: Mapped[str] = mapped_column(comment="SOYU: general courts and magistrates; ARBITRAZH")
    kind: Mapped[str] = mapped_column(comment="What is filed: claim, court_order, cassation, …")
    payer: Mapped[str] = mapped_column(comment="Whose fee it is; any when the law does not say")
    claim_over: Mapped[Money | None] = mapped_column(
        comment="The step is for claims above this sum; null when the sum does not matter"
    )
    claim_upto_incl: Mapped[Money | None] = mapped_column(
        comment="… and up to this sum inclusive; null: no upper bound"
    )
    base_rub: Mapped[Money | None] = mapped_column(
        comment="Fixed part, roubles; null when the fee is a share of the claim's fee"
    )
    pct_over: Mapped[Decimal | None] = mapped_column(
        Numeric(6, 3), comment="Per cent of the part of the claim above claim_over"
    )
    claim_fee_share_pct: Mapped[Decimal | None] = mapped_column(
        Numeric(6, 3), comment="Per cent of the fee for a claim of the same sum (court orders: 50)"
    )
    min_rub: Mapped[Money | None] = mapped_column(comment="Not less than, roubles")
    max_rub: Mapped[Money | None] = mapped_column(comment="Not more than, roubles")
    act: Mapped[str] = mapped_column(comment=ACT_COMMENT)
    mark: Mapped[str] = mapped_column(comment=MARK_COMMENT)
    notes: Mapped[str | None] = mapped_column(comment=NOTES_COMMENT)


class DueDay(Base):
    """Last day for paying a month, ЖК 155 and 171. The day itself is still in time."""

    __tablename__ = "due_day"
    __table_args__ = (
        one_of("scope", "housing", "capital_repair"),
        CheckConstraint("due_day between 1 and 28", name="due_day_exists_in_every_month"),
        CheckConstraint(
            "payment_document_by_day between 1 and 28", name="document_day_exists_in_every_month"
        ),
        CheckConstraint(
            "extract(day from period_from) = 1 and "
            "(period_to is null or extract(day from period_to) = 1)",
            name="periods_are_months",
        ),
        ordered("period_from", "period_to"),
        known_mark(),
        {"schema": "reference", "comment": "Due day of a month's charge, by month charged"},
    )

    due_day_id: Mapped[str] = mapped_column(primary_key=True, comment="Stable code of the row")
    scope: Mapped[str] = mapped_column(comment="housing or capital_repair")
    period_from: Mapped[date] = mapped_column(comment="First month charged, its first day")
    period_to: Mapped[date | None] = mapped_column(
        comment="Last month charged inclusive, its first day; null: open"
    )
    due_day: Mapped[int] = mapped_column(
        SmallInteger, comment="Day of the month that follows the month charged, inclusive"
    )
    payment_document_by_day: Mapped[int] = mapped_column(
        SmallInteger, comment="Day of the following month by which the bill must be delivered"
    )
    is_override_allowed: Mapped[bool] = mapped_column(
        comment="Whether a contract, a meeting or a regional law may set another day"
    )
    is_shifted_from_day_off: Mapped[bool] = mapped_column(
        comment="Whether a due day on a day off moves to the next working day (ГК 193)"
    )
    act: Mapped[str] = mapped_column(comment=ACT_COMMENT)
    mark: Mapped[str] = mapped_column(comment=MARK_COMMENT)
    notes: Mapped[str | None] = mapped_column(comment=NOTES_COMMENT)


class PenaltyStep(Base):
    """Which part of the rate one day of delay bears; day k is the due date + k days."""

    __tablename__ = "penalty_step"
    __table_args__ = (
        one_of("debtor_kind", "citizen", "hoa", "management_company", "other_organisation"),
        one_of("liability", "housing", "capital_repair"),
        CheckConstraint("day_from >= 1", name="day_from_positive"),
        CheckConstraint("denominator > 0", name="denominator_positive"),
        ordered("day_from", "day_to"),
        ordered("valid_from", "valid_to"),
        known_mark(),
        {"schema": "reference", "comment": "Steps of the penalty: 1/denominator of the rate a day"},
    )

    step_id: Mapped[str] = mapped_column(primary_key=True, comment="Stable code of the step")
    debtor_kind: Mapped[str] = mapped_column(
        comment="citizen, hoa (ТСЖ, ЖСК), management_company, other_organisation"
    )
    liability: Mapped[str] = mapped_column(comment="housing or capital_repair")
    variant: Mapped[str] = mapped_column(
        comment="Reading of the law the step belongs to; the steps of a variant switch together"
    )
    valid_from: Mapped[date] = mapped_column(comment="First calendar day of delay under the rule")
    valid_to: Mapped[date | None] = mapped_column(comment="Last such day inclusive; null: open")
    day_from: Mapped[int] = mapped_column(comment="First day of delay of the step")
    day_to: Mapped[int | None] = mapped_column(comment="Last day inclusive; null: without end")
    denominator: Mapped[int | None] = mapped_column(
        SmallInteger, comment="300 for 1/300 of the rate a day; null: no penalty"
    )
    is_enabled: Mapped[bool] = mapped_column(comment=ENABLED_COMMENT)
    act: Mapped[str] = mapped_column(comment=ACT_COMMENT)
    mark: Mapped[str] = mapped_column(comment=MARK_COMMENT)
    notes: Mapped[str | None] = mapped_column(comment=NOTES_COMMENT)


class LegalTerm(Base):
    """A term, limit or other number that the law sets, by the date from which it holds."""

    __tablename__ = "legal_term"
    __table_args__ = (
        one_of(
            "unit",
            "hour",
            "day",
            "working_day",
            "month",
            "year",
            "rouble",
            "percent",
            "times",
            "hour_of_day",
            "day_of_month",
            "monthly_payment",
        ),
        ordered("valid_from", "valid_to"),
        known_mark(),
        {"schema": "reference", "comment": "Terms and limits of law: courts, limitation, bailiffs"},
    )

    code: Mapped[str] = mapped_column(primary_key=True, comment="What the number is, in English")
    valid_from: Mapped[date] = mapped_column(primary_key=True, comment="First day it holds")
    valid_to: Mapped[date | None] = mapped_column(comment="Last day inclusive; null: open")
    value: Mapped[int] = mapped_column(comment="The number, in the unit of the row")
    unit: Mapped[str] = mapped_column(
        comment="Unit of value; times: allowed number of actions; monthly_payment: that many "
        "monthly payments"
    )
    title: Mapped[str] = mapped_column(comment="What the number is, in Russian, for screens")
    is_enabled: Mapped[bool] = mapped_column(comment=ENABLED_COMMENT)
    act: Mapped[str] = mapped_column(comment=ACT_COMMENT)
    mark: Mapped[str] = mapped_column(comment=MARK_COMMENT)
    notes: Mapped[str | None] = mapped_column(comment=NOTES_COMMENT)


class CalendarDay(Base):
    """One day of the production calendar of the Russian Federation, ТК 112."""

    __tablename__ = "calendar_day"
    __table_args__ = (
        one_of(
            "day_kind", "working", "weekend", "holiday", "moved_day_off", "moved_working", "short"
        ),
        CheckConstraint(
            "is_working = (day_kind in ('working', 'moved_working', 'short'))",
            name="kind_decides_working",
        ),
        known_mark(),
        {"schema": "reference", "comment": "Production calendar, every day, five-day week"},
    )

    day: Mapped[date] = mapped_column(primary_key=True, comment="Calendar day")
    is_working: Mapped[bool] = mapped_column(
        comment="Working day of the five-day week; a term that ends on another day moves (ГК 193)"
    )
    day_kind: Mapped[str] = mapped_column(
        comment="working, weekend, holiday, moved_day_off (day off by transfer), moved_working "
        "(worked day off), short (eve of a holiday, an hour less)"
    )
    note: Mapped[str | None] = mapped_column(comment="Holiday, transfer or trap, in Russian")
    act: Mapped[str] = mapped_column(comment=ACT_COMMENT)
    mark: Mapped[str] = mapped_column(comment=MARK_COMMENT)


class Service(Base):
    """A housing or utility service as it is printed in a bill."""

    __tablename__ = "service"
    __table_args__ = (
        one_of("kind", "housing", "utility", "capital_repair", "other"),
        one_of("liability", "housing", "capital_repair"),
        {"schema": "reference", "comment": "Services that are charged"},
    )

    service_id: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="Stable number, never reused"
    )
    code: Mapped[str] = mapped_column(unique=True, comment="Code in English, e.g. cold_water")
    name: Mapped[str] = mapped_column(unique=True, comment="Full name in Russian")
    short_name: Mapped[str] = mapped_column(comment="Name for narrow columns, in Russian")
    unit: Mapped[str | None] = mapped_column(comment="Unit of volume in Russian; null: none")
    kind: Mapped[str] = mapped_column(comment="housing, utility, capital_repair or other (ЖК 154)")
    liability: Mapped[str] = mapped_column(
        comment="Which due day and penalty steps apply: housing or capital_repair"
    )
    sort_order: Mapped[int] = mapped_column(SmallInteger, comment="Order in bills and reports")


class ServiceSynonym(Base):
    """A name under which billing programs print a service."""

    __tablename__ = "service_synonym"
    __table_args__ = (
        {"schema": "reference", "comment": "Names of services in other programs, normalised"},
    )

    synonym: Mapped[str] = mapped_column(
        primary_key=True,
        comment="Normalised name: lower case, ё as е, punctuation and spaces collapsed",
    )
    service_id: Mapped[int] = mapped_column(
        ForeignKey("reference.service.service_id"), index=True, comment="Service that it means"
    )


class AgeingBucket(Base):
    """A column of the ageing of debt; together the buckets hold the whole balance."""

    __tablename__ = "ageing_bucket"
    __table_args__ = (
        ordered("days_from", "days_to"),
        ordered("years_from", "years_to"),
        {"schema": "reference", "comment": "Ageing of debt by the time since the due date"},
    )

    bucket_code: Mapped[str] = mapped_column(primary_key=True, comment="Code, e.g. d031_060")
    label: Mapped[str] = mapped_column(comment="Heading in Russian")
    days_from: Mapped[int | None] = mapped_column(
        comment="First day of delay; null: an advance, or debt that is not due yet"
    )
    days_to: Mapped[int | None] = mapped_column(
        comment="Last day of delay inclusive; 0 for debt not due yet; null: no bound in days"
    )
    years_from: Mapped[int | None] = mapped_column(
        comment="Whole calendar years after the due date that must have passed; null: no such bound"
    )
    years_to: Mapped[int | None] = mapped_column(
        comment="Whole calendar years after the due date, inclusive; null: no such bound"
    )
    sort_order: Mapped[int] = mapped_column(SmallInteger, comment="Order of the columns")


class DebtBand(Base):
    """A band of debtors by sum, as municipal plans name them (A is the largest debt)."""

    __tablename__ = "debt_band"
    __table_args__ = (
        CheckConstraint("amount_to > amount_from", name="band_not_empty"),
        {"schema": "reference", "comment": "Bands of debt of one account, plans' groups A to D"},
    )

    band_code: Mapped[str] = mapped_column(primary_key=True, comment="A, B, C or D")
    label: Mapped[str] = mapped_column(comment="Name in Russian")
    amount_from: Mapped[Money] = mapped_column(comment="Lower bound, roubles")
    is_from_inclusive: Mapped[bool] = mapped_column(comment="Whether the bound itself belongs here")
    amount_to: Mapped[Money | None] = mapped_column(comment="Upper bound, roubles; null: none")
    is_to_inclusive: Mapped[bool] = mapped_column(comment="Whether the bound itself belongs here")
    sort_order: Mapped[int] = mapped_column(SmallInteger, comment="Largest debt first")


class FilingRule(Base):
    """A rule of the check before filing: what stops an application, what only warns."""

    __tablename__ = "filing_rule"
    __table_args__ = (
        known_mark(),
        {"schema": "reference", "comment": "Rules of the check before filing to a court"},
    )

    rule_code: Mapped[str] = mapped_column(primary_key=True, comment="Code that findings name")
    title: Mapped[str] = mapped_column(comment="What is wrong, in Russian")
    what_to_do: Mapped[str] = mapped_column(comment="How to mend it, in Russian")
    threshold: Mapped[Decimal | None] = mapped_column(
        Numeric(14, 2), comment="small: per cent of the demand that the duty may reach"
    )
    is_red: Mapped[bool] = mapped_column(comment="Stops the application; else it is a warning")
    is_enabled: Mapped[bool] = mapped_column(comment="False: the rule is not applied")
    act: Mapped[str] = mapped_column(comment=ACT_COMMENT)
    mark: Mapped[str] = mapped_column(comment=MARK_COMMENT)
    sort_order: Mapped[int] = mapped_column(SmallInteger, comment="Order of the list")


class CourtReason(Base):
    """Why a court returned, refused or cancelled, and the rule that would have caught it."""

    __tablename__ = "court_reason"
    __table_args__ = (
        one_of(
            "event_kind", "returned", "refused", "left_unheard", "cancelled", "dismissed", "ended"
        ),
        known_mark(),
        {"schema": "reference", "comment": "Reasons of court acts, with the article they rest on"},
    )

    reason_code: Mapped[str] = mapped_column(primary_key=True, comment="Code for files and rules")
    event_kind: Mapped[str] = mapped_column(comment="Kind of event that it explains")
    title: Mapped[str] = mapped_column(comment="Name in Russian")
    guard_rule: Mapped[str | None] = mapped_column(
        comment="Rule of the check before filing that should have caught it"
    )
    act: Mapped[str] = mapped_column(comment=ACT_COMMENT)
    mark: Mapped[str] = mapped_column(comment=MARK_COMMENT)
    sort_order: Mapped[int] = mapped_column(SmallInteger, comment="Order of the list")


class FilingEconomics(Base):
    """What the economics of filing is counted from: probabilities, prices, days."""

    __tablename__ = "filing_economics"
    __table_args__ = (
        one_of("kind", "recovery", "observation", "unit_cost", "reserve"),
        one_of("unit", "percent", "month", "case", "rouble", "day"),
        known_mark(),
        CheckConstraint("value >= 0", name="value_not_negative"),
        {"schema": "reference", "comment": "Estimates behind the economics of filing to a court"},
    )

    code: Mapped[str] = mapped_column(primary_key=True, comment="Code that views name")
    kind: Mapped[str] = mapped_column(
        comment="recovery, observation, unit_cost (all are added up), reserve"
    )
    value: Mapped[Decimal] = mapped_column(Numeric(14, 4), comment="In the unit of the row")
    unit: Mapped[str] = mapped_column(comment="percent, month, case, rouble or day")
    title: Mapped[str] = mapped_column(comment="Name in Russian")
    act: Mapped[str] = mapped_column(comment=ACT_COMMENT)
    mark: Mapped[str] = mapped_column(comment=MARK_COMMENT)
    notes: Mapped[str | None] = mapped_column(comment=NOTES_COMMENT)
    sort_order: Mapped[int] = mapped_column(SmallInteger, comment="Order of the list")


class TableState(Base):
    """What stands in a reference table: how far it was verified, whence, and which file."""

    __tablename__ = "table_state"
    __table_args__ = (
        CheckConstraint("rows >= 0", name="rows_not_negative"),
        {"schema": "reference", "comment": "State of every reference table after its last load"},
    )

    table_name: Mapped[str] = mapped_column(primary_key=True, comment="Table of this schema")
    verified_through: Mapped[date | None] = mapped_column(
        comment="Last day for which the rows were checked; null for lists that do not age"
    )
    source: Mapped[str] = mapped_column(comment="Where the rows were taken from")
    rows: Mapped[int] = mapped_column(comment="Rows in the table")
    checksum: Mapped[str] = mapped_column(comment="SHA-256 of the CSV file that was loaded")
    loaded_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), comment="When the rows last changed"
    )
