"""Invented cases that take every branch of the templates: for previews, checks and tests.

Nobody here exists. Between them the cases have long names, a child, five owners, a foreign name,
a month and six years, so a template that prints all of them well prints a real batch well.
"""

from calendar import monthrange
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from document_gen.court_case import (
    CancelledOrder,
    CaseContext,
    ClaimContext,
    DutyPayment,
    Enclosure,
    MonthDebt,
    MonthTotals,
    PretrialDemand,
    ServiceDebt,
)
from document_gen.letters import Instalment, InstalmentContext, PretrialDemandContext
from document_gen.names import PersonName
from document_gen.parties import (
    Claimant,
    Court,
    Debtor,
    Demand,
    Identifier,
    Represented,
    Signer,
)
from document_gen.qr import payment_code
from document_gen.registers import (
    DutyLine,
    DutyOfCourt,
    DutyPayee,
    DutyRegisterContext,
    SectionLine,
    SectionListContext,
)

BUILT_AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
ADDRESS = "Московская область, г. Красногорск, ул. Вокзальная, д. 15, кв. 147"

CLAIMANT = Claimant(
    name="Муниципальное унитарное предприятие «Единый расчётный центр»",
    inn="5090000017",
    kpp="509001001",
    ogrn="1025090000011",
    address="143400, Московская область, г. Красногорск, ул. Речная, д. 8",
    phone="8 (495) 975-00-00",
    email="dolg@erc.example",
    bank_name="ПАО Сбербанк, г. Москва",
    bic="044525225",
    bank_account="40702810900000000017",
    correspondent_account="30101810400000000225",
    kind="management_company",
)
SUPPLIER = replace(
    CLAIMANT,
    name="Публичное акционерное общество «Красногорская теплосеть»",
    kind="resource_supplier",
    email=None,
    correspondent_account=None,
)
SIGNER = Signer(
    "начальник отдела взыскания задолженности",
    PersonName("Петрова", "Анна", "Сергеевна"),
    "доверенности от 12.01.2026 № 15",
)
HEAD = Signer("генеральный директор", PersonName("Заболотный", "Пётр", "Ильич"))
SECTION = Court(
    "Судебный участок № 84 мирового судьи Коломенского судебного района Московской области",
    "MS",
    "140400, Московская область, г. Коломна, ул. Красногвардейская, д. 7",
    PersonName("Климова", "Ольга", "Львовна"),
)
DISTRICT_COURT = Court(
    "Красногорский городской суд Московской области",
    "RS",
    "143400, Московская область, г. Красногорск, ул. Кирова, д. 12",
)

SNILS = Identifier("snils", "901-234-567 89")
PASSPORT = Identifier(
    "passport", "4612 345678", "ГУ МВД России по Московской области", date(2012, 4, 5)
)

ENCLOSURES = (
    Enclosure("Платёжное поручение об уплате государственной пошлины", 1),
    Enclosure("Расчёт задолженности", 2, 2),
    Enclosure("Расчёт пеней", 4, 2),
    Enclosure("Выписка из Единого государственного реестра недвижимости", 2),
    Enclosure("Выписка из домовой книги (поквартирная карточка)", 1),
    Enclosure("Копия договора управления многоквартирным домом", 6),
    Enclosure("Выписка из Единого государственного реестра юридических лиц", 4),
    Enclosure("Копия доверенности представителя", 1),
    Enclosure("Проект судебного приказа", 2),
    Enclosure("Копия заявления для должника", None, 1),
)
CLAIM_ENCLOSURES = (
    *ENCLOSURES[:-2],
    Enclosure("Копия определения об отмене судебного приказа", 1),
    Enclosure("Уведомление о вручении ответчику копии искового заявления", 1),
)


def months(first: date, count: int, claimed_part: int = 1) -> tuple[MonthDebt, ...]:
    """``count`` months of debt; the debtors of the case answer for one part of ``claimed_part``."""
    rows, running = [], Decimal(0)
    for number in range(count):
        since_january = first.month - 1 + number
        month = date(first.year + since_january // 12, since_january % 12 + 1, 1)
        charged = Decimal(427116 + number * 1233) / 100
        recalculated = Decimal("-120.48") if number % 5 == 3 else Decimal("0.00")
        paid = Decimal("1500.00") if number % 4 == 1 else Decimal("0.00")
        written_off = Decimal("200.00") if number % 7 == 5 else Decimal("0.00")
        debt = charged + recalculated - paid - written_off
        claimed = (debt / claimed_part).quantize(Decimal("0.01"))
        running += claimed
        sums = (charged, recalculated, paid, written_off, debt, claimed, running)
        rows.append(MonthDebt(month, *sums))
    return tuple(rows)


def totals(rows: tuple[MonthDebt, ...]) -> MonthTotals:
    """The sums of the columns."""
    names = ("charged", "recalculated", "paid", "written_off", "debt", "claimed")
    return MonthTotals(*(sum((getattr(r, n) for r in rows), Decimal("0.00")) for n in names))


def demand(principal: Decimal, penalty: str = "0.00", duty: str = "0") -> Demand:
    """A demand whose totals follow from its parts."""
    total = principal + Decimal(penalty)
    return Demand(principal, Decimal(penalty), total, Decimal(duty), total + Decimal(duty))


def by_services(principal: Decimal) -> tuple[ServiceDebt, ...]:
    """The principal over four services; the last takes what is left."""
    parts = [
        (service, (principal * share / 100).quantize(Decimal("0.01")))
        for service, share in (("Отопление", 41), ("Горячее водоснабжение", 22), ("ТКО", 7))
    ]
    rest = principal - sum((part for _, part in parts), Decimal(0))
    whole = [*parts, ("Содержание и ремонт жилого помещения", rest)]
    return tuple(ServiceDebt(service, part) for service, part in whole)


def case(first: date = date(2025, 6, 1), count: int = 15, parts: int = 1, **changes) -> CaseContext:
    """A plain case of one owner, with what the caller changes."""
    rows = months(first, count, parts)
    sums = totals(rows)
    penalty = changes.pop("penalty", "1832.17")
    duty = changes.pop("duty", "2000")
    owner = Debtor(
        PersonName("Иванов", "Иван", "Иванович"),
        "owner",
        ADDRESS,
        date(1979, 3, 14),
        "г. Красногорск Московской области",
        None,
        (SNILS, PASSPORT),
    )
    last = rows[-1].month
    values = {
        "case_number": "Д-2026-000123",
        "filed_on": TODAY,
        "court": SECTION,
        "claimant": CLAIMANT,
        "signer": SIGNER,
        "debtors": (owner,),
        "liability": "sole",
        "right": "ownership",
        "ground": "договора управления многоквартирным домом от 01.03.2018 № 7",
        "account_number": "50240123456",
        "address": ADDRESS,
        "objection_term": "10 рабочих дней",
        "presentation_term": "3 года",
        "services": tuple(line.service for line in by_services(sums.claimed)),
        "period_from": first,
        "period_to": date(last.year, last.month, monthrange(last.year, last.month)[1]),
        "demand": demand(sums.claimed, penalty, duty),
        "service_debts": by_services(sums.claimed),
        "months": rows,
        "month_totals": sums,
        "enclosures": ENCLOSURES,
        "built_at": BUILT_AT,
        "penalty_from": date(2025, 8, 11),
        "penalty_to": TODAY,
        "duty_payments": (DutyPayment("318", date(2026, 11, 17), Decimal(2000)),),
        "pretrial": PretrialDemand("П-2026-004417", date(2026, 9, 1)),
        "right_record": "от 14.02.2011 № 50-50-11/009/2011-214",
    }
    return CaseContext(**(values | changes))


def long_names() -> CaseContext:
    """Six years of debt, long names everywhere, identifiers not known, no penalty, no bank."""
    debtor = Debtor(
        PersonName("Преображенская-Вознесенская", "Александра-Виктория", "Константиновна"),
        "owner",
        "Московская область, городской округ Красногорск, рабочий посёлок Нахабино, "
        "микрорайон «Красноармейский», ул. Героев-Панфиловцев, д. 14, корп. 2, стр. 1, кв. 1047",
        held_from=date(2011, 2, 14),
        held_until=date(2026, 9, 30),
    )
    claimant = replace(
        CLAIMANT,
        name=(
            "Муниципальное казённое учреждение городского округа Красногорск Московской области "
            "«Служба единого заказчика жилищно-коммунального хозяйства»"
        ),
        bank_account=None,
        phone=None,
    )
    return case(
        date(2020, 10, 1),
        72,
        debtors=(debtor,),
        claimant=claimant,
        signer=HEAD,
        address=debtor.residence,
        penalty="0.00",
        penalty_from=None,
        penalty_to=None,
        pretrial=None,
        right_record=None,
        right_until=date(2026, 9, 30),
        may_be_late=True,
        duty="4825",
        duty_payments=(),
        case_number="Д-2026-000124",
    )


def child() -> CaseContext:
    """A child's third, for which the mother answers; one month; money offset from a return."""
    mother = Debtor(
        PersonName("Ким", "Ольга", "Сергеевна"),
        "owner",
        "Московская область, г. Красногорск, ул. Речная, д. 3, кв. 12",
        date(1988, 12, 1),
        "г. Тверь",
        "АО «Красногорский завод»",
        (PASSPORT,),
        "1/3",
        Represented(PersonName("Ким", "Мария", "Андреевна"), date(2016, 5, 30), "мать"),
    )
    rows = months(date(2026, 8, 1), 1, 3)
    return case(
        date(2026, 8, 1),
        1,
        3,
        debtors=(mother,),
        right="shared_ownership",
        account_debt=totals(rows).debt,
        penalty="12.04",
        penalty_from=date(2026, 10, 16),
        duty_payments=(),
        offset_duty=(DutyPayment("77", date(2026, 3, 2), Decimal(2000)),),
        case_number="Д-2026-000125",
    )


def family() -> CaseContext:
    """A tenant and two of the family, jointly; a foreign name without a patronymic."""
    home = "Московская область, г. Красногорск, ул. Школьная, д. 1, кв. 5"
    people = (
        Debtor(
            PersonName("Мамедов", "Али", "Гасан оглы"),
            "tenant",
            home,
            date(1970, 1, 2),
            "г. Гянджа",
            None,
            (Identifier("inn", "509000001234"),),
        ),
        Debtor(PersonName("Мамедова", "Айгюн", "Вагиф кызы"), "family_member", home),
        Debtor(
            PersonName("Ли", "Чен", sex="male"),
            "former_family_member",
            home,
            date(1995, 7, 8),
            None,
            None,
            (Identifier("driving_licence", "9912 345678"),),
        ),
    )
    return case(
        date(2024, 3, 1),
        30,
        debtors=people,
        liability="joint",
        right="social_tenancy",
        claimant=SUPPLIER,
        ground="договора теплоснабжения от 01.10.2019 № 412",
        address=home,
        right_record=None,
        duty="4113",
        case_number="Д-2026-000126",
    )


def five_owners() -> CaseContext:
    """Five owners by shares, each for a sum of their own, one of them a child."""
    rows = months(date(2025, 1, 1), 12)
    names = (
        PersonName("Соколов", "Никита", "Ильич"),
        PersonName("Соколова", "Любовь", "Никитична"),
        PersonName("Черных", "Лев", "Маркович"),
        PersonName("Шмидт", "Эмма", "Карловна"),
        PersonName("Толстой", "Савва", "Львович"),
    )
    principal = totals(rows).claimed
    fifth = (principal / 5).quantize(Decimal("0.01"))
    sums = [fifth] * 4 + [principal - fifth * 4]
    people = tuple(
        Debtor(
            name,
            "owner",
            "Московская область, г. Красногорск, ул. Лесная, д. 9, кв. 31",
            date(1960 + 7 * number, 2, 3),
            "г. Саратов",
            None,
            (SNILS,),
            "1/5",
            None,
            demand(sums[number], "100.00", "400"),
        )
        for number, name in enumerate(names)
    )
    child_of = Represented(PersonName("Толстой", "Фёдор", "Саввич"), date(2014, 9, 9), "отец")
    people = (*people[:4], replace(people[4], represents=child_of))
    return case(
        date(2025, 1, 1),
        12,
        debtors=people,
        liability="shared",
        right="shared_ownership",
        penalty="500.00",
        penalty_from=date(2025, 4, 11),
        case_number="Д-2026-000127",
    )


def spouses() -> CaseContext:
    """Spouses in joint ownership, owing to the fund of capital repair."""
    home = ADDRESS
    people = tuple(
        Debtor(
            PersonName(*name),
            role,
            home,
            date(1981, 6, 6),
            "г. Воронеж",
            None,
            (PASSPORT,),
        )
        for name, role in (
            (("Волчок", "Пётр", "Лукич"), "owner"),
            (("Волчок", "Юдифь", "Абрамовна"), "owner"),
        )
    )
    return case(
        date(2023, 11, 1),
        24,
        debtors=people,
        liability="joint",
        right="joint_ownership",
        claimant=replace(
            CLAIMANT,
            name="Фонд капитального ремонта общего имущества многоквартирных домов",
            kind="capital_repair_fund",
        ),
        ground="статьи 170 Жилищного кодекса Российской Федерации",
        duty="3311",
        case_number="Д-2026-000128",
    )


def owner_with_family() -> CaseContext:
    """An owner with his wife, who answers with him for utilities of her months there."""
    plain = case(case_number="Д-2026-000129")
    owner = plain.debtors[0]
    wife = Debtor(
        PersonName("Иванова", "Мария", "Петровна"),
        "family_member",
        ADDRESS,
        date(1982, 7, 9),
        "г. Тула",
        None,
        (Identifier("snils", "112-233-445 95"),),
        held_from=date(2010, 5, 4),
        held_until=date(2026, 3, 10),
    )
    whole = plain.demand
    together = demand(
        sum((it.principal for it in plain.service_debts[:-1]), Decimal(0)), "1282.52", "1400"
    )
    return replace(
        plain,
        debtors=(owner, wife),
        liability="family",
        joint_demand=together,
        own_demand=demand(
            whole.principal - together.principal,
            str(whole.penalty - together.penalty),
            str(whole.duty - together.duty),
        ),
        joint_from=plain.period_from,
        joint_to=date(2026, 2, 28),
    )


def former_people() -> CaseContext:
    """The couple of a flat that was sold, and a grown-up whose mother answers for his childhood."""
    days = {"held_from": date(2015, 4, 2), "held_until": date(2025, 12, 20)}
    husband, wife = spouses().debtors
    grown_up = Represented(
        PersonName("Волчок", "Марк", "Петрович"), date(2007, 6, 1), "мать", date(2025, 6, 1)
    )
    return replace(
        spouses(),
        debtors=(replace(husband, **days), replace(wife, **days, represents=grown_up)),
        case_number="Д-2026-000130",
    )


def mother_and_children() -> CaseContext:
    """A mother who holds a flat together with her two children, for an agreement."""
    plain = child()
    son = Represented(PersonName("Ким", "Лев", "Андреевич"), date(2019, 2, 11), "мать")
    mother = replace(plain.debtors[0], represents_also=(son,), is_for_self=True)
    return replace(plain, debtors=(mother,), case_number="Д-2026-000131")


def cases() -> tuple[CaseContext, ...]:
    """Every example of a case."""
    return (
        *(case(), long_names(), child(), family(), five_owners(), spouses()),
        *(owner_with_family(), former_people()),
    )


def claims() -> tuple[ClaimContext, ...]:
    """The same cases as claims; the first follows a cancelled order."""
    cancelled = CancelledOrder(SECTION, "2-1841/2026", date(2026, 7, 6), date(2026, 8, 3))
    paid = (DutyPayment("318", date(2026, 6, 17), Decimal(2000)),)
    made = []
    for number, plain in enumerate(cases()):
        values = {field.name: getattr(plain, field.name) for field in fields(plain)}
        values |= {
            "court": DISTRICT_COURT if number % 2 else SECTION,
            "copies_sent_on": TODAY,
            "enclosures": CLAIM_ENCLOSURES,
        }
        if number == 0:
            values |= {
                "cancelled_order": cancelled,
                "offset_duty": paid,
                "requested_evidence": ("сведения о лицах, зарегистрированных в помещении",),
                "penalty_until_paid": True,
            }
        if number == 1:
            values["why_no_order"] = (
                "Размер требования превышает 500 000 руб. – предел, до которого выдают судебный "
                "приказ (ГПК РФ ст. 121 ч. 1), поэтому предъявляется иск."
            )
        made.append(ClaimContext(**values))
    return tuple(made)


def pretrial_demands() -> tuple[PretrialDemandContext, ...]:
    """Demands for every case: with and without a penalty, a payment code, restrictions."""
    made = []
    for number, plain in enumerate(cases()):
        claimant = plain.claimant
        asked = demand(plain.demand.principal, str(plain.demand.penalty))
        code = None
        if claimant.bank_account:
            purpose = f"Долг за ЖКУ, ЛС {plain.account_number}"
            code = payment_code(
                claimant,
                amount=asked.total,
                purpose=purpose,
                account_number=plain.account_number,
                payer=str(plain.debtors[0].name),
            )
        made.append(
            PretrialDemandContext(
                case_number=plain.case_number,
                number=f"П-2026-00441{number}",
                sent_on=TODAY,
                claimant=claimant,
                signer=plain.signer,
                debtors=plain.debtors,
                right=plain.right,
                ground=plain.ground,
                account_number=plain.account_number,
                address=plain.address,
                period_from=plain.period_from,
                period_to=plain.period_to,
                demand=asked,
                service_debts=plain.service_debts,
                pay_until=date(2026, 12, 21),
                built_at=BUILT_AT,
                penalty_to=TODAY if asked.penalty else None,
                expected_duty=plain.demand.duty if number % 2 else None,
                offers_instalments=number != 1,
                restricted_services=("Горячее водоснабжение", "Электроснабжение")[: number % 3],
                enclosures=plain.enclosures[1:3] if number else (),
                delivery="заказным письмом с уведомлением" if number % 2 else None,
                payment_qr=code,
            )
        )
    return tuple(made)


def instalments() -> tuple[InstalmentContext, ...]:
    """Agreements over 3 to 24 months, with each rule for the penalty; some for children as well."""
    made = []
    rules = (
        ("stops", 3, case()),
        ("goes_on", 24, long_names()),
        ("written_off", 12, family()),
        ("goes_on", 6, child()),
        ("goes_on", 5, former_people()),
        ("goes_on", 4, mother_and_children()),
    )
    for number, (rule, count, plain) in enumerate(rules):
        asked = demand(plain.demand.principal, str(plain.demand.penalty))
        first = (asked.total / 10).quantize(Decimal(1))
        each = ((asked.total - first) / count).quantize(Decimal(1))
        balance, lines = asked.total - first, []
        for line in range(1, count + 1):
            amount = balance if line == count else each
            balance -= amount
            month = date(2026 + (11 + line) // 12, (11 + line) % 12 + 1, 15)
            lines.append(Instalment(line, month, amount, balance))
        made.append(
            InstalmentContext(
                case_number=plain.case_number,
                number=f"Р-2026-00001{number}",
                signed_on=TODAY,
                place="г. Красногорск",
                claimant=plain.claimant,
                signer=plain.signer,
                debtors=plain.debtors,
                account_number=plain.account_number,
                address=plain.address,
                period_from=plain.period_from,
                period_to=plain.period_to,
                demand=asked,
                first_payment=first,
                first_payment_on=date(2026, 11, 30),
                schedule=tuple(lines),
                penalty_rule=rule,
                missed_limit=1 + number % 3,
                built_at=BUILT_AT,
            )
        )
    return tuple(made)


PAYEE = DutyPayee(
    "Казначейство России (ФНС России)",
    "7727406020",
    "770801001",
    "46750000",
    "18210803010011050110",
    "017003983",
    "03100643000000018500",
    "Отделение Тула Банка России//УФК по Тульской области",
)


def duty_registers() -> tuple[DutyRegisterContext, ...]:
    """A register of one court and a longer one of two."""
    made = []
    for number, sizes in enumerate(((3,), (40, 5))):
        courts, all_lines = [], 0
        for court, size in zip((SECTION, DISTRICT_COURT), sizes, strict=False):
            plain = cases()
            lines = tuple(
                DutyLine(
                    all_lines + line + 1,
                    "50240123456",
                    plain[line % 6].debtors[0].name,
                    "order" if court is SECTION else "claim",
                    Decimal(60832 + line * 977) + Decimal("0.78"),
                    "половина от 4 000 (НК 333.19, п. 1, пп. 1, 2)",
                    Decimal(2000),
                    f"Госпошлина, дело Д-2026-{123 + line:06d}",
                    "оплачена" if line % 3 else "рассчитана",
                    f"Д-2026-{123 + line:06d}",
                    "ПП № 318 от 17.11.2026" if line % 3 else None,
                )
                for line in range(size)
            )
            all_lines += size
            courts.append(DutyOfCourt(court, PAYEE, lines, Decimal(2000 * size)))
        made.append(
            DutyRegisterContext(
                f"ГП-2026-{number + 1:03d}",
                TODAY,
                CLAIMANT,
                SIGNER,
                tuple(courts),
                all_lines,
                Decimal(2000 * all_lines),
                BUILT_AT,
            )
        )
    return tuple(made)


def section_lists() -> tuple[SectionListContext, ...]:
    """A list of six cases and one of a hundred and twenty."""
    made = []
    for number, size in enumerate((6, 120)):
        plain = cases()
        lines = tuple(
            SectionLine(
                line + 1,
                f"Д-2026-{123 + line:06d}",
                plain[line % 6].debtors[0].name,
                plain[line % 6].account_number,
                plain[line % 6].address,
                plain[line % 6].demand.total,
                plain[line % 6].demand.duty,
                None if line == 1 else 24 + line % 5,
            )
            for line in range(size)
        )
        made.append(
            SectionListContext(
                f"С-2026-{number + 1:03d}",
                TODAY,
                SECTION,
                CLAIMANT,
                SIGNER,
                lines,
                sum((line.total for line in lines), Decimal(0)),
                sum((line.duty for line in lines), Decimal(0)),
                BUILT_AT,
            )
        )
    return tuple(made)
