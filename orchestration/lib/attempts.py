"""How often something was tried: a killed run is tried again, a hopeless one is given up."""

from datetime import UTC, datetime, timedelta

import dagster as dg

MOST = 3
LONGEST_START = timedelta(minutes=10)
"""A run that has not begun to work by then never will: its process died before."""


class Attempts:
    """Runs of Dagster that were started for one thing, told by a tag.

    Whether the thing itself is being worked on is not asked here: a lock in the database or a file
    that is gone tells that.
    """

    def __init__(self, instance: dg.DagsterInstance, tag: str, value: str) -> None:
        runs = instance.get_run_records(dg.RunsFilter(tags={tag: value}), limit=MOST)
        self._newest = runs[0].dagster_run if runs else None
        self._finished = [run for run in runs if run.dagster_run.is_finished]
        self._unfinished = [run for run in runs if not run.dagster_run.is_finished]
        self._tag, self._value = tag, value

    @property
    def is_under_way(self) -> bool:
        """Tell whether a run is about to begin, or begins."""
        started_since = datetime.now(UTC) - LONGEST_START
        return any(run.create_timestamp > started_since for run in self._unfinished)

    @property
    def was_cancelled(self) -> bool:
        """Tell whether somebody stopped the last run in Dagster, which a killed one was not."""
        return self._newest is not None and self._newest.status is dg.DagsterRunStatus.CANCELED

    @property
    def are_used_up(self) -> bool:
        return len(self._finished) + len(self._unfinished) >= MOST

    @property
    def number(self) -> int:
        """Number of the next attempt, from one."""
        return len(self._finished) + len(self._unfinished) + 1

    @property
    def run_key(self) -> str:
        """Key of the next run: the same thing is not started twice by two ticks."""
        return f"{self._tag}={self._value}#{self.number}"

    @property
    def tags(self) -> dict[str, str]:
        return {self._tag: self._value}
