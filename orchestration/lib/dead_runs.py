"""Runs whose process was killed: Dagster would count them as running for ever."""

import dagster as dg
import psutil

CLOCKS_DIFFER = 5.0
"""Seconds by which the start of a process and the first word of its run may seem to differ."""
WHAT_HAPPENED = "Процесс запуска был прерван (kill, отключение питания). Сделанное сохранено."


def bury_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs without a process as failed, so that they free their place; return their ids.

    Dagster's own monitoring cannot ask processes of this computer whether they live.
    """
    begun = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING])
    dead = [run for run in instance.get_runs(begun) if not _is_alive(instance, run.run_id)]
    for run in dead:
        instance.report_run_failed(run, WHAT_HAPPENED)
    return [run.run_id for run in dead]


def _is_alive(instance: dg.DagsterInstance, run_id: str) -> bool:
    starts = instance.all_logs(run_id, of_type=dg.DagsterEventType.RUN_START)
    for start in starts:
        pid = start.dagster_event.pid if start.dagster_event else None
        if pid is None:
            continue
        try:
            # A newer process of the same number is somebody else.
            return psutil.Process(pid).create_time() <= start.timestamp + CLOCKS_DIFFER
        except psutil.NoSuchProcess:
            return False
    return True  # it has not said yet who it is
