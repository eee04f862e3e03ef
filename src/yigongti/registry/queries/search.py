"""Finding a person: through the finder's functions, capped, counted, written to the log, alarmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from yigongti.kernel import calendar, crypto, ids
from yigongti.kernel.access.door import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.text import TextError
from yigongti.registry import parameters
from yigongti.registry.actions.scanning import scan
from yigongti.registry.rules import cards
from yigongti.registry.rules.search import Query, Unsearchable, read


@dataclass(frozen=True)
class Candidate:
    """What a search shows of a person: never a whole number. `visible`: the person's page opens for this seat."""

    subject_id: int
    name: str
    sex: str
    birth: date
    village: str
    township: str
    record_tail: str
    status: str
    nearness: int
    visible: bool

    @property
    def sex_word(self) -> str:
        return {"male": "男", "female": "女"}.get(self.sex, "未知")

    @property
    def age(self) -> str:
        return calendar.age(self.birth).text

    @property
    def text(self) -> str:
        """One line: sex, age, village, township, the record number's end."""
        where = " ".join(part for part in (self.township, self.village) if part)
        return f"{self.sex_word} {self.age} · {where} · 档案尾号 {self.record_tail}"


@dataclass(frozen=True)
class Found:
    """The answer of a search. `more`: there are others; `refusal`: why nothing was searched, with the remedy."""

    candidates: tuple[Candidate, ...] = ()
    more: bool = False
    cap: int = 0
    refusal: Unsearchable | None = None
    watched: bool = False
    """So many searches that the supervisor is told."""
    scanned: bool = False
    """Found by a health code that was good: the person is here."""


def search(acting: Acting, text: str) -> Found:
    """Persons for what was typed; needs the right `resident.search`. Each call is counted and logged."""
    acting.demand("resident.search")
    if cards.looks_like(text):
        return _scanned(acting, text)
    query = read(text, minimum=parameters.search_minimum(acting))
    if isinstance(query, Unsearchable):
        return Found(refusal=query)
    if query.case and not query.document:
        return Found()
    return run(acting, query)


def _scanned(acting: Acting, text: str) -> Found:
    """Whose health code was scanned into the box; the reading is noted and serves as evidence for the visit."""
    try:
        read_code = scan(acting, text)
    except Refused as no:
        return Found(refusal=Unsearchable(no.message, no.remedy))
    one = candidate(acting, read_code.subject_id)
    return Found((one,) if one is not None else (), False, 1, scanned=True)


def run(acting: Acting, query: Query) -> Found:
    """Search by parts already taken apart."""
    cap = parameters.search_cap(acting)
    try:
        arguments = _arguments(query)
    except (ids.IdError, TextError) as wrong:
        return Found(refusal=Unsearchable(str(wrong)))
    with connection.cursor() as cursor:
        cursor.execute("select * from registry.search(%s, %s, %s, %s, %s, %s, %s, %s)", [*arguments, cap + 1])
        rows = [Candidate(*row) for row in cursor.fetchall()]
    shown = tuple(rows[:cap])
    found = [one.subject_id for one in shown]
    log.did("searched", "resident", found, found, why="检索居民", shown=len(shown), more=len(rows) > cap)
    return Found(shown, len(rows) > cap, cap, watched=watch(acting))


def _arguments(query: Query) -> list[str | bool]:
    ring = crypto.ring()
    identity = ring.index_identity(ids.identity(query.identity).number) if query.identity else ""
    identity = identity or ring.index_identity(query.document)
    phone = ring.index_phone(ids.phone(query.phone)) if query.phone else ""
    last4 = ring.index_last4(query.last4) if query.last4 else ""
    return [query.latin or query.name, bool(query.latin), identity, phone, query.record, last4, query.place]


def watch(acting: Acting) -> bool:
    """Whether this seat has searched more often than policy allows unseen; if so the log says so."""
    allowed, minutes = parameters.search_alarm(acting)
    with connection.cursor() as cursor:
        cursor.execute("select registry.searched(%s)", [minutes])
        (done,) = cursor.fetchone()
    if done > allowed:
        log.did("search_alarm", "seat", [acting.seat_id], [], why=f"{minutes} 分钟内检索 {done} 次", searches=done)
        return True
    return False


def candidate(acting: Acting, subject_id: int) -> Candidate | None:
    """One candidate again, for the page on which a relation is made; counted and logged like a search."""
    acting.demand("resident.search")
    with connection.cursor() as cursor:
        cursor.execute("select * from registry.candidate(%s)", [subject_id])
        row = cursor.fetchone()
    if row is None:
        return None
    found = Candidate(*row)
    log.did("searched", "resident", [found.subject_id], [found.subject_id], why="核对居民")
    watch(acting)
    return found
