"""Look-up sources of the amendment's form: the keys, each with what is in force at the seat's place today."""

from __future__ import annotations

from collections.abc import Sequence

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import acting_or_none
from yigongti.kernel.form import Choice
from yigongti.kernel.pinyin import words

from .rules import amendments, units
from .rules.terms import Parameter
from .shelves import shelf


class KeySource:
    """Parameters by key, title or pinyin initials; stands in ``PORTS`` as ``policy_key``."""

    def get(self, code: str) -> Choice | None:
        """The parameter of exactly this key."""
        parameter = shelf().parameters.get(code)
        return _choice(parameter) if parameter is not None and _mine(code) else None

    def search(self, text: str, limit: int) -> Sequence[Choice]:
        """Parameters whose key or title holds the text, or whose title's initials begin with it; keys first."""
        wanted = text.strip().lower()
        ranked = []
        for key, parameter in shelf().parameters.items():
            rank = _rank(wanted, key, parameter.title) if _mine(key) else None
            if rank is not None:
                ranked.append((rank, key, parameter))
        return [_choice(parameter) for _, _, parameter in sorted(ranked, key=lambda entry: entry[:2])[:limit]]


def _mine(key: str) -> bool:
    """Whether the seat may propose this key; outside the door every one."""
    acting = acting_or_none()
    return acting is None or amendments.may_propose(acting.may, key)


def now_in_force(parameter: Parameter, place: str) -> str:
    """The value in force at a place today with its citation, in words; says so where there is none."""
    step = next((s for s in shelf().considered(parameter.key, place, calendar.today()) if s.taken), None)
    if step is None or step.value is None:
        return "现无值"
    return f"现值 {units.write(parameter, step.value.value)}（{step.place.title}，{step.value.citation}）".replace(
        "\n", "；"
    )


def _rank(wanted: str, key: str, title: str) -> int | None:
    if key.startswith(wanted):
        return 0
    if wanted in title or wanted in key:
        return 1
    return 2 if words(title).initials.startswith(wanted) else None


def _choice(parameter: Parameter) -> Choice:
    acting = acting_or_none()
    note = now_in_force(parameter, acting.place) if acting is not None else parameter.meaning
    return Choice(parameter.key, parameter.title, note)
