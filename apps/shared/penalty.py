"""Penalty as screens show it: lines with their grounds, months, the comparison, the warning."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from apps.shared.charts import penalty_bars, show_chart
from apps.shared.tables import Column, show_table
from document_gen import penalty_words
from document_gen.russian import period_ru, rubles
from operational_db.services.penalty import Penalty

AMBER_ROW = "#fdf3e1"
MONTHS_IN_A_CHART = 3
"""A chart of fewer months tells nothing that the table does not."""

LINE_COLUMNS = (
    Column("month", "За месяц", width=130),
    Column("base_amount", "Задолженность, ₽", "money", width=120),
    Column("date_from", "С", "date", width=90),
    Column("date_to", "По", "date", width=90),
    Column("day_count", "Дней", "count", width=60, has_total=True),
    Column("rate", "Ставка, %", width=80, help="Ключевая ставка с учётом ограничения"),
    Column("fraction", "Доля", width=65),
    Column("formula", "Формула", width=230),
    Column("penalty_amount", "Пени, ₽", "money", width=95, has_total=True),
    Column("begins", "Почему с этого дня", width=285),
    Column("ends", "Почему по этот день", width=270),
)
LINK_COLUMNS = (
    Column("liability_name", "Обязательство", width=150),
    Column("due_date", "Срок оплаты", "date", width=100),
    Column("bill_delivered_date", "Счёт доставлен", "date", width=110),
    Column("charges", "Начисления №", width=160),
    Column("payment", "Погашено (№)", width=110),
    Column("step_id", "Правило", width=190),
    Column("step_act", "Акт", width=300),
    Column("key_rate_start_date", "Ключевая ставка с", "date", width=120),
    Column("cap_id", "Ограничение ставки", width=130),
    Column("is_verified", "Проверено", width=90),
)
MONTH_COLUMNS = (
    Column("month", "За месяц", width=150),
    Column("liability_name", "Обязательство", width=160),
    Column("due_date", "Срок оплаты", "date", width=100),
    Column("debt", "Просроченный долг, ₽", "money", width=150, has_total=True),
    Column("penalty", "Пени, ₽", "money", width=110, has_total=True),
    Column(
        "stepped_penalty",
        "Другие программы, ₽",
        "money",
        width=150,
        help="Со ставкой каждого дня просрочки",
        has_total=True,
    ),
    Column("difference", "Разница, ₽", "money", width=110, has_total=True),
)


def told_lines(penalty: Penalty) -> list[dict[str, Any]]:
    """Lines with the words that a reader needs; numbers of facts are links to them."""
    return [
        {
            **line,
            "month": period_ru(line["period"]),
            "liability_name": penalty_words.LIABILITIES[line["liability"]],
            "rate": penalty_words.rate(line["rate_pct"]),
            "fraction": penalty_words.fraction(line),
            "formula": penalty_words.formula(line),
            "begins": penalty_words.begins(line),
            "ends": penalty_words.ends(line),
            "charges": penalty_words.numbers(line["charge_ids"]) or None,
            "payment": line["closed_by_id"],
        }
        for line in penalty.lines
    ]


def show_penalty(penalty: Penalty, tables: Sequence[Mapping[str, Any]], *, key: str) -> None:
    """Figures, the warning, the chart, lines by month, and what other programs would say."""
    total = penalty.total
    tiles = st.columns([1, 1, 1, 2])
    tiles[0].metric("Просроченный долг", rubles(total["debt"]), border=True)
    tiles[1].metric("Пени по закону", rubles(total["penalty"]), border=True)
    tiles[2].metric("Всего", rubles(total["debt_and_penalty"]), border=True)
    with tiles[3], st.container(border=True, key=f"{key}_comparison"):
        st.caption(
            penalty_words.difference(
                total["penalty"], total["stepped_penalty"], total["difference"]
            )
        )
    if repaid := total.get("repaid_penalty"):
        st.info(penalty_words.repaid(repaid, "₽"))
    if warning := penalty_words.without_rate(penalty.lines_without_rate):
        st.error(warning)
    if warning := penalty_words.unverified(penalty.unverified_lines, tables):
        st.warning(warning)
    months = [
        {
            **month,
            "month": period_ru(month["period"]),
            "liability_name": penalty_words.LIABILITIES[month["liability"]],
        }
        for month in penalty.months
    ]
    if len(months) >= MONTHS_IN_A_CHART:
        show_chart(penalty_bars("Пени по месяцам долга, ₽", months), key=f"{key}_chart", height=190)
    shown = st.segmented_control(
        "Показать пени",
        ["Построчно", "По месяцам и сравнение"],
        default="Построчно",
        key=f"{key}_view",
        label_visibility="collapsed",
    )
    if shown == "По месяцам и сравнение":
        show_table(
            months,
            MONTH_COLUMNS,
            key=f"{key}_months",
            totals={
                "month": "Итого",
                **{
                    name: total[name]
                    for name in ("debt", "penalty", "stepped_penalty", "difference")
                },
            },
            height=420 if len(months) > 13 else "content",
        )
        return
    lines = told_lines(penalty)
    if not lines:
        st.info("Долг просрочен, но пени на эту дату нет: первые дни просрочки их не несут.")
        return
    show_table(
        lines,
        (*LINE_COLUMNS, *LINK_COLUMNS),
        key=f"{key}_lines",
        totals={"month": "Итого", "penalty_amount": total["penalty"]},
        height=450 if len(lines) > 14 else "content",
        highlight=lambda line: None if line["is_verified"] else AMBER_ROW,
    )
    st.caption(
        "Строка – дни подряд, за которые часть долга несёт пени по одному правилу. Каждая строка "
        "округлена до копейки, итог – сумма строк. Номера начислений, оплат, правила и ставки – в "
        "столбцах справа."
    )
