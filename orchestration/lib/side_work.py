"""Work of a run that other processes do meanwhile: reading, rendering and merging of papers.

Rendering and merging are processor time of Python, of which one process uses one core only. Results
come in the order of the jobs whoever finished first, so a run makes the same bytes with any number
of processes, and none. Processes are started only where there is more to do than that costs.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

MOST_PROCESSES = 4
"""Beyond that PostgreSQL, which has to answer them, is what they wait for."""

AHEAD = 1
"""Jobs begun before they are asked for, besides one a process: enough that none stands idle."""

InOrder = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
"""Do a function of every job, a few at once; yield the results in the order of the jobs.

The function is one of a module, and jobs and results can be pickled.
"""


@contextmanager
def side_work(*, is_large: bool) -> Iterator[InOrder]:
    """Give what does jobs in order: in other processes if ``is_large``, else in this one.

    Leaving it by an exception gives up the jobs that have not begun. Raises ``BrokenProcessPool``
    where a process was killed.
    """
    processes = min(_cores(), MOST_PROCESSES) if is_large else 1
    if processes == 1:
        yield map
        return
    pool = ProcessPoolExecutor(
        processes,
        # A fork would copy connections and the threads of Dagster in the middle of their work.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
    )

    def in_order(function: Callable[[Any], Any], jobs: Iterable[Any]) -> Iterator[Any]:
        begun: deque[Future] = deque()
        for job in jobs:
            begun.append(pool.submit(function, job))
            # Results wait in memory for their turn: a few of them, however long the run is.
            if len(begun) > processes + AHEAD:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()

    try:
        yield in_order
    finally:
        pool.shutdown(cancel_futures=True)


def _cores() -> int:
    """Cores that this process may use: a container has fewer than its machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _begin() -> None:
    # Ctrl+C reaches the whole group; what becomes of the run its own process decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A killed run cannot end its processes, and they would wait for jobs for ever.
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)
