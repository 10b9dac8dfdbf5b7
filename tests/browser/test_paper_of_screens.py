"""What a browser prints of a screen: whole, with its columns, on sheets that lie wide."""

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import settled
from tests.browser.test_managers_road import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def printed(page: Page) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))


def left_of(sheet: pypdfium2.PdfPage, words: str) -> float:
    """Where words begin on a sheet, in parts of its width."""
    text = sheet.get_textpage()
    found = text.search(words).get_next()
    assert found is not None, f"no «{words}» on the sheet"
    left, _, right, _ = text.get_charbox(found[0])
    assert right < sheet.get_width()
    return left / sheet.get_width()


def test_a_printed_dashboard_keeps_side_by_side_what_stands_so_on_the_screen(
    page: Page, screens: str
):
    sign_in(page, screens)
    expect(page.get_by_text("Долг по срокам")).to_be_visible()
    settled(page)
    first = printed(page)[0]
    assert first.get_width() > first.get_height()
    assert left_of(first, "Долг по срокам") > 0.5
    assert left_of(first, "Собираемость за год") > 0.7
