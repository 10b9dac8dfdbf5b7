"""Dagster's own folder: its settings and its book of runs."""

from pathlib import Path

from operational_db import settings

SETTINGS = """\
# Made by Dolgomer at every start; own settings would be lost here.
telemetry:
  enabled: false

nux:
  enabled: false

# A build and an import of a file may go side by side; more would crowd a small server.
concurrency:
  runs:
    max_concurrent_runs: 2

# A run whose process was killed is found out and marked, instead of hanging for ever.
run_monitoring:
  enabled: true
  start_timeout_seconds: 180
  cancel_timeout_seconds: 60
  poll_interval_seconds: 30
  max_resume_run_attempts: 0

# Every tick of a sensor is a row; the book would grow without end.
retention:
  sensor:
    purge_after_days:
      skipped: 1
      failure: 30
      success: 90
  schedule:
    purge_after_days: 90
"""


def folder() -> Path:
    """The folder that ``DAGSTER_HOME`` must name."""
    return settings.home() / "dagster"


def prepare() -> Path:
    """Make Dagster's folder with its settings and return it; twice is as good as once."""
    home = folder()
    home.mkdir(exist_ok=True)
    settings.give_to_home_owner(home)
    file = home / "dagster.yaml"
    if not file.exists() or file.read_text("utf-8") != SETTINGS:
        settings.write_private(file, SETTINGS)
    return home
