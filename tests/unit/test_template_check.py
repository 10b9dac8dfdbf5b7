"""A lawyer's mistakes in a template: which tag, where it stands, what was meant."""

import typing
from dataclasses import fields, is_dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document

from document_gen.checking import check_template
from document_gen.kinds import KINDS, ORDER_APPLICATION
from document_gen.tags import FORMATS
from document_gen.template_types import ANY, bare, element, names_of_kind
from document_gen.wordml import LARGEST_UNPACKED

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "user" / "shablony.md"


def template(*paragraphs, cells=(), footer=None):
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if cells:
        table = document.add_table(len(cells), 2)
        for row, text in zip(table.rows, cells, strict=True):
            row.cells[1].text = text
    if footer:
        document.sections[0].footer.paragraphs[0].text = footer
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def findings(*paragraphs, **parts):
    return [str(f) for f in check_template(template(*paragraphs, **parts), ORDER_APPLICATION)]


def damaged(content):
    middle = len(content) // 2
    return content[:middle] + bytes(400) + content[middle + 400 :]


def packed(name, content):
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (damaged(ORDER_APPLICATION.template.read_bytes()), "не документ Word"),
        (packed("word/document.xml", b"<w>" + bytes(LARGEST_UNPACKED)), "не документ Word"),
        (packed("word/document.xml", b"<a><b></a>"), "файл повреждён"),
        (b"", "не документ Word"),
    ],
    ids=["damaged", "unpacks to too much", "not XML inside", "empty"],
)
def test_a_file_that_word_would_not_open_is_told_of(content, told):
    (finding,) = check_template(content, ORDER_APPLICATION)
    assert told in str(finding)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_the_templates_of_the_program_are_right(kind):
    assert check_template(kind.template.read_bytes(), kind) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ case_nubmer }}", "имени «case_nubmer» у этого документа нет. Может быть, case_number"),
        (
            "{{ demand.principle | amount }}",
            "стоит «principle», такого нет. Может быть, principal?",
        ),
        ("{{ demand.total }}", "нужен формат, например: {{ demand.total | amount }}"),
        ("{{ filed_on }}", "нужен формат, например: {{ filed_on | date }}"),
        ("{{ filed_on | dat }}", "формата «dat» нет. Может быть, date"),
        ("{{ debtor.name | genitiv }}", "Может быть, genitive?"),
        ("{{ total debt }}", "её не разобрать"),
        ("{% esle %}", "такой команды нет. Может быть, else?"),
        ("{% endif %}", "перед ней нет метки if"),
        ("{% if is_plural %}", "не закрыта: дальше нет метки endif"),
        (
            "{% if is_plural %}{% endfor %}{% endif %}",
            "нет метки for, а открыта {% if is_plural %}",
        ),
        ("{% for person in court %}{% endfor %}", "«court» – не список"),
        ("{% for person %}{% endfor %}", "пишется так: {% for строка in список %}"),
        ("{{ person.name }}", "имени «person» у этого документа нет"),
        ("{{ case_number", "скобки без пары"),
        ("{{ right_record }}", "в метку попало пустое значение"),
        ("{{ case_qr }}", "вставьте в Word любой рисунок"),
    ],
)
def test_a_mistake_is_told_with_its_tag_and_what_was_meant(text, told):
    (finding,) = findings("Первый абзац", text)
    assert told in finding
    assert "абзац 2" in finding or "рядом с" in finding


def test_the_loop_s_own_name_is_known_inside_it_only():
    loop = ("{%p for person in debtors %}", "{{ person.nmae }}", "{%p endfor %}")
    (finding,) = findings(*loop)
    assert "абзац 2 («{{ person.nmae }}»)" in finding
    assert "Может быть, name?" in finding
    assert (
        "имени «person»" in findings("{% for person in debtors %}{% endfor %}{{ person.name }}")[0]
    )


def test_a_mistake_in_a_branch_that_no_example_takes_is_told():
    text = '{% if claimant.kind == "no such" %}{{ claimant.innn }}{% endif %}'
    assert "«innn»" in findings(text)[0]


def test_a_mistake_in_a_table_is_told_by_row_and_column():
    (finding,) = findings("Текст", cells=("верно", "{{ claimant.innn }}"))
    assert "таблица 1, строка 2, графа 2" in finding


def test_a_mistake_in_the_footer_is_told():
    (finding,) = findings("Текст", footer="{{ template_versio }}")
    assert "нижний колонтитул, абзац 1" in finding


def test_all_mistakes_are_told_at_once():
    assert len(findings("{{ one }}", "{{ two }}", footer="{{ three }}")) == 3


def test_what_is_not_a_word_file_is_told():
    (finding,) = check_template(b"not a document", ORDER_APPLICATION)
    assert str(finding) == "это не документ Word. Сохраните файл в формате .docx."


def names_below(kind, seen):
    """Every name that a tag may ask of a type, and of what it holds."""
    item = element(kind)
    if item is not None and item is not ANY:
        return names_below(item, seen)
    found = bare(kind)
    if not (isinstance(found, type) and is_dataclass(found)) or found in seen:
        return set()
    seen.add(found)
    parts = dict(typing.get_type_hints(found))
    for name in dir(found):
        if isinstance(part := getattr(found, name), property):
            parts[name] = typing.get_type_hints(part.fget)["return"]
    return set(parts).union(*(names_below(part, seen) for part in parts.values()))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_the_lawyers_guide_names_everything_that_a_tag_may_ask(kind):
    guide = GUIDE.read_text(encoding="utf-8")
    names = names_of_kind(kind.context, kind.values(kind.examples()[0]))
    below = set().union(*(names_below(part, set()) for part in names.values()))
    asked = set(names) | below | {"template_version"} | FORMATS.keys()
    assert sorted(name for name in asked if f"`{name}`" not in guide) == []
    assert {field.name for field in fields(kind.context)} <= set(names)
