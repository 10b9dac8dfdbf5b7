"""Packages of an approved batch: made a few dozen at a time, so that a killed run loses little.

What a chunk made is committed with its cases; whoever takes the batch up again goes on after it.
Papers are read and rendered ahead by processes beside this one, which alone writes, in the order of
the batch. At the end the papers are put together: one archive of packages, and one print file for
each court section, in the order of the list that lies on top.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine

from document_gen.engine import TemplateProblem
from document_gen.parties import DocumentDataError
from operational_db.database import travel_in_time
from operational_db.services import run_queue
from operational_db.services.filing import package_data, results, runs
from operational_db.services.filing.runs import ApprovedBatch, Package
from operational_db.services.penalty import limits_in_force, tables_of_law
from orchestration.lib.court_papers import package_of
from orchestration.lib.document_templates import chosen_templates, keep_templates_of_the_program
from orchestration.lib.package_piles import put_together
from orchestration.lib.side_work import InOrder, side_work

CHUNK = 40
LARGE = 2 * CHUNK
"""Packages from which on processes of their own are worth the second that they need to begin."""
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


@dataclass(frozen=True, slots=True)
class _Made:
    """The papers of a chunk, and why others of it (by number, in Russian) have none."""

    packages: tuple[Package, ...]
    refused: dict[int, str]


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
    stopped = _stopped_now(engine, batch)
    with side_work(is_large=batch.items >= LARGE) as in_order:
        _make_chunks(engine, batch, run_request_id, stopped, in_order, on_progress)
        with engine.begin() as connection:
            runs.finish(connection, batch, run_request_id)
        with engine.connect() as connection:
            folder = put_together(connection, batch, in_order)
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


def _stopped_now(engine: Engine, batch: ApprovedBatch) -> dict[int, str]:
    """Hold what is left of the batch against the red rules: whoever proposed it is not believed."""
    if not batch.to_file:
        return {}
    with engine.begin() as connection:
        travel_in_time(connection, as_of=batch.calculated_on)
        return runs.stopped_now(connection, batch)


def _make_chunks(
    engine: Engine,
    batch: ApprovedBatch,
    run_request_id: int,
    stopped: Mapping[int, str],
    in_order: InOrder,
    on_progress: Callable[[int, int], None] | None,
) -> None:
    done = batch.items - len(batch.to_file)
    chunks = [batch.to_file[start : start + CHUNK] for start in range(0, len(batch.to_file), CHUNK)]
    if in_order is map:
        make = partial(_make, engine, batch, stopped)
    else:
        url = engine.url.render_as_string(hide_password=False)
        make = partial(_make_beside, url, batch, stopped)
    for chunk, made in zip(chunks, in_order(make, chunks), strict=True):
        with engine.begin() as connection:
            _keep(connection, batch, run_request_id, made)
            done += len(chunk)
            # In the same transaction: the screen never shows more than there is.
            run_queue.progress(connection, run_request_id, done, batch.items)
        if on_progress:
            on_progress(done, batch.items)


def _make_beside(
    url: str, batch: ApprovedBatch, stopped: Mapping[int, str], numbers: Sequence[int]
) -> _Made:
    """Make papers in a process beside that of the run."""
    return _make(_reading_engine(url), batch, stopped, numbers)


@cache
def _reading_engine(url: str) -> Engine:
    # The same few queries over many views come a dozen times: planning them anew each time would
    # take as long as answering them, and the plan does not depend on which applications are asked.
    return create_engine(
        url,
        pool_size=1,
        connect_args={
            "application_name": "dolgomer papers",
            "options": "-c plan_cache_mode=force_generic_plan",
            "prepare_threshold": 0,
        },
    )


def _make(
    engine: Engine, batch: ApprovedBatch, stopped: Mapping[int, str], numbers: Sequence[int]
) -> _Made:
    with engine.begin() as connection:
        travel_in_time(connection, as_of=batch.calculated_on)
        refused = {number: stopped[number] for number in numbers if number in stopped}
        # A changed debt is told first: it may be why holders or courts changed as well.
        refused |= runs.changed_since_approval(connection, batch, numbers)
        law = {
            "tables": tables_of_law(connection),
            "limits": limits_in_force(connection),
            "terms": package_data.order_terms(connection, batch.sent_on),
        }
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
    return _Made(tuple(packages), refused)


def _keep(connection: Connection, batch: ApprovedBatch, run_request_id: int, made: _Made) -> None:
    travel_in_time(connection, as_of=batch.calculated_on)
    numbers = [package.item_number for package in made.packages]
    # Asked again: a build may have ended since the papers were read.
    changed = runs.changed_since_approval(connection, batch, numbers)
    runs.refuse(connection, batch, made.refused | changed)
    packages = [package for package in made.packages if package.item_number not in changed]
    if packages:
        taken = runs.open_batch_cases(connection, batch, [p.item_number for p in packages])
        filed = [package for package in packages if package.item_number not in taken]
        runs.record_duties_of(connection, batch, [package.item_number for package in filed])
        runs.keep_packages(connection, batch, run_request_id, filed)
