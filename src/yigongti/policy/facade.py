"""The only door into the module: look-ups, limits, resolved sets, blueprints, what to show.

``place`` is a division code as ``Acting.place`` gives it: six digits; nine or twelve mean their county.
``on`` is the civil day the rule is wanted for. Every function raises PolicyGap where no text and no
amendment gives a value: there are no defaults.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from .blueprint.model import ALLIANCE_KINDS, BODY_KINDS, MODES, Block, Blueprint, Body, Site, UnknownBlueprint
from .blueprint.model import Alliance as AllianceKind
from .blueprint.model import Centre as CentreKind
from .blueprint.reading import blueprints
from .blueprint.reading import load as blueprint
from .rules.conditions import ConditionFault
from .rules.conditions import parse as terms_of
from .rules.terms import (
    STATUSES,
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
from .rules.units import ValueFault, check, write
from .rules.units import raw as raw_of
from .shelves import remembered, shelf, using
from .show import find_place
from .show import show as _show

if TYPE_CHECKING:
    from yigongti.kernel.access.facade import Acting
    from yigongti.kernel.case.facade import Case
    from yigongti.kernel.form import Field

__all__ = [
    "ALLIANCE_KINDS",
    "BODY_KINDS",
    "MODES",
    "STATUSES",
    "AllianceKind",
    "AssumedRefused",
    "Attached",
    "Block",
    "Blueprint",
    "Body",
    "CentreKind",
    "ConditionFault",
    "Limit",
    "Parameter",
    "Place",
    "PolicyError",
    "PolicyFault",
    "PolicyGap",
    "Site",
    "Table",
    "UnknownBlueprint",
    "UnknownKey",
    "UnknownPlace",
    "Value",
    "ValueFault",
    "ValueSet",
    "amended",
    "amendment_basis",
    "attached",
    "blueprint",
    "blueprints",
    "duration",
    "keep",
    "keep_at_unit",
    "kept",
    "limit",
    "limit_at_unit",
    "may_propose",
    "parameters",
    "place_named",
    "propose",
    "raw",
    "remembered",
    "resolved",
    "show",
    "terms_of",
    "turns",
    "using",
    "value",
    "written",
]


def value(key: str, *, place: str, on: date, real: bool = False) -> Value:
    """The value in force, with unit, status, source and clause.

    With *real*, a merely assumed value is refused: pass it wherever real money is cleared. Raises PolicyGap,
    UnknownKey, UnknownPlace, AssumedRefused.
    """
    return shelf().look(key, place, on, real=real)


def turns(keys: Iterable[str], *, place: str, first: date, last: date) -> tuple[date, ...]:
    """The days from *first* to *last* on which another value of one of the keys comes into force; *first* always, ascending."""
    return shelf().turns(keys, place, first, last)


def duration(key: str, *, place: str, on: date) -> timedelta:
    """The value as a length of time. Raises as :func:`value`, and WrongUnit for other units."""
    return shelf().look(key, place, on).duration


def limit(key: str, *, place: str, on: date) -> Limit:
    """The limit of a waiting state: due, and what follows around the due moment."""
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


def raw(found: Value) -> Any:
    """The JSON form of a value: whole numbers, texts, rows of tables as lists."""
    return raw_of(found.value)


def amended(found: Value, given: Any) -> Value:
    """The same parameter with another value, given in its JSON form. Raises ValueFault, whose message says what would be right."""
    return replace(found, value=check(shelf().parameters[found.key], given))


def may_propose(acting: Acting, key: str) -> bool:
    """Whether the seat may propose an amendment of a key."""
    from .rules import amendments

    return amendments.may_propose(acting.may, key)


# --- with the database ------------------------------------------------------------------------


def limit_at_unit(key: str, unit_id: int, on: date) -> Limit:
    """The limit at the place whose rules a unit follows: the case kernel's port ``limit``."""
    from .queries import place_of

    return shelf().look(key, place_of(unit_id), on).limit


def propose(*, acting: Acting, typed: Mapping[str, Any], client_id: UUID) -> Case:
    """Open an amendment from what would be typed into its form.

    Raises:
        ValueError: the form refuses it. Denied, Refused: as the form's page would.
    """
    from yigongti.kernel.form import Env, parse

    from .actions import propose as open_amendment
    from .forms import PROPOSAL

    parsed = parse(PROPOSAL, typed, env=Env.here(acting))
    if not parsed.ok:
        raise ValueError("；".join(problem.text for problem in parsed.problems))
    return open_amendment(acting=acting, values=parsed.values, client_id=client_id)


@dataclass(frozen=True)
class Attached:
    """An amendment to which something is attached."""

    case_id: int
    title: str
    after: str
    decision: str


def _decided(row: Any) -> str:
    said = str(row.get_decision_display())
    return f"已批准，自 {row.starts} 起执行" if row.decision == "approved" else said


def attached(evidence: str) -> tuple[Attached, ...]:
    """Amendments to which *evidence* is attached, the newest first, as far as the seat reads them."""
    from .models import Amendment

    known = shelf().parameters
    rows = Amendment.objects.filter(evidence=evidence).order_by("-proposed_at")
    return tuple(
        Attached(row.pk, known[row.key].title if row.key in known else row.key, row.written, _decided(row))
        for row in rows
    )


def amendment_basis() -> tuple[Field, ...]:
    """The fields of an amendment's form that several amendments at once can share: where, from when, on what it rests."""
    from .forms import PROPOSAL

    return tuple(one for one in PROPOSAL.fields if one.name not in ("key", "value", "evidence"))


def keep_at_unit(unit_id: int, on: date) -> str:
    """Keep the set in force where a unit lies; returns its hash: the case kernel's port ``limit_set``."""
    from .queries import place_of

    return keep(place=place_of(unit_id), on=on)


def keep(*, place: str, on: date) -> str:
    """Keep the set in force at a place and day, so that a result can point to it; returns its hash.

    Inside the door, in the transaction that writes the result.
    """
    from .actions import keep as keep_set

    return keep_set(shelf().resolve(place, on))


def kept(hash: str) -> str:
    """The content of a kept set, canonical JSON. Raises LookupError for a hash under which nothing is kept."""
    from .models import KeptSet
    from .queries import kept as kept_set

    try:
        return kept_set(hash).content
    except KeptSet.DoesNotExist:
        raise LookupError(f"没有哈希为 {hash} 的参数集") from None
