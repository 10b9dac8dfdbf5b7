"""Files that say why there is no file: of the kind that was promised, so that they open."""

from io import BytesIO
from zipfile import ZipFile

from docx import Document

from operational_db.exports.tables_xlsx import Column, table_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIP = "application/zip"
NAME = "Файл не получился.txt"


def file_that_says(words: str, mime: str) -> bytes:
    """Return a file of the kind ``mime`` with ``words`` in it; other kinds than these are text."""
    if mime == ZIP:
        archive = BytesIO()
        with ZipFile(archive, "w") as opened:
            opened.writestr(NAME, _text(words))
        return archive.getvalue()
    if mime == DOCX:
        paper = BytesIO()
        document = Document()
        document.add_paragraph(words)
        document.save(paper)
        return paper.getvalue()
    if mime == XLSX:
        return table_workbook(
            [{"why": words}], [Column("why", "Почему", width=100)], title="Файл не получился"
        )
    return _text(words)


def _text(words: str) -> bytes:
    # With a mark of the encoding: Notepad of older Windows takes a file without it for another.
    return words.encode("utf-8-sig")
