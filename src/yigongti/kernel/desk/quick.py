"""What the kernel offers on a case, from the row of a list: press its holder with one click, give it to another person.

A page has one form (`form()`); the button of a row names where that form is sent and, as its value, the id under which
the act has one effect. What comes of it is told on the list that was left.
"""

from __future__ import annotations

from functools import cache
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import SafeString, mark_safe

from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case import handover
from yigongti.kernel.case.facade import Case
from yigongti.kernel.markup import format_html

from . import offered

HEAD = "督促"
"""What the column is called."""
_FORM = (
    '<form id="press" method="post" hidden><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
    '<input type="hidden" name="back" value="{}"></form>'
)
_PRESS = '<button class="button small" form="press" formaction="{}" name="client_id" value="{}">催办</button>'
_GIVE = '<a class="button quiet small" href="{}">转交</a>'


def form(request: HttpRequest) -> SafeString:
    """The form that the rows' buttons send; once on a page that has any."""
    return format_html(_FORM, get_token(request), request.get_full_path())


def buttons(case: Case, acting: Acting, back: str) -> SafeString:
    """What this seat may do from the row: nothing, to press, to give to another person. `back`: the list's address."""
    made = []
    pressing = handover.may_press(acting, case)
    if pressing:
        made.append(format_html(_PRESS, _address(offered.REMIND).format(case.pk), uuid4()))
    if (pressing or acting.may("case.head")) and handover.may_hand_over(acting, case):
        made.append(format_html(_GIVE, f"{_address(offered.REASSIGN).format(case.pk)}?{urlencode({'back': back})}"))
    return mark_safe(" ".join(made))


@cache
def _address(act: str) -> str:
    """The address of an act with a place for the case's id: the router is asked once, not for every row."""
    return reverse("desk:do", args=[1, act]).replace("/1/", "/{}/", 1)


def back_of(request: HttpRequest) -> str:
    """The list from which the act was asked for, where it is an address of this house; else ""."""
    wanted = request.POST.get("back") or request.GET.get("back") or ""
    return wanted if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""


def back_done(request: HttpRequest, back: str, case: Case, done: str) -> HttpResponseRedirect:
    """Back to the list, which says what was done."""
    messages.success(request, f"{done}：{case.title}")
    return HttpResponseRedirect(back)


def back_refused(request: HttpRequest, back: str, said: str) -> HttpResponseRedirect:
    """Back to the list, which says why not."""
    messages.error(request, said)
    return HttpResponseRedirect(back)
