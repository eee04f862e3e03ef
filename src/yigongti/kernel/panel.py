"""Named panels: how a higher module shows something on a lower module's screen.

A screen opens a slot by name (``{% panels "case.side" context %}``); the wiring module lists, per slot, the
functions that may contribute. The lower module never learns who they are. This module is also the template
library (``{% load panel %}`` once settings name it) with the one tag that renders a slot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from . import wiring


@dataclass(frozen=True)
class Panel:
    """A piece of a page: *template* rendered with *values*.

    *code* is unique within its slot (it becomes the element's id), *title* the heading in the user's words.
    *tone* is one of ``plain``, ``notice``, ``warning``, ``danger``.
    """

    code: str
    title: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    tone: str = "plain"


PanelMaker: TypeAlias = Callable[[Any], Panel | Iterable[Panel] | None]
"""Given the slot's context, the panels to show there: one, several, or None for nothing."""


def contributions(slot: str, context: Any) -> list[Panel]:
    """The panels for a slot, in the wiring's order; empty where nobody contributes.

    Raises ValueError when two panels of a slot have the same code.
    """
    panels: list[Panel] = []
    for maker in wiring.offer("PANELS", {}).get(slot, ()):
        made = maker(context)
        if made is None:
            continue
        panels.extend([made] if isinstance(made, Panel) else made)
    codes = [panel.code for panel in panels]
    if len(codes) != len(set(codes)):
        raise ValueError(f"slot {slot!r} has two panels of the same code: {codes}")
    return panels


def render(slot: str, context: Any, *, request: Any = None) -> SafeString:
    """The HTML of all panels of a slot, each in its own labelled section."""
    return mark_safe("".join(_section(slot, panel, request) for panel in contributions(slot, context)))


def _section(slot: str, panel: Panel, request: Any) -> str:
    body = render_to_string(panel.template, {**panel.values, "panel": panel}, request=request)
    name = f"panel-{slot}-{panel.code}".replace(".", "-")
    if not panel.title:
        return format_html('<section class="panel panel-{}" id="{}">{}</section>', panel.tone, name, body)
    return format_html(
        '<section class="panel panel-{0}" id="{1}" aria-labelledby="{1}-title">'
        '<h2 id="{1}-title">{2}</h2>{3}</section>',
        panel.tone,
        name,
        panel.title,
        body,
    )


register = template.Library()


@register.simple_tag(takes_context=True, name="panels")
def panels_tag(context: template.Context, slot: str, value: Any = None) -> SafeString:
    """``{% panels "slot.name" value %}``: everything the other modules show here about *value*."""
    return render(slot, value, request=context.get("request"))
