"""Users, their roles, sessions, requests for runs, and the audit trail."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, BigInt, BigKey, IntKey, RecordedAt, month_check


class Role(StrEnum):
    """What a user does here; a menu and rights follow from it."""

    OFFICIAL = "official"
    MANAGER = "manager"
    LAWYER = "lawyer"
    ACCOUNTANT = "accountant"
    OPERATOR = "operator"
    INSPECTOR = "inspector"
    ADMINISTRATOR = "administrator"


class AppUser(Base):
    """Somebody who signs in. Belongs to one organisation and sees what it may see."""

    __tablename__ = "app_user"
    __table_args__ = (
        CheckConstraint("login = lower(btrim(login)) and login <> ''", name="login_normal"),
        {"comment": "Users; screens cannot read this table"},
    )

    user_id: Mapped[IntKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    login: Mapped[str] = mapped_column(unique=True, comment="Login, or e-mail where OIDC is used")
    full_name: Mapped[str]
    password_hash: Mapped[str | None] = mapped_column(comment="argon2id; null for OIDC users")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    recorded_at: Mapped[RecordedAt]


class UserRole(Base):
    """A role of a user."""

    __tablename__ = "user_role"
    __table_args__ = ({"comment": "Roles of users; one user may have several"},)

    user_id: Mapped[int] = mapped_column(ForeignKey("ops.app_user.user_id"), primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)
    recorded_at: Mapped[RecordedAt]


class UserSession(Base):
    """A sign-in. The database believes a connection only by the token of a live session."""

    __tablename__ = "user_session"
    __table_args__ = ({"comment": "Sessions; only a digest of the token is kept"},)

    token_digest: Mapped[bytes] = mapped_column(primary_key=True, comment="SHA-256 of the token")
    user_id: Mapped[int] = mapped_column(ForeignKey("ops.app_user.user_id"), index=True)
    opened_at: Mapped[RecordedAt]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """Attempts to sign in, to slow down guessing: ``ops.gate_attempt`` counts the failed ones."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index(None, "login", "address", "recorded_at"),
        {
            "comment": (
                "Attempts to sign in by login and address; many failures make the next one wait"
            )
        },
    )

    sign_in_attempt_id: Mapped[BigKey]
    login: Mapped[str]
    address: Mapped[str] = mapped_column(
        server_default="", comment="Where it came from, as the server of the screens saw it"
    )
    recorded_at: Mapped[RecordedAt]
    succeeded_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), comment="Null while it counts as a failure"
    )


class AuditEvent(Base):
    """Who did what to which object."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(None, "organisation_id", "recorded_at"),
        {"comment": "Audit trail: sign-ins, imports, exports with purpose, documents; append-only"},
    )

    audit_event_id: Mapped[BigKey]
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.organisation.organisation_id")
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    action: Mapped[str] = mapped_column(comment="sign_in, import, export, print, run, month_close")
    object_kind: Mapped[str | None]
    object_id: Mapped[str | None]
    purpose: Mapped[str | None] = mapped_column(comment="Why personal data left the system")
    details: Mapped[dict] = mapped_column(JSONB, server_default="{}")
    recorded_at: Mapped[RecordedAt]


class RunRequest(Base):
    """A screen asks the scheduler for a run: a build, a batch of documents, a month closing."""

    __tablename__ = "run_request"
    __table_args__ = (
        CheckConstraint("state in ('queued', 'running', 'done', 'failed')", name="state_known"),
        CheckConstraint("jsonb_typeof(parameters) = 'object'", name="parameters_are_named"),
        Index(None, "state", "run_request_id"),
        {"comment": "Requests from screens to Dagster, with progress and outcome"},
    )

    run_request_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    kind: Mapped[str] = mapped_column(comment="What is asked for: build, statements, …")
    parameters: Mapped[dict] = mapped_column(JSONB, server_default="{}")
    state: Mapped[str] = mapped_column(server_default="queued")
    items_total: Mapped[int | None]
    items_done: Mapped[int] = mapped_column(server_default="0")
    message: Mapped[str | None] = mapped_column(comment="For the user, in Russian")
    dagster_run_id: Mapped[str | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    recorded_at: Mapped[RecordedAt]


class Document(Base):
    """A printed document: what it was made from, and where its bytes are."""

    __tablename__ = "document"
    __table_args__ = (
        Index(None, "account_id", "kind"),
        Index(None, "run_request_id"),
        {"comment": "Documents made: template version, digest of context and of bytes"},
    )

    document_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("ops.account.account_id"))
    run_request_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.run_request.run_request_id")
    )
    kind: Mapped[str] = mapped_column(comment="account_statement, and others later")
    file_name: Mapped[str]
    template_version: Mapped[str]
    context_digest: Mapped[str]
    content_digest: Mapped[str]
    content: Mapped[bytes]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class MonthClosing(Base):
    """A closed month of an organisation: the moment of knowledge that its sheets stand on."""

    __tablename__ = "month_closing"
    __table_args__ = (
        CheckConstraint(month_check("period"), name="period_is_a_month"),
        {"comment": "Closed months with control totals; re-opened by a later row"},
    )

    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("ops.organisation.organisation_id"), primary_key=True
    )
    period: Mapped[date] = mapped_column(primary_key=True, comment="First day of the month")
    recorded_at: Mapped[RecordedAt] = mapped_column(primary_key=True)
    is_closed: Mapped[bool]
    control_totals: Mapped[dict] = mapped_column(JSONB)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))


class MonthCheck(Base):
    """What a comparison of a month found: the ledger against the marts."""

    __tablename__ = "month_check"
    __table_args__ = (
        CheckConstraint(month_check("period"), name="period_is_a_month"),
        Index(None, "organisation_id", "period"),
        {"comment": "Comparisons of the ledger with the marts by month; append-only"},
    )

    month_check_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    period: Mapped[date] = mapped_column(comment="First day of the month")
    run_request_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.run_request.run_request_id")
    )
    build_id: Mapped[BigInt | None] = mapped_column(comment="Build of the marts it speaks of")
    accounts: Mapped[int] = mapped_column(comment="Accounts with turnover or balance")
    differing: Mapped[int] = mapped_column(comment="Accounts whose sums differ")
    ledger: Mapped[dict] = mapped_column(JSONB, comment="Totals of primary facts, roubles")
    marts: Mapped[dict] = mapped_column(JSONB, comment="Totals of the marts, roubles")
    differences: Mapped[list] = mapped_column(JSONB, comment="The accounts that differ most")
    recorded_at: Mapped[RecordedAt]
