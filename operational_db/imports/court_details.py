"""Payment details of courts for state duty, as a table."""

import re
from dataclasses import dataclass
from datetime import date

from operational_db.imports.identifiers import inn_is_right
from operational_db.imports.problems import FieldError, Notice, ParsedTable, Refusal
from operational_db.imports.table import Column, empty_result, open_table, records
from operational_db.imports.values import read_date

COLUMNS = (
    Column("court_code", "Код суда", ("участок", "код участка", "код")),
    Column("payee", "Получатель", ("наименование получателя",)),
    Column("inn", "ИНН", ("инн получателя",)),
    Column("kpp", "КПП", ("кпп получателя",)),
    Column("oktmo", "ОКТМО", ("окато",)),
    Column("kbk", "КБК", ()),
    Column("bic", "БИК", ()),
    Column("account_number", "Счёт", ("счет получателя", "казначейский счет", "расчетный счет")),
    Column("correspondent_account", "ЕКС", ("корсчет", "корр счет", "кор счет"), is_required=False),
    Column("bank", "Банк", ("банк получателя",)),
    Column("valid_from", "Действует с", ("дата начала",)),
    Column("valid_to", "Действует по", ("дата конца",), is_required=False),
    Column("source", "Источник", ("основание",)),
)
_DIGITS = {
    "kpp": ("КПП", (9,)),
    "oktmo": ("ОКТМО", (8, 11)),
    "kbk": ("КБК", (20,)),
    "bic": ("БИК", (9,)),
    "account_number": ("счёт", (20,)),
}
_SINGLE_TREASURY_ACCOUNT = "40102"
_TREASURY_ACCOUNT = "03"
# Magistrates and district courts: on filing (1050) and on a judicial act (1060).
_DUTY_KBK = re.compile(r"182108030[0-9]{11}")


@dataclass(frozen=True, slots=True)
class CourtDetails:
    """Where the duty for a court is paid from ``valid_from`` on."""

    line: int
    court_code: str
    payee: str
    inn: str
    kpp: str
    oktmo: str
    kbk: str
    bic: str
    account_number: str
    correspondent_account: str | None
    bank: str
    valid_from: date
    valid_to: date | None
    source: str


def read_court_details(content: bytes) -> ParsedTable[CourtDetails]:
    """Read a list of details. What cannot be right is refused, what is odd is noted."""
    table = open_table(content, COLUMNS)
    parsed: ParsedTable[CourtDetails] = empty_result(table)
    for record in records(table, parsed.refusals.append):
        values = {
            name: " ".join(record.cells[place].split()) for name, place in table.positions.items()
        }
        try:
            details = court_details(record.line, values)
        except FieldError as error:
            parsed.refusals.append(Refusal(record.line, "", str(error), record.raw))
            continue
        parsed.rows.append(details)
        parsed.notices.extend(Notice(record.line, text) for text in oddities(details))
    return parsed


def court_details(line: int, values: dict[str, str]) -> CourtDetails:
    """Details from values as people write them, by the names of ``COLUMNS``; ``FieldError``."""
    plain = dict(values)
    for name in ("court_code", "payee", "bank", "source"):
        if not plain.get(name):
            title = next(column.title for column in COLUMNS if column.name == name)
            raise FieldError(f"не заполнено «{title}».")
    for name, (title, lengths) in _DIGITS.items():
        plain[name] = _digits(plain.get(name, ""), title, lengths)
    inn = _digits(plain.get("inn", ""), "ИНН", (10,))
    if not inn_is_right(inn):
        raise FieldError(f"в ИНН {inn} не сходится контрольная цифра. Проверьте его.")
    correspondent = plain.get("correspondent_account")
    start, end = read_date(plain.get("valid_from", "")), plain.get("valid_to")
    details = CourtDetails(
        line=line,
        court_code=plain["court_code"],
        payee=plain["payee"],
        inn=inn,
        kpp=plain["kpp"],
        oktmo=plain["oktmo"],
        kbk=plain["kbk"],
        bic=plain["bic"],
        account_number=plain["account_number"],
        correspondent_account=_digits(correspondent, "ЕКС", (20,)) if correspondent else None,
        bank=plain["bank"],
        valid_from=start,
        valid_to=read_date(end) if end else None,
        source=plain["source"],
    )
    if details.valid_to is not None and details.valid_to < details.valid_from:
        raise FieldError("«Действует по» раньше, чем «Действует с». Исправьте даты.")
    return details


def oddities(details: CourtDetails) -> list[str]:
    """What a clerk should look at: pages of courts are often out of date."""
    odd = []
    account = details.correspondent_account
    if account and not account.startswith(_SINGLE_TREASURY_ACCOUNT):
        odd.append(
            f"ЕКС {account} начинается не с {_SINGLE_TREASURY_ACCOUNT}: похоже на счёт до 2021 года"
        )
    if not details.account_number.startswith(_TREASURY_ACCOUNT):
        odd.append(f"счёт {details.account_number} не казначейский (начинается не с 03)")
    if not _DUTY_KBK.fullmatch(details.kbk):
        odd.append(f"КБК {details.kbk} не похож на госпошлину судов общей юрисдикции")
    return odd


def _digits(text: str, title: str, lengths: tuple[int, ...]) -> str:
    plain = text.replace(" ", "")
    if not plain.isascii() or not plain.isdigit() or len(plain) not in lengths:
        needed = " или ".join(map(str, lengths))
        raise FieldError(f"{title} «{text}» не подходит: нужно {needed} цифр.")
    return plain
