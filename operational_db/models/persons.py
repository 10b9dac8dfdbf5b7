"""People: owners, residents, minors and their representatives, with their identifiers."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, BigInt, BigKey, RecordedAt, SmallInt, range_check


class Sex(StrEnum):
    """Needed for the grammar of documents."""

    MALE = "male"
    FEMALE = "female"


class Person(Base):
    """A person as one organisation knows them: organisations do not share personal data."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("death_date is null or death_date >= birth_date", name="life_range"),
        Index(None, "organisation_id", "last_name", "first_name"),
        {"comment": "Personal data, kept apart by organisation; screens read it through masks"},
    )

    person_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    last_name: Mapped[str]
    first_name: Mapped[str]
    middle_name: Mapped[str | None]
    sex: Mapped[Sex | None]
    birth_date: Mapped[date | None]
    birth_place: Mapped[str | None]
    death_date: Mapped[date | None]
    registered_address: Mapped[str | None] = mapped_column(
        comment="Place of residence where it is not the premises of the account"
    )
    phone: Mapped[str | None]
    email: Mapped[str | None]
    recorded_at: Mapped[RecordedAt]


class IdentifierKind(StrEnum):
    """Identifiers that ГПК 124 accepts for a debtor."""

    SNILS = "snils"
    INN = "inn"
    PASSPORT = "passport"
    BIRTH_CERTIFICATE = "birth_certificate"
    DRIVING_LICENCE = "driving_licence"
    VEHICLE_CERTIFICATE = "vehicle_certificate"


class PersonIdentifier(Base):
    """One document or number that tells a person from a namesake."""

    __tablename__ = "person_identifier"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "number"),
        {"comment": "СНИЛС, ИНН, passports and licences of people"},
    )

    person_identifier_id: Mapped[BigKey]
    person_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.person.person_id"))
    kind: Mapped[IdentifierKind]
    number: Mapped[str]
    issued_by: Mapped[str | None]
    issued_on: Mapped[date | None]
    recorded_at: Mapped[RecordedAt]


class PersonStatusKind(StrEnum):
    """What bars or changes claims against a person while it lasts."""

    BANKRUPTCY = "bankruptcy"
    INCAPABLE = "incapable"


class PersonStatus(Base):
    """A state of a person with its dates: bankruptcy (127-ФЗ), incapacity (ГК 29)."""

    __tablename__ = "person_status"
    __table_args__ = (
        CheckConstraint(range_check("valid_from", "valid_to"), name="range"),
        Index(None, "person_id"),
        {"comment": "Bankruptcies and incapacity of people by date; append-only"},
    )

    person_status_id: Mapped[BigKey]
    person_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.person.person_id"))
    kind: Mapped[PersonStatusKind]
    valid_from: Mapped[date] = mapped_column(
        comment="Bankruptcy: day the petition was accepted; what fell due before is in the register"
    )
    valid_to: Mapped[date | None] = mapped_column(comment="Null while it lasts")
    basis: Mapped[str] = mapped_column(comment="Act of the court and its number")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class RightKind(StrEnum):
    """By what right somebody holds the premises."""

    OWNERSHIP = "ownership"
    SHARED_OWNERSHIP = "shared_ownership"
    JOINT_OWNERSHIP = "joint_ownership"
    SOCIAL_TENANCY = "social_tenancy"
    MUNICIPAL_PROPERTY = "municipal_property"
    UNKNOWN = "unknown"


class Ownership(Base):
    """A right to premises with its share and dates; the holder may be unknown."""

    __tablename__ = "ownership"
    __table_args__ = (
        CheckConstraint(range_check("valid_from", "valid_to"), name="range"),
        CheckConstraint(
            "share_numerator > 0 and share_denominator > 0 "
            "and share_numerator <= share_denominator",
            name="share_is_a_part",
        ),
        CheckConstraint("num_nonnulls(person_id, holder_organisation_id) <= 1", name="one_holder"),
        Index(None, "premises_id", "valid_from"),
        {"comment": "Rights to premises: kind, holder, share, registration, dates"},
    )

    ownership_id: Mapped[BigKey]
    premises_id: Mapped[int] = mapped_column(ForeignKey("ops.premises.premises_id"))
    right_kind: Mapped[RightKind]
    person_id: Mapped[BigInt | None] = mapped_column(ForeignKey("ops.person.person_id"), index=True)
    holder_organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.organisation.organisation_id")
    )
    share_numerator: Mapped[int] = mapped_column(server_default="1")
    share_denominator: Mapped[int] = mapped_column(server_default="1")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    registration_number: Mapped[str | None] = mapped_column(comment="Number of the right in ЕГРН")
    source: Mapped[str] = mapped_column(comment="ЕГРН extract, billing, statement of the owner")
    recorded_at: Mapped[RecordedAt]


class Representative(Base):
    """Who answers for a minor or an incapable person, on what ground, and when."""

    __tablename__ = "representative"
    __table_args__ = (
        CheckConstraint("person_id <> representative_id", name="somebody_else"),
        CheckConstraint(range_check("valid_from", "valid_to"), name="range"),
        {"comment": "Legal representatives (СК 64): parent, guardian, trustee"},
    )

    person_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.person.person_id"), primary_key=True)
    representative_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.person.person_id"), primary_key=True
    )
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    basis: Mapped[str] = mapped_column(comment="родитель, опекун, попечитель")
    recorded_at: Mapped[RecordedAt]


class Residency(Base):
    """Somebody registered or living at the premises of an account."""

    __tablename__ = "residency"
    __table_args__ = (
        CheckConstraint(range_check("valid_from", "valid_to"), name="range"),
        Index(None, "person_id"),
        {"comment": "Residents of accounts with dates, relation and kind of registration"},
    )

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.account.account_id"), primary_key=True
    )
    person_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.person.person_id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    relation: Mapped[str | None] = mapped_column(comment="собственник, супруг, дочь, наниматель")
    is_permanent: Mapped[bool] = mapped_column(server_default="true")
    position: Mapped[SmallInt] = mapped_column(server_default="1", comment="Order on the card")
    recorded_at: Mapped[RecordedAt]
