"""What a data steward must mend: each rule with its name for people and what to do about it."""

from dataclasses import dataclass

from orchestration.lib.quality import queries


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must not be: where it is looked for, what it is called, how it is mended."""

    code: str
    suite: str
    table: str
    title: str
    advice: str
    query: str

    @property
    def whole_query(self) -> str:
        """The query over the whole table, for reading the rows ourselves."""
        return self.query.format(batch=self.table)


SUITES = {
    "accounts": "Лицевые счета",
    "people": "Собственники",
    "money": "Начисления и оплаты",
    "meters": "Приборы учёта",
    "bank": "Поступления",
}

RULES = (
    Rule(
        "accounts_have_premises",
        "accounts",
        "ops.account",
        "Счета без помещения",
        "Укажите адрес: без него нет ни дома в отчётах, ни подсудности, ни собственника.",
        queries.WITHOUT_PREMISES,
    ),
    Rule(
        "accounts_have_a_holder",
        "accounts",
        "ops.account",
        "Счета без плательщика",
        "Запросите выписку ЕГРН; если собственник не установлен, счёт взыскать не с кого.",
        queries.WITHOUT_HOLDER,
    ),
    Rule(
        "open_accounts_are_charged_every_month",
        "accounts",
        "ops.charge",
        "Месяцы без начислений у открытого счёта",
        "Проверьте, весь ли реестр начислений загружен; если счёт закрыт, внесите дату закрытия.",
        queries.HOLES,
    ),
    Rule(
        "shares_add_up_to_one",
        "people",
        "ops.ownership",
        "Доли собственников не составляют единицу",
        "Сверьте доли с выпиской ЕГРН: долг делится между собственниками по долям (ГК 249).",
        queries.SHARES,
    ),
    Rule(
        "owners_have_an_identifier",
        "people",
        "ops.person",
        "Собственники без идентификатора",
        "Внесите СНИЛС, ИНН или документ: суд примет заявление только с одним из них (ГПК 124).",
        queries.NO_IDENTIFIER,
    ),
    Rule(
        "owners_have_a_birth_date",
        "people",
        "ops.person",
        "Собственники без даты рождения",
        "Внесите дату рождения: её требует заявление в суд (ГПК 124), и без неё не видно детей.",
        queries.NO_BIRTH_DATE,
    ),
    Rule(
        "rights_of_the_dead_have_passed_on",
        "people",
        "ops.person",
        "Умершие собственники, чьё право не перешло",
        "Запросите сведения о наследниках у нотариуса: долг взыскивается с принявших наследство "
        "(ГК 1175).",
        queries.DEAD,
    ),
    Rule(
        "minor_owners_have_a_representative",
        "people",
        "ops.person",
        "Несовершеннолетние собственники без представителя",
        "Внесите родителя или опекуна: за ребёнка платят законные представители (СК 64).",
        queries.MINOR,
    ),
    Rule(
        "due_dates_follow_their_month",
        "money",
        "ops.charge",
        "Срок оплаты раньше месяца начисления",
        "Исправьте срок в биллинге и загрузите исправительную строку: от срока считаются пени.",
        queries.DUE_BEFORE_PERIOD,
    ),
    Rule(
        "no_charge_came_with_two_files",
        "money",
        "ops.charge",
        "Одинаковые начисления из разных файлов",
        "Проверьте, не загружен ли месяц дважды; лишнее уберите перерасчётом.",
        queries.SIMILAR_CHARGES,
    ),
    Rule(
        "no_payment_is_of_the_future",
        "money",
        "ops.payment",
        "Оплаты будущими датами",
        "Проверьте дату в реестре: долг уменьшится только в этот день.",
        queries.FUTURE_PAYMENTS,
    ),
    Rule(
        "no_payment_looks_repeated",
        "money",
        "ops.payment",
        "Похожие оплаты: один счёт, день и сумма",
        "Сверьте с банком или агентом, не учтена ли оплата дважды; лишнюю сторнируйте.",
        queries.REPEATED_PAYMENTS,
    ),
    Rule(
        "meters_are_verified",
        "meters",
        "ops.meter",
        "Приборы учёта с истёкшей поверкой",
        "Напомните жителю о поверке: с истёкшей объём считается по среднему и нормативу.",
        queries.UNVERIFIED_METERS,
    ),
    Rule(
        "unknown_receipts_are_decided_in_time",
        "bank",
        "ops.bank_operation",
        "Невыясненные поступления старше 10 дней",
        "Разнесите по счетам или снимите с пояснением на экране «Невыясненные».",
        queries.UNKNOWN_RECEIPTS,
    ),
)
