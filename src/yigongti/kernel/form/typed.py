"""The way back: a value as the texts a browser would send for it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from yigongti.kernel import calendar

from .choice import RELATIONS
from .description import Field
from .sent import Sent
from .values import Consent, Picked, load


def typed(field: Field, value: Any, name: str) -> Sent:
    """A typed (or stored) value as the texts a browser would send for it."""
    value = load(field, value)
    if value is None or value == "":
        return {}
    if field.kind == "table" and isinstance(value, (list, tuple)):
        texts: Sent = {}
        for number, row in enumerate(value):
            for column in field.columns:
                texts.update(typed(column, row.get(column.name), f"{name}-{number}-{column.name}"))
        return texts
    if isinstance(value, Consent):
        codes = {choice.label: choice.code for choice in RELATIONS}
        at = calendar.local(value.at).strftime("%Y-%m-%dT%H:%M")
        relation = codes.get(value.relation, value.relation)
        return {name: ["yes"], f"{name}-by": [value.by], f"{name}-relation": [relation], f"{name}-at": [at]}
    if isinstance(value, Picked):
        return {name: [value.code], f"{name}__q": [value.label]}
    if isinstance(value, (list, tuple)):
        return {name: [str(item) for item in value]}
    return {name: [_typed(field, value)]}


def _typed(field: Field, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.kind == "fen" and isinstance(value, int):
        sign = "-" if value < 0 else ""
        return f"{sign}{abs(value) // 100}.{abs(value) % 100:02d}"
    if isinstance(value, datetime):
        return calendar.local(value).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)
