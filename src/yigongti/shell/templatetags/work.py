"""``{% load work %}``: the lines of *my work*, written row by row: fifty of them through templates take as long as their query."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from yigongti.kernel.case.queries import WorkItem
from yigongti.kernel.desk import quick
from yigongti.kernel.markup import badge, deadline, draw, format_html, stamp

register = template.Library()

_LINE = (
    '<li data-tone="{tone}">\n<div class="who"><a class="row" href="{href}">{title}</a>{urgent}</div>\n'
    '<div class="what">{flow} · {state} <small>{way} · <span class="nowrap">{entered} 起</span></small></div>\n'
    '<div class="when">{due}</div>\n'
    '<div class="else">{mark}{holder}{next}</div>\n<div class="do">{button}</div></li>'
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BUTTON = '<a class="button{first} small" data-key="1" href="{href}">{title}</a>'


@register.simple_tag(takes_context=True)
def work_list(context: template.Context, items: Sequence[WorkItem], sent: bool = False) -> SafeString:
    """Lines of work, one key away from their main action; `sent`: what the seat sent, with who holds it.

    Where a line is somebody else's turn, its holder can be pressed; the page then carries the form of `press_form`.
    """
    request = context["request"]
    back = request.get_full_path()
    lines = "".join(
        _line(
            item, sent, first=place == 0, acts="" if item.main else quick.buttons(item.case, request.acting, back)
        )
        for place, item in enumerate(items)
    )  # fmt: skip
    return mark_safe(f'<ol class="work-list" data-keys>{lines}</ol>')


def _line(item: WorkItem, sent: bool, *, first: bool, acts: str) -> SafeString:
    case = item.case
    way = (
        case.from_unit.name if case.from_unit_id == case.to_unit_id else f"{case.from_unit.name} → {case.to_unit.name}"
    )
    button = acts
    if item.main:
        href = _addresses()[1].format(case.pk, item.main.code)
        button = format_html(_BUTTON, first=" primary" if first else "", href=href, title=item.main.title)
    return format_html(
        _LINE, tone="late" if item.late else "due" if case.stage else "", href=_addresses()[0].format(case.pk),
        title=_unbroken(case.title), urgent=format_html(" {}", badge("late", "急")) if case.priority == 2 else "",
        flow=item.flow.title, state=item.state.title, way=way, entered=stamp(case.entered_at), due=deadline(case),
        mark=draw("user" if sent else "arrow-right"), holder=f"现由 {item.holder} 处理；" if sent else "",
        next=item.next_what, button=button,
    )  # fmt: skip


def _unbroken(title: str) -> SafeString:
    """A title whose days stay on one line."""
    return mark_safe(_DAY.sub(r'<span class="nowrap">\g<0></span>', escape(title)))


@cache
def _addresses() -> tuple[str, str]:
    """Addresses of a case and of an act on it, with places for id and act."""
    act = reverse("desk:do", args=[1, "act"]).replace("1", "{}").replace("act", "{}")
    return reverse("desk:case", args=[1]).replace("1", "{}"), act
