"""Opening cases and moving them: authorise → lock → state → effect → timeline → notices → state → event.

Every act carries the client's id: the same id again gives the same result and nothing else, however often a bad network
sends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from yigongti.kernel import calendar, events, wiring
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.access.models import Seat
from yigongti.kernel.access.once import once
from yigongti.kernel.audit import log
from yigongti.kernel.case.events import CaseMoved, CaseOpened
from yigongti.kernel.case.flow import Act, Flow, Holder, Limit, Refused, Side, State, Transition
from yigongti.kernel.case.models import Case, Notice, TimelineEntry
from yigongti.kernel.form.values import plain


class Conflict(Exception):
    """Somebody was quicker: the case is no longer in the state that the act was meant for."""

    def __init__(self, message: str, case: Case) -> None:
        super().__init__(message)
        self.message, self.case = message, case


def flow_of(code: str, version: int | None = None) -> Flow:
    """The flow by code: the given version, or the newest. Raises KeyError."""
    found = [f for f in wiring.offer("FLOWS") if f.code == code and version in (None, f.version)]
    if not found:
        raise KeyError(f"{code} v{version}")
    return max(found, key=lambda f: f.version)


def unit_on(case: Case, side: Side) -> int:
    """The unit id of a side of the case."""
    return {"from": case.from_unit_id, "to": case.to_unit_id, "hq": case.hq_unit_id}[side]


def may_act(acting: Acting, case: Case, transition: Transition) -> bool:
    """Whether the seat may do this: it sits on a side that may, holds the duty, and is the person where one is named."""
    return _holds(acting, case, transition) and _another(acting, case, transition) is None


def _holds(acting: Acting, case: Case, transition: Transition) -> bool:
    return any(_fits(acting, case, holder) for holder in transition.by)


def _another(acting: Acting, case: Case, transition: Transition) -> Refused | None:
    """Why it takes another person than the one who acts, whatever the seat; None where it does not."""
    if transition.second and opened_it(acting, case):
        return Refused(f"提出人不能办理“{transition.title}”", remedy="须由另一人办理；提出人可以撤回")
    if transition.once and did_it(acting, case, transition):
        return Refused(f"您已办理过“{transition.title}”", remedy="每人办理一次，请由另一位办理")
    return None


def opened_it(acting: Acting, case: Case) -> bool:
    """Whether the person who acts opened the case, in this seat or in another of the same account."""
    return case.opened_by_id == acting.seat_id or (
        acting.account_id is not None and case.opened_by_id in _seats_of(acting.account_id)
    )


def did_it(acting: Acting, case: Case, transition: Transition) -> bool:
    """Whether the person who acts has done this in the case before, in this seat or in another of the same account."""
    return TimelineEntry.objects.filter(case=case, transition=transition.code, seat_id__in=own_seats(acting)).exists()


def own_seats(acting: Acting) -> frozenset[int]:
    """The seats of the person who acts."""
    return _seats_of(acting.account_id) if acting.account_id is not None else frozenset({acting.seat_id})


@once
def _seats_of(account_id: int) -> frozenset[int]:
    return frozenset(Seat.objects.filter(account_id=account_id).values_list("pk", flat=True))


def stands(acting: Acting, unit_id: int, subject_id: int | None) -> bool:
    """Whether the seat stands on a side: the unit is in its reach, or the case is about the resident's own subjects.

    A resident reaches no unit, a member of staff has no subjects; which of a flow's duties a resident holds, the flow says.
    """
    return unit_id in acting.units or (subject_id is not None and subject_id in acting.subjects)


def _fits(acting: Acting, case: Case, holder: Holder) -> bool:
    if not acting.may(holder.duty) or not stands(acting, unit_on(case, holder.side), case.subject_id):
        return False
    named = case.holder_seat_id is not None and (case.holder_unit_id, case.holder_duty) == (
        unit_on(case, holder.side), holder.duty,
    )  # fmt: skip
    return not named or case.holder_seat_id == acting.seat_id


def open_case(
    *, acting: Acting, flow: str, subject_id: int | None, from_unit: int, to_unit: int, hq_unit: int, title: str,
    values: Mapping[str, Any], client_id: UUID, parent: Case | None = None, priority: int = 0,
) -> Case:  # fmt: skip
    """Open a case of the newest flow of this code, in its first state; the same client id again returns the case it opened.

    Raises:
        Denied: the seat may not open this kind of case for `from_unit`. Refused: a rule of the flow refuses.
    """
    kind = flow_of(flow)
    if not stands(acting, from_unit, subject_id) or not any(acting.may(holder.duty) for holder in kind.opens):
        raise Denied(f"{kind.code}.open")
    at = calendar.now()
    state = kind.state(kind.start)
    pk, number = _number(kind, at)
    case = Case(
        pk=pk, client_id=client_id, number=number, flow=kind.code, flow_version=kind.version, domain=kind.domain,
        state=state.code, subject_id=subject_id, shown_to_subject=kind.shown_to_subject, title=title[:120],
        priority=priority, from_unit_id=from_unit, to_unit_id=to_unit, hq_unit_id=hq_unit, opened_by_id=acting.seat_id,
        opened_at=at, entered_at=at, parent=parent,
    )  # fmt: skip
    act = Act(acting, case, kind, None, dict(values), at)
    _enter(act, state)
    if not case.insert_once():
        known: Case | None = Case.objects.filter(client_id=client_id).first()
        if known is None:
            raise Refused("本次提交的编号已用于另一事项", remedy="请重新打开本页再提交，已填写的内容会保留")
        return known
    act.entry = write_entry(act, TimelineEntry.Kind.OPENED, f"发起{kind.noun}", "", state.code, client_id)
    if kind.on_open:
        written = _columns(case)
        kind.on_open(act)
        _apply(act, state, written)
    _tell(act, state, ("to",) if to_unit != from_unit else ())
    events.publish(CaseOpened(case.pk, kind.code, subject_id, from_unit, to_unit, at))
    log.did("opened", kind.code, [case.pk], [subject_id] if subject_id else [])
    return case


def perform(
    *, acting: Acting, case_id: int, transition: str, values: Mapping[str, Any], client_id: UUID,
    filled_at: datetime | None = None,
) -> Case:  # fmt: skip
    """Do one transition with already checked form values; `filled_at` when they waited on a device for a network.

    Raises:
        Case.DoesNotExist: the seat does not see it. Denied: it may not do this. Conflict: the state has moved on.
        Refused: a rule of the transition refuses, or somebody else's act on the case takes too long.
    """
    case = _locked(case_id)
    flow = flow_of(case.flow, case.flow_version)
    if TimelineEntry.objects.filter(client_id=client_id, case=case).exists():
        return case
    try:
        one = flow.transition(transition)
    except KeyError:
        raise Denied(transition) from None
    if not may_act_in_role(acting, case, one):
        raise Denied(f"{flow.code}.{transition}")
    if case.state not in one.source:
        raise Conflict(_too_late(case, flow, one), case)
    if (refused := _another(acting, case, one)) is not None:
        raise refused
    if not _holds(acting, case, one):
        raise Denied(f"{flow.code}.{transition}")
    at = calendar.now()
    act = Act(acting, case, flow, one, dict(values), at, filled_at=min(filled_at, at) if filled_at else None)
    if one.effect:
        one.effect(act)
    _move(act, one, client_id)
    return case


def _locked(case_id: int) -> Case:
    """The case, held until the transaction ends; the database bounds how long one waits for another."""
    try:
        with transaction.atomic():
            case: Case = Case.objects.select_for_update().get(pk=case_id)
            return case
    except OperationalError as busy:
        if isinstance(busy.__cause__, LockNotAvailable):
            raise Refused("该事项正由另一人办理", remedy="请稍候再提交，已填写的内容会保留") from busy
        raise


def may_act_in_role(acting: Acting, case: Case, transition: Transition) -> bool:
    """Whether the seat's role could do this at all, whoever the case is handed to at the moment."""
    return any(acting.may(h.duty) and stands(acting, unit_on(case, h.side), case.subject_id) for h in transition.by)


def _move(act: Act, one: Transition, client_id: UUID) -> None:
    case, target = act.case, act.flow.state(one.target)
    before, entered = case.state, case.entered_at
    late = case.due is not None and act.at > case.due
    case.state, case.entered_at = target.code, act.at
    _enter(act, target)
    case.save(force_update=True)
    kind = TimelineEntry.Kind.REOPENED if act.flow.state(before).final else TimelineEntry.Kind.ACT
    act.entry = write_entry(
        act, kind, one.title, before, target.code, client_id,
        waited=int((act.at - entered).total_seconds()), late=late,
    )  # fmt: skip
    _tell(act, target, one.tells)
    events.publish(
        CaseMoved(case.pk, act.flow.code, one.code, before, target.code, case.subject_id, act.acting.seat_id, act.at)
    )
    log.did(one.code, act.flow.code, [case.pk], [case.subject_id] if case.subject_id else [])


def _enter(act: Act, state: State) -> None:
    """Set holder and clock for the state the case enters."""
    case = act.case
    case.stage = Case.Stage.ON_TIME
    if state.holder is None:
        case.holder_unit_id, case.holder_duty, case.holder_seat_id = None, "", None
        case.due = case.next_at = None
        case.closed_at, case.outcome = act.at, act.outcome or state.outcome or state.code
        return
    case.closed_at, case.outcome = None, ""
    case.holder_unit_id, case.holder_duty = unit_on(case, state.holder.side), state.holder.duty
    case.holder_seat_id = act.hold_seat
    start_clock(case, state, act.at, act.due)


def _apply(act: Act, state: State, written: Mapping[str, Any]) -> None:
    """Take over what an opening effect set after the case was written; an effect that set nothing costs no UPDATE."""
    if act.due is not None or act.hold_seat is not None or _columns(act.case) != written:
        _enter(act, state)
        act.case.save(force_update=True)


def _columns(case: Case) -> dict[str, Any]:
    return {field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields}


def start_clock(case: Case, state: State, at: datetime, due: datetime | None = None) -> None:
    """Set due and the clock's first step; `due` overrides the limit's own, the other distances stay.

    The set of rules that the limit came from is kept under its hash, and the case points to it.
    """
    limit = limit_of(case, state, at)
    case.due = due or at + limit.due
    case.next_at = max(at, case.due - limit.remind)
    keep = wiring.offer("PORTS", {}).get("limit_set")
    case.limit_set = keep(case.holder_unit_id, calendar.local(at).date()) if keep is not None else ""


def limit_of(case: Case, state: State, at: datetime) -> Limit:
    """The limit that policy gives this state at the holder's place on that day.

    Raises:
        policy's gap error: there is no such parameter for the place and day; never a default.
    """
    found: Limit = wiring.port("limit")(state.limit_key(case.priority), case.holder_unit_id, calendar.local(at).date())
    return found


def _number(flow: Flow, at: datetime) -> tuple[int, str]:
    """A case's id and the number people say on the telephone: flow letters, year, id. Gaps are possible and harmless."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval('case_case_id_seq')")
        (pk,) = cursor.fetchone()
    prefix = "".join(part[0] for part in flow.code.split("_")).upper()
    return pk, f"{prefix}{calendar.local(at).year}{pk:07d}"


def write_entry(
    act: Act, kind: str, title: str, before: str, after: str, client_id: UUID | None, *, waited: int = 0,
    late: bool = False, note: str = "",
) -> TimelineEntry:  # fmt: skip
    acting = act.acting
    entry = TimelineEntry(
        case=act.case, client_id=client_id, at=act.at, seat_id=acting.seat_id, unit_id=acting.unit_id,
        seat_name=acting.name, unit_name=acting.unit_name, kind=kind, title=title,
        transition=act.transition.code if act.transition else "", from_state=before, to_state=after,
        waited_seconds=max(0, waited), late=late, reason=act.reason, note=note, values=jsonable(act.values),
        filled_at=act.filled_at,
    )  # fmt: skip
    if not entry.insert_once():
        raise Refused("本次提交的编号已用于另一项办理", remedy="请重新打开本页再提交，已填写的内容会保留")
    return entry


def jsonable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Form values as they are kept on the timeline: dates and decimals as text, the rest as it is."""
    return {name: plain(value) for name, value in values.items()}


def _tell(act: Act, state: State, sides: tuple[Side, ...]) -> None:
    """Notices to the sides, but not to the seat that acts itself; the subject where the flow shows itself."""
    case, who = act.case, f"{act.acting.unit_name} {act.acting.name}"
    done = act.transition.title if act.transition else f"发起{act.flow.noun}"
    text = f"{case.title}：{who} {done}，现为“{state.title}”"
    rows = [
        Notice(case=case, unit_id=unit_on(case, side), duty=_duty_on(act.flow, side), at=act.at, text=text[:300],
               urgent=case.priority == 2)
        for side in sides if unit_on(case, side) != act.acting.unit_id
    ]  # fmt: skip
    if act.flow.shown_to_subject and case.subject_id:
        rows.append(Notice(case=case, subject_id=case.subject_id, at=act.at, text=text[:300]))
    Notice.objects.bulk_create(rows)


def _duty_on(flow: Flow, side: Side) -> str:
    """The duty that a side's notices go to: the first that holds anything there."""
    for state in flow.states:
        if state.holder and state.holder.side == side:
            return state.holder.duty
    return flow.head_duty


def _too_late(case: Case, flow: Flow, one: Transition) -> str:
    last = case.timeline.order_by("-at", "-id").first()
    who = f"{last.unit_name} {last.seat_name} 于 {calendar.local(last.at):%H:%M} " if last else ""
    done, state = last.title if last else "办理", flow.state(case.state).title
    return f"未能“{one.title}”：{who}已{done}，当前状态为“{state}”。您填写的内容仍保留在页面上。"


__all__ = ["Conflict", "Refused", "flow_of", "limit_of", "may_act", "open_case", "perform", "start_clock", "unit_on"]
