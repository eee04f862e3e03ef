"""Alliances: list, one by one with members, agreement, what is unified, who governs; the administrator's acts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yigongti.kernel import calendar
from yigongti.kernel.access.web import page
from yigongti.kernel.desk.taking import checked, sent, sent_number, tried
from yigongti.kernel.form import Env, Form, Known, Parsed, blank
from yigongti.registry import forms_network as forms
from yigongti.registry.actions.network import alliances as writing
from yigongti.registry.models import Alliance, AllianceMember, Unified
from yigongti.registry.pages.common import acting_of, creating, paged, plain, row_id
from yigongti.registry.queries import centres as reading
from yigongti.registry.rules.network import in_force

READ = ("registry.manage", "network.read")


@page(right=READ)
@require_http_methods(["GET", "POST"])
def alliances(request: HttpRequest) -> HttpResponse:
    """Alliances by kind, those that are over only when asked for; who governs them all (the administrator adds a body)."""
    acting = acting_of(request)
    env = Env.here(acting)
    parsed = blank(forms.BODY, env=env)
    if request.method == "POST":
        acting.demand("registry.manage")
        if (answer := checked(request, forms.BODY, env)) is not None:
            return answer
        parsed, number = sent(request, forms.BODY, env)
        parsed, made = tried(
            parsed,
            lambda: writing.set_body(acting=acting, alliance_id=None, values=plain(parsed.values), client_id=number),
        )
        if made is not None:
            return redirect("registry:alliances")
    kind = request.GET.get("kind", "")
    kind = kind if kind in Alliance.Kind.values else ""
    ended = request.GET.get("ended") == "1"
    shown = paged(request, reading.alliances(kind, ended=ended))
    context = {
        "page": shown, "total": shown.paginator.count, "kind": kind, "kinds": Alliance.Kind.choices, "ended": ended,
        "may_manage": acting.may("registry.manage"), "bodies": reading.bodies(None), "parsed": parsed,
        "today": calendar.today(),
    }  # fmt: skip
    return render(request, "registry/alliances.html", context, status=422 if parsed.problems else 200)


@page(right="registry.manage")
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new alliance."""
    return creating(
        request, forms.ALLIANCE, "registry/alliance_new.html",
        lambda acting, values, sending: writing.create_alliance(acting=acting, values=values, client_id=sending),
        "registry:alliance",
    )  # fmt: skip


@page(right=READ)
@require_GET
def alliance(request: HttpRequest, id: int) -> HttpResponse:
    """One alliance on this day; `past=1` shows members who left."""
    return _alliance_page(request, _one(id))


def _one(id: int) -> Alliance:
    found: Alliance = Alliance.objects.select_related("lead__unit", "unit").get(pk=id)
    return found


def _alliance_page(request: HttpRequest, one: Alliance, sent: Parsed | None = None, member: int = 0) -> HttpResponse:
    acting = acting_of(request)
    manage = acting.may("registry.manage") and in_force(one.starts, one.ends, max(calendar.today(), one.starts))
    env = Env.here(acting)
    past = request.GET.get("past") == "1"
    rows = list(reading.members(one.pk, past=past))
    own: dict[str, Parsed] = {}
    if manage:
        own = {form.code.replace(".", "_"): blank(form, env=env, place=form.code.split(".")[1]) for form in _PLAIN}
        own["alliance_change"] = blank(forms.CHANGE_ALLIANCE, env=_known(env, one), place="change")
    if sent is not None:
        own[sent.form.code.replace(".", "_")] = sent
    chosen = next((m for m in rows if m.pk == (member or row_id(request.GET.get("member", "")))), None)
    basis, unified = _cited(
        Unified.objects.filter(alliance=one).exclude(ends__lt=calendar.today()).order_by("starts", "pk")
    )
    context = {
        "chosen_hidden": {"member": str(chosen.pk)} if chosen else {},
        "one": one, "may_manage": manage, "rows": rows, "past": past, "today": calendar.today(), "own": own,
        "sent": sent.form.code if sent else "", "chosen": chosen if manage else None,
        "institutions": len({m.institution_id for m in rows if in_force(m.starts, m.ends, calendar.today())}),
        "basis": basis, "unified": unified,
        "bodies": reading.bodies(one.pk), "heads": reading.heads(one.unit_id), "centres": reading.centres(alliance_id=one.pk),
    }  # fmt: skip
    return render(request, "registry/alliance.html", context, status=422 if sent is not None else 200)


def _cited(rows: Iterable[Unified]) -> tuple[str, list[tuple[Unified, str]]]:
    """The document that all of them cite ("" for several), and each with what of its clause is left to say."""
    found = list(rows)
    documents = {row.clause.rpartition(" ")[0] for row in found}
    basis = documents.pop() if len(documents) == 1 else ""
    return basis, [(row, row.clause.removeprefix(f"{basis} ") if basis else row.clause) for row in found]


_PLAIN = (forms.MEMBER, forms.CHANGE_MODE, forms.END_MEMBER, forms.UNIFY, forms.BODY, forms.END_ALLIANCE)
_VERBS: dict[str, Form] = {
    "change": forms.CHANGE_ALLIANCE, "end": forms.END_ALLIANCE, "member": forms.MEMBER, "mode": forms.CHANGE_MODE,
    "leave": forms.END_MEMBER, "unify": forms.UNIFY, "body": forms.BODY,
}  # fmt: skip


def _known(env: Env, one: Alliance) -> Env:
    lead = Known(str(one.lead_id)) if one.lead_id else Known(None)
    return env.knowing(
        lead=lead, scope=Known(one.scope), agreement=Known(one.agreement), agreement_no=Known(one.agreement_no),
        agreement_signed=Known(one.agreement_signed),
    )  # fmt: skip


@page(right="registry.manage")
@require_POST
def act(request: HttpRequest, id: int, verb: str) -> HttpResponse:
    """What the administrator does to an alliance; each act is in the log."""
    one = _one(id)
    acting = acting_of(request)
    here = reverse("registry:alliance", args=[id])
    today, done = calendar.today(), sent_number(request)
    if verb == "end-unified":
        known = one.unified.get(pk=row_id(request.POST.get("row", "")))
        writing.end_unified(
            acting=acting, unified_id=known.pk, alliance_id=id, ends=max(today, known.starts), client_id=done
        )
        return redirect(here)
    if verb == "end-body":
        body = one.bodies.get(pk=row_id(request.POST.get("row", "")))
        writing.end_body(acting=acting, body_id=body.pk, ends=max(today, body.starts), client_id=done)
        return redirect(here)
    if verb not in _VERBS:
        raise Http404(verb)
    form, env = _VERBS[verb], Env.here(acting)
    if (answer := checked(request, form, env)) is not None:
        return answer
    parsed, _ = sent(request, form, env, form.code.split(".")[1])
    member = 0
    if verb in ("mode", "leave"):
        member = AllianceMember.objects.get(pk=row_id(request.POST.get("member", "")), alliance=one).pk
    parsed, _ = tried(parsed, lambda: _do(request, verb, one.pk, member, plain(parsed.values)))
    if parsed.problems:
        return _alliance_page(request, one, parsed, member)
    return redirect(here)


def _do(request: HttpRequest, verb: str, alliance_id: int, member: int, values: dict[str, Any]) -> bool:
    shared: dict[str, Any] = {"acting": acting_of(request), "client_id": sent_number(request)}
    if verb == "change":
        writing.change_alliance(alliance_id=alliance_id, values=values, **shared)
    elif verb == "end":
        writing.end_alliance(alliance_id=alliance_id, ends=values["ends"], **shared)
    elif verb == "member":
        writing.add_member(alliance_id=alliance_id, values=values, **shared)
    elif verb == "mode":
        writing.change_mode(member_id=member, values=values, **shared)
    elif verb == "leave":
        writing.end_member(member_id=member, ends=values["ends"], **shared)
    elif verb == "unify":
        writing.unify(alliance_id=alliance_id, values=values, **shared)
    else:
        writing.set_body(alliance_id=alliance_id, values=values, **shared)
    return True
