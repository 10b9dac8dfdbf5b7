"""Statements in the text format 1CClientBankExchange.

Written against real files, which differ from the standard in the ways listed in
docs/decisions/0003-imports.md. The rule for what is strict: money and its date are, everything else
is read as well as it can be and noted.

* An unknown key is noted, wherever it stands.
* A balance missing in an account section is noted (banks leave out the closing balance of a running
  day), unless the section also holds an unknown key: then nobody can tell whether that key *is* the
  balance under a wrong name, and the file is refused with the line of the key.
* A document without a readable sum or date is refused alone; the others are taken.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from operational_db.imports.bank_statement import AccountTurnover, BankDocument, Party, Statement
from operational_db.imports.problems import FieldError, FileRefusedError, Notice, Refusal
from operational_db.imports.text import ENCODING_NAMES, decode
from operational_db.imports.values import read_bank_amount, read_date

SIGNATURE = "1CClientBankExchange"
_END_OF_FILE = "конецфайла"
_DECLARED_ENCODINGS = {"windows": "cp1251", "dos": "cp866"}

_HEADER_KEYS = frozenset(
    {
        "версияформата", "кодировка", "отправитель", "получатель", "датасоздания", "времясоздания",
        "датаначала", "датаконца", "расчсчет", "документ",
    }
)  # fmt: skip
_BALANCE_KEYS = {
    "начальныйостаток": "НачальныйОстаток",
    "всегопоступило": "ВсегоПоступило",
    "всегосписано": "ВсегоСписано",
    "конечныйостаток": "КонечныйОстаток",
}
_ACCOUNT_KEYS = frozenset({"датаначала", "датаконца", "расчсчет", *_BALANCE_KEYS})
# The keys of a document that must be right, as the standard writes them.
_STRICT_KEYS = {
    "сумма": "Сумма",
    "дата": "Дата",
    "датасписано": "ДатаСписано",
    "датапоступило": "ДатаПоступило",
}
_PARTY_KEYS = frozenset(
    side + rest
    for side in ("плательщик", "получатель")
    for rest in (
        "", "1", "2", "3", "4", "счет", "инн", "кпп", "расчсчет", "банк1", "банк2", "бик",
        "корсчет",
    )
)  # fmt: skip
_PURPOSE_LINES = tuple(f"назначениеплатежа{number}" for number in range(1, 7))
_BUDGET_KEYS = {
    "статуссоставителя": "101",
    "показателькбк": "104",
    "окато": "105",
    "показательоснования": "106",
    "показательпериода": "107",
    "показательномера": "108",
    "показательдаты": "109",
    "показательтипа": "110",
}
_DOCUMENT_KEYS = (
    frozenset(
        {
            "номер", "дата", "сумма", "квитанциядата", "квитанциявремя", "квитанциясодержание",
            "датасписано", "датапоступило", "видплатежа", "кодназплатежа", "видоплаты", "код",
            "очередность", "назначениеплатежа", "срокакцепта", "видаккредитива", "срокплатежа",
            "условиеоплаты1", "условиеоплаты2", "условиеоплаты3", "платежпопредст", "дополнусловия",
            "номерсчетапоставщика", "датаотсылкидок",
        }
    )
    | _PARTY_KEYS
    | frozenset(_PURPOSE_LINES)
    | frozenset(_BUDGET_KEYS)
)  # fmt: skip
# «7777777777, ООО "Ромашка"» and «ИНН 7777777777 ООО "Ромашка"»; real files hold wrong lengths too.
_GLUED_NAME = re.compile(r"(?:ИНН\s*)?(\d{9,13})\s*[,;]?\s+(\S.*)", re.IGNORECASE)
_INN = re.compile(r"\d{10}|\d{12}", re.ASCII)


@dataclass(slots=True)
class _Section:
    """Keys of one section and their lines; a repeated key keeps its first filled value."""

    line: int
    title: str = ""
    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    raw: list[str] = field(default_factory=list)
    last_key: str = ""

    def put(self, key: str, value: str, line: int) -> None:
        if not self.values.get(key):
            self.values[key] = value
            self.lines[key] = line
        self.last_key = key

    def get(self, key: str) -> str:
        return self.values.get(key, "")


def read_statement(content: bytes) -> Statement:
    """Read a statement.

    Raises ``FileRefusedError`` when the file is none, or its balances are unreadable.
    """
    return _Reader(content).read()


class _Reader:
    """One pass over the lines; knows which section it is in."""

    def __init__(self, content: bytes) -> None:
        declared = _declared_encoding(content)
        decoded = decode(content, declared=declared)
        # StringIO counts LF, CRLF and CR as line ends, which real files mix, and nothing else.
        self._lines = [line.rstrip("\n") for line in io.StringIO(decoded.text, newline=None)]
        self._statement = Statement(encoding=decoded.encoding)
        if declared and declared != decoded.encoding:
            self._note(
                None,
                f"объявлена кодировка {ENCODING_NAMES[declared]}, на деле "
                f"{ENCODING_NAMES[decoded.encoding]}; прочитано по содержимому",
            )
        for line in decoded.foreign_lines:
            self._note(line, "строка в UTF-8, хотя файл в другой кодировке; прочитана")
        self._header = _Section(line=1)
        self._account: _Section | None = None
        self._document: _Section | None = None

    def read(self) -> Statement:
        has_end = False
        for number, line in self._after_signature():
            key, separator, value = line.partition("=")
            word = key.strip().lower()
            if word == _END_OF_FILE and not separator:
                has_end = True
                break
            if not self._is_boundary(word, value.strip(), number):
                self._take(word, key.strip(), separator, value.strip(), number, line)
        self._finish(has_end=has_end)
        return self._statement

    def _note(self, line: int | None, text: str) -> None:
        self._statement.notices.append(Notice(line, text))

    def _after_signature(self) -> Iterator[tuple[int, str]]:
        is_started = False
        for number, line in enumerate(self._lines, start=1):
            stripped = line.strip()
            if not stripped:
                continue
            if is_started:
                yield number, stripped
            elif stripped.lower() == SIGNATURE.lower():
                is_started = True
            else:
                raise FileRefusedError(
                    f"выписка начинается со слова {SIGNATURE}, а здесь «{stripped[:80]}». "
                    "Выгрузите её из банк-клиента в формате «1С:Предприятие».",
                    line=number,
                )

    def _is_boundary(self, word: str, value: str, number: int) -> bool:
        if word == "секциярасчсчет":
            self._close_sections(number)
            self._account = _Section(line=number)
        elif word == "секциядокумент":
            self._close_sections(number)
            self._document = _Section(line=number, title=value)
        elif word == "конецрасчсчет":
            if self._account:
                self._close_account(self._account)
                self._account = None
        elif word in {"конецдокумента", "конецдокумент"}:
            if self._document:
                self._close_document(self._document)
                self._document = None
        else:
            return False
        return True

    def _close_sections(self, number: int) -> None:
        """A new section begins: what was left open is complete, since the file goes on."""
        for section in (self._account, self._document):
            if section:
                self._note(
                    number, f"раздел со строки {section.line} не закрыт; считаю его законченным"
                )
        if self._account:
            self._close_account(self._account)
        if self._document:
            self._close_document(self._document)
        self._account = self._document = None

    def _take(
        self, word: str, key: str, separator: str, value: str, number: int, line: str
    ) -> None:
        section = self._document or self._account or self._header
        section.raw.append(line)
        if not separator:
            self._continue_value(section, number, line)
            return
        if section is self._document:
            known = _DOCUMENT_KEYS
        else:
            known = _ACCOUNT_KEYS if section is self._account else _HEADER_KEYS
        if word not in known:
            self._note(number, f"неизвестный ключ «{key}»; пропущен")
            section.lines[word] = number
            section.values.setdefault(word, value)
            return
        if section is self._header and word == "расчсчет":
            self._statement.accounts.append(value)
        elif section is self._header and word == "документ":
            self._statement.document_kinds.append(value)
        section.put(word, value, number)

    def _continue_value(self, section: _Section, number: int, line: str) -> None:
        """A line without «=» carries on the value above it: purposes are broken over lines."""
        if not section.last_key:
            self._note(number, f"строка «{line[:60]}» без знака «=»; пропущена")
            return
        section.values[section.last_key] = f"{section.get(section.last_key)} {line}".strip()
        self._note(number, "строка без знака «=» присоединена к предыдущей")

    def _finish(self, *, has_end: bool) -> None:
        if self._account:
            self._close_account(self._account)
        if self._document:
            refused = self._document
            self._refuse(
                refused,
                "",
                "файл оборван внутри документа. Выгрузите выписку заново: остальные документы "
                "второй раз не загрузятся.",
            )
        if not has_end:
            self._note(None, "в конце нет слова КонецФайла: возможно, файл обрезан")
        self._statement.header = dict(self._header.values)
        for key in ("датаначала", "датаконца", "датасоздания"):
            if value := self._header.get(key):
                self._header_date(self._header, key, value)

    def _header_date(self, section: _Section, key: str, value: str) -> date | None:
        """A bad date of a header must not lose the documents below it."""
        try:
            return read_date(value)
        except FieldError:
            self._note(section.lines.get(key), f"дата «{value}» в заголовке не читается; пропущена")
            return None

    def _close_account(self, section: _Section) -> None:
        missing = [name for key, name in _BALANCE_KEYS.items() if not section.get(key)]
        if not section.get("расчсчет"):
            missing.insert(0, "РасчСчет")
        unknown = [key for key in section.values if key not in _ACCOUNT_KEYS]
        if missing and unknown:
            line = section.lines[unknown[0]]
            key = self._lines[line - 1].partition("=")[0].strip()
            raise FileRefusedError(
                f"в разделе СекцияРасчСчет (со строки {section.line}) неизвестный ключ «{key}» "
                f"и не хватает {', '.join(missing)}: остатки счёта не прочитать. Выгрузите выписку "
                "заново или исправьте ключ.",
                line=line,
            )
        if missing:
            self._note(section.line, f"в СекцияРасчСчет нет {', '.join(missing)}: сверка неполна")
        balances = {key: self._balance(section, key) for key in _BALANCE_KEYS}
        self._statement.turnovers.append(
            AccountTurnover(
                line=section.line,
                account=section.get("расчсчет"),
                date_from=self._optional_date(section, "датаначала"),
                date_to=self._optional_date(section, "датаконца"),
                opening=balances["начальныйостаток"],
                received=balances["всегопоступило"],
                spent=balances["всегосписано"],
                closing=balances["конечныйостаток"],
            )
        )

    def _balance(self, section: _Section, key: str) -> Decimal | None:
        value = section.get(key)
        if not value:
            return None
        try:
            return read_bank_amount(value)
        except FieldError as error:
            raise FileRefusedError(
                f"{_BALANCE_KEYS[key]}: {error}", line=section.lines[key]
            ) from None

    def _optional_date(self, section: _Section, key: str) -> date | None:
        value = section.get(key)
        return self._header_date(section, key, value) if value else None

    def _refuse(self, section: _Section, key: str, reason: str) -> None:
        line = section.lines.get(key, section.line)
        self._statement.refusals.append(
            Refusal(line, _STRICT_KEYS.get(key, ""), reason, "\n".join(section.raw))
        )

    def _close_document(self, section: _Section) -> None:
        key = "сумма"
        try:
            amount = read_bank_amount(section.get(key))
            if amount <= 0:
                raise FieldError(f"сумма документа {amount}. Она должна быть больше нуля.")
            key = "дата"
            document_date = read_date(section.get(key))
            dates = {}
            for key in ("датасписано", "датапоступило"):
                value = section.get(key)
                dates[key] = read_date(value) if value else None
        except FieldError as error:
            self._refuse(section, key, str(error))
            return
        self._statement.documents.append(
            BankDocument(
                line=section.line,
                kind=section.title or "Платежное поручение",
                number=section.get("номер"),
                document_date=document_date,
                amount=amount,
                payer=_party(section, "плательщик"),
                payee=_party(section, "получатель"),
                debited_on=dates["датасписано"],
                credited_on=dates["датапоступило"],
                purpose=_purpose(section),
                operation_code=section.get("видоплаты") or None,
                payment_code=section.get("код") or None,
                priority=section.get("очередность") or None,
                receipt=section.get("квитанциясодержание") or None,
                budget={
                    field_number: section.get(key)
                    for key, field_number in _BUDGET_KEYS.items()
                    if section.get("статуссоставителя") and section.get(key)
                },
                raw="\n".join(section.raw),
            )
        )


def _declared_encoding(content: bytes) -> str | None:
    """The value of the key «Кодировка», whichever encoding the key itself is written in."""
    for line in content.splitlines()[:20]:
        if b"=" not in line:
            continue
        key, _, value = line.partition(b"=")
        for encoding in ("utf-8", "cp1251", "cp866"):
            if key.strip().decode(encoding, errors="ignore").lower() == "кодировка":
                return _DECLARED_ENCODINGS.get(value.strip().decode("ascii", "ignore").lower())
    return None


def _party(section: _Section, side: str) -> Party:
    """Name and ИНН may be glued into one key (trap 5); the settlement account may stand in two."""
    name, inn = section.get(f"{side}1") or section.get(side), section.get(f"{side}инн")
    if match := _GLUED_NAME.fullmatch(name):
        name = match[2]
        if not inn and _INN.fullmatch(match[1]):
            inn = match[1]
    accounts = (section.get(f"{side}расчсчет"), section.get(f"{side}счет"))
    bank = " ".join(filter(None, (section.get(f"{side}банк1"), section.get(f"{side}банк2"))))
    return Party(
        name=name or None,
        inn=inn or None,
        kpp=section.get(f"{side}кпп") or None,
        accounts=tuple(dict.fromkeys(account for account in accounts if account)),
        bank=bank or None,
        bic=section.get(f"{side}бик") or None,
        correspondent_account=section.get(f"{side}корсчет") or None,
    )


def _purpose(section: _Section) -> str:
    """The purpose is given whole and again by lines: take one, never both (trap 5).

    The lines win only where the whole one is their beginning, cut short by the bank.
    """
    whole = " ".join(section.get("назначениеплатежа").split())
    by_lines = " ".join(" ".join(section.get(key).split()) for key in _PURPOSE_LINES).strip()
    if not whole or by_lines.startswith(whole):
        return by_lines
    return whole
