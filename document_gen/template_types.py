"""What a template may ask of a document, read from the types of its context.

A name that is right for one example may be absent in another; types know all of them at once.
"""

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

ANY = object()
"""A value of which nothing is known: nothing that is asked of it is called wrong."""

PLAIN = (str, int, bool, bytes)


def names_of_kind(context: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """The names that a template of this kind may use, with their types.

    ``values`` are those of an example: they hold the names that the context itself has not.
    """
    hints = typing.get_type_hints(context)
    known = {field.name: hints[field.name] for field in fields(context)}
    made = {name: _type_of(value) for name, value in values.items() if name not in known}
    return made | known


def attribute(owner: Any, name: str) -> Any | None:
    """The type of ``owner.name``; ``None`` where there is no such thing."""
    if owner is ANY:
        return ANY
    kind = bare(owner)
    if not isinstance(kind, type) or kind in PLAIN or element(owner) is not None:
        # Methods of text and numbers are Jinja's own affair.
        return ANY
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        if name in hints:
            return hints[name]
    found = getattr(kind, name, None)
    if isinstance(found, property) and found.fget is not None:
        return typing.get_type_hints(found.fget).get("return", ANY)
    return None if found is None or name.startswith("_") else ANY


def attributes(owner: Any) -> list[str]:
    """The names that may follow the dot."""
    kind = bare(owner)
    return [name for name in dir(kind) if not name.startswith("_")] + (
        [field.name for field in fields(kind)] if is_dataclass(kind) else []
    )


def element(owner: Any) -> Any | None:
    """The type of what a loop over ``owner`` gives; ``None`` where it is no list."""
    if owner is ANY:
        return ANY
    kind = without_none(owner)
    if typing.get_origin(kind) in (tuple, list):
        arguments = typing.get_args(kind)
        return arguments[0] if arguments else ANY
    return ANY if kind in (tuple, list) else None


def bare(kind: Any) -> Any:
    """The class of a type, ``None`` left out."""
    kind = without_none(kind)
    return typing.get_origin(kind) or kind


def without_none(kind: Any) -> Any:
    """``X`` of ``X | None``."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        others = [part for part in typing.get_args(kind) if part is not type(None)]
        return others[0] if len(others) == 1 else ANY
    return kind


def _type_of(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple[type(value[0]), ...] if value else tuple
    return type(value)
