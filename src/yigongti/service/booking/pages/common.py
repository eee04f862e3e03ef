"""What the pages share: an appeal as it is written, days of an address."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import current
from yigongti.kernel.desk.taking import checked, sent, tried
from yigongti.kernel.form import Env, blank
from yigongti.service.booking import actions, forms
from yigongti.service.booking.models import Restriction

FARTHEST = timedelta(days=3_700)
"""Days farther from today than this are taken for a slip of the keyboard."""


def appealing(
    request: HttpRequest, one: Restriction, template: str, context: dict[str, Any], *, back: str, said: str
) -> HttpResponse:
    """The form in which an appeal against a restriction is written, by the person or at the counter; *said* once it is kept."""
    env = Env.here(current(), subject_id=one.subject_id)
    parsed, status = blank(forms.APPEAL, env=env), 200
    if request.method == "POST":
        if (answer := checked(request, forms.APPEAL, env)) is not None:
            return answer
        status, (parsed, number) = 422, sent(request, forms.APPEAL, env)
        parsed, made = tried(parsed, lambda: actions.appeal(
            acting=current(), restriction_id=one.pk, text=parsed.values["text"], client_id=number
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
