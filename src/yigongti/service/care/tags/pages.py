"""Key populations: by village, the people oldest overdue first, one person's tags with what set them."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import current, page
from yigongti.kernel.audit import log
from yigongti.kernel.desk.taking import checked, refusal, sent, tried
from yigongti.kernel.form import Env, blank
from yigongti.registry import facade as registry
from yigongti.service.care.models import SocialFact
from yigongti.service.care.tags import actions, forms, queries, rules

PAGE = 50
_SUMS = (("red", "红色"), ("yellow", "黄色"), ("green", "绿色"), ("overdue", "逾期未联系"), ("total", "合计"))


@page(right="care.visit")
@require_GET
def groups(request: HttpRequest) -> HttpResponse:
    """People with tags by village and colour; every number opens to the people."""
    acting = current()
    category = request.GET.get("category", "")
    category = category if category in rules.CATEGORIES else ""
    rows = queries.villages(acting, category=category)
    context = {
        "rows": rows, "category": category, "categories": rules.CATEGORIES.items(), "days": _days(acting.place),
        "sums": [(label, sum(getattr(one, name) for one in rows)) for name, label in _SUMS],
    }  # fmt: skip
    return render(request, "care/groups.html", context)


@page(right="care.visit")
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """The people of a village, colour or category, the oldest overdue contact first."""
    acting = current()
    place, colour, category = (request.GET.get(key, "")[:24] for key in ("place", "colour", "category"))
    colour = colour if colour in rules.COLOURS else ""
    category = category if category in rules.CATEGORIES else ""
    overdue = request.GET.get("overdue") == "1"
    found = queries.people(acting, place=place, colour=colour, category=category, overdue=overdue)
    shown = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = list(shown)
    who = registry.briefs([row.subject_id for row in rows])
    log.saw("key_population", [row.pk for row in rows], [row.subject_id for row in rows], why="重点人群名单")
    context = {
        "page": shown, "total": shown.paginator.count, "today": calendar.today(), "place": place, "colour": colour,
        "village": registry.village_names([place]).get(place, "") if place else "", "category": category, "overdue": overdue,
        "categories": rules.CATEGORIES.items(), "colours": queries.COLOUR_WORDS.items(),
        "rows": [(row, who.get(row.subject_id), rules.CATEGORIES[row.category], queries.COLOUR_TONES[row.colour]) for row in rows],
    }  # fmt: skip
    return render(request, "care/group_people.html", context)


@page(right="care.visit")
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, subject: int) -> HttpResponse:
    """One person's tags: the rule that set each, since when, what was before; and what somebody established."""
    acting = current()
    banner = registry.banner(subject)
    if banner is None:
        raise Http404(str(subject))
    env = Env.here(acting, subject_id=subject)
    status, parsed = 200, blank(forms.SOCIAL_FACT, env=env)
    if request.method == "POST":
        if (answer := checked(request, forms.SOCIAL_FACT, env)) is not None:
            return answer
        status, (parsed, sending) = 422, sent(request, forms.SOCIAL_FACT, env)
        parsed, noted = tried(parsed, lambda: actions.note_social(
            acting=acting, subject_id=subject, category=parsed.values["category"],
            evidence=parsed.values["evidence"], document=parsed.values.get("document") or "",
            starts=parsed.values["starts"], client_id=sending,
        ))  # fmt: skip
        if noted is not None:
            messages.success(request, "已登记，系统随即按规则重新标记")
            return redirect(reverse("care:tags", args=[subject]))
    rows = [
        (row, rules.CATEGORIES[row.category], queries.COLOUR_TONES[row.colour]) for row in queries.of_person(subject)
    ]
    log.saw("key_population", [row.pk for row, _, _ in rows], [subject], why="查看重点人群标记")
    context = {
        "person": banner, "subject": subject, "rows": rows, "social": queries.social_of(subject), "parsed": parsed,
        "days": _days(acting.place), "today": calendar.today(),
    }  # fmt: skip
    return render(request, "care/tags.html", context, status=status)


@page(right="care.visit")
@require_POST
def end(request: HttpRequest, subject: int, fact: int) -> HttpResponse:
    """What was established no longer holds."""
    acting = current()
    found = SocialFact.objects.filter(pk=fact, subject_id__in=registry.same_person(subject)).first()
    if found is None or registry.banner(subject) is None:
        raise Http404(str(fact))
    no = refusal(lambda: actions.end_social(acting=acting, fact_id=found.pk, why=request.POST.get("why", "")))
    if no:
        messages.error(request, no)
    else:
        messages.success(request, "已结束，系统随即按规则重新标记")
    return redirect(reverse("care:tags", args=[subject]))


def _days(place: str) -> list[tuple[str, str, int]]:
    """How often each colour is contacted, with its tone."""
    days = actions.days_between(place, calendar.today())
    return [(queries.COLOUR_WORDS[c], queries.COLOUR_TONES[c], days[c]) for c in rules.COLOURS]
