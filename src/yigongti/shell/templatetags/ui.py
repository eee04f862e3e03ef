"""``{% load ui %}``: the small parts every page is made of, as tags: icons, badges, deadlines, figures, bars.

Nothing here reads the database. Colour is never alone: a tone always comes with its icon or its word. No tag
writes a ``style`` attribute, because the content-security policy forbids inline styles.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from yigongti.kernel import calendar, money
from yigongti.kernel.markup import (
    NOTHING,
    badge,
    clock,
    day,
    deadline,
    draw,
    format_html,
    stage,
    stamp,
    tone_of,
    when,
)

register = template.Library()

# --- icons, badges, moments: the kernel's, under the names that templates use ---------------------

register.simple_tag(draw, name="icon")
register.simple_tag(badge)
register.simple_tag(stage)
register.simple_tag(when)
register.simple_tag(deadline)
register.filter("day", day)
register.filter("stamp", stamp)
register.filter("clock", clock)
register.filter("tone", tone_of)


@register.simple_tag
def server_now() -> str:
    """The server's clock as ISO text, so that the browser's own clock does not matter."""
    return calendar.now().isoformat()


@register.simple_tag
def age(birth: date | None, on: date | None = None) -> str:
    """An age in the unit a clinician expects; a dash where the birthday is unknown."""
    return NOTHING if birth is None else calendar.age(birth, on).text


# --- numbers ----------------------------------------------------------------------------------


@register.filter(name="yuan")
def yuan_text(fen: int | None) -> str:
    """fen → 1,234.50; a dash for None."""
    return NOTHING if fen is None else money.yuan(fen)


@register.simple_tag
def yuan(fen: int | None) -> SafeString:
    """fen → 1,234.50 in tabular figures."""
    return format_html('<span class="num nowrap">{}</span>', yuan_text(fen))


@register.filter
def count(value: int | None) -> str:
    """1431 → 1,431; a dash for None."""
    return NOTHING if value is None else f"{value:,}"


@register.simple_tag
def total(shown: int, of: int, unit: str = "条") -> str:
    """What a list shows of how many: 共 12 条, or 显示 200 条，共 1,431 条."""
    return f"共 {of:,} {unit}" if shown >= of else f"显示 {shown:,} {unit}，共 {of:,} {unit}"


@register.simple_tag
def figure(value: Any, label: str, url: str = "", unit: str = "", note: str = "", tone: str = "") -> SafeString:
    """A figure that opens its explanation: definition, clause, parameters, rows."""
    text = NOTHING if value is None else f"{value:,}" if isinstance(value, int) else str(value)
    inner = format_html(
        '<span class="label">{}</span><span class="value">{}{}</span>{}',
        label,
        text,
        format_html("<small>{}</small>", unit) if unit and value is not None else "",
        format_html('<span class="note">{}</span>', note) if note else "",
    )
    if url:
        return format_html('<a class="figure" href="{}" data-tone="{}">{}</a>', url, tone, inner)
    return format_html('<div class="figure" data-tone="{}">{}</div>', tone, inner)


def _bar(part: float, whole: float, css: str = "") -> SafeString:
    width = 0.0 if whole <= 0 else max(0.0, min(100.0, 100.0 * part / whole))
    return format_html(
        '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rail" width="100" height="12"/><rect class="{}" width="{}" height="12"/></svg>',
        css,
        f"{width:.2f}",
    )


def _written(value: Any) -> str:
    """1431 and 1431.0 → 1,431; 0.5 → 0.5."""
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,}"


@register.simple_tag
def bars(rows: Iterable[Sequence[Any]], caption: str = "", unit: str = "") -> SafeString:
    """A breakdown: (label, value[, url]) rows as bars and, in the same table, as figures."""
    listed = [tuple(row) for row in rows]
    most = max((float(row[1]) for row in listed), default=0.0)
    lines = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td>{}</td><td class="num">{}</td></tr>',
        (
            (
                format_html('<a href="{}">{}</a>', row[2], row[0]) if len(row) > 2 and row[2] else row[0],
                _bar(float(row[1]), most),
                _written(row[1]),
            )
            for row in listed
        ),
    )
    heading = f"{caption}（{unit}）" if caption and unit else caption
    return format_html(
        '<table class="bars">{}<tbody>{}</tbody></table>',
        format_html("<caption>{}</caption>", heading) if heading else "",
        lines,
    )


@register.simple_tag
def share(part: int, whole: int) -> SafeString:
    """A part of a whole: small bar and 12 / 40（30.0%）; without a whole only a dash."""
    if not whole:
        return mark_safe(NOTHING)
    return format_html(
        '<span class="share">{}<span>{} / {}（{}%）</span></span>',
        _bar(part, whole),
        f"{part:,}",
        f"{whole:,}",
        f"{100 * part / whole:.1f}",
    )


# --- addresses of the same page ----------------------------------------------------------------


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The present query string with *changes*; None removes. Another filter starts at the first page."""
    now = context["request"].GET.copy()
    if "page" not in changes:
        now.pop("page", None)
    for name, value in changes.items():
        if value is None or value == "":
            now.pop(name, None)
        else:
            now[name] = value
    return "?" + now.urlencode()


@register.simple_tag(takes_context=True)
def sort(context: template.Context, name: str, label: str, css: str = "") -> SafeString:
    """A sortable column's head: first click ascending, second descending."""
    present = context["request"].GET.get("sort", "")
    up, down = present == name, present == f"-{name}"
    state = "ascending" if up else "descending" if down else "none"
    return format_html(
        '<th scope="col" class="{}" data-col="{}" aria-sort="{}"><a href="{}">{}{}</a></th>',
        css,
        name,
        state,
        query(context, sort=f"-{name}" if up else name),
        label,
        draw("arrow-up" if up else "arrow-down" if down else "arrows-sort"),
    )


@register.simple_tag(takes_context=True)
def pager(context: template.Context, page: Any) -> SafeString:
    """Previous and next page; nothing where there is only one."""
    pages = page.paginator.num_pages
    if pages <= 1:
        return mark_safe("")

    def link(shown: bool, number: int, text: str, mark: str, rel: str) -> SafeString:
        if not shown:
            return format_html('<span class="button small" aria-disabled="true">{}{}</span>', draw(mark), text)
        return format_html(
            '<a class="button small" rel="{}" href="{}">{}{}</a>', rel, query(context, page=number), draw(mark), text
        )

    has_next, has_previous = page.has_next(), page.has_previous()
    return format_html(
        '<nav class="pager" aria-label="翻页">{}<span>第 {} / {} 页</span>{}</nav>',
        link(has_previous, page.previous_page_number() if has_previous else 0, "上一页", "chevron-left", "prev"),
        page.number,
        pages,
        link(has_next, page.next_page_number() if has_next else 0, "下一页", "chevron-right", "next"),
    )


_ROOM = '<li{over}><a class="room" href="{url}"{here} title="{title}">{icon}<span>{title}</span>{count}</a></li>'


@register.simple_tag
def room_list(rooms: Sequence[Any], path: str) -> SafeString:
    """The rooms on the left, the present one marked; a telephone shows four of more than five.

    Written here, not in the template: every page has them, and through the template language they are a third of its frame.
    """
    over = len(rooms) > 5
    return SafeString("".join(_room(room, path, over and at > 4) for at, room in enumerate(rooms, 1)))


def _room(room: Any, path: str, over: bool) -> SafeString:
    here = mark_safe(' aria-current="page"' if room.here or room.url == path else "")
    shown = format_html('<b>{}<span class="sr"> 项</span></b>', count(room.count)) if room.count else ""
    return format_html(
        _ROOM, over=mark_safe(' class="over"' if over else ""), url=room.url, here=here, title=room.title,
        icon=draw(room.icon), count=shown,
    )  # fmt: skip


@register.simple_tag
def room_tabs(tabs: Sequence[Any]) -> SafeString:
    """The parts of the room one is in, as tabs; nothing where it has none."""
    if not tabs:
        return mark_safe("")
    links = (
        format_html('<a href="{}"{}>{}</a>', tab.url, mark_safe(' aria-current="page"' if tab.here else ""), tab.title)
        for tab in tabs
    )
    return format_html('<nav class="tabs" aria-label="本栏目">{}</nav>', mark_safe("".join(links)))


@register.simple_tag
def crumb(title: str, url: str = "") -> SafeString:
    """One step of the breadcrumb; the last, without address, is the page itself."""
    if url:
        return format_html('<li><a href="{}">{}</a></li>', url, title)
    return format_html('<li><span aria-current="page">{}</span></li>', title)


@register.simple_tag
@cache
def unchanging(name: str) -> SafeString:
    """``{% unchanging "part.html" %}``: a part that depends on nothing but the code, drawn once a process."""
    return render_to_string(name)


# --- pieces -----------------------------------------------------------------------------------


@register.simple_tag
def masked(text: str, url: str = "", what: str = "完整内容") -> SafeString:
    """A masked value; *url* answers with the whole one and writes who looked into the log."""
    if not text:
        return mark_safe(NOTHING)
    if not url:
        return format_html('<span class="masked">{}</span>', text)
    return format_html(
        '<span class="masked">{}<button type="button" hx-get="{}" hx-target="closest .masked" hx-swap="outerHTML" '
        'aria-label="显示{}（查看会被记录）" title="查看会被记录">{}显示</button></span>',
        text,
        url,
        what,
        draw("eye"),
    )


@register.simple_tag
def empty(title: str, text: str = "", url: str = "", label: str = "", icon: str = "inbox") -> SafeString:
    """What a list says when nothing is in it, and what to do next."""
    return format_html(
        '<div class="empty">{}<b>{}</b>{}{}</div>',
        draw(icon),
        title,
        format_html("<p>{}</p>", text) if text else "",
        format_html('<a class="button" href="{}">{}</a>', url, label) if url else "",
    )


@register.simple_tag
def client_id(kept: UUID | str | None = None) -> SafeString:
    """The id under which a form is sent: the same one again has the same, single effect."""
    return format_html('<input type="hidden" name="client_id" value="{}">', kept or uuid4())


@register.simple_block_tag
def dialog(content: str, ident: str, title: str) -> SafeString:
    """``{% dialog "id" "标题" %}…{% enddialog %}``; opened by a button with ``data-opens="id"``."""
    return format_html(
        '<dialog class="dialog" id="{0}" aria-labelledby="{0}-title"><header><h2 id="{0}-title">{1}</h2>'
        '<button type="button" class="button quiet small" data-closes aria-label="关闭">{2}</button></header>'
        '<div class="dialog-body">{3}</div></dialog>',
        ident,
        title,
        draw("x"),
        content,
    )


@register.simple_block_tag
def card(
    content: str, title: str, id: str = "", icon: str = "", note: str = "", link: str = "", link_text: str = "",
    css: str = "",
) -> SafeString:  # fmt: skip
    """``{% card "标题" %}…{% endcard %}``: a section with its heading."""
    return format_html(
        '<section class="card {}"{}><header>{}<h2>{}</h2>{}{}</header>{}</section>',
        css,
        format_html(' id="{}"', id) if id else "",
        draw(icon) if icon else "",
        title,
        format_html('<span class="note">{}</span>', note) if note else "",
        format_html('<a class="more" href="{}">{}</a>', link, link_text) if link else "",
        content,
    )
