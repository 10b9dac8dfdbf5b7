"""The board of a plan as a sheet: words of measures whole, figures beside them, lights in words.

The grid of Streamlit cuts long texts, and a plan consists of them; a sheet of HTML wraps, spans the
rows of a measure, and prints as it stands.
"""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

from apps.shared.figures import COLOURS
from document_gen.russian import UNKNOWN, date_ru, number
from operational_db.services.plans import FORECAST_METHOD

HEADINGS = (
    ("№", ""),
    ("Мероприятие", ""),
    ("Ответственный", ""),
    ("Показатель", ""),
    ("Ед.", ""),
    ("Период", ""),
    ("План", ""),
    ("Факт", ""),
    ("%", "Факт к плану всего периода"),
    ("Отклонение", "Факт минус план; у долей – в процентных пунктах"),
    ("С начала года", ""),
    ("Прогноз", FORECAST_METHOD),
    ("Состояние", ""),
    ("Посл. событие", ""),
    ("Источник", "Из чего посчитано и сколько событий засчитано"),
)
FIGURES = (
    "target_told",
    "fact_told",
    "share_told",
    "deviation_told",
    "cumulative_told",
    "forecast_told",
)


def board_sheet(rows: Sequence[Mapping[str, Any]], links: Mapping[int, str]) -> str:
    """The sheet as HTML; ``rows`` are those of the board with their figures told.

    ``links`` leads from the number of an indicator to its card.
    """
    # The plan of Krasnogorsk names nobody: an empty column would only press the others.
    has_responsible = any(row["responsible"] for row in rows)
    head = "".join(
        f"<th{_title(hint)}>{escape(name)}</th>"
        for name, hint in HEADINGS
        if has_responsible or name != "Ответственный"
    )
    body = "".join(
        _measure(list(of_measure), links, has_responsible=has_responsible)
        for _measure_id, of_measure in groupby(rows, key=lambda row: row["plan_measure_id"])
    )
    return f'<table class="plan-board"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _measure(
    rows: Sequence[Mapping[str, Any]], links: Mapping[int, str], *, has_responsible: bool
) -> str:
    first, *_rest = rows
    span = f' rowspan="{len(rows)}"'
    words = (
        f"<td{span}>{escape(first['measure_no'])}</td>"
        f'<td{span} class="words">{_lines(first["name"])}</td>'
        + (f"<td{span}>{_lines(first['measure_responsible'])}</td>" if has_responsible else "")
    )
    lines = [words + _indicator(first, links)]
    lines += [_indicator(row, links) for row in rows[1:]]
    return "".join(f"<tr>{line}</tr>" for line in lines)


def _indicator(row: Mapping[str, Any], links: Mapping[int, str]) -> str:
    title = f"{escape(row['code'])}. {escape(row['title'])}"
    if link := links.get(row["plan_indicator_id"]):
        title = f'<a href="{escape(link)}">{title}</a>'
    figures = "".join(f'<td class="figure">{escape(row[name])}</td>' for name in FIGURES)
    colour = COLOURS.get(row["status_code"])
    light = f' style="background-color: {colour}"' if colour else ""
    last_event = UNKNOWN if row["last_event_date"] is None else date_ru(row["last_event_date"])
    return (
        f"<td>{title}</td><td>{escape(row['unit'])}</td><td>{escape(row['period_told'])}</td>"
        f"{figures}<td{light}>{escape(row['status_told'])}</td><td>{last_event}</td>"
        f'<td class="words">{_source(row)}</td>'
    )


def _source(row: Mapping[str, Any]) -> str:
    if row["status_code"] == "awaits_events":
        return f"ждёт: {escape(row['awaits'])}"
    return f"{escape(row['sources'])}; засчитано {number(row['events_counted'] or 0)}"


def _lines(words: str | None) -> str:
    return escape(words or UNKNOWN).replace("\n", "<br>")


def _title(hint: str) -> str:
    return f' title="{escape(hint)}"' if hint else ""
