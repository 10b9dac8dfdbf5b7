"""Pictures that differ from document to document: QR codes of payments and cases.

A lawyer places any picture in Word, sizes it, and writes a tag, ``{{ case_qr }}``, as its
alternative text. The document then shows the picture that its data hold under that name.
"""

import posixpath
import re
from dataclasses import dataclass

from lxml import etree

TAG = re.compile(r"\s*{{\s*(\w+)\s*}}\s*")
PART = re.compile(r"word/(document|header\d*|footer\d*)\.xml")

WORDPROCESSING_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
PICTURE = "http://schemas.openxmlformats.org/drawingml/2006/picture"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"

ALTERNATIVE_TEXT = "QR-код"


@dataclass(frozen=True, slots=True)
class Picture:
    """A place for a picture: the name of its value, its mark in the text, the sample in it."""

    value: str
    mark: bytes
    sample: bytes


def picture_names(part: bytes) -> list[str]:
    """The names that the pictures of one part of a template ask for."""
    root = etree.fromstring(part, etree.XMLParser(resolve_entities=False))
    return [name for _, name in _tagged(root)]


def own_parts_for_pictures(entries: dict[str, bytes]) -> dict[str, Picture]:
    """Give every tagged picture a file of its own in ``entries``, and tell which they are.

    Word keeps two equal pictures as one file, so that they could not be replaced apart.
    """
    pictures: dict[str, Picture] = {}
    for part in sorted(name for name in entries if PART.fullmatch(name)):
        root = etree.fromstring(entries[part], etree.XMLParser(resolve_entities=False))
        tagged = _tagged(root)
        if not tagged:
            continue
        relations_part = f"word/_rels/{posixpath.basename(part)}.rels"
        relations = etree.fromstring(entries[relations_part])
        for properties, value in tagged:
            inline = properties.getparent()
            blip = inline.find(f".//{{{DRAWING}}}blip")
            mark = f"picture-{value}"
            own_part = f"word/media/{mark}-{posixpath.basename(part)[:-4]}.png"
            if own_part not in pictures:
                sample = _picture_part(relations, blip.get(f"{{{RELATIONS}}}embed"))
                pictures[own_part] = Picture(value, f'"{mark}"'.encode(), entries[sample])
                etree.SubElement(
                    relations,
                    f"{{{PACKAGE_RELATIONS}}}Relationship",
                    Id=mark,
                    Type=f"{RELATIONS}/image",
                    Target=posixpath.relpath(own_part, "word"),
                )
            blip.set(f"{{{RELATIONS}}}embed", mark)
            for named in (properties, inline.find(f".//{{{PICTURE}}}cNvPr")):
                if named is not None:
                    named.set("descr", ALTERNATIVE_TEXT)
        entries[part] = etree.tostring(root, encoding="UTF-8", standalone=True)
        _drop_unused(relations, entries[part])
        entries[relations_part] = etree.tostring(relations, encoding="UTF-8", standalone=True)
    if pictures:
        _drop_unrelated_media(entries, pictures)
        entries["[Content_Types].xml"] = _with_png(entries["[Content_Types].xml"])
    return pictures


def _tagged(root: etree._Element) -> list[tuple[etree._Element, str]]:
    found = []
    for properties in root.iter(f"{{{WORDPROCESSING_DRAWING}}}docPr"):
        tag = TAG.fullmatch(properties.get("descr", ""))
        if tag and properties.getparent().find(f".//{{{DRAWING}}}blip") is not None:
            found.append((properties, tag.group(1)))
    return found


def _picture_part(relations: etree._Element, identifier: str) -> str:
    target = next(r.get("Target") for r in relations if r.get("Id") == identifier)
    return posixpath.normpath(posixpath.join("word", target))


def _drop_unused(relations: etree._Element, part: bytes) -> None:
    """Forget the samples that lawyers see in the template: no document needs them."""
    for relation in list(relations):
        is_picture = relation.get("Type") == f"{RELATIONS}/image"
        if is_picture and f'"{relation.get("Id")}"'.encode() not in part:
            relations.remove(relation)


def _drop_unrelated_media(entries: dict[str, bytes], pictures: dict[str, Picture]) -> None:
    related = b"".join(content for name, content in entries.items() if name.endswith(".rels"))
    for name in [name for name in entries if name.startswith("word/media/")]:
        if name not in pictures and name.removeprefix("word/").encode() not in related:
            del entries[name]


def _with_png(content_types: bytes) -> bytes:
    root = etree.fromstring(content_types)
    default = f"{{{CONTENT_TYPES}}}Default"
    if not any(element.get("Extension", "").lower() == "png" for element in root.iter(default)):
        root.insert(0, etree.Element(default, Extension="png", ContentType="image/png"))
    return etree.tostring(root, encoding="UTF-8", standalone=True)
