"""How the three kinds of cases of booking show. Pages are the kernel's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from yigongti.kernel.case.facade import Case
from yigongti.kernel.desk import Column, Desk, Row
from yigongti.service.booking import queries
from yigongti.service.booking.flow import APPEAL, MOVED, OFFERED
from yigongti.service.booking.models import Appeal, Booking, Moved, Waiting


def _line(name: str) -> Any:
    def value(row: Row) -> Any:
        return getattr(row.more, name, None)

    return value


COLUMNS = (
    Column("what", "预约", _line("title"), wide=True),
    Column("when", "时间", _line("when"), wide=True),
    Column("channel", "渠道", _line("channel_title"), wide=True),
)


def _offered(ids: Sequence[int]) -> Mapping[int, Any]:
    rows = Waiting.objects.filter(offer_case__in=ids).values_list("offer_case_id", "booking_id")
    return _lines(dict(rows))


def _moved(ids: Sequence[int]) -> Mapping[int, Any]:
    return _lines(dict(Moved.objects.filter(pk__in=ids).values_list("pk", "booking_id")))


def _lines(by_case: Mapping[int, int | None]) -> Mapping[int, Any]:
    rows = queries.seen().filter(pk__in=[pk for pk in by_case.values() if pk])
    found = {row.pk: queries.line(row) for row in rows}
    return {case: found[pk] for case, pk in by_case.items() if pk in found}


def _appeals(ids: Sequence[int]) -> Mapping[int, Any]:
    return {row.case_id: row for row in Appeal.objects.select_related("restriction").filter(case__in=ids)}


def place_facts(case: Case, line: queries.Line | None) -> Sequence[tuple[str, str]]:
    """The place that the case is about."""
    if line is None:
        return []
    facts = [
        ("居民", line.name), ("预约", f"{line.kind_title} {line.title}"), ("时间", line.when), ("地点", line.location),
        ("渠道", line.channel_title), ("状态", line.status_title), ("备注", line.note),
    ]  # fmt: skip
    if case.flow == MOVED.code:
        instead = Booking.objects.filter(pk__in=Moved.objects.filter(pk=case.pk).values("instead")).first()
        if instead is not None:
            new = queries.line(queries.get(instead.pk))
            facts.append(("改到", f"{new.when} {new.title}"))
    return [(label, text) for label, text in facts if text]


def appeal_facts(case: Case, row: Appeal | None) -> Sequence[tuple[str, str]]:
    """The restriction, the missed appointments it counts, and what the person says."""
    if row is None:
        return []
    one = row.restriction
    missed = queries.seen().filter(Q(pk__in=one.missed)).order_by("starts")
    told = "\n".join(f"{line.when} {line.title}" for line in map(queries.line, missed))
    facts = [
        ("居民", one.name), ("限制", f"{one.starts:%Y-%m-%d} 至 {one.ends:%Y-%m-%d}，到期自动解除"), ("爽约", told),
        ("申诉理由", row.text),
    ]  # fmt: skip
    return [(label, text) for label, text in facts if text]


DESKS = (
    Desk(flow=OFFERED, title="候补到号", noun="候补到号", columns=COLUMNS, rows=_offered, detail=place_facts),
    Desk(flow=MOVED, title="停诊改约", noun="停诊改约", columns=COLUMNS, rows=_moved, detail=place_facts),
    Desk(
        flow=APPEAL, title="爽约限制申诉", noun="申诉", rows=_appeals, detail=appeal_facts,
        columns=(Column("ends", "限制到期", lambda row: row.more.restriction.ends if row.more else None, "day"),),
    ),
)  # fmt: skip
