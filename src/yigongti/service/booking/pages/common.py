"""What the pages share: reading what was sent, refusing beside it, days and numbers of an address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import current
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.form import Env, Form, Parsed, Problem, blank, parse
from yigongti.service.booking import actions, forms
from yigongti.service.booking.models import Restriction

Made = TypeVar("Made")
FARTHEST = timedelta(days=3_700)
"""Days farther from today than this are taken for a slip of the keyboard."""


def client_id(request: HttpRequest) -> UUID:
    """The sending's own number. Raises Http404 without one: such a page was not made by us."""
    try:
        return UUID(request.POST.get("client_id", ""))
    except ValueError:
        raise Http404 from None


def sent(request: HttpRequest, form: Form, env: Env) -> tuple[Parsed, UUID]:
    """What was typed and the number of the sending."""
    return parse(form, request.POST, env=env), client_id(request)


def tried(parsed: Parsed, attempt: Callable[[], Made]) -> tuple[Parsed, Made | None]:
    """Do it in a savepoint: a refusal leaves no trace and stands beside what was typed."""
    try:
        with transaction.atomic():
            return parsed, attempt()
    except Refused as no:
        names = {field.name for field in parsed.form.fields}
        field = no.field if no.field in names else ""
        return parsed.refused(Problem(field, no.message, no.remedy, no.clause)), None


def done(attempt: Callable[[], Any]) -> str:
    """Do it in a savepoint; what refused it in one sentence, "" when it is done."""
    try:
        with transaction.atomic():
            attempt()
    except Refused as no:
        return Problem(no.field, no.message, no.remedy, no.clause).text
    return ""


def appealing(
    request: HttpRequest, one: Restriction, template: str, context: dict[str, Any], *, back: str, said: str
) -> HttpResponse:
    """The form in which an appeal against a restriction is written, by the person or at the counter; *said* once it is kept."""
    env = Env.here(current(), subject_id=one.subject_id)
    parsed, status = blank(forms.APPEAL, env=env), 200
    if request.method == "POST":
        parsed, sending = sent(request, forms.APPEAL, env)
        status = 422
        if parsed.ok:
            parsed, made = tried(parsed, lambda: actions.appeal(
                acting=current(), restriction_id=one.pk, text=parsed.values["text"], client_id=sending
            ))  # fmt: skip
            if made is not None:
                messages.success(request, said)
                return HttpResponseRedirect(back)
    return render(request, template, {**context, "one": one, "parsed": parsed}, status=status)


def day_in(request: HttpRequest, name: str = "day", default: date | None = None) -> date:
    """A day of the address; the default (today) where there is none. Raises Http404 for nonsense."""
    text = request.GET.get(name, "")
    today = calendar.today()
    if not text:
        return default or today
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Http404(text) from None
    if abs(found - today) > FARTHEST:
        raise Http404(text)
    return found


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
