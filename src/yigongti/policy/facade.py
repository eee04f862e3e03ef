"""The only door into the module: look-ups, limits, resolved sets, blueprints, what to show.

``place`` is a division code as ``Acting.place`` gives it: six digits; nine or twelve mean their county.
``on`` is the civil day the rule is wanted for. Every function raises PolicyGap where no text and no
amendment gives a value: there are no defaults.
"""

from __future__ import annotations

from datetime import date, timedelta

from .blueprint import Blueprint, blueprints
from .blueprint import load as blueprint
from .rules.terms import (
    AssumedRefused,
    Limit,
    Parameter,
    Place,
    PolicyError,
    PolicyFault,
    PolicyGap,
    Table,
    UnknownKey,
    UnknownPlace,
    Value,
    ValueSet,
)
from .rules.units import write
from .shelves import shelf
from .show import find_place
from .show import show as _show

__all__ = [
    "AssumedRefused",
    "Blueprint",
    "Limit",
    "Parameter",
    "Place",
    "PolicyError",
    "PolicyFault",
    "PolicyGap",
    "Table",
    "UnknownKey",
    "UnknownPlace",
    "Value",
    "ValueSet",
    "blueprint",
    "blueprints",
    "duration",
    "limit",
    "parameters",
    "place_named",
    "resolved",
    "show",
    "value",
    "written",
]


def value(key: str, *, place: str, on: date, real: bool = False) -> Value:
    """The value in force, with unit, status, source and clause.

    With *real*, a merely assumed value is refused: pass it wherever real money is cleared. Raises PolicyGap,
    UnknownKey, UnknownPlace, AssumedRefused.
    """
    return shelf().look(key, place, on, real=real)


def duration(key: str, *, place: str, on: date) -> timedelta:
    """The value as a length of time. Raises as :func:`value`, and WrongUnit for other units."""
    return shelf().look(key, place, on).duration


def limit(key: str, *, place: str, on: date) -> Limit:
    """The limit of a waiting state: due, remind, escalate, director, each counted from entering the state."""
    return shelf().look(key, place, on).limit


def parameters() -> tuple[Parameter, ...]:
    """What is known about every key, by key."""
    known = shelf().parameters
    return tuple(known[key] for key in sorted(known))


def resolved(*, place: str, on: date) -> ValueSet:
    """Everything in force at a place on a day, with its hash. Keys that have no value there are absent."""
    return shelf().resolve(place, on)


def place_named(text: str) -> Place:
    """The place meant by a division code, a title or a folder name, as typed by a person."""
    return find_place(shelf(), text)


def show(key: str, *, at: str, on: date) -> str:
    """What ``yigongti policy show KEY --at PLACE --on DATE`` prints; *at* as in :func:`place_named`."""
    return _show(shelf(), key, at, on)


def written(found: Value) -> str:
    """A value in words, as screens show it: ``4 小时内办结，…``, ``20%``, ``30 天``."""
    return write(shelf().parameters[found.key], found.value)
