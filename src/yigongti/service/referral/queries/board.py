"""The coordinator's board: every open case of the referral flows that the seat sees, by clock; and the filing register."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from yigongti.kernel import calendar, ids
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case import queries as cases
from yigongti.kernel.case.facade import Case, flow_of
from yigongti.registry import facade as registry
from yigongti.service.referral.models import Declined, Filing

FLOWS = ("referral", "referral_down", "referral_out", "round_note")
PAGE = 50
STAGES: tuple[tuple[str, str], ...] = (
    ("late", "已逾期"), ("director", "已列督办清单"), ("reminded", "即将到期"), ("on_time", "时限内"),
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What the board's address asks for; anything unknown is left out."""

    flow: str = ""
    state: str = ""
    holder: int = 0
    stage: str = ""
    page: int = 1


@dataclass(frozen=True)
class Line:
    """One open case: whose turn it is, by when, how to reach them, what happens otherwise."""

    item: cases.WorkItem
    phone: str

    @property
    def case(self) -> Case:
        return self.item.case


@dataclass(frozen=True)
class Board:
    """A page of the board with what the filters offer, each with its number."""

    asked: Asked
    lines: tuple[Line, ...]
    total: int
    pages: int
    stages: tuple[tuple[str, str, int], ...]
    flows: tuple[tuple[str, str, int], ...]
    states: tuple[tuple[str, str, int], ...]
    holders: tuple[tuple[int, str, int], ...]


def asked_of(query: Mapping[str, Any]) -> Asked:
    def number(name: str) -> int:
        return ids.row_id(str(query.get(name, ""))) or 0

    flow, stage = str(query.get("flow", "")), str(query.get("stage", ""))
    return Asked(
        flow if flow in FLOWS else "", str(query.get("state", ""))[:32], number("holder"),
        stage if stage in dict(STAGES) else "", max(1, min(number("page"), 9999)),
    )  # fmt: skip


def board(asked: Asked, acting: Acting) -> Board:
    """One page of the board, overdue first. Six queries."""
    now = calendar.now()
    everything = cases.visible().filter(closed_at=None, flow__in=FLOWS)
    whole = _narrowed(everything, asked, now)
    total = whole.count()
    pages = max(1, -(-total // PAGE))
    number = min(asked.page, pages)
    rows = list(whole.order_by("due", "-priority", "id")[(number - 1) * PAGE : number * PAGE])
    phones = _phones({row.holder_unit_id for row in rows if row.holder_unit_id})
    lines = tuple(Line(cases.item(row, acting, now), phones.get(row.holder_unit_id or 0, "")) for row in rows)
    return Board(
        Asked(asked.flow, asked.state, asked.holder, asked.stage, number), lines, total, pages,
        *_counts(everything, asked, now),
    )  # fmt: skip


def _phones(units: set[int]) -> dict[int, str]:
    """The telephone of each institution, as the registry has it."""
    rows = registry.Institution.objects.filter(pk__in=units).exclude(phone="") if units else ()
    return {row.pk: row.phone for row in rows}


def _stage(code: str, now: Any) -> Q:
    return {
        "late": Q(due__lt=now), "director": Q(stage=Case.Stage.DIRECTOR),
        "reminded": Q(due__gte=now, stage__gte=Case.Stage.REMINDED), "on_time": Q(due__gte=now, stage=0), "": Q(),
    }[code]  # fmt: skip


def _narrowed(rows: QuerySet[Case], asked: Asked, now: Any) -> QuerySet[Case]:
    rows = rows.filter(_stage(asked.stage, now))
    if asked.flow:
        rows = rows.filter(flow=asked.flow)
    if asked.state:
        rows = rows.filter(state=asked.state)
    return rows.filter(holder_unit_id=asked.holder) if asked.holder else rows


def _counts(rows: QuerySet[Case], asked: Asked, now: Any) -> tuple[Any, ...]:
    """How many stand under each choice of a filter, the other filters kept."""
    stages = _narrowed(rows, Asked(asked.flow, asked.state, asked.holder), now)
    one = stages.aggregate(**{code: Count("pk", filter=_stage(code, now)) for code, _ in STAGES})
    plain = rows.filter(_stage(asked.stage, now)).order_by()
    by_flow = dict(plain.values_list("flow").annotate(n=Count("pk")))
    narrowed = plain.filter(flow=asked.flow) if asked.flow else plain
    by_state = {(flow, state): n for flow, state, n in narrowed.values_list("flow", "state").annotate(n=Count("pk"))}
    by_holder = _narrowed(rows, Asked(asked.flow, asked.state, 0, asked.stage), now).order_by()
    holders = by_holder.values_list("holder_unit_id", "holder_unit__name").annotate(n=Count("pk"))
    titles = {flow: flow_of(flow) for flow in FLOWS}
    states: dict[tuple[str, str], int] = {}
    for (flow, state), n in by_state.items():
        name = (state, titles[flow].state(state).title)
        states[name] = states.get(name, 0) + n
    return (
        tuple((code, title, one[code]) for code, title in STAGES),
        tuple((flow, titles[flow].title, by_flow.get(flow, 0)) for flow in FLOWS),
        tuple((code, title, n) for (code, title), n in sorted(states.items(), key=lambda pair: -pair[1])),
        tuple(sorted(holders, key=lambda row: -row[2])),
    )


# ---- the register -----------------------------------------------------------------------------

WAYS: tuple[tuple[str, str], ...] = (("up", "上转"), ("down", "下转"), ("out", "县外转诊"))


@dataclass(frozen=True)
class Filed:
    """A line of the register as read."""

    filing: Filing
    way: str
    diagnosis: str
    why: str
    state: str
    target: str

    @property
    def case(self) -> Case:
        case: Case = self.filing.case
        return case


def years(acting: Acting) -> list[int]:
    """Years in which something was filed, newest first."""
    return sorted(set(Filing.objects.order_by().values_list("year", flat=True).distinct()), reverse=True)


def register(year: int, way: str = "", q: str = "") -> QuerySet[Filing]:
    """Lines of a year that the seat sees, newest number first."""
    rows = Filing.objects.select_related(
        "case__from_unit", "case__to_unit", "case__referral", "case__departure"
    ).filter(year=year)
    if way:
        rows = rows.filter(way=way)
    if q:
        number = int(q) if q.isascii() and q.isdigit() and len(q) < 9 else None
        found = Q(case__title__contains=q) | Q(case__number=q.upper())
        rows = rows.filter(found | Q(serial=number) if number is not None else found)
    return rows.order_by("-serial")


def filed(rows: Iterable[Filing]) -> list[Filed]:
    """Lines with their words; the clinical ones only as far as the fence shows the referral."""
    return [_filed(row) for row in rows]


def _filed(row: Filing) -> Filed:
    from yigongti.service.referral import words

    case = row.case
    state = flow_of(case.flow, case.flow_version).state(case.state).title
    out, two_way = getattr(case, "departure", None), getattr(case, "referral", None)
    diagnosis = out.dx_name if out else two_way.dx_name if two_way else ""
    why = words.word(words.LEAVING, out.why) if out else two_way.get_urgency_display() if two_way else ""
    return Filed(row, dict(WAYS)[row.way], diagnosis, why, state, out.target_name if out else case.to_unit.name)


def declined(acting: Acting, page: int) -> tuple[list[Declined], int]:
    """What the seat's institutions declined, newest first, and how many there are."""
    rows = Declined.objects.select_related("unit", "seat", "moved_to").filter(unit_id__in=acting.units)
    total = rows.count()
    return list(rows.order_by(F("at").desc())[(page - 1) * PAGE : page * PAGE]), total
