"""What comes back from a device: every act read, decided and done as if its page had been sent, exactly once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import transaction

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting, Denied
from yigongti.kernel.case.facade import Case, Conflict, Refused, TimelineEntry, Transition, flow_of, perform
from yigongti.kernel.desk import detail
from yigongti.kernel.desk.desks import desk_for
from yigongti.kernel.form import Problem, parse

from .packet import drawn

MOST = 50
"""Acts in one request; the device sends the rest after the answer."""
PAIRS = 2_000
"""Names and values one act may carry."""
State = Literal["done", "refused", "late", "gone", "other_seat", "unreadable"]


@dataclass(frozen=True)
class Outcome:
    """What became of one act.

    done        it stands, now or since an earlier try; `entry_at` says since when
    refused     the form came back with problems: `html` shows it with what was typed
    late        somebody else has moved the case on; `said` tells who; what was typed stays on the device
    gone        the seat no longer sees the case or may not do this
    other_seat  it was written by another seat of this device; that seat must sign in
    unreadable  not an act
    """

    client_id: str
    state: State
    said: str = ""
    html: str = ""
    entry_at: str = ""


class Unreadable(ValueError):
    """What was sent is not a list of acts; the message says so in Chinese."""


@dataclass(frozen=True)
class Sent:
    """One act as the device sends it."""

    client_id: UUID
    seat: int
    case: int
    transition: str
    texts: Mapping[str, list[str]]
    filled_at: datetime | None


def received(acting: Acting, body: Any) -> list[Outcome]:
    """Do every act of the body in its order, each in its own savepoint.

    Raises Unreadable when the body is no list of at most `MOST` acts: then nothing was done.
    """
    acts = body.get("acts") if isinstance(body, Mapping) else None
    if not isinstance(acts, Sequence) or isinstance(acts, str) or len(acts) > MOST:
        raise Unreadable(f"发送的内容不完整，或一次超过 {MOST} 条；内容仍保存在本机，请重新发送")
    return [_one(acting, raw) for raw in acts]


def _one(acting: Acting, raw: Any) -> Outcome:
    try:
        act = read(raw)
    except (KeyError, TypeError, ValueError):
        known = str(raw.get("client_id", ""))[:40] if isinstance(raw, Mapping) else ""
        return Outcome(known, "unreadable", "这条记录无法识别，请重新填写")
    if act.seat != acting.seat_id:
        return Outcome(str(act.client_id), "other_seat", "这条记录由本机另一账号填写，请用该账号登录后发送")
    try:
        with transaction.atomic():
            return _done(acting, act)
    except Conflict as conflict:
        return Outcome(str(act.client_id), "late", conflict.message)
    except (Denied, Case.DoesNotExist):
        return Outcome(
            str(act.client_id), "gone", "该事项已不在您的待办中，请联系现在的办理人；您填写的内容仍保存在本机"
        )


def _done(acting: Acting, act: Sent) -> Outcome:
    before = TimelineEntry.objects.filter(client_id=act.client_id, case_id=act.case).first()
    if before is not None:
        return Outcome(str(act.client_id), "done", entry_at=before.at.isoformat())
    case = detail.get(act.case, acting)
    one = _transition(case, act.transition)
    form = detail.form_of(one)
    parsed = parse(form, act.texts, env=detail.env_for(desk_for(case), case, one, acting))
    if not parsed.ok:
        return Outcome(str(act.client_id), "refused", parsed.problems[0].text, drawn(parsed))
    try:
        with transaction.atomic():
            done = perform(
                acting=acting, case_id=case.pk, transition=one.code, values=parsed.values, client_id=act.client_id,
                filled_at=act.filled_at,
            )  # fmt: skip
    except Refused as refused:
        problem = Problem(refused.field, refused.message, refused.remedy, refused.clause)
        return Outcome(str(act.client_id), "refused", problem.text, drawn(parsed.refused(problem)))
    return Outcome(str(act.client_id), "done", entry_at=done.entered_at.isoformat())


def _transition(case: Case, code: str) -> Transition:
    try:
        one = flow_of(case.flow, case.flow_version).transition(code)
    except KeyError:
        raise Denied(code) from None
    if not one.offline:
        raise Denied(code)
    return one


def read(raw: Any) -> Sent:
    """One act out of JSON. Raises KeyError, TypeError or ValueError for anything that is not one."""
    pairs = raw["form"]
    if not isinstance(pairs, list) or len(pairs) > PAIRS:
        raise ValueError("form")
    texts: dict[str, list[str]] = {}
    for name, value in pairs:
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError("form")
        texts.setdefault(name, []).append(value)
    filled = datetime.fromisoformat(raw["filled_at"]) if raw.get("filled_at") else None
    if filled is not None and filled.tzinfo is None:
        filled = filled.replace(tzinfo=calendar.ZONE)
    case, seat, transition = raw["case"], raw["seat"], raw["transition"]
    if type(case) is not int or type(seat) is not int or not isinstance(transition, str):
        raise TypeError("case")
    if not 0 < case < 2**63:
        raise ValueError("case")
    return Sent(UUID(str(raw["client_id"])), seat, case, transition, texts, filled)
