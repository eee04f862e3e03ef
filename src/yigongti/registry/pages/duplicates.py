"""Suspected duplicates for the registrar, and sorting the rows of a merge's time before two persons are separated."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yigongti.kernel.access.web import page
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Case
from yigongti.kernel.desk.taking import attempted, refusal, told
from yigongti.registry.actions.duplicates import call_different
from yigongti.registry.actions.sorting import sort_rows
from yigongti.registry.models import Merge, Resident, Suspect
from yigongti.registry.pages.common import acting_of, paged, typed
from yigongti.registry.queries import persons
from yigongti.registry.queries.sorting import recorded


@page(right="registry.merge")
@require_GET
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs that look like one person, each piece of evidence with its weight."""
    acting = acting_of(request)
    name = typed(request, "name")
    state = request.GET.get("state", "open")
    state = state if state in dict(Suspect.State.choices) else "open"
    shown = paged(request, persons.suspects(acting, state=state, name=name), 25)
    context = {
        "page": shown, "rows": persons.suspects_shown(list(shown)), "total": shown.paginator.count, "name": name,
        "state": state, "states": Suspect.State.choices,
    }  # fmt: skip
    return render(request, "registry/duplicates.html", context)


@page(right="registry.merge")
@require_POST
def different(request: HttpRequest, id: int) -> HttpResponse:
    """A registrar has looked: two persons."""
    acting, why = acting_of(request), request.POST.get("why", "")
    if no := refusal(lambda: call_different(acting=acting, suspect_id=id, why=why)):
        messages.error(request, no)
    else:
        messages.success(request, "已记为不是同一人；依据变强时会再次列出")
    return redirect("registry:duplicates")


@page(right="registry.merge_confirm")
@require_http_methods(["GET", "POST"])
def sort(request: HttpRequest, case: int) -> HttpResponse:
    """Whose is each row that was written while the two stood for one person; nothing of what the rows say is shown."""
    acting = acting_of(request)
    found = Merge.objects.get(pk=case)
    about = Case.objects.get(pk=case)
    if request.method == "POST":
        sides = {
            key.removeprefix("row-"): int(value) for key, value in request.POST.dict().items()
            if key.startswith("row-") and value.isdecimal() and len(value) < 19
        }  # fmt: skip
        left, no = attempted(lambda: sort_rows(acting=acting, case_id=case, sides=sides))
        if no is not None:
            messages.error(request, told(no))
        else:
            messages.success(request, f"已保存，还有 {left} 条没有选" if left else "已全部分清，可以拆分")
        return redirect("registry:sort", case=case)
    rows = recorded(acting, found)
    people = {r.pk: r for r in Resident.objects.filter(pk__in=[found.keep_id, found.duplicate_id])}
    log.saw("person_merge", [case], [found.keep_id, found.duplicate_id], why="分清合并期间的记录")
    context = {
        "merge": found, "case": about, "rows": rows, "left": sum(1 for one in rows if one.belongs is None),
        "keep": people.get(found.keep_id), "duplicate": people.get(found.duplicate_id),
    }  # fmt: skip
    return render(request, "registry/sort.html", context)
