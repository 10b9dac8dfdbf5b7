"""What a line of penalty says to people: the fraction, the formula, why it begins and why it ends.

One wording for the command line, the screens and the documents. A line is a row of the warehouse; a
payment that closed it may bring its number, document and sum along (``payment_document``, …).
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from document_gen.russian import amount, counted, date_ru

Line = Mapping[str, Any]

LIABILITIES = {"housing": "жильё и услуги", "capital_repair": "капитальный ремонт"}
CLOSED_BY = {"payment": "оплата", "write_off": "списание", "recalculation": "перерасчёт"}


def fraction(line: Line) -> str:
    """The share of the rate that a day bears: 1/300."""
    return f"1/{line['denominator']}"


def rate(value: Decimal | None) -> str:
    """Per cent without idle zeros: 9,5; unknown is a dash."""
    return "—" if value is None else f"{value.normalize():f}".replace(".", ",")


def formula(line: Line) -> str:
    """The line as a reader may check it with a calculator."""
    return (
        f"{amount(line['base_amount'])} × {line['day_count']} × {fraction(line)} × "
        f"{rate(line['rate_pct'])} %"
    )


def begins(line: Line) -> str:
    """Why the line begins on its first day."""
    day = f"{line['first_delay_day']}-й день просрочки"
    if line["bill_delivered_date"] is not None:
        day += f" (счёт доставлен {date_ru(line['bill_delivered_date'])})"
    return {
        "step": day,
        "moratorium_end": f"окончился мораторий, {day}",
        "hold_end": f"окончилась приостановка, {day}",
        "refund": f"оплата возвращена, {day}",
        "rate": f"изменилась ставка, {day}",
        "asked": f"более ранние дни в это требование не входят, {day}",
    }.get(line["begins_because"], f"вступило в силу правило, {day}")


def ends(line: Line) -> str:
    """Why the line ends on its last day; what closed the debt is named by its number."""
    if line["ends_because"] == "closed":
        return closed_by(line)
    return {
        "calculation": "день расчёта, долг не погашен",
        "moratorium": "начался мораторий",
        "hold": "начислять приостановлено",
        "rate": "изменилась ставка",
        "asked": "более поздние дни в это требование не входят",
    }.get(line["ends_because"], "изменилась доля ставки")


def closed_by(line: Line) -> str:
    """What closed the debt: its kind, its number here, its day, and the document of the payer."""
    what = CLOSED_BY[line["closed_by_kind"]]
    told = f"{what} № {line['closed_by_id']} от {date_ru(line['closed_by_date'])}"
    if document := line.get("payment_document"):
        told += f", док. {document}"
    return told


def numbers(ids: Iterable[int]) -> str:
    """Numbers of facts as a reader wants them: 101–106, 110."""
    spans: list[list[int]] = []
    for number in sorted(ids):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(
        f"{first}" if first == last else f"{first}{'–' if last > first + 1 else ', '}{last}"
        for first, last in spans
    )


def unverified(count: int, tables: Sequence[Mapping[str, Any]]) -> str | None:
    """The warning of a reckoning of which ``count`` lines rest on what is not verified; or None.

    ``tables`` say how far each table of law is verified: ``title`` and ``verified_through``.
    """
    if not count:
        return None
    through = "; ".join(
        f"{table['title'].lower()} – по {date_ru(table['verified_through'])}"
        for table in tables
        if table["verified_through"] is not None
    )
    lines = counted(count, "строка пени опирается", "строки пени опираются", "строк пени опираются")
    return (
        f"{lines} на непроверенные ставку или ограничение. Проверено: {through}. "
        "До подачи в суд уточните справочники."
    )


def without_rate(count: int) -> str | None:
    """The warning of a reckoning of which ``count`` lines have no rate, so no sum; or None."""
    if not count:
        return None
    lines = counted(count, "строка пени", "строки пени", "строк пени")
    return (
        f"{lines} без ставки: на день оплаты или расчёта в справочнике нет ключевой ставки. В итог "
        "они не вошли. Дополните справочник ставок и пересчитайте."
    )


def repaid(sum_repaid: Decimal, currency: str = "руб.") -> str:
    """What acts of courts brought of the penalty: the sums beside it are of all that accrued."""
    return (
        f"Из этих пеней по судебным актам уже получено {amount(sum_repaid)} {currency}: "
        "в сумме пеней и во «Всего» они не вычтены."
    )


def difference(law: Decimal, stepped: Decimal, by: Decimal) -> str:
    """How other programs would differ, and why. ``by`` is stepped less law, made in SQL."""
    if by == 0:
        return (
            "Программы, которые меняют ставку по дням просрочки, посчитали бы столько же: за эти "
            "дни ставка не менялась или разница сошлась."
        )
    more = "больше" if by > 0 else "меньше"
    return (
        f"Другие программы посчитали бы {amount(stepped)} ₽ – на {amount(abs(by))} ₽ {more}. Они "
        "берут для каждого дня просрочки ставку этого дня. По ЖК РФ ст. 155 ч. 14 ставка одна на "
        "весь срок просрочки: на день оплаты, а для непогашенного – на день расчёта, поэтому "
        f"правильно {amount(law)} ₽."
    )
