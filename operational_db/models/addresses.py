"""Address objects bound to ФИАС/ГАР, houses, premises, and who manages a house when."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, IntKey, RecordedAt, SmallInt, range_check


class AddressLevel(StrEnum):
    """Level of an address object, from the subject of the Federation down to the street."""

    REGION = "region"
    DISTRICT = "district"
    SETTLEMENT = "settlement"
    STREET = "street"


class AddressObject(Base):
    """A named part of an address above the house."""

    __tablename__ = "address_object"
    __table_args__ = (
        Index(
            "uq_address_object_name",
            "parent_id",
            "level",
            "type_name",
            "name",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        {"comment": "Regions, settlements and streets; fias_guid binds to ФИАС/ГАР"},
    )

    address_object_id: Mapped[IntKey]
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.address_object.address_object_id")
    )
    level: Mapped[AddressLevel]
    type_name: Mapped[str] = mapped_column(comment="г., ул., пр-кт as printed")
    name: Mapped[str]
    fias_guid: Mapped[UUID | None] = mapped_column(unique=True, comment="OBJECTGUID in ГАР")
    recorded_at: Mapped[RecordedAt]


class House(Base):
    """A building with premises."""

    __tablename__ = "house"
    __table_args__ = (
        Index(
            "uq_house_address",
            "address_object_id",
            "number",
            "building",
            "structure",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        {"comment": "Houses of the address list"},
    )

    house_id: Mapped[IntKey]
    address_object_id: Mapped[int] = mapped_column(
        ForeignKey("ops.address_object.address_object_id"), comment="Street, or the settlement"
    )
    number: Mapped[str] = mapped_column(comment="Number with its letter: 12, 12А, 12/1")
    building: Mapped[str | None] = mapped_column(comment="Корпус")
    structure: Mapped[str | None] = mapped_column(comment="Строение")
    fias_guid: Mapped[UUID | None] = mapped_column(unique=True)
    postal_code: Mapped[str | None]
    built_year: Mapped[SmallInt | None] = mapped_column()
    floors: Mapped[SmallInt | None] = mapped_column()
    entrances: Mapped[SmallInt | None] = mapped_column()
    total_area: Mapped[Decimal | None] = mapped_column(Numeric(10, 2), comment="Square metres")
    import_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.import_file.import_id"), comment="File that brought the house"
    )
    import_line: Mapped[int | None]
    recorded_at: Mapped[RecordedAt]


class HouseManagement(Base):
    """Which organisation manages a house, and from when to when."""

    __tablename__ = "house_management"
    __table_args__ = (
        CheckConstraint(range_check("valid_from", "valid_to"), name="range"),
        {"comment": "Management of houses by date"},
    )

    house_id: Mapped[int] = mapped_column(ForeignKey("ops.house.house_id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("ops.organisation.organisation_id"), index=True
    )
    valid_to: Mapped[date | None]
    basis: Mapped[str | None] = mapped_column(comment="Minutes of the meeting, contract, licence")
    recorded_at: Mapped[RecordedAt]


class PremisesKind(StrEnum):
    """What the premises are used for by law."""

    FLAT = "flat"
    ROOM = "room"
    NON_RESIDENTIAL = "non_residential"
    PARKING = "parking"


class Premises(Base):
    """A flat, a room or non-residential premises."""

    __tablename__ = "premises"
    __table_args__ = (
        CheckConstraint("total_area is null or total_area > 0", name="area_positive"),
        Index(None, "house_id", "kind", "number", unique=True),
        {"comment": "Premises of houses"},
    )

    premises_id: Mapped[IntKey]
    house_id: Mapped[int] = mapped_column(ForeignKey("ops.house.house_id"))
    kind: Mapped[PremisesKind]
    number: Mapped[str]
    entrance: Mapped[SmallInt | None] = mapped_column()
    floor: Mapped[SmallInt | None] = mapped_column()
    total_area: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    useful_area: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    cadastral_number: Mapped[str | None] = mapped_column(index=True)
    fias_guid: Mapped[UUID | None]
    recorded_at: Mapped[RecordedAt]
