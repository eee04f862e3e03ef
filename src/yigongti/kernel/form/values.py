"""Typed values of a form and their stored, JSON-able shape.

kind                  typed                              stored
text, longtext        str                                str
integer, fen          int (fen)                          int
decimal               Decimal                            str, as exact as typed
date                  date                               "2026-03-05"
datetime              aware datetime in UTC              "2026-03-05T06:30:00+00:00"
choice                str                                str
choice, choices from a callable: Chosen (a str)          {"code", "label"} as offered that day
choices               tuple of str                       list
yesno                 bool                               bool
code, resident, ...   Picked(code, label, note)          {"code", "label"} as chosen that day
table                 tuple of dict (column → typed)     list of objects
consent               Consent(agreed, by, ...)           object
An answer that was not given is None; a question that was not asked is absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from .description import LOOKUPS, Field, Form


class Chosen(str):
    """The code of a choice that was offered only here and then, with the label it had: a str like any other code."""

    label: str

    def __new__(cls, code: str, label: str) -> Chosen:
        made = super().__new__(cls, code)
        made.label = label
        return made


@dataclass(frozen=True, slots=True)
class Picked:
    """An entry chosen from a source: its code and the label it had when it was chosen."""

    code: str
    label: str
    note: str = ""

    @property
    def id(self) -> int:
        """The code as a row's id, for units, seats and residents. Raises ValueError when it is not a
        number.
        """
        return int(self.code)

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as recorded: whether, by whom (name and relation), when (aware UTC), and who took it down."""

    agreed: bool
    by: str
    relation: str
    at: datetime
    recorder: str = ""


def stored(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """Typed → JSON-able; keys that the form does not know are left out."""
    return {field.name: store(field, values[field.name]) for field in form.fields if field.name in values}


def loaded(form: Form, data: Mapping[str, Any]) -> dict[str, Any]:
    """JSON-able → typed; a value that no longer fits its description stays as stored, so that nothing is
    hidden.
    """
    return {field.name: load(field, data[field.name]) for field in form.fields if field.name in data}


def store(field: Field, value: Any) -> Any:
    """One value, typed → JSON-able; of a table only the columns it has. Stored values stay as they are."""
    if field.kind == "table" and isinstance(value, (list, tuple)):
        return [{c.name: plain(row[c.name]) for c in field.columns if c.name in row} for row in value]
    return plain(value)


def plain(value: Any) -> Any:
    """Any typed value → JSON-able, without knowing its field. Raises TypeError for what no form can hold."""
    if isinstance(value, Chosen):
        return {"code": str(value), "label": value.label}
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Picked):
        return {"code": value.code, "label": value.label}
    if isinstance(value, Consent):
        at = value.at.astimezone(UTC).isoformat()
        return {
            "agreed": value.agreed, "by": value.by, "relation": value.relation, "at": at,
            "recorder": value.recorder,
        }  # fmt: skip
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no stored shape")


def load(field: Field, value: Any) -> Any:
    """One value, JSON-able → typed; unreadable stays as it is."""
    if value is None:
        return None
    try:
        return _load(field, value)
    except (KeyError, TypeError, ValueError, InvalidOperation):
        return value


def _chosen(value: Any) -> Any:
    return Chosen(value["code"], value["label"]) if isinstance(value, Mapping) else value


def _load(field: Field, value: Any) -> Any:
    kind = field.kind
    if kind == "decimal":
        return Decimal(str(value))
    if kind == "date":
        return value if isinstance(value, date) else date.fromisoformat(value)
    if kind == "datetime":
        return value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if kind in LOOKUPS:
        return value if isinstance(value, Picked) else Picked(value["code"], value["label"])
    if kind == "choices":
        return tuple(_chosen(item) for item in value)
    if kind == "choice":
        return _chosen(value)
    if kind == "table":
        return tuple({c.name: load(c, row[c.name]) for c in field.columns if c.name in row} for row in value)
    if kind == "consent" and isinstance(value, Mapping):
        at = datetime.fromisoformat(value["at"])
        return Consent(value["agreed"], value["by"], value["relation"], at, value.get("recorder", ""))
    return value
