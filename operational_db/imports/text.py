"""From the bytes of a file to text: the encoding is found from the bytes, not from a declaration.

Files of the field say ``Кодировка=Windows`` over UTF-8 (domain facts, formats §1, trap 1), so a
declaration only decides where the bytes leave a choice.
"""

import codecs
import re
from dataclasses import dataclass

from operational_db.imports.problems import FileRefusedError

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHER_FORMATS = (
    (b"PK\x03\x04", "книга Excel (xlsx) или архив zip"),
    (b"\xd0\xcf\x11\xe0", "книга Excel старого вида (xls)"),
    (b"%PDF", "документ PDF"),
)
_RUSSIAN_LETTERS = re.compile("[А-Яа-яЁё]")
# A pair such as «Ё» after «Л» in capitals is also a valid UTF-8 sequence, a whole word is not.
_MIN_LETTERS_OF_A_UTF8_LINE = 3

NOT_TEXT = "файл не текстовый: в нём есть нулевые знаки. Сохраните таблицу как CSV (UTF-8)."
ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1251": "Windows-1251",
    "cp866": "DOS (cp866)",
}


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The text of a file, its encoding, and the lines that were encoded otherwise."""

    text: str
    encoding: str
    foreign_lines: tuple[int, ...] = ()


def decode(content: bytes, *, declared: str | None = None) -> DecodedText:
    """Decode a file as UTF-8 if it is valid UTF-8, otherwise as cp1251 or cp866.

    Between cp1251 and cp866, more Russian letters win; ``declared`` decides a tie.
    Raises ``FileRefusedError`` for an empty file and for what is not a text file.
    """
    _refuse_what_is_not_text(content)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            decoded = DecodedText(_strictly(content[len(mark) :], encoding), encoding)
            break
    else:
        try:
            decoded = DecodedText(content.decode("utf-8"), "utf-8")
        except UnicodeDecodeError:
            encoding = _best_single_byte_encoding(content, declared)
            decoded = _decode_line_by_line(content, encoding)
    if "\x00" in decoded.text:
        raise FileRefusedError(NOT_TEXT)
    return decoded


def _refuse_what_is_not_text(content: bytes) -> None:
    if not content or content.isspace():
        raise FileRefusedError("файл пуст. Проверьте, что выгрузка завершилась.")
    for signature, name in _OTHER_FORMATS:
        if content.startswith(signature):
            raise FileRefusedError(
                f"это {name}, а нужен текстовый файл. Сохраните таблицу как CSV (UTF-8)."
            )
    # Before anything is decoded: 200 megabytes of noise would take minutes and gigabytes.
    marks = tuple(mark for mark, encoding in _BYTE_ORDER_MARKS if encoding.startswith("utf-16"))
    if not content.startswith(marks) and b"\x00" in content:
        raise FileRefusedError(NOT_TEXT)


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileRefusedError(
            f"метка в начале файла обещает {ENCODING_NAMES[encoding]}, но байт {error.start} "
            "в этой кодировке не читается. Сохраните файл заново в UTF-8."
        ) from error


def _best_single_byte_encoding(content: bytes, declared: str | None) -> str:
    def letters(encoding: str) -> int:
        return len(_RUSSIAN_LETTERS.findall(content.decode(encoding, errors="ignore")))

    as_windows, as_dos = letters("cp1251"), letters("cp866")
    if as_windows == as_dos:
        return "cp866" if declared == "cp866" else "cp1251"
    return "cp1251" if as_windows > as_dos else "cp866"


def _decode_line_by_line(content: bytes, encoding: str) -> DecodedText:
    """Decode a single-byte file in which some lines may have been added by a UTF-8 program.

    A real file is cp1251 with a last line in UTF-8, so each line may turn out to be UTF-8.
    """
    lines = []
    foreign_lines = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if _is_utf8_russian(line):
            foreign_lines.append(number)
            lines.append(line.decode("utf-8"))
        else:
            lines.append(_decode_single_byte(line, encoding, number))
    return DecodedText("\n".join(lines), encoding, tuple(foreign_lines))


def _decode_single_byte(line: bytes, encoding: str, number: int) -> str:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileRefusedError(
            f"знак № {error.start + 1} не читается ни в UTF-8, ни в {ENCODING_NAMES[encoding]}. "
            "Файл повреждён при передаче: выгрузите его заново.",
            line=number,
        ) from error


def _is_utf8_russian(line: bytes) -> bool:
    if line.isascii():
        return False
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(_RUSSIAN_LETTERS.findall(text)) >= _MIN_LETTERS_OF_A_UTF8_LINE
