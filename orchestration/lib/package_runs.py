"""Packages of an approved batch: made a few dozen at a time, so that a killed run loses little.

What a chunk made is committed with its cases; whoever takes the batch up again goes on after it.
At the end the papers are put together: one archive of packages, and one print file for each court
section, in the order of the list that lies on top.
"""

import csv
import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection, Engine

from document_gen.engine import TemplateProblem
from document_gen.kinds import SECTION_LIST, render
from document_gen.merging import merged
from document_gen.parties import DocumentDataError
from operational_db import settings
from operational_db.database import travel_in_time
from operational_db.services import run_queue
from operational_db.services.filing import package_data, results, runs
from operational_db.services.filing.runs import ApprovedBatch, Package
from operational_db.services.penalty import limits_in_force, tables_of_law
from orchestration.lib.court_papers import package_of, section_list
from orchestration.lib.document_templates import chosen_templates, keep_templates_of_the_program

CHUNK = 40
LISTED = 10


@dataclass(frozen=True, slots=True)
class PackagesOutcome:
    """What a batch came to."""

    filed: int
    refused: int
    reasons: tuple[str, ...]
    folder: Path | None

    def as_text(self) -> str:
        """For the user, in Russian."""
        lines = [f"Готово пакетов: {self.filed}."]
        if self.refused:
            lines.append(f"Не подготовлено: {self.refused}.")
            lines += list(self.reasons[:LISTED])
        return "\n".join(lines)


def make_packages(
    engine: Engine,
    run_request_id: int,
    *,
    bring_up_to_date: Callable[[], None] = lambda: None,
    on_progress: Callable[[int, int], None] | None = None,
) -> PackagesOutcome:
    """Make what is left of a batch, then put its papers together.

    The caller holds the request. ``bring_up_to_date`` builds the warehouse where facts have come
    since the last build: an application goes out with what is known now or not at all. Raises
    ``PackagesRefusedError`` (Russian) when nothing can be made.
    """
    with engine.begin() as connection:
        batch = runs.approved_batch(connection, run_request_id)
        keep_templates_of_the_program(connection)
    if batch.to_file:
        bring_up_to_date()
    stopped: dict[int, str] = {}
    if batch.to_file:
        with engine.begin() as connection:
            travel_in_time(connection, as_of=batch.calculated_on)
            stopped = runs.stopped_now(connection, batch)
    done = batch.items - len(batch.to_file)
    for start in range(0, len(batch.to_file), CHUNK):
        chunk = batch.to_file[start : start + CHUNK]
        with engine.begin() as connection:
            _make_chunk(connection, batch, run_request_id, chunk, stopped)
            done += len(chunk)
            # In the same transaction: the screen never shows more than there is.
            run_queue.progress(connection, run_request_id, done, batch.items)
        if on_progress:
            on_progress(done, batch.items)
    with engine.begin() as connection:
        runs.finish(connection, batch, run_request_id)
    with engine.connect() as connection:
        folder = _put_together(connection, batch)
    return outcome_of(engine, run_request_id, folder)


def outcome_of(engine: Engine, run_request_id: int, folder: Path | None = None) -> PackagesOutcome:
    """What there is of a batch by now, whoever made it."""
    with engine.connect() as connection:
        batch = runs.approved_batch(connection, run_request_id)
        told = results.outcome(connection, batch.batch_id)
    folder = folder or results.folder_of(batch.batch_id)
    return PackagesOutcome(
        filed=told.filed,
        refused=told.refused,
        reasons=told.reasons,
        folder=folder if folder.exists() else None,
    )


def _make_chunk(
    connection: Connection,
    batch: ApprovedBatch,
    run_request_id: int,
    numbers: Sequence[int],
    stopped: Mapping[int, str],
) -> None:
    travel_in_time(connection, as_of=batch.calculated_on)
    refused = {number: stopped[number] for number in numbers if number in stopped}
    # A changed debt is told first: it explains why holders or courts changed as well.
    refused |= runs.changed_since_approval(connection, batch, numbers)
    law = {"tables": tables_of_law(connection), "limits": limits_in_force(connection)}
    of_court = chosen_templates(connection, batch.organisation_id, batch.approved_at)
    data = package_data.applications_data(
        connection, batch.batch_id, [number for number in numbers if number not in refused]
    )
    packages: list[Package] = []
    for number, told in data.items():
        try:
            templates = of_court(told.head["court_code"])
            packages.append(package_of(batch, number, told, law, templates))
        except (DocumentDataError, TemplateProblem) as problem:
            refused[number] = str(problem)
    runs.refuse(connection, batch, refused)
    if packages:
        taken = runs.open_batch_cases(connection, batch, [p.item_number for p in packages])
        made = [package for package in packages if package.item_number not in taken]
        runs.record_duties_of(connection, batch, [package.item_number for package in made])
        runs.keep_packages(connection, batch, run_request_id, made)


def _put_together(connection: Connection, batch: ApprovedBatch) -> Path:
    """Write packages.zip with its manifest: a folder a section, in it a folder a case."""
    folder = results.folder_of(batch.batch_id)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "packages.part"
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
            rows.writerow(
                [
                    *(paper.section, paper.case_number, paper.account_number, name),
                    *(hashlib.sha256(paper.content).hexdigest(), paper.template_version),
                    len(paper.content),
                ]
            )
        _add(packed, "manifest.csv", manifest.getvalue().encode("utf-8-sig"))
    os.replace(draft, folder / results.ARCHIVE)
    for path in (folder, folder / results.ARCHIVE, *_print_files(connection, batch, folder)):
        settings.give_to_home_owner(path)
    return folder


def _print_files(connection: Connection, batch: ApprovedBatch, folder: Path) -> Iterator[Path]:
    """Write one file a section: its list, then every package; each paper starts on a new sheet."""
    of_court = chosen_templates(connection, batch.organisation_id, batch.approved_at)
    for court, lines, totals in package_data.section_lists(connection, batch.batch_id):
        on_top = section_list(batch, court, lines, totals)
        template = of_court(court["court_code"])(SECTION_LIST.code)
        papers = results.papers(connection, batch.batch_id, court_code=court["court_code"])
        # Sections of two districts may bear one name.
        path = folder / f"{_plain(court['court_name'])}, {court['court_code']}.docx"
        draft = path.with_suffix(".part")
        draft.write_bytes(
            merged(
                chain(
                    [render(SECTION_LIST, on_top, template)], (paper.content for paper in papers)
                ),
                title=f"Партия {batch.batch_id}, {court['court_name']}",
                built_at=batch.approved_at,
            )
        )
        os.replace(draft, path)
        yield path


def _plain(name: str) -> str:
    """The name as a file of any system may bear it."""
    return "".join(" " if sign in '\\/:*?"<>|' else sign for sign in name).strip()[:120]


def _add(packed: zipfile.ZipFile, name: str, content: bytes) -> None:
    # A true date would make the archives of one batch differ.
    packed.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
