"""The door in the web: every view says who may call it; the middleware opens the door around it, rendering included.

A view without a classification is refused at once, so that a forgotten route cannot serve anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from yigongti.kernel.access.door import Denied, SessionEnded, SessionTicket, acting_as
from yigongti.kernel.audit import log

View = TypeVar("View", bound=Callable[..., Any])
COOKIE = "ygt_session"


@dataclass(frozen=True)
class Access:
    """Who may call a view: everybody, whoever is signed in, or holders of one of the rights."""

    public: bool = False
    rights: tuple[str, ...] = ()
    purpose: str = "web"


def page(
    *, right: str | tuple[str, ...] = (), public: bool = False, signed: bool = False, resident: bool = False,
    purpose: str = "web",
) -> Callable[[View], View]:  # fmt: skip
    """Classify a view. Exactly one of `right`, `public`, `signed`, `resident`."""
    rights = (right,) if isinstance(right, str) else tuple(right)
    if resident:
        rights = ("resident.self",)
    if [bool(rights), public, signed].count(True) != 1:
        raise ImproperlyConfigured("page() takes exactly one of right, public, signed, resident")

    def mark(view: View) -> View:
        view.access = Access(public=public, rights=rights, purpose=purpose)  # type: ignore[attr-defined]
        return view

    return mark


def source_of(request: HttpRequest) -> str:
    """The browser's network address as the server saw it; a forwarded header is never believed."""
    return str(request.META.get("REMOTE_ADDR", ""))


class DoorMiddleware:
    """Opens the door for each classified view; writes the log of who saw whom before the answer leaves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.acting = None  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        access: Access | None = getattr(view, "access", None)
        if access is None:
            raise ImproperlyConfigured(f"{view!r}: nobody said who may call it; classify it with @page")
        _without_nul(request)
        if access.public:
            return None
        token = request.COOKIES.get(COOKIE, "")
        if not token:
            return _to_sign_in(request)
        try:
            return self._inside(request, view, args, kwargs, access, token)
        except SessionEnded:
            response = _to_sign_in(request, ended=True)
            response.delete_cookie(COOKIE)
            return response

    def _inside(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any, access: Access, token: str
    ) -> HttpResponse:
        with log.collecting(source=source_of(request), path=request.path) as entries:
            try:
                with acting_as(SessionTicket(token), purpose=access.purpose) as acting:
                    entries.acting = acting
                    request.acting = acting  # type: ignore[attr-defined]
                    if access.rights and not any(acting.may(right) for right in access.rights):
                        raise Denied(access.rights[0])
                    response = view(request, *args, **kwargs)
                    if hasattr(response, "render") and not response.is_rendered:
                        response.render()
                    entries.write()
                    return response
            except (Denied, ObjectDoesNotExist, Http404) as gone:
                entries.refused(type(gone).__name__, str(gone))
                raise Http404 from gone


def _without_nul(request: HttpRequest) -> None:
    """NUL is part of no text and PostgreSQL takes none: dropped from what an address asks; in the path it names nothing."""
    if "\x00" in request.path:
        raise Http404(request.path)
    if "%00" not in request.META.get("QUERY_STRING", ""):
        return
    asked = request.GET.copy()
    for name in list(asked):
        asked.setlist(name, [value.replace("\x00", "") for value in asked.getlist(name)])
    request.GET = asked  # type: ignore[assignment]


def _to_sign_in(request: HttpRequest, *, ended: bool = False) -> HttpResponse:
    query = {"next": request.get_full_path()} if request.method == "GET" else {}
    if ended:
        query["ended"] = "1"
    url = settings.SIGN_IN_URL + ("?" + urlencode(query) if query else "")
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = url
        return response
    return redirect(url)
