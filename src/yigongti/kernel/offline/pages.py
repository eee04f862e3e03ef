"""The addresses of the offline island. The page and its worker hold nothing about anybody; the packet does."""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yigongti.kernel.access.facade import Denied, current, page
from yigongti.kernel.offline.packet import packet
from yigongti.kernel.offline.sending import Unreadable, received

FILES = ("dist/app.css", "dist/offline.js", "dist/icons.svg", "dist/mark.svg")
"""What the page needs besides itself, kept by the worker."""


@page(public=True)
@require_GET
def island(request: HttpRequest) -> HttpResponse:
    """The page itself: a frame without any personal data, kept by the worker for times without a network."""
    return render(request, "offline/island.html", {"files": json.dumps([static(name) for name in FILES])})


@page(public=True)
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker with the names of what it keeps in front; a new build has new names, so a new worker."""
    files = [reverse("offline:island"), *(static(name) for name in FILES)]
    build = sha256("\n".join(files).encode()).hexdigest()[:16]
    body = f"self.KEPT={json.dumps(files)};self.BUILD={json.dumps(build)};\n" + _script("dist/offline-worker.js")
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = reverse("offline:island")
    response["Cache-Control"] = "no-cache"
    return response


def _script(name: str) -> str:
    """A file of the bundle, from the collected files or, before they are collected, from the package."""
    if staticfiles_storage.exists(name):
        with staticfiles_storage.open(name) as collected:
            return str(collected.read().decode())
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    with open(found, encoding="utf-8") as file:
        return file.read()


@page(public=True)
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What makes the page installable on a phone's home screen."""
    here = reverse("offline:island")
    told: dict[str, Any] = {
        "id": here, "name": "医共体离线随访", "short_name": "离线随访", "lang": "zh-CN", "start_url": here, "scope": here,
        "display": "standalone", "background_color": "#ffffff", "theme_color": "#155a9c",
        "icons": [{"src": static("dist/mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }  # fmt: skip
    return JsonResponse(told, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@page(signed=True, purpose="offline")
@require_GET
def taken_along(request: HttpRequest) -> HttpResponse:
    """What waits for the seat, to be kept on the device; with the token that sending needs."""
    acting = current()
    if acting.may("resident.self"):
        raise Denied("offline.packet")
    response = JsonResponse({**packet(acting), "token": get_token(request)}, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return response


@page(signed=True, purpose="offline")
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Do what was filled in without a network; one outcome an act, in the order sent."""
    acting = current()
    if acting.may("resident.self"):
        raise Denied("offline.send")
    try:
        outcomes = received(acting, json.loads(request.body))
    except Unreadable as wrong:
        return JsonResponse({"said": str(wrong)}, status=400, json_dumps_params={"ensure_ascii": False})
    except ValueError:
        return JsonResponse({"said": "发送的内容不完整；内容仍保存在本机，请重新发送"}, status=400)
    return JsonResponse({"outcomes": [asdict(one) for one in outcomes]}, json_dumps_params={"ensure_ascii": False})
