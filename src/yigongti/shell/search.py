"""What the one search box finds, besides persons: cases by number."""

from __future__ import annotations

from dataclasses import dataclass

from yigongti.kernel.access.door import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case import queries
from yigongti.registry import facade as registry

MOST = 20


@dataclass(frozen=True)
class Hit:
    """One line of the answer."""

    title: str
    text: str
    url: str


@dataclass(frozen=True)
class Hits:
    """A group of the answer; `total` may exceed what is shown, `note` says how to narrow."""

    title: str
    hits: tuple[Hit, ...]
    total: int
    note: str = ""


def cases(acting: Acting, text: str) -> list[Hits]:
    """Cases by number, whole or its end; only where the text looks like one."""
    rows = queries.numbered(text)[:MOST]
    if not rows:
        return []
    log.saw("case", [c.pk for c in rows], [c.subject_id for c in rows if c.subject_id], why="按单号查找")
    hits = tuple(Hit(c.title, f"{c.number} · {c.from_unit.name} → {c.to_unit.name}", f"/case/{c.pk}/") for c in rows)
    return [Hits("事项", hits, len(rows))]


def persons(acting: Acting, text: str) -> list[Hits]:
    """Residents through the finder: capped, counted, logged; a line leads to the record or to registering a visit."""
    if not acting.may("resident.search"):
        return []
    found = registry.search(acting, text)
    if found.refusal is not None:
        return [Hits("居民", (), 0, f"{found.refusal.message}{found.refusal.remedy}")]
    hits = tuple(Hit(one.name, one.text, _address(acting, one)) for one in found.candidates)
    note = f"只列出前 {found.cap} 人，请再输入一两个字或村名缩小范围。" if found.more else ""
    return [Hits("居民", hits, len(hits) + (1 if found.more else 0), note)] if hits else []


def _address(acting: Acting, one: registry.Candidate) -> str:
    if acting.may("care.visit"):
        return f"/care/record/{one.subject_id}" if one.visible else f"/care/register/{one.subject_id}"
    if one.visible:
        return f"/resident/{one.subject_id}/"
    return f"/resident/{one.subject_id}/open/" if acting.may("access.relate") else ""
