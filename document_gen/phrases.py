"""Organisations, positions and courts in the cases that documents need.

Only the head of such a name declines: «Акционерное общество „Водоканал“» – «Акционерного общества
„Водоканал“», «начальник отдела взыскания» – «начальника отдела взыскания». What stands after the
head (quoted names, genitives, «№ 84», abbreviations) stays as it is.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from pymorphy3.analyzer import Parse

from document_gen.names import PersonName, split_full_name
from document_gen.words import MARKS, Case, morphology

UNDECLINED = re.compile(r"^[«\"„]|^[А-ЯЁ]{2,}\b|^(и\.\s?о\.|врио|врид|вр\.\s?и\.\s?о\.)")
ENTREPRENEUR = re.compile(r"^(индивидуальный предприниматель|ип)\s+(?=[А-ЯЁ])", re.IGNORECASE)
NOT_A_HEAD = ("Surn", "Name", "Abbr", "Fixd")
WORD = re.compile(r"[А-Яа-яЁё]+(?:-[А-Яа-яЁё]+)*")


@dataclass(frozen=True, slots=True)
class DeclinedPhrase:
    """A name in a case, and what a person should check, in Russian (``None``: nothing)."""

    text: str
    doubt: str | None = None


# Positions and organisations of a town are few; a run asks for them again for every debtor.
@lru_cache(maxsize=2048)
def in_case(phrase: str, case: Case) -> DeclinedPhrase:
    """The phrase, given in the nominative, in ``case``.

    Where no head can be found (a name in Latin letters, an unknown word), the phrase stays as it
    is and carries a doubt.
    """
    text = " ".join(phrase.split())
    if entrepreneur := ENTREPRENEUR.match(text):
        return _entrepreneur(
            entrepreneur.group(0), split_full_name(text[entrepreneur.end() :]), case
        )
    head = _head(text)
    if head is None:
        return DeclinedPhrase(text)
    words, noun = head
    if noun is None:
        return DeclinedPhrase(text, f"«{text}»: не склонено, проверьте падеж")
    declined, doubt = text, None
    for start, end in reversed(words):
        word = text[start:end]
        form = _decline(word, noun, case)
        if form is None:
            doubt = f"«{text}»: слово «{word}» не склонено, проверьте падеж"
        else:
            declined = declined[:start] + _capitals_of(word, form) + declined[end:]
    return DeclinedPhrase(declined, doubt)


def _entrepreneur(form: str, name: PersonName, case: Case) -> DeclinedPhrase:
    doubts = name.doubts((case,))
    words = form.strip()
    head = words if words.isupper() else in_case(words, case).text
    return DeclinedPhrase(f"{head} {getattr(name, case.value)}", doubts[0] if doubts else None)


def _head(text: str) -> tuple[list[tuple[int, int]], Parse | None] | None:
    """Where the words of the head stand, and its noun; ``None`` where nothing declines.

    The head is the words in the nominative up to the first noun: adjectives, participles, noun.
    """
    if UNDECLINED.match(text):
        return None
    words: list[tuple[int, int]] = []
    candidate: tuple[list[tuple[int, int]], Parse] | None = None
    for found in WORD.finditer(text):
        if words and not text[words[-1][1] : found.start()].isspace():
            break
        words.append(found.span())
        if noun := _noun(found.group(), [text[a:b] for a, b in words[:-1]]):
            candidate = list(words), noun
        # «мировой» is a noun too, but in «мировой судья» the noun is the judge: look further.
        if not _adjectives(found.group()):
            words = words if noun else words[:-1]
            break
    return candidate or _without_noun(text, words)


def _without_noun(
    text: str, words: list[tuple[int, int]]
) -> tuple[list[tuple[int, int]], Parse | None]:
    """«управляющий», «заведующая сектором»: the last adjective stands for the noun."""
    if not words:
        return words, None
    # Of «управляющий» the form for people is wanted: управляющего, not управляющий, whom to see.
    parses = _adjectives(text[slice(*words[-1])])
    return words, parses[0] if parses else None


def _noun(word: str, adjectives: list[str]) -> Parse | None:
    for parse in morphology().parse(
        word.rpartition("-")[2].lower() if "-" in word else word.lower()
    ):
        tag = parse.tag
        if "NOUN" not in tag or tag.case != "nomn" or any(mark in tag for mark in NOT_A_HEAD):
            continue
        if all(_agreeing(adjective, parse) for adjective in adjectives):
            return parse
    return None


def _adjectives(word: str) -> list[Parse]:
    last = word.rpartition("-")[2].lower()
    return [
        parse
        for parse in morphology().parse(last)
        if ({"ADJF"} in parse.tag or {"PRTF"} in parse.tag) and parse.tag.case == "nomn"
    ]


def _agreeing(adjective: str, noun: Parse) -> Parse | None:
    for parse in _adjectives(adjective):
        same_number = parse.tag.number == noun.tag.number
        # «Мировой судья» is masculine whoever sits: so the position is written in the law.
        genders = {noun.tag.gender, "masc"} if "ms-f" in noun.tag else {noun.tag.gender}
        if same_number and (noun.tag.number == "plur" or parse.tag.gender in genders):
            return parse
    return None


def _decline(word: str, noun: Parse, case: Case) -> str | None:
    parts = word.split("-")
    last = parts[-1].lower()
    marks = {MARKS[case], noun.tag.number}
    if last == noun.word:
        if "NOUN" not in noun.tag:
            marks |= {noun.tag.gender or "masc"} | ({"anim"} if case is Case.ACCUSATIVE else set())
        form = noun.inflect(marks) or noun.inflect(marks - {"anim"})
        heads = [_first_part(part, noun, case) for part in parts[:-1]]
    else:
        parse = _agreeing(word, noun)
        if parse is None:
            return None
        if noun.tag.number == "sing":
            marks.add(parse.tag.gender)
        if case is Case.ACCUSATIVE:
            marks.add("anim" if noun.tag.animacy == "anim" else "inan")
        form = parse.inflect(marks) or parse.inflect(marks - {"anim", "inan"})
        heads = [part.lower() for part in parts[:-1]]
    return "-".join([*heads, form.word]) if form else None


def _first_part(part: str, noun: Parse, case: Case) -> str:
    """«директор-распорядитель»: both decline; «вице-президент»: the first does not."""
    for parse in morphology().parse(part.lower()):
        same = parse.tag.number == noun.tag.number
        if parse.is_known and "NOUN" in parse.tag and parse.tag.case == "nomn" and same:
            form = parse.inflect({MARKS[case], noun.tag.number})
            return form.word if form else part.lower()
    return part.lower()


def _capitals_of(word: str, form: str) -> str:
    if word.isupper() and len(word) > 1:
        return form.upper()
    return "-".join(
        piece.capitalize() if index < len(parts) and parts[index][:1].isupper() else piece
        for parts in [word.split("-")]
        for index, piece in enumerate(form.split("-"))
    )
