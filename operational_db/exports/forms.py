"""The report forms as rows and columns: exactly those of the source documents, in their order.

The workbook, the printed form and the screen all take their shape from here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from operational_db.exports.form_xlsx import FormColumn, FormRow
from operational_db.imports.values import rubles
from operational_db.services.forms.receipts_register import CHANNELS, STATES
from operational_db.services.forms.resource_report import LEVELS, key_of

Row = Mapping[str, Any]

SUM = "Сумма"
VOLUME = "Объем"


def _sums(*named: tuple[str, str]) -> tuple[FormColumn, ...]:
    return tuple(
        FormColumn(key, SUM, "money", 17, over=over, has_total=True) for key, over in named
    )


TURNOVER_COLUMNS = (
    FormColumn("name", "Наименование Заказчика / Услуга / Лицевой счёт", width=58),
    *_sums(
        ("opening", "Сальдо на начало"),
        ("charged", "Начисления"),
        ("recalculated", "Перерасчет"),
        ("paid", "Оплата"),
        ("adjusted", "Корректировка"),
        ("written_off", "Списание"),
        ("closing", "Сальдо на конец"),
    ),
)
PAYMENT_REQUEST_COLUMNS = (
    FormColumn("ordinal", "№ п/п", "count", 7),
    FormColumn("number", "Номер", width=14),
    FormColumn("desired_on", "Желаемая дата", "date", 12),
    FormColumn("amount", "Сумма документа", "money", 16, has_total=True),
    FormColumn("counterparty", "Контрагент", width=28),
    FormColumn("alternative_recipient", "Альтернативный получатель", width=24),
    FormColumn("contract", "Договор контрагента", width=20),
    FormColumn("purpose", "Назначение платежа", width=42),
    FormColumn("responsibility_centre", "ЦФО", width=16),
    FormColumn("settlement_account", "Расчетный счет", width=24),
    FormColumn("initiator", "Инициатор", width=22),
)
RECEIPT_COLUMNS = (
    FormColumn("ordinal", "№ п/п", "count", 7),
    FormColumn("paid_on", "Дата приёма", "date", 12),
    FormColumn("credited_on", "Дата зачисления", "date", 12),
    FormColumn("agent", "Агент / касса", width=24),
    FormColumn("operation", "№ операции", width=16),
    FormColumn("account_number", "ЛС", width=14),
    FormColumn("holder_name", "ФИО", width=30),
    FormColumn("address", "Адрес", width=42),
    FormColumn("period", "Период", width=18),
    FormColumn("services", "Услуга", width=34),
    FormColumn("amount", "Сумма", "money", 15, has_total=True),
    FormColumn("commission", "Комиссия", "money", 12, has_total=True),
    FormColumn("receipt_number", "Чек №", width=14),
    FormColumn("state", "Статус разнесения", width=20),
)
DEBT_COLUMNS = (
    FormColumn("ordinal", "№ п/п", "count", 7),
    FormColumn("account_number", "Лицевой счет", width=16),
    FormColumn("holder_name", "ФИО", width=36),
    FormColumn("address", "Адрес", width=52),
    FormColumn("charged", "Начисления за отчетный период, руб.", "money", 20, has_total=True),
    FormColumn("debt", "Всего задолженность, руб.", "money", 20, has_total=True),
    FormColumn("months", "Количество месяцев", "count", 13),
)
RESOURCE_COLUMNS = (
    FormColumn(
        "name",
        "Поставщик / Тип потребления / Вид расчета / Вид тарифа, тарифная ставка / "
        "Вариант расчета объема потребления / Норматив потребления, значение норматива / "
        "Код, Дом, Помещение",
        width=66,
    ),
    FormColumn("total_area", "Помещение площадь общая", "area", 14),
    FormColumn("useful_area", "Помещение площадь полезная", "area", 14),
    FormColumn("accounts", "Количество лицевых счетов", "count", 12),
    FormColumn("charged_volume", VOLUME, "volume", 16, over="Начисления", has_total=True),
    FormColumn("charged", SUM, "money", 16, over="Начисления", has_total=True),
    FormColumn("recalculated_volume", VOLUME, "volume", 14, over="Перерасчет", has_total=True),
    FormColumn("recalculated", SUM, "money", 14, over="Перерасчет", has_total=True),
    FormColumn("volume", VOLUME, "volume", 16, over="ВСЕГО", has_total=True),
    FormColumn("amount", SUM, "money", 16, over="ВСЕГО", has_total=True),
)

CONSUMPTION = {False: "Индивидуальное", True: "На содержание общего имущества"}
METHODS = {
    "meter": "По показаниям прибора учёта",
    "norm": "По нормативу потребления",
    "area": "По площади помещения",
    "other": "По объёму из начисления",
}
NORM_BASES = {"person": "на человека", "square_metre": "на м² площади"}
NAME_OF_TURNOVER_ROW = {
    "customer": "organisation_name",
    "service": "service_name",
    "account": "account_number",
}
TOTAL = "Итого"
SERVICES_NAMED = 3


def turnover_rows(rows: Iterable[Row]) -> Iterator[FormRow]:
    """Customers, services, accounts and the total of the turnover sheet, as they come."""
    for row in rows:
        kind = row["row_kind"]
        if kind == "total":
            yield FormRow({**row, "name": TOTAL}, is_total=True)
            continue
        yield FormRow(
            {**row, "name": row[NAME_OF_TURNOVER_ROW[kind]]},
            level=list(NAME_OF_TURNOVER_ROW).index(kind),
            descendants=row["descendants"],
        )


def turnover_group_rows(rows: Sequence[Row]) -> Iterator[FormRow]:
    """The same of groups without accounts: a customer has as many rows below it as services."""
    services: dict[int, int] = {}
    for row in rows:
        if row["row_kind"] == "service":
            services[row["organisation_id"]] = services.get(row["organisation_id"], 0) + 1
    yield from turnover_rows(
        {**row, "descendants": services.get(row["organisation_id"], 0)}
        if row["row_kind"] == "customer"
        else {**row, "descendants": 0}
        for row in rows
    )


def resource_rows(
    groups: Sequence[Row], premises: Mapping[tuple, Sequence[Row]] | None = None
) -> Iterator[FormRow]:
    """The nested rows of the resource report; with ``premises`` by ``key_of`` also those."""
    below = premises or {}
    for place, row in enumerate(groups):
        level = row["level"]
        if level is None:
            yield FormRow({**row, "name": TOTAL}, is_total=True)
            continue
        own = below.get(key_of(row), ()) if level == len(LEVELS) - 2 else ()
        yield FormRow(
            {**row, "name": resource_name(row)},
            level=level,
            descendants=_rows_below(groups, place, below) + len(own),
        )
        for flat in own:
            yield FormRow({**flat, "name": premises_name(flat)}, level=level + 1)


def resource_name(row: Row) -> str:
    """What a row of the resource report is called on its level."""
    match LEVELS[row["level"]]:
        case "supplier":
            return row["supplier_name"]
        case "consumption":
            return CONSUMPTION[row["is_common"]]
        case "service":
            return row["service_name"]
        case "tariff":
            if row["price"] is None:
                return "Тариф не задан"
            return f"{_plain(row['price'])} ₽ за {row['unit'] or 'единицу'}: {row['act']}"
        case "method":
            return METHODS[row["method"]]
        case _:
            if row["norm_amount"] is None:
                return "Норматив не применяется"
            unit = f" {row['unit']}" if row["unit"] else ""
            return f"Норматив: {_plain(row['norm_amount'])}{unit} {NORM_BASES[row['norm_basis']]}"


def premises_name(row: Row) -> str:
    """Code, house and number of premises; accounts without an address are told as such."""
    if row["premises_id"] is None:
        return "Адрес не известен"
    return f"{row['premises_id']}, {row['house_address']}, {row['premises_number']}"


def receipt(row: Row) -> dict[str, Any]:
    """A receipt with what people read instead of codes."""
    return {
        **row,
        "agent": row["agent_name"] or CHANNELS[row["channel"]],
        "period": _period(row),
        "services": _services(row["services"], row["to_awards"]),
        "state": STATES[row["state"]],
    }


def plain_rows(rows: Iterable[Row], totals: Row) -> Iterator[FormRow]:
    """Rows of a form without groups, and its last row."""
    for row in rows:
        yield FormRow(row)
    yield FormRow(totals, is_total=True)


def _rows_below(groups: Sequence[Row], place: int, premises: Mapping[tuple, Sequence[Row]]) -> int:
    count = 0
    for row in groups[place + 1 :]:
        if row["level"] is None or row["level"] <= groups[place]["level"]:
            break
        count += 1
        if row["level"] == len(LEVELS) - 2:
            count += len(premises.get(key_of(row), ()))
    return count


def _period(row: Row) -> str | None:
    """The month that the payer named, else the months that the money closed."""
    if row["named_period"]:
        return _month(row["named_period"])
    first, last = row["first_period"], row["last_period"]
    if first is None:
        return None
    return _month(first) if first == last else f"{_month(first)} – {_month(last)}"


def _services(listed: str | None, to_awards: Decimal) -> str | None:
    """All services of a flat would make a line of a register ten lines high.

    What repaid duty and penalty that a court awarded is told with its sum: no service has it.
    """
    names = listed.split("; ") if listed else []
    told = listed
    if len(names) > SERVICES_NAMED:
        told = f"{', '.join(names[:2])} и ещё {len(names) - 2}"
    if not to_awards:
        return told
    awards = f"пошлина и пени по суду {rubles(to_awards)}\N{NO-BREAK SPACE}₽"
    return f"{told}; {awards}" if told else awards


def _month(month: date) -> str:
    return f"{month:%m.%Y}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")
