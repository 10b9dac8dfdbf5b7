"""On the card of a debtor: a claim without an order before it, and a case filed by hand."""

from datetime import date, datetime

import streamlit as st

from apps.shared import database, days, session
from apps.shared.page import MOSCOW, say_later
from document_gen.russian import period_ru, rubles
from operational_db.models.claims import CaseKind
from operational_db.services.cases import CaseRefusedError
from operational_db.services.filing import first_claims
from operational_db.services.filing.first_claims import ClaimOffer, FiledByHand

WRITERS = ("lawyer", "manager")
KINDS = {CaseKind.CLAIM: "иск", CaseKind.ORDER: "заявление о приказе"}


def show(account_id: int) -> None:
    """What may be claimed of each holder past the batches; nothing for those who may not write."""
    if not session.user().has_any_role(*WRITERS):
        return
    # A switch and not an expander: nothing is asked for while it is off.
    if not st.toggle("Иск без приказа или дело, поданное вручную", key="first_claim"):
        return
    with database.connection(session.token()) as connection:
        offers = first_claims.claim_offers(connection, account_id)
        reasons = first_claims.reasons_without_order(connection)
    if problem := st.session_state.pop("first_claim_problem", None):
        st.error(problem)
    if not offers:
        st.caption(
            "Заявить сегодня нечего: долга нет, он уже в деле, ждёт в партии или давность "
            "прошла. Счёт, который остановлен в неутверждённой партии, исключите из неё."
        )
        return
    by_key = {offer.key: offer for offer in offers}
    key = offers[0].key
    if len(offers) > 1:
        told = {
            offer.key: f"{offer.holder_name or 'не установлен'}, {rubles(offer.demand)}"
            for offer in offers
        }
        key = st.selectbox(
            "С кого", list(by_key), format_func=told.__getitem__, key="first_claim_holder"
        )
    offer = by_key[key]
    _tell(offer)
    if offer.is_of_nobody:
        st.warning(first_claims.NOBODY)
        return
    if offer.is_of_people:
        _offer_claim(account_id, offer, reasons)
    else:
        st.warning(
            "Должник – организация или публичный собственник. Спор рассматривает арбитражный "
            "суд, если обе стороны – организации (АПК РФ ст. 27). Пакет для него программа не "
            "готовит: подайте заявление сами – суммы и месяцы здесь и в расчёте пени этой "
            "карточки, реквизиты должника – в ЕГРЮЛ, пошлина – по шкале арбитражных судов – "
            "и запишите дело ниже. Его месяцы станут просуженными."
        )
    _offer_record(account_id, offer)


def _tell(offer: ClaimOffer) -> None:
    first, last = offer.months[0]["period_from"], offer.months[0]["period_to"]
    st.markdown(
        f"**{offer.holder_name or 'Должник не установлен'}** · {period_ru(first)} – "
        f"{period_ru(last)} · долг {rubles(offer.principal)}, пени {rubles(offer.penalty)}, "
        f"всего **{rubles(offer.demand)}**"
    )


def _offer_claim(account_id: int, offer: ClaimOffer, reasons: list) -> None:
    st.markdown(
        f"Иск подают сюда: **{offer.court_name or 'суд дома не определён'}**"
        + (f" ({offer.court.act})" if offer.court else "")
        + f". Пошлина {rubles(offer.duty.amount)}."
    )
    for obstacle in offer.obstacles:
        st.error(obstacle)
    reason = comment = None
    if offer.above_limit:
        st.info(offer.above_limit)
    elif offer.refused:
        st.info(
            f"По делу {offer.refused.number} в приказе отказано: "
            f"{offer.refused.reason.title.lower()}. Иск его продолжит, уплаченная пошлина зачтётся."
        )
    else:
        if offer.court and offer.court.note:
            st.warning(offer.court.note)
        titles = {each.reason_code: f"{each.title} ({each.act})" for each in reasons}
        reason = st.selectbox(
            "Почему приказа не дадут",
            list(titles),
            format_func=titles.__getitem__,
            index=None,
            placeholder="Выберите причину",
            key="first_claim_reason",
        )
        comment = st.text_input("Из чего это видно", key="first_claim_comment")
    until_paid = False
    if offer.penalty:
        until_paid = st.checkbox(
            "Просить пени и по день фактической уплаты", key="first_claim_until_paid"
        )
    st.button(
        "Подготовить иск",
        key="first_claim_open",
        type="primary",
        icon=":material/gavel:",
        on_click=_open,
        args=(account_id, offer.key, reason, comment or "", until_paid),
    )


def _open(
    account_id: int, key: str, reason: str | None, comment: str, penalty_until_paid: bool
) -> None:
    try:
        with database.connection(session.token()) as connection:
            claim = first_claims.open_first_claim(
                connection,
                account_id,
                key,
                reason_code=reason,
                comment=comment,
                penalty_until_paid=penalty_until_paid,
            )
    except CaseRefusedError as problem:
        st.session_state["first_claim_problem"] = str(problem)
        return
    say_later(
        f"Подготовлен иск {claim.number}. Пакет документов закажите в его деле на экране «Ответы "
        "суда»."
    )


def _offer_record(account_id: int, offer: ClaimOffer) -> None:
    st.markdown("**Дело подано вручную**")
    st.caption(
        "Дело, которое подали без программы: его месяцы станут просуженными, и второй раз их не "
        "заявят. Суммы берутся из расчёта программы на день последнего пересчёта."
    )
    first, last = offer.months[0]["period_from"], offer.months[0]["period_to"]
    months = _months(first, last)
    with st.form("first_claim_record", border=False):
        left, right = st.columns(2)
        left.selectbox("Что подали", list(KINDS), format_func=KINDS.__getitem__, key="record_kind")
        right.text_input(
            "Суд", key="record_court", placeholder="Арбитражный суд Московской области"
        )
        left.text_input("№ дела в суде", key="record_number")
        days.field("Подано", _today(), until=_today(), key="record_on", place=right)
        left.selectbox("С месяца", months, format_func=period_ru, key="record_from")
        right.selectbox(
            "По месяц", months, index=len(months) - 1, format_func=period_ru, key="record_to"
        )
        left.checkbox("С пенями", value=True, key="record_penalty")
        st.text_input("Пояснение", key="record_comment")
        # A callback writes down what was offered when the form was drawn, not what is offered now.
        st.form_submit_button(
            "Записать дело", key="record_save", on_click=_record, args=(account_id, offer.key)
        )


def _record(account_id: int, key: str) -> None:
    written = st.session_state
    filed = FiledByHand(
        kind=written["record_kind"],
        court=written["record_court"],
        filed_on=written["record_on"],
        first_month=written["record_from"],
        last_month=written["record_to"],
        court_number=written["record_number"],
        with_penalty=written["record_penalty"],
        comment=written["record_comment"],
    )
    try:
        with database.connection(session.token()) as connection:
            case = first_claims.record_by_hand(connection, account_id, key, filed)
    except CaseRefusedError as problem:
        st.session_state["first_claim_problem"] = str(problem)
        return
    say_later(f"Дело {case.number} записано, его месяцы просужены.")


def _months(first: date, last: date) -> list[date]:
    months = [first]
    while months[-1] < last:
        day = months[-1]
        months.append(date(day.year + day.month // 12, day.month % 12 + 1, 1))
    return months


def _today() -> date:
    return datetime.now(MOSCOW).date()
