"""Fields for days: none offers a day that the database would refuse."""

from datetime import date
from types import ModuleType
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from document_gen.russian import date_ru
from operational_db.base import EARLIEST_DAY, LATEST_DAY

FIRST = date.fromisoformat(EARLIEST_DAY)
LAST = date.fromisoformat(LATEST_DAY)
RANGE_TOLD = f"с {date_ru(FIRST)} по {date_ru(LAST)}"

Days = tuple[date, date]


def field(
    label: str,
    value: Any = None,
    *,
    key: str,
    since: date = FIRST,
    until: date = LAST,
    place: DeltaGenerator | ModuleType = st,
    **widget: Any,
) -> Any:
    """A field for a day, or for the first and the last day where ``value`` is a pair.

    It offers the days from ``since`` to ``until`` and none beyond those of the database: left to
    itself the widget offers ten years to either side, of a birthday in 1950 none after 1960. A day
    that is kept already stays in the field, whatever it is.
    """
    kept = value if isinstance(value, tuple) else () if value is None else (value,)
    return place.date_input(
        label,
        value,
        min_value=min([since, *kept]),
        max_value=max([min(until, LAST), *kept]),
        format="DD.MM.YYYY",
        key=key,
        **widget,
    )


def is_taken(day: date) -> bool:
    """Whether the database takes the day."""
    return FIRST <= day <= LAST
