"""What the frame around every page shows; asks nothing outside the door."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from yigongti.kernel.access.facade import acting_or_none
from yigongti.kernel.case.queries import unread_count
from yigongti.shell.ports import idle_until
from yigongti.shell.rooms import resident_rooms, rooms_for, tabs_for
from yigongti.simulation.facade import is_simulated

SITE = "县域医共体协同平台"


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: rooms, notices, where search and sign-out are."""
    base: dict[str, Any] = {"site_name": SITE, "search_url": "/search/", "notices_url": "/notices/",
                            "seats_url": "/account/seats/", "signout_url": "/sign-out/"}  # fmt: skip
    acting = acting_or_none()  # a refusal's page is written after the door has closed: no frame, no query
    if acting is None:
        return base
    if acting.subject_id is not None:
        return {**base, "home_url": "/me/", "nav": resident_rooms(request.path)}
    nav = rooms_for(acting, request.path)
    return {
        **base, "nav": nav, "tabs": tabs_for(nav, request.path), "notices_count": _unread(request, acting),
        "session_extend_url": "/session/extend/",
        "session_ends": idle_until(acting.place), "demo": is_simulated(acting.place),
    }  # fmt: skip


def _unread(request: HttpRequest, acting: Any) -> int:
    """Asked once a request, however many templates its page is made of."""
    if request.headers.get("HX-Request"):
        return 0
    known: int | None = getattr(request, "unread_notices", None)
    if known is None:
        known = unread_count(acting, 100)
        request.unread_notices = known  # type: ignore[attr-defined]
    return known
