"""The root of all addresses: the machine's own (health, CA) and the shell's."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from yigongti.runtime import authority, health

handler400 = "yigongti.runtime.outage.unread"
handler500 = "yigongti.runtime.outage.failed"
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("ca", authority.explained, name="ca"),
    path("ca.crt", authority.certificate, name="ca_certificate"),
]
if find_spec("yigongti.shell") and find_spec("yigongti.shell.urls"):
    urlpatterns.append(path("", include("yigongti.shell.urls")))
