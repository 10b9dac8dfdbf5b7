"""Tariffs and norms by date, meters and their readings."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, BigKey, IntKey, Quantity, RecordedAt, range_check


class Tariff(Base):
    """Price of a unit of a service, by organisation and date."""

    __tablename__ = "tariff"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint(range_check("valid_from", "valid_to"), name="range"),
        Index(None, "organisation_id", "service_id", "valid_from", unique=True),
        {"comment": "Prices by organisation, service and date, with the act that set them"},
    )

    tariff_id: Mapped[IntKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("reference.service.service_id"))
    price: Mapped[Quantity] = mapped_column(comment="Roubles for one unit of the service")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    act: Mapped[str]
    recorded_at: Mapped[RecordedAt]


class NormBasis(StrEnum):
    """What a norm is multiplied by."""

    PERSON = "person"
    SQUARE_METRE = "square_metre"


class Norm(Base):
    """Norm of consumption of a service, by municipality and date."""

    __tablename__ = "norm"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint(range_check("valid_from", "valid_to"), name="range"),
        Index(None, "municipality_id", "service_id", "basis", "valid_from", unique=True),
        {"comment": "Norms of consumption by municipality, service and date"},
    )

    norm_id: Mapped[IntKey]
    municipality_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("reference.service.service_id"))
    basis: Mapped[NormBasis]
    amount: Mapped[Quantity] = mapped_column(comment="Units of the service a month")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    act: Mapped[str]
    recorded_at: Mapped[RecordedAt]


class Meter(Base):
    """A meter of premises."""

    __tablename__ = "meter"
    __table_args__ = (
        CheckConstraint(range_check("installed_on", "removed_on"), name="range"),
        Index(None, "premises_id", "service_id"),
        {"comment": "Individual meters with dates of installation and verification"},
    )

    meter_id: Mapped[BigKey]
    premises_id: Mapped[int] = mapped_column(ForeignKey("ops.premises.premises_id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("reference.service.service_id"))
    number: Mapped[str]
    installed_on: Mapped[date]
    removed_on: Mapped[date | None]
    verified_until: Mapped[date | None] = mapped_column(comment="Next verification is due")
    recorded_at: Mapped[RecordedAt]


class MeterReading(Base):
    """What a meter showed on a day. A corrected reading is a newer row of the same day."""

    __tablename__ = "meter_reading"
    __table_args__ = (
        CheckConstraint("reading >= 0", name="reading_not_negative"),
        {"comment": "Readings of meters; append-only"},
    )

    meter_id: Mapped[int] = mapped_column(ForeignKey("ops.meter.meter_id"), primary_key=True)
    read_on: Mapped[date] = mapped_column(primary_key=True)
    recorded_at: Mapped[RecordedAt] = mapped_column(primary_key=True)
    reading: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    source: Mapped[str] = mapped_column(comment="resident, inspector, ГИС ЖКХ, estimate")
