"""The papers of a case: no hole, no tag left, the right cases, the same bytes."""

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from document_gen import examples
from document_gen.kinds import (
    INSTALMENT_AGREEMENT,
    KINDS,
    ORDER_APPLICATION,
    PRETRIAL_DEMAND,
    render,
)
from document_gen.names import PersonName
from document_gen.parties import DocumentDataError
from orchestration.lib.court_papers import _penalty_days, _penalty_ground

ROOT = Path(__file__).resolve().parents[2]
EVERY_DOCUMENT = [
    pytest.param(kind, number, id=f"{kind.code}-{number}")
    for kind in KINDS.values()
    for number in range(len(kind.examples()))
]


def text_of(document):
    """All that a document says, with ordinary spaces."""
    opened = Document(BytesIO(document))
    parts = [opened.element.body, *(s.footer._element for s in opened.sections)]
    lines = [
        "".join(run.text or "" for run in paragraph.iter(f"{{{W}}}t"))
        for part in parts
        for paragraph in part.iter(f"{{{W}}}p")
    ]
    text = "\n".join(lines)
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def application(context):
    return text_of(render(ORDER_APPLICATION, context))


@pytest.mark.parametrize(("kind", "number"), EVERY_DOCUMENT)
def test_no_document_has_a_tag_or_a_hole_in_it(kind, number):
    text = text_of(render(kind, kind.examples()[number]))
    assert not re.search(r"{{|}}|{%|%}|None|\bnan\b|True|False", text)
    # An empty value leaves a mark beside something: «ИНН ,», «по адресу: .», «« »».
    assert (
        re.findall(r"[^\n]*(?:: *[.,;]| [.,;]|, ?[,.;]|«\s*»|\(\s*\)|№ *[,.;])[^\n]*", text) == []
    )


def test_the_same_cases_give_the_same_bytes_in_another_process():
    code = (
        "import hashlib; from document_gen.kinds import KINDS, render;"
        "[print(hashlib.sha256(render(kind, kind.examples()[0])).hexdigest())"
        " for kind in KINDS.values()]"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Vladivostok"},
        capture_output=True,
        text=True,
        check=True,
    )
    here = [hashlib.sha256(render(kind, kind.examples()[0])).hexdigest() for kind in KINDS.values()]
    assert elsewhere.stdout.split() == here


def test_the_application_asks_to_recover_from_a_person_in_the_genitive():
    text = application(examples.case())
    assert (
        "Вынести судебный приказ о взыскании с Иванова Ивана Ивановича, 14.03.1979 года рождения, "
        "в пользу Муниципального унитарного предприятия «Единый расчётный центр»"
    ) in text
    assert "Мировому судье судебного участка № 84 Коломенского судебного района" in text


def test_an_unknown_identifier_is_said_and_the_court_is_asked_for_it():
    text = application(examples.long_names())
    assert "Идентификатор: взыскателю не известен" in text
    assert (
        "2. Запросить идентификаторы Преображенской-Вознесенской Александры-Виктории Константиновны"
    ) in text
    assert "Запросить идентификаторы" not in application(examples.case())


def test_a_case_without_a_penalty_does_not_speak_of_one():
    text = application(examples.long_names())
    assert "пени за просрочку" not in text
    assert "начислены пени" not in text


def test_a_parent_answers_for_the_share_of_a_child():
    text = application(examples.child())
    assert "в размере 1/3 принадлежит несовершеннолетней Ким Марии Андреевне" in text
    assert "приходится ей законным представителем (матерью)" in text
    assert "(за несовершеннолетнюю Ким Марию Андреевну)" in text
    assert "Зачесть государственную пошлину, уплаченную ранее" in text


def test_who_has_sold_the_flat_is_not_called_its_owner():
    text = application(examples.long_names())
    assert "Константиновна с 14.02.2011 по 30.09.2026 являлась собственником помещения." in text
    assert "является собственником" not in text
    assert "является собственником помещения." in application(examples.case())


def test_parents_of_an_only_minor_owner_are_not_called_members_of_his_family():
    child = examples.child()
    mother = replace(child.debtors[0], share=None)
    father = replace(mother, name=PersonName("Ким", "Олег", "Иванович"))
    text = application(
        replace(
            child,
            right="ownership",
            liability="joint",
            debtors=(mother, father),
            account_debt=None,
        )
    )
    assert "пункт 28 постановления Пленума" in text
    assert "члены семьи собственника" not in text


def test_a_tenant_s_family_answers_jointly_and_an_owner_s_law_is_not_cited():
    text = application(examples.family())
    assert "взыскании солидарно с Мамедова Али Гасан оглы, 02.01.1970 года рождения, " in text
    assert "Мамедовой Айгюн Вагиф кызы и Ли Чена" in text
    assert "часть 3 статьи 69 ЖК РФ" in text
    assert "бремя содержания" not in text


def test_family_of_an_owner_answers_for_utilities_of_its_months_and_he_for_all():
    case = examples.owner_with_family()
    text = application(case)
    asked = text[text.index("ПРОШУ") :]
    assert (
        "за коммунальные услуги солидарно с Иванова Ивана Ивановича, 14.03.1979 года рождения, "
        "Ивановой Марии Петровны, 09.07.1982 года рождения:"
    ) in asked
    assert "– задолженность за период с 01.06.2025 по 28.02.2026 в размере" in asked
    assert asked.count("Всего:") == 2
    assert "остальной долг с Иванова Ивана Ивановича, 14.03.1979 года рождения:" in asked
    assert "с 04.05.2010 по 10.03.2026 являлась членом семьи собственника и проживала" in text
    assert "пункт 29 постановления Пленума" in text
    order = text_of(render(KINDS["draft_order"], case))
    assert "за коммунальные услуги солидарно с должников: Иванова Ивана Ивановича" in order
    with pytest.raises(DocumentDataError, match="не складываются"):
        replace(case, own_demand=None)


def test_former_joint_owners_and_a_child_who_grew_up_are_told_in_the_past_tense():
    text = application(examples.former_people())
    assert "с 02.04.2015 по 20.12.2025 являлся участником общей совместной собственности" in text
    assert "принадлежало Волчоку Марку Петровичу, который до 01.06.2025 был" in text
    assert "За период до совершеннолетия обязанность по внесению платы несла Волчок" in text
    assert "несовершеннолетнего" not in text[text.index("ПРОШУ") :]


def test_each_of_five_owners_is_asked_for_a_sum_of_their_own():
    text = application(examples.five_owners())
    asked = [line for line in text.split("\n") if line.startswith("с ") and "доля 1/5" in line]
    assert [line.split(" (")[0] for line in asked] == [
        "с Соколова Никиты Ильича",
        "с Соколовой Любови Никитичны",
        "с Черных Льва Марковича",
        "с Шмидт Эммы Карловны",
        "с Толстого Саввы Львовича",
    ]
    assert text.count("– задолженность за период") == 5


def test_no_document_is_made_out_for_the_dead():
    debtor = examples.case().debtors[0]
    with pytest.raises(DocumentDataError, match="дата смерти 05"):
        replace(debtor, died_on=date(2026, 5, 5))


def test_sums_that_do_not_add_up_are_refused():
    demand = examples.case().demand
    with pytest.raises(DocumentDataError, match="не сходятся"):
        replace(demand, penalty=demand.penalty + Decimal("0.01"))
    five = examples.five_owners()
    with pytest.raises(DocumentDataError, match="не складываются"):
        replace(five, debtors=(five.debtors[0], *five.debtors[:4]))
    with pytest.raises(DocumentDataError, match="долг по услугам"):
        replace(five, service_debts=five.service_debts[1:])


def test_the_picture_of_the_case_number_is_the_document_s_own():
    first = render(ORDER_APPLICATION, examples.case())
    second = render(ORDER_APPLICATION, examples.case(case_number="Д-2026-999999"))
    pictures = [
        part.blob
        for document in (first, second)
        for part in Document(BytesIO(document)).part.related_parts.values()
        if str(part.partname).startswith("/word/media/picture-case_qr")
    ]
    assert len(pictures) == 2
    assert pictures[0] != pictures[1]


@pytest.mark.parametrize(
    ("liabilities", "ground"),
    [
        ({"housing"}, "часть 14"),
        ({"capital_repair"}, "часть 14.1"),
        ({"housing", "capital_repair"}, "части 14 и 14.1"),
    ],
)
def test_penalty_of_capital_repair_rests_on_a_part_of_its_own(liabilities, ground):
    lines = [{"liability": liability} for liability in sorted(liabilities)]
    assert _penalty_ground(lines) == ground
    told = application(replace(examples.case(), penalty_ground=ground))
    assert f"начислены пени ({ground} статьи 155 ЖК РФ)" in told


def test_penalty_of_a_month_paid_late_is_asked_up_to_the_day_of_payment():
    lines = [
        {"date_from": date(2025, 3, 12), "date_to": date(2025, 3, 28)},
        {"date_from": date(2025, 2, 11), "date_to": date(2025, 3, 11)},
    ]
    assert _penalty_days(lines) == (date(2025, 2, 11), date(2025, 3, 28))
    assert _penalty_days([]) == (None, None)


def test_the_draft_order_has_its_terms_from_the_table_and_none_of_its_own():
    order = KINDS["draft_order"]
    told = text_of(
        render(
            order,
            replace(examples.case(), objection_term="12 рабочих дней", presentation_term="2 года"),
        )
    )
    assert "в течение 12 рабочих дней со дня получения его копии" in told
    assert "Срок предъявления к исполнению – 2 года со дня выдачи" in told
    unknown = replace(examples.case(), objection_term=None, presentation_term=None)
    assert "Срок предъявления" not in text_of(render(order, unknown))


def test_a_demand_for_penalty_alone_asks_for_no_debt():
    case = examples.case()
    nothing = replace(
        case,
        demand=examples.demand(Decimal("0.00"), "532.10", "2000"),
        months=(),
        month_totals=examples.totals(()),
        services=(),
        service_debts=(),
    )
    told = application(nothing)
    assert "только о пенях" in told
    assert "задолженность за период" not in told
    assert "о взыскании пеней" in told


def test_an_agreement_names_a_total_only_where_penalty_is_added_to_the_debt():
    for agreement in INSTALMENT_AGREEMENT.examples():
        told = text_of(render(INSTALMENT_AGREEMENT, agreement))
        debt = next(line for line in told.splitlines() if line.startswith("1.1."))
        assert ("; всего – " in debt) == bool(agreement.demand.penalty)


def test_the_receipt_of_a_demand_stays_on_the_page_of_the_signature():
    for demand in PRETRIAL_DEMAND.examples():
        document = Document(BytesIO(render(PRETRIAL_DEMAND, demand)))
        cells_of = [[cell for row in table.rows for cell in row.cells] for table in document.tables]
        [cells] = [cells for cells in cells_of if "(подпись)" in [c.text for c in cells]]
        assert all(p.paragraph_format.keep_with_next for cell in cells for p in cell.paragraphs)
        assert document.paragraphs[-1].text.startswith("Получено: ")
