"""Check digits of ИНН and СНИЛС."""

import pytest

from operational_db.imports.identifiers import (
    inn_is_right,
    snils_digits,
    snils_written,
)


@pytest.mark.parametrize("inn", ["7727406020", "7707083893", "500100732259"])
def test_a_real_inn_is_right(inn):
    assert inn_is_right(inn)


@pytest.mark.parametrize("inn", ["7727406021", "500100732258", "0000000000", "77274060201", "ИНН"])
def test_a_mistyped_inn_is_not(inn):
    assert not inn_is_right(inn)


@pytest.mark.parametrize("written", ["112-233-445 95", "11223344595", "112 233 445 95"])
def test_snils_is_read_however_it_is_written(written):
    assert snils_digits(written) == "11223344595"
    assert snils_written("11223344595") == "112-233-445 95"


@pytest.mark.parametrize("written", ["000-000-000 00", "112-233-445 96", "112-233-445", ""])
def test_a_masked_or_mistyped_snils_is_none(written):
    assert snils_digits(written) is None
