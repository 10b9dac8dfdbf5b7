"""The table widget speaks English of itself: its menu and its search are told in Russian."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import settled
from tests.browser.test_managers_road import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SEEN = """
element => {
    const told = []
    for (const part of [element, ...element.querySelectorAll("*")]) {
        const style = getComputedStyle(part)
        if (!part.checkVisibility() || part.dataset.testid === "stIconMaterial") continue
        const size = name => parseFloat(getComputedStyle(part, name).fontSize)
        const after = getComputedStyle(part, "::after").content
        if (after.startsWith('"') && size("::after")) told.push(after)
        if (!size(null)) continue
        for (const node of part.childNodes)
            if (node.nodeType === Node.TEXT_NODE) told.push(node.textContent)
    }
    return told.join(" ")
}
"""


def words(seen: Locator) -> str:
    """What a person reads there, with what the style sheet writes."""
    return seen.evaluate(SEEN)


def test_the_menu_of_a_heading_and_the_search_in_a_table_are_russian(page: Page, screens: str):
    sign_in(page, screens)
    page.goto(f"{screens}/worklist")
    table = page.locator(".st-key-worklist_table")
    expect(table).to_be_visible()
    settled(page)
    grid = table.locator(".dvn-scroller")
    # The sign of the menu stands at the right edge of a heading, here of the number of the account.
    grid.hover(position={"x": 60, "y": 16})
    menu = page.get_by_test_id("stDataFrameColumnMenu")
    for edge in range(108, 84, -4):
        if menu.count() == 0:
            grid.click(position={"x": edge, "y": 16})
            page.wait_for_timeout(300)
    told = words(menu)
    assert "По возрастанию" in told
    assert "Скрыть столбец" in told
    assert not re.search("[A-Za-z]", told)

    page.keyboard.press("Escape")
    grid.click(position={"x": 60, "y": 60})
    page.keyboard.press("Control+f")
    search = page.locator(".gdg-search-bar")
    expect(search).to_be_visible()
    assert "Поиск по строкам" in words(search)
    page.keyboard.type("000")
    page.wait_for_timeout(500)
    assert not re.search("[A-Za-z]", words(search))
