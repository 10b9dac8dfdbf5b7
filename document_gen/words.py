"""Words in their cases, by the dictionary of pymorphy3, which is loaded when first asked."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from pymorphy3 import MorphAnalyzer
from pymorphy3.analyzer import Parse


class Case(StrEnum):
    """A grammatical case, by the name that templates call it."""

    GENITIVE = "genitive"
    DATIVE = "dative"
    ACCUSATIVE = "accusative"
    INSTRUMENTAL = "instrumental"


MARKS = {
    Case.GENITIVE: "gent",
    Case.DATIVE: "datv",
    Case.ACCUSATIVE: "accs",
    Case.INSTRUMENTAL: "ablt",
}
"""How the dictionary marks a case."""

PARTICLES = frozenset(
    ("оглы", "оглу", "угли", "улы", "уулу", "кызы", "гызы", "кизи", "зода", "де", "да", "ди", "фон")
)


@dataclass(frozen=True, slots=True)
class KnownForm:
    """A word of the dictionary in its initial form."""

    parse: Parse

    @property
    def gender(self) -> str | None:
        """``masc``, ``femn`` or ``None`` where the word does not tell."""
        tag = self.parse.tag
        return None if "ms-f" in tag else tag.gender

    def in_case(self, case: Case) -> str:
        """The word in a case, in small letters; the word itself where it has no such form."""
        form = self.parse.inflect({MARKS[case], "sing"})
        return form.word if form else self.parse.word


@lru_cache(maxsize=1)
def morphology() -> MorphAnalyzer:
    """The analyser; a quarter of a second and 15 MB when first called."""
    return MorphAnalyzer()


@lru_cache(maxsize=8192)
def known_forms(word: str, kind: str, gender: str | None = None) -> tuple[KnownForm, ...]:
    """What the dictionary itself (no guesses) knows of a word in the nominative singular.

    ``kind`` is a part of speech or a mark of the dictionary: NOUN, ADJF, Name, Surn. For NOUN,
    names and surnames are left out: they are asked for by their own marks.
    """
    found = []
    for parse in morphology().parse(word.lower()):
        tag = parse.tag
        if not parse.is_known or kind not in tag or tag.case != "nomn" or tag.number != "sing":
            continue
        if kind == "NOUN" and ("Name" in tag or "Surn" in tag or "Abbr" in tag):
            continue
        if gender is None or tag.gender == gender or "ms-f" in tag:
            found.append(KnownForm(parse))
    return tuple(found)


def title_case(text: str) -> str:
    """A name in usual capitals, where it is all in capitals or all small: Аль-Хадж, Гасан оглы."""
    if not (text.isupper() or text.islower()):
        return text
    words = []
    for word in text.lower().split(" "):
        parts = [
            p if i and p in PARTICLES else p.capitalize() for i, p in enumerate(word.split("-"))
        ]
        words.append("-".join(parts) if word not in PARTICLES else word)
    return " ".join(words)
