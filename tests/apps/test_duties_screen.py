"""Duties are counted, put into a register, taken out as files, paid, offset and refunded."""

import pytest

from apps import menu
from tests.apps import town
from tests.apps.conftest import plain, table_with
from tests.apps.test_courts_screen import COURTS

KINDS = ["order", "claim"]
DETAILS = """
    insert into ops.court_payment_details (
        court_code, payee, inn, kpp, oktmo, kbk, bic, account_number, correspondent_account, bank,
        valid_from, source
    )
    select court_code, 'Казначейство России (ФНС России)', '7727406020', '770801001', '45930000',
        '18210803010011050110', '017003983', '03100643000000018500', '40102810445370000059',
        'ОТДЕЛЕНИЕ ТУЛА БАНКА РОССИИ', '2026-01-01', 'сайт суда'
    from ops.court
"""


@pytest.fixture
def duties(open_as, change):
    """The screen of a company whose houses belong to section 84."""
    change(COURTS)
    change(DETAILS)
    change(
        "insert into ops.house_court_decision (house_id, court_kind, court_code, basis) "
        "select house_id, 'MS', '50MS0084', 'письмо' from ops.house"
    )
    change(f"update ops.organisation set kpp = '770001001' where organisation_id = {town.UYUT}")
    change(
        "update ops.bank_account set correspondent_account = '30101810400000000225' "
        f"where organisation_id = {town.UYUT}"
    )

    def start(login="accountant", **query):
        return open_as(login, menu.DUTIES, **query)

    return start


def click(app, key):
    app.button(key=key).click().run()
    assert not app.exception, [problem.stack_trace for problem in app.exception]
    return app


def calculate(app, account="000101", claim="150 000", kind=None):
    app.text_input(key="duty_account").set_value(account).run()
    app.text_input(key="duty_sum").set_value(claim)
    if kind:
        app.selectbox(key="duty_kind").select_index(KINDS.index(kind))
    return click(app, "duty_add")


def test_a_screen_without_duties_says_so(duties):
    app = duties()
    assert any("Пошлин с такими условиями нет" in info.value for info in app.info)
    assert "Составить реестр: 0 пошлин" in plain(app.button(key="register_make").label)
    assert app.button(key="register_make").disabled


def test_a_duty_is_counted_for_a_debtor_and_stands_in_the_list(duties):
    app = duties()
    app.text_input(key="duty_account").set_value("999").run()
    assert "«999»" in app.error[0].value
    app = calculate(app, claim="много")
    assert "цену требования" in app.error[0].value
    app = calculate(app)
    row = table_with(app, "Пошлина, ₽").iloc[0]
    assert (row["ЛС"], row["Должник"]) == ("000101", "Иванов Пётр Сергеевич")
    assert (row["Пошлина, ₽"], row["Суд"]) == (2750, "Судебный участок № 84")
    assert row["Статус"] == "рассчитана"


def test_an_order_above_the_limit_is_refused(duties, ask):
    app = calculate(duties(), claim="500000,01")
    assert "Подавайте иск" in app.error[0].value
    assert ask("select count(*) from ops.state_duty") == [(0,)]


def test_a_register_is_made_and_its_files_are_noted_when_taken(duties, ask, files):
    app = calculate(duties())
    app = calculate(app, account="000102", claim="30000")
    assert "2 пошлины, 4 750,00" in plain(app.button(key="register_make").label)
    click(app, "register_make")
    assert not app.error
    assert ask("select number, items, total from ops.duty_register") == [(1, 2, 4750)]
    assert set(table_with(app, "Пошлина, ₽")["Статус"][:2]) == {"на оплате"}

    assert app.button(key="register_bank").disabled
    app.selectbox(key="register_purpose").set_value("Оплата госпошлины").run()
    for key, name, mark in (
        ("register_bank", "1c_to_kl.txt", b"1CClientBankExchange"),
        ("register_sap", "pain.001-1.xml", b"pain.001.001.09"),
    ):
        click(app, key)
        assert app.get("download_button")[-1].label == f"Скачать {name}"
        assert mark in files[-1]()
    # Taken once more: noted once more.
    files[-1]()
    noted = ask(
        "select purpose, details ->> 'file_name' from ops.audit_event "
        "where object_kind = 'duty_register' order by audit_event_id"
    )
    assert noted == [
        ("Оплата госпошлины", "1c_to_kl.txt"),
        ("Оплата госпошлины", "pain.001-1.xml"),
        ("Оплата госпошлины", "pain.001-1.xml"),
    ]


def test_a_duty_goes_to_the_bank_with_its_uin(duties, ask):
    app = calculate(duties())
    app.text_area(key="register_uins").input("ГП-1 18810123456789012345").run()
    click(app, "register_make")
    assert not app.error
    assert ask("select state_duty_id, uin from ops.duty_register_item") == [
        (1, "18810123456789012345")
    ]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("1 1234", "в нём 20 или 25 цифр"),
        ("первая 18810123456789012345", "номер пошлины"),
        ("1 18810123456789012345\n1 18810123456789012345", "указан дважды"),
    ],
)
def test_a_uin_that_cannot_be_stops_the_register_and_names_the_line(duties, written, told):
    app = calculate(duties())
    app.text_area(key="register_uins").input(written).run()
    assert any(told in error.value and "Строка" in error.value for error in app.error)
    assert app.button(key="register_make").disabled


def test_a_uin_of_a_duty_that_is_not_in_the_register_is_not_lost_silently(duties, ask):
    app = calculate(duties())
    app.text_area(key="register_uins").input("77 18810123456789012345").run()
    click(app, "register_make")
    assert "пошлины № 77" in app.error[0].value
    assert ask("select count(*) from ops.duty_register") == [(0,)]


def test_the_register_of_duties_goes_out_as_a_workbook(duties, ask):
    app = calculate(duties())
    click(app, "duties_export")
    app.selectbox(key="export_purpose").set_value("Ответ на запрос").run()
    click(app, "export_make")
    assert app.get("download_button")[-1].label == "Скачать файл"
    assert ask("select object_kind from ops.audit_event where action = 'export'") == [
        ("state_duties",)
    ]


def test_a_register_without_kpp_of_the_payer_is_not_made(duties, change, ask):
    app = calculate(duties())
    change("update ops.organisation set kpp = null")
    click(app, "register_make")
    assert "КПП плательщика" in app.error[0].value
    assert ask("select count(*) from ops.duty_register") == [(0,)]


def choose(app, number):
    app.number_input(key="duty_number").set_value(number).run()
    assert not app.exception
    return app


def test_a_duty_is_paid_by_hand_offset_and_the_event_undone(duties, ask):
    app = calculate(duties(), claim="150000")
    app = calculate(app, claim="150000", kind="claim")
    choose(app, 1)
    click(app, "pay_add")
    assert "номер платёжного поручения" in app.error[0].value
    app.text_input(key="pay_document").set_value("77")
    click(app, "pay_add")
    app.number_input(key="offset_other").set_value(2)
    click(app, "offset_add")
    choose(app, 2)
    assert any("к уплате 2 750,00" in plain(text.value) for text in app.markdown)
    choose(app, 1)
    app.text_input(key="undo_reason").set_value("не то дело")
    click(app, "undo_add")
    kinds = "select kind from ops.state_duty_event order by state_duty_event_id"
    assert ask(kinds) == [("paid",), ("offset_to",), ("undone",)]


def test_a_refund_is_asked_for_and_comes(duties, ask):
    app = choose(calculate(duties()), 1)
    app.text_input(key="pay_document").set_value("77")
    click(app, "pay_add")
    click(app, "refund_add")
    app.text_input(key="refunded_document").set_value("решение № 5")
    click(app, "refunded_add")
    assert ask("select status from ops.state_duty_current") == [("refunded",)]


def test_an_operation_of_a_statement_is_bound_by_hand(duties, change, ask):
    app = calculate(duties(), claim="150000")
    change(
        "insert into ops.import_file (organisation_id, kind, file_name, sha256, size_bytes, "
        "rows_accepted, rows_known, rows_refused, report) "
        f"values ({town.UYUT}, 'bank-statement', 'в.txt', 'x', 1, 1, 0, 0, '{{}}')"
    )
    change(
        "insert into ops.bank_operation (organisation_id, natural_key, direction, document_kind, "
        "document_number, operation_date, amount, purpose, import_id, import_line) "
        f"select {town.UYUT}, 'k', 'out', 'Платежное поручение', '9', '2026-11-20', 2750, "
        "'Оплата госпошлины', import_id, 1 from ops.import_file"
    )
    app.run()
    assert list(table_with(app, "Почему не опознано")["№ ПП"]) == ["9"]
    click(app, "bind_add")
    assert app.error[0].value == "Впишите номер пошлины."
    app.number_input(key="bind_duty").set_value(1)
    click(app, "bind_add")
    assert ask("select status, paid_document from ops.state_duty_current") == [("paid", "9")]


def test_who_pays_duties_has_the_screen(duties, open_as):
    assert not duties("lawyer").exception
    with pytest.raises(ValueError, match="duties"):
        open_as("operator", menu.DUTIES)
