"""Figures of plan indicators as the screens write them: each in its own unit."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from document_gen.plan_report import FigureKind, figure, kind_of, signed_deviation
from document_gen.russian import UNKNOWN, date_ru, number, percent, period_ru
from operational_db.event_names import SHARES
from operational_db.services.plans import STATUSES

LIGHTS = {
    "kept": "✔ ",
    "on_course": "▲ ",
    "behind": "▼ ",
    "not_kept": "✖ ",
    "no_target": "",
    "nothing_to_judge": "",
    "awaits_events": "… ",
}
"""A mark beside the word, so that a grey print and a colour-blind eye tell them apart."""

COLOURS = {"behind": "#fdf1e3", "not_kept": "#fbe9e7", "kept": "#e8f1ea", "on_course": "#e8f1ea"}


def figure_kind(row: Mapping[str, Any]) -> FigureKind:
    """How the figures of a row of the board are written."""
    is_share = row["counts"] in SHARES or (
        row["is_daily_norm"] and row["period_kind"] not in ("day", None)
    )
    return kind_of(row["counts"], row["unit"], is_share=is_share)


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its figures, status and period in words."""
    kind = figure_kind(row)
    cumulative = "share" if row["is_daily_norm"] else kind
    return {
        **row,
        "target_told": figure(row["target"], kind),
        "fact_told": figure(row["fact"], kind),
        "share_told": percent(row["execution_share"]),
        "cumulative_told": figure(row["cumulative_fact"], cumulative),
        "forecast_told": figure(row["forecast"], kind),
        "deviation_told": signed_deviation(row["deviation"], kind),
        "status_told": LIGHTS[row["status_code"]] + STATUSES[row["status_code"]],
        "period_told": period_told(row["period_kind"], row["period_start"]),
    }


def period_told(kind: str | None, start: date | None) -> str:
    """A period in words: «21.11.2026», «ноябрь 2026», «4 кв. 2026», «2026 год»."""
    if start is None:
        return UNKNOWN
    if kind == "day":
        return date_ru(start)
    if kind == "month":
        return period_ru(start)
    if kind == "quarter":
        return f"{(start.month + 2) // 3} кв. {start.year}"
    return f"{start.year} год"


def days_told(row: Mapping[str, Any]) -> str:
    """Of a norm of a day: how many working days kept it, and the mean and the least of them."""
    return (
        f"выполнено дней: {number(row['numerator'])} из {number(row['denominator'])}; "
        f"в среднем за рабочий день {number(row['daily_mean'], 1)}, "
        f"меньше всего {number(row['daily_least'])}"
    )


__all__ = ["COLOURS", "LIGHTS", "days_told", "figure", "figure_kind", "period_told", "told"]
