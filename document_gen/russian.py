"""How sums, dates, counts and names are written in Russian, in documents and on screens alike.

Only forms live here, no arithmetic. Every function that takes a value which may be unknown
answers ``—`` for ``None``, so that an unknown figure is never shown as a zero.
Screens, documents and workbooks import this module: one figure looks the same everywhere.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from pytils import numeral

THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
UNKNOWN = "\N{EM DASH}"
RUBLE = "\N{RUBLE SIGN}"

MONTHS = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
]
MONTHS_GENITIVE = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]

SCALES = ((0, 0, ""), (3, 1, "тыс."), (6, 1, "млн"), (9, 1, "млрд"), (12, 1, "трлн"))
"""The units a short sum is told in: power of ten, decimals, name."""

LARGEST_SUM = Decimal("999999999999.99")
"""The largest sum of ``numeric(14, 2)``, the type of every sum in the database."""

BILLION = 10**9


def amount(value: Decimal | int | None) -> str:
    """A sum without its currency, to the kopeck, for columns headed «руб.»: ``1 234 567,89``."""
    return UNKNOWN if _is_unknown(value) else _grouped(value, digits=2)


def rubles(value: Decimal | int | None) -> str:
    """A sum with its currency, ``−1 234,50 ₽``; an exact zero is ``0 ₽`` and unknown is ``—``."""
    if _is_unknown(value):
        return UNKNOWN
    return f"{_grouped(value, digits=0 if value == 0 else 2)}{SPACE}{RUBLE}"


def short_rubles(value: Decimal | int | None) -> str:
    """A sum for a tile: ``12,4 млн ₽``, ``980,5 тыс. ₽``, ``845 ₽``."""
    if _is_unknown(value):
        return UNKNOWN
    for power, digits, unit in SCALES:
        # Compared after rounding, or 999 999 would be told as «1 000,0 тыс.»
        figure = _rounded(_exact(value).scaleb(-power), digits)
        told = SPACE.join(filter(None, (_grouped(figure, digits), unit, RUBLE)))
        if abs(figure) < 1000:
            break
    return told


def percent(share: Decimal | int | None, digits: int = 1) -> str:
    """A share of one as a percentage: ``Decimal("0.943")`` is ``94,3 %``."""
    if _is_unknown(share):
        return UNKNOWN
    return f"{_grouped(_exact(share).scaleb(2), digits)}{SPACE}%"


def number(value: Decimal | int | None, digits: int = 0) -> str:
    """A count or a measure: ``12 345`` or, with ``digits=3``, ``24 140,043``."""
    return UNKNOWN if _is_unknown(value) else _grouped(value, digits)


def plural(count: int, one: str, few: str, many: str) -> str:
    """The word that agrees with the count: ``счёт`` for 1, ``счёта`` for 2, ``счетов`` for 5."""
    last_two = abs(count) % 100
    if 11 <= last_two <= 14:
        return many
    last = last_two % 10
    if last == 1:
        return one
    return few if 2 <= last <= 4 else many


def counted(count: int, one: str, few: str, many: str) -> str:
    """The count with its word, kept on one line: ``21 счёт``, ``5 000 счетов``."""
    return f"{number(count)}{SPACE}{plural(count, one, few, many)}"


def amount_in_words(value: Decimal | int) -> str:
    """A sum as payment orders and court papers spell it: ``Сто двадцать один рубль 05 копеек``.

    Roubles are words and kopecks two figures, the custom of Russian bank and court forms.
    Raises ``ValueError`` for a negative sum (say «переплата» and give its absolute value), for
    one with fractions of a kopeck, and for one larger than the database can hold.
    """
    exact = _exact(value)
    if not 0 <= exact <= LARGEST_SUM:
        raise ValueError(f"Прописью пишется сумма от 0 до {amount(LARGEST_SUM)} руб., а не {value}")
    if exact != _rounded(exact, 2):
        raise ValueError(f"Прописью пишется сумма до копейки, а не {value}")
    roubles, kopecks = divmod(int(exact.scaleb(2)), 100)
    words = [
        _whole_number_in_words(roubles),
        plural(roubles, "рубль", "рубля", "рублей"),
        f"{kopecks:02d}",
        plural(kopecks, "копейка", "копейки", "копеек"),
    ]
    text = " ".join(words)
    return text[0].upper() + text[1:]


def amount_in_full(value: Decimal | int) -> str:
    """A sum as court papers give it: ``1 234,50 руб. (одна тысяча … рубля 50 копеек)``.

    Raises ``ValueError`` as ``amount_in_words`` does.
    """
    words = amount_in_words(value)
    return f"{amount(value)}{SPACE}руб. ({words[0].lower()}{words[1:]})"


def date_ru(day: date | None) -> str:
    """``31.12.2026``."""
    return UNKNOWN if day is None else f"{day.day:02d}.{day.month:02d}.{day.year:04d}"


def date_long(day: date | None) -> str:
    """``31 декабря 2026 г.``, with the day kept by its month and the year by its «г.»."""
    if day is None:
        return UNKNOWN
    return f"{day.day}{SPACE}{MONTHS_GENITIVE[day.month - 1]} {day.year}{SPACE}г."


def moment_ru(moment: datetime | None) -> str:
    """``21.11.2026 02:14``, in the time zone that the moment arrives in."""
    if moment is None:
        return UNKNOWN
    return f"{date_ru(moment.date())}{SPACE}{moment.hour:02d}:{moment.minute:02d}"


def period_ru(period: date | None) -> str:
    """The month of a date: ``ноябрь 2026``."""
    return UNKNOWN if period is None else f"{MONTHS[period.month - 1]} {period.year}"


def periods_ru(first: date, last: date) -> str:
    """A run of months, ``ноябрь 2023 – октябрь 2026``; a single month is named once."""
    if (first.year, first.month) == (last.year, last.month):
        return period_ru(first)
    return f"{period_ru(first)} – {period_ru(last)}"


def from_to_ru(first: date, last: date) -> str:
    """A period by its days: ``с 01.03.2024 по 31.08.2026``."""
    return f"с{SPACE}{date_ru(first)} по{SPACE}{date_ru(last)}"


ADDRESS_WORDS = re.compile(
    r"\b(г|ул|д|кв|корп|к|стр|пос|р-н|обл|пер|пр-т|ш|с|дер|п|пл|бул|наб|мкр|пом|оф|эт|лит|№)(\.?) "
)


def glued(text: str) -> str:
    """An address or a reference whose «ул.», «д.», «№» stay on the line of what they name."""
    text = ADDRESS_WORDS.sub(lambda found: f"{found.group(1)}{found.group(2)}{SPACE}", text)
    return text.replace("№ ", f"№{SPACE}")


def listed(words: Iterable[str]) -> str:
    """Words in a row, small unless they are abbreviations: ``отопление, ТКО``."""
    return ", ".join(
        word if len(word) > 1 and word[1].isupper() else word[:1].lower() + word[1:]
        for word in words
    )


def initials(last_name: str, first_name: str | None = None, patronymic: str | None = None) -> str:
    """``Иванов И. И.``; a double name keeps its hyphen, ``Ким А.-М.``; absent parts are left out.

    Ordinary spaces, since people search lists and workbooks for exactly these words.
    """
    letters = [_initial(name) for name in (first_name, patronymic)]
    return " ".join(filter(None, [last_name.strip(), *letters]))


def _initial(name: str | None) -> str:
    # «Гасан оглы» and «Гасан кызы» are known by their first word; «-» in a file means no name.
    first_word = (name or "").strip().partition(" ")[0]
    return "-".join(f"{part[0].upper()}." for part in first_word.split("-") if part)


def _is_unknown(value: Decimal | int | None) -> bool:
    return value is None or (isinstance(value, Decimal) and value.is_nan())


def _exact(value: Decimal | int) -> Decimal:
    # A binary fraction has already lost kopecks; it must not reach paper looking exact.
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"Сумма должна быть Decimal или int, а не {type(value).__name__}")
    exact = Decimal(value)
    if not exact.is_finite():
        raise ValueError(f"Сумма должна быть конечным числом, а не {value}")
    return exact


def _rounded(value: Decimal | int, digits: int) -> Decimal:
    """Round halves away from zero, as PostgreSQL rounds ``numeric``."""
    return _exact(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def _grouped(value: Decimal | int, digits: int) -> str:
    rounded = _rounded(value, digits)
    text = f"{abs(rounded):,.{digits}f}".replace(",", THIN_SPACE).replace(".", ",")
    # Compared after rounding, so that a negative crumb is «0,00» and never «−0,00».
    return f"{MINUS}{text}" if rounded < 0 else text


def _whole_number_in_words(value: int) -> str:
    # pytils stops at a hundred billion, so the billions are spelt apart from the rest.
    billions, rest = divmod(value, BILLION)
    words = []
    if billions:
        forms = ("миллиард", "миллиарда", "миллиардов")
        words.append(numeral.sum_string(billions, numeral.MALE, forms))
    if rest or not billions:
        words.append(numeral.in_words_int(rest, numeral.MALE))
    return " ".join(words)
