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


def test_word_counts_pages_of_the_section_and_others_up_to_the_end_of_the_document():
    counted = [pages_of_pages(1), pages_of_pages(2, simple=True)]
    with ZipFile(BytesIO(stack(counted))) as archive:
        footers = [archive.read(n).decode() for n in archive.namelist() if "word/footer" in n]
        text = archive.read("word/document.xml").decode()
    for number in (1, 2):
        [footer] = [footer for footer in footers if f" PAGEREF end{number} " in footer]
        # What Word 2013 and later choose stands first, what others know is the fallback.
        assert re.search(r'Choice Requires="w15"><w:instrText[^>]*> SECTIONPAGES <', footer)
        assert f'w:id="{number}" w:name="end{number}"' in text
    assert not any(re.search(r"\bNUMPAGES\b", footer) for footer in footers)


def test_a_document_of_several_sections_is_counted_to_its_end_and_not_by_section():
    document = Document(BytesIO(pages_of_pages(1)))
    document.add_section()
    with ZipFile(BytesIO(stack([saved(document)]))) as archive:
        footers = [archive.read(n).decode() for n in archive.namelist() if "word/footer" in n]
    assert any("PAGEREF end1" in footer for footer in footers)
    assert not any("SECTIONPAGES" in footer for footer in footers)


def test_documents_that_count_no_pages_share_their_footer_and_get_no_marks(packages):
    with ZipFile(BytesIO(stack([packages[0]] * 3))) as archive:
        assert len([n for n in archive.namelist() if n.startswith("word/footer-")]) == 2
        assert b"bookmarkStart" not in archive.read("word/document.xml")


@pytest.mark.skipif(pdf.converter() is None, reason="LibreOffice is not installed")
def test_on_paper_page_2_of_3_is_of_the_document_and_not_of_the_stack():
    lengths = (1, 3, 2)
    documents = [pages_of_pages(n, simple=n == 2, table=n == 3) for n in lengths]
    single = pypdf.PdfReader(BytesIO(pdf.to_pdf(documents[1]))).pages
    assert [told(page) for page in single] == ["1 из 3", "2 из 3", "3 из 3"]

    printed = pypdf.PdfReader(BytesIO(pdf.to_pdf(stack(documents)))).pages
    backs_left_blank = [page for page in printed if not page.extract_text()]
    assert [told(page) for page in printed if page not in backs_left_blank] == [
        f"{page} из {pages}" for pages in lengths for page in range(1, pages + 1)
    ]


def pages_of_pages(pages: int, *, simple: bool = False, table: bool = False) -> bytes:
    """A document of so many pages whose footer counts them, as one element or as Word's runs."""
    document = Document()
    for number in range(pages):
        document.add_paragraph(f"Лист {number + 1}").paragraph_format.page_break_before = number > 0
    if table:
        document.add_table(1, 1).cell(0, 0).text = "Итого"
    footer = document.sections[0].footer.paragraphs[0]
    footer.add_run("Страница ")
    add_field(footer, "PAGE", simple=simple)
    footer.add_run(" из ")
    add_field(footer, "NUMPAGES", simple=simple)
    return saved(document)


def add_field(paragraph, instruction, *, simple):
    if simple:
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), f" {instruction} ")
        result = OxmlElement("w:r")
        result.append(OxmlElement("w:t"))
        result[0].text = "1"
        field.append(result)
        paragraph._p.append(field)
        return
    for kind in ("begin", None, "separate", "1", "end"):
        run = paragraph.add_run("1" if kind == "1" else "")
        if kind is None:
            run._r.append(OxmlElement("w:instrText"))
            run._r[-1].text = f" {instruction} "
        elif kind != "1":
            run._r.append(OxmlElement("w:fldChar"))
            run._r[-1].set(qn("w:fldCharType"), kind)


def told(page) -> str:
    return re.search(r"Страница (\d+ из \d+)", page.extract_text()).group(1)


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
