"""One case on one page: whose turn it is and until when, what this seat may do, what has happened, what hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.facade import Acting, current
from yigongti.kernel.audit import log
from yigongti.kernel.case import queries
from yigongti.kernel.case.facade import Case, Flow, TimelineEntry, Transition
from yigongti.kernel.form import Env, Form, Parsed, blank, describe, drafts
from yigongti.kernel.form.describe import Line

from . import offered
from .description import Desk
from .desks import desk_for

CHILDREN = 50
_FOLD = 4


@dataclass(frozen=True)
class Action:
    """Something this seat may do now. Only the one that is open carries its form: blank, restored from a draft, or sent
    back with problems; the others are a link to themselves.
    """

    transition: Transition
    url: str
    parsed: Parsed | None = None
    draft_url: str = ""
    draft: drafts.Saved | None = None
    refused: bool = False
    """The state has moved on: what was typed is shown, but it can't be sent any more."""

    @property
    def anchor(self) -> str:
        return f"do-{self.transition.code}"

    @property
    def tone(self) -> str:
        return self.transition.tone

    @property
    def open(self) -> bool:
        return self.parsed is not None


@dataclass(frozen=True)
class Happened:
    """One line of the timeline, told."""

    entry: TimelineEntry
    lines: tuple[Line, ...]
    tone: str
    waited: str

    @property
    def folded(self) -> bool:
        """Whether the answers are many enough to be folded away."""
        return len(self.lines) > _FOLD

    @property
    def who(self) -> str:
        """Institution and person, once where they are the same (a robot)."""
        entry = self.entry
        return f"{entry.unit_name} · {entry.seat_name}" if entry.seat_name != entry.unit_name else entry.unit_name


@dataclass(frozen=True)
class Shown:
    """What panels of the slots ``case.main`` and ``case.aside`` are given."""

    case: Case
    flow: Flow
    more: Any
    acting: Acting


@dataclass(frozen=True)
class CasePage:
    """Everything the page shows."""

    desk: Desk
    item: queries.WorkItem
    shown: Shown
    facts: tuple[tuple[str, str], ...]
    actions: tuple[Action, ...]
    timeline: tuple[Happened, ...]
    children: tuple[queries.WorkItem, ...]
    banner: Any
    steps: tuple[tuple[str, str], ...] = ()
    tone: str = ""
    may_open_desk: bool = False

    @property
    def case(self) -> Case:
        return self.item.case

    @property
    def flow(self) -> Flow:
        return self.item.flow

    @property
    def limit_url(self) -> str:
        """Where the present state's limit is explained (port ``parameter_url``: key → address); "" for nowhere."""
        explained = wiring.offer("PORTS", {}).get("parameter_url")
        key = self.item.state.limit_key(self.case.priority)
        return str(explained(key)) if explained is not None and key and self.item.state.holder is not None else ""

    @property
    def may_print(self) -> bool:
        """Whether there is a form to print: not where it is made of rows that the fence hides (a head's list)."""
        return self.desk.printout is None or self.desk.rows is None or self.shown.more is not None

    @property
    def can_act(self) -> bool:
        """Whether one of the flow's own steps is this seat's now."""
        return any(not action.refused and action.transition.by for action in self.actions)


def get(case_id: int, acting: Acting) -> Case:
    """The case as the fence shows it to a member of staff. Raises Case.DoesNotExist otherwise; a subject reads the
    own case on the own pages.
    """
    if acting.may("resident.self"):
        raise Case.DoesNotExist(case_id)
    found: Case = queries.visible().select_related("parent").get(pk=case_id)
    return found


def case_page(
    case: Case, acting: Acting, *, open: str = "", sent: Action | None = None, back: str = ""
) -> CasePage:  # fmt: skip
    """The page of a case; *open* is the code of the action shown open, *sent* one that came back with problems and is
    shown with what was typed, *back* the list to which the open one returns.
    """
    desk = desk_for(case)
    item = queries.item(case, acting)
    more = more_of(desk, case)
    actions = actions_of(case, acting, open=open, sent=sent, back=back)
    entries = queries.timeline(case)
    children = [queries.item(child, acting) for child in queries.visible().filter(parent_id=case.pk)[:CHILDREN]]
    note(case)
    return CasePage(
        desk=desk,
        item=item,
        shown=Shown(case, item.flow, more, acting),
        facts=tuple(desk.detail(case, more)) if desk.detail else (),
        actions=actions,
        timeline=tuple(happened(item.flow, desk, entry) for entry in entries),
        children=tuple(children),
        banner=desk.banner(case) if desk.banner else banner_of(case.subject_id),
        steps=_steps(item.flow, case, entries),
        tone=_tone(item),
        may_open_desk=acting.may(desk.right),
    )


def note(case: Case) -> None:
    """Note in the log that the case was looked at."""
    log.saw(case.flow, [case.pk], [case.subject_id] if case.subject_id is not None else [], "detail")


def actions_of(
    case: Case, acting: Acting, *, open: str = "", sent: Action | None = None, back: str = ""
) -> tuple[Action, ...]:
    """What this seat may do now; *open* names the one shown with its form, *sent* one that came back with problems."""
    steps = allowed(case, acting)
    possible = (*steps, *offered.offered(case, acting))
    kept = drafts.about(acting=acting, object=object_of(case)) if steps else {}
    made = []
    for one in possible:
        if sent is not None and one.code == sent.transition.code:
            made.append(sent)
            continue
        draft = kept.get(place_of(one))
        if one.code == open:
            made.append(_opened(case, one, acting, draft, back))
        else:
            made.append(Action(one, url_of(case, one), draft=draft))
    if sent is not None and sent not in made:
        made.insert(0, sent)
    return tuple(made)


def url_of(case: Case, transition: Transition, back: str = "") -> str:
    """Where an action is shown open and sent to; *back* is where it then returns to, the case's page otherwise."""
    return reverse("desk:do", args=[case.pk, transition.code]) + (f"?{urlencode({'back': back})}" if back else "")


def came_back(case: Case, transition: Transition, parsed: Parsed, *, refused: bool, back: str = "") -> Action:
    """An action whose form is shown again with what was typed."""
    return Action(transition, url_of(case, transition, back), parsed, draft_url_of(case, transition), refused=refused)


def draft_url_of(case: Case, transition: Transition) -> str:
    """Where an action's half-filled form is saved; "" where there is nothing to fill in."""
    return reverse("desk:draft", args=[case.pk, transition.code]) if form_of(transition).fields else ""


def _opened(case: Case, transition: Transition, acting: Acting, draft: drafts.Saved | None, back: str) -> Action:
    env = env_for(desk_for(case), case, transition, acting)
    texts = draft.texts if draft is not None else None
    parsed = blank(form_of(transition), env=env, raw=texts, place=place_of(transition))
    return Action(transition, url_of(case, transition, back), parsed, draft_url_of(case, transition), draft)


def form_of(transition: Transition) -> Form:
    """The transition's form; one without questions where it has none, with the transition's verb on its button."""
    if transition.form is not None:
        return transition.form
    return Form(f"do.{transition.code}", transition.title, submit=transition.title)


def more_of(desk: Desk, case: Case) -> Any:
    """What the module knows of the case."""
    return desk.rows([case.pk]).get(case.pk) if desk.rows else None


def env_for(desk: Desk, case: Case, transition: Transition, acting: Acting) -> Env:
    """The surroundings of an action's form."""
    env, known = Env.here(acting, subject_id=case.subject_id, case=case), desk.known
    return env.asking(lambda here: known(case, transition, here)) if known is not None else env


def place_of(transition: Transition) -> str:
    """What tells an action's form from another action's with the same questions, on the page and among drafts."""
    return f"do-{transition.code}"


def object_of(case: Case) -> str:
    """The name under which drafts about a case are kept."""
    return f"case-{case.pk}"


def happened(flow: Flow, desk: Desk, entry: TimelineEntry) -> Happened:
    """A timeline entry with its answers told through the form they came from."""
    form = _form_behind(flow, desk, entry) if reads(flow) else None
    lines = tuple(describe(form, entry.values)) if form is not None and entry.values else ()
    kind = TimelineEntry.Kind
    tone = {kind.REMINDER: "due", kind.ESCALATION: "late", kind.DIRECTOR: "late"}.get(kind(entry.kind), "")
    if entry.to_state and flow_state_final(flow, entry.to_state):
        tone = tone or "fine"
    return Happened(entry, lines, tone, calendar.span(timedelta(seconds=entry.waited_seconds)))


def reads(flow: Flow) -> bool:
    """Whether the acting seat reads what forms of this domain held: a party or the person does, the director's list not."""
    acting = current()
    return acting.may(f"case.{flow.domain}") or acting.subject_id is not None


def flow_state_final(flow: Flow, code: str) -> bool:
    """Whether the code names a final state of the flow; an unknown one does not."""
    return any(state.code == code and state.final for state in flow.states)


def answers(flow: Flow, desk: Desk, entries: Sequence[TimelineEntry]) -> list[tuple[str, datetime, str, list[Line]]]:
    """What every form of the case held, oldest first: (what, when, who, lines). For print."""
    told = []
    for entry in entries:
        one = happened(flow, desk, entry)
        if one.lines:
            told.append((entry.title, entry.at, one.who, list(one.lines)))
    return told


def _form_behind(flow: Flow, desk: Desk, entry: TimelineEntry) -> Form | None:
    if entry.kind == TimelineEntry.Kind.OPENED:
        return flow.form or desk.opening_form
    try:
        return flow.transition(entry.transition).form
    except KeyError:
        return None


def banner_of(subject_id: int | None) -> Any:
    """The person banner's values as the port ``banner`` makes them; None without a subject or a port."""
    make = wiring.offer("PORTS", {}).get("banner")
    return make(subject_id) if make is not None and subject_id is not None else None


def banner_wanted() -> bool:
    """Whether somebody offers the port ``banner``: then a subject it shows nothing of may not be named either."""
    return "banner" in wiring.offer("PORTS", {})


def allowed(case: Case, acting: Acting) -> tuple[Transition, ...]:
    """What this seat may do now."""
    return queries.allowed(case, acting)


def _steps(flow: Flow, case: Case, entries: Sequence[TimelineEntry]) -> tuple[tuple[str, str], ...]:
    """States passed through and the present one: (title, "done" or "here"); a state left and entered again is once."""
    passed: list[str] = []
    for entry in entries:
        if entry.to_state and entry.to_state not in passed and entry.to_state != case.state:
            passed.append(entry.to_state)
    titles = {state.code: state.title for state in flow.states}
    return (*((titles.get(code, code), "done") for code in passed), (titles.get(case.state, case.state), "here"))


def _tone(item: queries.WorkItem) -> str:
    if item.late:
        return "late"
    return "due" if item.case.stage else ""
