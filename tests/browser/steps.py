"""Steps of a browser that take into account that a screen is drawn in several goes."""

import re

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as TooLate

DRAWN = '[data-testid="stApp"][data-test-script-state="notRunning"]'
ATTEMPTS = 5
OPENING = 5_000  # milliseconds that a line of an open list may take to be clicked


def settled(page: Page) -> None:
    """Wait until the screen has been drawn to its end."""
    expect(page.locator(DRAWN)).to_have_count(1)


def choose(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    """Open a list by its label and take a line of it.

    A screen that is drawn again shuts a list that was open: a person opens it once more.
    """
    for attempt in range(1, ATTEMPTS + 1):
        settled(page)
        page.get_by_label(label).click()
        try:
            page.get_by_role("option", name=option).click(timeout=OPENING)
        except TooLate:
            if attempt == ATTEMPTS:
                raise
            page.keyboard.press("Escape")
        else:
            return


def close_dialog(page: Page) -> None:
    """Shut the open dialog; one that is drawn at this very moment does not hear the key, and a
    table within it that has the focus keeps the key for itself.
    """
    dialog = page.get_by_role("dialog")
    cross = dialog.get_by_role("button", name="Close")
    for attempt in range(ATTEMPTS):
        settled(page)
        if dialog.count() == 0:
            return
        if attempt % 2 and cross.count():
            cross.first.click()
        else:
            page.keyboard.press("Escape")
        page.wait_for_timeout(500)
    expect(dialog).to_have_count(0)
