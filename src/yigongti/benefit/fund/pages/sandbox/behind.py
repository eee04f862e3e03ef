"""What lies behind a number of the sandbox: how it comes about, sums by level, persons moved, and claims as far as rights allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from yigongti.benefit.fund.charts import LEVEL_WORDS
from yigongti.benefit.fund.pages.catalogue import called
from yigongti.benefit.fund.pages.sandbox import stepping, tables
from yigongti.benefit.fund.pages.sandbox.desk import RIGHT, Answered, answering
from yigongti.benefit.fund.pages.sandbox.printout import of as paper_of
from yigongti.benefit.fund.queries import catalogue
from yigongti.benefit.fund.queries.sandbox import behind
from yigongti.benefit.fund.queries.sandbox.behind import Cell
from yigongti.benefit.fund.rules.claims import WORDS
from yigongti.benefit.fund.rules.dip import group_words
from yigongti.benefit.fund.rules.sandbox import SCHEMES
from yigongti.benefit.fund.templatetags.fund import number, points, total_fen
from yigongti.kernel import printing
from yigongti.kernel.access.facade import page
from yigongti.kernel.audit import log
from yigongti.kernel.sheet import Fen, Sheet, answer_workbook, on_paper

LISTED, EXPORTED = 60, 10_000
"""Lines on the page, and in the workbook."""
MEASURES = {**tables.FUNDS, behind.PAY: "基金应付机构"}
LINES = {"before": "现行参数下超过大病起付线的人", "after": "改后超过大病起付线的人", "over": "新超过大病起付线的人",
         "under": "不再超过大病起付线的人"}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A cell as the page, the workbook and the paper tell it."""

    title: str
    measure: str
    found: Any
    steps: Sheet | None
    parts: Sheet | None
    rows: list[behind.Row]


def title(one: Answered, cell: Cell) -> str:
    """What a cell is of, in words. Raises Http404 for an institution that the table does not have."""
    value = cell.value
    if cell.cut in ("decile", "better", "worse"):
        return f"负担第 {value} 组" + {"decile": "", "better": "中负担减轻的人", "worse": "中负担加重的人"}[cell.cut]
    told = {
        "all": "全部清单", "level": LEVEL_WORDS.get(value, value), "insurance": WORDS.get(value, value),
        "aid": "非救助对象" if value == "none" else WORDS.get(value, value),
        "age": tables.age_words(value) if cell.cut == "age" else "",
        "line": LINES.get(value, ""), "charged": "本医共体参保人" + ("县域内" if value == "in" else "县域外") + "的清单",
        "group": value if one.change.get("scheme") else group_words(value),
    }  # fmt: skip
    if cell.cut == "member":
        found = [row["name"] for row in one.result["members"] if str(row["institution_id"]) == value]
        if not found:
            raise Http404
        return str(found[0])
    return str(told[cell.cut])


def _shown(one: Answered, word: str, most: int) -> Shown:
    """Raises Http404 for what no table has."""
    if word.startswith("pool~"):
        persons = {row["insurance"]: row["persons"] for row in one.found.insured}
        score = one.found.consortium["assessment_bp"]
        steps = stepping.pool_steps(one.result, one.parameters, persons, score, word.removeprefix("pool~"))
        if steps is None:
            raise Http404
        return Shown(steps.title, "", None, steps, None, [])
    cell = Cell.of(word)
    if cell is None:
        raise Http404
    name, found = title(one, cell), behind.ask(one.found, one.data, one.change, cell, most)
    scores = {row["institution_id"]: (row["assessment_bp"], row["quality_deduction_fen"]) for row in one.found.members}
    steps = stepping.member_steps(one.result, one.parameters, scores, int(cell.value)) if cell.cut == "member" else None
    parts = Sheet(
        "按就诊机构级别", (("级别", False), ("清单", True), ("人数", True), *tables.three("")),
        tuple((LEVEL_WORDS.get(part.level, part.level), part.claims, part.persons, *tables.triple(part.before, part.after))
              for part in found.parts),
    )  # fmt: skip
    return Shown(name, MEASURES[cell.measure], found, steps, parts, behind.open_rows(found))


def _lines(told: Shown) -> Sheet:
    """The lines for workbook and paper."""
    heads = (("清单", False), ("就诊机构", False), ("总费用（元）", True), *tables.three(told.measure))
    rows = [
        ("、".join(number(one) for one in row.claims), "、".join(dict.fromkeys(one.place_name for one in row.claims)),
         Fen(total_fen(row.claims)), *tables.triple(row.before, row.after))
        for row in told.rows
    ]  # fmt: skip
    return Sheet("清单", heads, rows, (2.4, 2, 1, 1, 1, 1))


def _sheets(told: Shown) -> list[Sheet]:
    found = [one for one in (told.steps, told.parts) if one is not None]
    return [*found, _lines(told)] if told.found is not None else found


def _log(one: Answered, told: Shown, did: str) -> None:
    claims = [claim for row in told.rows for claim in row.claims]
    why = f"政策沙盘：{told.title}"
    ids, subjects = [claim.pk for claim in claims], list({claim.subject_id for claim in claims})
    if did:
        log.did(did, "claim", ids, subjects, why=why)
    else:
        log.saw("claim", ids, subjects, why=why)


@page(right=RIGHT)
@require_GET
@answering
def rows(request: HttpRequest, one: Answered) -> HttpResponse:
    """One number of a table, opened."""
    word = request.GET.get("of", "")
    told = _shown(one, word, LISTED)
    _log(one, told, "")
    query = f"{one.query}&{urlencode({'of': word})}"
    context = {
        "where": one.where, "told": told, "back": reverse("sandbox:desk") + one.query, "query": query, "changed": one.changed,
        "hidden": told.found is not None and len(told.found.lines) - len(told.rows),
    }  # fmt: skip
    return render(request, "fund/sandbox_rows.html", context)


@page(right=RIGHT)
@require_GET
@answering
def rows_export(request: HttpRequest, one: Answered) -> HttpResponse:
    """The same as a workbook, with more lines."""
    told = _shown(one, request.GET.get("of", ""), EXPORTED)
    _log(one, told, "exported")
    return answer_workbook(_sheets(told), f"{one.where.unit.name}-{one.where.year}-政策沙盘-{told.title}")


@page(right=RIGHT)
@require_GET
@answering
def rows_paper(request: HttpRequest, one: Answered) -> HttpResponse:
    """The same on paper."""
    told = _shown(one, request.GET.get("of", ""), LISTED)
    _log(one, told, "printed")
    blocks: list[printing.Block] = [on_paper(sheet, "没有") for sheet in _sheets(told)]
    if told.found is not None:
        blocks.append(
            printing.Note(
                f"清单共 {told.found.of:,} 行，按增减大小排列；这里是本岗位可以打开的 {len(told.rows):,} 行。"
            )
        )
    name = f"{one.where.unit.name} {one.where.year} 年政策沙盘：{told.title} {told.measure}"
    return paper_of(name.strip(), f"SP-{one.where.unit.code}-{one.where.year}", one.where.unit.name, blocks)


def _named(row: behind.Group, titles: Mapping[str, str]) -> str:
    return "未入组" if row.name in ("0000", "ungrouped") else row.title or called(row.name, titles)


def _groups(one: Answered) -> Sheet:
    found = behind.groups(one.found, one.data, one.change)
    titles = catalogue.titles(row.name for row in found)
    heads = (
        ("病种（组）", False),
        ("名称", False),
        ("算权重的病例", True),
        ("本年病例", True),
        ("例均费用（元）", True),
        ("权重 × 1000", True),
    )
    rows = tuple(
        (row.name, _named(row, titles), row.base_cases, row.cases, Fen(row.mean_fen), points(row.points_milli))
        for row in found
    )
    return Sheet("病种分值与权重", heads, rows, (1.2, 3, 1, 1, 1, 1))


def _context(one: Answered) -> dict[str, Any]:
    sheet = _groups(one)
    names = [(row, f"group~{row[0]}~pay") for row in sheet.rows]
    told = tables.Told(
        "scheme", sheet, "", (), tuple(("", "", "", word if row[3] else "", "", "") for row, word in names)
    )
    return {"where": one.where, "told": told, "back": reverse("sandbox:desk") + one.query, "query": one.query,
            "scheme": SCHEMES[one.change.get("scheme", "")]}  # fmt: skip


@page(right=RIGHT)
@require_GET
@answering
def groups(request: HttpRequest, one: Answered) -> HttpResponse:
    """The groups that the changed side pays by, with their weights: what may be typed into the control."""
    log.saw("fund.sandbox", [one.where.unit.pk], [], why="政策沙盘：病种分值与权重")
    return render(request, "fund/sandbox_groups.html", _context(one))


@page(right=RIGHT)
@require_GET
@answering
def groups_export(request: HttpRequest, one: Answered) -> HttpResponse:
    """The groups as a workbook."""
    log.did("exported", "fund.sandbox", [one.where.unit.pk], [], why="政策沙盘：病种分值与权重")
    return answer_workbook([_groups(one)], f"{one.where.unit.name}-{one.where.year}-病种分值与权重")


@page(right=RIGHT)
@require_GET
@answering
def groups_paper(request: HttpRequest, one: Answered) -> HttpResponse:
    """The groups on paper."""
    log.did("printed", "fund.sandbox", [one.where.unit.pk], [], why="政策沙盘：病种分值与权重")
    name = f"{one.where.unit.name} {one.where.year} 年政策沙盘：病种分值与权重"
    return paper_of(
        name,
        f"SP-{one.where.unit.code}-{one.where.year}",
        one.where.unit.name,
        [on_paper(_groups(one), "没有按病种支付")],
    )
