"""dbt without what it does anew in every node of every build, and what nobody reads of a test.

Most of the time of a build of a few accounts is dbt's own: a third of it goes into lines for a log,
readers of dates and lists of macros that come out the same each time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import parsedatetime
import pytest
from dbt.clients.jinja import MacroGenerator, MacroStack
from dbt.context.macros import MacroNamespace
from dbt.contracts.graph.nodes import Macro
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager

fill_namespace = MacroNamespace.__init__
fire_event = EventManager.fire_event


def _filled(self: MacroNamespace, *given: object, **named: object) -> None:
    """All macros by name; dbt would look each up through five lists, again for every node."""
    fill_namespace(self, *given, **named)
    self.by_name = {}
    for searched in reversed(list(self._search_order())):
        self.by_name |= searched


def _made(
    self: MacroGenerator,
    macro: Macro,
    context: dict | None = None,
    node: object = None,
    stack: MacroStack | None = None,
) -> None:
    """What dbt does in three steps, for each of some hundreds of macros for every node."""
    self.macro, self.context, self.node, self.stack = macro, context, node, stack


def _fire_if_heard(
    self: EventManager, event: BaseEvent, level: EventLevel | None = None, **options: object
) -> None:
    # What builds listen for are results of nodes, which are no news for debugging.
    if self.loggers or (level or event.level_tag()) != EventLevel.DEBUG:
        fire_event(self, event, level, **options)


@contextmanager
def leaner_dbt() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsedatetime, "Constants", cache(parsedatetime.Constants))
        patch.setattr(MacroGenerator, "__init__", _made)
        patch.setattr(MacroNamespace, "__init__", _filled)
        patch.setattr(MacroNamespace, "__iter__", lambda self: iter(self.by_name))
        patch.setattr(MacroNamespace, "__len__", lambda self: len(self.by_name))
        patch.setattr(MacroNamespace, "__getitem__", lambda self, name: self.by_name[name])
        patch.setattr(EventManager, "fire_event", _fire_if_heard)
        yield
