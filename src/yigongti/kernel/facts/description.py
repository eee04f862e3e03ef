"""Describing a fact: what one row is, its columns and units, and the query that builds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "integer", "fen", "flag", "moment", "day"]


@dataclass(frozen=True)
class Column:
    """One column. `unit` as a user reads it; `meaning` for the data dictionary."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""


@dataclass(frozen=True)
class Lines:
    """Rows of a fact that are no cases, as a page lists them: heads, and for each row its id, address and cells."""

    heads: tuple[str, ...]
    rows: tuple[tuple[int, str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Fact:
    """A table of facts. The first column, `row_id`, is the id under which the fence knows the row.

    `sql` selects the columns in this order; it runs as `robot` through the fence. Facts name nobody: no column may
    carry a name, number or address of a person. `opens` is the address pattern under which a row is opened. `right` is what
    a seat needs to read it. `lines` names the port that turns row ids into lines through the fence; "": rows are cases.
    """

    name: str
    title: str
    row: str
    columns: tuple[Column, ...]
    sql: str
    opens: str
    robot: str = "robot_facts"
    right: str = "figures.read"
    lines: str = ""

    def __post_init__(self) -> None:
        if not self.columns or self.columns[0].name != "row_id":
            raise ValueError(f"fact {self.name}: the first column is row_id")
