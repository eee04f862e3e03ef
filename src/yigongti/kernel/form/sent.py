"""What a browser, a draft or a program sent, in one shape: name → list of texts.

A table ``drugs`` arrives as ``drugs-0-name``, ``drugs-0-dose``, ``drugs-1-name`` …; programs may send a
list of objects under the table's name instead. Everything is bounded before it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .description import Field, Form

#: Texts one name may carry (a checkbox group, a multiple look-up).
REPEATS = 200

Sent = dict[str, list[str]]


def sent(data: Mapping[str, Any]) -> Sent:
    """Any mapping of names to texts or lists of texts (a QueryDict too) → name → texts."""
    getlist = getattr(data, "getlist", None)
    plain: Sent = {}
    for name in data:
        value = getlist(name) if getlist is not None else data[name]
        if isinstance(value, (list, tuple)) and any(isinstance(item, Mapping) for item in value):
            plain.update(_lines(str(name), value))
            continue
        plain[str(name)] = _texts(value)
    return plain


def kept(form: Form, texts: Mapping[str, list[str]]) -> Sent:
    """Only what belongs to the form's fields (and its ``client_id``): what a draft keeps and a
    re-rendering shows.
    """
    prefixes = tuple(f"{field.name}-" for field in form.fields)
    names = {field.name for field in form.fields} | {"client_id"}
    return {
        name: values
        for name, values in texts.items()
        if name in names or name.endswith("__q") or name.startswith(prefixes)
    }


def indexes(field: Field, texts: Iterable[str]) -> list[int]:
    """Line numbers of a table that were sent, in order."""
    start = f"{field.name}-"
    found: set[int] = set()
    for name in texts:
        if not name.startswith(start):
            continue
        number, dash, _ = name[len(start) :].partition("-")
        if dash and number.isascii() and number.isdigit() and len(number) <= 4:
            found.add(int(number))
    return sorted(found)


def _lines(name: str, rows: Iterable[Any]) -> Sent:
    plain: Sent = {}
    for number, row in enumerate(rows):
        if isinstance(row, Mapping):
            for column, value in row.items():
                plain[f"{name}-{number}-{column}"] = _texts(value)
    return plain


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, (list, tuple)) else [value]
    return [_text(item) for item in items[: REPEATS + 1] if item is not None]


def _text(item: Any) -> str:
    if isinstance(item, bool):
        return "yes" if item else "no"
    return item if isinstance(item, str) else str(item)
