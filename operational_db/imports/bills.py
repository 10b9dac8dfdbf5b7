"""Deliveries of bills: when the bill of a month came to the one who pays it.

Columns and messages are described for users in docs/user/zagruzka.md.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from operational_db.imports.ledger import ACCOUNT, PERIOD_SYNONYMS, Cells, read_account, read_rows
from operational_db.imports.problems import FieldError, Notice, ParsedTable
from operational_db.imports.table import Column, open_table
from operational_db.imports.values import read_day, read_month


@dataclass(frozen=True, slots=True)
class BillRow:
    """When the bill of one account and month came; no day: it did not."""

    line: int
    account: str
    period: date
    delivered_on: date | None
    channel: str


BILL_COLUMNS = (
    ACCOUNT,
    Column("period", "Период", PERIOD_SYNONYMS),
    Column(
        "delivered_on",
        "Дата доставки",
        ("доставлен", "доставлено", "дата вручения", "вручен", "дата получения", "доставка",
         "delivered"),
    ),
    Column("channel", "Способ", ("способ доставки", "канал", "как доставлен"), is_required=False),
)  # fmt: skip

# The first that fits wins: «письмо на электронную почту» did not come by post.
_CHANNELS = (
    ("gis", r"гис"),
    ("email", r"e-?mail|электронн|эл\.? ?почт|@"),
    ("personal_page", r"кабинет|приложени|personal"),
    ("post", r"почт|заказн|письм|post"),
    ("hand", r"вруч|лично|под роспись|подпис|hand"),
    ("paper", r"ящик|бумаг|квитанц|paper"),
)
_PATTERNS = tuple((channel, re.compile(pattern)) for channel, pattern in _CHANNELS)
_NOT_DELIVERED = {"", "нет", "не доставлен", "не доставлено", "не вручен", "-", "–", "—"}


def read_bills(content: bytes, *, today: date) -> ParsedTable[BillRow]:
    """Read a file of deliveries. Raises ``FileRefusedError`` when it is no such table."""
    return read_rows(open_table(content, BILL_COLUMNS), _bill, today)


@lru_cache(maxsize=1_000)
def read_delivery_channel(text: str) -> str:
    """The way of delivery that the words mean; ``other`` when they mean none that we know."""
    plain = text.lower().replace("ё", "е")
    return next((channel for channel, pattern in _PATTERNS if pattern.search(plain)), "other")


def _bill(cells: Cells, today: date, notices: list[Notice]) -> BillRow:
    line = cells.record.line
    account = read_account(cells.take("account"))
    period = read_month(cells.take("period"), today=today)
    words = cells.take("delivered_on")
    delivered_on = None
    if words.lower().replace("ё", "е") not in _NOT_DELIVERED:
        delivered_on = read_day(words, today=today)
        if delivered_on > today:
            raise FieldError(
                f"дата доставки {words} ещё не наступила. Впишите день, когда счёт доставлен; если "
                "он не доставлен, оставьте столбец пустым."
            )
        if delivered_on < period:
            raise FieldError(
                f"счёт за {period:%m.%Y} доставлен {words}, раньше начала своего месяца. Исправьте "
                "дату или период."
            )
    channel = cells.take("channel")
    known = read_delivery_channel(channel)
    if channel and known == "other" and channel.lower() not in {"other", "иное", "прочее"}:
        notices.append(Notice(line, f"способ доставки «{channel}» записан как «иное»"))
    return BillRow(line, account, period, delivered_on, known)
