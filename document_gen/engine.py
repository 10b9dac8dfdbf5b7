"""From a Word template and values to the bytes of a document: the same in, the same out.

A template is read, joined and compiled once. A document is then only the compiled parts
rendered again and put back into the archive, which is what makes mass runs fast.
Tags are those of docxtpl (``{{ name }}``, ``{%tr for … %}``, ``{%p if … %}``).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import jinja2
from docxtpl import DocxTemplate
from jinja2 import meta
from lxml import etree
from markupsafe import escape

from document_gen.archive import Entry, packed, written
from document_gen.pictures import Picture, own_parts_for_pictures
from document_gen.tags import TemplateProblem, broken_tags, environment, missing_name

TAGGED_PART = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
CONTENT_TYPES = "[Content_Types].xml"
CORE_PROPERTIES = "docProps/core.xml"
APP_PROPERTIES = "docProps/app.xml"

# Word writes the editing lawyer's name and firm into these parts. A debtor need not read them.
CORE_XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    "<cp:coreProperties"
    ' xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:dcterms="http://purl.org/dc/terms/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<dc:title>{title}</dc:title><dc:creator>Долгомер</dc:creator>"
    '<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created>'
    '<dcterms:modified xsi:type="dcterms:W3CDTF">{moment}</dcterms:modified>'
    "<dc:language>ru-RU</dc:language></cp:coreProperties>"
)
APP_XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    'extended-properties"><Application>Долгомер</Application></Properties>'
)


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled Word template.

    ``version`` is the SHA-256 of the template file; ``names`` are all the names that its tags
    ask of a document, including those of branches that a given document does not take.
    ``pictures`` are the parts that hold a picture of the document's own (a QR code).
    """

    file_name: str
    version: str
    names: frozenset[str]
    parts: Mapping[str, Entry | jinja2.Template]
    pictures: Mapping[str, Picture]

    def render(self, values: Mapping[str, Any], *, title: str, built_at: datetime) -> bytes:
        """Fill the template and return a .docx, identical for identical arguments.

        ``built_at`` must know its time zone; it becomes the creation date of the file.
        Raises ``TemplateProblem`` naming the tag that lacks a value or a format.
        """
        if built_at.tzinfo is None:
            raise ValueError("Время составления документа должно быть с часовым поясом")
        for name in sorted(self.names - values.keys()):
            raise TemplateProblem(f"Шаблон «{self.file_name}»: {missing_name(name, values)}")
        moment = built_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

        entries = []
        shown: set[str] = set()
        for name, part in self.parts.items():
            if name == CORE_PROPERTIES:
                core = CORE_XML.format(title=escape(title), moment=moment).encode()
                entries.append(packed(name, core))
            elif isinstance(part, Entry):
                entries.append(part)
            else:
                content = self._fill(part, values)
                shown.update(p for p, picture in self.pictures.items() if picture.mark in content)
                entries.append(packed(name, content))
        entries += [self._picture(part, values, part in shown) for part in self.pictures]
        return written(entries)

    def _picture(self, part: str, values: Mapping[str, Any], is_shown: bool) -> Entry:
        picture = self.pictures[part]
        value = values[picture.value]
        if isinstance(value, bytes):
            return packed(part, value)
        if is_shown:
            raise TemplateProblem(
                f"Шаблон «{self.file_name}»: для рисунка «{picture.value}» нет изображения. "
                f"Окружите рисунок условием {{%p if {picture.value} %}} … {{%p endif %}}."
            )
        return packed(part, picture.sample)

    def _fill(self, part: jinja2.Template, values: Mapping[str, Any]) -> bytes:
        try:
            content = part.render(values).encode()
        except TemplateProblem as problem:
            raise TemplateProblem(f"Шаблон «{self.file_name}»: {problem}") from problem
        except jinja2.UndefinedError as error:
            raise TemplateProblem(f"Шаблон «{self.file_name}»: {error}") from error
        except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError) as error:
            raise TemplateProblem(
                f"Шаблон «{self.file_name}»: одну из меток не удалось вычислить ({error}). "
                "Сверьте имена и форматы со списком в руководстве по шаблонам."
            ) from error
        try:
            etree.fromstring(content, etree.XMLParser(resolve_entities=False, huge_tree=True))
        except etree.XMLSyntaxError as error:
            raise TemplateProblem(
                f"Шаблон «{self.file_name}»: метки разрывают таблицу или абзац. Метки "
                "{%tr … %} должны стоять в отдельных строках таблицы, {%p … %} – в отдельных "
                "абзацах, и каждая должна быть закрыта там же, где открыта."
            ) from error
        return content


def load_template(path: Path) -> Template:
    """The compiled template; compiled anew only after the file has changed.

    Raises ``TemplateProblem`` when the file is absent, is not a .docx, or has a broken tag.
    """
    return _compiled(path.name, _read(path))


def template_version(path: Path) -> str:
    """SHA-256 of the template file, kept with every document made from it."""
    return hashlib.sha256(_read(path)).hexdigest()


def content_fingerprint(document: bytes) -> str:
    """SHA-256 of what a .docx holds, whatever compressed it.

    Equal documents have equal bytes on one computer. Another version of zlib may pack them
    otherwise, so a stored document is compared with a newly made one by this value.
    """
    digest = hashlib.sha256()
    with ZipFile(BytesIO(document)) as entries:
        for name in sorted(entries.namelist()):
            content = entries.read(name)
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TemplateProblem(
            f"Шаблон «{path}» не читается. Проверьте, что файл на месте и доступен."
        ) from error


def compile_template(file_name: str, content: bytes) -> Template:
    """The compiled template of a file given as bytes, as the database keeps former versions.

    Raises ``TemplateProblem`` as ``load_template`` does.
    """
    return _compiled(file_name, content)


@lru_cache(maxsize=64)
def _compiled(file_name: str, content: bytes) -> Template:
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
    except BadZipFile as error:
        entries = {}
        reason: Exception | None = error
    else:
        reason = None
    if "word/document.xml" not in entries:
        raise TemplateProblem(
            f"Шаблон «{file_name}» – не документ Word. Сохраните его в формате .docx."
        ) from reason

    pictures = own_parts_for_pictures(entries)
    names = {picture.value for picture in pictures.values()}
    parts: dict[str, Entry | jinja2.Template] = {}
    jinja = environment()
    for name in sorted(entries, key=lambda name: (name != CONTENT_TYPES, name)):
        if name == APP_PROPERTIES:
            parts[name] = packed(name, APP_XML.encode())
        elif TAGGED_PART.fullmatch(name):
            source = _joined(entries[name])
            parts[name] = _compile(file_name, source, jinja)
            names |= meta.find_undeclared_variables(jinja.parse(source)) - jinja.globals.keys()
        else:
            parts[name] = packed(name, entries[name])
    version = hashlib.sha256(content).hexdigest()
    return Template(file_name, version, frozenset(names), parts, pictures)


def _joined(part: bytes) -> str:
    """The part with every tag in one piece; Word scatters a typed tag over several runs."""
    root = etree.fromstring(part, etree.XMLParser(resolve_entities=False))
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    joined = DocxTemplate(None).patch_xml(etree.tostring(root, encoding="unicode"))
    return declaration + joined


def _compile(
    file_name: str, source: str, jinja: jinja2.sandbox.ImmutableSandboxedEnvironment
) -> jinja2.Template:
    try:
        return jinja.from_string(source)
    except jinja2.TemplateError as error:
        broken = broken_tags(source, jinja)
        where = (
            f"не разобрать метку {broken[0]}"
            if broken
            else "не разобрать одну из меток {% … %}: у каждой for должна быть endfor, "
            "у каждой if – endif"
        )
        raise TemplateProblem(f"Шаблон «{file_name}»: {where}.") from error
