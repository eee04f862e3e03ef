"""Which shelf is in force: the shipped one, with this region's approved amendments laid over it.

Built once per database and version and shared by all threads. Inside the door the version is asked once a
transaction, so that a request sees one set of rules from beginning to end and an amendment that was approved in
another process is seen by the next request. Outside the door (sign-in, command line) it is asked at most every two
seconds; where no database can be reached nothing is amended and the shipped shelf is the answer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from django.apps import apps
from django.db import InterfaceError, OperationalError, connection

from yigongti.kernel.access.door import acting_or_none

from .loader import shipped
from .rules.amendments import as_value
from .rules.shelf import Shelf
from .rules.terms import Place

if TYPE_CHECKING:
    from yigongti.kernel.access.facade import Acting

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

MOST_REMEMBERED = 20_000
"""Answers kept of one function; beyond it all are forgotten."""
OUTSIDE_SECONDS = 2.0
"""How old the answer may be outside the door."""

_built: dict[str, tuple[str, Shelf]] = {}
_asked: dict[str, float] = {}
_held: ContextVar[tuple[Acting, Shelf] | None] = ContextVar("policy_shelf_held", default=None)
_instead: ContextVar[Shelf | None] = ContextVar("policy_shelf_instead", default=None)


def shelf() -> Shelf:
    """The shelf in force here and now."""
    instead = _instead.get()
    if instead is not None:
        return instead
    acting = acting_or_none()
    if acting is None:
        return _outside()
    held = _held.get()
    if held is not None and held[0] is acting:
        return held[1]
    found = _current()
    _held.set((acting, found))
    return found


@contextmanager
def using(other: Shelf) -> Iterator[None]:
    """Within the block *other* is in force; for what-if questions and tests."""
    token = _instead.set(other)
    try:
        yield
    finally:
        _instead.reset(token)


def forget() -> None:
    """Ask again at the next look-up of this transaction: an amendment has just been approved in it."""
    _held.set(None)
    _asked.clear()


def remembered(compute: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Keep what a function makes of policy for its arguments, until policy changes.

    Only for what depends on nothing but the shelf in force and the arguments, which must be hashable. Errors are not kept. The
    answer is shared by all requests of the process: nobody may change it.
    """
    kept: tuple[Shelf | None, dict[tuple[object, ...], Answer]] = (None, {})

    @wraps(compute)
    def asked(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        nonlocal kept
        now = shelf()
        of, answers = kept
        if of is not now or len(answers) >= MOST_REMEMBERED:
            answers = {}
            kept = (now, answers)
        key = (*args, *sorted(kwargs.items()))
        if key not in answers:
            answers[key] = compute(*args, **kwargs)
        return answers[key]

    return asked


def _outside() -> Shelf:
    if not apps.ready:
        return shipped()
    name = str(connection.settings_dict["NAME"])
    built = _built.get(name)
    now = time.monotonic()
    if built is not None and now - _asked.get(name, 0.0) < OUTSIDE_SECONDS:
        return built[1]
    try:
        found = _current()
    except (OperationalError, InterfaceError):
        return shipped()
    _asked[name] = now
    return found


def _current() -> Shelf:
    name = str(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("select policy.version()")
        (version,) = cursor.fetchone()
        built = _built.get(name)
        if built is not None and built[0] == version:
            return built[1]
        cursor.execute("select * from policy.changes()")
        rows = cursor.fetchall()
        cursor.execute("select * from policy.regions()")
        regions = cursor.fetchall()
    base = shipped()
    places = [Place(place, title) for place, title in regions if place not in base.places]
    changes = [
        as_value(
            base.parameters.get(key), amendment=number, key=key, place=place, starts=starts, ends=ends,
            raw=json.loads(raw), status=status, source=source, clause=clause, note=note,
        )
        for number, place, key, starts, ends, raw, status, source, clause, note in rows
    ]  # fmt: skip
    found = base.with_changes(changes, places)
    _built[name] = (version, found)
    return found
