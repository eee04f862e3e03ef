"""The WSGI application that granian serves."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yigongti.runtime.settings")

from yigongti.runtime.process import die_with_parent

if "YGT_PROCESS" in os.environ:  # a worker of our own server: never outlive the process that started it
    die_with_parent()

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

if "YGT_PROCESS" in os.environ:  # what figures need takes two seconds to load: not while somebody waits
    from threading import Thread

    from yigongti.kernel.facts.store import warm

    Thread(target=warm, name="warm", daemon=True).start()
