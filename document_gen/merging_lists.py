"""Numbered lists of Word in a merged document: every document counts from its own «1»."""

from collections.abc import Mapping
from copy import deepcopy

from lxml import etree

from document_gen.wordml import parsed, serialised, w

PART = "word/numbering.xml"


class DocumentLists:
    """New numbers of the lists of one document, by the old ones, made when first asked for.

    Each is a list anew, or the second application would go on from the first one's count. Most
    templates carry lists that nothing in them uses; those are left behind.
    """

    def __init__(self, lists: "Lists", template: str, entries: Mapping[str, bytes]) -> None:
        """``template`` tells documents of one template from those of another."""
        self._lists, self._template, self._entries = lists, template, entries
        self._numbers: dict[str, str] = {}

    def __getitem__(self, number: str) -> str:
        """The new number of a list."""
        if number not in self._numbers:
            self._numbers[number] = self._lists.anew(self._template, self._entries, number)
        return self._numbers[number]


class Lists:
    """The lists of all documents, under numbers of their own."""

    def __init__(self) -> None:
        """Start without lists."""
        self._abstract: list[etree._Element] = []
        self._numbers: list[etree._Element] = []
        self._by_template: dict[str, dict[str, str]] = {}
        self._roots: dict[str, etree._Element] = {}

    @property
    def is_empty(self) -> bool:
        """Whether no document has brought a list."""
        return not self._numbers

    def of_document(self, template: str, entries: Mapping[str, bytes]) -> "DocumentLists":
        """The lists of one more document made from ``template``."""
        return DocumentLists(self, template, entries)

    def anew(self, template: str, entries: Mapping[str, bytes], number: str) -> str:
        """A new number for list ``number`` of a document, counting from its beginning."""
        if template not in self._by_template:
            root = parsed(entries[PART]) if PART in entries else etree.Element(w("numbering"))
            self._by_template[template] = self._abstract_of(root)
            self._roots[template] = root
        found = next(
            (n for n in self._roots[template].findall(w("num")) if n.get(w("numId")) == number),
            None,
        )
        if found is None:
            return number  # «0» takes a paragraph out of its list; others Word ignores too.
        copy = deepcopy(found)
        identifier = str(len(self._numbers) + 1)
        copy.set(w("numId"), identifier)
        reference = copy.find(w("abstractNumId"))
        reference.set(w("val"), self._by_template[template][reference.get(w("val"))])
        if copy.find(w("lvlOverride")) is None:
            self._restart(copy)
        self._numbers.append(copy)
        return identifier

    def part(self) -> bytes:
        """The part of the merged document."""
        root = etree.Element(w("numbering"), nsmap={"w": w("")[1:-1]})
        root.extend(self._abstract)
        root.extend(self._numbers)
        return serialised(root)

    def _abstract_of(self, root: etree._Element) -> dict[str, str]:
        renamed = {}
        for abstract in root.findall(w("abstractNum")):
            copy = deepcopy(abstract)
            identifier = str(len(self._abstract))
            renamed[abstract.get(w("abstractNumId"))] = identifier
            copy.set(w("abstractNumId"), identifier)
            # Equal identifiers of two lists make Word take them for one.
            for name in ("nsid", "tmpl"):
                for element in copy.findall(w(name)):
                    copy.remove(element)
            for link in copy.iter(w("pStyle")):
                link.getparent().remove(link)
            self._abstract.append(copy)
        return renamed

    def _restart(self, number: etree._Element) -> None:
        for level in range(9):
            override = etree.SubElement(number, w("lvlOverride"))
            override.set(w("ilvl"), str(level))
            etree.SubElement(override, w("startOverride")).set(w("val"), "1")
