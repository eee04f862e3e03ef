"""A field as HTML, written in Python: forty fields through included templates took half the time of a page.

The two shapes that hold many inputs, consent and table, stay templates. Every text is escaped by `format_html`.
"""

from __future__ import annotations

from html import escape
from itertools import groupby
from operator import attrgetter

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from yigongti.kernel.markup import draw as icon
from yigongti.kernel.markup import format_html

from .render import Control, Option

NOTHING = SafeString("")
MUST, MAY = SafeString('<span class="must">必填</span>'), SafeString('<span class="opt">选填</span>')


def field(control: Control) -> SafeString:
    """Label, input, help, where a known value comes from, what is wrong."""
    asked, described = control.field, control.described_by
    more = SafeString("")
    if control.when_value:
        more = format_html(' data-when="{}" data-when-value="{}"', asked.when[0], control.when_value)  # type: ignore[index]
    if control.grouped and described:
        more += format_html(' aria-describedby="{}"', described)
    open_label, close_label = (
        (format_html('<legend id="{}" tabindex="-1">', control.id), SafeString("</legend>"))
        if control.grouped
        else (format_html('<label for="{}">', control.id), SafeString("</label>"))
    )
    return format_html(
        '<{tag} class="field w-{width}{bad}{required}" id="w-{id}"{more}>\n{open}{label} {must}{close}\n{inner}\n{below}</{tag}>',
        tag=control.tag, width=control.width, bad=" bad" if control.problem else "", required=" required" if asked.required else "",
        id=control.id, more=more, open=open_label, label=asked.label, must=MUST if asked.required else MAY, close=close_label,
        inner=_inner(control), below=_below(control),
    )  # fmt: skip


def _inner(control: Control) -> SafeString:
    if control.shape == "options":
        return options(control)
    if control.shape in ("consent", "table"):
        return render_to_string(f"form/{control.shape}.html", {"control": control})
    return box(control)


def _below(control: Control) -> SafeString:
    lines = NOTHING
    if control.field.help:
        lines += format_html('<p class="help" id="h-{}">{}</p>', control.id, control.field.help)
    if control.origin:
        lines += format_html('<p class="source">{}来自 {}</p>', icon("database-import"), control.origin)
    if control.problem:
        lines += format_html('<p class="error" id="e-{}">{}{}</p>', control.id, icon("alert-circle"), control.said)
    return lines


def options(control: Control) -> SafeString:
    """Choices beside or below each other."""
    made = "".join(_option(control, one, one.note) for one in control.options)
    return mark_safe(f'<div class="options{" column" if control.stacked else ""}">{made}</div>')


def options_by_note(control: Control) -> SafeString:
    """Many choices in rows, each headed by the note that its choices have in common."""
    rows = (
        f'<div class="form-row"><span class="muted">{escape(note)}</span>'
        f'<div class="options">{"".join(_option(control, one) for one in group)}</div></div>'
        for note, group in groupby(control.options, attrgetter("note"))
    )
    return mark_safe("".join(rows))


def _option(control: Control, one: Option, note: str = "") -> str:
    kind, ident = "checkbox" if control.multiple else "radio", escape(one.id)
    return (
        f'<label class="option" for="{ident}"><input type="{kind}" id="{ident}" name="{escape(control.name)}"'
        f' value="{escape(one.code)}"{" checked" if one.on else ""}><span>{escape(one.label)}'
        f"{f' <small>{escape(note)}</small>' if note else ''}</span></label>"
    )


def box(control: Control) -> SafeString:
    """One input: a line, several lines, a list to open, or a list to look up."""
    asked = control.field
    name, placed = control.name, _attribute("placeholder", asked.placeholder)
    unit = format_html('<span class="unit">{}</span>', control.unit) if control.unit else NOTHING
    if control.shape == "longtext":
        return format_html(
            '<div class="control"><textarea name="{}" rows="{}"{}{}>\n{}</textarea></div>',
            name, control.height, control.attributes, placed, control.text,
        )  # fmt: skip
    if control.shape == "select":
        made = "".join(
            f'<option value="{escape(one.code)}"{" selected" if one.on else ""}>{escape(one.label)}'
            f"{f'（{escape(one.note)}）' if one.note else ''}</option>"
            for one in control.options
        )
        return format_html(
            '<div class="control"><select name="{}"{}><option value="">请选择</option>{}</select>{}</div>',
            name, control.attributes, mark_safe(made), unit,
        )  # fmt: skip
    if control.shape == "lookup":
        return format_html(
            '<div class="control lookup"{}><input type="text" name="{}__q" role="combobox" aria-expanded="false"'
            ' autocomplete="off" placeholder="{}" value="{}"{}><input type="hidden" name="{}" value="{}"></div>',
            _attribute("data-lookup", control.lookup_url), name, asked.placeholder or "名称、拼音首字母或编码", control.text,
            control.attributes, name, control.code,
        )  # fmt: skip
    return format_html(
        '<div class="control"><input type="{}" name="{}" value="{}"{} autocomplete="off"{}{}>{}</div>', control.type, name,
        control.text, _attribute("inputmode", control.inputmode), placed, control.attributes, unit,
    )  # fmt: skip


def _attribute(name: str, value: str) -> SafeString:
    return format_html(' {}="{}"', name, value) if value else NOTHING
