"""Charts: one template, white and thin, that a grey printer and a colour-blind eye can read.

Sums become binary fractions here, because a picture is drawn with them; every figure that is
written beside the picture comes from the exact sum.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from document_gen.russian import MONTHS, date_ru, percent, period_ru, rubles, short_rubles

ACCENT = "#0b5394"
GREY = "#9aa5b1"
PALE = "#cbd2d9"
AMBER = "#d9822b"
RED = "#b42318"
INK = "#1f2933"

EMPTY_CELL = "в этой клетке счетов нет"

CONFIG = {"displayModeBar": False, "scrollZoom": False}

TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": "Segoe UI, PT Sans, Liberation Sans, Arial", "size": 12, "color": INK},
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "colorway": [ACCENT, GREY, PALE],
        "margin": {"l": 12, "r": 12, "t": 34, "b": 16},
        "title": {"font": {"size": 14}, "x": 0, "xanchor": "left", "y": 0.98, "yanchor": "top"},
        "xaxis": {
            "automargin": True,
            "showgrid": False,
            "zeroline": False,
            "linecolor": PALE,
            "ticks": "",
            "fixedrange": True,
        },
        "yaxis": {
            "automargin": True,
            "gridcolor": "#edf0f3",
            "zerolinecolor": PALE,
            "rangemode": "tozero",
            "fixedrange": True,
        },
        "showlegend": False,
        "hoverlabel": {"bgcolor": "white", "font": {"color": INK}},
        "dragmode": False,
        "bargap": 0.35,
        "separators": ", ",
    }
)


def month_ticks(months: Sequence[date]) -> list[str]:
    """Short Russian names; the year stands below each January and below the first month."""
    return [
        f"{MONTHS[month.month - 1][:3]}<br>{month.year}"
        if position == 0 or month.month == 1
        else MONTHS[month.month - 1][:3]
        for position, month in enumerate(months)
    ]


def debt_line(title: str, days: Sequence[date], sums: Sequence[Decimal]) -> go.Figure:
    """A sum on one day of each month; the first, the last and the largest are written."""
    values = [float(value) for value in sums]
    named = {0, len(values) - 1, values.index(max(values))} if values else set()
    figure = _figure(title)
    figure.add_scatter(
        x=list(range(len(days))),
        y=values,
        mode="lines+markers+text",
        line={"color": ACCENT, "width": 2},
        marker={"size": 5},
        text=[short_rubles(value) if at in named else "" for at, value in enumerate(sums)],
        textposition="top center",
        customdata=[
            f"{date_ru(day)}: {rubles(value)}" for day, value in zip(days, sums, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )
    _month_axis(figure, days)
    figure.update_yaxes(showticklabels=False, range=[0, max(values, default=1) * 1.2])
    return figure


def collection_bars(
    title: str, months: Sequence[date], shares: Sequence[Decimal | None]
) -> go.Figure:
    """Shares by month as bars, each with its value; the last month is the accent."""
    values = [float(share or 0) for share in shares]
    figure = _figure(title)
    figure.add_bar(
        x=list(range(len(months))),
        y=values,
        marker_color=[GREY] * (len(values) - 1) + [ACCENT] if values else [],
        text=[percent(share, 0) for share in shares],
        textposition="outside",
        textfont={"size": 11},
        customdata=[
            f"{period_ru(month)}: {percent(share)}"
            for month, share in zip(months, shares, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )
    _month_axis(figure, months)
    figure.update_yaxes(showticklabels=False, range=[0, max([1.0, *values]) * 1.15])
    return figure


def plan_bars(
    title: str,
    names: Sequence[str],
    facts: Sequence[Decimal | None],
    targets: Sequence[Decimal | None],
    write: Callable[[Decimal | None], str],
) -> go.Figure:
    """Facts of periods as bars, the last as the accent, and their norm as a line above them."""
    values = [float(fact or 0) for fact in facts]
    norms = [None if target is None else float(target) for target in targets]
    figure = _figure(title)
    places = list(range(len(values)))
    figure.add_bar(
        x=places,
        y=values,
        marker_color=[GREY] * (len(values) - 1) + [ACCENT] if values else [],
        text=[write(fact) for fact in facts],
        textposition="outside",
        textfont={"size": 11},
        customdata=[
            f"{name.replace('<br>', ' ')}: {write(fact)}"
            for name, fact in zip(names, facts, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )
    if any(norm is not None for norm in norms):
        figure.add_scatter(
            x=places,
            y=norms,
            mode="lines",
            line={"color": INK, "width": 1.5, "dash": "dash", "shape": "hvh"},
            customdata=[f"норма: {write(target)}" for target in targets],
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.update_xaxes(
        tickvals=places, ticktext=list(names), tickangle=0, range=[-0.6, len(values) - 0.4]
    )
    largest = max([*values, *(norm for norm in norms if norm is not None), 0.0])
    figure.update_yaxes(showticklabels=False, range=[0, (largest or 1) * 1.2])
    return figure


def ageing_bars(
    title: str, names: Sequence[str], sums: Sequence[Decimal], colours: Sequence[str]
) -> go.Figure:
    """Parts of the debt by age, youngest on top, each with its sum; a bar can be clicked."""
    values = [float(value) for value in sums]
    figure = _figure(title)
    figure.add_bar(
        x=values,
        y=list(names),
        orientation="h",
        marker_color=list(colours),
        text=[short_rubles(value) for value in sums],
        textposition="outside",
        customdata=[f"{name}: {rubles(value)}" for name, value in zip(names, sums, strict=True)],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )
    figure.update_layout(bargap=0.25)
    figure.update_xaxes(showticklabels=False, range=[0, max([1.0, *values]) * 1.25])
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def penalty_bars(title: str, months: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Penalty of each month of debt, in the order of due dates; the largest is written."""
    sums = [month["penalty"] for month in months]
    values = [float(value) for value in sums]
    largest = values.index(max(values))
    figure = _figure(title)
    figure.add_bar(
        x=list(range(len(months))),
        y=values,
        marker_color=[ACCENT if at == largest else GREY for at in range(len(values))],
        customdata=[
            f"{period_ru(month['period'])}, {month['liability_name']}: {rubles(month['penalty'])}"
            for month in months
        ],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )
    # Beside the bar and not on it: of five years a bar is too narrow for words.
    figure.add_annotation(
        x=largest,
        y=values[largest],
        text=f"{period_ru(months[largest]['period'])}: {short_rubles(sums[largest])}",
        showarrow=False,
        yanchor="bottom",
        xanchor="left" if largest <= len(values) / 2 else "right",
    )
    years = [
        at
        for at, month in enumerate(months)
        if at == 0 or month["period"].year != months[at - 1]["period"].year
    ]
    figure.update_xaxes(
        tickvals=years,
        ticktext=[str(months[at]["period"].year) for at in years],
        tickangle=0,
        range=[-0.6, len(months) - 0.4],
    )
    figure.update_yaxes(showticklabels=False, range=[0, max([1.0, *values]) * 1.25])
    return figure


def heat_map(
    title: str,
    columns: Sequence[str],
    rows: Sequence[str],
    shares: Sequence[Sequence[Decimal | None]],
    told: Sequence[Sequence[str]],
    *,
    across: str = "",
    down: str = "",
) -> go.Figure:
    """Shares as cells, each with its figure written: the deeper the blue, the larger the share.

    A cell can be clicked anywhere: over its middle lies a mark that nobody sees, since cells
    themselves do not tell which of them was chosen, and a click takes the nearest mark. They are
    counted line by line (``chosen_cell``), empty cells too, or a click on one would open another.

    ``told`` is what a cell says when it is pointed at; an unknown share is an empty cell. The
    first row stands on top.
    """
    figure = _figure(title)
    figure.add_heatmap(
        z=[[None if share is None else float(share) for share in line] for line in shares],
        x=list(columns),
        y=list(rows),
        text=[["" if share is None else percent(share, 0) for share in line] for line in shares],
        texttemplate="%{text}",
        textfont={"size": 11},
        hoverinfo="skip",
        colorscale=[[0, "#f4f7fa"], [0.5, "#a9c4de"], [1, ACCENT]],
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=2,
        ygap=2,
        hoverongaps=False,
    )
    cells = [
        (column, row, told[down_at][across_at] or EMPTY_CELL)
        for down_at, row in enumerate(rows)
        for across_at, column in enumerate(columns)
    ]
    unseen = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=[column for column, _row, _told in cells],
        y=[row for _column, row, _told in cells],
        customdata=[what for _column, _row, what in cells],
        mode="markers",
        marker={"size": 24, "symbol": "square", "opacity": 0},
        selected=unseen,
        unselected=unseen,
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.update_xaxes(type="category", side="top", title={"text": across, "font": {"size": 11}})
    figure.update_yaxes(
        type="category",
        autorange="reversed",
        showgrid=False,
        title={"text": down, "font": {"size": 11}},
    )
    figure.update_layout(
        margin={"l": 12, "r": 12, "t": 78 if across else 56, "b": 12},
        hovermode="closest",
        hoverdistance=-1,
    )
    return figure


def stage_bars(
    title: str, names: Sequence[str], counts: Sequence[int], told: Sequence[str]
) -> go.Figure:
    """Stages from the first to the last, each with its count and what stands beside it."""
    figure = _figure(title)
    figure.add_bar(
        x=list(counts),
        y=list(names),
        orientation="h",
        marker_color=ACCENT,
        text=list(told),
        textposition="outside",
        hovertemplate="%{y}: %{text}<extra></extra>",
        cliponaxis=False,
    )
    figure.update_layout(bargap=0.25)
    figure.update_xaxes(showticklabels=False, range=[0, max([1, *counts]) * 1.6])
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def show_chart(figure: go.Figure, *, key: str, height: int = 250, **options: Any) -> Any:
    """Draw the chart in our own template; ``on_select`` makes it answer to a click."""
    figure.update_layout(height=height)
    return st.plotly_chart(figure, key=key, theme=None, config=CONFIG, **options)


def chosen_place(event: Any) -> int | None:
    """The number of the bar or cell that was clicked, counted from nought; None before a click."""
    points = event["selection"]["points"] if event else []
    return points[0]["point_index"] if points else None


def chosen_cell(event: Any, columns: int) -> tuple[int, int] | None:
    """The row and the column of the cell of a ``heat_map`` that was clicked; None before a click.

    A cell that is no longer there, because the map has become smaller since, is for the caller.
    """
    place = chosen_place(event)
    return None if place is None else divmod(place, columns)


def _figure(title: str) -> go.Figure:
    return go.Figure(layout={"template": TEMPLATE, "title": {"text": title}})


def _month_axis(figure: go.Figure, months: Sequence[date]) -> None:
    figure.update_xaxes(
        tickvals=list(range(len(months))),
        ticktext=month_ticks(months),
        tickangle=0,
        range=[-0.6, len(months) - 0.4],
    )
