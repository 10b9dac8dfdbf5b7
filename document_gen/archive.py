"""A zip archive written entry by entry: equal entries give equal bytes.

Most parts of a document (styles, fonts, theme) are those of its template. They are compressed once
with the template and only copied into each document, which the standard ``zipfile`` cannot do.
"""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

LOCAL_HEADER = struct.Struct("<4s5H3L2H")
CENTRAL_HEADER = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")

VERSION = 20
DEFLATED = 8
NAME_IS_UTF8 = 0x800
# Zip knows no date before 1 January 1980; a true date would make equal documents differ.
TIME, DATE = 0, 0x21
LEVEL = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an archive, compressed."""

    name: str
    size: int
    checksum: int
    compressed: bytes


def packed(name: str, content: bytes) -> Entry:
    """The entry with its content compressed."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    compressed = packer.compress(content) + packer.flush()
    return Entry(name, len(content), zlib.crc32(content), compressed)


def written(entries: Iterable[Entry]) -> bytes:
    """The archive of these entries, in their order.

    Raises ``OverflowError`` past 4 GB or 65,535 entries: such an archive is no document.
    """
    archive = bytearray()
    directory = bytearray()
    count = 0
    for entry in entries:
        name = entry.name.encode()
        flags = 0 if entry.name.isascii() else NAME_IS_UTF8
        common = (
            *(flags, DEFLATED, TIME, DATE, entry.checksum),
            *(len(entry.compressed), entry.size, len(name), 0),
        )
        if len(archive) + len(entry.compressed) > 0xFFFFFFFF or count >= 0xFFFF:
            raise OverflowError("Файл больше 4 ГБ или содержит больше 65 535 частей")
        head = CENTRAL_HEADER.pack(
            b"PK\x01\x02", VERSION, VERSION, *common, 0, 0, 0, 0, len(archive)
        )
        directory += head + name
        archive += LOCAL_HEADER.pack(b"PK\x03\x04", VERSION, *common) + name + entry.compressed
        count += 1
    end = END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), len(archive), 0)
    return bytes(archive + directory + end)
