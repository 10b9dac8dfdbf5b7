"""Work with debtors as facts: what a plan counts, and what the next step is decided by.

Rows are only added. A wrong one is taken back by a cancelling row that points at it.
"""

from datetime import date, datetime

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import (
    Base,
    BigInt,
    BigKey,
    IntKey,
    Money,
    RecordedAt,
    SmallInt,
    credible_check,
    month_check,
)

CONTACT_KINDS = ("sms", "live_call", "robot_call", "email", "letter", "visit")
CONTACT_RESULTS = (
    *("talked", "no_answer", "busy", "wrong_number", "third_person", "refused"),
    *("sent", "delivered", "failed", "returned", "handed_over", "nobody_home"),
)
ACCOUNT_EVENT_KINDS = (
    *("notice_printed", "notice_posted", "notice_delivered", "notice_returned"),
    *("restriction_notice", "restriction", "restriction_lifted"),
    *("order_filed", "claim_filed", "filing_returned"),
    *("writ_dispatched", "writ_returned"),
    *("account_seizure", "property_arrest", "travel_ban"),
    *("eviction_warning", "eviction_claim", "eviction_decision", "eviction_done"),
    *("working_group_decision", "direct_payment_notice", "property_change"),
)
PUBLIC_EVENT_KINDS = (
    *("poster", "publication", "meeting", "forum", "raid", "reconciliation"),
    "housing_allocated",
)
EVENT_SOURCES = ("screen", "file", "system", "demo")


def _listed(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


class ContactEvent(Base):
    """A message, call, letter or visit to a debtor, with its result and what was promised."""

    __tablename__ = "contact_event"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "cancels_event_id"],
            ["ops.contact_event.account_id", "ops.contact_event.contact_event_id"],
        ),
        CheckConstraint(_listed("kind", CONTACT_KINDS), name="kind_known"),
        CheckConstraint(_listed("result", CONTACT_RESULTS), name="result_known"),
        CheckConstraint(_listed("source", EVENT_SOURCES), name="source_known"),
        CheckConstraint("duration_seconds >= 0", name="duration_counted"),
        CheckConstraint("promise_amount > 0", name="promise_positive"),
        CheckConstraint(
            "promise_amount is null or promise_date is not null", name="promise_has_a_date"
        ),
        CheckConstraint(credible_check("promise_date"), name="promise_date_credible"),
        Index(None, "happened_at"),
        Index(None, "user_id", "happened_at"),
        # Few are taken back, and every figure asks of each event whether it was.
        Index(
            None,
            "account_id",
            "cancels_event_id",
            postgresql_where="cancels_event_id is not null",
        ),
        {"comment": "Contacts with debtors: SMS, calls, letters, visits; append-only"},
    )

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.account.account_id"), primary_key=True
    )
    contact_event_id: Mapped[BigKey]
    kind: Mapped[str] = mapped_column(comment="sms, live_call, robot_call, email, letter, visit")
    happened_at: Mapped[datetime] = mapped_column(comment="When it was made or sent")
    result: Mapped[str] = mapped_column(comment="talked, no_answer, delivered and so on")
    phone: Mapped[str | None] = mapped_column(comment="Number or address that was used")
    duration_seconds: Mapped[int | None]
    non_payment_reason: Mapped[str | None] = mapped_column(comment="What the debtor says")
    promise_date: Mapped[date | None] = mapped_column(comment="By when payment is promised")
    promise_amount: Mapped[Money | None] = mapped_column(comment="How much; null: the whole debt")
    next_action: Mapped[str | None] = mapped_column(comment="What to do next, in words")
    next_action_on: Mapped[date | None]
    document_number: Mapped[str | None] = mapped_column(comment="Letter, notice or recording")
    executor: Mapped[str | None] = mapped_column(comment="Name of who did it, as printed")
    comment: Mapped[str | None]
    call_list_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.call_list.call_list_id"), comment="List that the operator worked from"
    )
    cancels_event_id: Mapped[BigInt | None] = mapped_column(
        comment="The event that this takes back"
    )
    source: Mapped[str] = mapped_column(comment="screen, file, system, demo")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class AccountEvent(Base):
    """A step of collection on an account that is no contact: notice, filing, writ, restriction."""

    __tablename__ = "account_event"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "cancels_event_id"],
            ["ops.account_event.account_id", "ops.account_event.account_event_id"],
        ),
        CheckConstraint(_listed("kind", ACCOUNT_EVENT_KINDS), name="kind_known"),
        CheckConstraint(_listed("source", EVENT_SOURCES), name="source_known"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint(credible_check("happened_on"), name="happened_on_credible"),
        Index(None, "happened_on"),
        # Few are taken back, and every figure asks of each event whether it was.
        Index(
            None,
            "account_id",
            "cancels_event_id",
            postgresql_where="cancels_event_id is not null",
        ),
        {"comment": "Steps of collection by account that a plan counts; append-only"},
    )

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.account.account_id"), primary_key=True
    )
    account_event_id: Mapped[BigKey]
    kind: Mapped[str] = mapped_column(comment="notice_delivered, order_filed, writ_dispatched, …")
    happened_on: Mapped[date]
    amount: Mapped[Money | None] = mapped_column(comment="Sum claimed, seized or agreed")
    document_number: Mapped[str | None]
    execution_document_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.execution_document.execution_document_id"),
        comment="The writ or order that was dispatched, returned or acted on",
    )
    duty_paid_on: Mapped[date | None] = mapped_column(comment="State duty of a filing was paid")
    bailiff_office: Mapped[str | None] = mapped_column(comment="ОСП")
    has_receipt: Mapped[bool] = mapped_column(
        server_default="false", comment="A payment slip with the creditor's account went with it"
    )
    decision: Mapped[str | None] = mapped_column(comment="What a working group or court decided")
    executor: Mapped[str | None] = mapped_column(comment="Name of who did it, as printed")
    comment: Mapped[str | None]
    cancels_event_id: Mapped[BigInt | None] = mapped_column(
        comment="The event that this takes back"
    )
    source: Mapped[str] = mapped_column(comment="screen, file, system, demo")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class PublicEvent(Base):
    """Work that is of no single account: posters, press, meetings, raids, reconciliations."""

    __tablename__ = "public_event"
    __table_args__ = (
        CheckConstraint(_listed("kind", PUBLIC_EVENT_KINDS), name="kind_known"),
        CheckConstraint(_listed("source", EVENT_SOURCES), name="source_known"),
        CheckConstraint(credible_check("happened_on"), name="happened_on_credible"),
        CheckConstraint(
            "kind <> 'poster' or cardinality(house_ids) = 1", name="poster_hangs_in_one_house"
        ),
        CheckConstraint("participants >= 0", name="participants_counted"),
        # Nobody takes back the work of another organisation.
        UniqueConstraint("organisation_id", "public_event_id"),
        ForeignKeyConstraint(
            ["organisation_id", "cancels_event_id"],
            ["ops.public_event.organisation_id", "ops.public_event.public_event_id"],
            name="fk_public_event_cancelled_of_organisation",
        ),
        Index(None, "organisation_id", "happened_on"),
        {"comment": "Events of a plan that concern no single account; append-only"},
    )

    public_event_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("ops.organisation.organisation_id"), comment="Who did it"
    )
    kind: Mapped[str] = mapped_column(comment="poster, publication, meeting, raid, …")
    happened_on: Mapped[date]
    house_ids: Mapped[list[int] | None] = mapped_column(
        ARRAY(Integer), comment="Houses covered; of a poster, the one where it hangs"
    )
    entrance: Mapped[SmallInt | None]
    title: Mapped[str | None] = mapped_column(comment="Outlet and headline, theme of a meeting")
    reference: Mapped[str | None] = mapped_column(comment="Address of the page, number of the act")
    bailiff_office: Mapped[str | None] = mapped_column(comment="ОСП")
    participants: Mapped[int | None]
    amount: Mapped[Money | None] = mapped_column(
        comment="Sum announced, or difference before a reconciliation"
    )
    amount_after: Mapped[Money | None] = mapped_column(comment="Difference after a reconciliation")
    is_signed: Mapped[bool] = mapped_column(
        server_default="false", comment="The act of reconciliation is signed by both sides"
    )
    file_sha256: Mapped[str | None] = mapped_column(comment="Photo or scan, see ops.event_file")
    executor: Mapped[str | None] = mapped_column(comment="Name of who did it, as printed")
    comment: Mapped[str | None]
    cancels_event_id: Mapped[BigInt | None] = mapped_column(
        comment="The event that this takes back"
    )
    source: Mapped[str] = mapped_column(comment="screen, file, system, demo")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class BillEvent(Base):
    """A bill (ЕПД) issued to an account: whether it tells of penalties and charges one."""

    __tablename__ = "bill_event"
    __table_args__ = (
        CheckConstraint(month_check("period"), name="period_is_a_month"),
        CheckConstraint(credible_check("issued_on"), name="issued_on_credible"),
        CheckConstraint("penalty_amount >= 0", name="penalty_not_negative"),
        {"comment": "Bills issued: information on penalties and the penalty charged; append-only"},
    )

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.account.account_id"), primary_key=True
    )
    period: Mapped[date] = mapped_column(primary_key=True, comment="Month of the bill")
    bill_event_id: Mapped[BigKey]
    issued_on: Mapped[date]
    has_penalty_information: Mapped[bool] = mapped_column(
        comment="The bill says how penalties are counted"
    )
    penalty_amount: Mapped[Money | None] = mapped_column(comment="Penalty line; null without one")
    source: Mapped[str] = mapped_column(comment="screen, file, system, demo")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class EventFile(Base):
    """A photo of a poster or a scan of an act, kept under its checksum."""

    __tablename__ = "event_file"
    __table_args__ = (
        UniqueConstraint("organisation_id", "sha256"),
        {"comment": "Photos and scans of plan events; append-only"},
    )

    event_file_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    sha256: Mapped[str]
    file_name: Mapped[str]
    content: Mapped[bytes]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class CallList(Base):
    """A list of accounts to call, chosen by parameters."""

    __tablename__ = "call_list"
    __table_args__ = (
        Index(None, "organisation_id", "recorded_at"),
        {"comment": "Lists of accounts to call, with the parameters that chose them"},
    )

    call_list_id: Mapped[IntKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    title: Mapped[str]
    parameters: Mapped[dict] = mapped_column(JSONB)
    user_id: Mapped[int] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class CallListItem(Base):
    """An account of a list, in the order of calling."""

    __tablename__ = "call_list_item"
    __table_args__ = (
        Index(None, "call_list_id", "position", unique=True),
        {"comment": "Accounts of call lists in their order"},
    )

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.account.account_id"), primary_key=True
    )
    call_list_id: Mapped[int] = mapped_column(
        ForeignKey("ops.call_list.call_list_id"), primary_key=True
    )
    position: Mapped[int]
    recorded_at: Mapped[RecordedAt]


class CallHold(Base):
    """The account that an operator has before them: nobody else is given it meanwhile."""

    __tablename__ = "call_hold"
    __table_args__ = ({"comment": "Accounts in hand of operators; a row is renewed, no fact"},)

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.account.account_id"), primary_key=True
    )
    call_list_id: Mapped[int] = mapped_column(ForeignKey("ops.call_list.call_list_id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("ops.app_user.user_id"), index=True)
    is_put_off: Mapped[bool] = mapped_column(
        server_default="false", comment="Put back by the operator: nobody gets it till then"
    )
    held_until: Mapped[datetime]


class EventSeal(Base):
    """A link of the chain: digest of all events recorded since the link before it."""

    __tablename__ = "event_seal"
    __table_args__ = ({"comment": "Hash chain over the events that plans count; append-only"},)

    event_seal_id: Mapped[IntKey]
    last_contact_event_id: Mapped[BigInt]
    last_account_event_id: Mapped[BigInt]
    last_public_event_id: Mapped[BigInt]
    last_bill_event_id: Mapped[BigInt]
    events: Mapped[BigInt] = mapped_column(comment="How many events this link seals")
    previous_digest: Mapped[str] = mapped_column(
        comment="Digest of the link before; empty at first"
    )
    digest: Mapped[str] = mapped_column(comment="SHA-256 over the previous digest and the events")
    recorded_at: Mapped[RecordedAt]
