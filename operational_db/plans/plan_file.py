"""Reading a plan file: YAML in Russian words, every mistake told with its line and field.

docs/user/plany.md describes the file for those who write one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from operational_db.event_names import (
    CALENDARS,
    CONTACT_RESULTS,
    COUNTED_KINDS,
    COUNTS,
    MARKS,
    PERIODS,
    SHARES,
    code_of,
)
from operational_db.imports.problems import FieldError, FileRefusedError
from operational_db.imports.values import read_amount, read_date

BANDS = ("A", "B", "C", "D")
YES_OR_NO = {"да": True, "нет": False, "true": True, "false": False}
LARGEST_TARGET = Decimal("1000000000")
LESS_IS_BETTER = frozenset({"days_to_payment", "difference_open"})
OF_ONE_KIND = {
    "share_of_execution": ["recovery"],
    "difference_removed": ["reconciliation"],
    "difference_open": ["reconciliation"],
    "announced_sums": ["publication"],
}
"""Ways of counting that make sense for one kind of events only."""

MEASURE_COLUMNS = {
    "номер": "measure_no",
    "мероприятие": "name",
    "количество": "quantity",
    "ожидаемый результат": "expected_result",
    "механизм": "mechanism",
    "индикаторы": "indicators",
    "ответственный": "responsible",
    "срок": "term",
}
"""Columns that a source may have: their names in the file and in ops.plan_measure."""


@dataclass(frozen=True, slots=True)
class IndicatorSpecification:
    """One indicator, its fields named as the columns of ops.plan_indicator."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MeasureSpecification:
    """One measure in the words of the source, and its indicators."""

    values: Mapping[str, Any]
    indicators: tuple[IndicatorSpecification, ...]


@dataclass(frozen=True, slots=True)
class PlanSpecification:
    """A whole plan as its file says it."""

    code: str
    title: str
    approval: str | None
    valid_from: date
    valid_to: date | None
    columns: tuple[tuple[str, str], ...]
    sections: tuple[str, ...]
    measures: tuple[MeasureSpecification, ...]


def read_plan(content: bytes) -> PlanSpecification:
    """Read a plan file; ``FileRefusedError`` lists every mistake with its line and field."""
    try:
        root = yaml.compose(content.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as problem:
        raise FileRefusedError("файл не в UTF-8. Сохраните его в этой кодировке.") from problem
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else None
        raise FileRefusedError(
            "запись YAML нарушена: проверьте отступы, двоеточия и кавычки в этой строке и над ней.",
            line=line,
        ) from problem
    except yaml.YAMLError as problem:
        raise FileRefusedError(
            "в файле есть знаки, которых в тексте не бывает. Сохраните его как обычный текст."
        ) from problem
    if not isinstance(root, yaml.MappingNode):
        raise FileRefusedError("это не план: нужен файл YAML, который начинается с «план: …».")
    problems: list[str] = []
    plan = _plan(_Fields(root, "план", problems))
    if problems:
        listed = "\n  ".join(problems)
        raise FileRefusedError(f"ошибок: {len(problems)}.\n  {listed}")
    return plan


class _Fields:
    """The fields of one mapping of the file; remembers what is wrong and which were asked for."""

    def __init__(self, node: yaml.Node, what: str, problems: list[str]) -> None:
        self.node, self.what, self.problems = node, what, problems
        self.line = node.start_mark.line + 1
        self.found: dict[str, tuple[int, yaml.Node]] = {}
        self.asked: set[str] = set()
        if not isinstance(node, yaml.MappingNode):
            self.complain(what, "нужны поля вида «имя: значение»")
            return
        for key, value in node.value:
            name = " ".join(str(key.value).lower().split())
            if name in self.found:
                self.complain(name, "поле названо дважды: оставьте одно", key.start_mark.line + 1)
            self.found[name] = (key.start_mark.line + 1, value)

    def complain(self, field: str, text: str, line: int | None = None) -> None:
        at = line or self.found.get(field, (self.line,))[0]
        self.problems.append(f"Строка {at}, {self.what}, поле «{field}»: {text}.")

    def text(self, field: str, *, is_required: bool = False) -> str | None:
        """The value as text without spaces around it; None where it is empty or absent."""
        self.asked.add(field)
        if field not in self.found:
            if is_required:
                self.complain(field, "поля нет, а оно обязательно")
            return None
        node = self.found[field][1]
        if not isinstance(node, yaml.ScalarNode):
            self.complain(field, "нужно одно значение, а не перечень")
            return None
        written = "\n".join(line.rstrip() for line in str(node.value).strip().splitlines())
        if node.tag == "tag:yaml.org,2002:null" or not written:
            if is_required:
                self.complain(field, "пусто, а значение обязательно")
            return None
        return written

    def read(
        self, field: str, reader: Callable[[str], Any], *, is_required: bool = False
    ) -> Any | None:
        """The value read by ``reader``, whose ``FieldError`` is told with the place."""
        written = self.text(field, is_required=is_required)
        if written is None:
            return None
        try:
            return reader(written)
        except FieldError as problem:
            self.complain(field, str(problem).rstrip("."))
            return None

    def one_of(
        self, field: str, names: dict[str, str], *, otherwise: str | None = None
    ) -> str | None:
        """The code of one of the names."""
        written = self.text(field, is_required=otherwise is None)
        if written is None:
            return otherwise
        return self._code(field, names, written)

    def several_of(
        self, field: str, names: dict[str, str], *, is_required: bool = False
    ) -> list[str] | None:
        """The codes of a list of names; None where the field is absent."""
        self.asked.add(field)
        if field not in self.found:
            if is_required:
                self.complain(field, "поля нет, а оно обязательно")
            return None
        codes = [self._code(field, names, written) for written in self._items(field)]
        if not codes:
            self.complain(field, "перечень пуст: уберите поле или назовите хотя бы одно")
        return [code for code in codes if code is not None]

    def nodes(self, field: str) -> list[yaml.Node]:
        """The items of a list of mappings; empty where the field is absent."""
        self.asked.add(field)
        if field not in self.found:
            return []
        node = self.found[field][1]
        if not isinstance(node, yaml.SequenceNode):
            self.complain(field, "нужен перечень: каждая запись начинается с «- »")
            return []
        return list(node.value)

    def finish(self) -> None:
        """Complain of fields that nobody asked for: a misspelt name must not pass in silence."""
        for name in self.found.keys() - self.asked:
            known = ", ".join(sorted(self.asked))
            self.complain(name, f"такого поля нет. Есть: {known}")

    def _items(self, field: str) -> list[str]:
        written = []
        for node in self.nodes(field):
            if isinstance(node, yaml.ScalarNode):
                written.append(str(node.value).strip())
            else:
                self.complain(field, "в перечне нужны слова", node.start_mark.line + 1)
        return written

    def _code(self, field: str, names: dict[str, str], written: str) -> str | None:
        code = code_of(names, written)
        if code is None:
            known = ", ".join(f"«{name}»" for name in names.values())
            self.complain(field, f"«{written}» не известно. Есть: {known}")
        return code


def _plan(fields: _Fields) -> PlanSpecification:
    code = fields.text("план", is_required=True)
    title = fields.text("название", is_required=True)
    valid_from = fields.read("действует с", read_date, is_required=True)
    valid_to = fields.read("действует по", read_date)
    if valid_from and valid_to and valid_to < valid_from:
        fields.complain("действует по", "план кончается раньше, чем начинается")
    columns = _columns(fields)
    sections = _sections(fields)
    nodes = fields.nodes("мероприятия")
    if not nodes:
        fields.complain("мероприятия", "в плане нет ни одного мероприятия")
    approval = fields.text("утверждён") or fields.text("утвержден")
    measures = tuple(
        _measure(_Fields(node, f"мероприятие {place}", fields.problems), len(sections))
        for place, node in enumerate(nodes, start=1)
    )
    fields.asked.add("утвержден")
    fields.finish()
    _refuse_repeated_codes(fields, measures)
    return PlanSpecification(
        code=code or "",
        title=" ".join((title or "").split()),
        approval=approval,
        valid_from=valid_from or date.min,
        valid_to=valid_to,
        columns=columns,
        sections=sections,
        measures=measures,
    )


def _columns(fields: _Fields) -> tuple[tuple[str, str], ...]:
    """Pairs of a known column and its heading, in the order of the source."""
    columns: list[tuple[str, str]] = []
    for node in fields.nodes("столбцы"):
        line = node.start_mark.line + 1
        is_pair = isinstance(node, yaml.SequenceNode) and len(node.value) == 2
        if not is_pair or not all(isinstance(part, yaml.ScalarNode) for part in node.value):
            fields.complain("столбцы", "нужна пара [столбец, заголовок]", line)
            continue
        name, heading = (str(part.value).strip() for part in node.value)
        field = MEASURE_COLUMNS.get(name.lower())
        if field is None:
            known = ", ".join(f"«{known}»" for known in MEASURE_COLUMNS)
            fields.complain("столбцы", f"столбца «{name}» не бывает. Есть: {known}", line)
        elif field in dict(columns):
            fields.complain("столбцы", f"столбец «{name}» назван дважды", line)
        else:
            columns.append((field, heading))
    named = dict(columns)
    for name in ("номер", "мероприятие"):
        if MEASURE_COLUMNS[name] not in named:
            fields.complain("столбцы", f"нет столбца «{name}», без него отчёт не составить")
    return tuple(columns)


def _sections(fields: _Fields) -> tuple[str, ...]:
    titles = []
    for node in fields.nodes("разделы"):
        if isinstance(node, yaml.ScalarNode) and str(node.value).strip():
            titles.append(str(node.value).strip())
        else:
            fields.complain("разделы", "нужно название раздела", node.start_mark.line + 1)
    return tuple(titles)


def _measure(fields: _Fields, sections: int) -> MeasureSpecification:
    values: dict[str, Any] = {
        column: fields.text(name, is_required=name in ("номер", "мероприятие"))
        for name, column in MEASURE_COLUMNS.items()
    }
    values["section_no"] = fields.read("раздел", _whole)
    if values["section_no"] is not None and values["section_no"] > sections:
        fields.complain("раздел", f"разделов в плане {sections}")
    nodes = fields.nodes("показатели")
    if not nodes:
        fields.complain("показатели", "у мероприятия нет ни одного показателя: считать нечего")
    indicators = tuple(
        _indicator(_Fields(node, f"{fields.what}, показатель {place}", fields.problems))
        for place, node in enumerate(nodes, start=1)
    )
    fields.finish()
    return MeasureSpecification(values, indicators)


def _indicator(fields: _Fields) -> IndicatorSpecification:
    counts = fields.one_of("считать", COUNTS)
    values = {
        "code": fields.text("код", is_required=True),
        "title": fields.text("название", is_required=True),
        "unit": fields.text("единица", is_required=True),
        "counts": counts,
        "event_kinds": fields.several_of("события", COUNTED_KINDS, is_required=True),
        "results": fields.several_of("результаты", CONTACT_RESULTS),
        "marks": fields.several_of("пометки", MARKS),
        "among_marks": fields.several_of("среди событий с пометками", MARKS),
        "tolerance": fields.read("допуск", _part),
        "debt_over": fields.read("долг свыше", read_amount),
        "bands": fields.several_of("полосы", {band: band for band in BANDS}),
        "average_charges_from": fields.read("долг в средних начислениях от", _times),
        "follow_up_kinds": fields.several_of("продолжение", COUNTED_KINDS),
        **_follow_up_days(fields),
        "period": fields.one_of("период", PERIODS),
        "calendar": fields.one_of("дни", CALENDARS, otherwise="calendar"),
        "is_daily_norm": bool(fields.read("дневная норма", _yes_or_no)),
        "target": fields.read("норма", _target),
        "offered_target": fields.read("предлагаемая норма", _target),
        "numerator": fields.text("числитель", is_required=True),
        "denominator": fields.text("знаменатель"),
        "counting_rule": fields.text("правило", is_required=True),
        "sources": fields.text("источники", is_required=True),
        "awaits": fields.text("ждёт", is_required=True),
        "responsible": fields.text("ответственный"),
        "deadline": fields.text("срок"),
    }
    _check_sense(fields, values)
    fields.finish()
    return IndicatorSpecification(values)


def _check_sense(fields: _Fields, values: Mapping[str, Any]) -> None:
    counts = values["counts"]
    if counts in SHARES and values["denominator"] is None:
        fields.complain("знаменатель", "у доли должен быть знаменатель, словами")
    for name in ("target", "offered_target"):
        field = "норма" if name == "target" else "предлагаемая норма"
        if counts in SHARES and values[name] is not None and values[name] > 1:
            fields.complain(field, "норма доли пишется с процентами, например 100%")
    if values["is_daily_norm"] and (values["period"] != "day" or values["target"] is None):
        fields.complain("дневная норма", "нужны «период: день» и «норма»")
    if (counts == "share_followed") != (values["follow_up_kinds"] is not None):
        fields.complain("продолжение", "нужно для доли событий с продолжением и только для неё")
    if (values["follow_up_kinds"] is None) != (values["follow_up_days"] is None):
        fields.complain("продолжение за дней", "называется вместе с полем «продолжение»")
    if counts == "share_of_accounts" and not values["bands"]:
        fields.complain("полосы", "доля лицевых счетов считается от счетов полос: назовите полосы")
    if (counts == "announced_sums") != (values["tolerance"] is not None):
        fields.complain("допуск", "нужен для доли верных публикаций и только для неё")
    if counts in LESS_IS_BETTER and values["target"] is not None:
        fields.complain("норма", "норма пишется «не меньше», а здесь чем меньше, тем лучше")
    for only, kinds in OF_ONE_KIND.items():
        if counts == only and values["event_kinds"] not in (None, [], kinds):
            told = COUNTED_KINDS[kinds[0]]
            fields.complain("события", f"этот способ считает только события «{told}»")
    is_of_month_start = counts in ("share_of_accounts", "share_of_houses")
    if is_of_month_start and values["period"] == "day":
        fields.complain("период", "эта доля считается за месяц, квартал или год")
    bills = values["event_kinds"] == ["bill"]
    if (counts in ("bills_marked", "bills_with_penalty")) != bills:
        fields.complain("события", "квитанции считают только доли квитанций, и ничего другого они")


def _follow_up_days(fields: _Fields) -> dict[str, Any]:
    days = fields.read("продолжение за дней", _whole)
    working = fields.read("продолжение за рабочих дней", _whole)
    if days is not None and working is not None:
        fields.complain("продолжение за рабочих дней", "назовите либо дни, либо рабочие дни")
    return {
        "follow_up_days": days if working is None else working,
        "is_follow_up_working": working is not None,
    }


def _refuse_repeated_codes(fields: _Fields, measures: tuple[MeasureSpecification, ...]) -> None:
    seen: set[str] = set()
    for measure in measures:
        for indicator in measure.indicators:
            code = indicator.values["code"]
            if code in seen:
                fields.complain("код", f"показатель «{code}» назван дважды")
            if code is not None:
                seen.add(code)


def _target(written: str) -> Decimal:
    """A norm: a number, or a share in per cent."""
    is_share = written.endswith("%")
    value = read_amount(written.removesuffix("%").strip())
    if value <= 0:
        raise FieldError("норма должна быть больше нуля. Если её нет, уберите поле")
    if is_share and value > 100:
        raise FieldError("доля больше 100 % невозможна")
    if value > LARGEST_TARGET:
        raise FieldError("норма неправдоподобно велика")
    return value / 100 if is_share else value


def _part(written: str) -> Decimal:
    """A part of one, written in per cent."""
    if not written.endswith("%"):
        raise FieldError("нужна доля с процентами, например 1%")
    value = read_amount(written.removesuffix("%").strip()) / 100
    if not 0 <= value < 1:
        raise FieldError("нужна доля от 0 до 100 %")
    return value


def _times(written: str) -> Decimal:
    value = read_amount(written)
    if not 0 < value <= 1000:
        raise FieldError("нужно число больше нуля, например 2")
    return value


def _whole(written: str) -> int:
    if not (written.isascii() and written.isdigit() and 0 < int(written) < 1000):
        raise FieldError(f"«{written}» – не целое число больше нуля")
    return int(written)


def _yes_or_no(written: str) -> bool:
    value = YES_OR_NO.get(written.lower())
    if value is None:
        raise FieldError(f"«{written}» – нужно «да» или «нет»")
    return value
