"""Looking after another person's record: a code told from one to the other, a guardian noted by an institution, an end."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q

from yigongti.kernel import calendar, text
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.access.models import Delegation, FamilyCode
from yigongti.kernel.audit import log
from yigongti.kernel.case.flow import Refused

DIGITS = 10
SHOWN_ENDED = 30
"""Days for which the page still shows that one ended, beside the notice."""


@dataclass(frozen=True)
class Told:
    """A code to be told, and until when it is good."""

    code: str
    until: datetime


def offer_code(*, acting: Acting, good_for: timedelta) -> Told:
    """A code of ten digits by which another person recognises the seat's own subject, once. Raises Denied for staff."""
    if acting.subject_id is None:
        raise Denied("family.code")
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    until = calendar.now() + good_for
    FamilyCode(
        subject_id=acting.subject_id, name=acting.name, code_hash=_hashed(code), expires_at=until
    ).save(force_insert=True)  # fmt: skip
    log.did("family_code_made", "delegation", [], [acting.subject_id])
    return Told(f"{code[:5]} {code[5:]}", until)


def let(*, acting: Acting, code: str, relation: str, ends: date, longest: date, client_id: UUID) -> Delegation:
    """Let the person whose code this is look after the seat's own record until a day; the same client id once.

    Raises Denied for staff; Refused for a code that is wrong, used or too old, or a day out of bounds.
    """
    if acting.subject_id is None:
        raise Denied("family.let")
    known: Delegation | None = Delegation.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    today = calendar.today()
    if not today <= ends <= longest:
        raise Refused(f"截止日期应在 {today} 至 {longest} 之间", field="ends", remedy="到期后可以再次授权")
    found = _whose(code)
    if found is None:
        raise Refused("照看码不对、已用过或已过期", field="code", remedy="请家人在“家人”页重新出示照看码，10 位数字")
    delegate, name = found
    if Delegation.objects.filter(subject_id=acting.subject_id, delegate_id=delegate).filter(_live()).exists():
        raise Refused(f"{name}已经在照看您的记录", field="code", remedy="要改期限，请先停止再重新授权")
    made = Delegation(
        subject_id=acting.subject_id, delegate_id=delegate, subject_name=acting.name, delegate_name=name,
        basis=Delegation.Basis.CONSENT, relation=relation, given_by_id=acting.seat_id, client_id=client_id,
        starts=today, ends=ends,
    )  # fmt: skip
    made.save(force_insert=True)
    log.did("family_let", "delegation", [made.pk], [acting.subject_id, delegate])
    return made


def note_guardian(
    *, acting: Acting, subject: tuple[int, str], guardian: tuple[int, str], relation: str, evidence: str, ends: date,
    longest: date, client_id: UUID,
) -> Delegation:  # fmt: skip
    """Note who looks after a person by law, on evidence seen. The fence asks for a live relation to the person.

    Raises Denied without the right `registry.resident`; Refused for the same person twice or a day out of bounds.
    """
    acting.demand("registry.resident")
    known: Delegation | None = Delegation.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    today = calendar.today()
    if subject[0] == guardian[0]:
        raise Refused("监护人不能是本人", field="guardian", remedy="请检索并选择监护人")
    if not today <= ends <= longest:
        raise Refused(f"截止日期应在 {today} 至 {longest} 之间", field="ends", remedy="到期前可以重新登记")
    if Delegation.objects.filter(subject_id=subject[0], delegate_id=guardian[0]).filter(_live()).exists():
        raise Refused(f"{guardian[1]}已登记", field="guardian", remedy="要改期限，请先停止再重新登记")
    made = Delegation(
        subject_id=subject[0], delegate_id=guardian[0], subject_name=subject[1], delegate_name=guardian[1],
        basis=Delegation.Basis.GUARDIAN, relation=relation, evidence=evidence, given_by_id=acting.seat_id,
        client_id=client_id, starts=today, ends=ends,
    )  # fmt: skip
    made.save(force_insert=True)
    log.did("guardian_noted", "delegation", [made.pk], [subject[0], guardian[0]], evidence)
    return made


def stop(*, acting: Acting, id: int) -> Delegation:
    """End it as of yesterday: the person, the one who looks after them, or staff for a guardian; ended twice is ended.

    Raises Delegation.DoesNotExist for one that the seat does not see, Denied where the fence does not let it end it.
    """
    found: Delegation = Delegation.objects.get(pk=id)
    if found.ends is not None and found.ends < calendar.today():
        return found
    if acting.subject_id == found.subject_id and found.basis == Delegation.Basis.GUARDIAN:
        raise Denied("family.stop")
    found.ends = calendar.today() - timedelta(days=1)
    found.save(force_update=True, update_fields=["ends"])
    log.did("family_stopped", "delegation", [found.pk], [found.subject_id, found.delegate_id])
    tell([found.pk], "对方已停止" if acting.subject_id is not None else f"{acting.unit_name}已停止登记")
    return found


def tell(ids: Iterable[int], why: str) -> int:
    """Tell the living sides of these delegations, but the seat's own subject, whether the record is looked after now; returns
    how many were told. Raises Denied for a seat that is neither side nor may register.
    """
    with connection.cursor() as cursor:
        cursor.execute("select registry.tell_family(%s, %s, %s)", [list(ids), why, calendar.now()])
        (told,) = cursor.fetchone()
    return int(told)


@dataclass(frozen=True)
class Family:
    """Whom the seat's own subject looks after, and who looks after them; then what ended lately, on either side."""

    after: tuple[Delegation, ...]
    by: tuple[Delegation, ...]
    ended: tuple[Delegation, ...] = ()


def family_of(subject: int) -> Family:
    """The delegations of a person as the fence shows them."""
    rows, today = Delegation.objects.order_by("starts", "pk"), calendar.today()
    live, both = rows.filter(_live()), Q(delegate_id=subject) | Q(subject_id=subject)
    lately = rows.filter(both, ends__lt=today, ends__gte=today - timedelta(days=SHOWN_ENDED))
    return Family(tuple(live.filter(delegate_id=subject)), tuple(live.filter(subject_id=subject)), tuple(lately))


def _live() -> Q:
    today = calendar.today()
    return Q(starts__lte=today) & (Q(ends=None) | Q(ends__gte=today))


def _whose(code: str) -> tuple[int, str] | None:
    """Whose code it is, used up with this; None for any that is not good."""
    try:
        digits = "".join(text.code(code, max_length=40).split())
    except text.TextError:
        return None
    if len(digits) != DIGITS or not digits.isdigit():
        return None
    with connection.cursor() as cursor:
        cursor.execute("select subject, name from access.take_family_code(%s)", [_hashed(digits)])
        row = cursor.fetchone()
    return (int(row[0]), str(row[1])) if row else None


def _hashed(code: str) -> bytes:
    return hashlib.sha256(b"family:" + code.encode()).digest()
