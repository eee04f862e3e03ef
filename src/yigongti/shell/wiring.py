"""The one explicit list: what every module brings, in the order in which it takes effect."""

from __future__ import annotations

from yigongti.shell import ports, search
from yigongti.shell.rooms import Room

FLOWS: tuple = ()
DESKS: tuple = ()
FORMS: tuple = ()
EVENTS: tuple = ()
REACTIONS: tuple = ()
PANELS: dict = {}
PORTS = {"limit": ports.limit}
ROLES: tuple = ()
SAMPLES: tuple = ()
FACTS: tuple = ()
INDICATORS: tuple = ()
JOBS: tuple = ()
SEARCHES = (search.cases,)
LOG_WORDS: dict[str, str] = {}
ROOMS = (Room("我的工作", "/", "checklist"),)
URLS: tuple[tuple[str, str], ...] = ()
