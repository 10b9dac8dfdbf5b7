"""Every kind of paper, over all its examples: no slip that a careful lawyer would cross out."""

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from docx import Document

from document_gen import examples, kinds

SLIPS = {
    "два пробела": re.compile(r"[^\s_]  +[^\s_]"),
    "пробел перед знаком": re.compile(r"\S [,.;:)»]"),
    "пробел после скобки": re.compile(r"[(«] "),
    "два знака подряд": re.compile(r",,|;;|, ,|,\.|;\.|\.\.(?!\.)|,;|,:"),
    "запятая перед скобкой": re.compile(r", \("),
    "пустые скобки": re.compile(r"\(\)|«»"),
    "неподставленное": re.compile(r"\{\{|\}\}|\{%|%\}|\bNone\b|\bnan\b"),
}


def paragraphs(content: bytes) -> Iterator[str]:
    document = Document(BytesIO(content))
    yield from (paragraph.text for paragraph in document.paragraphs)
    tables = list(document.tables)
    while tables:
        for row in tables.pop().rows:
            for cell in row.cells:
                yield from (paragraph.text for paragraph in cell.paragraphs)
                tables += cell.tables


@pytest.mark.parametrize("kind", kinds.KINDS.values(), ids=list(kinds.KINDS))
def test_a_paper_has_no_slip_of_punctuation(kind):
    found = {
        f"{name}: {told}"
        for context in kind.examples()
        for told in paragraphs(kinds.render(kind, context))
        for name, slip in SLIPS.items()
        if slip.search(told.replace("\N{NO-BREAK SPACE}", " ").strip())
    }
    assert not found


@pytest.mark.parametrize("kind", [kinds.ORDER_APPLICATION, kinds.CLAIM_STATEMENT])
def test_who_answers_for_a_child_is_named_in_the_right_case(kind):
    context = next(
        each for each in kind.examples() if any(debtor.represents for debtor in each.debtors)
    )
    told = " ".join(paragraphs(kinds.render(kind, context)))
    assert "законным представителем (матерью)" in told
    assert "(за несовершеннолетнюю" in told


def test_a_mother_signs_an_agreement_for_herself_and_for_each_of_her_children():
    [context] = [
        each for each in examples.instalments() if any(one.is_for_self for one in each.debtors)
    ]
    told = " ".join(paragraphs(kinds.render(kinds.INSTALMENT_AGREEMENT, context)))
    assert (
        "отвечающая за себя и за несовершеннолетнюю Ким Марию Андреевну "
        "и за несовершеннолетнего Кима Льва Андреевича" in told.replace("\N{NO-BREAK SPACE}", " ")
    )


def test_an_agreement_by_instalments_names_no_case():
    for context in examples.instalments():
        told = list(paragraphs(kinds.render(kinds.INSTALMENT_AGREEMENT, context)))
        assert not [line for line in told if "Дело" in line]
