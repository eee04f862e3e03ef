"""How the fund's numbers are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from yigongti.benefit.fund.models.claims import spoken
from yigongti.benefit.fund.parameters.settlement import Cited
from yigongti.benefit.fund.queries.explaining import Explained
from yigongti.benefit.fund.rules.dip import group_words, points_text
from yigongti.benefit.fund.rules.explaining import Step
from yigongti.kernel import money
from yigongti.kernel.markup import format_html
from yigongti.policy import facade as policy

register = template.Library()
register.filter("group_words", group_words)


@register.filter
def percent(bp: int) -> str:
    """Basis points as a percentage."""
    return money.percent(bp)


@register.filter
def score(bp: int) -> str:
    """A frozen score: 82.35 of a hundred, as it was weighed."""
    return f"{bp / 100:.2f}"


@register.filter
def number(claim: Any) -> str:
    """A claim's number as people say it: J2025…"""
    return spoken(claim.pk, claim.end_date)


@register.filter
def number_of(claim: Any) -> str:
    """The same for a claim as the rule takes it."""
    return spoken(claim.claim_id, claim.end_date)


@register.filter
def wan(fen: int) -> str:
    """万元 with two decimals, for large figures."""
    return f"{'-' if fen < 0 else ''}{money.half_up(abs(fen), 10_000) / 100:,.2f}"


@register.filter
def titled(name: str, titles: Mapping[str, str]) -> SafeString:
    """A group as it is read, with the name of its diagnosis behind (`titles` by group)."""
    title = titles.get(name, "")
    return (
        format_html("{} <small>{}</small>", group_words(name), title) if title else format_html("{}", group_words(name))
    )


def group_label(name: str, titles: Mapping[str, str]) -> str:
    """A group beside a bar, where there is little room: its code, kind and name, without saying that nothing was operated."""
    words, title = group_words(name), titles.get(name, "")
    return f"{words.removesuffix(' 无手术操作')} {title}" if title else words


@register.filter
def signed(fen: int) -> str:
    """Yuan with a sign, for differences."""
    return money.yuan(fen, sign=True)


@register.filter
def last_reason(rows: Sequence[Any]) -> str:
    """Why the last row of a claim was written."""
    return str(rows[-1].reason) if rows else ""


@register.filter
def points(milli: int | None) -> str:
    """Thousandths of a point as points; a dash for none."""
    return "—" if milli is None else points_text(milli)


@register.filter
def share(bp: int | None) -> str:
    """Signed basis points as a percentage; a dash for none."""
    return "—" if bp is None else ("+" if bp > 0 else "") + money.percent(bp)


@register.filter
def cells(row: Sequence[Any], sheet: Any) -> list[tuple[str, bool, str]]:
    """A sheet's row as (head, whether a number, text)."""
    return [(head, number, sheet.text(value)) for (head, number), value in zip(sheet.columns, row, strict=True)]


@register.filter
def is_long(text: str) -> bool:
    """Whether a cell should be broken into lines."""
    return len(text) > 24


@register.filter
def signed_wan(fen: int) -> str:
    """万元 with two decimals and a sign."""
    return ("+" if fen > 0 else "") + wan(fen)


@register.filter
def only_moved(text: str, other: str) -> str:
    """Of a value in several lines those that the other side does not have; a value of one line as it is."""
    lines, there = text.splitlines(), set(other.splitlines())
    kept = text if len(lines) < 2 else "\n".join(line for line in lines if line not in there) or text
    return kept.replace(" | ", " ")


STATUS_TONES = {"confirmed": "fine", "unconfirmed": "due", "assumed": "info"}


@register.filter
def status_word(status: str) -> str:
    """How far a parameter may be trusted."""
    return policy.STATUSES.get(status, status)


@register.filter
def status_tone(status: str) -> str:
    """The tone of that."""
    return STATUS_TONES.get(status, "plain")


@register.filter
def total_fen(claims: Sequence[Any]) -> int:
    """All charges of some claims."""
    return sum(one.total_fen for one in claims)


# ---- a settlement explained: the page that refers a patient shows seven of them, written here row by row -------------------

_PAYERS = (
    '<div class="table-wrap" tabindex="0"><table class="table plain"><caption class="sr">由谁支付</caption><thead><tr>'
    '<th scope="col">由谁支付</th><th scope="col">哪一部分</th><th scope="col" class="num">金额（元）</th></tr></thead><tbody>{}'
    '<tr><td></td><td><b>总费用</b></td><td class="num"><b>{}</b></td></tr></tbody></table></div>\n'
)


@register.simple_tag
def told(explained: Explained, total_fen: int, staff: object = False, open: object = False) -> SafeString:
    """Who pays which part, then the steps with their clauses; for `staff` a clause leads to its policy, `open` unfolds the steps."""
    payers = "".join(
        f'<tr><td>{escape(one.payer)}</td><td>{escape(one.title)}</td><td class="num">{money.yuan(one.fen)}</td></tr>'
        for one in (*explained.funds, *explained.person)
    )
    steps = "".join(_step(step, cited, bool(staff), bool(open)) for step, cited in explained.steps)
    return format_html(_PAYERS, mark_safe(payers), money.yuan(total_fen)) + mark_safe(f"{steps}\n")


def _step(step: Step, cited: Sequence[Cited], staff: bool, open: bool) -> SafeString:
    lines = "".join([f"<p>{escape(text)}</p>" for text in step.lines])
    clauses = "".join(_clause(one, staff) for one in cited)
    came = step.result if step.result_fen is None else f"{money.yuan(step.result_fen)} 元"
    return format_html(
        '<details class="act"{}><summary>{}{}</summary>{}</details>', mark_safe(" open" if open else ""), step.title,
        f"：{came}" if came else "", mark_safe(lines + clauses),
    )  # fmt: skip


@lru_cache(maxsize=512)
def _clause(one: Cited, staff: bool) -> SafeString:
    title = format_html('<a href="/policy/{}/">{}</a>', one.key, one.title) if staff else one.title
    return format_html('<p class="muted">依据：{}，{}</p>', title, one.text)
