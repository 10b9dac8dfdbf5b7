"""Organisations that bill, supply and oversee, their bank accounts and their contracts."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, IntKey, RecordedAt, range_check


class OrganisationKind(StrEnum):
    """What an organisation is to the debtor."""

    MANAGEMENT_COMPANY = "management_company"
    HOMEOWNERS = "homeowners"
    RESOURCE_SUPPLIER = "resource_supplier"
    WASTE_OPERATOR = "waste_operator"
    CAPITAL_REPAIR_FUND = "capital_repair_fund"
    SETTLEMENT_CENTRE = "settlement_centre"
    MUNICIPALITY = "municipality"
    BANK = "bank"


class Organisation(Base):
    """A legal person. One of them keeps each account; a municipality oversees those under it."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("inn is null or inn ~ '^([0-9]{10}|[0-9]{12})$'", name="inn_format"),
        CheckConstraint("kpp is null or kpp ~ '^[0-9]{9}$'", name="kpp_format"),
        CheckConstraint("ogrn is null or ogrn ~ '^([0-9]{13}|[0-9]{15})$'", name="ogrn_format"),
        {"comment": "Organisations: those that keep accounts, suppliers, municipalities, banks"},
    )

    organisation_id: Mapped[IntKey]
    code: Mapped[str] = mapped_column(unique=True, comment="Short code for commands and files")
    kind: Mapped[OrganisationKind]
    name: Mapped[str] = mapped_column(comment="Full name as in ЕГРЮЛ")
    short_name: Mapped[str]
    municipality_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.organisation.organisation_id"),
        index=True,
        comment="The municipality that oversees it; null for a municipality itself",
    )
    keeps_registries: Mapped[bool] = mapped_column(
        server_default="false",
        comment="Its administrators write what all organisations use: courts, their payment "
        "details and territories",
    )
    inn: Mapped[str | None]
    kpp: Mapped[str | None]
    ogrn: Mapped[str | None]
    address: Mapped[str | None] = mapped_column(comment="Legal address")
    phone: Mapped[str | None]
    email: Mapped[str | None]
    head_position: Mapped[str | None] = mapped_column(comment="Position of the person who signs")
    head_name: Mapped[str | None] = mapped_column(comment="Full name of the person who signs")
    recorded_at: Mapped[RecordedAt]


class BankAccount(Base):
    """A settlement account of an organisation: tells which side of a statement is ours."""

    __tablename__ = "bank_account"
    __table_args__ = (
        CheckConstraint("account_number ~ '^[0-9]{20}$'", name="number_format"),
        CheckConstraint("bic ~ '^[0-9]{9}$'", name="bic_format"),
        CheckConstraint(range_check("valid_from", "valid_to"), name="range"),
        Index(None, "organisation_id", "account_number", "valid_from", unique=True),
        {"comment": "Settlement accounts of organisations, by date"},
    )

    bank_account_id: Mapped[IntKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    account_number: Mapped[str] = mapped_column(index=True)
    bic: Mapped[str]
    bank_name: Mapped[str]
    correspondent_account: Mapped[str | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_at: Mapped[RecordedAt]


class Contract(Base):
    """Who receives the money for a service that an organisation bills."""

    __tablename__ = "contract"
    __table_args__ = (
        CheckConstraint(range_check("valid_from", "valid_to"), name="range"),
        Index(None, "organisation_id", "service_id", "recipient_id", "valid_from", unique=True),
        {"comment": "Contracts with recipients of money (suppliers), by service and date"},
    )

    contract_id: Mapped[IntKey]
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("ops.organisation.organisation_id"), comment="Who bills the resident"
    )
    recipient_id: Mapped[int] = mapped_column(
        ForeignKey("ops.organisation.organisation_id"), comment="Who is owed the money"
    )
    service_id: Mapped[int] = mapped_column(ForeignKey("reference.service.service_id"))
    number: Mapped[str]
    signed_on: Mapped[date]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_at: Mapped[RecordedAt]
