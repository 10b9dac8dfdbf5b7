"""An archive whose large part never lies in memory whole is the archive that it would have been."""

import zlib
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from document_gen.archive import GrowingPart, joined_checksum, packed, write, written


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_the_checksum_of_two_runs_of_bytes_follows_from_those_of_each(first, second):
    joined = joined_checksum(zlib.crc32(first), zlib.crc32(second), len(second))
    assert joined == zlib.crc32(first + second)


@pytest.mark.parametrize("pieces", [[], ["текст " * 500] * 400, [str(n) for n in range(3000)]])
def test_a_part_that_grew_reads_as_if_it_had_been_packed_at_once(pieces):
    part = GrowingPart("word/document.xml")
    for piece in pieces:
        part.add(piece.encode())
    part.finish("<начало>".encode())
    archive = BytesIO()
    write(archive, [packed("first.xml", b"1"), part, packed("last.xml", b"2")])
    with ZipFile(archive) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == ["first.xml", "word/document.xml", "last.xml"]
        assert opened.read("word/document.xml").decode() == "<начало>" + "".join(pieces)
    part.close()


def test_what_no_document_can_hold_is_refused():
    too_many = (packed(f"{number}", b"") for number in range(0x10000))
    with pytest.raises(OverflowError, match="65 535"):
        written(too_many)
