"""A zip archive written entry by entry: equal entries give equal bytes.

Most parts of a document (styles, fonts, theme) are those of its template. They are compressed once
with the template and only copied into each document, which the standard ``zipfile`` cannot do.
A part that would not fit into memory is compressed as it is made (``GrowingPart``).
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from tempfile import TemporaryFile
from typing import BinaryIO, Protocol

LOCAL_HEADER = struct.Struct("<4s5H3L2H")
CENTRAL_HEADER = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")

VERSION = 20
DEFLATED = 8
NAME_IS_UTF8 = 0x800
# Zip knows no date before 1 January 1980; a true date would make equal documents differ.
TIME, DATE = 0, 0x21
LEVEL = 6

MOST_BYTES, MOST_ENTRIES = 0xFFFFFFFF, 0xFFFF
CRC_POLYNOMIAL = 0xEDB88320
COPIED_AT_ONCE = 1 << 20


class Packed(Protocol):
    """A file of an archive, compressed: ``pieces`` of ``length`` bytes in all."""

    name: str
    size: int
    checksum: int

    @property
    def length(self) -> int: ...

    def pieces(self) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an archive, compressed in memory."""

    name: str
    size: int
    checksum: int
    compressed: bytes

    @property
    def length(self) -> int:
        return len(self.compressed)

    def pieces(self) -> Iterator[bytes]:
        yield self.compressed


class GrowingPart:
    """A file of an archive that is compressed while it is made; a temporary file holds it."""

    def __init__(self, name: str) -> None:
        """Begin an empty file."""
        self.name = name
        self.size = 0
        self.checksum = 0
        self._head = b""
        self._file = TemporaryFile()  # noqa: SIM115 - open for as long as this part, see close
        self._packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)

    def add(self, content: bytes) -> None:
        self.size += len(content)
        self.checksum = zlib.crc32(content, self.checksum)
        self._file.write(self._packer.compress(content))

    def finish(self, head: bytes) -> None:
        """End the file, and put ``head`` before all that was added: nothing is packed twice."""
        self._file.write(self._packer.flush())
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        # Flushed and not finished, so that the rest goes on from a whole byte.
        self._head = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
        self.checksum = joined_checksum(zlib.crc32(head), self.checksum, self.size)
        self.size += len(head)

    @property
    def length(self) -> int:
        return len(self._head) + self._file.seek(0, 2)

    def pieces(self) -> Iterator[bytes]:
        yield self._head
        self._file.seek(0)
        while piece := self._file.read(COPIED_AT_ONCE):
            yield piece

    def close(self) -> None:
        self._file.close()


def joined_checksum(first: int, second: int, second_size: int) -> int:
    """The CRC-32 of two runs of bytes one after the other, from those of each.

    Bytes that follow multiply a checksum by x⁸ each, modulo the polynomial of CRC-32.
    """
    factor, power, bits = 1 << 31, 1 << 23, second_size  # 1 and x⁸; the highest bit is x⁰
    while bits:
        if bits & 1:
            factor = _product(factor, power)
        power = _product(power, power)
        bits >>= 1
    return _product(factor, first) ^ second


def _product(one: int, other: int) -> int:
    product, bit = 0, 1 << 31
    while bit:
        if one & bit:
            product ^= other
        other = (other >> 1) ^ (CRC_POLYNOMIAL if other & 1 else 0)
        bit >>= 1
    return product


def packed(name: str, content: bytes) -> Entry:
    """The entry with its content compressed."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    compressed = packer.compress(content) + packer.flush()
    return Entry(name, len(content), zlib.crc32(content), compressed)


def written(entries: Iterable[Packed]) -> bytes:
    """The archive of these entries, in their order.

    Raises ``OverflowError`` as ``write`` does.
    """
    archive = BytesIO()
    write(archive, entries)
    return archive.getvalue()


def write(archive: BinaryIO, entries: Iterable[Packed]) -> None:
    """Write the archive of these entries, in their order, into a file that is empty.

    Raises ``OverflowError`` past 4 GB or 65,535 entries: such an archive is no document.
    """
    directory = bytearray()
    count = place = 0
    for entry in entries:
        name = entry.name.encode()
        flags = 0 if entry.name.isascii() else NAME_IS_UTF8
        length = entry.length
        if max(place + length, entry.size) > MOST_BYTES or count >= MOST_ENTRIES:
            raise OverflowError("Файл больше 4 ГБ или содержит больше 65 535 частей")
        common = (flags, DEFLATED, TIME, DATE, entry.checksum, length, entry.size, len(name), 0)
        head = CENTRAL_HEADER.pack(b"PK\x01\x02", VERSION, VERSION, *common, 0, 0, 0, 0, place)
        directory += head + name
        archive.write(LOCAL_HEADER.pack(b"PK\x03\x04", VERSION, *common) + name)
        for piece in entry.pieces():
            archive.write(piece)
        place += LOCAL_HEADER.size + len(name) + length
        count += 1
    archive.write(directory)
    archive.write(END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), place, 0))
