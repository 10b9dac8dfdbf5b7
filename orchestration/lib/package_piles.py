"""Papers of a batch put together: one archive of packages, one print file for each court section.

The archive is written once, in the order of the pile, and the print files are made from it; so each
paper is fetched from the database once, and sections can be merged beside each other.
"""

import csv
import hashlib
import io
import os
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection

from document_gen.engine import compile_template
from document_gen.kinds import SECTION_LIST, render
from document_gen.merging import merge_into
from document_gen.registers import SectionListContext
from operational_db import settings
from operational_db.services import templates
from operational_db.services.filing import package_data, results
from operational_db.services.filing.runs import ApprovedBatch
from orchestration.lib.court_papers import section_list
from orchestration.lib.side_work import InOrder


@dataclass(frozen=True, slots=True)
class _Pile:
    """A print file to be made: the list that lies on top, then papers of the archive by name.

    ``template`` is that of the list, where the organisation or the court has one of its own.
    """

    path: Path
    title: str
    on_top: SectionListContext
    template: tuple[str, bytes] | None
    archive: Path
    papers: tuple[str, ...]
    built_at: datetime


def put_together(connection: Connection, batch: ApprovedBatch, in_order: InOrder) -> Path:
    """Write the archive and the print files of a batch; return their folder."""
    folder = results.folder_of(batch.batch_id)
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / results.ARCHIVE
    papers = _archived(connection, batch, archive)
    piles = list(_piles(connection, batch, archive, papers))
    for path in (folder, archive, *in_order(_printed, piles)):
        settings.give_to_home_owner(path)
    return folder


def _archived(connection: Connection, batch: ApprovedBatch, archive: Path) -> dict[str, list[str]]:
    """Write packages.zip with its manifest: a folder a section, in it a folder a case.

    Returned are the names of the papers in it, by the code of their court.
    """
    of_court: dict[str, list[str]] = defaultdict(list)
    draft = archive.with_suffix(".part")
    manifest = io.StringIO()
    rows = csv.writer(manifest, delimiter=";", lineterminator="\r\n")
    rows.writerow(
        ["участок", "дело", "лицевой счёт", "документ", "SHA-256", "версия шаблона", "байт"]
    )
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as packed:  # a .docx is packed already
        for paper in results.papers(connection, batch.batch_id):
            name = (
                f"{_plain(paper.section)}/{paper.case_number.replace('/', '-')}/{paper.file_name}"
            )
            _add(packed, name, paper.content)
            of_court[paper.court_code].append(name)
            rows.writerow(
                [
                    *(paper.section, paper.case_number, paper.account_number, name),
                    *(hashlib.sha256(paper.content).hexdigest(), paper.template_version),
                    len(paper.content),
                ]
            )
        _add(packed, "manifest.csv", manifest.getvalue().encode("utf-8-sig"))
    os.replace(draft, archive)
    return of_court


def _piles(
    connection: Connection, batch: ApprovedBatch, archive: Path, papers: dict[str, list[str]]
) -> Iterator[_Pile]:
    chosen = templates.Chosen(connection, batch.organisation_id, batch.approved_at)
    for court, lines, totals in package_data.section_lists(connection, batch.batch_id):
        code, name = court["court_code"], court["court_name"]
        yield _Pile(
            # Sections of two districts may bear one name.
            path=archive.with_name(f"{_plain(name)}, {code}.docx"),
            title=f"Партия {batch.batch_id}, {name}",
            on_top=section_list(batch, court, lines, totals),
            template=chosen.template(SECTION_LIST.code, code),
            archive=archive,
            papers=tuple(papers[code]),
            built_at=batch.approved_at,
        )


def _printed(pile: _Pile) -> Path:
    """Write one print file: its list, then every package; each paper starts on a new sheet."""
    template = compile_template(*pile.template) if pile.template else None
    on_top = render(SECTION_LIST, pile.on_top, template)
    draft = pile.path.with_suffix(".part")
    with zipfile.ZipFile(pile.archive) as packed, draft.open("wb") as file:
        papers = (packed.read(name) for name in pile.papers)
        merge_into(file, chain([on_top], papers), title=pile.title, built_at=pile.built_at)
    os.replace(draft, pile.path)
    return pile.path


def _plain(name: str) -> str:
    """The name as a file of any system may bear it."""
    return "".join(" " if sign in '\\/:*?"<>|' else sign for sign in name).strip()[:120]


def _add(packed: zipfile.ZipFile, name: str, content: bytes) -> None:
    # A true date would make the archives of one batch differ.
    packed.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
