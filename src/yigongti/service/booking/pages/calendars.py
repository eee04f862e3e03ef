"""The calendar of an institution: a week at a time, resources with their week plans, one session with its places."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yigongti.kernel import calendar, ids
from yigongti.kernel.access.facade import current, page
from yigongti.kernel.audit import log
from yigongti.kernel.desk.taking import checked, refusal, sent, tried
from yigongti.kernel.form import Env, blank
from yigongti.service.booking import actions, forms, queries, words
from yigongti.service.booking.actions import shared
from yigongti.service.booking.models import Slot
from yigongti.service.booking.pages.common import day_in, monday
from yigongti.service.booking.queries import percent

STAFF = ("booking.manage", "booking.desk")
READERS = ("booking.manage", "booking.desk", "figures.read")


@page(right=STAFF)
@require_GET
def week(request: HttpRequest) -> HttpResponse:
    """The own institution's week: every resource, every session, how full it is."""
    acting = current()
    first = monday(day_in(request))
    kind, department = request.GET.get("kind", ""), request.GET.get("department", "")[:80]
    kind = kind if kind in dict(words.KINDS) else ""
    rows = queries.week(acting, first, kind=kind, department=department)
    context = {
        "rows": rows, "monday": first, "before": first - timedelta(days=7), "after": first + timedelta(days=7),
        "today": calendar.today(), "days": [(first + timedelta(days=n), words.WEEKDAYS[n]) for n in range(7)],
        "kind": kind, "kinds": words.KINDS, "department": department, "departments": queries.departments(acting.units),
        "may_manage": acting.may("booking.manage"), "ahead": shared.number("booking.ahead", acting.place),
    }  # fmt: skip
    return render(request, "booking/week.html", context)


@page(right="booking.manage")
@require_POST
def generate(request: HttpRequest) -> HttpResponse:
    """Make the missing sessions of the days that are open in advance."""
    acting = current()
    ahead = shared.number("booking.ahead", acting.place)
    made = actions.generate(acting=acting, unit_id=acting.unit_id, start=calendar.today(), days=ahead)
    if made.sessions:
        messages.success(request, f"已生成 {made.sessions} 个时段、{made.slots} 个号")
    else:
        messages.info(request, f"今后 {ahead} 天的号源都已生成，没有新增")
    return HttpResponseRedirect(reverse("booking:week"))


@page(right="booking.manage")
@require_http_methods(["GET", "POST"])
def resource_new(request: HttpRequest) -> HttpResponse:
    """Enter a resource; its week plan comes next."""
    acting = current()
    env = Env.here(acting)
    parsed, status = blank(forms.RESOURCE, env=env), 200
    if request.method == "POST":
        if (answer := checked(request, forms.RESOURCE, env)) is not None:
            return answer
        status, (parsed, number) = 422, sent(request, forms.RESOURCE, env)
        parsed, made = tried(
            parsed, lambda: actions.new_resource(acting=acting, values=parsed.values, client_id=number)
        )
        if made is not None:
            return HttpResponseRedirect(reverse("booking:resource", args=[made.pk]))
    return render(request, "booking/resource_new.html", {"parsed": parsed}, status=status)


@page(right="booking.manage")
@require_http_methods(["GET", "POST"])
def resource(request: HttpRequest, id: int) -> HttpResponse:
    """One resource: its week plans, a new one, ending one, closing it all."""
    acting = current()
    one = actions.own_resource(acting, id)
    env, today = Env.here(acting), calendar.today()
    parsed, status = blank(forms.PLAN, env=env), 200
    if request.method == "POST":
        verb, ending = request.POST.get("do", "plan"), ids.row_id(request.POST.get("plan", ""))
        if verb == "end" and ending is not None:
            actions.end_plan(acting=acting, template_id=ending)
            return HttpResponseRedirect(reverse("booking:resource", args=[id]))
        if verb == "close":
            actions.close_resource(acting=acting, resource_id=id)
            return HttpResponseRedirect(reverse("booking:week"))
        if (answer := checked(request, forms.PLAN, env)) is not None:
            return answer
        status, (parsed, number) = 422, sent(request, forms.PLAN, env)
        parsed, made = tried(
            parsed, lambda: actions.plan(acting=acting, resource_id=id, values=parsed.values, client_id=number)
        )
        if made is not None:
            messages.success(request, "排班已增加；号源每天自动生成，也可在排班页立即生成")
            return HttpResponseRedirect(reverse("booking:resource", args=[id]))
    wanted = shared.wanted_share(one.unit.place)
    plans = [
        (plan, words.WEEKDAYS[plan.weekday], percent(plan.share_bp) if plan.share_bp is not None else "按政策",
         wanted is not None and plan.share_bp is not None and plan.share_bp < int(wanted.value))
        for plan in queries.templates_of(id, today)
    ]  # fmt: skip
    context = {
        "one": one, "parsed": parsed, "plans": plans, "kind": words.word(words.KINDS, one.kind), "wanted": wanted,
        "wanted_text": percent(int(wanted.value)) if wanted else "",
    }  # fmt: skip
    return render(request, "booking/resource.html", context, status=status)


@page(right=READERS)
@require_http_methods(["GET", "POST"])
def session(request: HttpRequest, id: int) -> HttpResponse:
    """One session: its places, taken or free; whose they are where the fence shows it. Suspending and taking it back."""
    acting = current()
    one = queries.session(id)
    mine = one.unit_id in acting.units
    may_manage = mine and acting.may("booking.manage")
    env = Env.here(acting)
    parsed, status = blank(forms.SUSPEND, env=env), 200
    if request.method == "POST":
        if not may_manage:
            raise Http404(str(id))
        if request.POST.get("do") == "reopen":
            said = refusal(lambda: actions.reopen(acting=acting, session_id=id))
            if said:
                messages.error(request, said)
            return HttpResponseRedirect(reverse("booking:session", args=[id]))
        if (answer := checked(request, forms.SUSPEND, env)) is not None:
            return answer
        status, (parsed, number) = 422, sent(request, forms.SUSPEND, env)
        parsed, made = tried(parsed, lambda: actions.suspend(
            acting=acting, session_id=id, code=parsed.values["code"], text=parsed.values.get("text") or "",
            client_id=number,
        ))  # fmt: skip
        if made is not None:
            return HttpResponseRedirect(reverse("booking:session", args=[id]))
    booked = {row.slot_id: row for row in queries.seen().filter(slot__session=one).exclude(status="cancelled")}
    if booked:
        log.saw("booking", [row.pk for row in booked.values()], [row.subject_id for row in booked.values()], why="排班")
    context = {
        "one": one, "places": [(place, booked.get(place.id)) for place in queries.places_of(id)], "parsed": parsed,
        "may_manage": may_manage, "may_week": any(map(acting.may, STAFF)), "when": queries.when(one.resource.kind, one.starts, one.ends),
        "over": one.ends <= calendar.now(), "kind": words.word(words.KINDS, one.resource.kind),
    }  # fmt: skip
    return render(request, "booking/session.html", context, status=status)


@page(right=READERS)
@require_GET
def place(request: HttpRequest, id: int) -> HttpResponse:
    """A place is seen in its session."""
    found = Slot.objects.values_list("session_id", flat=True).get(pk=id)
    return HttpResponseRedirect(f"{reverse('booking:session', args=[found])}#p{id}")


__all__ = ["generate", "place", "resource", "resource_new", "session", "week"]
