"""People: owners, residents, minors and their representatives, with their identifiers."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import (
    Base,
    BigInt,
    BigKey,
    IntKey,
    RecordedAt,
    SmallInt,
    credible_check,
    range_check,
)


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
        Index(None, "number"),
        {"comment": "СНИЛС, ИНН, passports and licences of people"},
    )

    person_identifier_id: Mapped[BigKey]
    person_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.person.person_id"))
    kind: Mapped[IdentifierKind]
    number: Mapped[str]
    issued_by: Mapped[str | None]
    issued_on: Mapped[date | None]
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
    """A right to premises with its share and dates, as one organisation has it in its record.

    The holder may be unknown. ``organisation_id`` may be left out: the database takes it from the
    person, or from who alone keeps accounts in the premises.
    """

    __tablename__ = "ownership"
    __table_args__ = (
        CheckConstraint("valid_to is null or valid_to >= valid_from - 1", name="range"),
        CheckConstraint(
            "share_numerator > 0 and share_denominator > 0 "
            "and share_numerator <= share_denominator",
            name="share_is_a_part",
        ),
        CheckConstraint(
            "num_nonnulls(person_id, holder_organisation_id, holder_name) <= 1", name="one_holder"
        ),
        CheckConstraint("holder_inn is null or holder_name is not null", name="inn_of_a_name"),
        Index(None, "premises_id", "valid_from"),
        {"comment": "Rights to premises: kind, holder, share, registration, dates"},
    )

    ownership_id: Mapped[BigKey]
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.organisation.organisation_id"),
        comment="Whose record it is; others see and end theirs. Null: recorded before anybody "
        "kept an account in the premises, and nobody rests on it",
    )
    premises_id: Mapped[int] = mapped_column(ForeignKey("ops.premises.premises_id"))
    right_kind: Mapped[RightKind]
    person_id: Mapped[BigInt | None] = mapped_column(ForeignKey("ops.person.person_id"), index=True)
    holder_organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.organisation.organisation_id")
    )
    holder_name: Mapped[str | None] = mapped_column(
        comment="A body that is none of our organisations, as ЕГРН names it"
    )
    holder_inn: Mapped[str | None] = mapped_column(comment="ИНН of that body")
    share_numerator: Mapped[int] = mapped_column(server_default="1")
    share_denominator: Mapped[int] = mapped_column(server_default="1")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None] = mapped_column(
        comment="Last day; the day before valid_from: recorded by mistake, never held. "
        "Set by ops.ownership_end only"
    )
    registration_number: Mapped[str | None] = mapped_column(comment="Number of the right in ЕГРН")
    source: Mapped[str] = mapped_column(comment="ЕГРН extract, billing, statement of the owner")
    import_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.import_file.import_id"), comment="Extract that brought it"
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class OwnershipEnd(Base):
    """A right ended, or was never there. A trigger writes the day into the right itself.

    The day before is kept, so that the right can be shown as it was known at any moment.
    """

    __tablename__ = "ownership_end"
    __table_args__ = (
        Index(None, "ownership_id"),
        {"comment": "Ends of rights to premises, with the end known before; append-only"},
    )

    ownership_end_id: Mapped[BigKey]
    ownership_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.ownership.ownership_id"))
    valid_to: Mapped[date | None] = mapped_column(
        comment="Last day; the day before its start: never held; null: goes on after all"
    )
    previous_valid_to: Mapped[date | None] = mapped_column(comment="Filled by the database")
    basis: Mapped[str] = mapped_column(comment="Extract, contract, word of the owner")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
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


class RepresentativeEnd(Base):
    """A representation ended. A trigger writes the day into the representation itself."""

    __tablename__ = "representative_end"
    __table_args__ = (
        ForeignKeyConstraint(
            ["person_id", "representative_id", "valid_from"],
            [
                "ops.representative.person_id",
                "ops.representative.representative_id",
                "ops.representative.valid_from",
            ],
        ),
        CheckConstraint(range_check("valid_from", "valid_to"), name="range"),
        Index(None, "person_id"),
        {"comment": "Ends of legal representation, with the end known before; append-only"},
    )

    representative_end_id: Mapped[BigKey]
    person_id: Mapped[BigInt]
    representative_id: Mapped[BigInt]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    previous_valid_to: Mapped[date | None] = mapped_column(comment="Filled by the database")
    basis: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class PersonCorrection(Base):
    """One detail of a person was wrong, changed or became known. A trigger writes it to the person.

    The value before is kept, so that an old document can be explained.
    """

    __tablename__ = "person_correction"
    __table_args__ = (
        CheckConstraint(
            "field in ('last_name', 'first_name', 'middle_name', 'sex', 'birth_date', "
            "'birth_place', 'death_date', 'registered_address', 'phone', 'email')",
            name="field_known",
        ),
        CheckConstraint(
            "field not in ('last_name', 'first_name') or btrim(new_value) <> ''",
            name="name_filled",
        ),
        Index(None, "person_id"),
        {"comment": "Corrections of personal data: field, value before and after; append-only"},
    )

    person_correction_id: Mapped[BigKey]
    person_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.person.person_id"))
    field: Mapped[str]
    old_value: Mapped[str | None] = mapped_column(comment="Filled by the database")
    new_value: Mapped[str | None] = mapped_column(comment="Dates as 2026-12-31; null: not known")
    basis: Mapped[str] = mapped_column(comment="Passport, certificate, extract, word of the person")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class PersonIdentifierRemoval(Base):
    """An identifier was not this person's. A trigger takes it off the person and keeps it here."""

    __tablename__ = "person_identifier_removal"
    __table_args__ = (
        Index(None, "person_id"),
        {"comment": "Identifiers taken off people, word for word; append-only"},
    )

    person_identifier_removal_id: Mapped[BigKey]
    person_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.person.person_id"))
    kind: Mapped[IdentifierKind]
    number: Mapped[str]
    issued_by: Mapped[str | None] = mapped_column(comment="Filled by the database")
    issued_on: Mapped[date | None] = mapped_column(comment="Filled by the database")
    known_since: Mapped[datetime | None] = mapped_column(comment="Filled by the database")
    basis: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class PersonBankruptcy(Base):
    """A bankruptcy case of a person (127-ФЗ). The row recorded last for a case counts."""

    __tablename__ = "person_bankruptcy"
    __table_args__ = (
        CheckConstraint(range_check("accepted_on", "closed_on"), name="range"),
        Index(None, "person_id"),
        {"comment": "Bankruptcy cases of people, which stop orders; append-only"},
    )

    person_bankruptcy_id: Mapped[BigKey]
    person_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.person.person_id"))
    case_number: Mapped[str] = mapped_column(comment="Number of the arbitration court: А41-1/2026")
    accepted_on: Mapped[date] = mapped_column(
        comment="Day the petition was accepted: later debts are current payments (127-ФЗ ст. 5)"
    )
    closed_on: Mapped[date | None] = mapped_column(comment="End of the case; null: it goes on")
    is_discharged: Mapped[bool] = mapped_column(
        server_default="false", comment="Freed of the debts that were in the register"
    )
    basis: Mapped[str] = mapped_column(comment="Ruling, ЕФРСБ message")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class EgrnExtract(Base):
    """An extract from ЕГРН that was read for premises of an organisation."""

    __tablename__ = "egrn_extract"
    __table_args__ = (
        Index(None, "premises_id", "formed_on"),
        Index(None, "organisation_id", "cadastral_number"),
        {"comment": "Extracts from ЕГРН that were loaded; append-only"},
    )

    egrn_extract_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    premises_id: Mapped[int] = mapped_column(ForeignKey("ops.premises.premises_id"))
    cadastral_number: Mapped[str]
    number: Mapped[str | None] = mapped_column(comment="КУВИ-…")
    formed_on: Mapped[date] = mapped_column(comment="Day whose rights it tells")
    share_sum: Mapped[str | None] = mapped_column(
        comment="Sum of the shares as a fraction; null: it tells no rights of ownership"
    )
    has_holders: Mapped[bool] = mapped_column(
        comment="False: names are left out, as since 01.03.2023 without consent"
    )
    import_id: Mapped[int] = mapped_column(ForeignKey("ops.import_file.import_id"))
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


class SeparateLiability(Base):
    """A resident who does not answer jointly: by agreement with the owner, or he is no family.

    Of rows with one beginning the last counts.
    """

    __tablename__ = "separate_liability"
    __table_args__ = (
        CheckConstraint("valid_to is null or valid_to >= valid_from - 1", name="range"),
        CheckConstraint(credible_check("valid_from"), name="valid_from_credible"),
        CheckConstraint("btrim(basis) <> ''", name="basis_filled"),
        Index(None, "account_id", "person_id"),
        {
            "comment": "Residents who do not answer jointly; the last row of a beginning counts; "
            "append-only"
        },
    )

    separate_liability_id: Mapped[BigKey]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.account.account_id"))
    person_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.person.person_id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None] = mapped_column(
        comment="Last day; the day before valid_from: recorded by mistake"
    )
    basis: Mapped[str] = mapped_column(
        comment="Agreement with the owner, decision of a court, word of a witness"
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class FamilyPractice(Base):
    """Whether an organisation sues the family that lives with an owner. The last row counts."""

    __tablename__ = "family_practice"
    __table_args__ = (
        CheckConstraint("btrim(basis) <> ''", name="basis_filled"),
        Index(None, "organisation_id"),
        {
            "comment": "Whether an organisation sues the family of owners (ЖК 31); the last row "
            "counts; append-only"
        },
    )

    family_practice_id: Mapped[IntKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    is_family_named: Mapped[bool] = mapped_column(
        comment="Applications name the family that lives with an owner"
    )
    basis: Mapped[str] = mapped_column(comment="Practice of the court, in words")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]
