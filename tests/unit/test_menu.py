"""The menu: every screen is found in it, under one name and one address."""

from collections import Counter
from pathlib import Path

import pytest

from apps.menu import SCREENS, SECTIONS
from benchmarks.first_answers import OPENINGS

APPS = Path(__file__).parents[2] / "apps"


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.title)
def test_every_screen_stands_in_a_section_and_has_its_file(screen):
    assert screen.section in SECTIONS
    assert (APPS / screen.path).is_file()
    assert screen.roles


def test_no_two_screens_share_a_name_or_an_address():
    titles = Counter(screen.title for screen in SCREENS)
    addresses = Counter(Path(screen.path).stem for screen in SCREENS)
    assert max(titles.values()) == 1
    assert max(addresses.values()) == 1


def test_every_screen_is_measured_by_the_benchmark():
    assert set(OPENINGS) == {screen.path for screen in SCREENS}
