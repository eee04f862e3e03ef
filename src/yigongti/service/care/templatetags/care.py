"""``{% load care %}``: the lines of a unit's day, written row by row as long lists are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from yigongti.kernel.markup import NOTHING, badge, clock, format_html
from yigongti.service.care.queries import DayLine

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


@cache
def _address() -> str:
    return reverse("care:visit", args=[1]).replace("1", "{}")
