"""What reading and showing a form needs from around it: the day, who fills it in, the look-up sources,
what was shown masked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol

from yigongti.kernel import calendar, wiring

from .choice import Choice
from .masking import mask


class Source(Protocol):
    """A port that look-up fields ask: a code table, the units, the seats, the residents one may name.

    Implementations stand in ``PORTS`` of the wiring under the field's source ("icd10", "unit", "seat",
    "resident"); they see through the fence like everything else and answer in bounded time.
    """

    def get(self, code: str) -> Choice | None:
        """The entry of exactly this code, or None when there is none (or none that the seat may see)."""

    def search(self, text: str, limit: int) -> Sequence[Choice]:
        """At most *limit* entries for a code's beginning, a part of the name or pinyin initials, best
        first.
        """


@dataclass(frozen=True, slots=True)
class Known:
    """Something already known, filled in for the person, with where it comes from ("居民档案 2026-03-01")."""

    value: Any
    origin: str = ""


@dataclass(frozen=True)
class Env:
    """The surroundings of one form at one moment.

    today, now   civil day and aware moment
    who          name of the person filling it in; recorded with a consent
    sources      look-up sources by name; what is not here is asked from the wiring's PORTS
    masked       field name → the masked text that was shown; the same text sent back means "unchanged"
    known        field name → what is filled in before anybody typed; asked for when a form is shown, not when it is sent
    acting       who acts (:class:`kernel.access.Acting`), for callables in the description; None outside
                 the door
    subject_id   whom the form is about, where it is about one
    case         the case that the form acts on
    """

    today: date
    now: datetime
    who: str = ""
    sources: Mapping[str, Source] = field(default_factory=dict)
    masked: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, Known] = field(default_factory=dict)
    acting: Any = None
    subject_id: int | None = None
    case: Any = None
    _answers: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def here(cls, acting: Any = None, **rest: Any) -> Env:
        """The surroundings of now, for whoever acts."""
        who = getattr(acting, "name", "") or ""
        return cls(today=calendar.today(), now=calendar.now(), who=who, acting=acting, **rest)

    def answer(self, choices: Callable[[Env], Sequence[Any]]) -> Sequence[Any]:
        """What a description's callable offers here; asked once for a form that is read, checked and drawn."""
        if choices not in self._answers:
            self._answers[choices] = tuple(choices(self))
        found: Sequence[Any] = self._answers[choices]
        return found

    def source(self, name: str) -> Source:
        """The source of that name. Raises :class:`kernel.wiring.WiringError` when nobody offers it."""
        found = self.sources.get(name)
        return found if found is not None else wiring.port(name)

    def masked_text(self, name: str) -> str:
        """What a masked field shows: as given, else what is known of it with only its ends readable; "" for nothing."""
        known = self.known.get(name)
        if name in self.masked or known is None:
            return self.masked.get(name, "")
        text = str(known.value or "")
        return text if "*" in text else mask(text) if text else ""

    def knowing(self, **known: Known) -> Env:
        """The same surroundings with more already known."""
        return replace(self, known={**self.known, **known})

    def asking(self, ask: Callable[[Env], Mapping[str, Known]]) -> Env:
        """The same surroundings, with *ask* to be asked for more that is known once somebody looks."""
        return replace(self, known=_Asked(self, ask))


class _Asked(Mapping[str, Known]):
    """What is known, asked for at the first look: a form that is sent and taken never looks."""

    def __init__(self, env: Env, ask: Callable[[Env], Mapping[str, Known]]) -> None:
        self._env, self._ask = env, ask

    @cached_property
    def _found(self) -> Mapping[str, Known]:
        return {**self._env.known, **self._ask(self._env)}

    def __getitem__(self, name: str) -> Known:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
