"""What runs by itself, and where: the one list of it.

A schedule or a sensor asks here whether it is on; one that this list does not know cannot be
loaded, so nothing starts to run by itself because somebody forgot to think of it.
"""

import os

import dagster as dg

VARIABLE = "DOLGOMER_ENVIRONMENT"
WORK = "work"
"""The usual one: a server, or the demonstration on somebody's computer."""
TRIAL = "trial"
"""A copy beside the working one: it must not take files or close anything by itself."""

RUNS_BY_ITSELF = {
    "nightly_build": {WORK},
    "weekly_full_build": {WORK},
    "nightly_quality": {WORK},
    "inbox_files": {WORK},
    "overlong_sessions": {WORK, TRIAL},
    # A trial copy has screens too, and their buttons must work.
    "run_requests": {WORK, TRIAL},
}


class EnvironmentUnknownError(ValueError):
    """The environment or the schedule is not in the list; the message is Russian."""


def environment() -> str:
    """Name of the environment; raises :class:`EnvironmentUnknownError` for a misspelt one."""
    name = os.environ.get(VARIABLE, "").strip() or WORK
    if name not in (WORK, TRIAL):
        raise EnvironmentUnknownError(
            f"{VARIABLE}: «{name}» не известно. Укажите {WORK} (рабочая система) или {TRIAL} "
            "(пробная копия, где по расписанию ничего не запускается)."
        )
    return name


def schedule_status(name: str) -> dg.DefaultScheduleStatus:
    """Whether a schedule is on without anybody's help."""
    return (
        dg.DefaultScheduleStatus.RUNNING if _runs_here(name) else dg.DefaultScheduleStatus.STOPPED
    )


def sensor_status(name: str) -> dg.DefaultSensorStatus:
    """Whether a sensor is on without anybody's help."""
    return dg.DefaultSensorStatus.RUNNING if _runs_here(name) else dg.DefaultSensorStatus.STOPPED


def _runs_here(name: str) -> bool:
    if name not in RUNS_BY_ITSELF:
        raise EnvironmentUnknownError(
            f"«{name}» нет в списке RUNS_BY_ITSELF (orchestration/lib/environments.py): решите, "
            "в каких системах он запускается сам."
        )
    return environment() in RUNS_BY_ITSELF[name]
