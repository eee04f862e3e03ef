"""Emergency access: open at once with a reason, for hours; told to the resident; reviewed by the supervisor."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from yigongti.kernel import calendar, events
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.access.models import Grant, Seat
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Act, Case, Refused, open_case
from yigongti.registry import parameters
from yigongti.registry.events import GlassBroken
from yigongti.registry.models import BreakGlass
from yigongti.registry.queries.network import region_of
from yigongti.registry.queries.residents import names, same_person


def break_glass(*, acting: Acting, subject_id: int, reason: str, client_id: UUID) -> Case:
    """Open a person's record to the acting unit for some hours (policy) and put the act before the supervisor.

    Raises:
        Denied: without the right `break_glass.use`.
    """
    acting.demand("break_glass.use")
    return open_case(
        acting=acting, flow="break_glass", subject_id=subject_id, from_unit=acting.unit_id,
        to_unit=region_of(acting), hq_unit=acting.consortium_id or region_of(acting), title="紧急调阅",
        values={"reason": reason}, client_id=client_id, priority=1,
    )  # fmt: skip


def opened(act: Act) -> None:
    """Effect of opening: the relation, the row, the name on the case."""
    subject, acting = act.case.subject_id, act.acting
    if subject is None:
        raise Refused("没有选择居民", remedy="先检索居民，再紧急调阅")
    until = act.at + parameters.break_glass_duration(acting)
    for one in same_person(subject):
        Grant.objects.create(
            subject_id=one, unit_id=acting.unit_id, reason=Grant.Reason.BREAK_GLASS, evidence="statement",
            note=str(act.values["reason"])[:200], starts=calendar.local(act.at).date(), ends=calendar.local(until).date(),
            until=until, seat_id=acting.seat_id, case_id=act.case.pk, made_at=act.at,
        )  # fmt: skip
    BreakGlass.objects.create(
        case=act.case, subject_id=subject, unit_id=acting.unit_id, seat_id=acting.seat_id, opened_at=act.at, until=until,
        reason=str(act.values["reason"])[:500],
    )  # fmt: skip
    name = names([subject]).get(subject)
    if name is None:
        raise Denied("break_glass")
    act.case.title = f"紧急调阅 {name}"
    log.did("break_glass", "resident", [subject], [subject], why=str(act.values["reason"]), until=until.isoformat())
    events.publish(GlassBroken(subject, acting.unit_id, acting.seat_id, act.case.pk, until))


def _not_own(act: Act) -> None:
    opener = Seat.objects.filter(pk=act.case.opened_by_id).values_list("account_id", flat=True).first()
    if opener == act.acting.account_id:
        raise Refused("不能复核自己的紧急调阅", remedy="请由另一名监管人员复核")


def justified(act: Act) -> None:
    """Effect: the reason holds."""
    _not_own(act)
    BreakGlass.objects.filter(pk=act.case.pk).update(verdict=BreakGlass.Verdict.JUSTIFIED)


def unjustified(act: Act) -> None:
    """Effect: the reason does not hold; whatever is still open closes now, and the unit's head has to answer."""
    _not_own(act)
    BreakGlass.objects.filter(pk=act.case.pk).update(verdict=BreakGlass.Verdict.UNJUSTIFIED)
    Grant.objects.filter(case_id=act.case.pk, until__gt=act.at).update_any(until=act.at)
    act.reason = BreakGlass.Verdict.UNJUSTIFIED


def asked(act: Act) -> None:
    """Effect: the person who opened the record has to explain."""
    act.hold_seat = act.case.opened_by_id


def open_from_desk(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
    """The desk's way in."""
    if subject_id is None:
        raise Refused("没有选择居民", remedy="先检索居民，再紧急调阅")
    return break_glass(acting=acting, subject_id=subject_id, reason=values["reason"], client_id=client_id)
