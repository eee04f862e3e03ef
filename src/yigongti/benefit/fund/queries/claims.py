"""Claims as the fence shows them: lists of a counter, an office, a resident; one claim with its history; what waits to be settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet

from yigongti.benefit.fund.models import Claim, Settlement
from yigongti.benefit.fund.queries.insured import called
from yigongti.kernel import calendar
from yigongti.registry import facade as registry

READS = ("fund.read", "fund.office", "fund.approve", "fund.bureau", "fund.audit")
"""Rights that open claims; which ones, the fence says."""
PAGE = 50
WAITING_DAYS = 30
"""Finished visits older than this are found by the person, not in the list of the day."""


@dataclass(frozen=True)
class Line:
    """A claim in a list with where it stands; `row` is None when it was voided."""

    claim: Claim
    name: str
    row: Settlement | None

    @property
    def funds_fen(self) -> int:
        """What all funds pay together."""
        return self.row.basic_fen + self.row.serious_fen + self.row.aid_fen if self.row else 0


@dataclass(frozen=True)
class Asked:
    """What a list is asked for."""

    kind: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None
    unit: int | None = None


def seen() -> QuerySet[Claim]:
    """Claims that the fence shows, with their rows in order."""
    rows = Prefetch("settlements", Settlement.objects.order_by("sequence"))
    return Claim.objects.select_related("institution").prefetch_related(rows)


def get(claim_id: int) -> Claim:
    """Raises Claim.DoesNotExist where the fence shows none."""
    found: Claim = seen().get(pk=claim_id)
    return found


def stands(claim: Claim) -> Settlement | None:
    """The row at which a claim stands; None when it was voided. Needs the rows of :func:`seen`."""
    rows = list(claim.settlements.all())
    return rows[-1] if rows and rows[-1].kind == Settlement.Kind.SETTLED else None


def shown(claim: Claim) -> Settlement:
    """The settlement that explains a claim: where it stands, of a voided one what was reversed last."""
    rows = [row for row in claim.settlements.all() if row.kind == Settlement.Kind.SETTLED]
    return stands(claim) or rows[-1]


def line(claim: Claim, names: dict[int, str]) -> Line:
    return Line(claim, names.get(claim.subject_id, "参保人"), stands(claim))


def listed(asked: Asked, page: int) -> tuple[list[Line], int]:
    """One page of claims, newest first, and how many there are."""
    rows = Claim.objects.all()
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.unit is not None:
        rows = rows.filter(institution_id=asked.unit)
    if asked.since is not None:
        rows = rows.filter(end_date__gte=asked.since)
    if asked.until is not None:
        rows = rows.filter(end_date__lte=asked.until)
    if asked.state:
        standing = Settlement.objects.filter(kind="settled", reversal=None).values("claim_id")
        rows = rows.filter(pk__in=standing) if asked.state == "settled" else rows.exclude(pk__in=standing)
    total = rows.count()
    at = (max(page, 1) - 1) * PAGE
    ids = list(rows.order_by("-end_date", "-pk").values_list("pk", flat=True)[at : at + PAGE])
    found = {row.pk: row for row in seen().filter(pk__in=ids)}
    names = called({row.subject_id for row in found.values()})
    return [line(found[pk], names) for pk in ids], total


def of_person(subject_id: int, most: int = 100) -> list[Line]:
    """A person's claims as the fence shows them, newest first."""
    same = registry.same_person(subject_id)
    rows = list(seen().filter(subject_id__in=same).order_by("-end_date", "-pk")[:most])
    names = called({row.subject_id for row in rows})
    return [line(row, names) for row in rows]


@dataclass(frozen=True)
class Waiting:
    """A finished visit that no claim was made from."""

    visit_id: int
    subject_id: int
    unit_id: int
    unit: str
    kind: str
    started: date
    closed: date
    principal_dx: str
    dx_name: str
    other_dx: tuple[str, ...]
    case_id: int | None
    name: str = ""


def waiting(subject_id: int | None = None, *, most: int = 50) -> list[Waiting]:
    """Finished visits at the seat's units that wait to be settled, the latest first: of a person, or of the last days."""
    since = calendar.today() - timedelta(days=366 if subject_id else WAITING_DAYS)
    rows = _called("select * from fund.finished_visits(%s, %s, %s)", [subject_id, since, most])
    names = registry.names({row["subject_id"] for row in rows})
    return [
        Waiting(**{**row, "other_dx": tuple(row["other_dx"]), "name": names.get(row["subject_id"], "")}) for row in rows
    ]  # fmt: skip


@dataclass(frozen=True)
class Chain:
    """A referral that led here, with the first case of its chain."""

    case_id: int
    episode_id: int
    direction: str
    sent: date
    from_unit: str
    to_unit: str
    to_unit_id: int

    @property
    def text(self) -> str:
        way = "上转" if self.direction == "up" else "下转"
        return f"{self.sent:%Y-%m-%d} {self.from_unit} {way}到 {self.to_unit}"


def chains(subject_id: int) -> list[Chain]:
    """The person's accepted referrals to the seat's units, the latest first."""
    return [Chain(**row) for row in _called("select * from fund.chains(%s)", [subject_id])]


def _called(sql: str, values: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def entered_on(unit_ids: tuple[int, ...], day: date) -> int:
    """How many claims the units settled on a civil day."""
    start, end = calendar.bounds(day)
    return Claim.objects.filter(Q(entered_at__gte=start, entered_at__lt=end), institution_id__in=unit_ids).count()
