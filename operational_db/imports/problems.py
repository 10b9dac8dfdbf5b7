"""What a file reader says when something is wrong: about one line, or about the whole file.

Every text is Russian and names the place, the fault and what to do: a clerk reads it as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Row = TypeVar("Row")


class FileRefusedError(ValueError):
    """The file as a whole cannot be taken; nothing of it was read into the database.

    ``line`` is the line to look at, or None where the fault is not of one line.
    """

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message if line is None else f"Строка {line}: {message}")
        self.line = line


class FieldError(ValueError):
    """A value cannot be read. The text says why and what to do, without naming the line."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not taken, and why. ``field`` is empty when the whole line is wrong."""

    line: int
    field: str
    reason: str
    raw: str

    def as_text(self) -> str:
        """One line of a report."""
        where = f", столбец «{self.field}»" if self.field else ""
        return f"строка {self.line}{where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a clerk should look at, though the line was taken. ``line`` is None for a file."""

    line: int | None
    text: str

    def as_text(self) -> str:
        """One line of a report."""
        return self.text if self.line is None else f"строка {self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A line that was not taken since another file brought an equal one; ``text`` says which."""

    line: int
    text: str
    raw: str

    def as_text(self) -> str:
        """One line of a report."""
        return f"строка {self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class ParsedTable(Generic[Row]):
    """The result of reading a table: typed rows, refused lines, notices.

    ``header`` is the heading line as written: refused lines are given back in its columns.
    """

    header: tuple[str, ...]
    rows: list[Row]
    refusals: list[Refusal] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    encoding: str = "utf-8"
    delimiter: str = ","
    positions: Mapping[str, int] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    first_line: int = 1

    def header_of(self, name: str) -> str:
        """The heading of one of our columns as the file writes it; our own name if it has none."""
        place = self.positions.get(name)
        return name if place is None else self.header[place]

    def raw(self, line: int) -> str:
        """The text of a line as written; empty for a line that the table does not have."""
        place = line - self.first_line
        return self.lines[place].rstrip("\r\n") if 0 <= place < len(self.lines) else ""
