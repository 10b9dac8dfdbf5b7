"""Statements 1CClientBankExchange: the format, and every trap that real files hold."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from operational_db.imports.bank_statement import Direction, direction_of, turnover_differences
from operational_db.imports.bank_statement_reader import read_statement
from operational_db.imports.problems import FileRefusedError

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "bank_statement"
OURS = "40702810900000000001"
THEIRS = "40817810900000000002"
real_files = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"нет образцов выписок в {SAMPLES}")


def document(*, number="1", amount="100.00", payer=THEIRS, payee=OURS, **keys):
    values = {
        "Номер": number,
        "Дата": "15.04.2024",
        "Сумма": amount,
        "ПлательщикСчет": payer,
        "ПолучательСчет": payee,
        "ДатаПоступило": "16.04.2024",
        **keys,
    }
    body = [f"{key}={value}" for key, value in values.items() if value is not None]
    return ["СекцияДокумент=Платежное поручение", *body, "КонецДокумента"]


def account_section(*, received="100.00", spent="0.00", closing="150.00", extra=()):
    return [
        "СекцияРасчСчет",
        "ДатаНачала=01.04.2024",
        "ДатаКонца=30.04.2024",
        *extra,
        f"РасчСчет={OURS}",
        "НачальныйОстаток=50.00",
        f"ВсегоПоступило={received}",
        f"ВсегоСписано={spent}",
        *([f"КонечныйОстаток={closing}"] if closing else []),
        "КонецРасчСчет",
    ]


def statement_text(*sections, encoding_word="Windows", end="КонецФайла", header=()):
    lines = ["1CClientBankExchange", "ВерсияФормата=1.03", f"Кодировка={encoding_word}"]
    lines += ["Отправитель=Банк", "Получатель=1С", "ДатаНачала=01.04.2024", "ДатаКонца=30.04.2024"]
    lines += [f"РасчСчет={OURS}", *header]
    for section in sections:
        lines += section
    return "\n".join([*lines, end])


def read(*sections, encoding="cp1251", **keywords):
    return read_statement(statement_text(*sections, **keywords).encode(encoding))


def only(statement):
    (found,) = statement.documents
    return found


def notices(statement):
    return " | ".join(notice.as_text() for notice in statement.notices)


def test_a_receipt_is_read_with_its_parties_dates_and_sum():
    found = only(
        read(
            account_section(),
            document(
                Плательщик1="Иванов Иван Иванович",
                ПлательщикИНН="667220109459",
                ПлательщикБИК="044525593",
                НазначениеПлатежа="ЛС: 0001001",
                Код="123",
            ),
        )
    )
    assert (found.number, found.amount, found.executed_on) == (
        "1",
        Decimal("100.00"),
        date(2024, 4, 16),
    )
    assert (found.payer.name, found.payer.inn) == ("Иванов Иван Иванович", "667220109459")
    assert (found.payer.account, found.payee.account) == (THEIRS, OURS)
    assert (found.purpose, found.payment_code) == ("ЛС: 0001001", "123")


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", "Windows"), ("utf-8", "windows"), ("cp1251", "DOS"), ("cp866", "DOS"),
     ("cp866", "Windows")],
)  # fmt: skip
def test_trap_1_the_encoding_is_found_from_the_bytes_whatever_is_declared(encoding, declared):
    statement = read(document(Плательщик1="Ёлкин"), encoding=encoding, encoding_word=declared)
    assert only(statement).payer.name == "Ёлкин"


def test_trap_2_an_old_version_number_does_not_forbid_newer_keys():
    text = statement_text(document(Код="777")).replace("1.03", "1.01")
    assert only(read_statement(text.encode())).payment_code == "777"


def test_trap_3_blank_lines_mixed_line_ends_no_end_and_a_section_without_a_kind():
    text = statement_text(document(), end="").replace("СекцияДокумент=Платежное поручение",
                                                      "\n\nСекцияДокумент")  # fmt: skip
    lines = text.split("\n")
    mixed = "\r\n".join(lines[:10]) + "\n" + "\n".join(lines[10:])
    statement = read_statement(mixed.encode("cp1251"))
    assert only(statement).kind == "Платежное поручение"
    assert "нет слова КонецФайла" in notices(statement)


@pytest.mark.parametrize(
    ("payer", "payee", "debited", "credited", "direction"),
    [
        (THEIRS, OURS, "", "16.04.2024", Direction.IN),
        (OURS, THEIRS, "16.04.2024", "", Direction.OUT),
        (THEIRS, OURS, "15.04.2024", "16.04.2024", Direction.IN),
        ("1", "2", "16.04.2024", "", Direction.OUT),
        ("1", "2", "", "16.04.2024", Direction.IN),
        (OURS, OURS, "16.04.2024", "16.04.2024", Direction.INTERNAL),
        ("5", "5", "", "", Direction.INTERNAL),
        ("1", "2", "", "", None),
    ],
)
def test_trap_4_the_direction_is_told_by_the_account_and_then_by_the_filled_date(
    payer, payee, debited, credited, direction
):
    statement = read(
        document(payer=payer, payee=payee, ДатаСписано=debited, ДатаПоступило=credited)
    )
    assert direction_of(only(statement), statement.own_accounts) is direction


def test_trap_5_a_name_glued_to_its_inn_is_taken_apart():
    found = only(read(document(Плательщик='7712345678, ООО "Ромашка"')))
    assert (found.payer.name, found.payer.inn) == ('ООО "Ромашка"', "7712345678")


def test_trap_5_a_purpose_given_twice_is_taken_once():
    purpose = "Оплата по счёту 5 Plus NDS"
    found = only(
        read(
            document(
                НазначениеПлатежа=purpose,
                НазначениеПлатежа1="Оплата по счёту 5",
                НазначениеПлатежа2="Plus NDS",
            )
        )
    )
    assert found.purpose == purpose


def test_trap_5_a_purpose_given_only_by_lines_is_put_together():
    found = only(read(document(НазначениеПлатежа1="ЛС 5", НазначениеПлатежа2="за март 2024")))
    assert found.purpose == "ЛС 5 за март 2024"


def test_trap_6_letter_case_of_keys_and_equals_signs_in_values_do_not_matter():
    found = only(
        read(
            document(
                ПЛАТЕЛЬЩИККОРСЧЕТ="30101810000000000593", НазначениеПлатежа="ЛС=5; сумма=100.00"
            )
        )
    )
    assert found.payer.correspondent_account == "30101810000000000593"
    assert found.purpose == "ЛС=5; сумма=100.00"


def test_trap_6_an_unknown_key_is_noted_and_costs_nothing():
    statement = read(account_section(extra=["Валюта=RUB"]), document(НовыйКлюч="5"))
    assert len(statement.documents) == 1
    assert "«НовыйКлюч»" in notices(statement)
    assert "«Валюта»" in notices(statement)


def test_trap_7_a_header_that_disagrees_with_the_documents_is_reported_and_nothing_dropped():
    statement = read(account_section(received="250.00", closing="300.00"), document())
    (difference,) = turnover_differences(statement, statement.own_accounts)
    assert "поступило 250.00" in difference.text
    assert "100.00" in difference.text
    assert len(statement.documents) == 1


def test_balances_that_do_not_add_up_are_reported():
    statement = read(account_section(closing="999.00"), document())
    assert "не сходятся" in turnover_differences(statement, statement.own_accounts)[0].text


def test_a_statement_that_adds_up_gives_no_remarks():
    statement = read(account_section(), document())
    assert turnover_differences(statement, statement.own_accounts) == []
    assert statement.notices == []


def test_trap_8_a_garbage_date_in_the_header_does_not_lose_the_documents():
    text = statement_text(document()).replace(
        "ДатаКонца=30.04.2024", "ДатаКонца=23.08.201819202122"
    )
    statement = read_statement(text.encode("cp1251"))
    assert len(statement.documents) == 1
    assert "23.08.201819202122" in notices(statement)


def test_a_running_day_without_a_closing_balance_is_taken():
    statement = read(account_section(closing=None), document())
    assert len(statement.documents) == 1
    assert "КонечныйОстаток" in notices(statement)


def test_an_unknown_key_in_the_place_of_a_balance_refuses_the_file_naming_the_line():
    text = statement_text(account_section(closing=None, extra=["КонечноеСальдо=150"]), document())
    with pytest.raises(FileRefusedError, match="КонечноеСальдо") as refused:
        read_statement(text.encode())
    assert text.split("\n")[refused.value.line - 1] == "КонечноеСальдо=150"


@pytest.mark.parametrize(
    ("keys", "field"),
    [
        ({"amount": "сто"}, "Сумма"),
        ({"amount": "-5.00"}, "Сумма"),
        ({"amount": "5.001"}, "Сумма"),
        ({"Дата": "31.02.2024"}, "Дата"),
        ({"ДатаПоступило": "вчера"}, "ДатаПоступило"),
    ],
)
def test_a_document_without_a_readable_sum_or_date_is_refused_alone(keys, field):
    statement = read(document(number="bad", **keys), document(number="good"))
    assert [found.number for found in statement.documents] == ["good"]
    (refusal,) = statement.refusals
    assert refusal.field == field
    assert f"{field}=" in refusal.raw


def test_a_document_cut_by_the_end_of_the_file_is_refused():
    text = statement_text(document(number="1"), document(number="2"))
    statement = read_statement(text[: text.rindex("КонецДокумента")].encode("cp1251"))
    assert [found.number for found in statement.documents] == ["1"]
    assert "оборван" in statement.refusals[0].reason


def test_a_purpose_broken_over_lines_is_joined():
    text = statement_text(document(НазначениеПлатежа="ЛС 0005 за\nмарт 2024"))
    assert only(read_statement(text.encode())).purpose == "ЛС 0005 за март 2024"


def test_a_file_of_another_format_is_refused_by_its_first_line():
    with pytest.raises(FileRefusedError, match="Строка 1: выписка начинается"):
        read_statement(b"account;amount\n1;2")


def test_budget_fields_are_kept_by_their_order_numbers():
    found = only(read(document(СтатусСоставителя="01", ОКАТО="45958000", ПоказательКБК="1" * 20)))
    assert found.budget == {"101": "01", "104": "1" * 20, "105": "45958000"}


@real_files
@pytest.mark.parametrize(
    ("name", "encoding", "count", "directions"),
    [
        ("condo__1CClientBankExchange.txt", "utf-8", 4, "out in in out"),
        ("dronm__kl_to_1c.txt", "cp1251", 3, "out out out"),
        ("dronm__to_bank.txt", "cp1251", 2, "internal internal"),
        ("kilylabs__one_day.txt", "cp1251", 13, "out " * 10 + "in in in"),
        ("odoo-ru__1c_to_kl-min.txt", "cp1251", 0, ""),
    ],
)
def test_real_files_are_read_whole(name, encoding, count, directions):
    statement = read_statement((SAMPLES / name).read_bytes())
    assert statement.encoding == encoding
    assert statement.refusals == []
    assert len(statement.documents) == count
    found = [direction_of(item, statement.own_accounts) for item in statement.documents]
    assert found == directions.split()


@real_files
def test_a_real_day_reconciles_to_the_kopeck():
    statement = read_statement((SAMPLES / "kilylabs__one_day.txt").read_bytes())
    assert turnover_differences(statement, statement.own_accounts) == []
    assert sum(item.amount for item in statement.documents) == Decimal("81184.00")


@real_files
def test_a_real_statement_in_dos_encoding_gives_the_same_documents():
    content = (SAMPLES / "kilylabs__one_day.txt").read_bytes()
    as_dos = content.decode("cp1251").replace("Кодировка=Windows", "Кодировка=DOS").encode("cp866")
    assert read_statement(as_dos).documents == read_statement(content).documents


@real_files
def test_the_real_invalid_file_is_refused_naming_its_line():
    with pytest.raises(FileRefusedError, match=r"Строка 14: .*«НеизвестноеСвойство»"):
        read_statement((SAMPLES / "condo__1CClientBankExchange-Invalid.txt").read_bytes())


@real_files
def test_a_real_file_of_orders_to_the_bank_is_told_from_a_statement():
    statement = read_statement((SAMPLES / "dronm__to_bank.txt").read_bytes())
    assert statement.is_order_to_bank
    assert all(item.executed_on is None for item in statement.documents)
