"""Checks a template that a lawyer has edited: which tag is wrong, where, and what was meant.

First every tag is read against the types of the document's data, in branches too that no example
takes; then the examples are printed with it. All mistakes are told at once, in Russian.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import jinja2
from docxtpl import DocxTemplate
from jinja2 import nodes
from lxml import etree

from document_gen.engine import TAGGED_PART
from document_gen.kinds import DocumentKind
from document_gen.pictures import own_parts_for_pictures, picture_names
from document_gen.tags import FORMATS, TemplateProblem, environment
from document_gen.template_types import (
    ANY,
    attribute,
    attributes,
    bare,
    element,
    names_of_kind,
)
from document_gen.wordml import parsed, parts_of, w

TAG = re.compile(r"{{(?P<value>.*?)}}|{%(?P<block>.*?)%}|{#.*?#}", re.DOTALL)
LOOSE = re.compile(r"{{|}}|{%|%}")
BLOCK = re.compile(r"^(?:(?:p|tr|tc|r)\b)?\s*-?\s*(?P<word>\w+)\s*(?P<rest>.*?)\s*-?$", re.DOTALL)
FOR = re.compile(r"^(?P<targets>\w+(?:\s*,\s*\w+)*)\s+in\s+(?P<items>.+)$", re.DOTALL)
SET = re.compile(r"^(?P<target>\w+)\s*=\s*(?P<value>.+)$", re.DOTALL)
WORDS = ("if", "elif", "else", "endif", "for", "endfor", "set")
CLOSES = {"endif": "if", "endfor": "for"}
NEED_FORMAT = (Decimal, date)
EXCERPT = 60
# Python tells these of a Jinja template's line; the last one is where the mistake is.
TEMPLATE_FILE = "<template>"


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake: the tag as written, where it stands, what is wrong and what to do."""

    tag: str
    place: str
    problem: str

    def __str__(self) -> str:
        tag = f"метка {self.tag}: " if self.tag else ""
        return f"{self.place}: {tag}{self.problem}" if self.place else f"{tag}{self.problem}"


@dataclass(frozen=True, slots=True)
class _Paragraph:
    place: str
    text: str


def check_template(content: bytes, kind: DocumentKind) -> tuple[Finding, ...]:
    """Every mistake of a template; empty when documents of this kind can be made with it."""
    entries = parts_of(content)
    parts = {name: part for name, part in entries.items() if TAGGED_PART.fullmatch(name)}
    if "word/document.xml" not in parts:
        return (Finding("", "", "это не документ Word. Сохраните файл в формате .docx."),)
    example = kind.values(kind.examples()[0]) | {"template_version": ""}
    names = names_of_kind(kind.context, example)
    findings: list[Finding] = []
    for part in sorted(parts, key=lambda name: (name != "word/document.xml", name)):
        try:
            findings += _Reader(names).read(_paragraphs(part, parts[part]))
            findings += _pictures(part, parts[part], names)
        except etree.XMLSyntaxError:
            return (Finding("", "", "файл повреждён. Сохраните его в Word ещё раз."),)
    return tuple(findings) or tuple(_trial(kind, entries))


def _paragraphs(part: str, content: bytes) -> Iterator[_Paragraph]:
    where = {"header": "верхний колонтитул", "footer": "нижний колонтитул"}
    label = next((told for name, told in where.items() if name in part), "")
    root = parsed(content)
    tables = {table: number for number, table in enumerate(root.iter(w("tbl")), 1)}
    for number, paragraph in enumerate(root.iter(w("p")), 1):
        text = "".join(run.text or "" for run in paragraph.iter(w("t")))
        cell = next(paragraph.iterancestors(w("tc")), None)
        if cell is None:
            place = f"абзац {number}"
        else:
            row = next(cell.iterancestors(w("tr")))
            table = next(row.iterancestors(w("tbl")))
            place = (
                f"таблица {tables[table]}, строка {table.findall(w('tr')).index(row) + 1}, "
                f"графа {row.findall(w('tc')).index(cell) + 1}"
            )
        yield _Paragraph(", ".join(filter(None, (label, place))), text)


class _Reader:
    """Reads the tags of one part in order, keeping what is open and what names are known."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.jinja = environment()
        self.scopes: list[dict[str, Any]] = [dict(names)]
        self.open: list[tuple[str, str, str]] = []
        self.findings: list[Finding] = []

    def read(self, paragraphs: Iterator[_Paragraph]) -> list[Finding]:
        for paragraph in paragraphs:
            for tag in TAG.finditer(paragraph.text):
                self._tag(tag, paragraph)
            if loose := LOOSE.search(TAG.sub("", paragraph.text)):
                self._say(
                    loose.group(),
                    paragraph,
                    "скобки без пары: метка начинается и кончается в одном абзаце, "
                    "{{ … }} или {% … %}.",
                )
        for word, tag, place in self.open:
            self.findings.append(Finding(tag, place, f"не закрыта: дальше нет метки end{word}."))
        return self.findings

    def _tag(self, tag: re.Match, paragraph: _Paragraph) -> None:
        written = tag.group()
        if (value := tag.group("value")) is not None:
            kind = self._expression(value, written, paragraph)
            if isinstance(kind, type) and issubclass(kind, NEED_FORMAT):
                form = "amount" if kind is Decimal else "date"
                self._say(
                    written,
                    paragraph,
                    f"нужен формат, например: {{{{{value.rstrip()} | {form} }}}}.",
                )
        elif (block := tag.group("block")) is not None:
            self._block(block.strip(), written, paragraph)

    def _block(self, block: str, written: str, paragraph: _Paragraph) -> None:
        found = BLOCK.match(block)
        word = found.group("word") if found else ""
        rest = found.group("rest") if found else ""
        if word not in WORDS:
            self._say(written, paragraph, f"такой команды нет.{_nearest(word, WORDS)}")
            return
        if word in ("if", "for"):
            self.open.append((word, written, _placed(paragraph)))
            self.scopes.append({})
        elif word in ("elif", "else", *CLOSES):
            wanted = CLOSES.get(word, "if")
            opened = self.open[-1][0] if self.open else None
            if opened != wanted and not (word == "else" and opened == "for"):
                before = f", а открыта {self.open[-1][1]}" if opened else ""
                self._say(written, paragraph, f"перед ней нет метки {wanted}{before}.")
                return
            if word in CLOSES:
                self.open.pop()
                self.scopes.pop()
        if word in ("if", "elif"):
            self._expression(rest, written, paragraph)
        elif word == "for":
            self._loop(rest, written, paragraph)
        elif word == "set" and (assigned := SET.match(rest)):
            value = self._expression(assigned.group("value"), written, paragraph)
            self.scopes[-1][assigned.group("target")] = value

    def _loop(self, rest: str, written: str, paragraph: _Paragraph) -> None:
        found = FOR.match(rest)
        if found is None:
            self._say(written, paragraph, "пишется так: {% for строка in список %}.")
            return
        items = self._expression(found.group("items"), written, paragraph)
        item = element(items)
        if item is None:
            self._say(written, paragraph, f"«{found.group('items').strip()}» – не список.")
            item = ANY
        targets = re.split(r"\s*,\s*", found.group("targets"))
        for target in targets:
            self.scopes[-1][target] = item if len(targets) == 1 else ANY
        self.scopes[-1]["loop"] = ANY

    def _expression(self, text: str, written: str, paragraph: _Paragraph) -> Any:
        try:
            tree = self.jinja.parse("{{ " + text + " }}")
        except jinja2.TemplateError as error:
            self._say(
                written,
                paragraph,
                f"её не разобрать: проверьте пробелы в имени, скобки и кавычки ({_short(error)}).",
            )
            return ANY
        output = tree.body[0]
        kind: Any = ANY
        for node in output.nodes if isinstance(output, nodes.Output) else ():
            kind = self._type(node, written, paragraph)
        return bare(kind) if element(kind) is None else kind

    def _type(self, node: nodes.Node, written: str, paragraph: _Paragraph) -> Any:
        match node:
            case nodes.Name():
                return self._name(node.name, written, paragraph)
            case nodes.Getattr():
                return self._attribute(node, written, paragraph)
            case nodes.Filter():
                for part in node.iter_child_nodes():
                    self._type(part, written, paragraph)
                if node.name not in self.jinja.filters:
                    near = _nearest(node.name, FORMATS)
                    self._say(written, paragraph, f"формата «{node.name}» нет.{near}")
                return str if node.name in FORMATS else ANY
            case nodes.TemplateData() | nodes.Const():
                return ANY
        for part in node.iter_child_nodes():
            self._type(part, written, paragraph)
        return ANY

    def _name(self, name: str, written: str, paragraph: _Paragraph) -> Any:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        if name in self.jinja.globals:
            return ANY
        known = {known for scope in self.scopes for known in scope}
        near = _nearest(name, known)
        self._say(written, paragraph, f"имени «{name}» у этого документа нет.{near}")
        return ANY

    def _attribute(self, node: nodes.Getattr, written: str, paragraph: _Paragraph) -> Any:
        owner = self._type(node.node, written, paragraph)
        found = attribute(owner, node.attr)
        if found is None:
            near = _nearest(node.attr, attributes(owner))
            self._say(written, paragraph, f"после точки стоит «{node.attr}», такого нет.{near}")
            return ANY
        return found

    def _say(self, tag: str, paragraph: _Paragraph, problem: str) -> None:
        self.findings.append(Finding(" ".join(tag.split()), _placed(paragraph), problem))


def _pictures(part: str, content: bytes, names: Mapping[str, Any]) -> Iterator[Finding]:
    pictures = [name for name, kind in names.items() if bare(kind) is bytes]
    for name in picture_names(content):
        if name not in pictures:
            told = f"рисунка «{name}» у этого документа нет.{_nearest(name, pictures)}"
            place = "замещающий текст рисунка" + (", колонтитул" if "document" not in part else "")
            yield Finding(f"{{{{ {name} }}}}", place, told)


def _trial(kind: DocumentKind, entries: dict[str, bytes]) -> Iterator[Finding]:
    """Print every example; a paragraph of a line, so that Python tells which one has failed."""
    jinja = environment()
    pictures = own_parts_for_pictures(entries)
    for name, content in sorted(entries.items()):
        if not TAGGED_PART.fullmatch(name):
            continue
        whole = etree.tostring(parsed(content), encoding="unicode")
        source = re.sub(r"(<w:p[ >])", r"\n\1", DocxTemplate(None).patch_xml(whole))
        lines = source.split("\n")
        try:
            template = jinja.from_string(source)
        except jinja2.TemplateSyntaxError as error:
            yield Finding("", _near(lines, error.lineno), f"метки не разобрать ({_short(error)}).")
            continue
        for example in kind.examples():
            values = kind.values(example) | {"template_version": "0" * 64}
            try:
                made = template.render(values).encode()
                etree.fromstring(made)
            except etree.XMLSyntaxError:
                yield Finding(
                    "",
                    "",
                    "метки разрывают таблицу или абзац: {%tr … %} стоят в отдельных строках "
                    "таблицы, {%p … %} – в отдельных абзацах, и каждая закрыта там же, "
                    "где открыта.",
                )
                return
            except (TemplateProblem, jinja2.TemplateError, TypeError, ValueError) as error:
                yield Finding("", _near(lines, _line(error)), str(error))
                return
            for picture in pictures.values():
                if picture.mark in made and values[picture.value] is None:
                    told = f"её бывает нечем показать: окружите {{%p if {picture.value} %}}."
                    yield Finding(f"{{{{ {picture.value} }}}}", "рисунок", told)
                    return


def _line(error: BaseException) -> int:
    number, step = 0, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == TEMPLATE_FILE:
            number = step.tb_lineno
        step = step.tb_next
    return number


def _near(lines: list[str], number: int) -> str:
    if not 0 < number <= len(lines):
        return ""
    text = re.sub(r"<[^>]*>", "", lines[number - 1])
    return f"рядом с «{_cut(text)}»"


def _placed(paragraph: _Paragraph) -> str:
    return f"{paragraph.place} («{_cut(paragraph.text)}»)"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1]}…"


def _nearest(name: str, known: Any) -> str:
    near = get_close_matches(name, sorted(set(known)), n=3, cutoff=0.6)
    return f" Может быть, {' или '.join(near)}?" if near else ""


def _short(error: jinja2.TemplateError) -> str:
    return (error.message or str(error)).rstrip(".")
