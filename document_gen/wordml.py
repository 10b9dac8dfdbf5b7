"""Names of WordprocessingML and small helpers to read it."""

import zlib
from io import BytesIO
from zipfile import BadZipFile, ZipFile

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


LARGEST_UNPACKED = 100 * 2**20
"""Bytes of all parts of a document: a small file can be made to unpack to gigabytes."""


def parts_of(content: bytes) -> dict[str, bytes]:
    """The parts of a .docx by name; none when it is not one, is damaged, locked or a bomb."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            # No entry unpacks to more than it declares: zipfile stops there.
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
                return {}
            return {name: archive.read(name) for name in archive.namelist()}
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return {}


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
