"""Django settings, computed from the instance (:mod:`yigongti.runtime.instance`); no secret is written here.

Two kinds of process read this file. The web and the worker connect as ``ygt_login`` through two aliases, ``default``
and ``log``. A process started with ``YGT_ROLE=owner`` (migrations, bulk load) connects as the administrator of the
database and acts as ``ygt_owner`` from the first statement on.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from yigongti.runtime import progress
from yigongti.runtime.instance import Instance
from yigongti.runtime.keys import field_keys
from yigongti.runtime.progress import Progress

INSTANCE = Instance.from_environment()
PACKAGE = Path(__file__).resolve().parent.parent

DEBUG = False
SECRET_KEY = INSTANCE.secret("django")
SECRET_KEY_FALLBACKS: list[str] = []
ALLOWED_HOSTS = INSTANCE.allowed_hosts()
USE_X_FORWARDED_HOST = False
ROOT_URLCONF = "yigongti.runtime.urls"
WSGI_APPLICATION = "yigongti.runtime.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
WIRING = "yigongti.shell.wiring"

# The applications of the house, low to high; the order is the order of the layers.
_HOUSE = (
    "yigongti.kernel.access",
    "yigongti.kernel.audit",
    "yigongti.kernel.case",
    "yigongti.kernel.jobs",
    "yigongti.kernel.form",
    "yigongti.kernel.desk",
    "yigongti.kernel.offline",
    "yigongti.kernel.chart",
    "yigongti.kernel.indicator",
    "yigongti.policy",
    "yigongti.registry",
    "yigongti.service.care",
    "yigongti.service.booking",
    "yigongti.service.referral",
    "yigongti.service.complaint",
    "yigongti.management.finance",
    "yigongti.benefit.performance",
    "yigongti.benefit.fund",
    "yigongti.responsibility.supervision",
    "yigongti.exchange.spreadsheets",
    "yigongti.shell",
)
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.messages",
    "django_htmx",
    "procrastinate.contrib.django",
    *(app for app in _HOUSE if PACKAGE.joinpath(*app.split(".")[1:], "apps.py").exists()),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yigongti.shell.methods.WrongMethod",
    "yigongti.kernel.access.web.DoorMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "DIRS": [PACKAGE / "runtime" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "yigongti.shell.context.frame",
            ],
            "libraries": {"panel": "yigongti.kernel.panel"},
            "builtins": ["django.templatetags.static", "django_htmx.templatetags.django_htmx"],
        },
    }
]

DATABASES = INSTANCE.databases()
DATABASE_ROUTERS: list[str] = []
# The log alias is a second connection to the same database: it is never migrated on its own and tests share it.
if "log" in DATABASES:
    DATABASES["log"].setdefault("TEST", {})["MIRROR"] = None

FACTS_DIR = INSTANCE.facts_dir
FIELD_KEYS = field_keys(INSTANCE)


def PROGRESS() -> Progress:
    """What the first start is doing now; ``ready`` when nothing is under way."""
    return progress.read(INSTANCE.progress_file)


LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # stored and computed in UTC; screens go through kernel.calendar, which knows Asia/Shanghai
DISPLAY_TIME_ZONE = "Asia/Shanghai"

MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SIGN_IN_URL = "/sign-in/"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_ON_APP_READY = "yigongti.kernel.jobs.job.register"
AUDIT_ANCHOR = INSTANCE.home / "anchor" / "audit.json"
"""Head of the log's chain, outside the database; copy it off the machine."""

STATIC_URL = "/static/"
STATIC_ROOT = INSTANCE.static_root
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": INSTANCE.files_dir}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MANIFEST_STRICT = True
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
TLS = INSTANCE.tls
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 0  # the certificate is our own; a browser that has not installed it must be able to come back
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_NAME = "ygt_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = TLS
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "ygt_session"
SESSION_COOKIE_SECURE = TLS
SESSION_LIFETIME = timedelta(hours=12)
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s", "datefmt": "%Y-%m-%dT%H:%M:%S%z"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("YGT_LOG_LEVEL", "INFO")},
    "loggers": {"procrastinate": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
