"""Figures and the page that they make."""

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import psutil


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure; ``promise`` is the most that it may be, in the same unit.

    Figures with the same ``section`` stand in a table of their own under it.
    """

    name: str
    value: float
    unit: str
    promise: float | None = None
    note: str = ""
    section: str = ""

    @property
    def is_broken(self) -> bool:
        return self.promise is not None and self.value > self.promise


def median(values: Sequence[float]) -> float:
    """The middle one of the measurements."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of the measurements do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 100 * len(ordered)) // 100) - 1))]


def written(figures: list[Figure], *, accounts: int, months: int) -> str:
    """The page: what was measured, where, and the figures with their promises."""
    memory = psutil.virtual_memory().total / 2**30
    command = "make bench"
    if (accounts, months) != (100_000, 36):
        command = f".venv/bin/python -m benchmarks --accounts {accounts} --months {months}"
    lines = [
        "# Benchmarks",
        "",
        f"`{command}` on {date.today():%Y-%m-%d}: {accounts:,} accounts × {months} months, "
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, embedded PostgreSQL.",
        "A promise is the most that a figure may be; the command fails when one is broken.",
    ]
    for section in dict.fromkeys(figure.section for figure in figures):
        if section:
            lines += ["", f"## {section}"]
        lines += ["", "| figure | value | promise | note |", "|---|---:|---:|---|"]
        lines += [_row(figure) for figure in figures if figure.section == section]
    return "\n".join(lines) + "\n"


def shown(figures: Sequence[Figure]) -> Sequence[Figure]:
    """Print figures as soon as they are measured, and return them.

    A run of half an hour that fails at its end has still told what it found.
    """
    for figure in figures:
        print(_row(figure), flush=True)
    return figures


def _row(figure: Figure) -> str:
    promise = "" if figure.promise is None else f"≤ {figure.promise:g} {figure.unit}"
    mark = " **broken**" if figure.is_broken else ""
    value = f"{figure.value:,.3g}" if figure.value < 1000 else f"{figure.value:,.0f}"
    return f"| {figure.name} | {value} {figure.unit}{mark} | {promise} | {figure.note} |"
