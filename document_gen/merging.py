"""Many documents in one file for printing: one court section, one click, one stack of paper.

Every document keeps its headers, footers and page numbers from 1. With ``duplex`` each begins on an
odd page, so that on two-sided paper nobody's application starts on the back of another's.
Equal documents give equal bytes.
"""

import hashlib
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO
from typing import BinaryIO
from zipfile import ZipFile

from lxml import etree
from markupsafe import escape

from document_gen.archive import Entry, GrowingPart, Packed, packed, write
from document_gen.engine import APP_PROPERTIES, APP_XML, CORE_PROPERTIES, CORE_XML
from document_gen.merging_lists import DocumentLists, Lists
from document_gen.merging_pages import OwnPages
from document_gen.merging_styles import TemplateStyles, merged_styles
from document_gen.wordml import MC, PACKAGE, TYPES, VML, WP, A, R, child, parsed, serialised, w

DOCUMENT = "word/document.xml"
REFERENCES = (f"{{{R}}}id", f"{{{R}}}embed", f"{{{R}}}link")
REFERRING = (f"{{{A}}}blip", w("hyperlink"), f"{{{VML}}}imagedata")
PICTURE = f"{R}/image"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"

# Notes and objects live in parts of their own that would have to be renumbered too; no form of
# ours has them, and a lawyer who adds one is told.
NOT_MERGED = {
    "footnoteReference": "сноски",
    "endnoteReference": "концевые сноски",
    "object": "внедрённые объекты",
}
NOT_PRINTED = ("commentRangeStart", "commentRangeEnd", "commentReference")


class MergeProblem(Exception):  # noqa: N818 - it is a message to a person, not a crash
    """Documents cannot be put into one file; the message, in Russian, says which and why."""


def merged(
    documents: Iterable[bytes], *, title: str, built_at: datetime, duplex: bool = True
) -> bytes:
    """One .docx of all ``documents`` in their order, in memory; see ``merge_into``."""
    made = BytesIO()
    merge_into(made, documents, title=title, built_at=built_at, duplex=duplex)
    return made.getvalue()


def merge_into(
    file: BinaryIO,
    documents: Iterable[bytes],
    *,
    title: str,
    built_at: datetime,
    duplex: bool = True,
) -> None:
    """Write one .docx of all ``documents`` in their order into an empty file.

    Takes them one by one. The text of the stack lies in a temporary file while it grows; in memory
    are headers, footers and pictures, which equal ones share.
    Raises ``MergeProblem`` where there are none, or one has what cannot be merged (footnotes).
    """
    with closing(_Stack("oddPage" if duplex else "nextPage")) as stack:
        for document in documents:
            stack.add(document)
        write(file, stack.entries(title, built_at))


class _Parts(Mapping[str, bytes]):
    """The parts of a document, unpacked when asked for: most are those of its template."""

    def __init__(self, document: bytes) -> None:
        self._archive = ZipFile(BytesIO(document))

    def __getitem__(self, name: str) -> bytes:
        return self._archive.read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._archive.NameToInfo)

    def __len__(self) -> int:
        return len(self._archive.NameToInfo)

    def __contains__(self, name: object) -> bool:
        return name in self._archive.NameToInfo

    def fingerprint(self, *names: str) -> str:
        """What tells parts from others without unpacking them."""
        infos = [self._archive.NameToInfo.get(name) for name in names]
        return "-".join(f"{i.CRC:08x}{i.file_size:x}" if i else "" for i in infos)


class _Stack:
    """The merged document while it grows."""

    def __init__(self, start: str) -> None:
        self.start = start
        self.count = 0
        self.body = GrowingPart(DOCUMENT)
        self.section: etree._Element | None = None
        self.namespaces: dict[str, str] = {}
        self.ignorable: dict[str, None] = {}
        self.relations: list[tuple[str, str, str, bool]] = []
        self.parts: dict[str, Entry] = {}
        self.by_content: dict[tuple[str, str], str] = {}
        self.styles: dict[str, TemplateStyles] = {}
        self.lists = Lists()
        self.drawings = 0
        self.base: dict[str, bytes] = {}
        self.even_and_odd = False

    def add(self, document: bytes) -> None:
        entries = _Parts(document)
        if not self.base:
            self.base = {
                name: entries[name]
                for name in ("word/settings.xml", "word/fontTable.xml", "word/theme/theme1.xml")
                if name in entries
            }
        styles, key = self._styles_of(entries)
        root = parsed(entries[DOCUMENT])
        self._check(root)
        numbers = self.lists.of_document(key, entries)
        related = self._related(entries, DOCUMENT)
        body = root.find(w("body"))
        self._adopt(body, styles, numbers, related)
        sections = list(body.iter(w("sectPr")))
        pages = OwnPages(self.count, is_one_section=len(sections) == 1)
        pages.count_in(body)
        self._sections(sections, entries, styles, numbers, pages)
        pages.mark_end(body)

        last = body[-1]
        if last.tag != w("sectPr"):
            raise MergeProblem(f"Документ {self.count}: в конце нет свойств страницы")
        body.remove(last)
        if self.section is not None:
            self.body.add(self._piece_of_section())
        self.section = last
        self._keep_namespaces(root)
        self.body.add(_inside(body))

    def close(self) -> None:
        self.body.close()

    def entries(self, title: str, built_at: datetime) -> list[Packed]:
        """The parts of the merged document; nothing can be added after that."""
        if self.section is None:
            raise MergeProblem("Печатать нечего: документов нет")
        moment = built_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        core = CORE_XML.format(title=escape(title), moment=moment).encode()
        parts: dict[str, Packed] = dict(self.parts)
        for name, content in self.base.items():
            parts[name] = packed(name, self._settings(content) if "settings" in name else content)
        parts["word/styles.xml"] = packed(
            "word/styles.xml", merged_styles(list(self.styles.values()))
        )
        if not self.lists.is_empty:
            parts["word/numbering.xml"] = packed("word/numbering.xml", self.lists.part())
        parts[DOCUMENT] = self._document()
        parts["word/_rels/document.xml.rels"] = packed(
            "word/_rels/document.xml.rels", self._document_relations(parts)
        )
        parts[CORE_PROPERTIES] = packed(CORE_PROPERTIES, core)
        parts[APP_PROPERTIES] = packed(APP_PROPERTIES, APP_XML.encode())
        parts["_rels/.rels"] = packed("_rels/.rels", _package_relations())
        types = packed("[Content_Types].xml", _content_types(parts))
        return [types, *(parts[name] for name in sorted(parts))]

    # What a document brings

    def _styles_of(self, entries: Mapping[str, bytes]) -> tuple[TemplateStyles, str]:
        key = entries.fingerprint("word/styles.xml", "word/theme/theme1.xml", "word/numbering.xml")
        if key not in self.styles:
            theme = entries.get("word/theme/theme1.xml")
            self.styles[key] = TemplateStyles(entries["word/styles.xml"], theme, len(self.styles))
        return self.styles[key], key

    def _check(self, root: etree._Element) -> None:
        self.count += 1
        for name, told in NOT_MERGED.items():
            if next(root.iter(w(name)), None) is not None:
                raise MergeProblem(
                    f"Документ {self.count} содержит {told}: в общий файл для печати они не "
                    "переносятся. Уберите их из шаблона или печатайте документы по одному."
                )

    def _related(self, entries: Mapping[str, bytes], part: str) -> dict[str, str]:
        """New identifiers of the pictures and links of one part, by the old ones."""
        path = f"word/_rels/{posixpath.basename(part)}.rels"
        found: dict[str, str] = {}
        if path not in entries:
            return found
        for relation in parsed(entries[path]):
            kind, target = relation.get("Type"), relation.get("Target")
            if relation.get("TargetMode") == "External":
                found[relation.get("Id")] = self._relation(kind, target, external=True)
            elif kind == PICTURE:
                name = posixpath.normpath(posixpath.join("word", target))
                found[relation.get("Id")] = self._picture(name, entries[name])
        return found

    def _picture(self, name: str, content: bytes) -> str:
        extension = posixpath.splitext(name)[1].lower()
        part = f"word/media/{_digest(content)[:32]}{extension}"
        if part not in self.parts:
            self.parts[part] = packed(part, content)
        return self._relation(PICTURE, posixpath.relpath(part, "word"))

    def _relation(self, kind: str, target: str, *, external: bool = False) -> str:
        key = (kind, target)
        if key not in self.by_content:
            self.by_content[key] = f"m{len(self.relations) + 1}"
            self.relations.append((self.by_content[key], kind, target, external))
        return self.by_content[key]

    def _adopt(
        self,
        part: etree._Element,
        styles: TemplateStyles,
        numbers: DocumentLists,
        related: Mapping[str, str],
    ) -> None:
        styles.adopt(part)
        for name in NOT_PRINTED:
            for element in list(part.iter(w(name))):
                element.getparent().remove(element)
        for number in part.iter(w("numId")):
            number.set(w("val"), numbers[number.get(w("val"))])
        for drawing in part.iter(f"{{{WP}}}docPr"):
            self.drawings += 1
            drawing.set("id", str(self.drawings))
        for element in part.iter(*REFERRING):
            for attribute in REFERENCES:
                old = element.get(attribute)
                if old in related:
                    element.set(attribute, related[old])
        self._bookmarks(part)

    def _bookmarks(self, part: etree._Element) -> None:
        for element in list(part.iter(w("bookmarkStart"), w("bookmarkEnd"))):
            # Nothing printed depends on them, and their names may not repeat in one file.
            element.getparent().remove(element)

    # Sections

    def _sections(
        self,
        sections: Iterable[etree._Element],
        entries: Mapping[str, bytes],
        styles: TemplateStyles,
        numbers: DocumentLists,
        pages: OwnPages,
    ) -> None:
        targets = {
            relation.get("Id"): posixpath.normpath(posixpath.join("word", relation.get("Target")))
            for relation in parsed(entries["word/_rels/document.xml.rels"])
            if relation.get("TargetMode") != "External"
        }
        settings = entries.get("word/settings.xml", b"")
        differs = b"evenAndOddHeaders" in settings
        self.even_and_odd = self.even_and_odd or differs
        for position, section in enumerate(sections):
            given = {}
            for kind in ("header", "footer"):
                for reference in section.findall(w(f"{kind}Reference")):
                    part = targets[reference.get(f"{{{R}}}id")]
                    given[kind, reference.get(w("type"))] = self._margin(
                        kind, part, entries, styles, numbers, pages
                    )
                    section.remove(reference)
            if position == 0:
                self._begin(section, given, differs)
            for place, ((kind, where), identifier) in enumerate(given.items()):
                reference = etree.Element(w(f"{kind}Reference"))
                reference.set(w("type"), where)
                reference.set(f"{{{R}}}id", identifier)
                section.insert(place, reference)

    def _begin(
        self, section: etree._Element, given: dict[tuple[str, str], str], differs: bool
    ) -> None:
        """Make a document begin on a page of its own, numbered 1, with nobody else's headers."""
        for kind in ("header", "footer"):
            # A section without a header of its own would take over that of the one before it.
            given.setdefault((kind, "default"), self._empty(kind))
            if not differs:
                given[kind, "even"] = given[kind, "default"]
            given.setdefault((kind, "even"), self._empty(kind))
            given.setdefault((kind, "first"), self._empty(kind))
        start = section.find(w("type"))
        if start is None:
            start = etree.Element(w("type"))
            section.insert(0, start)
        start.set(w("val"), self.start)
        numbering = section.find(w("pgNumType"))
        if numbering is None:
            numbering = etree.Element(w("pgNumType"))
            before = [section.find(w(name)) for name in ("pgSz", "pgMar", "paperSrc", "pgBorders")]
            last = [element for element in before if element is not None]
            last[-1].addnext(numbering) if last else section.append(numbering)
        numbering.set(w("start"), "1")

    def _margin(
        self,
        kind: str,
        part: str,
        entries: Mapping[str, bytes],
        styles: TemplateStyles,
        numbers: DocumentLists,
        pages: OwnPages,
    ) -> str:
        """The identifier of a header or footer in the merged document."""
        root = parsed(entries[part])
        path = f"word/_rels/{posixpath.basename(part)}.rels"
        self._adopt(root, styles, numbers, {})
        pages.count_in(root)
        relations = None
        if path in entries:
            relations = self._margin_relations(entries[path], entries)
        content = serialised(root)
        digest = _digest(content + (relations or b""))[:32]
        name = f"word/{kind}-{digest}.xml"
        if name not in self.parts:
            self.parts[name] = packed(name, content)
            if relations:
                rels = f"word/_rels/{kind}-{digest}.xml.rels"
                self.parts[rels] = packed(rels, relations)
        return self._relation(f"{R}/{kind}", posixpath.basename(name))

    def _margin_relations(self, relations: bytes, entries: Mapping[str, bytes]) -> bytes:
        root = parsed(relations)
        for relation in root:
            if relation.get("Type") == PICTURE and relation.get("TargetMode") != "External":
                name = posixpath.normpath(posixpath.join("word", relation.get("Target")))
                content = entries[name]
                extension = posixpath.splitext(name)[1].lower()
                part = f"word/media/{_digest(content)[:32]}{extension}"
                self.parts.setdefault(part, packed(part, content))
                relation.set("Target", posixpath.relpath(part, "word"))
        return serialised(root)

    def _empty(self, kind: str) -> str:
        tag = "hdr" if kind == "header" else "ftr"
        root = etree.Element(w(tag), nsmap={"w": w("")[1:-1]})
        etree.SubElement(root, w("p"))
        name = f"word/{kind}-empty.xml"
        if name not in self.parts:
            self.parts[name] = packed(name, serialised(root))
        return self._relation(f"{R}/{kind}", posixpath.basename(name))

    def _piece_of_section(self) -> bytes:
        """The end of the document before: its page properties in a paragraph of no height.

        A break needs a paragraph; put into the document's own last one it would lose a table.
        """
        paragraph = etree.Element(w("p"), nsmap={"w": w("")[1:-1], "r": R})
        properties = etree.SubElement(paragraph, w("pPr"))
        spacing = etree.SubElement(properties, w("spacing"))
        for name, value in (("before", "0"), ("after", "0"), ("line", "20"), ("lineRule", "exact")):
            spacing.set(w(name), value)
        run = etree.SubElement(properties, w("rPr"))
        etree.SubElement(run, w("sz")).set(w("val"), "2")
        properties.append(self.section)
        return etree.tostring(paragraph, encoding="UTF-8")

    # The whole

    def _keep_namespaces(self, root: etree._Element) -> None:
        for prefix, uri in root.nsmap.items():
            if self.namespaces.setdefault(prefix, uri) != uri:
                raise MergeProblem(
                    f"Документ {self.count} сохранён в другой разновидности формата Word "
                    "(Strict Open XML). Пересохраните его шаблон как обычный документ .docx."
                )
        for prefix in root.get(f"{{{MC}}}Ignorable", "").split():
            self.ignorable[prefix] = None

    def _document(self) -> GrowingPart:
        # Only now are the namespaces of all documents known, which stand at the beginning.
        declared = "".join(
            f' xmlns{":" + prefix if prefix else ""}="{uri}"'
            for prefix, uri in sorted(self.namespaces.items(), key=lambda item: item[0] or "")
        )
        ignorable = " ".join(self.ignorable)
        if ignorable:
            declared += f' mc:Ignorable="{ignorable}"'
        head = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document{declared}>'
        self.body.add(etree.tostring(self.section, encoding="UTF-8") + b"</w:body></w:document>")
        self.body.finish(f"{head}<w:body>".encode())
        return self.body

    def _settings(self, content: bytes) -> bytes:
        root = parsed(content)
        present = root.find(w("evenAndOddHeaders"))
        if present is None and self.even_and_odd:
            child(root, "evenAndOddHeaders", first=True)
        return serialised(root)

    def _document_relations(self, parts: Mapping[str, Packed]) -> bytes:
        root = etree.Element(f"{{{PACKAGE}}}Relationships", nsmap={None: PACKAGE})
        fixed = [
            ("styles", "styles.xml"),
            ("settings", "settings.xml"),
            ("fontTable", "fontTable.xml"),
            ("theme", "theme/theme1.xml"),
            ("numbering", "numbering.xml"),
        ]
        for kind, target in fixed:
            if f"word/{target}" in parts:
                etree.SubElement(
                    root, f"{{{PACKAGE}}}Relationship", Id=kind, Type=f"{R}/{kind}", Target=target
                )
        for identifier, kind, target, external in self.relations:
            element = etree.SubElement(
                root, f"{{{PACKAGE}}}Relationship", Id=identifier, Type=kind, Target=target
            )
            if external:
                element.set("TargetMode", "External")
        return serialised(root)


def _inside(body: etree._Element) -> bytes:
    """What stands between the tags of the body, without repeating the root's namespaces."""
    content = etree.tostring(body, encoding="UTF-8")
    if not len(body):
        return b""
    return content[content.index(b">") + 1 : content.rindex(b"</")]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _package_relations() -> bytes:
    office = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    root = etree.Element(f"{{{PACKAGE}}}Relationships", nsmap={None: PACKAGE})
    for identifier, kind, target in (
        ("document", f"{R}/officeDocument", DOCUMENT),
        ("core", office, CORE_PROPERTIES),
        ("app", f"{R}/extended-properties", APP_PROPERTIES),
    ):
        etree.SubElement(
            root, f"{{{PACKAGE}}}Relationship", Id=identifier, Type=kind, Target=target
        )
    return serialised(root)


def _content_types(parts: Iterable[str]) -> bytes:
    names = sorted(parts)
    root = etree.Element(f"{{{TYPES}}}Types", nsmap={None: TYPES})
    pictures = {posixpath.splitext(n)[1][1:] for n in names if n.startswith("word/media/")}
    defaults = {"rels": "application/vnd.openxmlformats-package.relationships+xml"}
    defaults["xml"] = "application/xml"
    defaults |= {e: f"image/{'jpeg' if e == 'jpg' else e}" for e in sorted(pictures)}
    for extension, kind in defaults.items():
        etree.SubElement(root, f"{{{TYPES}}}Default", Extension=extension, ContentType=kind)
    fixed = {
        DOCUMENT: f"{CONTENT_TYPE}.document.main+xml",
        "word/styles.xml": f"{CONTENT_TYPE}.styles+xml",
        "word/settings.xml": f"{CONTENT_TYPE}.settings+xml",
        "word/fontTable.xml": f"{CONTENT_TYPE}.fontTable+xml",
        "word/numbering.xml": f"{CONTENT_TYPE}.numbering+xml",
        "word/theme/theme1.xml": "application/vnd.openxmlformats-officedocument.theme+xml",
        CORE_PROPERTIES: "application/vnd.openxmlformats-package.core-properties+xml",
        APP_PROPERTIES: ("application/vnd.openxmlformats-officedocument.extended-properties+xml"),
    }
    for name in names:
        kind = fixed.get(name)
        if name.startswith(("word/header-", "word/footer-")):
            kind = f"{CONTENT_TYPE}.{name[5:11]}+xml"
        if kind:
            etree.SubElement(root, f"{{{TYPES}}}Override", PartName=f"/{name}", ContentType=kind)
    return serialised(root)
