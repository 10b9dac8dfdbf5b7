"""Names of WordprocessingML and small helpers to read it."""

from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
VML = "urn:schemas-microsoft-com:vml"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"

PARSER = etree.XMLParser(resolve_entities=False, huge_tree=True)


def w(name: str) -> str:
    """The full name of an element or attribute of Word's main vocabulary."""
    return f"{{{W}}}{name}"


def parsed(content: bytes) -> etree._Element:
    """The root of a part."""
    return etree.fromstring(content, PARSER)


def serialised(root: etree._Element) -> bytes:
    """A part from its root."""
    return etree.tostring(root, encoding="UTF-8", standalone=True)


def child(parent: etree._Element, name: str, first: bool = False) -> etree._Element:
    """The child of this name, made (as the first or the last one) where it is absent."""
    found = parent.find(w(name))
    if found is None:
        found = etree.Element(w(name))
        parent.insert(0, found) if first else parent.append(found)
    return found
