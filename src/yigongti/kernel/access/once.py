"""Asking for the same master data once a transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from yigongti.kernel.access.door import Acting, acting_or_none

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
_held: ContextVar[tuple[Acting, dict[Any, Any]] | None] = ContextVar("access_once", default=None)


def once(ask: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Remember a read for the rest of the transaction: one seat, one fence, one answer.

    For what one page asks for again and again and its own writes do not touch (who is the same person, what an
    institution can treat). A write that does change it calls :func:`forget`. Outside the door nothing is remembered, nor
    is an error. Arguments must be hashable.
    """

    @wraps(ask)
    def asked(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        acting = acting_or_none()
        if acting is None:
            return ask(*args, **kwargs)
        held = _held.get()
        if held is None or held[0] is not acting:
            held = (acting, {})
            _held.set(held)
        key = (ask, args, tuple(sorted(kwargs.items())))
        if key not in held[1]:
            held[1][key] = ask(*args, **kwargs)
        answer: Answer = held[1][key]
        return answer

    return asked


def forget() -> None:
    """Ask again from here on: what was remembered has just been changed."""
    _held.set(None)
