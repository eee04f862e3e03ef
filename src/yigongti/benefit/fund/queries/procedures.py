"""Reading tables of kinds of procedures: which one holds, what one says, its versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yigongti.benefit.fund.models import Catalogue, ProcedureTable
from yigongti.benefit.fund.rules import procedures as rules


def in_force(consortium_id: int) -> ProcedureTable | None:
    """The newest table of a consortium."""
    found: ProcedureTable | None = (
        ProcedureTable.objects.filter(consortium_id=consortium_id).order_by("-number").first()
    )
    return found


def versions(consortium_id: int) -> list[ProcedureTable]:
    """Every table of a consortium, newest first, without its entries."""
    rows = ProcedureTable.objects.select_related("entered_by").defer("entries").filter(consortium_id=consortium_id)
    return list(rows.order_by("-number"))


def kinds(row: Catalogue) -> Mapping[str, str]:
    """Kinds of procedures as the catalogue was trained with them."""
    return of(row.procedures)


_held: dict[str, Mapping[str, str]] = {}
HELD = 8
"""Tables that a process keeps, by the hash of their content."""


def of(table: ProcedureTable | None) -> Mapping[str, str]:
    """Code → kind by a table; none: none, and every code counts as an operation (fund.md 3)."""
    if table is None:
        return {}
    if table.digest not in _held:
        while len(_held) >= HELD:
            _held.pop(next(iter(_held)), None)
        _held[table.digest] = rules.kinds(table.entries)
    return _held[table.digest]


def searched(table: ProcedureTable, text: str, most: int) -> tuple[Sequence[Sequence[str]], int]:
    """Entries whose code begins with a text or whose title holds it, the first *most*, and how many there are."""
    found = [one for one in table.entries if one[0].startswith(text) or text in one[1]]
    return found[:most], len(found)
