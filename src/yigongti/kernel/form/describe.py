"""Values told to a reader: label, value with its unit, tables with their heads. For detail pages,
timelines and print.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.money import yuan

from .description import Field, Form
from .env import Env
from .masking import mask
from .values import Chosen, Consent, Picked, load

NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Line:
    """One answer: ``text`` with its unit; for a table ``heads`` and ``rows`` of texts (``text`` says how
    many).

    ``group`` is the heading the field stands under; ``long`` tells a page to give it the full width.
    """

    name: str
    label: str
    text: str
    group: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    long: bool = False


def describe(form: Form, values: Mapping[str, Any]) -> list[Line]:
    """Every answered question in the form's order; unanswered ones are left out. Takes typed or stored
    values.
    """
    lines: list[Line] = []
    for group, fields in form.parts():
        for field in fields:
            value = load(field, values.get(field.name))
            if value is None or value == () or value == "" or _unnamed(field, value):
                continue
            lines.append(_line(field, value, group.title))
    return lines


def _unnamed(field: Field, value: Any) -> bool:
    """Whether the value is the bare id of something that was offered only then: no reader can use it."""
    return (
        field.kind == "choice"
        and callable(field.choices)
        and not isinstance(value, Chosen)
        and isinstance(value, str)
        and value.isdigit()
    )


def _line(field: Field, value: Any, group: str) -> Line:
    if field.kind == "table" and isinstance(value, tuple):
        heads = tuple(f"{c.label}（{c.unit}）" if c.unit else c.label for c in field.columns)
        rows = tuple(
            tuple(
                readable(c, row.get(c.name), unit=False) if isinstance(row, Mapping) else NOTHING for c in field.columns
            )
            for row in value
        )
        return Line(field.name, field.label, f"{len(rows)} 行", group, heads, rows, long=True)
    text = readable(field, value)
    return Line(field.name, field.label, text, group, long=field.kind in ("longtext", "consent") or len(text) > 40)


def readable(field: Field, value: Any, *, unit: bool = True) -> str:
    """One value as text; a value that does not fit its kind any more is shown as it is stored."""
    if value is None or value == "" or value == ():
        return NOTHING
    text = _text(field, value)
    if unit and field.unit and field.kind != "fen":
        return f"{text} {field.unit}"
    if unit and field.kind == "fen":
        return f"{text} 元"
    return text


def _text(field: Field, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if field.kind == "fen" and isinstance(value, int):
        return yuan(value)
    if isinstance(value, datetime):
        return calendar.local(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Picked):
        return f"{value.label}（{value.code}）" if field.kind == "code" else value.label
    if isinstance(value, Consent):
        said = f"{value.by}（{value.relation}）于 {calendar.local(value.at):%Y-%m-%d %H:%M} 同意"
        return f"{said}，{value.recorder}记录" if value.recorder else said
    if field.kind in ("choice", "choices"):
        labels = _labels(field)
        items = value if isinstance(value, (list, tuple)) else (value,)
        return "、".join(item.label if isinstance(item, Chosen) else labels.get(str(item), str(item)) for item in items)
    if field.masked and isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return str(value.get("label") or value.get("code") or "")
    return str(value)


def _labels(field: Field) -> dict[str, str]:
    """Labels of fixed choices; those offered by a callable carry theirs with them and are not asked for again."""
    return {} if callable(field.choices) else {choice.code: choice.label for choice in field.options(Env.here())}
