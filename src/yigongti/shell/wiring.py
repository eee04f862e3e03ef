"""The one explicit list of what the modules offer to the kernel (see ``kernel.wiring.Wiring``)."""

from __future__ import annotations

from typing import Any

FLOWS: tuple[Any, ...] = ()
DESKS: tuple[Any, ...] = ()
FORMS: tuple[Any, ...] = ()
EVENTS: tuple[type, ...] = ()
REACTIONS: tuple[Any, ...] = ()
PANELS: dict[str, tuple[Any, ...]] = {}
PORTS: dict[str, Any] = {}
ROLES: tuple[Any, ...] = ()
JOBS: tuple[Any, ...] = ()
SAMPLES: tuple[Any, ...] = ()
FACTS: tuple[Any, ...] = ()
INDICATORS: tuple[Any, ...] = ()
