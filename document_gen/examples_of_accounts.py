"""Invented statements of debt and calculations of penalty, for previews and checks of templates."""

from datetime import date
from decimal import Decimal

from document_gen.account_statement import (
    AccountStatementContext,
    Ageing,
    Holder,
    MonthRow,
    Turnover,
)
from document_gen.examples import ADDRESS, BUILT_AT, CLAIMANT, TODAY
from document_gen.parties import Organisation
from document_gen.penalty_calculation import LawTable, Month, PenaltyCalculationContext, Row


def statements() -> tuple[AccountStatementContext, ...]:
    """A debt of three years, an overpayment of a month, an account of which little is known."""
    return (
        _statement(36, Decimal("2122.61"), CLAIMANT, (Holder("Иванов Иван Иванович", "1/2"),)),
        _statement(1, Decimal("-50.00"), CLAIMANT, (Holder("Ким Ольга Сергеевна"),)),
        _statement(2, Decimal("0.00"), Organisation("ТСЖ «Дружба»"), ()),
    )


def calculations() -> tuple[PenaltyCalculationContext, ...]:
    """The penalty of an account, and one of typed figures with a warning."""
    return (
        _calculation(CLAIMANT, "50240123456", None, None),
        _calculation(None, None, "Введённый расчёт", "Ставка проверена по 25.10.2026."),
    )


def _statement(
    count: int, debt: Decimal, organisation: Organisation, holders: tuple[Holder, ...]
) -> AccountStatementContext:
    amounts = ("1000.00", "6543.21", "-120.50", "-300.07", "5000.03", "2122.61")
    turnover = Turnover(*map(Decimal, amounts))
    rows = tuple(
        MonthRow(date(2023 + number // 12, number % 12 + 1, 1), turnover) for number in range(count)
    )
    nothing = Decimal(0)
    known = organisation is CLAIMANT
    return AccountStatementContext(
        organisation=organisation,
        account_number="50240123456",
        payer_code="00012345" if known else None,
        address=ADDRESS,
        holders=holders,
        services=("Отопление", "Холодная вода") if known else (),
        as_of=TODAY,
        period_from=rows[0].period,
        period_to=rows[-1].period,
        rows=rows,
        totals=turnover,
        total_debt=debt,
        ageing=Ageing(*[nothing] * 8, debt),
        signer_position="Начальник отдела" if known else None,
        signer_name="Петрова Анна Сергеевна" if known else None,
        built_at=BUILT_AT,
    )


def _calculation(
    organisation: Organisation | None, account: str | None, subject: str | None, warning: str | None
) -> PenaltyCalculationContext:
    line = Row(
        event=None,
        base=Decimal("4271.16"),
        date_from=date(2026, 10, 16),
        date_to=TODAY,
        days=37,
        rate="9,5 %",
        fraction="1/300",
        formula="4271,16 × 37 × 1/300 × 9,5 %",
        penalty=Decimal("50.04"),
        ground="31-й день просрочки; по: день расчёта",
    )
    closed = Row(event="21.11.2026: оплата № 17; из долга погашено 100,00 руб.")
    month = Month(
        period=date(2026, 8, 1),
        liability="плата за жилое помещение и коммунальные услуги",
        due_date=date(2026, 9, 15),
        charges="1, 2" if account else None,
        bill_delivered=date(2026, 9, 3) if account else None,
        rows=(line, closed),
        penalty=Decimal("50.04"),
        debt=Decimal("4271.16"),
    )
    return PenaltyCalculationContext(
        organisation=organisation,
        account_number=account,
        address=ADDRESS if account else None,
        subject=subject,
        holders=(Holder("Иванов Иван Иванович", "1/2"),) if account else (),
        as_of=TODAY,
        known_on=None if account else date(2026, 11, 1),
        months=(month,),
        debt=Decimal("4271.16"),
        penalty=Decimal("50.04"),
        debt_and_penalty=Decimal("4321.20"),
        rules=("Доли ставки: ЖК РФ, ст. 155, ч. 14.",),
        tables=(LawTable("Ключевая ставка", date(2026, 10, 25) if account else None, "a1b2c3"),),
        warning=warning,
        signer_position="Бухгалтер" if account else None,
        signer_name="Петрова Анна Сергеевна" if account else None,
        built_at=BUILT_AT,
        case_number="Д-2026-000123" if account else None,
        own_debt=Decimal("2135.58") if account else None,
        own_penalty=Decimal("25.02") if account else None,
        own_total=Decimal("2160.60") if account else None,
    )
