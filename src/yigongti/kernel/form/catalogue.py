"""Every form the wiring offers, by code."""

from __future__ import annotations

from yigongti.kernel import wiring

from .description import Form


def forms() -> dict[str, Form]:
    """Forms that stand outside flows (``FORMS`` of the wiring) by code; those of a flow are reached by
    their case.
    """
    return {form.code: form for form in wiring.offer("FORMS", ())}
