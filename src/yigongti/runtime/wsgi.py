"""The WSGI application, and what granian calls in each of its workers."""

from __future__ import annotations

import os
from threading import Timer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yigongti.runtime.settings")

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

from yigongti.runtime.process import die_with_parent

WARM_SECONDS = 3.0
"""After so long a worker loads what the first sign-in, search and figure need: the first page is not kept waiting for it."""

application = get_wsgi_application()


def worker() -> WSGIHandler:
    """The application in a worker of our own server, which never outlives the process that started it."""
    die_with_parent()
    later = Timer(WARM_SECONDS, _warm)
    later.daemon = True
    later.start()
    return application


def _warm() -> None:
    from yigongti.kernel import pinyin
    from yigongti.kernel.access import signin
    from yigongti.kernel.facts import store

    signin.nobody()
    pinyin.warm()
    store.warm()
