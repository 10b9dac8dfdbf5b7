"""Declarative base and the column types that every operational table shares."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Enum, Identity, MetaData, Numeric, SmallInteger, func
from sqlalchemy.orm import DeclarativeBase, mapped_column

Money = Annotated[Decimal, mapped_column(Numeric(14, 2))]
Quantity = Annotated[Decimal, mapped_column(Numeric(16, 6))]
SmallInt = Annotated[int, mapped_column(SmallInteger)]
BigInt = Annotated[int, mapped_column(BigInteger)]
BigKey = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
IntKey = Annotated[int, mapped_column(Identity(), primary_key=True)]
RecordedAt = Annotated[
    datetime, mapped_column(server_default=func.now(), comment="When we came to know this row")
]


class Base(DeclarativeBase):
    """Names constraints predictably, so that migrations can drop them by name."""

    metadata = MetaData(
        schema="ops",
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            create_constraint=True,
            length=32,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }


FIRST_OF_MONTH = "extract(day from {column}) = 1"


def month_check(column: str, *, nullable: bool = False) -> str:
    """SQL condition: ``column`` is the first day of a month (or null, when that is allowed)."""
    rule = FIRST_OF_MONTH.format(column=column)
    return f"{column} is null or {rule}" if nullable else rule


# No ledger is older, and the warehouse knows due dates of months up to the latest day only: a fact
# outside of these days would make every build fail.
EARLIEST_DAY = "1991-01-01"
LATEST_DAY = "2036-12-31"


def credible_check(column: str) -> str:
    """SQL condition: a date is null or lies within the days that the warehouse knows."""
    return f"{column} between date '{EARLIEST_DAY}' and date '{LATEST_DAY}'"


def credible_days_check(column: str) -> str:
    """The same of every date of an array."""
    return f"date '{EARLIEST_DAY}' <= all ({column}) and date '{LATEST_DAY}' >= all ({column})"


def range_check(start: str, end: str) -> str:
    """SQL condition: an open or closed range of dates that does not end before it starts."""
    return f"{end} is null or {end} >= {start}"


__all__ = [
    "Base",
    "BigInt",
    "BigKey",
    "IntKey",
    "Money",
    "Quantity",
    "RecordedAt",
    "SmallInt",
    "credible_check",
    "credible_days_check",
    "month_check",
    "range_check",
]
