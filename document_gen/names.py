"""Names of people in the cases that documents need, with the sex that decides how they decline.

pytrovich declines by its rules; the dictionary of pymorphy3 is the second opinion. Where the two
disagree, where the sex is not known, or where usage itself is not settled («Волчка» or «Волчока»),
the name carries a doubt, in Russian, for a lawyer to settle by giving the form. A doubt is never
hidden: an application with a wrong case is an application that comes back.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from pytrovich.enums import Case as PytrovichCase
from pytrovich.enums import Gender, NamePart
from pytrovich.maker import PetrovichDeclinationMaker

from document_gen.russian import initials
from document_gen.words import Case, known_forms, title_case


class Sex(StrEnum):
    """The sex that a name is declined by."""

    MALE = "male"
    FEMALE = "female"


OBLIQUE = (Case.GENITIVE, Case.DATIVE, Case.ACCUSATIVE, Case.INSTRUMENTAL)
PYTROVICH_CASES = {case: PytrovichCase[case.name] for case in OBLIQUE}
PYTROVICH_PARTS = {
    "last": NamePart.LASTNAME,
    "first": NamePart.FIRSTNAME,
    "middle": NamePart.MIDDLENAME,
}

MALE_PATRONYMIC = re.compile(r"(ович|евич|ьич|[лкмнт]ич|ввич)$|\b(оглы|оглу|угли|улы|уулу|зода)$")
FEMALE_PATRONYMIC = re.compile(r"(овна|евна|ична|инична)$|\b(кызы|гызы|кизи|қизи)$")
PATRONYMIC_WITH_PARTICLE = re.compile(r"[\s-](оглы|оглу|угли|улы|уулу|кызы|гызы|кизи|қизи|зода)$")

# Two letters before the ending at least: Лев, Сова and Рева are not surnames in -ев and -ова.
MALE_SURNAME = re.compile(r"..(ов|ев|ёв|ин|ын|ский|цкий|ской|цкой|ый)$")
FEMALE_SURNAME = re.compile(r"..(ова|ева|ёва|ина|ына|ская|цкая|ая)$")
SURELY_MALE_SURNAME = re.compile(r"..(ов|ев|ёв|ский|цкий)$")
SURELY_FEMALE_SURNAME = re.compile(r"..(ова|ева|ёва|ская|цкая)$")
INVARIABLE_SURNAME = re.compile(r"(ых|их|[оеёиуюыэ])$")

# Vowels that come and go: Волчок – Волчка or Волчока, Журавель – Журавля or Журавеля.
FLEETING_VOWEL = re.compile(r"([бвгджзйклмнпрстфхцчшщ])(ок|ек|ёк|ец|ень|ель|ел|ёл|ёр)$|[аиоуы]ец$")
SETTLED_ENDING = re.compile(r"(тель|дель|бель|зель|гель|фель)$")

UNDECLINED_FIRST_PARTS = frozenset(
    ("абу", "аль", "бен", "бонч", "ван", "де", "ди", "ибн", "кара", "ла", "ле", "мак", "нур")
) | frozenset(("сан", "сен", "тер", "тёр", "фон", "хаджи", "эль"))
"""First parts of double surnames that stay as they are: Кара-Мурзы, Тер-Петросяна."""

NOT_CYRILLIC = re.compile(r"[^а-яёА-ЯЁ\s.’'-]")


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name in all cases.

    ``sex`` (``male`` or ``female``) may be unknown: then it is read from the patronymic or from a
    first name that only one sex bears. ``settled`` holds whole names in cases that a lawyer has
    settled, as pairs of a case and a name; such a case is no longer doubted.
    """

    last: str
    first: str = ""
    middle: str | None = None
    sex: str | None = None
    settled: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.full

    @property
    def full(self) -> str:
        """«Иванов Иван Иванович»."""
        return " ".join(_parts(self).values())

    nominative = full

    @property
    def genitive(self) -> str:
        """«Иванова Ивана Ивановича»: взыскать с кого."""
        return _declined(self).forms[Case.GENITIVE]

    @property
    def dative(self) -> str:
        """«Иванову Ивану Ивановичу»: направить кому."""
        return _declined(self).forms[Case.DATIVE]

    @property
    def accusative(self) -> str:
        """«Иванова Ивана Ивановича»: обязать кого."""
        return _declined(self).forms[Case.ACCUSATIVE]

    @property
    def instrumental(self) -> str:
        """«Ивановым Иваном Ивановичем»: заключено с кем."""
        return _declined(self).forms[Case.INSTRUMENTAL]

    @property
    def short(self) -> str:
        """«Иванов И. И.», for tables."""
        parts = _parts(self)
        return initials(parts["last"], parts.get("first"), parts.get("middle"))

    @property
    def signed(self) -> str:
        """«И. И. Иванов», beside a signature."""
        surname, _, letters = self.short.partition(" ")
        return f"{letters} {surname}".strip().replace(" ", "\N{NO-BREAK SPACE}")

    @property
    def is_female(self) -> bool:
        """Whether the person is known to be a woman."""
        return _declined(self).sex is Sex.FEMALE

    @property
    def is_male(self) -> bool:
        """Whether the person is known to be a man."""
        return _declined(self).sex is Sex.MALE

    def doubts(self, cases: tuple[Case, ...] = OBLIQUE) -> tuple[str, ...]:
        """What a person should check in these cases, in Russian; empty when all is sure."""
        settled = {case for case, _ in self.settled}
        open_cases = [case for case in cases if case.value not in settled]
        found = _declined(self).doubts
        # One word is often doubted in every case: it is told once, in the first of them.
        texts = (text for case in open_cases for text in found[case])
        by_word: dict[str, str] = {}
        for text in texts:
            by_word.setdefault(text.partition(":")[0], text)
        return tuple(by_word.values())


@dataclass(frozen=True, slots=True)
class _Declined:
    sex: Sex | None
    forms: dict[Case, str]
    doubts: dict[Case, tuple[str, ...]]


def split_full_name(text: str, sex: str | None = None) -> PersonName:
    """Read «Фамилия Имя Отчество» as billing files keep it; what follows is the patronymic.

    Raises ``ValueError`` for an empty name.
    """
    words = text.split()
    if not words:
        raise ValueError("Имя не указано")
    last, first, middle = words[0], words[1] if len(words) > 1 else "", " ".join(words[2:])
    return PersonName(last, first, middle or None, sex)


@lru_cache(maxsize=1)
def _maker() -> PetrovichDeclinationMaker:
    return PetrovichDeclinationMaker()


# A run asks for the same person in every document of the package, one after another.
@lru_cache(maxsize=4096)
def _declined(name: PersonName) -> _Declined:
    parts = _parts(name)
    sex, doubts = _sex(name, parts)
    forms: dict[Case, str] = {}
    found: dict[Case, list[str]] = {case: list(doubts) for case in OBLIQUE}
    for case in OBLIQUE:
        declined = []
        for kind, text in parts.items():
            form, doubt = _part_in_case(kind, text, sex, case)
            declined.append(form)
            if doubt:
                found[case].append(doubt)
        forms[case] = " ".join(declined)
    for case, text in name.settled:
        forms[Case(case)] = text
    return _Declined(sex, forms, {case: tuple(texts) for case, texts in found.items()})


def _parts(name: PersonName) -> dict[str, str]:
    """The parts that are there, in usual capitals: billing files shout «ИВАНОВ ИВАН»."""
    given = {"last": name.last, "first": name.first, "middle": name.middle}
    return {
        kind: title_case(" ".join(text.split()))
        for kind, text in given.items()
        if text and text.strip(" -")
    }


def _sex(name: PersonName, parts: dict[str, str]) -> tuple[Sex | None, list[str]]:
    told = Sex(name.sex) if name.sex else None
    seen = _sex_of_patronymic(parts.get("middle", "")) or _sex_of_first_name(parts.get("first", ""))
    by_surname = _sex_of_surname(parts.get("last", ""))
    full = " ".join(parts.values())
    if told and seen and told is not seen:
        words = ("женский", "мужское") if told is Sex.FEMALE else ("мужской", "женское")
        return seen, [f"«{full}»: в карточке пол {words[0]}, а имя {words[1]}"]
    sex = told or seen or by_surname
    if sex is None:
        return None, [f"«{full}»: пол не известен, имя не склонено"]
    if by_surname and by_surname is not sex:
        words = ("мужском", "женщины") if sex is Sex.FEMALE else ("женском", "мужчины")
        return sex, [f"«{full}»: фамилия в {words[0]} роде у {words[1]}"]
    return sex, []


def _sex_of_surname(last: str) -> Sex | None:
    low = last.lower()
    if SURELY_FEMALE_SURNAME.search(low):
        return Sex.FEMALE
    return Sex.MALE if SURELY_MALE_SURNAME.search(low) else None


def _sex_of_patronymic(middle: str) -> Sex | None:
    low = middle.lower()
    if FEMALE_PATRONYMIC.search(low):
        return Sex.FEMALE
    return Sex.MALE if MALE_PATRONYMIC.search(low) else None


def _sex_of_first_name(first: str) -> Sex | None:
    names = known_forms(first.partition("-")[0], "Name")
    sexes = {name.gender for name in names}
    if sexes == {"masc"}:
        return Sex.MALE
    return Sex.FEMALE if sexes == {"femn"} else None


def _part_in_case(kind: str, text: str, sex: Sex | None, case: Case) -> tuple[str, str | None]:
    if NOT_CYRILLIC.search(text):
        return text, f"«{text}»: написано не русскими буквами, не склонено"
    if sex is None:
        return text, None
    if kind == "middle":
        return _patronymic_in_case(text, sex, case)
    if " " in text:
        words = [_word_in_case(kind, word, sex, case)[0] for word in text.split(" ")]
        return " ".join(words), f"«{text}»: составное имя, проверьте падеж"
    if "-" not in text:
        return _word_in_case(kind, text, sex, case)
    return _double_in_case(kind, text, sex, case)


def _patronymic_in_case(text: str, sex: Sex, case: Case) -> tuple[str, str | None]:
    # «Гасан оглы», «Гасан кызы» are not declined: Мамедову Али Гасан оглы.
    if PATRONYMIC_WITH_PARTICLE.search(text.lower()):
        return text, None
    if _sex_of_patronymic(text) is sex and " " not in text:
        return _pytrovich("middle", text, sex, case), None
    declined = " ".join(_word_in_case("first", word, sex, case)[0] for word in text.split(" "))
    return declined, f"«{text}»: непривычное отчество или второе имя, проверьте падеж"


def _double_in_case(kind: str, text: str, sex: Sex, case: Case) -> tuple[str, str | None]:
    *heads, tail = text.split("-")
    forms, doubts = [], []
    for part in heads:
        low = part.lower()
        if low in UNDECLINED_FIRST_PARTS:
            forms.append(part)
            continue
        form, doubt = _word_in_case(kind, part, sex, case)
        forms.append(form)
        usual = MALE_SURNAME.search(low) or FEMALE_SURNAME.search(low) or form == part
        if kind == "last" and not usual:
            doubt = f"«{text}»: склоняется ли первая часть фамилии, проверьте"
        doubts.append(doubt)
    form, doubt = _word_in_case(kind, tail, sex, case)
    doubts.append(doubt)
    return "-".join([*forms, form]), next(filter(None, doubts), None)


def _word_in_case(kind: str, word: str, sex: Sex, case: Case) -> tuple[str, str | None]:
    if kind == "first":
        return _first_name_in_case(word, sex, case)
    low = word.lower()
    if INVARIABLE_SURNAME.search(low) or (sex is Sex.FEMALE and low[-1] not in "ая"):
        return word, None
    form = _pytrovich("last", word, sex, case)
    return (
        _womans_surname(word, form, case) if sex is Sex.FEMALE else _mans_surname(word, form, case)
    )


def _first_name_in_case(word: str, sex: Sex, case: Case) -> tuple[str, str | None]:
    form = _pytrovich("first", word, sex, case)
    if sex is Sex.FEMALE and word.lower().endswith("ь") and not known_forms(word, "Name"):
        return form, f"«{word}»: женское имя на -ь, склоняется ли оно, проверьте"
    return form, None


def _womans_surname(word: str, form: str, case: Case) -> tuple[str, str | None]:
    # Малина may be declined as Иванова is (Малиной) or as the berry (Малине): only she knows.
    low = word.lower()
    nouns = known_forms(word, "NOUN", gender="femn")
    if not re.search(r"([иы]н|[оеё]в)а$", low) or known_forms(word, "Surn", gender="femn"):
        return form, None
    if not FEMALE_SURNAME.search(low):
        noun = word[:-1] + {Case.GENITIVE: "ы", Case.ACCUSATIVE: "у"}.get(case, "е")
        noun = word[:-1] + "ой" if case is Case.INSTRUMENTAL else noun
        return noun, _doubt(word, noun, form)
    return form, _doubt(word, form, nouns[0].in_case(case)) if nouns else None


def _mans_surname(word: str, form: str, case: Case) -> tuple[str, str | None]:
    low = word.lower()
    if MALE_SURNAME.search(low) and not low.endswith(("ин", "ын", "ый")):
        return form, None
    if low.endswith(("ой", "ий")) and _is_adjectival(form, case):
        return _adjective_or_noun(word, form, case)
    # A man is animate whatever his surname means: Гриба, though the mushroom is «гриб».
    asked = Case.GENITIVE if case is Case.ACCUSATIVE and low[-1] not in "ая" else case
    opinions = [
        title_case(opinion.in_case(asked))
        for kind in ("Surn", "NOUN")
        for opinion in known_forms(word, kind, gender="masc")
    ]
    if any(_plain(opinion) == _plain(form) for opinion in opinions):
        return form, None
    if opinions and case is Case.INSTRUMENTAL and _plain(opinions[0])[:-2] == _plain(form)[:-2]:
        return opinions[0], None  # Ткачом: pytrovich does not know where the stress falls.
    if opinions:
        return form, _doubt(word, form, opinions[0])
    if FLEETING_VOWEL.search(low) and not SETTLED_ENDING.search(low):
        return form, f"«{word}»: беглая гласная, проверьте, так ли: {form}"
    if form == word and low[-1] not in "ая":
        return form, f"«{word}»: фамилия не склонена, проверьте падеж"
    return form, None


def _adjective_or_noun(word: str, form: str, case: Case) -> tuple[str, str | None]:
    """Толстой is an adjective (Толстого), Герой is not (Героя); Топчий neither dictionary has."""
    low = word.lower()
    if re.search(r"[сц]к[иой]й$", low) or known_forms(word, "ADJF") or known_forms(word, "Surn"):
        return form, None
    stem = word[:-1]
    endings = {
        Case.GENITIVE: "я",
        Case.DATIVE: "ю",
        Case.ACCUSATIVE: "я",
        Case.INSTRUMENTAL: "ем",
    }
    noun = stem + endings[case]
    return noun, _doubt(word, noun, form)


def _is_adjectival(form: str, case: Case) -> bool:
    endings = {
        Case.GENITIVE: ("ого", "его"),
        Case.DATIVE: ("ому", "ему"),
        Case.ACCUSATIVE: ("ого", "его"),
        Case.INSTRUMENTAL: ("ым", "им"),
    }
    return form.lower().endswith(endings[case])


def _doubt(word: str, form: str, other: str) -> str | None:
    if _plain(form) == _plain(other):
        return None
    return f"«{word}»: {title_case(form)} или {title_case(other)}, проверьте падеж"


def _plain(text: str) -> str:
    return text.lower().replace("ё", "е")


def _pytrovich(kind: str, word: str, sex: Sex, case: Case) -> str:
    gender = Gender.FEMALE if sex is Sex.FEMALE else Gender.MALE
    return _maker().make(PYTROVICH_PARTS[kind], gender, PYTROVICH_CASES[case], word)
