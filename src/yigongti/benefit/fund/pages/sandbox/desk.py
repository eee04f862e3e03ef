"""政策沙盘: a consortium's year, its parameters as controls, what a change does. The change stands in the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yigongti.benefit.fund.forms import sandbox as forms
from yigongti.benefit.fund.pages.common import consortium_and_year
from yigongti.benefit.fund.pages.sandbox import printout, tables
from yigongti.benefit.fund.queries import pool as pools
from yigongti.benefit.fund.queries.sandbox import base, facts, reckoning
from yigongti.benefit.fund.rules import sandbox
from yigongti.benefit.fund.templatetags.fund import wan
from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.facade import current, page
from yigongti.kernel.access.models import Unit
from yigongti.kernel.audit import log
from yigongti.kernel.form import Env, blank
from yigongti.kernel.sheet import answer_workbook
from yigongti.policy import facade as policy

RIGHT = "fund.sandbox"


@dataclass(frozen=True)
class Place:
    """Which consortium and year is asked about."""

    unit: Unit
    year: int

    def query(self, change: dict[str, Any]) -> str:
        """The address of a change."""
        word = sandbox.packed(change)
        return "?" + urlencode({"consortium": self.unit.pk, "year": self.year, **({"c": word} if word else {})})


def asked(given: Mapping[str, str]) -> Place | None:
    """Consortium and year, the last whole year where none is said."""
    this = calendar.today().year
    found = consortium_and_year(given, this - 1, this)
    return Place(*found) if found is not None else None


@page(right=RIGHT)
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The sandbox at the change of the address."""
    where, change = asked(request.GET), sandbox.unpacked(request.GET.get("c", ""))
    if change is None:
        raise Http404
    if where is None:
        return render(request, "fund/sandbox.html", {"where": None})
    context = _context(where, change, sandbox.Typed(change=change))
    return render(request, "fund/sandbox.html", context)


@page(right=RIGHT)
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """The controls as they stand: answered in place for htmx, else by going to the change's address."""
    where = asked(request.POST)
    if where is None:
        raise Http404
    try:
        found = base.base(where.unit, where.year, current().place)
    except policy.PolicyGap as gap:
        return render(request, "fund/_sandbox_answer.html", {"where": where, "no": str(gap)}, status=422)
    typed = read(found, request.POST)
    partial = bool(request.headers.get("HX-Request"))
    if not partial and not typed.problems:
        return HttpResponseRedirect(reverse("sandbox:desk") + where.query(typed.change))
    context = _context(where, typed.change, typed, found)
    template = "fund/_sandbox_answer.html" if partial else "fund/sandbox.html"
    response = render(request, template, context, status=422 if typed.problems and not partial else 200)
    if not typed.problems:
        response["HX-Push-Url"] = reverse("sandbox:desk") + where.query(typed.change)
    return response


def read(found: base.Base, given: Any) -> sandbox.Typed:
    """The change that the controls make."""
    groups = [one for section in base.sections(found) for one in section.groups]
    scheme = given.get("scheme", "")
    typed = sandbox.read(groups, given, lambda key, raw: base.check(found, key, raw))
    coefficients = {one["institution_id"]: given[f"coefficient-{one['institution_id']}"] for one in found.members
                    if f"coefficient-{one['institution_id']}" in given}  # fmt: skip
    now = {one["institution_id"]: one["coefficient_bp"] for one in found.members}
    sandbox.read_coefficients(typed, coefficients, now, found.names)
    sandbox.read_scheme(typed, scheme)
    if given.get("points", "").strip():
        data = facts.data(found.unit.pk, found.year)
        sandbox.read_points(
            typed, given["points"][:20_000], reckoning.groups(found, data, typed.change.get("scheme", ""))
        )
    return typed


def _context(
    where: Place, change: dict[str, Any], typed: sandbox.Typed, found: base.Base | None = None
) -> dict[str, Any]:
    """Everything on the page, with the answer where there is one."""
    context: dict[str, Any] = {"where": where, "reachable": pools.reachable(), "problems": typed.problems}
    try:
        found = found or base.base(where.unit, where.year, current().place)
        if not typed.problems and any(key not in found.values for key in change["values"]):
            raise Http404
        context |= _controls(found, change, typed)
        data = facts.data(where.unit.pk, where.year)
        context |= {"data": data, "years": facts.years()}
    except facts.NoFacts as no:
        return context | {"no": str(no), "years": [where.year]}
    except policy.PolicyGap as gap:
        return context | {"no": f"缺少政策参数：{gap}"}
    except (policy.ValueFault, KeyError) as fault:
        return context | {"no": f"这组改动不能用：{fault}"}
    if typed.problems:
        return context
    try:
        result = reckoning.ask(found, data, change)
    except reckoning.Unanswerable as no:
        return context | {"no": "；".join(no.problems)}
    log.saw("fund.sandbox", [where.unit.pk], [], why=f"{where.year} 年政策沙盘")
    return context | shown(result, base.words(found, change)) | {
        "query": where.query(change), "empty": sandbox.empty(change), "change": sandbox.packed(change),
        "save": blank(forms.SAVE, env=Env.here(current())),
    }  # fmt: skip


def _controls(found: base.Base, change: dict[str, Any], typed: sandbox.Typed) -> dict[str, Any]:
    """The controls with what stands in them: typed, else changed, else in force."""
    bad = {one.name for one in typed.problems}
    drawn = []
    for section in base.sections(found):
        groups = []
        for one in section.groups:
            raw = change["values"].get(one.key, one.raw)
            rows = []
            for control in one.controls:
                now = control.value
                new = raw if control.row is None else raw[control.row[0]][control.row[1]]
                text = typed.texts.get(control.name) or sandbox.shown(control.unit, new)
                rows.append({"control": control, "text": text, "now": sandbox.shown(control.unit, now), "moved": new != now,
                             "bad": control.name in bad})  # fmt: skip
            groups.append({"one": one, "rows": rows, "moved": any(row["moved"] for row in rows), "bad": any(row["bad"] for row in rows),
                           "url": wiring.port("parameter_url")(one.key)})  # fmt: skip
        drawn.append(
            {"section": section, "groups": groups, "open": any(group["moved"] or group["bad"] for group in groups)}
        )
    coefficients = [
        {"id": one["institution_id"], "name": found.names[one["institution_id"]], "now": sandbox.shown("bp", one["coefficient_bp"]),
         "text": sandbox.shown("bp", change["coefficients"].get(str(one["institution_id"]), one["coefficient_bp"]))}
        for one in found.members if one["level"] != "village"
    ]  # fmt: skip
    points = typed.texts.get("points") or "\n".join(
        f"{name} {milli / 1000:g}" for name, milli in change["points"].items()
    )
    return {
        "sections": drawn,
        "coefficients": coefficients,
        "points": points,
        "notes": found.notes,
        "catalogue": found.catalogue,
        "schemes": sandbox.SCHEMES.items(),
        "scheme": change.get("scheme", ""),
    }


def shown(result: dict[str, Any], changed: list[dict[str, str]]) -> dict[str, Any]:
    """Tables, pictures and head figures of a result, for every page that shows one."""
    funds, old, new = result["funds"], result["consortium"]["before"], result["consortium"]["after"]
    url = wiring.port("parameter_url")
    told = tables.tables(result)
    known = {one.key: one.title for one in policy.parameters()}
    return {
        "result": result, "changed": [{**one, "url": url(one["key"]) if one["key"] else ""} for one in changed],
        "tables": [(one, [(known[key], url(key)) for key in one.keys]) for one in told],
        "charts": tables.charts(result), "fund_moved": funds["basic"]["difference"], "person_moved": funds["person"]["difference"],
        "balance_before": old["balance_fen"], "balance_after": new["balance_fen"],
        "balance_note": f"现行 {wan(old['balance_fen'])} 万元",
        "weights": result.get("weights"), "differs": result["paid_fen"] - funds["basic"]["before"],
    }  # fmt: skip


@dataclass(frozen=True)
class Answered:
    """What the address asks, for its sheet, paper and rows."""

    where: Place
    found: base.Base
    change: dict[str, Any]
    result: dict[str, Any]
    changed: list[dict[str, str]]
    data: facts.Data
    query: str

    @property
    def parameters(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The object ``pool`` of both sides."""
        sides = (sandbox.nothing(), self.change)
        pools_of = [base.whole(self.found, one, self.data.first)["sets"][-1]["set"]["pool"] for one in sides]
        return pools_of[0], pools_of[1]


def answered(request: HttpRequest) -> Answered | None:
    """None where it can't be answered; the page itself says why. Raises Http404 for an address that is none."""
    where, change = asked(request.GET), sandbox.unpacked(request.GET.get("c", ""))
    if change is None:
        raise Http404
    if where is None:
        return None
    try:
        found = base.base(where.unit, where.year, current().place)
        data = facts.data(where.unit.pk, where.year)
        result = reckoning.ask(found, data, change)
        return Answered(where, found, change, result, base.words(found, change), data, where.query(change))
    except (facts.NoFacts, policy.PolicyGap, policy.ValueFault, reckoning.Unanswerable, KeyError):
        return None


def answering(view: Callable[[HttpRequest, Answered], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A page about an answer gets it; where there is none, the reader goes to the desk at the same change."""

    @wraps(view)
    def asked_first(request: HttpRequest) -> HttpResponse:
        one = answered(request)
        if one is None:
            return HttpResponseRedirect(f"{reverse('sandbox:desk')}?{request.GET.urlencode()}")
        return view(request, one)

    return asked_first


@page(right=RIGHT)
@require_GET
@answering
def export(request: HttpRequest, one: Answered) -> HttpResponse:
    """Every table as a workbook."""
    log.did("exported", "fund.sandbox", [one.where.unit.pk], [], why=f"{one.where.year} 年政策沙盘")
    return answer_workbook(printout.book(one.result, one.changed), f"{one.where.unit.name}-{one.where.year}-政策沙盘")


@page(right=RIGHT)
@require_GET
@answering
def paper(request: HttpRequest, one: Answered) -> HttpResponse:
    """The same on paper."""
    log.did("printed", "fund.sandbox", [one.where.unit.pk], [], why=f"{one.where.year} 年政策沙盘")
    basis = printout.Basis(
        "试算（未保存）", f"截至 {calendar.local(one.data.as_of):%Y-%m-%d %H:%M}，{one.data.version}"
    )
    return printout.answer(one.where.unit, one.where.year, one.result, one.changed, basis)
