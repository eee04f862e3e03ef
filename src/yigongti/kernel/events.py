"""Events: what a module announces, and what others do about it in the same transaction.

An event is a frozen dataclass in the announcing module's ``events.py``; it carries ids and values, no
model instances. Reactions are functions of one event, listed in the wiring module. There are no signals:
the list says everything that can happen, in the order in which it happens, and ``yigongti events`` prints it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from . import wiring

MAX_DEPTH = 16
"""Events announced by reactions to events; deeper is taken for a circle."""

_trail: ContextVar[tuple[type, ...]] = ContextVar("kernel_events_trail", default=())


class EventError(RuntimeError):
    """An event was announced in a way that cannot be right; a programming error."""


@dataclass(frozen=True)
class Reaction:
    """When *event* is announced, *do(event)* runs; *why* is one sentence for the listing."""

    event: type
    do: Callable[[Any], None]
    why: str = ""

    @property
    def name(self) -> str:
        """The reaction's dotted name."""
        return f"{self.do.__module__}.{self.do.__qualname__}"


@dataclass(frozen=True)
class Listed:
    """One line of the listing: an event, what it says, what it carries, and who reacts in which order."""

    event: str
    meaning: str
    carries: tuple[str, ...]
    reactions: tuple[tuple[str, str], ...]
    """(dotted name, why) in the order in which they run."""


def publish(event: Any) -> None:
    """Announce an event: run its reactions now, in the wiring's order, in the caller's transaction.

    A reaction that raises undoes the act that announced the event. Events announced by a reaction are
    handled at once, before the next reaction of the outer event. Raises EventError outside a transaction,
    for anything but a frozen dataclass, and when reactions go round in a circle.
    """
    kind = type(event)
    if not is_dataclass(event) or not kind.__dataclass_params__.frozen:
        raise EventError(f"{kind.__qualname__} is no event: events are frozen dataclasses")
    if not _in_transaction():
        raise EventError(f"{kind.__qualname__} announced outside a transaction")
    trail = _trail.get()
    if len(trail) >= MAX_DEPTH:
        names = " → ".join(step.__qualname__ for step in (*trail, kind))
        raise EventError(f"events go round in a circle: {names}")
    token = _trail.set((*trail, kind))
    try:
        for reaction in reactions_to(kind):
            reaction.do(event)
    finally:
        _trail.reset(token)


def reactions_to(kind: type) -> tuple[Reaction, ...]:
    """The reactions to an event class, in the order in which they run."""
    return tuple(reaction for reaction in wiring.offer("REACTIONS") if reaction.event is kind)


def listing() -> tuple[Listed, ...]:
    """Every event the wiring knows, by name, each with its reactions."""
    kinds = {*wiring.offer("EVENTS"), *(reaction.event for reaction in wiring.offer("REACTIONS"))}
    return tuple(
        Listed(
            event=_name(kind),
            meaning=(inspect.getdoc(kind) or "").partition("\n")[0],
            carries=tuple(field.name for field in fields(kind)),
            reactions=tuple((reaction.name, reaction.why) for reaction in reactions_to(kind)),
        )
        for kind in sorted(kinds, key=_name)
    )


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _in_transaction() -> bool:
    from django.db import connection

    return bool(connection.in_atomic_block)
