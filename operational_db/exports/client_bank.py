"""Payment orders as 1CClientBankExchange (1c_to_kl.txt): for bank-clients and 1С.

Windows-1251, CRLF, keys in the order of the standard. The purpose goes whole and again by lines, as
1С itself writes it: some bank-clients read only the one, some only the other.
"""

from collections.abc import Sequence
from datetime import datetime

from operational_db.exports.payment_orders import (
    OrderRefusedError,
    Party,
    PaymentOrder,
    check_orders,
)

VERSION = "1.03"
FILE_NAME = "1c_to_kl.txt"
_DOCUMENT = "Платежное поручение"
_ORDER = "01"
# Signs of typography that the code page lacks, and what people mean by them.
_PLAIN = str.maketrans(
    {
        "\N{NO-BREAK SPACE}": " ",
        "\N{NARROW NO-BREAK SPACE}": " ",
        "\N{THIN SPACE}": " ",
        "₽": "руб.",
    }
    | {"\N{MINUS SIGN}": "-", "\N{FIGURE DASH}": "-", "\N{NON-BREAKING HYPHEN}": "-"}
)


def client_bank_file(orders: Sequence[PaymentOrder], *, created_at: datetime) -> bytes:
    """Write the orders as one file; the same orders and moment give the same bytes.

    Raises ``OrderRefusedError`` for what a bank would send back or the code page lacks.
    """
    check_orders(orders)
    days = [order.day for order in orders]
    lines = [
        "1CClientBankExchange",
        f"ВерсияФормата={VERSION}",
        "Кодировка=Windows",
        "Отправитель=Долгомер",
        "Получатель=",
        f"ДатаСоздания={created_at:%d.%m.%Y}",
        f"ВремяСоздания={created_at:%H:%M:%S}",
        f"ДатаНачала={min(days):%d.%m.%Y}",
        f"ДатаКонца={max(days):%d.%m.%Y}",
        *(f"РасчСчет={account}" for account in dict.fromkeys(o.payer.account for o in orders)),
        f"Документ={_DOCUMENT}",
    ]
    for order in orders:
        lines += _document(order)
    lines.append("КонецФайла")
    return b"".join(_encoded(line) + b"\r\n" for line in lines)


def _document(order: PaymentOrder) -> list[str]:
    return [
        f"СекцияДокумент={_DOCUMENT}",
        f"Номер={order.number}",
        f"Дата={order.day:%d.%m.%Y}",
        f"Сумма={order.amount:.2f}",
        *_party("Плательщик", order.payer),
        *_party("Получатель", order.payee),
        "ВидПлатежа=",
        f"ВидОплаты={_ORDER}",
        f"Код={order.uin}",
        f"Очередность={order.priority}",
        f"НазначениеПлатежа={order.purpose}",
        f"НазначениеПлатежа1={order.purpose}",
        # The budget block: read only where the status of the payer is filled.
        f"СтатусСоставителя={order.status}",
        f"ПлательщикКПП={order.payer.kpp}",
        f"ПолучательКПП={order.payee.kpp}",
        f"ПоказательКБК={order.kbk}",
        f"ОКАТО={order.oktmo}",
        "ПоказательОснования=0",
        "ПоказательПериода=0",
        "ПоказательНомера=0",
        "ПоказательДаты=0",
        "ПоказательТипа=",
        "КонецДокумента",
    ]


def _party(side: str, party: Party) -> list[str]:
    return [
        f"{side}Счет={party.account}",
        f"{side}=ИНН {party.inn} {party.name}",
        f"{side}ИНН={party.inn}",
        f"{side}1={party.name}",
        f"{side}РасчСчет={party.account}",
        f"{side}Банк1={party.bank}",
        f"{side}БИК={party.bic}",
        f"{side}Корсчет={party.correspondent_account}",
    ]


def _encoded(line: str) -> bytes:
    try:
        return line.translate(_PLAIN).encode("cp1251")
    except UnicodeEncodeError as problem:
        sign = line[problem.start]
        raise OrderRefusedError(
            f"Знак «{sign}» в «{line[:80]}» банк не примет. Замените его."
        ) from problem
