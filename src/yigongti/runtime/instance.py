"""One installation on one machine: where its files lie, its secrets, and how to reach its database.

Layout of the home directory (``--data``, else ``YIGONGTI_DATA``, else ``var`` beside the checkout)::

    data/pg      the PostgreSQL cluster (or a link to it)      files/   printed and imported files
    facts/       parquet facts, private                        log/     one log per process
    keys/        secrets, mode 0600, outside the data directory (``YIGONGTI_KEYS`` puts them elsewhere)
    static/      collected static files                        run/     what this start needs: port, socket, stamps
    progress.json  what the first start is doing now

No module outside ``runtime`` imports this one: the rest of the house reads Django's settings.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

PACKAGE = Path(__file__).resolve().parent.parent
DATABASE = "yigongti"
OWNER, LOGIN, ACTOR, FINDER = "ygt_owner", "ygt_login", "ygt_actor", "ygt_finder"
ADMIN = "ygt_admin"


@dataclass(frozen=True)
class Address:
    """Where PostgreSQL listens: ``host`` is a name, an address, or the directory of a unix socket."""

    host: str
    port: int
    database: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Instance:
    """The files, secrets and addresses of one installation. Creating it touches nothing on disk."""

    home: Path
    tls: bool = False

    @classmethod
    def from_environment(cls, home: str | Path | None = None) -> Instance:
        """The instance that this process belongs to; an explicit ``home`` wins over the environment."""
        chosen = home or os.environ.get("YIGONGTI_DATA") or default_home()
        return cls(Path(chosen).expanduser().resolve(), tls=os.environ.get("YGT_TLS") == "1")

    # ---- places -------------------------------------------------------------------------------------------------

    @property
    def data_dir(self) -> Path:
        return self.home / "data"

    @property
    def cluster_link(self) -> Path:
        """``data/pg``: the cluster itself, or a link to where its unprivileged user can reach it."""
        return self.data_dir / "pg"

    @property
    def files_dir(self) -> Path:
        return self.home / "files"

    @property
    def facts_dir(self) -> Path:
        return self.home / "facts"

    @property
    def log_dir(self) -> Path:
        return self.home / "log"

    @property
    def run_dir(self) -> Path:
        return self.home / "run"

    @property
    def keys_dir(self) -> Path:
        return Path(os.environ.get("YIGONGTI_KEYS") or self.home / "keys")

    @property
    def static_root(self) -> Path:
        return Path(os.environ.get("YGT_STATIC") or self.home / "static")

    @property
    def progress_file(self) -> Path:
        return self.home / "progress.json"

    @property
    def port(self) -> int:
        """The web port: ``PORT``, else 8000."""
        return int(os.environ.get("PORT") or 8000)

    def create(self) -> Instance:
        """Make the directories (0755; ``keys`` and ``facts`` 0700) and return the instance."""
        for path in (self.data_dir, self.files_dir, self.log_dir, self.run_dir):
            path.mkdir(parents=True, exist_ok=True)
        for path in (self.keys_dir, self.facts_dir):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.chmod(0o700)
        return self

    # ---- secrets ------------------------------------------------------------------------------------------------

    def secret(self, name: str) -> str:
        """A random secret of 256 bits (URL-safe text), created at first use with mode 0600."""
        path = self.keys_dir / f"{name}.key"
        try:
            return path.read_text().strip()
        except FileNotFoundError:
            pass
        self.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process of this instance was first
            return path.read_text().strip()
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        return path.read_text().strip()

    # ---- database -----------------------------------------------------------------------------------------------

    @property
    def external_url(self) -> str | None:
        """``DATABASE_URL``: a real server, whose user may create roles and databases."""
        return os.environ.get("DATABASE_URL") or None

    def address(self) -> Address:
        """Where the database is: the external server, or what the launcher wrote for this start."""
        if self.external_url:
            return parse_url(self.external_url)[0]
        host, port = "127.0.0.1", 0
        try:
            written = json.loads((self.run_dir / "postgres.json").read_text())
            host, port = written["host"], written["port"]
        except (FileNotFoundError, ValueError, KeyError):
            pass
        return Address(host, port, os.environ.get("YGT_DATABASE") or DATABASE)

    def admin(self) -> tuple[str, str]:
        """User name and password of the administrator of the server (roles, databases, extensions)."""
        if self.external_url:
            _, user, password = parse_url(self.external_url)
            return user, password
        return ADMIN, self.secret("postgres-admin")

    def dsn(self, *, admin: bool = False, database: str | None = None, role: str | None = None) -> str:
        """A libpq connection string as the administrator or as ``ygt_login``; ``role`` is set on connecting."""
        at = self.address()
        user, password = self.admin() if admin else (LOGIN, self.secret("postgres-login"))
        parts: dict[str, Any] = {
            "host": at.host,
            "port": at.port,
            "dbname": database or at.database,
            "user": user,
            "password": password,
            "connect_timeout": 10,
        }
        parts.update(at.options)
        if role:
            parts["options"] = f"-c role={role}"
        return " ".join(f"{key}={_quote(str(value))}" for key, value in parts.items() if value != "")

    def databases(self) -> dict[str, dict[str, Any]]:
        """Django's DATABASES: ``default`` and ``log`` as ygt_login, or ``default`` as owner (``YGT_ROLE=owner``)."""
        owner = os.environ.get("YGT_ROLE") == "owner"
        at = self.address()
        user, password = self.admin() if owner else (LOGIN, self.secret("postgres-login"))
        settings = {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s", "statement_timeout": "30s"}
        if owner:
            settings = {"role": OWNER, "lock_timeout": "60s"}
        elif os.environ.get("YGT_PROCESS") == "web":
            # A page's statements are met through keys of one unit or one person: one plan fits all. Left to itself the
            # server weighs each value anew, and planning through thirty conditions of the fence costs more than reading.
            settings["plan_cache_mode"] = "force_generic_plan"
        entry: dict[str, Any] = {
            "ENGINE": "yigongti.kernel.postgres",
            "NAME": at.database,
            "USER": user,
            "PASSWORD": password,
            "HOST": at.host,
            "PORT": at.port,
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "ATOMIC_REQUESTS": False,
            "OPTIONS": {
                **dict(at.options),
                "application_name": os.environ.get("YGT_PROCESS", "yigongti"),
                "connect_timeout": 10,
                "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            },
        }
        if not owner:
            # Row policies make a query dearer to plan than to run: after three times its plan is kept.
            entry["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 3}
        log = {**entry, "OPTIONS": {**entry["OPTIONS"]}}
        return {"default": entry, "log": log}

    # ---- web ----------------------------------------------------------------------------------------------------

    def allowed_hosts(self) -> list[str]:
        """Names that this server answers to: ``YIGONGTI_HOSTS`` (comma separated) and the machine's own."""
        named = [name.strip() for name in os.environ.get("YIGONGTI_HOSTS", "").split(",") if name.strip()]
        return [*named, *local_names(), "testserver"]


def default_home() -> Path:
    """``var`` in the checkout, or in the working directory when the package is installed elsewhere."""
    root = PACKAGE.parent.parent
    return root / "var" if (root / "pyproject.toml").is_file() else Path.cwd() / "var"


def local_names() -> list[str]:
    """Host names and addresses of this machine, loopback first; asks no network."""
    names = ["localhost", "127.0.0.1", "[::1]"]
    host = socket.gethostname()
    try:
        found = [host, *(str(info[4][0]) for info in socket.getaddrinfo(host, None, socket.AF_INET))]
    except OSError:
        found = [host]
    found += _outward_address()
    return names + [name for name in dict.fromkeys(found) if name and name not in names]


def _outward_address() -> list[str]:
    """The address of the interface that would carry outgoing traffic; connect() on UDP sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1, RFC 5737
            return [str(probe.getsockname()[0])]
        except OSError:
            return []


def parse_url(url: str) -> tuple[Address, str, str]:
    """Split ``postgresql://user:password@host:port/name?sslmode=…``; raises ValueError in Chinese when it can't."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError(f"DATABASE_URL 应以 postgresql:// 开头，现在是“{parts.scheme}://”。")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or parts.hostname or "127.0.0.1"
    name = unquote(parts.path.lstrip("/")) or DATABASE
    name = os.environ.get("YGT_DATABASE") or name
    address = Address(host, parts.port or 5432, name, tuple(sorted(options.items())))
    return address, unquote(parts.username or "postgres"), unquote(parts.password or "")


def _quote(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
