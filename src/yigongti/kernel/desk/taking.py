"""How a page takes what was sent: the form as read and the number of the sending, the check of one field, one try of the act.

    answer = checked(request, FORM, env)               # a field was left: only it is asked about
    if answer is not None: return answer
    parsed, sending = sent(request, FORM, env)
    parsed, made = tried(parsed, lambda: act(…, values=parsed.values, client_id=sending))
    if made is None: show the form again, status 422

A button without a form: ``sent_number(request)``, then ``refusal(lambda: act(…))`` for a message or ``attempted`` for a page of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from yigongti.kernel import ids
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.form import Env, Form, Parsed, Problem, parse
from yigongti.kernel.form.render import control

Made = TypeVar("Made")
NOT_SENT = Problem("", "还没有提交", "填写完毕后请按提交按钮")
UNNUMBERED = Problem("", "页面不完整，缺少本次提交的编号", "请重新打开本页再提交，已填写的内容会保留")


def sent(request: HttpRequest, form: Form, env: Env, place: str = "") -> tuple[Parsed, UUID]:
    """The form as read, and the number under which it has one effect however often it is sent.

    Without a number the form is refused; the number answered then is a fresh one that nothing is done under. The check of a field that a
    page left unanswered is refused too: leaving a field never does what the button says.
    """
    parsed = parse(form, request.POST, env=env, place=place)
    if "_check" in request.POST:
        return parsed.refused(NOT_SENT), ids.new_client_id()
    try:
        return parsed, ids.client_id(request.POST.get("client_id", ""))
    except ids.IdError:
        return parsed.refused(UNNUMBERED), ids.new_client_id()


def sent_number(request: HttpRequest) -> UUID:
    """The number of a button's sending. Raises Http404 without one: such a page was not made by us."""
    try:
        return ids.client_id(request.POST.get("client_id", ""))
    except ids.IdError:
        raise Http404 from None


def tried(parsed: Parsed, act: Callable[[], Made]) -> tuple[Parsed, Made | None]:
    """Do it in a savepoint, if the form has no problem: a refusal leaves no trace and stands beside its field, else above the form."""
    if not parsed.ok:
        return parsed, None
    made, no = attempted(act)
    return (parsed, made) if no is None else (parsed.refused(_problem(no, parsed.form)), None)


def attempted(act: Callable[[], Made]) -> tuple[Made | None, Refused | None]:
    """Do it in a savepoint: what came of it, or what refused it and left no trace."""
    try:
        with transaction.atomic():
            return act(), None
    except Refused as no:
        return None, no


def refusal(act: Callable[[], Any]) -> str:
    """Do it in a savepoint; what refused it in one sentence, "" when it is done."""
    _, no = attempted(act)
    return "" if no is None else told(no)


def told(no: Refused) -> str:
    """A refusal in one sentence or two: what, what to do instead, by which clause."""
    return _problem(no).text


def checked(request: HttpRequest, form: Form, env: Env, place: str = "") -> HttpResponse | None:
    """The answer to the check of one field on leaving it (``_check=<name>``); None when that is not what was sent."""
    name = request.POST.get("_check", "")
    if not name:
        return None
    asked = next((field for field in form.fields if _names(field.name, name)), None)
    if asked is None:
        return HttpResponse(status=204)
    parsed = parse(form, request.POST, env=env, place=place)
    return render(request, "form/field.html", {"control": control(parsed, asked), "parsed": parsed})


def _problem(no: Refused, form: Form | None = None) -> Problem:
    stands = form is None or any(_names(field.name, no.field) for field in form.fields)
    return Problem(no.field if stands else "", no.message, no.remedy, no.clause)


def _names(field: str, name: str) -> bool:
    """Whether a name that was sent is the field's, or one of a line of its table."""
    return name == field or name.startswith(f"{field}-")


__all__ = ["attempted", "checked", "refusal", "sent", "sent_number", "told", "tried"]
