"""What a file reader says when something is wrong: about one line, or about the whole file.

Every text is Russian and names the place, the fault and what to do: a clerk reads it as it is.
"""

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
