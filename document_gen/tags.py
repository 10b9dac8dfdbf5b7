"""What the tags of a Word template may do: names, filters, and what is refused.

Lawyers edit the templates, so every mistake in a tag is told in Russian and names the tag.
Nothing is ever guessed: an unknown name, an empty value, or a date without a format stops the
document, because a letter with a hole in it is worse than no letter.
"""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

from jinja2 import StrictUndefined, TemplateError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from document_gen import russian
from document_gen.names import PersonName
from document_gen.phrases import in_case
from document_gen.words import Case

VALUE_TAG = re.compile(r"{{(.*?)}}", re.DOTALL)

# XML 1.0 has no place for these, and Word calls a file with one of them damaged.
NOT_FOR_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class TemplateProblem(Exception):  # noqa: N818 - it is a message to a person, not a crash
    """A template cannot be used; the message, in Russian, names the tag and what to do."""


class MissingValue(StrictUndefined):
    """A name that the document does not provide, reported in Russian with the nearest names."""

    @property
    def _undefined_message(self) -> str:
        name = str(self._undefined_name)
        owner = None if self._undefined_obj is missing else self._undefined_obj
        known = [] if owner is None else public_names(owner)
        return missing_name(name, known)


def missing_name(name: str, known: Iterable[str]) -> str:
    """Say that a tag names what the document does not have, and which names come nearest."""
    near = get_close_matches(name, list(known), n=3, cutoff=0.6)
    advice = f" Может быть, вы имели в виду: {', '.join(near)}?" if near else ""
    return f"в метке стоит имя «{name}», а таких данных у документа нет.{advice}"


def public_names(owner: object) -> list[str]:
    """The names that a tag may use after the dot."""
    return [name for name in dir(owner) if not name.startswith("_")]


def printable(value: object) -> object:
    """Let through what reads well on paper: words and whole numbers.

    Raises ``TemplateProblem`` for the rest, since ``2026-11-01`` or ``None`` in a letter means
    that somebody forgot a filter or a piece of data.
    """
    if isinstance(value, Undefined):
        return str(value)
    if value is None:
        raise TemplateProblem("в метку попало пустое значение: окружите её условием {% if … %}")
    if isinstance(value, PersonName):
        value = value.full
    if isinstance(value, bytes):
        raise TemplateProblem(
            "в метке стоит рисунок: вставьте в Word любой рисунок и впишите метку в его "
            "замещающий текст"
        )
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TemplateProblem(
            f"значение «{value}» напечатано без формата: добавьте к метке | amount, | date, "
            "| period или другой формат"
        )
    if isinstance(value, str):
        # type(value) keeps text that is already escaped marked so.
        return type(value)(NOT_FOR_XML.sub(" ", value))
    return value


class Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox of Jinja, asked once for each attribute of a type.

    What may be reached depends on the type and the name alone, and a calculation of penalty asks
    for the same twenty names a thousand times.
    """

    def __init__(self, **options: Any) -> None:
        """Take the options of Jinja."""
        super().__init__(**options)
        self._answers: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Tell whether a template may read the attribute."""
        asked = type(obj), attr
        if asked not in self._answers:
            self._answers[asked] = super().is_safe_attribute(obj, attr, value)
        return self._answers[asked]


def environment() -> ImmutableSandboxedEnvironment:
    """Jinja for documents: strict, escaping, and closed to anything but the given values."""
    jinja = Sandbox(undefined=MissingValue, autoescape=True, finalize=printable)
    jinja.filters.update({name: _guarded(name, form) for name, form in FORMATS.items()})
    return jinja


def broken_tags(source: str, jinja: ImmutableSandboxedEnvironment) -> list[str]:
    """The ``{{ … }}`` tags that Jinja cannot read, as the lawyer wrote them."""
    return [
        tag.group(0) for tag in VALUE_TAG.finditer(source) if not _is_readable(tag.group(1), jinja)
    ]


def _is_readable(expression: str, jinja: ImmutableSandboxedEnvironment) -> bool:
    try:
        jinja.compile_expression(expression)
    except TemplateError:
        return False
    return True


def _guarded(name: str, form: Callable[..., str]) -> Callable[..., str]:
    def apply(value: Any, *arguments: Any) -> str:
        if isinstance(value, Undefined):
            return str(value)
        try:
            return form(value, *arguments)
        except (TypeError, ValueError, AttributeError) as error:
            raise TemplateProblem(f"формат «{name}» не подходит к значению «{value}»") from error

    return apply


def _in_case(case: Case) -> Callable[[str | PersonName], str]:
    def decline(value: str | PersonName) -> str:
        if isinstance(value, PersonName):
            return getattr(value, case.value)
        if not isinstance(value, str):
            raise TypeError("склоняются имена и названия")
        return in_case(value, case).text

    return decline


def _of_person(form: str) -> Callable[[PersonName], str]:
    def write(value: PersonName) -> str:
        if not isinstance(value, PersonName):
            raise TypeError("это имя человека")
        return getattr(value, form)

    return write


def _agree(name: PersonName, man: str, woman: str) -> str:
    """The word that agrees with the sex; both words where the sex is not known."""
    if name.is_female:
        return woman
    return man if name.is_male else f"{man} ({woman})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


FORMATS: dict[str, Callable[..., str]] = {
    "amount": russian.amount,
    "rubles": russian.rubles,
    "in_words": russian.amount_in_words,
    "number": russian.number,
    "percent": russian.percent,
    "plural": russian.plural,
    "date": russian.date_ru,
    "date_long": russian.date_long,
    "moment": russian.moment_ru,
    "period": russian.period_ru,
    "periods": russian.periods_ru,
    "from_to": russian.from_to_ru,
    "in_full": russian.amount_in_full,
    "capital": _capital,
    "glued": russian.glued,
    "listed": russian.listed,
    "genitive": _in_case(Case.GENITIVE),
    "dative": _in_case(Case.DATIVE),
    "accusative": _in_case(Case.ACCUSATIVE),
    "instrumental": _in_case(Case.INSTRUMENTAL),
    "short": _of_person("short"),
    "signed": _of_person("signed"),
    "agree": _agree,
}
"""Filters of the templates; docs/user/shablony.md lists them for lawyers."""
