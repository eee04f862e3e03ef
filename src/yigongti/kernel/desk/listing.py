"""The list of a desk: what is asked for, the rows the fence shows, how many of how many. Bounded at every step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from html import escape
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case import queries
from yigongti.kernel.case.facade import Case
from yigongti.kernel.form import Choice
from yigongti.kernel.markup import badge, deadline, format_html, stage, tone_of, when
from yigongti.kernel.text import TextError, clean, halfwidth

from . import quick
from .description import Desk, Row
from .writing import written

PAGE = 50
#: Rows are counted up to here; beyond it the page says "more than" and asks to narrow the list.
COUNTED = 10_000
#: Rows in one exported file.
EXPORTED = 5_000
QUERY_LENGTH = 60

OPEN, MINE, CLOSED, ALL = "open", "mine", "closed", "all"
_SORTS = {"due": "due", "number": "id", "opened": "opened_at", "state": "state", "title": "title"}


@dataclass(frozen=True)
class Asked:
    """What the address asks for, cleaned; anything unknown falls back to the open cases."""

    show: str = OPEN
    q: str = ""
    sort: str = ""
    page: int = 1
    narrow: Mapping[str, str] = field(default_factory=dict)
    said: str = ""
    """What could not be used of the search, for the user."""


@dataclass(frozen=True)
class Chip:
    """One way to narrow, as a link: what it is called, how many, whether it is on."""

    value: str
    label: str
    count: int | None
    on: bool
    tone: str = ""


@dataclass(frozen=True)
class Narrowing:
    """One of the desk's own filters with its choices and the one chosen."""

    code: str
    title: str
    choices: tuple[Choice, ...]
    chosen: str


@dataclass(frozen=True)
class Pages:
    """Where in the list one is; shaped like Django's page for the pager."""

    number: int
    num_pages: int

    @property
    def paginator(self) -> Pages:
        return self

    def has_next(self) -> bool:
        return self.number < self.num_pages

    def has_previous(self) -> bool:
        return self.number > 1

    def next_page_number(self) -> int:
        return self.number + 1

    def previous_page_number(self) -> int:
        return self.number - 1


@dataclass(frozen=True)
class Line:
    """One row: the case as work, and what the desk's own columns say."""

    row: Row
    cells: tuple[str, ...]
    title: str

    @property
    def item(self) -> queries.WorkItem:
        return self.row.item

    @property
    def case(self) -> Case:
        return self.row.case


@dataclass(frozen=True)
class Drawn:
    """A row as the page shows it, made at once: fifty rows through the template language take as long as their query."""

    line: Line
    html: SafeString
    quick: bool
    """Whether the page's rows have a cell for acts of the kernel."""


@dataclass(frozen=True)
class Listing:
    """A page of a desk's list."""

    desk: Desk
    asked: Asked
    lines: tuple[Drawn, ...]
    total: int
    capped: bool
    pages: Pages
    chips: tuple[Chip, ...]
    narrowings: tuple[Narrowing, ...]

    @property
    def quick(self) -> bool:
        """Whether a row offers an act of the kernel, and so the column is there."""
        return any(line.quick for line in self.lines)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the plain list of open cases is shown."""
        return bool(self.asked.q or self.asked.narrow or self.asked.show != OPEN)

    @property
    def exported(self) -> int:
        return min(self.total, EXPORTED)


def asked(desk: Desk, query: Mapping[str, Any]) -> Asked:
    """The address's parameters, cleaned."""
    said = ""
    try:
        q = halfwidth(clean(str(query.get("q", "")), max_length=QUERY_LENGTH, label="搜索内容"))
    except TextError as wrong:
        q, said = "", str(wrong)
    show = str(query.get("show", OPEN))
    if show not in {OPEN, MINE, CLOSED, ALL, *(state.code for state in desk.flow.states)}:
        show = OPEN
    page = str(query.get("page", "1"))
    sort = str(query.get("sort", ""))
    narrow = {one.code: str(query[one.code])[:80] for one in desk.filters if query.get(one.code)}
    return Asked(
        show=show,
        q=q.strip(),
        sort=sort if sort.lstrip("-") in _sorts(desk) else "",
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        narrow=narrow,
        said=said,
    )


def listing(desk: Desk, wanted: Asked, acting: Acting, *, back: str = "") -> Listing:
    """One page of the list with its counts; three queries, four with the module's own rows, one more for what is closed.

    `back`: the list's own address, to which acts from its rows return; "" for a list without them.

    What is shown is noted in the log as one entry.
    """
    narrowings = _narrowings(desk, wanted, acting)
    base = _base(desk, wanted, narrowings, acting)
    chips = _chips(desk, wanted, base, acting)
    rows = _shown(desk, base, wanted, acting)
    counted = next((chip.count for chip in chips if chip.on), None)
    total = rows[: COUNTED + 1].count() if counted is None else counted
    num_pages = max(1, -(-min(total, COUNTED) // PAGE))
    number = min(max(wanted.page, 1), num_pages)
    cases = queries.listed(_ordered(desk, rows, wanted)[(number - 1) * PAGE : number * PAGE])
    lines = tuple(_drawn(desk, _lines(desk, cases, acting), acting, back))
    _note(desk, cases, "查看清单")
    return Listing(
        desk, wanted, lines, min(total, COUNTED), total > COUNTED, Pages(number, num_pages), chips, narrowings
    )


def exported(desk: Desk, wanted: Asked, acting: Acting) -> tuple[list[Row], int]:
    """The rows of one file, at most :data:`EXPORTED`, and how many there are (counted up to :data:`COUNTED`)."""
    rows = _shown(desk, _base(desk, wanted, _narrowings(desk, wanted, acting), acting), wanted, acting)
    cases = queries.listed(_ordered(desk, rows, wanted)[:EXPORTED])
    total = len(cases) if len(cases) < EXPORTED else rows[: COUNTED + 1].count()
    _note(desk, cases, "导出清单")
    return _rows(desk, cases, None), total


def _sorts(desk: Desk) -> dict[str, str]:
    return {**_SORTS, **{column.code: column.sort for column in desk.own_columns if column.sort}}


def _base(desk: Desk, wanted: Asked, narrowings: Sequence[Narrowing], acting: Acting) -> QuerySet[Case]:
    """Rows of the desk by search and the desk's own filters, before the state is chosen."""
    rows: QuerySet[Case] = Case.objects.filter(queries.reach(acting), flow=desk.code)
    if wanted.q:
        found = Q(title__contains=wanted.q)
        if wanted.q.isascii():
            found |= Q(number__startswith=wanted.q.upper())
        rows = rows.filter(found)
    narrows = {one.code: one.narrow for one in desk.filters}
    for narrowing in narrowings:
        if narrowing.chosen:
            rows = narrows[narrowing.code](rows, narrowing.chosen)
    return rows


def _narrowings(desk: Desk, wanted: Asked, acting: Acting) -> tuple[Narrowing, ...]:
    made = []
    for one in desk.filters:
        choices = tuple(one.choices(acting))
        chosen = wanted.narrow.get(one.code, "")
        valid = chosen if any(choice.code == chosen for choice in choices) else ""
        made.append(Narrowing(one.code, one.title, choices, valid))
    return tuple(made)


def _shown(desk: Desk, rows: QuerySet[Case], wanted: Asked, acting: Acting) -> QuerySet[Case]:
    if wanted.show == ALL:
        return rows
    if wanted.show == OPEN:
        return rows.filter(closed_at=None)
    if wanted.show == CLOSED:
        return rows.filter(closed_at__isnull=False)
    if wanted.show == MINE:
        return rows.filter(queries.waits(acting, desk.code))
    return rows.filter(state=wanted.show)


def _ordered(desk: Desk, rows: QuerySet[Case], wanted: Asked) -> QuerySet[Case]:
    if wanted.sort:
        name = _sorts(desk)[wanted.sort.lstrip("-")]
        down = wanted.sort.startswith("-")
        return rows.order_by(F(name).desc(nulls_last=True) if down else F(name).asc(nulls_last=True), "-id")
    if wanted.show in (CLOSED, ALL):
        return rows.order_by("-opened_at", "-id")
    return rows.order_by(F("due").asc(nulls_last=True), "-id")


def _chips(desk: Desk, wanted: Asked, rows: QuerySet[Case], acting: Acting) -> tuple[Chip, ...]:
    counted = (
        rows.filter(closed_at=None)
        .order_by()
        .values("state")
        .annotate(n=Count("pk"), mine=Count("pk", filter=queries.waits(acting, desk.code)))
        .values_list("state", "n", "mine")
    )
    by_state = {state: (n, mine) for state, n, mine in counted}
    total = sum(n for n, _ in by_state.values())
    mine = sum(m for _, m in by_state.values())
    chips = [
        Chip(OPEN, "进行中", total, wanted.show == OPEN),
        Chip(MINE, "等我处理", mine, wanted.show == MINE, "due" if mine else ""),
    ]
    for state in desk.flow.states:
        if not state.final and (state.code in by_state or wanted.show == state.code):
            n, _ = by_state.get(state.code, (0, 0))
            chips.append(Chip(state.code, state.title, n, wanted.show == state.code))
    chips += [Chip(CLOSED, "已结束", None, wanted.show == CLOSED), Chip(ALL, "全部", None, wanted.show == ALL)]
    chips += [
        Chip(state.code, state.title, None, True)
        for state in desk.flow.states
        if state.final and wanted.show == state.code
    ]
    return tuple(chips)


def _rows(desk: Desk, cases: Sequence[Case], acting: Acting | None) -> list[Row]:
    """Each case with what the module knows of it; without `acting`, nothing that one could do with it."""
    more = desk.rows([case.pk for case in cases]) if desk.rows and cases else {}
    now = calendar.now()
    return [Row(queries.item(case, acting, now), more.get(case.pk)) for case in cases]


def _lines(desk: Desk, cases: Sequence[Case], acting: Acting) -> list[Line]:
    columns = desk.own_columns
    return [
        Line(row, tuple(written(column, column.value(row)) for column in columns), desk.title_of(row))
        for row in _rows(desk, cases, acting)
    ]


def _drawn(desk: Desk, lines: Sequence[Line], acting: Acting, back: str) -> list[Drawn]:
    now, heads = calendar.now(), _cell_heads(desk)
    acts = [quick.buttons(line.case, acting, back) for line in lines] if back else []
    offering = any(acts)
    drawn = []
    for place, line in enumerate(lines):
        case = line.case
        texts = (f"{case.from_unit.name} → {case.to_unit.name}", line.item.holder, *line.cells)
        plain = "".join(f"{head}{escape(text)}</td>" for head, text in zip(heads, texts, strict=True))
        html = _row_html(line.item, line.title, mark_safe(plain), now, acts[place] if offering else None)
        drawn.append(Drawn(line, html, offering))
    return drawn


_PRIORITY = {2: ("late", "紧急"), 1: ("due", "优先")}
_ROW = (
    '<tr data-tone="{tone}"><td data-label="编号" data-col="number" class="nowrap">{number}</td>'
    '<td class="lead" data-col="title"><a class="row" href="{href}">{title}</a>{priority}</td>'
    '<td data-label="状态" data-col="state">{state}{stage}</td>{plain}'
    '<td data-label="发起时间" data-col="opened" class="nowrap hide-phone">{opened}</td>'
    '<td data-label="时限" data-col="due">{due}</td>{quickly}</tr>'
)
_QUICK = f'<td data-label="{quick.HEAD}" data-col="quick" class="nowrap">{{}}</td>'


def _row_html(
    item: queries.WorkItem, title: str, plain: SafeString, now: datetime, quickly: SafeString | None
) -> SafeString:  # fmt: skip
    """A row; the title is the link that makes the whole row one. `quickly`: None where no row of the page has acts."""
    case = item.case
    return format_html(
        _ROW, tone=tone_of(case, now), number=case.number, href=_case_address().format(case.pk), title=title, plain=plain,
        priority=format_html(" {}", badge(*_PRIORITY[case.priority])) if case.priority in _PRIORITY else "",
        state=item.state.title, stage=format_html(" {}", stage(case)) if case.stage else "", opened=when(case.opened_at),
        due=deadline(case), quickly="" if quickly is None else format_html(_QUICK, quickly),
    )  # fmt: skip


@cache
def _case_address() -> str:
    """The address of a case with a place for its id; asking the router for each row costs more than the row."""
    return reverse("desk:case", args=[1]).replace("1", "{}")


def _cell_heads(desk: Desk) -> list[str]:
    """The opening tags of a line's plain cells."""
    given = [("发起 → 接收", "units", ""), ("现由谁处理", "holder", "")]
    given += [(column.title, column.code, column.css) for column in desk.own_columns]
    return [format_html('<td data-label="{}" data-col="{}" class="{}">', *one) for one in given]


def _note(desk: Desk, cases: Sequence[Case], why: str) -> None:
    if cases:
        subjects = [case.subject_id for case in cases if case.subject_id is not None]
        log.saw(desk.code, [case.pk for case in cases], subjects, why)
