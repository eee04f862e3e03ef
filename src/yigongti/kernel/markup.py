"""The smallest parts of a page as HTML: icons, badges, moments, time limits; the tags of ``{% load ui %}`` are these.

They stand in the kernel so that long lists can be written row by row in Python. Nothing here reads the database. Colour is
never alone: a tone always comes with its icon or its word. Nothing writes a ``style`` attribute.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from html import escape
from typing import Any

from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

from yigongti.kernel import calendar

NOTHING = "—"
TONES = {"late": "alert-triangle", "due": "clock", "fine": "circle-check", "info": "point", "plain": ""}
"""Tone → the icon that says the same without colour."""


def format_html(pattern: str, *args: Any, **kwargs: Any) -> SafeString:
    """`pattern` with every value escaped unless it is safe; Django's own, a third of its time.

    A page of fifty rows asks a thousand times. Lazy texts are resolved here, and nothing is put off.
    """
    return SafeString(
        pattern.format(*[_safe(one) for one in args], **{name: _safe(one) for name, one in kwargs.items()})
    )


def _safe(value: Any) -> str:
    if value.__class__ is SafeString:
        return value
    return value.__html__() if hasattr(value, "__html__") else escape(str(value))


# --- icons and badges -------------------------------------------------------------------------


@cache
def _sprite() -> str:
    return static("dist/icons.svg")


def draw(name: str, text: str = "") -> SafeString:
    """An icon of the sprite; with *text* it is read out, without it is decoration."""
    if text:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>', text, _sprite(), name
        )
    return _plain_icon(name)


@cache
def _plain_icon(name: str) -> SafeString:
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', _sprite(), name)


def badge(tone: str, text: str) -> SafeString:
    """A status as icon and word. *tone*: late, due, fine, info or plain; raises KeyError for another."""
    mark = TONES[tone]
    return format_html('<span class="badge" data-tone="{}">{}{}</span>', tone, draw(mark) if mark else "", text)


def stage(case: Any) -> SafeString:
    """How far the clock of a case has gone: nothing while on time, then 已提醒, 已升级, 已报总部."""
    if not case.stage or case.closed_at is not None:
        return mark_safe("")
    return badge("due" if case.stage == 1 else "late", case.get_stage_display())


def day(value: date | datetime | None) -> str:
    """2026-03-05 in Asia/Shanghai; a dash for None."""
    if value is None:
        return NOTHING
    return (calendar.local(value) if isinstance(value, datetime) else value).strftime("%Y-%m-%d")


def stamp(value: datetime | None) -> str:
    """2026-03-05 14:20 in Asia/Shanghai; a dash for None."""
    return NOTHING if value is None else calendar.local(value).strftime("%Y-%m-%d %H:%M")


def clock(value: datetime | None) -> str:
    """14:20 in Asia/Shanghai; a dash for None."""
    return NOTHING if value is None else calendar.local(value).strftime("%H:%M")


def when(value: datetime | None, relative: bool = False) -> SafeString:
    """A moment: absolute with the relative words as its title, or the other way round."""
    if value is None:
        return mark_safe(NOTHING)
    ago = calendar.since(value)
    if relative:
        return format_html(
            '<time datetime="{}" title="{}" data-relative>{}</time>', value.isoformat(), stamp(value), ago
        )
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), ago, stamp(value))


def tone_of(of: Any, now: datetime | None = None) -> str:
    """late, due or "" for a case (due, stage, next_at, closed_at) or a moment."""
    now = now or calendar.now()
    due = of if isinstance(of, datetime) else getattr(of, "due", None)
    if due is None or getattr(of, "closed_at", None) is not None:
        return ""
    if due < now or getattr(of, "stage", 0) >= 2:
        return "late"
    reminder = _reminder(of)
    return "due" if getattr(of, "stage", 0) == 1 or (reminder is not None and reminder <= now) else ""


def _reminder(of: Any) -> datetime | None:
    return getattr(of, "next_at", None) if getattr(of, "stage", None) == 0 else None


def deadline(of: Any) -> SafeString:
    """A time limit, absolute and in words, with its tone; kept true in the browser.

    *of* is a case (``due``, ``closed_at``, ``stage``, ``next_at``), an aware moment, or None.
    """
    closed = getattr(of, "closed_at", None)
    if closed is not None:
        return format_html('<span class="deadline"><span class="rel">已于 {} 结束</span></span>', when(closed))
    due = of if isinstance(of, datetime) or of is None else of.due
    if due is None:
        return mark_safe('<span class="deadline"><span class="rel">无时限</span></span>')
    tone = tone_of(of)
    reminder = _reminder(of)
    return format_html(
        '<span class="deadline" data-tone="{}" data-due="{}"{}><time datetime="{}">{}</time>'
        '<span class="rel">{}<span>{}</span></span></span>',
        tone,
        due.isoformat(),
        format_html(' data-remind="{}"', reminder.isoformat()) if reminder else "",
        due.isoformat(),
        stamp(due),
        draw(TONES[tone]) if tone else "",
        calendar.until(due),
    )
