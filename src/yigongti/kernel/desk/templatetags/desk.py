"""Words for a desk's pages."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from yigongti.kernel.case.facade import Case, Flow
from yigongti.kernel.case.flow import SIDE_TITLES, Side
from yigongti.kernel.desk import quick

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


@register.simple_tag(takes_context=True)
def press_form(context: template.Context) -> SafeString:
    """The form that the buttons of rows send; once on a page."""
    return quick.form(context["request"])


@register.simple_tag(takes_context=True)
def row_acts(context: template.Context, case: Case) -> SafeString:
    """What this seat may do with a case from its row: press the holder, give it to another person."""
    request = context["request"]
    return quick.buttons(case, request.acting, request.get_full_path())
