"""What the registry's pages share: a sent form, its client id, a refusal turned into a problem of a field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property

from yigongti.kernel import ids
from yigongti.kernel.access.door import Acting
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.form import Env, Form, Parsed, Picked, Problem, blank, parse
from yigongti.kernel.form.render import control
from yigongti.kernel.text import TextError, clean

PAGE = 50


def acting_of(request: HttpRequest) -> Acting:
    """The acting seat of a request inside the door."""
    acting: Acting = request.acting  # type: ignore[attr-defined]
    return acting


def checked_field(request: HttpRequest, form: Form, env: Env) -> HttpResponse | None:
    """The answer to an inline check (``_check=<name>``), None when the request is not one."""
    name = request.POST.get("_check", "")
    if not name:
        return None
    asked = next((field for field in form.fields if name == field.name), None)
    if asked is None:
        return HttpResponse(status=204)
    parsed = parse(form, request.POST, env=env)
    return render(request, "form/field.html", {"control": control(parsed, asked), "parsed": parsed})


def client_id_of(request: HttpRequest) -> UUID:
    """The act's id; a missing or broken one becomes a fresh one, so that the act is at least done."""
    try:
        return ids.client_id(request.POST.get("client_id", ""))
    except ids.IdError:
        return ids.new_client_id()


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a form was answered, as an action takes it: a unit, seat or alliance as its id, all else as it is."""
    out: dict[str, Any] = {}
    for name, value in values.items():
        code = value.code if isinstance(value, Picked) else value
        numbered = isinstance(value, Picked) or name in ("alliance", "consortium")
        out[name] = int(code) if numbered and isinstance(code, str) and code.isdigit() else code
    return out


def typed(request: HttpRequest, name: str, most: int = 60) -> str:
    """An ordinary text of the address; one that nobody types (NUL, control characters) is taken for nothing."""
    try:
        return clean(request.GET.get(name, "")[:most], max_length=most)
    except TextError:
        return ""


def row_id(text: str) -> int:
    """A row's id as sent; 0, which no row has, for anything else."""
    return ids.row_id(text) or 0


def tried(parsed: Parsed, act: Callable[[], Any]) -> tuple[Any, Parsed]:
    """Do it whole or not at all; a refusal comes back as a problem beside its field (or above the form)."""
    if not parsed.ok:
        return None, parsed
    try:
        with transaction.atomic():
            return act(), parsed
    except Refused as no:
        names = {field.name for field in parsed.form.fields}
        problem = Problem(no.field if no.field in names else "", no.message, no.remedy, no.clause)
        return None, replace(parsed, problems=(*parsed.problems, problem))


def creating(
    request: HttpRequest, form: Form, template: str, act: Callable[[Acting, dict[str, Any], UUID], Any], there: str
) -> HttpResponse:
    """The page of a form that makes one new thing; made, on to its own page (*there*, by its id)."""
    acting = acting_of(request)
    env = Env.here(acting)
    parsed = blank(form, env=env)
    if request.method == "POST":
        answer = checked_field(request, form, env)
        if answer is not None:
            return answer
        parsed = parse(form, request.POST, env=env)
        made, parsed = tried(parsed, lambda: act(acting, plain(parsed.values), client_id_of(request)))
        if made is not None:
            return redirect(there, id=made.pk)
    return render(request, template, {"parsed": parsed}, status=422 if parsed.problems else 200)


class Counted(Paginator):
    """Pages of rows that are counted up to `MOST`: counting tens of thousands through the fence costs more than the page."""

    MOST = 2_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[: self.MOST + 1].count())

    @property
    def over(self) -> bool:
        """There are more than were counted; the page says so."""
        return self.count > self.MOST


def paged(request: HttpRequest, rows: Any, size: int = PAGE, *, counted: bool = False) -> Page[Any]:
    """One page of rows; a wrong number shows the nearest page. `counted`: count only so far (`Counted`)."""
    return (Counted if counted else Paginator)(rows, size).get_page(request.GET.get("page"))
