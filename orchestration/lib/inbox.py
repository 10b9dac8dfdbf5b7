"""The inbox folder: where files are put, which of them are whole, and where they go then.

``<home>/inbox/<kind>/<organisation code>/<file>``; registries that are nobody's own (houses,
courts) lie right in the folder of their kind. A file that was loaded goes to ``done`` beside it,
one that was refused as a whole to ``refused``, each with its report.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from operational_db import settings
from operational_db.services.importing import COMMON_REGISTRIES, STAGES

DONE, REFUSED = "done", "refused"
UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart")
HIDDEN = (".", "~$")
README = "ПРОЧТИ.txt"
README_TEXT = """\
Положите сюда файл – он загрузится сам в течение минуты.

charges         начисления (CSV)             папка организации внутри
payments        оплаты (CSV)                 папка организации внутри
bills           доставка счетов (CSV)        папка организации внутри
bank-statement  выписка банка (1С)           папка организации внутри
houses          перечень домов (CSV)         прямо в эту папку
courts          перечень судов (CSV)         прямо в эту папку

Загруженный файл уходит в папку done, отвергнутый целиком – в refused. Рядом с ним появляется отчёт
(.txt), а если приняты не все строки – таблица остальных с причинами (.xlsx): исправьте отвергнутые,
сохраните как CSV и положите снова. Один и тот же файл, положенный дважды, ничего не меняет.
"""


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file that waits in the inbox.

    ``organisation_code`` is None for common registries, and for a file that nobody put into the
    folder of an organisation.
    """

    path: Path
    kind: str
    organisation_code: str | None
    fingerprint: str
    """Changes while the file is being written, and for every new file of the same name."""

    @property
    def name(self) -> str:
        """Its place in the inbox, as people see it."""
        return self.path.relative_to(folder()).as_posix()


def folder() -> Path:
    """The inbox of this home."""
    return settings.home() / "inbox"


def prepare(connection: Connection) -> None:
    """Make the folders that a clerk looks for: one per kind and organisation with accounts."""
    codes = [code for code in connection.scalars(CODES) if _is_plain(code)]
    for kind in STAGES:
        for code in [""] if kind in COMMON_REGISTRIES else codes:
            (folder() / kind / code).mkdir(parents=True, exist_ok=True)
    note = folder() / README
    if not note.exists():
        note.write_text(README_TEXT, encoding="utf-8")


def waiting() -> Iterator[InboxFile]:
    """Files in the inbox that are not plainly unfinished, in the order of their names."""
    for kind in STAGES:
        top = folder() / kind
        yield from _files(top, kind, None)
        for inner in sorted(_folders(top)):
            code = None if kind in COMMON_REGISTRIES else inner.name
            yield from _files(inner, kind, code)


def file_at(name: str) -> InboxFile | None:
    """The waiting file of this place; None when somebody took it or a run moved it."""
    return next((file for file in waiting() if file.name == name), None)


def put_away(file: InboxFile, into: str, report: str, untaken_rows: bytes | None = None) -> Path:
    """Move a file that was dealt with, and lay its report beside it; return where it is now.

    The report is written first: a file without one has not been dealt with.
    """
    place = file.path.parent / into
    place.mkdir(exist_ok=True)
    target = _free_name(place, file.path.name)
    target.with_name(target.name + ".txt").write_text(report + "\n", encoding="utf-8")
    if untaken_rows is not None:
        target.with_name(target.name + " – непринятые строки.xlsx").write_bytes(untaken_rows)
    os.replace(file.path, target)
    return target


def _files(place: Path, kind: str, code: str | None) -> Iterator[InboxFile]:
    try:
        entries: Iterable[Path] = sorted(place.iterdir())
    except FileNotFoundError:
        return
    for path in entries:
        if path.name == README or path.name.startswith(HIDDEN):
            continue
        if path.name.lower().endswith(UNFINISHED):
            continue
        try:
            state = path.lstat()
        except FileNotFoundError:
            continue
        # A link could name any file that the program may read, and the report would show it.
        if stat.S_ISREG(state.st_mode):
            mark = f"{state.st_ino}-{state.st_size}-{state.st_mtime_ns}-{state.st_ctime_ns}"
            yield InboxFile(path, kind, code, mark)


def _folders(top: Path) -> Iterator[Path]:
    if top.is_dir():
        for entry in top.iterdir():
            if entry.name in (DONE, REFUSED) or entry.name.startswith(HIDDEN):
                continue
            if entry.is_dir() and not entry.is_symlink():
                yield entry


def _free_name(place: Path, name: str) -> Path:
    stem, suffix = Path(name).stem, Path(name).suffix
    number = 1
    while True:
        target = place / (name if number == 1 else f"{stem} ({number}){suffix}")
        if not target.exists():
            return target
        number += 1


def _is_plain(code: str) -> bool:
    return Path(code).name == code and code not in (DONE, REFUSED) and not code.startswith(HIDDEN)


CODES = text(
    """
    select o.code from ops.organisation as o
    where o.kind not in ('municipality', 'bank')
        and exists (select from ops.account as a where a.organisation_id = o.organisation_id)
    order by o.organisation_id
    """
)
