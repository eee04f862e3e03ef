"""A sandbox's result as a workbook and on paper, A4 across."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from yigongti.benefit.fund.pages.sandbox import tables
from yigongti.benefit.fund.templatetags.fund import only_moved
from yigongti.kernel import printing
from yigongti.kernel.access.facade import current
from yigongti.kernel.access.models import Unit
from yigongti.kernel.sheet import Sheet


@dataclass(frozen=True)
class Basis:
    """What a paper rests on: its name, the data's moment and version, the hash of the parameters."""

    name: str
    data: str
    parameters: str = ""
    code: str = ""


def changes(changed: Sequence[Mapping[str, str]]) -> Sheet:
    """What is changed, in words."""
    heads = (("参数", False), ("现行", False), ("改后", False), ("依据", False))
    return Sheet(
        "改动",
        heads,
        tuple(
            (
                one["title"],
                only_moved(one["before"], one["after"]),
                only_moved(one["after"], one["before"]),
                one["clause"],
            )
            for one in changed
        ),
    )


def book(result: Mapping[str, Any], changed: Sequence[Mapping[str, str]]) -> list[Sheet]:
    """Every table, the change first."""
    return [changes(changed), *(one.sheet for one in tables.tables(result))]


def answer(
    unit: Unit, year: int, result: Mapping[str, Any], changed: Sequence[Mapping[str, str]], basis: Basis
) -> HttpResponse:
    """The PDF."""
    blocks: list[printing.Block] = [
        printing.Fields(
            (
                ("名称", basis.name),
                ("数据", basis.data),
                *((("参数校验码", basis.parameters),) if basis.parameters else ()),
            ),
            columns=1,
        ),
        table(changes(changed)),
    ]
    for one in tables.tables(result):
        blocks += [table(one.sheet), printing.Note(one.how)]
    return of(f"{unit.name} {year} 年政策沙盘", basis.code or f"SP-{unit.code}-{year}", unit.name, blocks)


def of(title: str, number: str, unit_name: str, blocks: list[printing.Block]) -> HttpResponse:
    """A PDF of the sandbox, marked as what it is."""
    blocks.append(printing.Note("试算结果，不是结算，也不是清算；金额单位为元。"))
    made = printing.Printout(title, number, unit_name, blocks, paper="A4L")
    return printing.answer_printed(current(), made, f"{title}-{number}")


def table(sheet: Sheet) -> printing.Table:
    """A sheet on paper."""
    columns = [
        printing.Column(head, 1.6 if at == 0 else 1, "right" if number else "left")
        for at, (head, number) in enumerate(sheet.columns)
    ]
    return printing.Table(
        columns, [[sheet.text(cell) for cell in row] for row in sheet.rows], title=sheet.title, empty="没有"
    )
