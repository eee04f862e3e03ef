"""What the registry's pages share: who acts, the page that makes one new thing, answers as an action takes them, pages of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property

from yigongti.kernel import ids
from yigongti.kernel.access.door import Acting
from yigongti.kernel.desk.taking import checked, sent, tried
from yigongti.kernel.form import Env, Form, Picked, blank
from yigongti.kernel.text import TextError, clean

PAGE = 50


def acting_of(request: HttpRequest) -> Acting:
    """The acting seat of a request inside the door."""
    acting: Acting = request.acting  # type: ignore[attr-defined]
    return acting


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


def creating(
    request: HttpRequest, form: Form, template: str, act: Callable[[Acting, dict[str, Any], UUID], Any], there: str
) -> HttpResponse:
    """The page of a form that makes one new thing; made, on to its own page (*there*, by its id)."""
    acting = acting_of(request)
    env = Env.here(acting)
    parsed = blank(form, env=env)
    if request.method == "POST":
        if (answer := checked(request, form, env)) is not None:
            return answer
        parsed, number = sent(request, form, env)
        parsed, made = tried(parsed, lambda: act(acting, plain(parsed.values), number))
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
