"""Which of two servers is the one: a home whose database was superseded never runs it again.

Three small files. The primary's home has ``standby.json`` (where its standby lives) and, once another took over,
``superseded.json``. The standby's home has ``replica.json``: whom it follows, and since when it leads.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from yigongti.runtime.instance import Instance

STANDBY, SUPERSEDED, REPLICA = "standby.json", "superseded.json", "replica.json"


@dataclass(frozen=True)
class Replica:
    """What a standby's home knows: its primary's home and address, whether the primary waits for it, and when it was promoted.

    ``promoted_at`` is UTC, and empty while it follows.
    """

    primary_home: str
    host: str
    port: int
    synchronous: bool = False
    promoted_at: str = ""

    @property
    def leads(self) -> bool:
        return bool(self.promoted_at)


def replica(home: Path) -> Replica | None:
    """What a home knows of its primary; None when it is no standby's home."""
    found = _read(home / REPLICA)
    return Replica(**found) if found else None


def write_replica(home: Path, what: Replica) -> None:
    """Replace it in one step."""
    _write(home / REPLICA, asdict(what))


def standby_of(instance: Instance) -> Path | None:
    """The home of this instance's standby; None when it has none."""
    found = _read(instance.home / STANDBY)
    return Path(found["home"]) if found else None


def name_standby(instance: Instance, home: Path | None) -> None:
    """Note where the standby lives, or that there is none any more."""
    if home is None:
        (instance.home / STANDBY).unlink(missing_ok=True)
    else:
        _write(instance.home / STANDBY, {"home": str(home)})


def supersede(home: Path, by: Path, at: str) -> None:
    """Forbid a home's database to run: another is about to take over."""
    _write(home / SUPERSEDED, {"home": str(by), "at": at})


def reinstate(home: Path) -> None:
    """Take the ban back, when the other did not take over after all."""
    (home / SUPERSEDED).unlink(missing_ok=True)


def successor(instance: Instance) -> Path | None:
    """The home of the server that took over from this one; None while this one is the one.

    The ban in its own home counts, and so does what the standby's home says, should the ban not have reached this one.
    """
    found = _read(instance.home / SUPERSEDED)
    if found:
        return Path(found["home"])
    other = standby_of(instance)
    if other is not None and (there := replica(other)) is not None and there.leads:
        return other
    return None


def address(home: Path) -> dict[str, Any] | None:
    """Where that home's server listens, as its launcher wrote it."""
    return _read(home / "run" / "postgres.json")


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else None
    except (OSError, ValueError):
        return None


def _write(path: Path, content: dict[str, Any]) -> None:
    draft = path.with_suffix(f".{os.getpid()}")
    with open(draft, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
