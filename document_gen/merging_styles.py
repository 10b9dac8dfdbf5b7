"""The styles of several templates in one document, none touching another's paragraphs.

Every template calls its styles «Normal» and «Текст» and means its own. So the styles of the second
and later templates get names of their own, and what Word assumes for a paragraph without a style
(defaults of the document, fonts of the theme) is written into each template's base style.
"""

from collections.abc import Mapping
from copy import copy, deepcopy

from lxml import etree

from document_gen.wordml import A, W, child, parsed, serialised, w

STYLE_REFERENCES = ("basedOn", "next", "link")
USES = ("pStyle", "rStyle", "tblStyle")
THEME_FONTS = {
    "asciiTheme": "ascii",
    "hAnsiTheme": "hAnsi",
    "eastAsiaTheme": "eastAsia",
    "cstheme": "cs",
}
BEFORE_LISTS = frozenset(
    w(name)
    for name in ("pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl")
)
SCRIPTS = {"eastAsia": "ea", "cs": "cs"}
WITHOUT_STYLE = etree.XPath("descendant-or-self::w:p/w:pPr[not(w:pStyle)]", namespaces={"w": W})
WITHOUT_PROPERTIES = etree.XPath("descendant-or-self::w:p[not(w:pPr)]", namespaces={"w": W})


class TemplateStyles:
    """The styles of one template under names of their own."""

    def __init__(self, styles: bytes, theme: bytes | None, number: int) -> None:
        """``number`` counts templates from 0; the first keeps its names."""
        self.prefix = f"T{number}" if number else ""
        self._fonts = _theme_fonts(theme)
        self._root = parsed(styles)
        self.default_paragraph = self._default("paragraph")
        self.default_table = self._default("table")
        self._write_defaults_into_base()
        self._numbered = self._take_lists_out()
        self.elements = [self._renamed(style, number) for style in self._root.findall(w("style"))]

    def name(self, style_id: str) -> str:
        """What a style of this template is called in the merged document."""
        return f"{self.prefix}{style_id}"

    def adopt(self, part: etree._Element) -> None:
        """Make a body, header or footer of this template use these names.

        The lists that styles bring are put on the paragraphs, under the old numbers of the
        template: lists of styles would count on from document to document.
        """
        self._explicit_fonts(part)
        if self._numbered:
            self._put_lists_on(part)
        if not self.prefix:
            return
        for use in part.iter(*(w(name) for name in USES)):
            use.set(w("val"), self.name(use.get(w("val"))))
        if self.default_paragraph:
            self._name_default_style(part)
        if self.default_table:
            for properties in part.iter(w("tblPr")):
                if properties.find(w("tblStyle")) is None:
                    style = etree.Element(w("tblStyle"))
                    style.set(w("val"), self.name(self.default_table))
                    properties.insert(0, style)

    def _name_default_style(self, part: etree._Element) -> None:
        # Hundreds of paragraphs a document: the search is libxml2's, and properties are copied.
        own = etree.Element(w("pPr"))
        etree.SubElement(own, w("pStyle")).set(w("val"), self.name(self.default_paragraph))
        for properties in WITHOUT_STYLE(part):
            properties.insert(0, copy(own[0]))
        for paragraph in WITHOUT_PROPERTIES(part):
            paragraph.insert(0, deepcopy(own))

    def _take_lists_out(self) -> dict[str, etree._Element]:
        """The list properties of styles by the name of the style, with those inherited."""
        styles = {style.get(w("styleId")): style for style in self._root.findall(w("style"))}
        own = {}
        for name, style in styles.items():
            found = style.find(f"{w('pPr')}/{w('numPr')}")
            if found is not None:
                own[name] = found
                found.getparent().remove(found)
        numbered = dict(own)
        for name in styles:
            base, seen = name, set()
            while base and base not in own and base not in seen:
                seen.add(base)
                parent = styles[base].find(w("basedOn")) if base in styles else None
                base = parent.get(w("val")) if parent is not None else None
            if base in own:
                numbered[name] = own[base]
        return numbered

    def _put_lists_on(self, part: etree._Element) -> None:
        for use in list(part.iter(w("pStyle"))):
            properties, numbering = use.getparent(), self._numbered.get(use.get(w("val")))
            if numbering is not None and properties.find(w("numPr")) is None:
                # Word reads paragraph properties in one order only; these come before a list.
                before = [e for e in properties if e.tag in BEFORE_LISTS]
                before[-1].addnext(deepcopy(numbering))

    def _default(self, kind: str) -> str | None:
        for style in self._root.findall(w("style")):
            if style.get(w("type")) == kind and style.get(w("default")) in ("1", "true", "on"):
                return style.get(w("styleId"))
        return None

    def _write_defaults_into_base(self) -> None:
        defaults = self._root.find(w("docDefaults"))
        base = next(
            (s for s in self._root.findall(w("style")) if self._is_default_paragraph(s)), None
        )
        if defaults is None or base is None:
            return
        for outer, inner in (("pPrDefault", "pPr"), ("rPrDefault", "rPr")):
            found = defaults.find(f"{w(outer)}/{w(inner)}")
            if found is None:
                continue
            own = child(base, inner)
            have = {element.tag for element in own}
            for place, element in enumerate(e for e in found if e.tag not in have):
                own.insert(place, element)

    def _is_default_paragraph(self, style: etree._Element) -> bool:
        return style.get(w("styleId")) == self.default_paragraph

    def _renamed(self, style: etree._Element, number: int) -> etree._Element:
        self._explicit_fonts(style)
        if not self.prefix:
            return style
        style.attrib.pop(w("default"), None)
        style.set(w("styleId"), self.name(style.get(w("styleId"))))
        name = style.find(w("name"))
        name.set(w("val"), f"{name.get(w('val'))} ({number + 1})")
        for reference in STYLE_REFERENCES:
            element = style.find(w(reference))
            if element is not None:
                element.set(w("val"), self.name(element.get(w("val"))))
        return style

    def _explicit_fonts(self, root: etree._Element) -> None:
        """Name the fonts that «theme» stands for: a merged document has one theme only."""
        for fonts in root.iter(w("rFonts")):
            for theme_name, plain in THEME_FONTS.items():
                role = fonts.attrib.pop(w(theme_name), None)
                face = self._fonts.get((role[:5], SCRIPTS.get(plain, "latin"))) if role else None
                if face:
                    fonts.set(w(plain), face)


def merged_styles(templates: list[TemplateStyles]) -> bytes:
    """The part with the styles of all templates."""
    root = etree.Element(w("styles"), nsmap={"w": w("")[1:-1]})
    for template in templates:
        root.extend(template.elements)
    return serialised(root)


def _theme_fonts(theme: bytes | None) -> Mapping[tuple[str, str], str]:
    """Faces by the role (``major``, ``minor``) and the script (latin, ea, cs)."""
    if theme is None:
        return {}
    root = parsed(theme)
    return {
        (role, script): face.get("typeface")
        for role in ("major", "minor")
        for script in ("latin", "ea", "cs")
        for face in root.iter(f"{{{A}}}{role}Font")
        for face in face.findall(f"{{{A}}}{script}")
        if face.get("typeface")
    }
