"""Every address of the product, module by module."""

from __future__ import annotations

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

from yigongti.shell.cockpit import pages as cockpit
from yigongti.shell.pages import log, me, robots, signing, work
from yigongti.shell.wiring import URLS

urlpatterns: list[URLPattern | URLResolver] = [
    path("", work.home, name="home"),
    path("cockpit/", cockpit.cockpit, name="cockpit"),
    path("cockpit/print", cockpit.cockpit_print, name="cockpit_print"),
    path("notices/", work.notices, name="notices"),
    path("notices/read/", work.notices_read, name="notices_read"),
    path("search/", work.search, name="search"),
    path("log/", log.entries, name="log"),
    path("robots/", robots.robots, name="robots"),
    path("sign-in/", signing.sign_in, name="sign_in"),
    path("sign-in/progress/", signing.sign_in_progress, name="sign_in_progress"),
    path("sign-in/seat/", signing.choose_seat, name="choose_seat"),
    path("sign-out/", signing.sign_out, name="sign_out"),
    path("session/extend/", signing.extend, name="session_extend"),
    path("account/", signing.account, name="account"),
    path("account/seats/", signing.seats, name="seats"),
    path("account/seats/switch/", signing.switch, name="switch_seat"),
    path("account/second-factor/", signing.second_factor, name="second_factor"),
    path("account/end-others/", signing.end_other_sessions, name="end_other_sessions"),
    path("me/", me.record, name="me"),
    path("me/progress/", me.progress, name="me_progress"),
    path("me/looked/", me.looked, name="me_looked"),
    path("me/messages/", me.messages, name="me_messages"),
    path("me/for/<int:subject>/", me.record, name="me_for"),
    path("me/for/<int:subject>/progress/", me.progress, name="me_for_progress"),
    path("me/for/<int:subject>/looked/", me.looked, name="me_for_looked"),
    *(path(prefix, include(import_module(module))) for prefix, module in URLS),
]
