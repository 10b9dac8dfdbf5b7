"""A template says what is wrong with it in Russian, and the same values give the same file.

The templates here are made in Word's format on the spot; the real one is tested with its module.
"""

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import NamedTuple
from zipfile import ZipFile

import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from document_gen.engine import (
    TemplateProblem,
    content_fingerprint,
    load_template,
    template_version,
)

BUILT_AT = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)


class Account(NamedTuple):
    number: str
    debt: Decimal


@pytest.fixture(scope="module")
def template_of(tmp_path_factory):
    """Make a template file with one paragraph for each given text."""

    def make(*paragraphs, path=None, author="Лариса Юрьевна"):
        path = path or tmp_path_factory.mktemp("template") / "letter.docx"
        document = Document()
        document.core_properties.author = author
        document.core_properties.last_modified_by = author
        for text in paragraphs:
            document.add_paragraph(text)
        document.save(path)
        return path

    return make


def render(path, **values):
    return load_template(path).render(values, title="Письмо", built_at=BUILT_AT)


def text_of(document):
    return "\n".join(paragraph.text for paragraph in Document(BytesIO(document)).paragraphs)


def problem_of(path, **values):
    with pytest.raises(TemplateProblem) as problem:
        render(path, **values)
    return str(problem.value)


def test_the_same_values_give_the_same_bytes(template_of):
    path = template_of("Долг {{ debt | amount }} руб.")
    hashes = {hashlib.sha256(render(path, debt=Decimal("12.50"))).hexdigest() for _ in range(3)}
    assert len(hashes) == 1
    other = render(path, debt=Decimal("12.51"))
    assert hashlib.sha256(other).hexdigest() not in hashes


def test_the_fingerprint_sees_the_content_and_not_the_packing(template_of):
    document = render(template_of("Долг {{ debt | amount }}"), debt=Decimal(1))
    repacked = BytesIO()
    with ZipFile(BytesIO(document)) as before, ZipFile(repacked, "w") as after:
        for name in reversed(before.namelist()):
            after.writestr(name, before.read(name))

    assert repacked.getvalue() != document
    assert content_fingerprint(repacked.getvalue()) == content_fingerprint(document)
    other = render(template_of("Долг {{ debt | amount }}"), debt=Decimal(2))
    assert content_fingerprint(other) != content_fingerprint(document)


def test_an_edited_template_is_used_at_once_and_has_another_version(template_of):
    path = template_of("Было")
    before = template_version(path)
    assert text_of(render(path)) == "Было"

    template_of("Стало", path=path)
    assert text_of(render(path)) == "Стало"
    assert template_version(path) != before
    assert load_template(path).version == template_version(path)


def test_the_editing_lawyer_is_not_named_in_the_debtor_s_file(template_of):
    document = render(template_of("Текст", author="Лариса Юрьевна"))
    with ZipFile(BytesIO(document)) as entries:
        assert all(
            b"\xd0\x9b\xd0\xb0\xd1\x80\xd0\xb8" not in entries.read(name)
            for name in entries.namelist()
        )
    properties = Document(BytesIO(document)).core_properties
    assert properties.title == "Письмо"
    assert properties.created == BUILT_AT


def test_a_tag_that_word_has_scattered_over_runs_is_one_tag(tmp_path):
    document = Document()
    paragraph = document.add_paragraph()
    for piece in ("{", "{ acc", "ount", "_number }", "}"):
        paragraph.add_run(piece)
    document.save(tmp_path / "scattered.docx")

    assert text_of(render(tmp_path / "scattered.docx", account_number="17")) == "17"


def test_a_misspelt_name_is_told_with_the_nearest_one(template_of):
    problem = problem_of(template_of("{{ adress }}"), address="ул. Мира")
    assert "«letter.docx»" in problem
    assert "«adress»" in problem
    assert "address?" in problem


def test_a_misspelt_name_in_a_branch_not_taken_is_still_found(template_of):
    path = template_of("{% if debt %}{{ dedt }}{% endif %}")
    assert "«dedt»" in problem_of(path, debt=0)


def test_a_misspelt_part_of_a_name_is_told_with_the_nearest_one(template_of):
    path = template_of("{{ account.numbr }}")
    problem = problem_of(path, account=Account("17", Decimal(1)))
    assert "«numbr»" in problem
    assert "number?" in problem


def test_an_unknown_format_names_its_tag(template_of):
    problem = problem_of(template_of("Долг {{ debt | roubles }}"), debt=Decimal(1))
    assert "{{ debt | roubles }}" in problem


def test_a_tag_with_a_space_in_the_name_is_shown_as_written(template_of):
    assert "{{ total debt }}" in problem_of(template_of("{{ total debt }}"))


def test_a_loop_without_its_end_is_told(template_of):
    problem = problem_of(template_of("{% for row in rows %}{{ row }}"), rows=["1"])
    assert "endfor" in problem


def test_a_condition_that_tears_a_table_is_told(tmp_path):
    document = Document()
    document.add_paragraph("{% if debt %}Начало")
    document.add_table(1, 1).cell(0, 0).text = "{% endif %}"
    document.save(tmp_path / "torn.docx")
    assert "разрывают таблицу" in problem_of(tmp_path / "torn.docx", debt=0)


def test_a_date_or_a_sum_without_a_format_is_refused(template_of):
    assert "2026-11-21" in problem_of(template_of("{{ day }}"), day=date(2026, 11, 21))
    assert "12.50" in problem_of(template_of("{{ debt }}"), debt=Decimal("12.50"))


def test_an_empty_value_never_becomes_a_word_in_a_letter(template_of):
    assert "пустое значение" in problem_of(template_of("{{ phone }}"), phone=None)


def test_a_format_of_another_kind_of_value_is_refused(template_of):
    problem = problem_of(template_of("{{ debt | date }}"), debt=Decimal("12.50"))
    assert "«date»" in problem
    assert "12.50" in problem


def test_a_sum_kept_as_a_binary_fraction_is_refused(template_of):
    assert "«amount»" in problem_of(template_of("{{ debt | amount }}"), debt=12.5)


def test_a_template_reaches_nothing_but_its_values(template_of):
    path = template_of("{{ account.number.__class__.__mro__ }}")
    assert "__class__" in problem_of(path, account=Account("17", Decimal(1)))


def test_what_is_not_a_word_file_is_refused(tmp_path):
    (tmp_path / "old.docx").write_bytes(b"\xd0\xcf\x11\xe0 a .doc with another name")
    assert "не документ Word" in problem_of(tmp_path / "old.docx")
    with ZipFile(tmp_path / "table.docx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "не документ Word" in problem_of(tmp_path / "table.docx")


def test_a_lost_template_is_named(tmp_path):
    assert "lost.docx" in problem_of(tmp_path / "lost.docx")
    with pytest.raises(TemplateProblem, match=r"lost\.docx"):
        template_version(tmp_path / "lost.docx")


def test_a_moment_without_its_time_zone_is_refused(template_of):
    template = load_template(template_of("Текст"))
    with pytest.raises(ValueError, match="часовым поясом"):
        template.render({}, title="Письмо", built_at=datetime(2026, 11, 21))  # noqa: DTZ001


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.characters(codec="utf-8"), min_size=1))
def test_no_name_however_dirty_damages_the_file(template_of, name):
    path = template_of("[{{ name }}]")
    text = text_of(render(path, name=name))
    readable = [letter for letter in name if letter.isprintable() and not letter.isspace()]
    assert [letter for letter in text[1:-1] if letter in set(readable)] == readable


def test_signs_of_markup_in_a_name_stay_text(template_of):
    name = "ООО «Свет & Тепло» <филиал> {{ debt }}"
    assert text_of(render(template_of("{{ name }}"), name=name)) == name
