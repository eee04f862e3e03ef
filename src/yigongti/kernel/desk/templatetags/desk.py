"""Words for a desk's pages."""

from __future__ import annotations

from django import template

from yigongti.kernel.case.facade import Flow
from yigongti.kernel.case.flow import SIDE_TITLES, Side

register = template.Library()


@register.simple_tag
def side(code: Side) -> str:
    """A side of a case in words."""
    return SIDE_TITLES[code]


@register.simple_tag
def state_title(flow: Flow, code: str) -> str:
    """A state's title."""
    return flow.state(code).title


@register.simple_tag(takes_context=True)
def without(context: template.Context, name: str) -> str:
    """The present query string without one parameter, from its first page."""
    query = context["request"].GET.copy()
    for gone in (name, "page"):
        query.pop(gone, None)
    return "?" + query.urlencode()
