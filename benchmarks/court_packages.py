"""Court packages from the choice of debtors to paper, as a lawyer orders and Dagster makes them.

The road is whole: proposal with the guard, approval, cases and duties in the ledger, five papers a
package, the archive with its manifest, a print file for each court section. Seconds are those of
the clock, with as many processes as a run starts on this machine.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import psutil
from sqlalchemy import text

from apps.shared.filing_names import doubt
from benchmarks.report import Figure
from operational_db import database, server
from operational_db.services import run_queue
from operational_db.services.filing import batches, results
from operational_db.services.filing.proposals import Proposal, Selection, preview, propose
from operational_db.services.sign_in import sign_in_verified
from orchestration.lib.builds import bring_up_to_date
from orchestration.lib.package_runs import make_packages

PACKAGES = 800
SECONDS = 60
WARM = 100
GROWTH_MEGABYTES = 50
DEBT_FROM, MONTHS_FROM = Decimal(10_000), 3
# Some of those who owe so much are stopped by the guard; they have to be proposed all the same.
RESERVE = 1.3
BETWEEN_LOOKS = 0.1


@dataclass
class _Memory:
    """What the processes of a run held, in bytes, from when it was warm."""

    warm: int = 0
    most: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)

    @property
    def growth(self) -> float:
        """MB more at the worst moment than after the first packages."""
        return max(0, self.most - self.warm) / 2**20


def measure() -> list[Figure]:
    """Propose, approve and make a batch; fewer than 800 packages where the town has not so many."""
    urls, engine = server.ensure_running(), database.owner_engine()
    bring_up_to_date(engine, urls.owner)
    batch_id, proposed, seconds = _proposed()
    request, packages = _approved(batch_id)
    memory, moments = _Memory(), []

    def hear(done: int, _total: int) -> None:
        moments.append(time.perf_counter())
        if done >= WARM and not memory.warm:
            memory.warm = memory.most = _held()

    with run_queue.taken(engine, request), _watched(memory):
        started = time.perf_counter()
        outcome = make_packages(
            engine,
            request,
            bring_up_to_date=lambda: bring_up_to_date(engine, urls.owner),
            on_progress=hear,
        )
        whole = time.perf_counter() - started
        with engine.begin() as connection:
            run_queue.finish(connection, request, outcome.as_text())
    if outcome.filed != packages:
        raise RuntimeError(f"{outcome.as_text()} Approved: {packages}.")
    is_whole = packages == PACKAGES
    piles = len(results.files_of(batch_id)) - 1
    putting_together = started + whole - moments[-1]
    return [
        Figure(
            f"proposal of {proposed:,} applications",
            seconds,
            "s",
            note=f"{DEBT_FROM:,} ₽ and {MONTHS_FROM} months of debt not claimed; with the guard",
        ),
        Figure(
            f"{packages} court packages end to end",
            whole,
            "s",
            promise=SECONDS if is_whole else None,
            note=f"five papers each, cases, duties, archive, {piles} print files; of it "
            f"{putting_together:.1f} s to put together",
        ),
        Figure(
            f"memory of the run, growth from package {WARM} to {packages}",
            memory.growth,
            "MB more",
            promise=GROWTH_MEGABYTES if is_whole else None,
            note="all its processes, archive and print files included",
        ),
    ]


def _proposed() -> tuple[int, int, float]:
    """A batch of a lawyer, how many applications it has, and the seconds that it took."""
    token = sign_in_verified("lawyer")
    with database.owner_engine().connect() as connection:
        organisation_id = connection.scalar(ORGANISATION)
        chosen = connection.scalars(
            OWING,
            {
                "organisation_id": organisation_id,
                "debt_from": DEBT_FROM,
                "months_from": MONTHS_FROM,
                "most": int(PACKAGES * RESERVE),
            },
        ).all()
    selection = Selection(
        organisation_id,
        debt_from=DEBT_FROM,
        months_from=MONTHS_FROM,
        account_ids=tuple(chosen),
    )
    started = time.perf_counter()
    with database.screens_connection(token) as connection:
        # The screen counts before it proposes.
        found = preview(connection, selection)
        proposal = Proposal(title=f"{found.accounts} счетов", sent_on=date.today())
        batch_id = propose(connection, selection, proposal, doubtful_name=doubt)
    return batch_id, found.applications, time.perf_counter() - started


def _approved(batch_id: int) -> tuple[int, int]:
    """The request of the run, and of how many packages it is."""
    with database.screens_connection(sign_in_verified("lawyer")) as connection:
        able = batches.batch_items(connection, batch_id, standing="to_file", limit=None)
        surplus = [item["item_number"] for item in able[PACKAGES:]]
        if surplus:
            batches.leave_out(connection, batch_id, surplus, "в следующую партию")
        return batches.approve(connection, batch_id), len(able) - len(surplus)


@contextmanager
def _watched(memory: _Memory) -> Iterator[None]:
    def look() -> None:
        while not memory.is_over.wait(BETWEEN_LOOKS):
            if memory.warm:
                memory.most = max(memory.most, _held())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        memory.is_over.set()
        looking.join()


def _held() -> int:
    """Bytes of this process and those that it has started; pages that they share count in each."""
    held = 0
    here = psutil.Process()
    for process in (here, *here.children(recursive=True)):
        try:
            held += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return held


ORGANISATION = text("select organisation_id from ops.app_user where login = 'lawyer'")
# Taken from all over the town, as the filter of a screen takes them.
OWING = text(
    """
    select p.account_id
    from marts.debt_parts as p
    where p.organisation_id = :organisation_id and p.claimable_amount > 0
        and p.liability <> 'refund' and p.live_case_id is null and p.cancelled_case_id is null
    group by p.account_id
    having sum(p.claimable_amount) >= :debt_from and count(distinct p.period) >= :months_from
    order by md5(cast(p.account_id as text))
    limit :most
    """
)
