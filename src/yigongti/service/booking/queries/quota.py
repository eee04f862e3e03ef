"""The overview: how much is kept for family doctors, how much of it they used, how much went to waste; every figure
opens to the places behind it, which name nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db import connection

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.service.booking import words
from yigongti.service.booking.queries.offers import units_of, when
from yigongti.service.booking.rules import FULL, share

By = Literal["unit", "kind", "specialty", "week"]
BYS: tuple[tuple[By, str], ...] = (("unit", "机构"), ("kind", "类别"), ("specialty", "专科"), ("week", "周"))
MOST = 500


@dataclass(frozen=True)
class Measure:
    """One column of the overview: its words, what it means, and the condition on a place `k` with what took it, `t`."""

    code: str
    title: str
    meaning: str
    where: str


MEASURES = (
    Measure("places", "总数", "开放的号、床、检查，不含停诊", "true"),
    Measure("kept", "预留", "其中为家庭医生转诊预留的", "k.reserved"),
    Measure("used", "转诊用", "预留中由家庭医生转诊的患者预约的", "k.reserved and t.channel = 'referral'"),
    Measure("released", "已释放", "预留中到时未用、已向所有人开放的", "k.reserved and k.released_at is not null"),
    Measure("refilled", "释放后用", "释放后被窗口、居民预约的", "k.reserved and t.channel in ('desk', 'resident')"),
    Measure(
        "wasted", "空置", "预留中时间已过、始终没有人预约的", "k.reserved and t.slot_id is null and k.ends <= %(now)s"
    ),
    Measure("taken", "全部已约", "预留和开放的合计", "t.slot_id is not null"),
    Measure("missed", "爽约", "约了没有来的", "t.status = 'missed'"),
)
_KEYS = {
    "unit": "k.unit_id", "kind": "k.kind", "specialty": "r.specialty",
    "week": "date_trunc('week', s.day)::date",
}  # fmt: skip
_FROM = """
  from booking_slot k join booking_session s on s.id = k.session_id join booking_resource r on r.id = k.resource_id
  left join access.taken t on t.slot_id = k.id
 where k.unit_id = any(%(units)s) and s.day >= %(start)s and s.day < %(end)s and s.status = 'open'"""


@dataclass(frozen=True)
class Asked:
    """Which places: days from `start` up to, not including, `end`; "" and None narrow nothing."""

    start: date
    end: date
    unit_id: int | None = None
    kind: str = ""
    specialty: str = ""
    week: date | None = None


@dataclass(frozen=True)
class Line:
    """One line of the overview. `need_bp` is what policy demanded of these places; None: no text gives a share."""

    unit_id: int | None
    unit_name: str
    kind: str
    specialty: str
    week: date | None
    counts: dict[str, int]
    need_bp: int | None

    @property
    def kind_title(self) -> str:
        return words.word(words.KINDS, self.kind) if self.kind else ""

    @property
    def share_bp(self) -> int | None:
        return share(self.counts["kept"], self.counts["places"])

    @property
    def share_text(self) -> str:
        return percent(self.share_bp)

    @property
    def used_text(self) -> str:
        """Of what was kept, how much referrals used."""
        return percent(share(self.counts["used"], self.counts["kept"]))

    @property
    def short(self) -> bool:
        """Less kept than policy demands."""
        return self.need_bp is not None and self.share_bp is not None and self.share_bp < self.need_bp

    @property
    def missing(self) -> int:
        """Places that would have to be kept in addition."""
        if self.need_bp is None:
            return 0
        return max(0, -(-self.counts["places"] * self.need_bp // FULL) - self.counts["kept"])

    @property
    def cells(self) -> list[tuple[Measure, int]]:
        return [(one, self.counts[one.code]) for one in MEASURES]

    @property
    def name(self) -> str:
        week = f"{self.week:%m-%d} 起一周" if self.week else ""
        return " ".join(part for part in (self.unit_name, self.specialty, self.kind_title, week) if part) or "合计"


def percent(bp: int | None) -> str:
    """Basis points as people read them; a dash where there is nothing to take a share of."""
    return "—" if bp is None else f"{bp / 100:.1f}%"


def overview(acting: Acting, asked: Asked, by: Sequence[By]) -> list[Line]:
    """The figures of the days grouped by what is asked, worst share first; of the institutions that the seat belongs
    to (its consortium's, else its region's). No grouping: one line, or none where nothing is offered."""
    units = _units(acting, asked)
    keys = [_KEYS[one] for one in by]
    columns = ", ".join(
        [*(f"{key} as g{n}" for n, key in enumerate(keys)), *(f"count(*) filter (where {m.where})" for m in MEASURES),
         "max(s.need_bp)"]
    )  # fmt: skip
    group = f" group by {', '.join(keys)} order by {', '.join(keys)}" if keys else " having count(*) > 0"
    with connection.cursor() as cursor:
        cursor.execute(f"select {columns} {_FROM}{_narrow(asked)}{group}", _values(asked, units))
        rows = cursor.fetchall()
    lines = [_line(list(row), by, units) for row in rows]
    return sorted(lines, key=lambda one: not one.short)


def _units(acting: Acting, asked: Asked) -> dict[int, str]:
    rows = units_of(acting)
    if asked.unit_id is not None:
        rows = rows.filter(pk=asked.unit_id)
    return dict(rows.values_list("pk", "name"))


def _narrow(asked: Asked) -> str:
    parts = []
    if asked.kind:
        parts.append(" and k.kind = %(kind)s")
    if asked.specialty:
        parts.append(" and r.specialty = %(specialty)s")
    if asked.week is not None:
        parts.append(" and s.day >= %(week)s and s.day < %(week_end)s")
    return "".join(parts)


def _values(asked: Asked, units: dict[int, str]) -> dict[str, Any]:
    week = asked.week
    return {
        "units": list(units), "start": asked.start, "end": asked.end, "kind": asked.kind, "specialty": asked.specialty,
        "now": calendar.now(), "week": week, "week_end": week + timedelta(days=7) if week else None,
    }  # fmt: skip


def _line(row: list[object], by: Sequence[By], units: dict[int, str]) -> Line:
    found = dict(zip(by, row, strict=False))
    figures = row[len(by) :]
    unit = found.get("unit")
    week = found.get("week")
    need = figures[-1]
    return Line(
        unit_id=unit if isinstance(unit, int) else None, unit_name=units[unit] if isinstance(unit, int) else "",
        kind=str(found.get("kind") or ""), specialty=str(found.get("specialty") or ""),
        week=week if isinstance(week, date) else None,
        counts={m.code: int(str(figures[n])) for n, m in enumerate(MEASURES)}, need_bp=int(str(need)) if need is not None else None,
    )  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One place behind a figure."""

    id: int
    session_id: int
    unit_name: str
    title: str
    kind: str
    starts: datetime
    ends: datetime
    number: int
    kept: bool
    released_at: datetime | None
    status: str
    channel: str

    @property
    def when(self) -> str:
        return when(self.kind, self.starts, self.ends)

    @property
    def state(self) -> str:
        if not self.status:
            return "空闲"
        return f"{words.word(words.STATUSES, self.status)}（{words.word(words.CHANNELS, self.channel)}）"


def places(acting: Acting, asked: Asked, measure: Measure, most: int = MOST) -> tuple[list[Place], int]:
    """The places behind a figure, the latest first, and how many there are."""
    units = _units(acting, asked)
    condition = f"{_FROM}{_narrow(asked)} and {measure.where}"
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) {condition}", _values(asked, units))
        (total,) = cursor.fetchone()
        cursor.execute(
            "select k.id, s.id, k.unit_id, r.title, k.kind, k.starts, k.ends, k.number, k.reserved, k.released_at,"
            f" coalesce(t.status, ''), coalesce(t.channel, '') {condition}"
            f" order by k.starts desc, r.title, k.number limit {int(most)}",
            _values(asked, units),
        )
        rows = cursor.fetchall()
    return [Place(row[0], row[1], units[row[2]], *row[3:]) for row in rows], int(total)


def measure_named(code: str) -> Measure:
    """Raises KeyError for a figure that there is not."""
    return {one.code: one for one in MEASURES}[code]
