"""Files of payment orders: what our reader and an independent one find in them, the schema."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from operational_db.exports.client_bank import client_bank_file
from operational_db.exports.credit_transfer import NAMESPACE, credit_transfer_file
from operational_db.exports.payment_orders import (
    OrderRefusedError,
    Party,
    PaymentOrder,
    control_total,
)
from operational_db.imports.bank_statement_reader import read_statement

CREATED = datetime(2026, 11, 21, 12, 30, 5, tzinfo=ZoneInfo("Europe/Moscow"))
PAYER = Party(
    'ООО «Управляющая компания "Уют"»',
    "7700000016",
    "770001001",
    "40702810000000000001",
    "ПАО Сбербанк",
    "044525225",
    "30101810400000000225",
)
PAYEE = Party(
    "Казначейство России (ФНС России)",
    "7727406020",
    "770801001",
    "03100643000000018500",
    "ОТДЕЛЕНИЕ ТУЛА БАНКА РОССИИ//УФК по Тульской области, г. Тула",
    "017003983",
    "40102810445370000059",
)
KBK, OKTMO = "18210803010011050110", "46744000"


def order(number, amount, **values):
    given = {
        "day": date(2026, 11, 23),
        "payer": PAYER,
        "payee": PAYEE,
        "kbk": KBK,
        "oktmo": OKTMO,
        "purpose": f"ГП-{number} Госпошлина за выдачу судебного приказа = ЖКУ; НДС не облагается",
        "mark": f"GP-{number}",
    }
    return PaymentOrder(number=number, amount=Decimal(amount), **(given | values))


ORDERS = [
    order(101, "2000.00"),
    order(102, "7500.00", uin="18810150210113123456"),
    order(103, "2750.50"),
]


def plain_parse(content):
    """Read 1CClientBankExchange as plainly as a bank-client does; shares nothing with ours."""
    lines = content.decode("cp1251").split("\r\n")
    assert lines[0] == "1CClientBankExchange"
    assert lines[-2:] == ["КонецФайла", ""]
    header, documents, current = {}, [], None
    for line in lines[1:-2]:
        key, _, value = line.partition("=")
        if key == "СекцияДокумент":
            current = {"вид": value}
        elif key == "КонецДокумента":
            documents.append(current)
            current = None
        else:
            (header if current is None else current)[key] = value
    return header, documents


def test_an_independent_reader_finds_every_field_of_a_budget_payment():
    header, documents = plain_parse(client_bank_file(ORDERS, created_at=CREATED))
    assert header["Кодировка"] == "Windows"
    assert header["РасчСчет"] == PAYER.account
    assert (header["ДатаСоздания"], header["ВремяСоздания"]) == ("21.11.2026", "12:30:05")
    assert [document["Номер"] for document in documents] == ["101", "102", "103"]
    assert sum(Decimal(document["Сумма"]) for document in documents) == control_total(ORDERS)
    second = documents[1]
    assert second["вид"] == "Платежное поручение"
    assert second["Код"] == "18810150210113123456"
    assert documents[0]["Код"] == "0"
    budget = {
        "СтатусСоставителя": "01",
        "ПлательщикКПП": "770001001",
        "ПолучательКПП": "770801001",
        "ПоказательКБК": KBK,
        "ОКАТО": OKTMO,
        "ПоказательОснования": "0",
        "ПоказательПериода": "0",
        "ПоказательНомера": "0",
        "ПоказательДаты": "0",
        "ПоказательТипа": "",
    }
    assert {key: second[key] for key in budget} == budget
    assert second["ПолучательСчет"] == second["ПолучательРасчСчет"] == PAYEE.account
    assert second["ПолучательКорсчет"] == PAYEE.correspondent_account
    assert second["НазначениеПлатежа"] == ORDERS[1].purpose
    assert (second["ВидОплаты"], second["Очередность"]) == ("01", "5")


def test_our_own_reader_reads_it_back_without_a_remark():
    statement = read_statement(client_bank_file(ORDERS, created_at=CREATED))
    assert statement.notices == []
    assert statement.refusals == []
    assert statement.is_order_to_bank
    for found, written in zip(statement.documents, ORDERS, strict=True):
        assert found.number == str(written.number)
        assert (found.amount, found.document_date) == (written.amount, written.day)
        assert (found.payer.inn, found.payer.account) == (PAYER.inn, PAYER.account)
        assert (found.payee.name, found.payee.inn) == (PAYEE.name, PAYEE.inn)
        assert found.purpose == written.purpose
        assert found.payment_code == written.uin
        assert found.executed_on is None
        assert found.budget["101"] == "01"
        assert found.budget["104"] == KBK
        assert found.budget["105"] == OKTMO


def test_the_same_register_gives_the_same_bytes():
    assert client_bank_file(ORDERS, created_at=CREATED) == client_bank_file(
        ORDERS, created_at=CREATED
    )
    files = [credit_transfer_file(ORDERS, message_id="R1", created_at=CREATED) for _ in range(2)]
    assert files[0] == files[1]


def test_typography_that_the_code_page_lacks_is_written_plainly():
    narrow = order(1, "5.00", purpose="Сумма 2\N{NARROW NO-BREAK SPACE}000 ₽ \N{MINUS SIGN} ГП")
    _, [document] = plain_parse(client_bank_file([narrow], created_at=CREATED))
    assert document["НазначениеПлатежа"] == "Сумма 2 000 руб. - ГП"


def test_a_sign_that_no_bank_takes_is_named():
    with pytest.raises(OrderRefusedError, match="«☃»"):
        client_bank_file([order(1, "5.00", purpose="Пошлина ☃")], created_at=CREATED)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"purpose": "х" * 211}, "длиннее 210"),
        ({"purpose": "Пошлина\nи пени"}, "перевод строки"),
        ({"amount": Decimal("0.00")}, "сумма"),
        ({"amount": Decimal("1.005")}, "сумма"),
        ({"kbk": "182"}, "КБК"),
        ({"payee": replace(PAYEE, correspondent_account="")}, "корсчёт получателя"),
        ({"payer": replace(PAYER, kpp="77")}, "КПП плательщика"),
    ],
)
def test_an_order_that_a_bank_would_send_back_never_leaves(wrong, told):
    orders = [replace(order(7, "5.00"), **wrong)]
    with pytest.raises(OrderRefusedError, match=f"№ 7: .*{told}"):
        client_bank_file(orders, created_at=CREATED)
    with pytest.raises(OrderRefusedError, match=f"№ 7: .*{told}"):
        credit_transfer_file(orders, message_id="R1", created_at=CREATED)


def test_one_number_is_never_given_twice():
    with pytest.raises(OrderRefusedError, match="повторяется"):
        client_bank_file([order(1, "5.00"), order(1, "6.00")], created_at=CREATED)


def schema():
    """The published schema where it is at hand, else the copy that we keep."""
    shared = Path(__file__).resolve().parents[3] / "shared" / "samples" / "bank_xml"
    ours = Path(__file__).parents[2] / "operational_db" / "exports" / "schemas"
    folder = shared if shared.is_dir() else ours
    return etree.XMLSchema(etree.parse(folder / "pain.001.001.09.xsd"))


def test_pain_001_is_valid_and_its_control_sums_agree():
    content = credit_transfer_file(ORDERS, message_id="REG-5", created_at=CREATED)
    tree = etree.fromstring(content)
    schema().assertValid(tree)
    names = {"p": NAMESPACE}

    def texts(path):
        return [element.text for element in tree.iterfind(path, names)]

    assert texts(".//p:CtrlSum") == ["12250.50", "12250.50"]
    assert texts(".//p:NbOfTxs") == ["3", "3"]
    assert texts(".//p:InstdAmt") == ["2000.00", "7500.00", "2750.50"]
    assert texts(".//p:Tax/p:Rcrd/p:Ctgy") == [KBK] * 3
    assert texts(".//p:Tax/p:AdmstnZone") == [OKTMO] * 3
    assert texts(".//p:CdtrRefInf/p:Ref") == ["18810150210113123456"]
    assert texts(".//p:CdtrAgt//p:MmbId") == [PAYEE.bic] * 3
    assert texts(".//p:Dbtr/p:Id/p:OrgId/p:Othr/p:Id") == [PAYER.inn]


def test_a_long_purpose_is_cut_into_lines_and_loses_nothing():
    long = "ГП-9 " + "п" * 205
    content = credit_transfer_file(
        [order(9, "5.00", purpose=long)], message_id="R", created_at=CREATED
    )
    lines = etree.fromstring(content).iterfind(".//p:Ustrd", {"p": NAMESPACE})
    assert "".join(line.text for line in lines) == long


def test_a_wrong_message_is_not_given_out():
    with pytest.raises(OrderRefusedError, match="схеме"):
        credit_transfer_file(ORDERS, message_id="Р" * 36, created_at=CREATED)
