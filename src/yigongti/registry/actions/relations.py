"""Care relations: what opens a person's record to a unit, for how long, on what evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.db import connection
from django.db.models import Q

from yigongti.kernel import calendar, crypto, ids, text, wiring
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import Grant
from yigongti.kernel.access.once import once
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Case, Refused
from yigongti.registry import parameters
from yigongti.registry.actions.residents import index_of
from yigongti.registry.actions.scanning import scanned_lately
from yigongti.registry.models import Card
from yigongti.registry.queries.residents import same_person

EVIDENCE = {
    "card": "读卡",
    "scan": "扫健康码",
    "typed": "核对证件号码",
    "appointment": "预约或转诊单",
    "checked_in": "预约到诊登记",
    "case": "事项",
    "statement": "书面说明",
}


@dataclass(frozen=True)
class Evidence:
    """Why a visit is one: a health code that this seat has just read, the whole number as read from a card or typed, the
    case that is the appointment, or the check-in of a booking here today (port ``checked_in``)."""

    kind: Literal["card", "scan", "typed", "appointment", "checked_in"]
    number: str = ""
    id_kind: str = "resident"
    case_id: int | None = None


def relate_by_visit(*, acting: Acting, subject_id: int, evidence: Evidence, on: date | None = None) -> Grant:
    """Open the person's record to the acting unit for a visit: from today until visit + N days (policy).

    Every entry that stands for the person is opened. A live visit relation is lengthened, not doubled.

    Raises:
        Denied: without the right `access.relate`. Refused: the evidence does not name this person.
    """
    acting.demand("access.relate")
    _check(acting, subject_id, evidence)
    today = on or calendar.today()
    ends = today + parameters.visit_days(acting)
    grants = [_open(acting, one, evidence, today, ends) for one in same_person(subject_id)]
    log.did("related", "relation", [g.pk for g in grants], [g.subject_id for g in grants], why=EVIDENCE[evidence.kind])
    return grants[0]


def _check(acting: Acting, subject_id: int, evidence: Evidence) -> None:
    if evidence.kind == "appointment":
        to_me = Q(to_unit_id__in=acting.units) | Q(from_unit_id__in=acting.units)
        case = Case.objects.filter(to_me, pk=evidence.case_id or 0, closed_at=None).first()
        if case is None or case.subject_id not in same_person(subject_id):
            raise Refused("没有找到这位居民在本机构的预约或转诊单", field="case", remedy="改用读卡或核对证件号码")
        return
    if evidence.kind == "checked_in":
        if not checked_in(acting, subject_id):
            raise Refused(
                "没有找到这位居民今天在本机构的到诊登记", field="evidence", remedy="先在预约窗口登记到诊，或改用读卡"
            )
        return
    if evidence.kind == "scan":
        if scanned_lately(acting, same_person(subject_id)) is None:
            raise Refused("没有有效的扫码记录，或已超过时间", field="number", remedy="请居民刷新健康码后再扫一次")
        return
    if not evidence.number:
        raise Refused("没有读到证件号码", field="number", remedy="请读卡，或完整输入证件号码")
    index = (card_index(evidence.number) if evidence.kind == "card" else "") or index_of(
        evidence.number, evidence.id_kind
    )
    with connection.cursor() as cursor:
        cursor.execute("select registry.identified(%s, %s)", [subject_id, index])
        (same,) = cursor.fetchone()
        ended = "" if same else _ended(cursor, subject_id, index)
    if ended:
        log.did("mismatched", "relation", [], [subject_id], why="卡已停用")
        raise Refused(
            f"这张卡{dict(Card.Status.choices)[ended]}", field="number", remedy="请用身份证核对，或换用有效的卡"
        )
    if not same:
        log.did("mismatched", "relation", [], [subject_id], why="证件号码不符")
        raise Refused("证件号码与所选居民不符", field="number", remedy="请核对证件，或重新检索居民")


def card_index(number: str) -> str:
    """The look-up form where what was read is a card's number and no paper's; "" where it may be a paper's."""
    plain = text.code(number, label="号码").replace("-", "")
    try:
        ids.identity(plain, "resident")
    except (ids.IdError, text.TextError):
        return crypto.ring().index_identity(plain) if plain.isascii() and plain.isalnum() and len(plain) < 18 else ""
    return ""


@once
def checked_in(acting: Acting, subject_id: int) -> str:
    """The booking for which the person was checked in here today, in words; "" where there is none (port)."""
    ask = wiring.offer("PORTS", {}).get("checked_in")
    return str(ask(same_person(subject_id), acting.units)) if ask is not None else ""


def _ended(cursor: Any, subject_id: int, index: str) -> str:
    cursor.execute("select registry.ended_card(%s, %s)", [subject_id, index])
    (ended,) = cursor.fetchone()
    return str(ended)


def _open(acting: Acting, subject_id: int, evidence: Evidence, starts: date, ends: date) -> Grant:
    live = Grant.objects.filter(
        subject_id=subject_id, unit_id=acting.unit_id, reason=Grant.Reason.VISIT, starts__lte=starts, ends__gte=starts
    ).order_by("-ends").first()  # fmt: skip
    if live is not None:
        if live.ends is None or live.ends < ends:
            live.ends = ends
            live.save(force_update=True)
        found: Grant = live
        return found
    made: Grant = Grant.objects.create(
        subject_id=subject_id, unit_id=acting.unit_id, reason=Grant.Reason.VISIT, evidence=evidence.kind, starts=starts,
        ends=ends, seat_id=acting.seat_id, case_id=evidence.case_id, made_at=calendar.now(),
    )  # fmt: skip
    return made


def acted(acting: Acting, subject_id: int) -> None:
    """Something was written about the person: the unit's relations are no longer empty ones."""
    Grant.objects.filter(
        subject_id__in=same_person(subject_id), unit_id__in=acting.units, acted=False
    ).update_any(acted=True)  # fmt: skip


def opened(acting: Acting, subject_id: int, *, at: datetime | None = None) -> Grant | None:
    """The live relation that opens the person to the acting unit, the longest one; None: none does."""
    now = at or calendar.now()
    today = calendar.local(now).date()
    live = Q(starts__lte=today) & (Q(ends=None) | Q(ends__gte=today)) & (Q(until=None) | Q(until__gt=now))
    grants = Grant.objects.filter(live, subject_id__in=same_person(subject_id), unit_id__in=acting.units)
    found: Grant | None = grants.order_by("-ends", "-pk").first()
    return found
