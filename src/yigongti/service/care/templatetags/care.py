"""``{% load care %}``: the lines of a unit's day and of a person's visits, written row by row as long lists are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from django import template
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from yigongti.kernel.markup import NOTHING, badge, clock, format_html, when
from yigongti.service.care.queries import DayLine, VisitLine

register = template.Library()

_ROW = (
    '<tr{tone}><td data-label="患者" class="lead"><a class="row" href="{href}">{patient}</a> <small>{age_sex}</small></td>'
    '<td data-label="状态">{state}</td><td data-label="时间">{at}</td><td data-label="方式">{kind}</td>'
    '<td data-label="主诉">{complaint}</td><td data-label="诊断">{diagnosis}</td><td data-label="医生">{doctor}</td></tr>'
)


@register.simple_tag
def day_rows(lines: Sequence[DayLine]) -> SafeString:
    """The rows of the table of a day."""
    return SafeString("".join(_row(one) for one in lines))


def _row(one: DayLine) -> SafeString:
    return format_html(
        _ROW, tone=mark_safe(' data-tone="due"' if one.open else ""), href=_address().format(one.id), patient=one.patient,
        age_sex=one.age_sex, state=badge("due", "接诊中") if one.open else badge("fine", "已完成"), at=clock(one.started_at),
        kind=one.kind, complaint=one.complaint or NOTHING, diagnosis=one.diagnosis or NOTHING, doctor=one.doctor,
    )  # fmt: skip


@register.simple_tag
def visit_lines(visits: Sequence[VisitLine], current: object = None, linked: object = False) -> SafeString:
    """A person's visits, the newest first; `current` is the one that the page is about, `linked` whether each opens."""
    return SafeString(
        f'<ol class="timeline">{"".join(_visit(one, one.id == current, bool(linked)) for one in visits)}</ol>'
    )


def _visit(one: VisitLine, now: bool, linked: bool) -> SafeString:
    said = format_html("<b>{}</b>", one.principal_name)
    plan = linebreaksbr(conditional_escape(Truncator(one.plan).chars(PLAN))) if one.plan else ""
    return format_html(
        '<li{}{}><div class="at">{}</div><div class="head">{} <span class="by">{} · {} {}</span></div>'
        '<div class="body">{}{}{}</div></li>',
        mark_safe(' class="now"') if now else "", mark_safe(' data-tone="due"') if one.open else "", when(one.started_at),
        format_html('<a href="{}">{}</a>', _address().format(one.id), said) if linked else said, one.kind_title, one.unit_name,
        one.doctor, one.chief_complaint, mark_safe("<br>") if plan else "", plan,
    )  # fmt: skip


PLAN = 120
"""Characters shown of a plan."""


@cache
def _address() -> str:
    return reverse("care:visit", args=[1]).replace("1", "{}")
