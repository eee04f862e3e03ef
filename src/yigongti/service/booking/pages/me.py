"""The person's own pages, phone first: what is booked, booking, giving back, waiting, appealing. Family by delegation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yigongti.kernel import calendar, ids
from yigongti.kernel.access.facade import Acting, current, page
from yigongti.kernel.audit import log
from yigongti.kernel.desk.taking import refusal, sent_number
from yigongti.registry import facade as registry
from yigongti.service.booking import actions, forms, queries, slip, words
from yigongti.service.booking.actions import shared
from yigongti.service.booking.models import Booking, Resource, Restriction
from yigongti.service.booking.pages.common import appealing

SHOWN = 40


def _who(request: HttpRequest, acting: Acting) -> int:
    """For whom: the own seat's person, or one they look after. Raises Http404 for anybody else."""
    wanted = ids.row_id(request.GET.get("for", "")) or acting.subject_id
    if wanted is None or wanted not in acting.subjects:
        raise Http404
    return wanted


def _frame(acting: Acting, who: int) -> dict[str, Any]:
    names = registry.names(acting.subjects)
    return {
        "who": who, "whose": names.get(who, ""), "own": who == acting.subject_id,
        "family": [(pk, names.get(pk, "")) for pk in acting.subjects] if len(acting.subjects) > 1 else [],
        "for": "" if who == acting.subject_id else f"for={who}",
    }  # fmt: skip


@page(resident=True)
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """What is booked and waited for, then what was."""
    acting = current()
    who = _who(request, acting)
    lines = queries.bookings_of(acting, who, 60)
    log.saw("booking", [one.id for one in lines], [who], why=log.as_resident(acting, who))
    context = {
        **_frame(acting, who), "ahead": [one for one in reversed(lines) if one.live and not one.unsettled],
        "past": [one for one in lines if not one.live or one.unsettled], "waiting": queries.waiting_of(acting, who),
        "restricted": queries.restricted_of(who), "now": calendar.now(),
    }  # fmt: skip
    return render(request, "booking/me/list.html", context)


@page(resident=True)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Three taps: what, where, when."""
    acting = current()
    who = _who(request, acting)
    said = ""
    if request.method == "POST":
        offer, number = ids.row_id(request.POST.get("offer", "")), sent_number(request)
        if offer is None:
            raise Http404
        made: list[Booking] = []
        said = refusal(lambda: made.append(actions.book(
            acting=acting, offer_id=offer, subject_id=who, channel="resident", client_id=number
        )))  # fmt: skip
        if made:
            return HttpResponseRedirect(reverse("booking:me_booking", args=[made[0].pk]))
    context = {**_frame(acting, who), **_choosing(request, acting), "said": said}
    return render(request, "booking/me/new.html", context, status=422 if said else 200)


def _choosing(request: HttpRequest, acting: Acting) -> dict[str, Any]:
    kind, specialty = request.GET.get("kind", ""), request.GET.get("specialty", "")[:80]
    unit = ids.row_id(request.GET.get("unit", ""))
    kind = kind if kind in ("expert", "exam") else ""
    rows = Resource.objects.filter(unit__in=queries.units_of(acting), active=True).exclude(kind="bed")
    if not kind:
        return {"step": "kind", "kinds": [pair for pair in words.KINDS if pair[0] != "bed"]}
    choices = rows.filter(kind=kind).order_by("unit_id", "specialty").values_list("unit_id", "unit__name", "specialty")
    offered = list(dict.fromkeys(choices))
    if unit is None or (unit, specialty) not in {(pk, name) for pk, _, name in offered}:
        return {"step": "specialty", "kind": kind, "kind_title": words.word(words.KINDS, kind), "offered": offered}
    found = queries.offers(
        acting=acting, kind=kind, unit_id=unit, specialty=specialty, start=calendar.today(), days=forms.AHEAD,  # type: ignore[arg-type]
        channel="resident", most=SHOWN + 1,
    )  # fmt: skip
    return {
        "step": "time", "kind": kind, "kind_title": words.word(words.KINDS, kind), "specialty": specialty, "unit": unit,
        "unit_name": next(name for pk, name, _ in offered if pk == unit), "offers": found[:SHOWN],
        "more": len(found) > SHOWN,
        "groups": queries.by_session(found[:SHOWN]), "shown": SHOWN, "ahead": shared.number("booking.ahead", acting.place),
    }  # fmt: skip


@page(resident=True)
@require_http_methods(["GET", "POST"])
def booking(request: HttpRequest, id: int) -> HttpResponse:
    """One booking with its slip; giving it back."""
    acting, row = current(), queries.get(id)
    if row.subject_id not in acting.subjects:
        raise Http404(str(id))
    said = ""
    if request.method == "POST":
        number = sent_number(request)
        said = refusal(lambda: actions.cancel(acting=acting, booking_id=id, reason="person", client_id=number))
        if not said:
            messages.success(request, "已取消，号已让出")
            return HttpResponseRedirect(_list(acting, row.subject_id))
    log.saw("booking", [row.pk], [row.subject_id], why=log.as_resident(acting, row.subject_id))
    context = {
        **_frame(acting, row.subject_id), "one": queries.line(row), "number": slip.number_of(row), "said": said,
        "back": _list(acting, row.subject_id),
    }  # fmt: skip
    return render(request, "booking/me/booking.html", context, status=422 if said else 200)


def _list(acting: Acting, who: int) -> str:
    return reverse("booking:me") + ("" if who == acting.subject_id else f"?for={who}")


@page(resident=True)
@require_GET
def print_slip(request: HttpRequest, id: int) -> HttpResponse:
    """The slip as PDF."""
    acting, row = current(), queries.get(id)
    if row.subject_id not in acting.subjects:
        raise Http404(str(id))
    return slip.answer(request, acting, row)


@page(resident=True)
@require_POST
def wait(request: HttpRequest) -> HttpResponse:
    """Get in line for a specialty where nothing suits."""
    acting = current()
    who, unit = _who(request, acting), ids.row_id(request.POST.get("unit", ""))
    kind, specialty = request.POST.get("kind", ""), request.POST.get("specialty", "")
    known = queries.resources([unit or 0]).filter(unit__in=queries.units_of(acting))
    if unit is None or (kind, specialty) not in set(known.values_list("kind", "specialty")):
        messages.error(request, "没有登记：请先选择要候补的医院和科室")
        return HttpResponseRedirect(reverse("booking:me_new"))
    days = shared.number("booking.ahead", acting.place)
    number = sent_number(request)
    said = refusal(lambda: actions.wait(
        acting=acting, unit_id=unit, kind=kind, specialty=specialty, subject_id=who, channel="resident",
        until=calendar.today() + timedelta(days=days), client_id=number,
    ))  # fmt: skip
    if said:
        messages.error(request, said)
    else:
        messages.success(request, f"已登记候补，有号空出时通知您，{days} 天内有效")
    return HttpResponseRedirect(_list(acting, who))


@page(resident=True)
@require_POST
def answer(request: HttpRequest, id: int) -> HttpResponse:
    """Take the offered place, or leave the line."""
    acting, number = current(), sent_number(request)
    row = queries.own_waiting(acting, id)
    if request.POST.get("do") == "accept":
        said = refusal(lambda: actions.accept(acting=acting, waiting_id=id, client_id=number))
    else:
        said = refusal(lambda: actions.leave(acting=acting, waiting_id=id, client_id=number))
    if said:
        messages.error(request, said)
    return HttpResponseRedirect(_list(acting, row.subject_id))


@page(resident=True)
@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, id: int) -> HttpResponse:
    """Say why one did not come; the desk answers within the limit."""
    acting = current()
    one = Restriction.objects.select_related("unit").get(pk=id)
    if one.subject_id not in acting.subjects:
        raise Http404(str(id))
    back = _list(acting, one.subject_id)
    return appealing(
        request, one, "booking/me/appeal.html", {**_frame(acting, one.subject_id), "back": back},
        back=back, said="申诉已提交，结果会出现在“消息”里",
    )  # fmt: skip
