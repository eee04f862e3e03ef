"""The way up: what the modules above the kernel offer to it, as one explicit list.

The list is written by hand in the module that ``settings.WIRING`` names (``yigongti.shell.wiring``) and
imported at first use. The kernel imports no module above itself; it asks here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast


class WiringError(RuntimeError):
    """The wiring module lacks something that was asked for; a programming error."""


class Wiring(Protocol):
    """What the wiring module offers. Every list is in the order in which it takes effect."""

    FLOWS: Sequence[Any]
    """``kernel.case`` flows, every version that still has open cases."""
    DESKS: Sequence[Any]
    """``kernel.desk`` descriptions, one a flow."""
    FORMS: Sequence[Any]
    """``kernel.form`` descriptions that stand outside a flow."""
    EVENTS: Sequence[type]
    """Every event class that a module announces."""
    REACTIONS: Sequence[Any]
    """`kernel.events.Reaction`: what happens in the same transaction when an event is announced."""
    PANELS: Mapping[str, Sequence[Callable[..., Any]]]
    """`kernel.panel`: slot name → the functions that contribute panels to it, in the order shown."""
    PORTS: Mapping[str, Any]
    """Port name → the implementation that a higher module gives to a lower one."""
    ROLES: Sequence[Any]
    """Roles and the rights each has."""
    JOBS: Sequence[Any]
    """Background jobs, each with the robot seat it runs on."""
    SAMPLES: Sequence[Callable[..., Any]]
    """Each module's part of a simulated county, in the order they run."""
    FACTS: Sequence[Any]
    """Analytic facts."""
    INDICATORS: Sequence[Any]
    """Indicators over facts."""
    SEARCHES: Sequence[Callable[..., Any]]
    """What the one search box asks, in the order shown."""
    RIGHTS: Mapping[str, str]
    """Every right with what it lets one do, in words."""
    ROOMS: Sequence[Any]
    """The places of the navigation, each with the right that opens it."""
    URLS: Sequence[tuple[str, str]]
    """(prefix, module) of the modules' own pages."""


_instead: ContextVar[Any] = ContextVar("kernel_wiring_instead", default=None)


def get() -> Wiring:
    """The wiring module, imported when first asked for.

    Offers missing from it raise AttributeError at use; use :func:`offer` where an empty one is meant.
    """
    instead = _instead.get()
    if instead is not None:
        return cast(Wiring, instead)
    from django.conf import settings

    return cast(Wiring, _module(settings.WIRING))


@cache
def _module(name: str) -> Any:
    """A list asks for every one of its rows; looking an import up again each time costs more than the answer."""
    return import_module(name)


def offer(name: str, default: Any = ()) -> Any:
    """One of the wiring's lists by name, or *default* where the wiring has none."""
    return getattr(get(), name, default)


def port(name: str) -> Any:
    """The implementation of a port. Raises WiringError when no module implements it."""
    ports = offer("PORTS", {})
    if name not in ports:
        raise WiringError(f"no module implements the port {name!r}; add it to PORTS of the wiring module")
    return ports[name]


@contextmanager
def using(wiring: Any) -> Iterator[None]:
    """Within the block *wiring* (any object with these attributes) stands in for the module; for tests."""
    token = _instead.set(wiring)
    try:
        yield
    finally:
        _instead.reset(token)
