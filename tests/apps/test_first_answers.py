"""The benchmark of screens opens them as people do, so it is tried on the town of the screens."""

import pytest

from apps import menu
from benchmarks import first_answers


@pytest.mark.usefixtures("open_as")
def test_every_screen_of_the_operator_is_opened_and_its_statements_are_counted():
    answers = dict(first_answers.answers_of("operator", rounds=1))

    assert set(answers) == {s.path for s in menu.SCREENS if "operator" in s.roles}
    for answer in answers.values():
        assert answer.statements > 0
        assert 0 < answer.of_database < answer.milliseconds


@pytest.mark.usefixtures("open_as")
def test_a_screen_that_has_nothing_to_show_is_not_measured(change):
    change("delete from marts.account_balances")

    with pytest.raises(RuntimeError, match="has no rows"):
        list(first_answers.answers_of("operator", rounds=1))
