"""Russian names of what people do with debtors: in files of plans and events, and on screens.

A name is what the user writes and reads; a code is what the tables hold. The order is that of
lists on screens.
"""

CONTACT_KINDS = {
    "sms": "смс",
    "live_call": "звонок",
    "robot_call": "звонок робота",
    "email": "электронное письмо",
    "letter": "письмо",
    "visit": "визит",
}
CONTACT_RESULTS = {
    "talked": "разговор",
    "no_answer": "нет ответа",
    "busy": "занято",
    "wrong_number": "неверный номер",
    "third_person": "третье лицо",
    "refused": "отказ",
    "sent": "отправлено",
    "delivered": "доставлено",
    "failed": "не доставлено",
    "returned": "вернулось",
    "handed_over": "вручено",
    "nobody_home": "никого нет дома",
}
RESULTS_OF_KIND = {
    "sms": ("sent", "delivered", "failed"),
    "live_call": ("talked", "no_answer", "busy", "wrong_number", "third_person", "refused"),
    "robot_call": ("delivered", "no_answer", "busy", "failed"),
    "email": ("sent", "delivered", "failed"),
    "letter": ("sent", "delivered", "returned", "handed_over"),
    "visit": ("talked", "handed_over", "nobody_home", "third_person", "refused"),
}
"""Results that make sense for a kind of contact."""

ACCOUNT_EVENTS = {
    "notice_printed": "претензия напечатана",
    "notice_posted": "претензия отправлена",
    "notice_delivered": "претензия вручена",
    "notice_returned": "претензия вернулась",
    "restriction_notice": "предупреждение об ограничении вручено",
    "restriction": "ограничение введено",
    "restriction_lifted": "подача возобновлена",
    "order_filed": "заявление о судебном приказе подано",
    "claim_filed": "исковое заявление подано",
    "filing_returned": "заявление возвращено судом",
    "writ_dispatched": "документ передан приставам",
    "writ_returned": "документ возвращён с актом",
    "account_seizure": "списание со счетов",
    "property_arrest": "арест имущества",
    "travel_ban": "запрет выезда",
    "eviction_warning": "предупреждение о выселении",
    "eviction_claim": "иск о выселении",
    "eviction_decision": "решение о выселении",
    "eviction_done": "выселение исполнено",
    "working_group_decision": "решение рабочей группы",
    "direct_payment_notice": "сообщено приставам о прямой оплате",
    "property_change": "сведения об изменении имущества",
}
PUBLIC_EVENTS = {
    "poster": "объявление в подъезде",
    "publication": "публикация",
    "meeting": "собрание",
    "forum": "форум",
    "raid": "рейд",
    "reconciliation": "сверка с приставами",
    "housing_allocated": "жильё для переселения выделено",
}
BILLS = {"bill": "квитанция"}
EVENT_KINDS = {**CONTACT_KINDS, **ACCOUNT_EVENTS, **PUBLIC_EVENTS, **BILLS}
"""What people enter, on screens and in files."""
RECOVERIES = {"recovery": "оплата по исполнительному документу"}
COUNTED_KINDS = {**EVENT_KINDS, **RECOVERIES}
"""What a plan may count: receipts under execution documents are read from the ledger."""

MARKS = {
    "duty_paid": "пошлина уплачена",
    "photo": "есть фото",
    "receipt": "с квитанцией взыскателя",
    "signed": "акт подписан",
    "penalty_information": "есть сведения о пени",
    "direct": "напрямую взыскателю",
    "by_bailiffs": "через приставов",
    "at_bailiffs": "документ у приставов",
    "after_return": "после возврата документа",
    "presented_again": "предъявлен снова",
    "property_changed": "есть сведения об имуществе",
}
COUNTS = {
    "accounts": "лицевые счета",
    "events": "события",
    "houses": "дома",
    "amount": "сумма",
    "share_of_events": "доля событий",
    "share_of_accounts": "доля лицевых счетов",
    "share_of_houses": "доля домов",
    "share_followed": "доля событий с продолжением",
    "bills_marked": "доля квитанций с пометкой",
    "bills_with_penalty": "доля квитанций с пени",
    "documents_dispatched": "доля переданных документов",
    "days_to_payment": "дней до оплаты",
    "share_of_amount": "доля суммы",
    "share_of_execution": "доля от суммы под взысканием",
    "difference_removed": "доля снятых расхождений",
    "difference_open": "открытые расхождения",
    "announced_sums": "доля верных публикаций",
}
SHARES = frozenset(
    {"share_of_events", "share_of_accounts", "share_of_houses", "share_followed"}
    | {"bills_marked", "bills_with_penalty", "documents_dispatched"}
    | {"share_of_amount", "share_of_execution", "difference_removed", "announced_sums"}
)
"""Ways of counting whose figure is a part of one, told in per cent."""
PERIODS = {"day": "день", "month": "месяц", "quarter": "квартал", "year": "год"}
CALENDARS = {"working": "рабочие", "calendar": "все"}


def code_of(names: dict[str, str], written: str) -> str | None:
    """The code that a written name means, whatever its case; None when it means none."""
    wanted = _plain(written)
    for code, name in names.items():
        if wanted in (_plain(name), code):
            return code
    return None


def _plain(words: str) -> str:
    return " ".join(words.lower().replace("ё", "е").split())
