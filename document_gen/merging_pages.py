"""«Страница 2 из 5» in a stack: the 5 is of the document, not of the whole stack.

Word has a field for that, SECTIONPAGES, which it computes by itself, on the screen and on paper.
LibreOffice does not know it and would print the number that the file came with. It knows PAGEREF:
the number of the page on which a bookmark stands, here of the last line of the document, whose
pages are counted from 1. So both are written, and each program takes the one it computes.
"""

from lxml import etree

from document_gen.wordml import MC, W, child, w

WORD_2013 = "http://schemas.microsoft.com/office/word/2012/wordml"
"""What Word says it understands, and LibreOffice does not, when it chooses between the two."""

WHOLE, OF_SECTION = "NUMPAGES", "SECTIONPAGES"


class OwnPages:
    """The pages of one document of a stack, for the fields that count them.

    ``number`` tells the documents of a stack apart. A document of several sections is counted by
    the bookmark in Word too, which brings it up to date when it prints: SECTIONPAGES would give
    the pages of one of the sections.
    """

    def __init__(self, number: int, *, is_one_section: bool) -> None:
        self.number = number
        self.end = f"end{number}"
        self.is_one_section = is_one_section
        self.is_asked_for = False

    def count_in(self, root: etree._Element) -> None:
        """Make the fields of a header, footer or text count the pages of the document."""
        for simple in [f for f in root.iter(w("fldSimple")) if _counts(f.get(w("instr")))]:
            _spell_out(simple)
        for instruction in [f for f in root.iter(w("instrText")) if _counts(f.text)]:
            _replace(instruction, self.end, is_one_section=self.is_one_section)
            self.is_asked_for = True

    def mark_end(self, body: etree._Element) -> None:
        """Put the bookmark, where a field asks for it, into the last paragraph of the text."""
        if not self.is_asked_for:
            return
        outside_of_boxes = ".//w:p[not(ancestor::w:txbxContent)]"
        lines = body.xpath(outside_of_boxes, namespaces={"w": W})
        last = lines[-1] if lines else child(body, "p", first=True)
        for name in ("bookmarkStart", "bookmarkEnd"):
            etree.SubElement(last, w(name)).set(w("id"), str(self.number))
        last.find(w("bookmarkStart")).set(w("name"), self.end)


def _counts(instruction: str | None) -> bool:
    # A template may have been taken from a stack: then the field is already the narrower one.
    return bool({WHOLE, OF_SECTION} & set((instruction or "").upper().split()))


def _replace(instruction: etree._Element, end: str, *, is_one_section: bool) -> None:
    words = (instruction.text or "").split()
    for_word, for_others = (
        " ".join(field if word.upper() in (WHOLE, OF_SECTION) else word for word in words)
        for field in (OF_SECTION, f"PAGEREF {end}")
    )
    if not is_one_section:
        instruction.text = f" {for_others} "
        return
    either = etree.Element(f"{{{MC}}}AlternateContent", nsmap={"mc": MC, "w15": WORD_2013})
    choice = etree.SubElement(either, f"{{{MC}}}Choice", Requires="w15")
    fallback = etree.SubElement(either, f"{{{MC}}}Fallback")
    for place, told in ((choice, for_word), (fallback, for_others)):
        written = etree.SubElement(place, w("instrText"))
        written.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        written.text = f" {told} "
    instruction.getparent().replace(instruction, either)


def _spell_out(simple: etree._Element) -> None:
    """Write a field that is one element as the runs which can hold a choice."""
    runs = list(simple.iter(w("r")))
    look = runs[0].find(w("rPr")) if runs else None

    def run(inside: etree._Element) -> etree._Element:
        made = etree.Element(w("r"))
        if look is not None:
            made.append(etree.fromstring(etree.tostring(look)))
        made.append(inside)
        return made

    def mark(kind: str) -> etree._Element:
        made = etree.Element(w("fldChar"))
        made.set(w("fldCharType"), kind)
        return made

    instruction = etree.Element(w("instrText"))
    instruction.text = simple.get(w("instr"))
    before = [run(mark("begin")), run(instruction), run(mark("separate"))]
    place = simple.getparent()
    at = place.index(simple)
    place[at : at + 1] = [*before, *runs, run(mark("end"))]
