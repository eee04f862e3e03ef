"""The network as a map and as a tree, and how the outlines of places come in."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import Unit
from yigongti.kernel.access.web import page
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.desk.taking import attempted
from yigongti.registry.actions.shapes import import_shapes
from yigongti.registry.models import Institution, Place, PlaceShape
from yigongti.registry.pages.common import acting_of, row_id
from yigongti.registry.queries import standing as standings
from yigongti.registry.queries.network import lead_of
from yigongti.registry.queries.shapes import network_map
from yigongti.registry.rules.geojson import MOST_BYTES, Names, Shape, read

SALT = "registry.shapes"
FIRST_YEAR = 1949
HALF_AN_HOUR = 1800
FAULTS_SHOWN = 200


@page(right=("network.read", "registry.manage"))
@require_GET
def network(request: HttpRequest) -> HttpResponse:
    """The map: shapes by a figure, institutions by kind, circles about the picked one, its figures beside."""
    acting = acting_of(request)
    found = standings.network(acting)
    choices = standings.title_of_rates()
    by = request.GET.get("by", "")
    by = by if by in dict(choices) else choices[0][0]
    picked, place = _picked(request)
    about = picked or lead_of(acting.consortium_id) or _first_lead()
    drawn = network_map(found, acting, by=by, picked=about, url=f"?by={by}&{{query}}")
    whole = None if picked or place else _whole(found, acting)
    context = {
        "map": drawn, "by": by, "choices": choices, "found": found, "has_shapes": bool(drawn.areas), "has_spots": bool(drawn.spots),
        **(whole or _selection(found, picked, place)), "may_import": acting.may("registry.import"),
    }  # fmt: skip
    return render(request, "registry/map.html", context)


def _first_lead() -> Institution | None:
    return Institution.objects.select_related("unit").filter(leads__kind="county").order_by("pk").first()


def _whole(found: standings.Network, acting: Acting) -> dict[str, Any]:
    """Nothing picked: the seat's consortium, else the region."""
    mine = found.consortia.get(acting.consortium_id or 0)
    about = acting.consortium_id if mine else acting.region_id
    unit = Unit.objects.filter(pk=about or acting.unit_id).first()
    return {"whole": unit, "standing": mine or found.whole, "unit_id": unit.pk if mine and unit else None}


def _picked(request: HttpRequest) -> tuple[Institution | None, Place | None]:
    """What the address names; raises Http404 for what does not exist."""
    pick, code = request.GET.get("pick", ""), request.GET.get("place", "")
    one = place = None
    if pick:
        one = Institution.objects.select_related("unit").filter(pk=row_id(pick)).first()
        if one is None:
            raise Http404
    elif code:
        place = Place.objects.filter(pk=code[:12]).first()
        if place is None:
            raise Http404
    return one, place


def _selection(found: standings.Network, one: Institution | None, place: Place | None) -> dict[str, Any]:
    """The figures beside the map: of a place with those who serve it, else of an institution (a township with its villages)."""
    if place is not None:
        unit = found.served.get(place.pk)
        return {"place": place, "standing": found.places.get(place.pk, standings.Standing()), "unit_id": unit,
                "served_by": Unit.objects.filter(pk=unit).first() if unit else None}  # fmt: skip
    if one is None:
        return {}
    around = found.townships.get(one.pk)
    return {"one": one, "standing": around or found.institutions.get(one.pk, standings.Standing()), "unit_id": one.pk,
            "with_villages": around is not None, "alone": around is None}  # fmt: skip


@page(right=("network.read", "registry.manage"))
@require_GET
def tree(request: HttpRequest) -> HttpResponse:
    """The tree with its figures; `open` names the townships whose villages are shown, `all` shows every one."""
    acting = acting_of(request)
    found = standings.network(acting)
    opened = frozenset(row_id(one) for one in request.GET.getlist("open"))
    if request.GET.get("all"):
        opened = frozenset(found.townships)
    lines = standings.tree(found, opened)
    context = {"lines": lines, "found": found, "opened": opened, "everything": bool(request.GET.get("all"))}
    return render(request, "registry/tree.html", context)


@page(right="registry.import")
@require_http_methods(["GET", "POST"])
def shapes(request: HttpRequest) -> HttpResponse:
    """Import outlines: a file is checked and shown first, written only when the administrator says so."""
    acting = acting_of(request)
    context: dict[str, Any] = {
        "stored": PlaceShape.objects.count(), "megabytes": MOST_BYTES // 2**20, "code": "code", "persons": "", "year": "",
    }  # fmt: skip
    status = 200
    if request.method == "POST":
        acting.demand("registry.import")
        if "checked" in request.POST:
            _, no = attempted(lambda: _written(request, acting))
            if no is None:
                return redirect("registry:map")
            found = None
        else:
            found, no = attempted(lambda: _checked(request, acting.seat_id))
        context |= found or {"refusal": no}
        status = 422 if no is not None or context.get("faults") else 200
    return render(request, "registry/shapes.html", context, status=status)


def _written(request: HttpRequest, acting: Acting) -> None:
    """Write what was checked and shown. Raises Refused where that is too long ago or not whole."""
    try:
        checked = signing.loads(request.POST["checked"], salt=f"{SALT}.{acting.seat_id}", max_age=HALF_AN_HOUR)
    except signing.BadSignature:
        raise Refused("检查结果已过期或不完整", remedy="请重新选择文件检查") from None
    import_shapes(acting=acting, checked=checked)


def _checked(request: HttpRequest, seat_id: int) -> dict[str, Any]:
    """The dry run: what would be written, what is wrong. Raises Refused when there is nothing to check."""
    file = request.FILES.get("file")
    told = {name: request.POST.get(name, "").strip()[:40] for name in ("code", "persons", "year")}
    if file is None or not file.size:
        raise Refused("没有选择文件", remedy="请选择 GeoJSON 文件（.geojson 或 .json）")
    if file.size > MOST_BYTES:
        raise Refused(f"文件超过 {MOST_BYTES // 2**20} MB", remedy="请先简化边界，或分几个文件导入")
    year = int(told["year"]) if told["year"].isascii() and told["year"].isdigit() and len(told["year"]) == 4 else None
    if told["persons"] and (year is None or not FIRST_YEAR <= year <= calendar.today().year):
        raise Refused("导入常住人口时要填统计年份", remedy=f"填 {FIRST_YEAR} 至 {calendar.today().year} 的四位年份")
    known = dict(Place.objects.filter(level__gte=3).values_list("pk", "name"))
    found, faults = read(file.read(), Names(told["code"] or "code", told["persons"]), known)
    signed = ""
    if found and not faults:
        kept = {"shapes": [_plain(one) for one in found], "origin": str(file.name)[:120], "year": year}
        signed = signing.dumps(kept, salt=f"{SALT}.{seat_id}", compress=True)
    missing = (
        Place.objects.filter(level=Place.Level.TOWNSHIP)
        .exclude(pk__in=[one.code for one in found])
        .exclude(shape__isnull=False)
    )
    return {
        **told, "file_name": file.name, "shapes": [(one, known[one.code]) for one in found], "faults": faults[:FAULTS_SHOWN],
        "faults_total": len(faults), "checked": signed, "checked_year": year, "missing": list(missing.values_list("name", flat=True)[:50]),
        "people": sum(one.persons or 0 for one in found),
    }  # fmt: skip


def _plain(shape: Shape) -> dict[str, Any]:
    return {"code": shape.code, "polygons": shape.polygons, "persons": shape.persons}
