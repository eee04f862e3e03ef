"""Laying a county's changes over the shipped criteria, and what a change may not do. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Change:
    """An approved change: what it does to which criterion, on which days. `body` is a row of the file; None stops it."""

    criterion: str
    body: Mapping[str, Any] | None
    starts: date
    ends: date | None
    order: int

    def holds_on(self, on: date) -> bool:
        return self.starts <= on and (self.ends is None or on <= self.ends)


def lay_over(rows: Sequence[Mapping[str, Any]], changes: Iterable[Change], on: date) -> list[dict[str, Any]]:
    """The rows in force on a day: shipped ones in their order, changed in the order of decision, added ones last."""
    found: dict[str, dict[str, Any] | None] = {str(row["id"]): dict(row) for row in rows}
    for change in sorted(changes, key=lambda one: one.order):
        if change.holds_on(on):
            found[change.criterion] = dict(change.body) if change.body is not None else None
    return [row for row in found.values() if row is not None]


def digest(rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Hash and canonical JSON of a set of rows."""
    text = json.dumps(list(rows), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest(), text
