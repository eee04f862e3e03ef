"""The window: who is expected today, booking for somebody at the counter, the waiting list, who is kept out."""

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
from yigongti.kernel.desk.taking import checked, refusal, sent, sent_number, tried
from yigongti.kernel.form import Env, Parsed, Problem, blank
from yigongti.registry import facade as registry
from yigongti.service.booking import actions, forms, queries, slip, words
from yigongti.service.booking.models import Restriction
from yigongti.service.booking.pages.common import appealing, day_in

LIST = ("booking.desk", "care.visit")
SHOWN = 60
"""Free places on the window's page; a later day shows more."""


@page(right=LIST)
@require_GET
def day(request: HttpRequest) -> HttpResponse:
    """Who is expected on a day: check in, note a no-show."""
    acting, asked = current(), day_in(request)
    kind, status = request.GET.get("kind", ""), request.GET.get("status", "")
    text = request.GET.get("q", "")[:40].strip()
    shown = queries.day_of(
        acting, asked, kind=kind if kind in dict(words.KINDS) else "",
        status=status if status in dict(words.STATUSES) else "", text=text,
    )  # fmt: skip
    log.saw("booking", [one.id for one in shown.lines], [one.subject_id for one in shown.lines], why="当日预约")
    context = {
        "shown": shown, "today": calendar.today(), "kind": kind, "kinds": words.KINDS, "status": status, "q": text,
        "before": asked - timedelta(days=1), "after": asked + timedelta(days=1), "now": calendar.now(),
        "may_book": acting.may("booking.desk"),
    }  # fmt: skip
    return render(request, "booking/day.html", context)


@page(right=LIST)
@require_GET
def booking(request: HttpRequest, id: int) -> HttpResponse:
    """One booking: what, when, for whom, what may be done."""
    acting, row = current(), queries.get(id)
    one = queries.line(row)
    log.saw("booking", [row.pk], [row.subject_id], why="预约")
    here = row.unit_id in acting.units
    context = {
        "one": one, "row": row, "here": here, "may": here and acting.may("booking.desk"), "now": calendar.now(),
        "due": calendar.today() >= calendar.local(row.starts).date(), "cancels": words.CANCELS[:2] + words.CANCELS[-1:],
        "person": registry.banner(row.subject_id),
    }  # fmt: skip
    return render(request, "booking/booking.html", context)


@page(right=LIST)
@require_POST
def act(request: HttpRequest, id: int) -> HttpResponse:
    """Check in, no-show, cancel; back to where it was done."""
    acting, verb, number = current(), request.POST.get("do", ""), sent_number(request)
    row = queries.get(id)
    if verb == "arrived":
        said = refusal(lambda: actions.arrived(acting=acting, booking_id=id, client_id=number))
    elif verb == "missed":
        said = refusal(lambda: actions.missed(acting=acting, booking_id=id, client_id=number))
    elif verb == "cancel" and acting.may("booking.desk"):
        reason = request.POST.get("reason", "person")
        said = refusal(lambda: actions.cancel(
            acting=acting, booking_id=id, reason=reason if reason in dict(words.CANCELS) else "person", client_id=number
        ))  # fmt: skip
    else:
        raise Http404(verb)
    if said:
        messages.error(request, said)
    if request.POST.get("back") == "day":
        return HttpResponseRedirect(f"{reverse('booking:day')}?day={calendar.local(row.starts):%Y-%m-%d}")
    return HttpResponseRedirect(reverse("booking:booking", args=[id]))


@page(right=LIST)
@require_GET
def print_slip(request: HttpRequest, id: int) -> HttpResponse:
    """The slip as PDF, with a code that the window scans."""
    return slip.answer(request, current(), queries.get(id))


# ---- booking at the counter --------------------------------------------------------------------


@page(right="booking.desk")
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Find the person to book for; for htmx only the list."""
    acting = current()
    text = request.GET.get("q", "")[:120]
    found = registry.search(acting, text) if text.strip() else None
    template = "booking/_found.html" if request.headers.get("HX-Request") else "booking/find.html"
    return render(request, template, {"q": text, "found": found})


@page(right="booking.desk")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, subject: int) -> HttpResponse:
    """Choose a free place for the person and book it; nothing free: the waiting list."""
    acting = current()
    candidate = registry.candidate(acting, subject)
    if candidate is None:
        raise Http404(str(subject))
    env = Env.here(acting, subject_id=subject)
    parsed, status = blank(forms.BOOK, env=env), 200
    if request.method == "POST":
        parsed, number = sent(request, forms.BOOK, env)
        status, offer = 422, ids.row_id(request.POST.get("offer", ""))
        if offer is None:
            parsed = parsed.refused(Problem("", "没有选择号", "在列表中选一个时间"))
        parsed, made = tried(parsed, lambda: actions.book(
            acting=acting, offer_id=offer or 0, subject_id=subject, channel="desk", note=parsed.values.get("note") or "",
            urgent=parsed.values["urgency"] == "urgent", client_id=number,
        ))  # fmt: skip
        if made is not None:
            return HttpResponseRedirect(reverse("booking:booking", args=[made.pk]))
    return render(request, "booking/new.html", _choosing(request, acting, candidate, parsed), status=status)


def _choosing(request: HttpRequest, acting: Acting, candidate: Any, parsed: Parsed) -> dict[str, Any]:
    kind, specialty = request.GET.get("kind", "expert"), request.GET.get("specialty", "")[:80]
    kind = kind if kind in dict(words.KINDS) else "expert"
    start = max(day_in(request, "start"), calendar.today())
    found = queries.offers(
        acting=acting, kind=kind, unit_id=acting.unit_id, specialty=specialty, start=start, days=forms.AHEAD,  # type: ignore[arg-type]
        channel="desk", most=SHOWN + 1,
    )  # fmt: skip
    specialties = sorted({one.specialty for one in queries.resources(acting.units, kind=kind)})
    return {
        "candidate": candidate, "parsed": parsed, "kind": kind, "kinds": words.KINDS, "specialty": specialty,
        "specialties": specialties, "start": start, "offers": found[:SHOWN], "more": len(found) > SHOWN,
        "groups": queries.by_session(found[:SHOWN]),
        "restrictions": queries.restrictions_of(candidate.subject_id, unit_id=acting.unit_id),
        "bookings": [one for one in queries.bookings_of(acting, candidate.subject_id) if one.live and not one.unsettled],
    }  # fmt: skip


@page(right="booking.desk")
@require_http_methods(["GET", "POST"])
def wait(request: HttpRequest, subject: int) -> HttpResponse:
    """Put the person on the waiting list."""
    acting = current()
    candidate = registry.candidate(acting, subject)
    if candidate is None:
        raise Http404(str(subject))
    env = Env.here(acting, subject_id=subject)
    parsed, status = blank(forms.WAIT, env=env), 200
    if request.method == "POST":
        if (answer := checked(request, forms.WAIT, env)) is not None:
            return answer
        status, (parsed, number) = 422, sent(request, forms.WAIT, env)
        kind, _, specialty = parsed.values.get("specialty", "").partition(":")
        parsed, made = tried(parsed, lambda: actions.wait(
            acting=acting, unit_id=acting.unit_id, kind=kind, specialty=specialty, subject_id=subject, channel="desk",
            until=parsed.values["until"], priority=int(parsed.values.get("priority") or 0), client_id=number,
        ))  # fmt: skip
        if made is not None:
            return HttpResponseRedirect(reverse("booking:waiting"))
    return render(request, "booking/wait.html", {"candidate": candidate, "parsed": parsed}, status=status)


@page(right="booking.desk")
@require_http_methods(["GET", "POST"])
def waiting(request: HttpRequest) -> HttpResponse:
    """The waiting list in its order; taking somebody off it."""
    acting = current()
    if request.method == "POST":
        chosen = ids.row_id(request.POST.get("waiting", ""))
        if chosen is None:
            raise Http404
        actions.leave(acting=acting, waiting_id=chosen, client_id=sent_number(request))
        return HttpResponseRedirect(reverse("booking:waiting"))
    kind, every = request.GET.get("kind", ""), request.GET.get("show") == "all"
    rows, total = queries.waiting_here(acting, kind=kind if kind in dict(words.KINDS) else "", every=every)
    log.saw("booking", [one.id for one in rows], [one.subject_id for one in rows], why="候补队列")
    context = {
        "rows": rows, "total": total, "kind": kind, "kinds": words.KINDS, "every": every, "may": acting.may("booking.desk"),
    }  # fmt: skip
    return render(request, "booking/waiting.html", context)


@page(right="booking.desk")
@require_GET
def restricted(request: HttpRequest) -> HttpResponse:
    """Who is kept from window and phone, until when, and what they say against it."""
    acting, every = current(), request.GET.get("show") == "all"
    rows, total = queries.restricted_here(acting, every=every)
    log.saw("booking", [one.row.pk for one in rows], [one.row.subject_id for one in rows], why="爽约限制")
    return render(request, "booking/restricted.html", {"rows": rows, "total": total, "every": every})


@page(right="booking.desk")
@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, id: int) -> HttpResponse:
    """Take down what the person at the counter says against a restriction."""
    one = Restriction.objects.select_related("unit").get(pk=id)
    return appealing(
        request, one, "booking/appeal.html", {}, back=reverse("booking:restricted"),
        said="申诉已登记，片刻后出现在“爽约限制申诉”中，须在时限内答复",
    )  # fmt: skip
