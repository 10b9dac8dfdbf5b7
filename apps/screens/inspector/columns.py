"""The columns of «Маршрутный лист обхода», in the order of the form."""

from operational_db.exports.form_xlsx import FormColumn

SHEET_COLUMNS = (
    FormColumn("ordinal", "№", "count", 6),
    FormColumn("name", "Адрес: подъезд, этаж, помещение", width=44),
    FormColumn("account_number", "ЛС", width=14),
    FormColumn("holder_name", "ФИО", width=30),
    FormColumn("overdue_debt", "Долг, ₽", "money", 14, has_total=True),
    FormColumn("overdue_months", "Мес.", "count", 7),
    FormColumn("purpose", "Цель", width=22),
    FormColumn("result", "Результат", width=20),
    FormColumn("paper", "Документ вручён №", width=18),
    FormColumn("contacts", "Контакты уточнены", width=20),
    FormColumn("meter", "Прибор, показания", width=18),
    FormColumn("signature", "Подпись", width=12),
    FormColumn("comment", "Комментарий координатору", width=28),
)
"""Columns of «Маршрутный лист обхода»: what stands after the purpose is written at the door."""
