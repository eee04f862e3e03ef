"""One simulated referral: its steps one after the other, each leaving what the real act leaves.

Rows are written by the flow's own table and the policy's own limits; only the fence and the checks of forms are passed by.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Grant, Seat, Unit
from yigongti.kernel.case import clock
from yigongti.kernel.case.facade import Case, Flow, Limit, Notice, TimelineEntry, unit_on
from yigongti.kernel.sampling import copy_in, uuid_of
from yigongti.service.referral.models import FollowUp, Referral

DAY, OPENS, OPEN = timedelta(days=1), timedelta(hours=8), timedelta(hours=9.6)
"""When people work who don't work by shifts: from eight in the morning to half past five (9.6 hours)."""
READ_AFTER = timedelta(days=2)
"""Notices older than this have been read."""


CLOSES, MORNING = timedelta(hours=18), timedelta(hours=9.5)


def by_day(moment: datetime) -> datetime:
    """The moment, or one of the next morning where it falls outside working hours: what came since six in the evening is
    done between eight and half past nine, in the order in which it came."""
    day = calendar.start_of(calendar.local(moment).date())
    clock = moment - day
    if MORNING <= clock < CLOSES:
        return moment
    waited = (clock - CLOSES) % DAY
    opens = (day if clock < MORNING else day + DAY) + OPENS
    return opens + waited * ((MORNING - OPENS) / (MORNING + DAY - CLOSES))


@dataclass(frozen=True)
class County:
    """What every story needs: units, seats, limits, days, the present."""

    now: datetime
    units: Mapping[int, Unit]
    seats: Mapping[int, Seat]
    robot: Seat
    limit: Callable[[str], Limit]
    relation_days: int
    case_ids: Iterator[int]
    cases: list[Case] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    more: list[Any] = field(default_factory=list)
    """Rows of other tables that hang on the cases, in the order in which they may be written."""
    entries: list[TimelineEntry] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)

    def ago(self, hours: float) -> datetime:
        """The moment so many hours ago; on an earlier day than today it falls into working hours, in the same order."""
        moment = self.now - timedelta(hours=hours)
        day = calendar.start_of(calendar.local(moment).date())
        return moment if day + DAY > self.now else day + OPENS + (moment - day) * (OPEN / DAY)

    def keep(self) -> None:
        """Write the stories and what they left."""
        copy_in(self.cases)
        copy_in(self.referrals)
        copy_in(self.follow_ups)
        for kind in dict.fromkeys(type(row) for row in self.more):
            copy_in([row for row in self.more if type(row) is kind])
        copy_in(self.entries)
        copy_in(self.notices)
        copy_in(self.grants)


class Story:
    """A referral while it is told. `at` is the moment of its last step; `open` until a step would lie in the future."""

    def __init__(self, county: County, flow: Flow, rng: random.Random) -> None:
        self.county, self.flow, self.rng = county, flow, rng
        self.case: Case
        self.row: Any
        self.at: datetime
        self.grants: list[Grant] = []

    def open(self, *, seat: Seat, at: datetime, to_unit: int, subject_id: int, title: str, priority: int, hq: int,
             values: dict[str, Any], row: dict[str, Any]) -> None:  # fmt: skip
        """Case and referral as sent."""
        self.begin(seat=seat, at=at, to_unit=to_unit, subject_id=subject_id, title=title, priority=priority, hq=hq,
                   values=values)  # fmt: skip
        self.row = Referral(case=self.case, subject_id=subject_id, sender=seat, sent_at=at, **row)
        self.relate(to_unit, seat)

    def begin(self, *, seat: Seat, at: datetime, to_unit: int, subject_id: int | None, title: str, hq: int,
              values: dict[str, Any], priority: int = 0, due: datetime | None = None, hold: int | None = None,
              reason: str = "") -> None:  # fmt: skip
        """A case of any flow as opened; its row is the caller's."""
        state = self.flow.state(self.flow.start)
        self.at = at
        self.case = Case(
            pk=next(self.county.case_ids), client_id=self.uuid(), flow=self.flow.code, flow_version=self.flow.version,
            domain=self.flow.domain, state=state.code, subject_id=subject_id, shown_to_subject=self.flow.shown_to_subject,
            title=title, priority=priority, from_unit_id=seat.unit_id, to_unit_id=to_unit, hq_unit_id=hq, opened_by=seat,
            opened_at=at, entered_at=at,
        )  # fmt: skip
        self.row = None
        self._enter(state.code, at, due, hold)
        prefix = "".join(part[0] for part in self.flow.code.split("_")).upper()
        self.case.number = f"{prefix}{calendar.local(at).year}{self.case.pk:07d}"
        self._entry(seat, "opened", "", f"发起{self.flow.noun}", "", state.code, values, 0, False, reason)
        self._tell(seat, f"发起{self.flow.noun}", ("to",))

    def act(self, code: str, seat: Seat, at: datetime, values: dict[str, Any], *, due: datetime | None = None,
            hold: int | None = None, reason: str = "") -> bool:  # fmt: skip
        """One transition at a moment; False, and nothing, when the moment has not come yet."""
        if at > self.county.now:
            return False
        self._clock(at)
        one, case = self.flow.transition(code), self.case
        before, waited = case.state, int((at - case.entered_at).total_seconds())
        late = case.due is not None and at > case.due
        case.state, case.entered_at, self.at = one.target, at, at
        self._enter(one.target, at, due, hold)
        self._entry(seat, "act", code, one.title, before, one.target, values, waited, late, reason)
        self._tell(seat, one.title, one.tells)
        return True

    def relate(self, unit: int, seat: Seat) -> None:
        """Open the person to a party."""
        day = calendar.local(self.at).date()
        assert self.case.subject_id is not None
        grant = Grant(
            subject_id=self.case.subject_id, unit_id=unit, reason="referral", evidence="case", note=self.case.number,
            starts=day, seat=seat, case_id=self.case.pk, made_at=self.at, acted=True,
        )  # fmt: skip
        self.grants.append(grant)
        self.county.grants.append(grant)

    def end_relations(self, days: int) -> None:
        ends = calendar.local(self.at).date() + timedelta(days=days)
        for grant in self.grants:
            grant.ends = grant.ends or ends

    def finish(self) -> None:
        """Bring the clock up to the present and keep everything."""
        if self.case.closed_at is None:
            self._clock(self.county.now)
        else:
            self.end_relations(self.county.relation_days)
        self.county.cases.append(self.case)
        if isinstance(self.row, Referral):
            self.county.referrals.append(self.row)
        elif self.row is not None:
            self.county.more.append(self.row)

    def uuid(self) -> UUID:
        return uuid_of(self.rng)

    def length(self, key: str) -> timedelta:
        return self.county.limit(key).due

    # ---- what each step leaves ---------------------------------------------------------------

    def _enter(self, code: str, at: datetime, due: datetime | None, hold: int | None) -> None:
        case, state = self.case, self.flow.state(code)
        case.stage = 0
        if state.holder is None:
            case.holder_unit_id, case.holder_duty, case.holder_seat_id = None, "", None
            case.due = case.next_at = None
            case.closed_at, case.outcome = at, state.outcome or code
            return
        case.closed_at, case.outcome = None, ""
        case.holder_unit_id, case.holder_duty = unit_on(case, state.holder.side), state.holder.duty
        case.holder_seat_id = hold
        limit = self._limit()
        case.due = due or at + limit.due
        case.next_at = max(at, case.due - limit.remind)

    def _limit(self) -> Limit:
        key = self.flow.state(self.case.state).limit_key(self.case.priority)
        assert key is not None
        return self.county.limit(key)

    def _clock(self, until: datetime) -> None:
        """Reminder, escalation and the director's list at their moments, as the robot would have written them."""
        case = self.case
        while case.closed_at is None and case.next_at is not None and case.next_at < until and case.stage < 3:
            assert case.due is not None
            limit, at = self._limit(), case.next_at
            stage = case.stage + 1
            self._reminder(stage, at)
            case.stage = stage
            following = {1: case.due + limit.escalate, 2: case.due + limit.director, 3: at + clock.AGAIN}
            case.next_at = following[stage]
        if case.next_at is not None and case.stage == 3:
            case.next_at = max(case.next_at, until)

    def _reminder(self, stage: int, at: datetime) -> None:
        case, robot = self.case, self.county.robot
        state = self.flow.state(case.state)
        assert state.holder is not None
        assert case.due is not None
        kind, title, unit, duty = {
            1: ("reminder", f"提醒{state.holder.title}", case.holder_unit_id, case.holder_duty),
            2: (
                "escalation",
                f"逾期，已通知{state.holder.above}",
                case.holder_unit_id,
                self.flow.head_duty,
            ),
            3: ("director", "逾期未办，已列入总部督办清单", case.hq_unit_id, "case.late"),
        }[stage]
        self.county.entries.append(TimelineEntry(
            case=case, at=at, seat=robot, unit_id=robot.unit_id, seat_name=robot.name,
            unit_name=self.county.units[robot.unit_id].name, kind=kind, title=title, from_state=case.state,
            to_state=case.state, late=at > case.due,
        ))  # fmt: skip
        text = f"{case.title}：“{state.title}”{'已逾期' if at > case.due else '即将到期'}（时限 {calendar.local(case.due):%m-%d %H:%M}）"
        self._notice(SimpleNamespace(unit_id=unit, duty=duty, at=at), text, urgent=stage > 1)

    def _entry(self, seat: Seat, kind: str, code: str, title: str, before: str, after: str, values: dict[str, Any],
               waited: int, late: bool, reason: str) -> None:  # fmt: skip
        self.county.entries.append(TimelineEntry(
            case=self.case, client_id=self.uuid(), at=self.at, seat=seat, unit_id=seat.unit_id, seat_name=seat.name,
            unit_name=self.county.units[seat.unit_id].name, kind=kind, transition=code, title=title, from_state=before,
            to_state=after, waited_seconds=waited, late=late, reason=reason, values=values,
        ))  # fmt: skip

    def _tell(self, seat: Seat, done: str, sides: tuple[Any, ...]) -> None:
        case = self.case
        who = f"{self.county.units[seat.unit_id].name} {seat.name}"
        text = f"{case.title}：{who} {done}，现为“{self.flow.state(case.state).title}”"
        for side in sides:
            unit = unit_on(case, side)
            if unit != seat.unit_id:
                duty = next(
                    (s.holder.duty for s in self.flow.states if s.holder and s.holder.side == side), "case.head"
                )
                self._notice(SimpleNamespace(unit_id=unit, duty=duty, at=self.at), text, urgent=case.priority == 2)
        if case.subject_id is None or not case.shown_to_subject:
            return
        read = self._read()
        self.county.notices.append(
            Notice(case=case, subject_id=case.subject_id, at=self.at, text=text[:300], read_at=read)
        )

    def _notice(self, to: Any, text: str, *, urgent: bool) -> None:
        read = None if to.at > self.county.now - READ_AFTER else to.at + timedelta(hours=1)
        self.county.notices.append(Notice(
            case=self.case, unit_id=to.unit_id, duty=to.duty, at=to.at, text=text[:300], urgent=urgent, read_at=read
        ))  # fmt: skip

    def _read(self) -> datetime | None:
        return None if self.at > self.county.now - READ_AFTER else self.at + timedelta(hours=3)
