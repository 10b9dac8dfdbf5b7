"""Tables of the screens: formats, widths, a totals row, and a row that opens what it speaks of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

from document_gen.russian import amount, date_ru, moment_ru, number, percent, period_ru
from operational_db.exports import tables_xlsx

Kind = Literal[
    "text",
    "address",
    "court",
    "money",
    "count",
    "share",
    "date",
    "moment",
    "month",
    "area",
    "volume",
]

SETTLEMENTS = ("г. ", "г.о. ", "пгт ", "рп ", "пос. ", "п. ", "с. ")
"""How the part of an address that names a settlement begins."""

WRITTEN_AS: dict[str, Callable[[Any], str]] = {
    "text": lambda value: {None: "—", True: "да", False: "нет"}.get(value, value),
    "address": lambda value: value or "—",
    # The number tells one section from the next: it must not be what the edge cuts.
    "court": lambda value: (
        value.replace("Судебный участок № ", "уч. № ").replace(" мирового судьи ", ", ")
        if value
        else "—"
    ),
    "money": lambda value: "0" if value == 0 else amount(value),
    "count": number,
    "share": percent,
    "date": date_ru,
    "moment": moment_ru,
    "month": period_ru,
    "area": lambda value: number(value, 1),
    "volume": lambda value: number(value, 3),
}
WORDS = {"text", "address", "court"}
RIGHT = {"money", "count", "share", "area", "volume"}
ROW_HEIGHT = 28
WRAPPING = 60
# Behind a row: something is wrong with it, or asks for attention.
RED, AMBER, GREY = "#fbe4e1", "#fff4d6", "#eef1f4"
TOTALS_STYLE = f"background-color: {GREY}; font-weight: 600"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a screen's table and of its workbook.

    An ``address`` is shown without the town that all rows have in common, which the heading tells;
    a ``court`` by the number of its section first. ``width`` is in pixels. ``key`` names the value
    in a row and in the totals.
    """

    key: str
    heading: str
    kind: Kind = "text"
    width: int | None = None
    help: str | None = None
    has_total: bool = False
    is_right: bool = False
    """Text that is a figure, written by whoever made the row."""


def show_table(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[Column],
    *,
    key: str,
    totals: Mapping[str, Any] | None = None,
    is_selectable: bool = False,
    height: int | Literal["content", "auto"] = "content",
    highlight: Callable[[Mapping[str, Any]], str | None] | None = None,
    row_height: int = ROW_HEIGHT,
) -> Mapping[str, Any] | None:
    """Show rows, with a totals row below them; return the row that was chosen, if any.

    ``totals`` come from the database: the page holds a part of the rows only. ``highlight`` gives
    a background colour to a row that needs somebody to act. Words wrap in rows of ``WRAPPING``
    pixels and more, and are cut at the edge of lower ones.
    """
    chosen = _shown(
        rows,
        columns,
        key=key,
        totals=totals,
        selection="single-row" if is_selectable else None,
        height=height,
        highlight=highlight,
        row_height=row_height,
    )
    return chosen[0] if chosen else None


def show_markable_table(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[Column],
    *,
    key: str,
    totals: Mapping[str, Any] | None = None,
    height: int | Literal["content", "auto"] = "content",
    highlight: Callable[[Mapping[str, Any]], str | None] | None = None,
) -> list[Mapping[str, Any]]:
    """The same where several rows can be marked; return those that are, in their order."""
    return _shown(
        rows,
        columns,
        key=key,
        totals=totals,
        selection="multi-row",
        height=height,
        highlight=highlight,
    )


def _shown(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[Column],
    *,
    key: str,
    totals: Mapping[str, Any] | None,
    selection: Literal["single-row", "multi-row"] | None,
    height: int | Literal["content", "auto"],
    highlight: Callable[[Mapping[str, Any]], str | None] | None,
    row_height: int = ROW_HEIGHT,
) -> list[Mapping[str, Any]]:
    frame = pd.DataFrame(
        {
            column.heading: pd.Series(_cells(column, rows, totals), dtype=object)
            for column in columns
        }
    )
    # Values stay what they are, so that a click on a heading sorts sums as sums; only their look
    # is Russian.
    styled = frame.style
    towns = {
        column.key: shared_town([row.get(column.key) for row in rows])
        for column in columns
        if column.kind == "address"
    }
    for column in columns:
        write = WRITTEN_AS[column.kind]
        if town := towns.get(column.key):
            write = _without(town)
        styled = styled.format(write, subset=(frame.index[: len(rows)], column.heading))
        if totals is not None:
            is_told = column.key in totals
            last = (frame.index[len(rows) :], column.heading)
            styled = styled.format(write if is_told else _blank, subset=last)
    if totals is not None:
        styled = styled.apply(_as_totals, axis=1, last=len(rows))
    if highlight is not None:
        colours = [highlight(row) for row in rows]
        styled = styled.apply(_in_colour, axis=1, colours=colours)
    event = st.dataframe(
        styled,
        key=key,
        hide_index=True,
        height=height,
        row_height=row_height,
        placeholder="—",
        column_config={
            column.heading: _configured(column, towns.get(column.key)) for column in columns
        },
        on_select="ignore" if selection is None else "rerun",
        **({} if selection is None else {"selection_mode": selection}),
    )
    if selection is None:
        return []
    return [rows[place] for place in event["selection"]["rows"] if place < len(rows)]


def workbook_columns(columns: Sequence[Column]) -> list[tables_xlsx.Column]:
    """The same columns for the workbook."""
    return [
        tables_xlsx.Column(
            key=column.key,
            heading=column.heading,
            kind="text" if column.kind in WORDS else column.kind,
            width=max(10, (column.width or 100) // 7),
            has_total=column.has_total,
        )
        for column in columns
    ]


def shared_town(addresses: Sequence[str | None]) -> str:
    """What all addresses begin with up to the name of the settlement; nothing where they differ."""
    known = [address for address in addresses if address]
    if not known:
        return ""
    parts = known[0].split(", ")
    places = [place for place, part in enumerate(parts[:-1]) if part.startswith(SETTLEMENTS)]
    if not places:
        return ""
    town = ", ".join(parts[: places[0] + 1]) + ", "
    return town if all(address.startswith(town) for address in known) else ""


def _cells(
    column: Column, rows: Sequence[Mapping[str, Any]], totals: Mapping[str, Any] | None
) -> list[Any]:
    cells = [row.get(column.key) for row in rows]
    if totals is None:
        return cells
    # Nothing among words is nothing to show; among numbers and days it would turn them into words.
    are_words = all(isinstance(cell, str) for cell in cells if cell is not None)
    return [*cells, totals.get(column.key, "" if column.kind in WORDS and are_words else None)]


def _without(town: str) -> Callable[[Any], str]:
    def write(value: Any) -> str:
        return value.removeprefix(town) if value else "—"

    return write


def _blank(_value: Any) -> str:
    return ""


def _configured(column: Column, town: str | None) -> Any:
    told = f"Все адреса: {town.removesuffix(', ')}" if town else None
    return st.column_config.Column(
        column.heading,
        width=column.width,
        help=". ".join(filter(None, (column.help, told))) or None,
        alignment="right" if column.kind in RIGHT or column.is_right else "left",
    )


def _as_totals(row: pd.Series, last: int) -> list[str]:
    return [TOTALS_STYLE if row.name == last else ""] * len(row)


def _in_colour(row: pd.Series, colours: Sequence[str | None]) -> list[str]:
    colour = colours[row.name] if row.name < len(colours) else None
    return [f"background-color: {colour}" if colour else ""] * len(row)
