"""Accounts and seats for the administrator."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import Account, Seat, Unit
from yigongti.kernel.access.web import page
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.desk.taking import attempted, checked, sent, tried
from yigongti.kernel.form import Env, Parsed, blank
from yigongti.registry import forms
from yigongti.registry.actions import accounts as writing
from yigongti.registry.models import PracticeRight, Practitioner
from yigongti.registry.pages.common import acting_of, paged, row_id
from yigongti.registry.roles import staff_roles
from yigongti.registry.rows import Credential, StaffRow

VERBS = ("password", "second-factor", "close", "reopen", "end-seat", "seat")


@page(right="access.manage")
@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """Staff accounts with their seats; filters by name or login, role, institution."""
    name = request.GET.get("name", "")[:40].strip()
    role = request.GET.get("role", "")
    rows = Account.objects.exclude(seat__role_id="resident").order_by("login").distinct()
    if name:
        rows = rows.filter(Q(name__contains=name) | Q(login__startswith=name) | Q(seat__unit__name__contains=name))
    if role in {r.code for r in staff_roles()}:
        rows = rows.filter(seat__role_id=role)
    shown = paged(request, rows)
    seats: dict[int, list[Seat]] = {a.pk: [] for a in shown}
    today = calendar.today()
    for seat in Seat.objects.filter(account_id__in=seats).select_related("unit", "role").order_by("starts"):
        if seat.ends is None or seat.ends >= today:
            seats[seat.account_id].append(seat)
    context = {
        "page": shown, "total": shown.paginator.count, "rows": [(a, seats[a.pk]) for a in shown], "name": name,
        "role": role, "roles": staff_roles(),
    }  # fmt: skip
    return render(request, "registry/accounts.html", context)


@page(right="access.manage")
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new account with its first seat; the first password is shown once."""
    acting = acting_of(request)
    env = Env.here(acting)
    if request.method == "GET":
        return render(request, "registry/account_new.html", {"parsed": blank(forms.ACCOUNT, env=env)})
    if (answer := checked(request, forms.ACCOUNT, env)) is not None:
        return answer
    parsed, _ = sent(request, forms.ACCOUNT, env)
    parsed, made = tried(parsed, lambda: writing.create_account(acting=acting, row=_row(parsed.values)))
    if made is None:
        return render(request, "registry/account_new.html", {"parsed": parsed}, status=422)
    account = Account.objects.get(login=made.login)
    return _account_page(request, account, credential=made)


def _row(values: dict[str, Any]) -> StaffRow:
    unit = Unit.objects.get(pk=int(values["unit"].code))
    return StaffRow(
        login=values["login"], name=values["name"], unit=unit.code, role=values["role"], title=values.get("title") or "",
        category=values.get("category") or "other", licence=(values.get("licence") or "").upper(),
        prescribes=bool(values.get("prescribes")), ends=values.get("ends"),
    )  # fmt: skip


@page(right="access.manage")
@require_GET
def account(request: HttpRequest, id: int) -> HttpResponse:
    """One account: seats, practice rights, what the administrator may do."""
    return _account_page(request, Account.objects.get(pk=id))


def _account_page(
    request: HttpRequest, one: Account, *, credential: Credential | None = None, parsed: Parsed | None = None,
    refusal: Refused | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    person = Practitioner.objects.filter(account=one).first()
    today = calendar.today()
    seats = list(Seat.objects.filter(account=one).select_related("unit", "role").order_by("-starts"))
    context = {
        "one": one, "credential": credential, "refusal": refusal, "person": person, "me": acting_of(request),
        "parsed": parsed or blank(forms.SEAT, env=Env.here(acting_of(request))),
        "seats": [(seat, seat.ends is None or seat.ends >= today) for seat in seats],
        "rights": PracticeRight.objects.filter(practitioner=person).select_related("unit") if person else (),
        "second_factor": one.second_factor is not None,
    }  # fmt: skip
    response = render(request, "registry/account.html", context, status=status)
    if credential is not None:
        response["Cache-Control"] = "no-store"
    return response


@page(right="access.manage")
@require_POST
def act(request: HttpRequest, id: int, verb: str) -> HttpResponse:
    """What the administrator does to an account; each is in the log."""
    acting = acting_of(request)
    if verb not in VERBS:
        raise Http404(verb)
    one = Account.objects.get(pk=id)
    if verb == "seat":
        return _add_seat(request, one)
    told, no = attempted(lambda: _do(request, acting, id, verb))
    if no is not None:
        return _account_page(request, one, refusal=no, status=422)
    return _account_page(request, one, credential=told) if told else redirect(reverse("registry:account", args=[id]))


def _do(request: HttpRequest, acting: Acting, id: int, verb: str) -> Credential | None:
    if verb == "password":
        return writing.reset_password(acting=acting, account_id=id)
    if verb == "second-factor":
        writing.reset_second_factor(acting=acting, account_id=id)
    elif verb == "end-seat":
        seat = Seat.objects.get(pk=row_id(request.POST.get("seat", "")), account_id=id)
        writing.end_seat(acting=acting, seat_id=seat.pk)
    else:
        writing.set_active(acting=acting, account_id=id, active=verb == "reopen")
    return None


def _add_seat(request: HttpRequest, one: Account) -> HttpResponse:
    acting = acting_of(request)
    env = Env.here(acting)
    if (answer := checked(request, forms.SEAT, env)) is not None:
        return answer
    parsed, _ = sent(request, forms.SEAT, env)
    parsed, made = tried(
        parsed,
        lambda: writing.add_seat(
            acting=acting, account_id=one.pk, unit_id=int(parsed.values["unit"].code), role=parsed.values["role"],
            title=parsed.values.get("title") or "", ends=parsed.values.get("ends"),
        ),
    )  # fmt: skip
    if made is None:
        return _account_page(request, one, parsed=parsed, status=422)
    return redirect(reverse("registry:account", args=[one.pk]))
