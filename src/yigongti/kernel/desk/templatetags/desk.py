"""Words for a desk's pages, and what has happened to a case, written line by line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django import template
from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from yigongti.kernel import calendar, wiring
from yigongti.kernel.case.facade import Case, Flow
from yigongti.kernel.case.flow import SIDE_TITLES, Side
from yigongti.kernel.desk import quick
from yigongti.kernel.desk.detail import Happened
from yigongti.kernel.markup import badge, format_html, when

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
def limit_link(context: template.Context, key: str) -> SafeString | str:
    """A state's limit as it is in force where the seat sits, in words, with the way to its page; the key where nobody tells it."""
    ports, acting = wiring.offer("PORTS", {}), context["request"].acting
    told, address = ports.get("describe_parameter"), ports.get("parameter_url")
    text = told(key, acting.place, calendar.today()).text if told is not None else key
    url = address(key) if address is not None else ""
    return format_html('<a href="{}">{}</a>', url, text) if url else text


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


@register.simple_tag
def happened(timeline: Sequence[Happened], closed_at: datetime | None) -> SafeString:
    """The entries of a case's timeline, the newest last; of an open case the last is the present one."""
    last = len(timeline) - 1
    return SafeString("".join(_entry(one, at == last, closed_at is None) for at, one in enumerate(timeline)))


def _entry(one: Happened, last: bool, open: bool) -> SafeString:
    entry, said = one.entry, SafeString("")
    if entry.late or one.waited:
        said += format_html(
            '<div class="body muted">{}{}</div>', f"上一步历时 {one.waited}" if one.waited else "",
            format_html(" {}", badge("late", "逾期办理")) if entry.late and entry.kind == "act" else "",
        )  # fmt: skip
    if entry.filled_at:
        said += format_html('<div class="body muted">无网络时填写：{}</div>', when(entry.filled_at))
    if entry.note:
        said += format_html('<div class="body">{}</div>', linebreaksbr(entry.note))
    if one.lines:
        told = render_to_string("form/values.html", {"lines": one.lines})
        if one.folded:
            told = format_html(
                "<details{}><summary>填写的内容（{} 项）</summary>{}</details>", mark_safe(" open" if last else ""),
                len(one.lines), told,
            )  # fmt: skip
        said += format_html('<div class="body">{}</div>', told)
    return format_html(
        '<li data-tone="{}"{}><div class="at">{}</div><div class="head"><b>{}</b> <span class="by">{}</span></div>{}</li>',
        one.tone, mark_safe(' class="now"') if last and open else "", when(entry.at), entry.title, one.who, said,
    )  # fmt: skip
