"""One stack of paper for a court section: each document keeps its pages, headers and lists."""

import re
from io import BytesIO
from zipfile import ZipFile

import pypdf
import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from document_gen import examples, pdf
from document_gen.kinds import DEBT_CALCULATION, DRAFT_ORDER, ORDER_APPLICATION, render
from document_gen.merging import MergeProblem, merged

PACKAGE = (ORDER_APPLICATION, DEBT_CALCULATION, DRAFT_ORDER)


def stack(documents, **changes):
    return merged(documents, title="Печать", built_at=examples.BUILT_AT, **changes)


@pytest.fixture(scope="module")
def packages():
    return [
        render(kind, case) for case in (examples.case(), examples.long_names()) for kind in PACKAGE
    ]


def saved(document):
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def test_the_stack_says_all_that_its_documents_say(packages):
    def text(document):
        opened = Document(BytesIO(document))
        return "".join(t.text or "" for t in opened.element.body.iter(qn("w:t")))

    assert text(stack(packages)) == "".join(text(document) for document in packages)


def test_equal_documents_make_equal_stacks(packages):
    assert stack(packages) == stack(iter(packages))
    assert stack(packages) != stack(packages[::-1])


def test_every_document_begins_on_an_odd_page_numbered_one(packages):
    sections = Document(BytesIO(stack(packages))).sections
    assert len(sections) == len(packages)
    for section in sections:
        assert section._sectPr.find(qn("w:type")).get(qn("w:val")) == "oddPage"
        assert section._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1"


def test_one_sided_paper_needs_no_blank_pages(packages):
    sections = Document(BytesIO(stack(packages, duplex=False))).sections
    kinds = {section._sectPr.find(qn("w:type")).get(qn("w:val")) for section in sections}
    assert kinds == {"nextPage"}


def test_every_document_keeps_the_footer_that_names_its_case(packages):
    footers = [s.footer.paragraphs[0].text for s in Document(BytesIO(stack(packages))).sections]
    assert ["Д-2026-000123" in text for text in footers] == [True] * 3 + [False] * 3
    assert "Расчёт задолженности" in footers[1]
    assert "Проект судебного приказа" in footers[2]


def test_a_document_without_a_header_does_not_take_its_neighbour_s():
    first, second = Document(), Document()
    first.sections[0].header.paragraphs[0].text = "Только у первого"
    first.add_paragraph("Первый")
    second.add_paragraph("Второй")
    sections = Document(BytesIO(stack([saved(first), saved(second)]))).sections
    assert sections[0].header.paragraphs[0].text == "Только у первого"
    assert sections[1].header.paragraphs[0].text == ""
    assert not sections[1].header.is_linked_to_previous


def test_styles_of_one_name_do_not_mix():
    documents = []
    for size, landscape in ((8, False), (20, True)):
        document = Document()
        document.styles["Normal"].font.size = Pt(size)
        document.add_paragraph(f"Кегль {size}")
        if landscape:
            section = document.sections[0]
            section.orientation = WD_ORIENT.LANDSCAPE
            section.page_width, section.page_height = section.page_height, section.page_width
        documents.append(saved(document))
    together = Document(BytesIO(stack(documents)))
    sizes = {p.text: p.style.font.size for p in together.paragraphs if p.text}
    assert sizes == {"Кегль 8": Pt(8), "Кегль 20": Pt(20)}
    assert [s.orientation for s in together.sections] == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE]


def test_a_numbered_list_begins_anew_in_every_document():
    document = Document()
    for word in ("один", "два"):
        document.add_paragraph(word, style="List Number")
    together = Document(BytesIO(stack([saved(document), saved(document)])))
    numbers = [
        paragraph._p.pPr.numPr.numId.val for paragraph in together.paragraphs if paragraph.text
    ]
    assert numbers == [numbers[0]] * 2 + [numbers[2]] * 2
    assert numbers[0] != numbers[2]
    starts = together.part.numbering_part._element.iter(qn("w:startOverride"))
    assert {start.get(qn("w:val")) for start in starts} == {"1"}


def test_pages_are_counted_within_the_document():
    document = Document()
    document.add_paragraph("Текст")
    field = OxmlElement("w:instrText")
    field.text = " NUMPAGES "
    document.sections[0].footer.paragraphs[0].add_run()._r.append(field)
    with ZipFile(BytesIO(stack([saved(document)]))) as archive:
        footers = [archive.read(n) for n in archive.namelist() if "footer" in n]
    assert any(b" SECTIONPAGES " in footer for footer in footers)


def test_one_picture_of_many_documents_is_kept_once(packages):
    with ZipFile(BytesIO(stack(packages))) as archive:
        pictures = [name for name in archive.namelist() if name.startswith("word/media/")]
    assert len(pictures) == 2  # the codes of two cases


def test_identifiers_of_drawings_do_not_repeat(packages):
    with ZipFile(BytesIO(stack(packages))) as archive:
        numbers = re.findall(rb'<wp:docPr [^>]*?\bid="(\d+)"', archive.read("word/document.xml"))
    assert len(numbers) == len(set(numbers)) == len(packages)


def test_footnotes_are_refused_in_words():
    document = Document()
    document.add_paragraph("Текст").add_run()._r.append(OxmlElement("w:footnoteReference"))
    with pytest.raises(MergeProblem, match="Документ 2 содержит сноски"):
        stack([saved(Document()), saved(document)])


def test_an_empty_stack_is_refused():
    with pytest.raises(MergeProblem, match="Печатать нечего"):
        stack([])


@pytest.mark.skipif(pdf.converter() is None, reason="LibreOffice is not installed")
def test_on_paper_every_document_begins_on_a_front_side(packages):
    pages = pypdf.PdfReader(BytesIO(pdf.to_pdf(stack(packages)))).pages
    texts = [page.extract_text() for page in pages]
    beginnings = [number for number, text in enumerate(texts, 1) if "– 1 –" in text]
    assert len(beginnings) == len(packages)
    assert [number % 2 for number in beginnings] == [1] * len(packages)


def test_a_computer_without_libreoffice_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr(pdf, "NAMES", ("no-such-program",))
    with pytest.raises(pdf.PdfProblem, match="LibreOffice, её на этом компьютере нет"):
        pdf.to_pdf(b"")


@pytest.mark.skipif(pdf.converter() is None, reason="LibreOffice is not installed")
def test_every_page_can_be_looked_at_on_a_screen(packages):
    printed = pdf.to_pdf(packages[0])
    pages = list(pdf.pages_of(printed))
    assert len(pages) == len(pypdf.PdfReader(BytesIO(printed)).pages) > 1
    assert all(page.startswith(b"\x89PNG") for page in pages)
