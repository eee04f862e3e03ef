"""One thing that can be chosen, and the choices that every form shares."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen: the stored ``code``, what a person reads, and a word of help beside
    it.
    """

    code: str
    label: str
    note: str = ""


#: Relations offered with a consent where the field names none.
RELATIONS = (
    Choice("self", "本人"),
    Choice("guardian", "监护人"),
    Choice("relative", "近亲属"),
    Choice("agent", "委托代理人"),
)
