"""A real Chromium on a real server of screens, over the town of ``tests/apps/town.py``."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from operational_db import server
from tests.apps.conftest import change, lent_town, town_at_start, town_database, town_template

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PROJECT = Path(__file__).parents[2]
# A screen that is late on a busy machine is not wrong: speed is measured elsewhere.
expect.set_options(timeout=30_000)
OFFICE_DISPLAY = {"width": 1366, "height": 768}


@pytest.fixture
def screens(town_database: server.DatabaseUrls, tmp_path: Path) -> Iterator[str]:
    """Address of a server of screens; the database comes with the environment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path / "streamlit.log").open("wb")
    command = [sys.executable, "-m", "streamlit", "run", "apps/main.py"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    environment = os.environ | {"DOLGOMER_DATABASE_URL": town_database.owner}
    process = subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=log, stderr=subprocess.STDOUT
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/_stcore/health", process, tmp_path / "streamlit.log")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


@pytest.fixture
def chromium() -> Iterator[Browser]:
    """Chromium of the system; without it the test is skipped, and says so."""
    if CHROMIUM is None:
        pytest.skip("нет Chromium: установите пакет chromium (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browser_context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser of somebody who was never here, on an office display."""
    context = chromium.new_context(viewport=OFFICE_DISPLAY, locale="ru-RU", accept_downloads=True)
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def page(browser_context: BrowserContext) -> Page:
    return browser_context.new_page()


def _wait_for(address: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"Экраны не ответили за минуту:\n{log.read_text(encoding='utf-8')}")


__all__ = ["change", "lent_town", "town_at_start", "town_database", "town_template"]
