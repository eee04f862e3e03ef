"""The overview of what is kept for family doctors: share, use, waste; every figure opens to its places."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from yigongti.kernel import calendar, ids
from yigongti.kernel.access.facade import Acting, current, page
from yigongti.service.booking import queries, words
from yigongti.service.booking.actions import shared
from yigongti.service.booking.pages.common import day_in, monday

READERS = ("booking.manage", "booking.desk", "figures.read")
WEEKS_BACK, WEEKS_AHEAD = 4, 2
DEFAULT_BY: tuple[queries.By, ...] = ("unit", "kind", "specialty")
LONGEST = timedelta(days=400)


def _asked(request: HttpRequest) -> queries.Asked:
    today = calendar.today()
    start = day_in(request, "from", monday(today) - timedelta(weeks=WEEKS_BACK))
    end = day_in(request, "to", monday(today) + timedelta(weeks=WEEKS_AHEAD) - timedelta(days=1))
    if end < start:
        start, end = end, start
    kind, week = request.GET.get("kind", ""), request.GET.get("week", "")
    try:
        at = date.fromisoformat(week) if week else None
    except ValueError:
        raise Http404(week) from None
    return queries.Asked(
        start=start, end=min(end, start + LONGEST) + timedelta(days=1), unit_id=ids.row_id(request.GET.get("unit", "")),
        kind=kind if kind in dict(words.KINDS) else "", specialty=request.GET.get("specialty", "")[:80], week=at,
    )  # fmt: skip


def _address(asked: queries.Asked, line: Any = None, **more: str) -> str:
    parts: dict[str, str] = {"from": asked.start.isoformat(), "to": (asked.end - timedelta(days=1)).isoformat()}
    unit = asked.unit_id if line is None or line.unit_id is None else line.unit_id
    kind = (line.kind if line is not None else "") or asked.kind
    specialty = (line.specialty if line is not None else "") or asked.specialty
    week = line.week if line is not None and line.week else asked.week
    parts |= {"unit": str(unit)} if unit else {}
    parts |= {"kind": kind} if kind else {}
    parts |= {"specialty": specialty} if specialty else {}
    parts |= {"week": week.isoformat()} if week else {}
    return urlencode(parts | more)


@page(right=READERS)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Share, use and waste by institution, kind, specialty, week; what is below policy stands first, with who mends it."""
    acting, asked = current(), _asked(request)
    known = [code for code, _ in queries.BYS]
    by = [code for code in known if code in request.GET.getlist("by")] or list(DEFAULT_BY)
    lines = queries.overview(acting, asked, by)
    whole = queries.overview(acting, asked, ())
    wanted = shared.wanted_share(acting.place)
    context = {
        "lines": [(line, [(m, n, _address(asked, line, what=m.code)) for m, n in line.cells]) for line in lines],
        "whole": [(line, [(m, n, _address(asked, line, what=m.code)) for m, n in line.cells]) for line in whole],
        "short": [line for line in lines if line.short] if set(by) >= {"unit", "kind"} else [],
        "groupings": [(title, code in by, _toggled(asked, by, code)) for code, title in queries.BYS],
        "measures": queries.MEASURES, "bys": queries.BYS, "by": by, "asked": asked, "kinds": words.KINDS,
        "last": asked.end - timedelta(days=1), "wanted": wanted, "now": calendar.now(),
        "wanted_text": queries.percent(int(wanted.value)) if wanted else "",
        "release": _release(acting),
    }  # fmt: skip
    return render(request, "booking/quota.html", context)


def _toggled(asked: queries.Asked, by: list[queries.By], code: queries.By) -> str:
    """The address of the same figures with one grouping more or less; never none."""
    wanted = [one for one, _ in queries.BYS if (one in by) != (one == code)] or list(DEFAULT_BY)
    return f"{_address(asked)}&{urlencode([('by', one) for one in wanted])}"


def _release(acting: Acting) -> str:
    hours = shared.release_hours(acting.place)
    return "、".join(f"{words.word(words.KINDS, kind)}提前 {n} 小时" for kind, n in hours.items())


@page(right=READERS)
@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    """The places behind one figure."""
    acting, asked = current(), _asked(request)
    try:
        measure = queries.measure_named(request.GET.get("what", "places"))
    except KeyError:
        raise Http404 from None
    found, total = queries.places(acting, asked, measure)
    context = {
        "rows": found, "total": total, "measure": measure, "asked": asked, "last": asked.end - timedelta(days=1),
        "kind": words.word(words.KINDS, asked.kind) if asked.kind else "", "back": _address(asked),
    }  # fmt: skip
    return render(request, "booking/quota_rows.html", context)
