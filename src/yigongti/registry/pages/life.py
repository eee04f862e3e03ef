"""A person's moves and death, newborns by their mother: shown, registered, taken back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Denied
from yigongti.kernel.access.web import page
from yigongti.kernel.audit import log
from yigongti.kernel.desk.taking import checked, sent, tried
from yigongti.kernel.form import Env, blank
from yigongti.registry import person_forms
from yigongti.registry.actions.births import OLDEST, YOUNGEST, register_newborn
from yigongti.registry.actions.life import record_life_event, undo_life_event
from yigongti.registry.models import LifeEvent, Resident
from yigongti.registry.pages.common import acting_of
from yigongti.registry.pages.residents import person_of
from yigongti.registry.queries import persons


@page(right="registry.resident")
@require_http_methods(["GET", "POST"])
def life(request: HttpRequest, id: int) -> HttpResponse:
    """What befell the person so far, and the form for what happens now."""
    acting = acting_of(request)
    person = person_of(id)
    env = Env.here(acting, subject_id=id)
    if request.method == "GET":
        return _life_page(request, person, blank(person_forms.LIFE, env=env))
    if (answer := checked(request, person_forms.LIFE, env)) is not None:
        return answer
    parsed, number = sent(request, person_forms.LIFE, env)
    parsed, made = tried(parsed, lambda: record_life_event(
        acting=acting, subject_id=id, client_id=number, **_values(parsed.values)))  # fmt: skip
    if made is None:
        return _life_page(request, person, parsed, status=422)
    follows = "：健康卡已停用，家人照看已停止，今后的预约和候补退回，未了结事项的承办人已收到通知"
    messages.success(
        request,
        f"已登记{person.name}{made.get_kind_display()}（{made.on}）{follows if made.kind == LifeEvent.Kind.DIED else ''}",
    )
    still = Resident.objects.filter(pk=id).exists()
    return redirect(reverse("registry:life", args=[id]) if still else reverse("registry:residents"))


def _values(values: dict[str, Any]) -> dict[str, Any]:
    place = values.get("place")
    return {
        "kind": values["kind"], "on": values["on"], "source": values["source"], "document": values.get("document") or "",
        "place_to": place.code if place else "", "elsewhere": values.get("elsewhere") or "", "note": values.get("note") or "",
    }  # fmt: skip


def _life_page(request: HttpRequest, person: Any, parsed: Any, status: int = 200) -> HttpResponse:
    rows = persons.life_of(person.subject_id)
    names = persons.place_names([code for one in rows for code in (one.place_from, one.place_to)])
    last = next((one.pk for one in sorted(rows, key=lambda one: -one.pk) if one.undone_at is None), None)
    log.saw("life", [one.pk for one in rows], [person.subject_id], why="查看变动")
    context = {
        "person": person, "tab": "life", "parsed": parsed, "acting": acting_of(request), "last": last,
        "dead": any(one.pk == last and one.kind == LifeEvent.Kind.DIED for one in rows),
        "may_be_mother": person.sex_code == "female" and YOUNGEST <= calendar.age(person.birth).years <= OLDEST,
        "rows": [(one, names.get(one.place_from, ""), names.get(one.place_to, "") or one.elsewhere) for one in rows],
    }  # fmt: skip
    return render(request, "registry/life.html", context, status=status)


@page(right="registry.resident")
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, id: int, event: int) -> HttpResponse:
    """Take back a move or death that was registered in error."""
    acting = acting_of(request)
    person = person_of(id)
    found = LifeEvent.objects.filter(pk=event, subject_id=id).first()
    if found is None:
        raise Denied("life")
    env = Env.here(acting, subject_id=id)
    status, parsed = 200, blank(person_forms.UNDO, env=env)
    if request.method == "POST":
        if (answer := checked(request, person_forms.UNDO, env)) is not None:
            return answer
        status, (parsed, _) = 422, sent(request, person_forms.UNDO, env)
        parsed, made = tried(parsed, lambda: undo_life_event(acting=acting, event_id=event, why=parsed.values["why"]))
        if made is not None:
            messages.success(request, f"已撤销{made.get_kind_display()}登记，恢复原来的状态")
            return redirect("registry:life", id=id)
    context = {"person": person, "tab": "life", "parsed": parsed, "event": found, "acting": acting}
    return render(request, "registry/life_undo.html", context, status=status)


@page(right="registry.resident")
@require_http_methods(["GET", "POST"])
def newborn(request: HttpRequest, id: int) -> HttpResponse:
    """Enter a newborn from the mother's page."""
    acting = acting_of(request)
    mother = person_of(id)
    env = Env.here(acting, subject_id=id)
    status, parsed = 200, blank(person_forms.NEWBORN, env=env)
    if request.method == "POST":
        if (answer := checked(request, person_forms.NEWBORN, env)) is not None:
            return answer
        status, (parsed, number) = 422, sent(request, person_forms.NEWBORN, env)
        parsed, made = tried(parsed, lambda: register_newborn(
            acting=acting, mother_id=id, born=parsed.values["born"], sex=parsed.values["sex"],
            order=int(parsed.values["order"]), name=parsed.values.get("name") or "",
            certificate=parsed.values.get("certificate") or "", client_id=number))  # fmt: skip
        if made is not None:
            return redirect(reverse("registry:resident", args=[made.pk]) + "?done=registered")
    context = {"person": mother, "tab": "life", "parsed": parsed, "acting": acting, "children": persons.children_of(id)}
    return render(request, "registry/newborn.html", context, status=status)
