"""Signing in and out, the second factor, choosing and changing the seat, the own password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.hashers import check_password, make_password
from django.core import signing as signed
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from yigongti.kernel import calendar, ids
from yigongti.kernel.access import signin
from yigongti.kernel.access.models import Account, Seat
from yigongti.kernel.access.web import COOKIE, page, source_of
from yigongti.kernel.audit import log
from yigongti.policy import facade as policy
from yigongti.shell.ports import sign_in_limits

DEVICE = "ygt_device"
PENDING = "ygt_pending"
PENDING_SECONDS = 300
DEVICE_DAYS = 400
MIN_PASSWORD = 10


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if safe else "/"


def _place() -> str:
    """The division of the region that this database holds, through the sign-in functions."""
    with connection.cursor() as cursor:
        cursor.execute("select access.region_place()")
        row = cursor.fetchone()
    return str(row[0]) if row and row[0] else ""


def _keep(response: HttpResponse, name: str, value: str, seconds: int | None) -> None:
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="Lax", secure=settings.TLS, path="/")


@page(public=True)
@never_cache
@sensitive_post_parameters("password", "code")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in form; while the county is being made, its progress."""
    context: dict[str, Any] = {"next": _next(request), "ended": "ended" in request.GET}
    progress = settings.PROGRESS()
    place = _place() if progress.ready else ""  # while a county is being made its tables are locked
    if not place:
        return render(request, "shell/preparing.html", {"progress": progress})
    context["progress"] = progress
    if request.method != "POST":
        return render(request, "shell/sign_in.html", context)
    login = request.POST.get("login", "")
    limits = sign_in_limits(place)
    found = signin.check(
        login=login, password=request.POST.get("password", ""), code=request.POST.get("code", "").strip(),
        source=source_of(request), device=request.COOKIES.get(DEVICE), limits=limits, passed=request.POST.get("passed", ""),
    )  # fmt: skip
    if isinstance(found, signin.Refused):
        _log_failure(request, login, found)
        context |= {"login": login, "refused": found}
        if found.wait_until is not None:
            response = render(request, "shell/sign_in.html", context, status=429)
            response["Retry-After"] = str(max(1, int((found.wait_until - calendar.now()).total_seconds())))
            return response
        return render(request, "shell/sign_in.html", context, status=200 if found.passed else 401)
    return _choose_or_enter(request, found, limits, context["next"])


def _log_failure(request: HttpRequest, login: str, found: signin.Refused) -> None:
    with log.collecting(source=source_of(request), path=request.path) as entries:
        entries.refused("sign_in", f"{login[:40]}: {found.reason}")


def _choose_or_enter(
    request: HttpRequest, found: signin.SignedIn, limits: signin.SignInLimits, to: str
) -> HttpResponse:
    if len(found.seats) > 1:
        response = render(request, "shell/choose_seat.html", {"found": found, "next": to})
        pending = signed.dumps({"a": found.account_id}, salt=PENDING)
        _keep(response, PENDING, pending, PENDING_SECONDS)
        return response
    return _enter(request, found.account_id, found.seats[0].seat_id, limits, to)


def _enter(request: HttpRequest, account_id: int, seat_id: int, limits: signin.SignInLimits, to: str) -> HttpResponse:
    token = signin.open_session(
        account_id=account_id, seat_id=seat_id, source=source_of(request),
        agent=request.headers.get("User-Agent", ""), limits=limits,
    )  # fmt: skip
    if token is None:
        return redirect(settings.SIGN_IN_URL)
    response = HttpResponseRedirect(to)
    _keep(response, COOKIE, token, None)
    _keep(response, DEVICE, signin.device_mark(account_id), DEVICE_DAYS * 86_400)
    response.delete_cookie(PENDING)
    return response


@page(public=True)
@never_cache
def sign_in_progress(request: HttpRequest) -> HttpResponse:
    """The progress bar alone, asked for every second; when all is ready the sign-in page itself."""
    progress = settings.PROGRESS()
    if not progress.ready:
        return render(request, "shell/_progress.html", {"progress": progress})
    response = HttpResponse()
    response["HX-Redirect"] = settings.SIGN_IN_URL
    return response


@page(public=True)
@require_POST
def choose_seat(request: HttpRequest) -> HttpResponse:
    """The second step for accounts with several seats."""
    try:
        kept = signed.loads(request.COOKIES.get(PENDING, ""), salt=PENDING, max_age=PENDING_SECONDS)
        seat_id = _seat_asked(request)
    except (signed.BadSignature, ValueError):
        return redirect(settings.SIGN_IN_URL)
    return _enter(request, int(kept["a"]), seat_id, sign_in_limits(_place()), _next(request))


def _seat_asked(request: HttpRequest) -> int:
    """The id of the seat that was chosen. Raises ValueError for what no row can have."""
    text = request.POST.get("seat", "")
    if ids.row_id(text) is None:
        raise ValueError(text)
    return int(text)


@page(public=True)
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here and now."""
    token = request.COOKIES.get(COOKIE)
    if token:
        signin.close_session(token)
    response = redirect(settings.SIGN_IN_URL)
    response.delete_cookie(COOKIE)
    return response


@page(signed=True)
@require_POST
def extend(request: HttpRequest) -> HttpResponse:
    """The user is still there; entering the door has already noted it."""
    return HttpResponse(status=204)


@page(signed=True)
def seats(request: HttpRequest) -> HttpResponse:
    """Change the seat one acts as, within the same session."""
    acting = request.acting  # type: ignore[attr-defined]
    mine = Seat.objects.filter(account_id=acting.account_id).select_related("unit", "role").order_by("id")
    today = calendar.today()
    current = [s for s in mine if s.starts <= today and (s.ends is None or s.ends >= today)]
    return render(request, "shell/seats.html", {"seats": current, "acting": acting})


@page(public=True)
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Act as another seat of the same account. Outside the door, since the door is entered as one seat only."""
    token = request.COOKIES.get(COOKIE, "")
    try:
        seat_id = _seat_asked(request)
    except ValueError:
        return redirect("/account/seats/")
    if not token or not signin.switch_seat(token, seat_id):
        messages.error(request, "未能切换岗位：该岗位不属于您，或会话已结束。")
    return redirect("/")


@page(signed=True)
@never_cache
@sensitive_post_parameters()
def account(request: HttpRequest) -> HttpResponse:
    """The own account: password, second factor, last sign-ins."""
    acting = request.acting  # type: ignore[attr-defined]
    mine = Account.objects.get(pk=acting.account_id)
    problem = _change_password(request, mine) if request.POST.get("do") == "password" else ""
    if request.method == "POST" and not problem:
        return redirect("/account/")
    context = {
        "layout": _layout(acting), "mine": mine, "problem": problem,
        "sessions": mine.session_set.order_by("-opened_at")[:10], "min_password": MIN_PASSWORD,
        "must_enrol": must_enrol(acting, mine),
    }  # fmt: skip
    return render(request, "shell/account.html", context)


def _layout(acting: Any) -> str:
    return "shell/base.html" if acting.subject_id is None else "shell/resident.html"


def must_enrol(acting: Any, mine: Account) -> bool:
    """Whether policy wants a second factor of this role and the account has none."""
    roles = policy.value("access.second_factor.roles", place=acting.place, on=calendar.today()).value
    return acting.role in roles and mine.second_factor is None


def _change_password(request: HttpRequest, mine: Account) -> str:
    new = request.POST.get("new", "")
    if not check_password(request.POST.get("old", ""), mine.password):
        return "原密码不正确。"
    if len(new) < MIN_PASSWORD:
        return f"新密码至少 {MIN_PASSWORD} 位，可以用一句容易记的话。"
    if new != request.POST.get("again", ""):
        return "两次输入的新密码不一致，请重新输入。"
    if mine.login in new or new == request.POST.get("old", ""):
        return "新密码不能包含账号，也不能与原密码相同。"
    Account.objects.filter(pk=mine.pk).update(password=make_password(new), must_change=False)
    _end_others(request, mine)
    log.did("password_changed", "account", [mine.pk])
    messages.success(request, "密码已修改，其他地方的登录已退出。")
    return ""


@page(signed=True)
@never_cache
def second_factor(request: HttpRequest) -> HttpResponse:
    """Enrol an authenticator: scan, type one code, done. Without the right code nothing is kept."""
    import segno

    acting = request.acting  # type: ignore[attr-defined]
    mine = Account.objects.get(pk=acting.account_id)
    problem = ""
    if request.method == "POST":
        try:
            secret = signed.loads(request.POST.get("secret", ""), salt="second_factor", max_age=900)
        except signed.BadSignature:
            return redirect("/account/second-factor/")
        step = signin.code_step(secret, request.POST.get("code", ""))
        if step is not None:
            Account.objects.filter(pk=mine.pk).update(second_factor=signin.seal_secret(secret), code_step=step)
            log.did("second_factor_enrolled", "account", [mine.pk])
            messages.success(request, "动态口令已启用，下次登录时需要输入。")
            return redirect("/account/")
        problem = "动态口令不正确：请确认手机时间准确，输入当前显示的 6 位数字。"
        uri = signin.provisioning_uri(secret, mine.login)
    else:
        secret, uri = signin.new_second_factor(mine.login)
    context = {"secret": secret, "kept": signed.dumps(secret, salt="second_factor"), "problem": problem,
               "image": segno.make(uri).svg_data_uri(scale=4), "layout": _layout(acting)}  # fmt: skip
    return render(request, "shell/second_factor.html", context)


@page(signed=True)
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    acting = request.acting  # type: ignore[attr-defined]
    mine = Account.objects.get(pk=acting.account_id)
    ended = _end_others(request, mine)
    messages.success(request, f"已退出其他 {ended} 处登录。" if ended else "没有其他登录。")
    return redirect("/account/")


def _end_others(request: HttpRequest, mine: Account) -> int:
    """End every session of the account but this one; returns how many that were."""
    here = signin.SessionTicket(request.COOKIES[COOKIE]).digest
    others = mine.session_set.filter(closed_at=None).exclude(token_hash=here)
    return int(others.update_any(closed_at=calendar.now()))
