"""A flow as a table: states, who holds each, until when, and the transitions between them.

A flow is checked when it is made: a state that waits for somebody without a limit, a transition into nowhere, a state
that nobody can leave, are errors of the flow, found at import and not by a patient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from yigongti.kernel.text import TextError, clean

if TYPE_CHECKING:
    from yigongti.kernel.access.door import Acting
    from yigongti.kernel.case.models import Case, TimelineEntry
    from yigongti.kernel.form.description import Form

Side = Literal["from", "to", "hq"]
SIDE_TITLES: dict[Side, str] = {"from": "发起方", "to": "接收方", "hq": "医共体总部"}
Tone = Literal["primary", "plain", "danger"]
EMERGENCY = 2


class FlowError(ValueError):
    """A flow that could lose a case: found when the flow is made."""


@dataclass(frozen=True)
class Holder:
    """Whose turn it is: a side of the case and the duty (a right of the role) that takes it up there."""

    side: Side
    duty: str
    title: str
    """In the policy's words, e.g. 上级转诊服务台."""

    @property
    def above(self) -> str:
        """Whom the clock tells when it is late, in words: the head of the unit, who may be the holder."""
        return self.title if self.title == "机构负责人" else f"{self.title}所在机构的负责人"


@dataclass(frozen=True)
class Limit:
    """How long a state may wait. `remind` lies before the due moment, the other two after it."""

    due: timedelta
    remind: timedelta
    escalate: timedelta
    director: timedelta


@dataclass(frozen=True)
class State:
    """`holder` None: a final state. Otherwise `limit` names the policy key of its limit, `urgent` that of an emergency."""

    code: str
    title: str
    holder: Holder | None = None
    limit: str | None = None
    urgent: str | None = None
    meaning: str = ""
    outcome: str = ""
    """For a final state: the outcome it stands for in statistics."""

    @property
    def final(self) -> bool:
        return self.holder is None

    def limit_key(self, priority: int) -> str | None:
        """The policy key of the limit for a case of this priority (2 = emergency)."""
        return self.urgent if self.urgent and priority >= EMERGENCY else self.limit


@dataclass
class Act:
    """One transition while it happens: what an effect reads and may set before the state changes."""

    acting: Acting
    case: Case
    flow: Flow
    transition: Transition | None
    values: dict[str, Any]
    at: datetime
    due: datetime | None = None
    """Set to let the next state's limit run from a given moment instead of now (an appointment)."""
    hold_seat: int | None = None
    """Set to hand the next state to one person."""
    filled_at: datetime | None = None
    """When the form was filled in, by the device's clock, if it waited there for a network; never later than `at`."""
    outcome: str = ""
    reason: str = ""
    """A coded reason, kept on the timeline entry for statistics."""
    entry: TimelineEntry | None = None

    @property
    def happened_at(self) -> datetime:
        """When what the act tells of took place: on the device, else now. Clocks and order go by `at`."""
        return self.filled_at or self.at


Effect = Callable[[Act], None]


@dataclass(frozen=True)
class Transition:
    """What may be done in a state: by whom, with which form, leading where.

    `effect` runs inside the transaction with the case locked, before the state changes; it may refuse by raising
    `Refused`. `tells` names the sides that get a notice. `consequence` says what a dangerous action brings about.
    """

    code: str
    title: str
    source: tuple[str, ...]
    target: str
    by: tuple[Holder, ...]
    form: Form | None = None
    effect: Effect | None = None
    tells: tuple[Side, ...] = ("from", "to")
    tone: Tone = "plain"
    consequence: str = ""
    main: bool = False
    """The action that My work offers directly."""
    offline: bool = False
    """May be filled in on a device without a network and sent later; its form has no look-ups."""
    second: bool = False
    """Two persons: whoever opened the case, in whatever seat, is neither offered it nor may do it."""
    once: bool = False
    """Once a person, as an opinion: whoever did it, in whatever seat, is not offered it again; then the case waits for others."""


@dataclass(frozen=True)
class Flow:
    """A kind of case. `domain` names the right that opens its rows: `case.<domain>`."""

    code: str
    version: int
    title: str
    noun: str
    domain: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    start: str
    opens: tuple[Holder, ...]
    """Who may open one."""
    form: Form | None = None
    on_open: Effect | None = None
    shown_to_subject: bool = False
    head_duty: str = "case.head"
    """Who is told when a case is overdue: the holder's superior, at the holder's unit."""
    _by_code: dict[str, State] = field(default_factory=dict, init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        self._by_code.update({state.code: state for state in self.states})
        check(self)

    def state(self, code: str) -> State:
        return self._by_code[code]

    def transition(self, code: str) -> Transition:
        """Raises KeyError for a transition that the flow does not have."""
        for one in self.transitions:
            if one.code == code:
                return one
        raise KeyError(code)

    def leaving(self, state: str) -> tuple[Transition, ...]:
        return tuple(t for t in self.transitions if state in t.source)


class Refused(Exception):
    """A rule refuses the act: what, why, and what to do instead, in Chinese for the user."""

    def __init__(self, message: str, *, field: str = "", remedy: str = "", clause: str = "") -> None:
        super().__init__(message)
        self.message, self.field, self.remedy, self.clause = message, field, remedy, clause


def reason(text: str, *, most: int, missing: str, remedy: str, least: int = 2, field: str = "why") -> str:
    """Why somebody does it, as typed → as it is stored, at most *most* signs of it.

    Raises Refused, beside *field*, for fewer than *least* signs and for what no text holds (NUL, control characters).
    """
    try:
        plain = clean(text[: 2 * most], max_length=2 * most)
    except TextError as wrong:
        raise Refused(str(wrong), field=field) from wrong
    if len(plain) < least:
        raise Refused(missing, field=field, remedy=remedy)
    return plain[:most]


def check(flow: Flow) -> None:
    """Raises FlowError for a flow that could lose a case or leave it waiting without a limit."""
    codes = [s.code for s in flow.states]
    if len(set(codes)) != len(codes):
        raise FlowError(f"{flow.code}: a state is named twice")
    if flow.start not in codes:
        raise FlowError(f"{flow.code}: starts in the unknown state {flow.start}")
    names = [t.code for t in flow.transitions]
    if len(set(names)) != len(names):
        raise FlowError(f"{flow.code}: a transition is named twice")
    for state in flow.states:
        if not state.final and not state.limit:
            raise FlowError(f"{flow.code}.{state.code}: waits for {state.holder} without a limit")
        if state.final and state.limit:
            raise FlowError(f"{flow.code}.{state.code}: is final and yet has a limit")
        if not state.final and not flow.leaving(state.code):
            raise FlowError(f"{flow.code}.{state.code}: nobody can leave it")
        if not state.final and not any(_holder_can(flow, state, t) for t in flow.leaving(state.code)):
            raise FlowError(f"{flow.code}.{state.code}: its holder can do nothing about it")
    for one in flow.transitions:
        unknown = {*one.source, one.target} - set(codes)
        if unknown:
            raise FlowError(f"{flow.code}.{one.code}: unknown state {', '.join(sorted(unknown))}")
        if not one.by:
            raise FlowError(f"{flow.code}.{one.code}: nobody may do it")
        if one.offline and one.form is not None and any(field.port for field in one.form.fields):
            raise FlowError(f"{flow.code}.{one.code}: a look-up can't be answered without a network")
    _reach(flow)


def _holder_can(flow: Flow, state: State, transition: Transition) -> bool:
    assert state.holder is not None
    return any(h.side == state.holder.side and h.duty == state.holder.duty for h in transition.by)


def _reach(flow: Flow) -> None:
    """Every state is reached from the start, and from every state a final one is reached."""
    seen, todo = {flow.start}, [flow.start]
    while todo:
        for one in flow.leaving(todo.pop()):
            if one.target not in seen:
                seen.add(one.target)
                todo.append(one.target)
    lost = [s.code for s in flow.states if s.code not in seen]
    if lost:
        raise FlowError(f"{flow.code}: never reached: {', '.join(lost)}")
    ends = {s.code for s in flow.states if s.final}
    grown = True
    while grown:
        more = {c for t in flow.transitions if t.target in ends for c in t.source} - ends
        ends |= more
        grown = bool(more)
    stuck = [s.code for s in flow.states if s.code not in ends]
    if stuck:
        raise FlowError(f"{flow.code}: no way out of: {', '.join(stuck)}")
