"""The counter: who waits, find the person, evidence, try, settle, explain, print, void."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yigongti.benefit.fund import paper
from yigongti.benefit.fund.actions import entering, settling, voiding
from yigongti.benefit.fund.forms import counter as forms
from yigongti.benefit.fund.models import Claim
from yigongti.benefit.fund.pages.common import day_in
from yigongti.benefit.fund.queries import claims, explaining, insured, reckoning, residence, special
from yigongti.benefit.fund.rules.person import overlapping
from yigongti.kernel import calendar, ids
from yigongti.kernel.access.facade import Acting, current, page
from yigongti.kernel.audit import log
from yigongti.kernel.desk.taking import checked, sent, tried
from yigongti.kernel.form import Env, Known, Parsed, blank
from yigongti.registry import facade as registry

READS = claims.READS
STATES = (("settled", "已结算"), ("void", "已冲销"))


@page(right="fund.counter")
@require_GET
def counter(request: HttpRequest) -> HttpResponse:
    """Finished visits that wait to be settled, and what was settled last."""
    acting = current()
    waiting = claims.waiting()
    lines, total = claims.listed(claims.Asked(), 1)
    subjects = [one.subject_id for one in waiting] + [one.claim.subject_id for one in lines[:20]]
    log.saw("claim", [one.claim.pk for one in lines[:20]], subjects, why="结算窗口")
    context = {
        "waiting": waiting, "lines": lines[:20], "total": total, "days": claims.WAITING_DAYS,
        "today": claims.entered_on(acting.units, calendar.today()),
    }  # fmt: skip
    return render(request, "fund/counter.html", context)


@page(right="fund.counter")
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Find the person to settle for; for htmx only the list."""
    text = request.GET.get("q", "")[:120].replace("\x00", "")
    found = registry.search(current(), text) if text.strip() else None
    template = "fund/_found.html" if request.headers.get("HX-Request") else "fund/find.html"
    return render(request, template, {"q": text, "found": found})


@page(right="fund.counter")
@require_http_methods(["GET", "POST"])
def evidence(request: HttpRequest, subject: int) -> HttpResponse:
    """The person shows who they are; whoever has done so lately is gone on with."""
    acting = current()
    candidate = registry.candidate(acting, subject)
    if candidate is None:
        raise Http404(str(subject))
    then = reverse("fund:new", args=[subject]) + (f"?{request.GET.urlencode()}" if request.GET else "")
    if request.method == "GET" and reckoning.may_reckon(subject):
        return HttpResponseRedirect(then)
    env = Env.here(acting, subject_id=subject)
    parsed, status = blank(forms.EVIDENCE, env=env), 200
    if request.method == "POST":
        if (answer := checked(request, forms.EVIDENCE, env)) is not None:
            return answer
        status, (parsed, _) = 422, sent(request, forms.EVIDENCE, env)
        parsed, grant = tried(parsed, lambda: registry.relate_by_visit(
            acting=acting, subject_id=subject,
            evidence=registry.Evidence(parsed.values["evidence"], parsed.values.get("number") or ""),
        ))  # fmt: skip
        if grant is not None:
            return HttpResponseRedirect(then)
    return render(request, "fund/evidence.html", {"candidate": candidate, "parsed": parsed}, status=status)


@page(right="fund.counter")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, subject: int) -> HttpResponse:
    """Enter a claim, try it as often as wanted, settle it."""
    acting = current()
    if not reckoning.may_reckon(subject):
        return HttpResponseRedirect(reverse("fund:evidence", args=[subject]))
    person = registry.banner(subject)
    if person is None:
        raise Http404(str(subject))
    waiting = claims.waiting(subject)
    chosen = ids.row_id(request.GET.get("visit", ""))
    visit = next((one for one in waiting if one.visit_id == chosen), None)
    env = Env.here(acting, subject_id=subject)
    context: dict[str, Any] = {"person": person, "waiting": waiting, "visit": visit, "subject": subject}
    if request.method == "GET":
        known = _known(acting, subject, visit) | _again(request.GET.get("again", ""), subject)
        context["parsed"] = blank(forms.CLAIM, env=env.knowing(**known))
        return _new_page(request, context)
    parsed, number = sent(request, forms.CLAIM, env)
    parsed, draft = tried(
        parsed, lambda: entering.draft_of(acting=acting, subject_id=subject, values=parsed.values, visit=visit)
    )
    if draft is not None and request.POST.get("do") == "settle":
        parsed, made = tried(parsed, lambda: settling.settle(acting=acting, draft=draft, client_id=number))
        if made is not None:
            messages.success(request, "已结算，请打印结算说明交给居民")
            return HttpResponseRedirect(reverse("fund:claim", args=[made.pk]))
    elif draft is not None:
        parsed, result = tried(parsed, lambda: settling.preview(acting=acting, draft=draft))
        if result is not None:
            told = explaining.tried(result.settled, result.place)
            twice = [one for one in reckoning.standing(subject) if overlapping(result.settled.claim, one.claim)]
            context |= {"preview": result, "told": told, "trace": result.settled.trace, "twice": twice}
            context["insured"] = residence.insured(subject, draft.end_date)
    return _new_page(request, {**context, "parsed": parsed}, 200 if "preview" in context else 422)


def _new_page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    before = reckoning.standing(context["subject"])
    log.saw("claim", [one.claim.claim_id for one in before], [context["subject"]], why="结算前累计")
    return render(request, "fund/new.html", {**context, "before": before[-12:], "of": len(before)}, status=status)


def _known(acting: Acting, subject: int, visit: claims.Waiting | None) -> dict[str, Known]:
    resident = registry.get(subject)
    told = {
        "insurance": Known(entering.INSURANCES.get(resident.insurance, "resident"), "居民档案"),
        "aid_class": Known(entering.AIDS.get(resident.aid, "none"), "居民档案"),
        "institution": Known(str(visit.unit_id if visit else acting.unit_id), ""),
        "referral": Known("none", ""),
    }
    chain = next(iter(claims.chains(subject)), None)
    if chain is not None and (visit is None or visit.case_id == chain.case_id):
        told["referral"] = Known(f"case-{chain.case_id}", "本机构已接收的转诊")
    if visit is not None:
        told |= {
            "kind": Known("inpatient" if visit.kind == "inpatient" else "outpatient", "就诊记录"),
            "start_date": Known(visit.started, "就诊记录"), "end_date": Known(visit.closed, "就诊记录"),
        }  # fmt: skip
        if visit.principal_dx:
            told["dx"] = Known(visit.principal_dx, "就诊记录")
    return told


def _came(row: Claim) -> str:
    """How a claim's person came, as the form offers it; "" for what it does not offer any more."""
    if any(one.case_id == row.episode for one in claims.chains(row.subject_id)):
        return f"case-{row.episode}"
    return row.referral if row.referral in ("none", "exempt") else ""


def _again(claim: str, subject: int) -> dict[str, Known]:
    """What a voided claim of the person said, to be settled anew with what was wrong put right; nothing for any other."""
    number = ids.row_id(claim)
    row = claims.seen().filter(pk=number).first() if number is not None else None
    if row is None or row.subject_id != subject or claims.stands(row) is not None:
        return {}
    values = {
        "institution": str(row.institution_id), "kind": row.kind, "start_date": row.start_date, "end_date": row.end_date,
        "dx": row.principal_dx, "setl_id": row.setl_id, "insurance": row.insurance, "aid_class": row.aid_class,
        "referral": _came(row), "contracted": row.contracted,
        "total": row.total_fen, "excluded": row.excluded_fen, "copay_first": row.copay_first_fen,
    }  # fmt: skip
    return {
        name: Known(value, f"已冲销的 {paper.number_of(row)}")
        for name, value in values.items()
        if value not in ("", None)
    }


@page(right=READS)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Claims of the own institution, of the consortium, of the region."""
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    asked = claims.Asked(
        kind if kind in Claim.Kind.values else "", state if state in dict(STATES) else "", day_in(request, "since"),
        day_in(request, "until"), ids.row_id(request.GET.get("unit", "")),
    )  # fmt: skip
    at = min(ids.row_id(request.GET.get("page", "")) or 1, 10_000)
    lines, total = claims.listed(asked, at)
    log.saw("claim", [one.claim.pk for one in lines], [one.claim.subject_id for one in lines], why="结算清单")
    context = {
        "lines": lines, "total": total, "asked": asked, "kinds": Claim.Kind.choices, "states": STATES, "page": at,
        "more": at * claims.PAGE < total, "may": current().may("fund.counter"),
        "may_import": current().may("fund.counter") or current().may("fund.bureau"),
    }  # fmt: skip
    return render(request, "fund/claims.html", context)


@page(right=READS)
@require_GET
def claim(request: HttpRequest, id: int) -> HttpResponse:
    """One claim: who pays what and why, its rows, what may be done."""
    return _claim_page(request, current(), claims.get(id), None)


def _claim_page(
    request: HttpRequest, acting: Acting, row: Claim, parsed: Parsed | None, status: int = 200
) -> HttpResponse:
    settlements = list(row.settlements.all())
    shown = claims.shown(row)
    log.saw("claim", [row.pk], [row.subject_id], why="结算清单")
    settles = acting.may("fund.counter") and row.institution_id in acting.units
    may = settles or acting.may("fund.bureau")
    person = registry.banner(row.subject_id)
    context = {
        "claim": row, "row": shown, "void": claims.stands(row) is None, "rows": settlements, "number": paper.number_of(row),
        "insured": residence.insured_of(row, shown.place), "told": explaining.of_row(shown),
        "person": person, "who": "" if person else insured.called([row.subject_id]).get(row.subject_id, ""), "may": may,
        "parsed": parsed or blank(forms.VOID, env=Env.here(acting)), "special": special.live_of(row.pk),
        "may_settle": settles,
        "special_may": acting.may("fund.counter") and may and row.kind == "inpatient" and row.in_county,
    }  # fmt: skip
    return render(request, "fund/claim.html", context, status=status)


@page(right=("fund.counter", "fund.bureau"))
@require_POST
def void(request: HttpRequest, id: int) -> HttpResponse:
    """Reverse a settlement."""
    acting, row = current(), claims.get(id)
    parsed, number = sent(request, forms.VOID, Env.here(acting))
    parsed, made = tried(parsed, lambda: voiding.void(
        acting=acting, claim_id=id, reason=parsed.values["reason"], client_id=number
    ))  # fmt: skip
    if made is not None:
        messages.success(request, "已冲销；需要时重新结算")
        return HttpResponseRedirect(reverse("fund:claim", args=[id]))
    return _claim_page(request, acting, claims.get(row.pk), parsed, 422)


@page(right=READS)
@require_GET
def print_paper(request: HttpRequest, id: int) -> HttpResponse:
    """The settlement paper as PDF."""
    row = claims.get(id)
    return paper.answer(request, current(), row)
