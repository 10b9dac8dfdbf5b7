"""Encodings and tables: what is read, and that no line is ever lost without a word."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operational_db.imports.problems import FileRefusedError
from operational_db.imports.table import Column, open_table, records
from operational_db.imports.text import decode

COLUMNS = (
    Column("account", "Лицевой счёт", ("лс",)),
    Column("amount", "Сумма", ("начислено",)),
    Column("remark", "Примечание", (), is_required=False),
)
RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"


def read_all(text):
    table = open_table(text.encode(), COLUMNS)
    refusals = []
    return list(records(table, refusals.append)), refusals


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "cp866"])
def test_russian_text_is_read_in_every_encoding_of_the_field(encoding):
    text = "Лицевой счёт;Начислено\r\n0001;100,50\r\n"
    assert decode(text.encode(encoding)).text == text


@given(st.text(RUSSIAN + " 0123456789;,.\n", min_size=8), st.sampled_from(["cp1251", "cp866"]))
def test_the_encoding_is_found_from_the_bytes_alone(text, encoding):
    content = ("Оплата за содержание жилья\n" + text).encode(encoding)
    assert decode(content).text == "Оплата за содержание жилья\n" + text


def test_a_line_in_utf8_inside_a_windows_file_is_read_and_noted():
    content = "Платёж\n".encode("cp1251") + "КонецФайла".encode()
    decoded = decode(content)
    assert decoded.text == "Платёж\nКонецФайла"
    assert decoded.foreign_lines == (2,)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "пуст"),
        (b" \r\n ", "пуст"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\xd0\xcf\x11\xe0rest", "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"a\x00b", "нулевые знаки"),
        ("а\x00б".encode("utf-16"), "нулевые знаки"),
    ],
)
def test_what_is_no_text_is_refused_with_advice(content, reason):
    with pytest.raises(FileRefusedError, match=reason):
        decode(content)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_from_the_heading(delimiter):
    table = open_table(delimiter.join(["account", "amount", "remark"]).encode(), COLUMNS)
    assert table.delimiter == delimiter


@pytest.mark.parametrize("heading", ["ЛС;Начислено", "«лс»;НАЧИСЛЕНО", " Лицевой  счет ; сумма "])
def test_headings_are_known_in_russian_and_in_any_dress(heading):
    assert set(open_table(heading.encode(), COLUMNS).positions) == {"account", "amount"}


def test_a_title_above_the_heading_is_passed_over_and_lines_keep_their_numbers():
    read, refusals = read_all("Реестр начислений\n\nЛС;Начислено\n001;5\n")
    assert [(record.line, record.cells) for record in read] == [(4, ["001", "5"])]
    assert refusals == []


def test_a_file_without_the_needed_columns_is_refused_naming_them():
    with pytest.raises(FileRefusedError, match=r"account.*amount.*«имя;возраст»"):
        open_table("имя;возраст\n1;2".encode(), COLUMNS)


def test_two_columns_that_mean_the_same_are_refused():
    with pytest.raises(FileRefusedError, match="означают одно и то же"):
        open_table("лс;сумма;начислено\n1;2;3".encode(), COLUMNS)


def test_columns_that_are_not_used_are_named():
    table = open_table("лс;сумма;дом;квартира\n1;2;3;4".encode(), COLUMNS)
    assert [notice.text for notice in table.notices] == ["столбцы не использованы: дом, квартира"]


def test_a_stray_quotation_mark_costs_one_line_and_not_the_rest_of_the_file():
    read, refusals = read_all('account;amount;remark\n1;5;"ООО\n2;6;\n3;7;"тоже\n4;8;\n')
    assert [record.cells[0] for record in read] == ["2", "4"]
    assert [refusal.line for refusal in refusals] == [2, 4]
    assert "кавычка" in refusals[0].reason


def test_quotes_inside_a_value_need_not_be_doubled():
    read, _ = read_all('account;amount;remark\n1;5;"Ромашка" ООО\n2;6;ООО "Ромашка"\n')
    assert [record.cells[0] for record in read] == ["1", "2"]


def test_a_comma_inside_a_sum_of_a_comma_file_is_refused_with_advice():
    _, refusals = read_all("account,amount\n1,5,50\n")
    assert "возьмите его в кавычки" in refusals[0].reason


def test_a_delimiter_at_the_end_of_each_line_is_no_column():
    read, refusals = read_all("account;amount\n1;5;\n")
    assert read[0].cells == ["1", "5"]
    assert not refusals


cells = st.text("ab\"';, \nя1", max_size=6)


@given(st.lists(st.tuples(cells, cells, cells), max_size=20), st.sampled_from(",;\t"))
def test_what_a_csv_writer_wrote_is_read_back(rows, delimiter):
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["account", "amount", "remark"])
    writer.writerows(rows)
    read, refusals = read_all(out.getvalue())
    assert [tuple(record.cells) for record in read] == rows
    assert refusals == []


@given(st.lists(st.text('a1;" ', max_size=10)))
def test_every_line_that_is_not_blank_is_either_read_or_refused(lines):
    read, refusals = read_all("account;amount\n" + "\n".join(lines))
    spoken_of = sum(len(record.raw.splitlines()) for record in read) + len(refusals)
    blank_inside = sum(
        1 for record in read for line in record.raw.splitlines()[1:-1] if not line.strip()
    )
    assert spoken_of - blank_inside == sum(1 for line in lines if line.strip())
