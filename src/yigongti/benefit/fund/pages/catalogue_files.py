"""A catalogue as a workbook and on paper: its groups beside the last version's, the institutions, what deviates most, dear cases."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yigongti.benefit.fund.models import Catalogue
from yigongti.benefit.fund.pages.catalogue import READS, bands_of, called, row_of
from yigongti.benefit.fund.pages.sheets import milli, percent
from yigongti.benefit.fund.queries import catalogue as queries
from yigongti.benefit.fund.queries import deviation
from yigongti.benefit.fund.rules.dip import group_words
from yigongti.kernel import money, printing
from yigongti.kernel.access.facade import current, page
from yigongti.kernel.audit import log
from yigongti.kernel.sheet import Fen, Sheet, answer_workbook, on_paper

KINDS = {"core": "核心病种", "composite": "综合病种"}
LISTED = 60
"""Dear cases on paper; the workbook has all."""


def of_groups(row: Catalogue) -> list[Sheet]:
    """Every group with its points, beside the last published version where there is one; then what that version had and this has not."""
    found = queries.comparison(row)
    last = queries.loaded(found[0]).groups if found is not None else {}
    heads = [
        ("病种", False),
        ("名称", False),
        ("类别", False),
        ("基期病例", True),
        ("均费（元）", True),
        ("分值", True),
        ("同病同付", False),
    ]
    if found is not None:
        heads += [(f"{found[0].year} 年分值", True), ("变动", True)]
    rows, groups = [], queries.groups(row)
    titles = queries.titles([*(one.name for one in groups), *last])
    for one in groups:
        told = [group_words(one.name), titles.get(one.name, ""), KINDS.get(one.kind_of_group, one.kind_of_group), one.cases,
                Fen(one.mean_fen), milli(one.points_milli), "是" if one.same_pay else "否"]  # fmt: skip
        if found is not None:
            old = last.get(one.name)
            told += [milli(old.points_milli), milli(one.points_milli - old.points_milli)] if old else ["新增", None]
        rows.append(told)
    made = [Sheet("病种", heads, rows, widths=(1.5, 1.8, 1, 0.8, 1.1, 1, 0.8, 1, 1)[: len(heads)])]
    if found is not None:
        gone = [
            (group_words(one.name), titles.get(one.name, ""), one.cases, Fen(one.mean_fen), milli(one.points_milli))
            for one in found[1].gone
        ]
        made.append(
            Sheet(
                "取消的病种",
                (("病种", False), ("名称", False), ("基期病例", True), ("均费（元）", True), ("分值", True)),
                gone,
            )
        )
    return made


def _lines(title: str, head: str, lines: list[deviation.Line], words: dict[str, str], *, coded: bool) -> Sheet:
    heads = ((head, False), ("病例", True), ("入组", True), ("病例组合指数", True), ("费用偏离标准（%）", True),
             *((words[band], True) for band in ("low", "plain", "high")))  # fmt: skip
    titles = queries.titles(one.key for one in lines) if coded else {}
    rows = [
        (called(one.key, titles) if coded else one.name, one.cases, one.grouped, milli(one.cmi), percent(one.deviation_bp),
         *(one.bands[band] for band in ("low", "plain", "high"))) for one in lines
    ]  # fmt: skip
    return Sheet(title, heads, rows, widths=(1.8, *(1,) * 7))


def sheets(row: Catalogue, year: deviation.Year) -> list[Sheet]:
    """Every table of the catalogue's page, whole."""
    words, names = bands_of(year.low_bp, year.high_bp), queries.members(row.consortium_id)
    heads = (
        ("清单", False),
        ("机构", False),
        ("病种", False),
        ("费用（元）", True),
        ("病种均费（元）", True),
        ("分值", True),
    )
    stays = deviation.listed(row, deviation.Asked(None, None, "high")).stays
    titles = queries.titles(one.group for one in stays)
    dear = [
        (one.number, names.get(one.institution_id, ""), called(one.group, titles), Fen(one.total_fen), Fen(one.mean_fen),
         milli(one.points_milli))
        for one in stays
    ]  # fmt: skip
    return [
        *of_groups(row),
        _lines(f"{year.year} 年各机构", "机构", list(year.members), words, coded=False),
        _lines(f"{year.year} 年偏差", "病种", list(year.groups), words, coded=True),
        Sheet("高费用病例", heads, dear, widths=(1.4, 1.6, 1.4, 1, 1, 1)),
    ]


def _title(row: Catalogue) -> str:
    return f"{row.year} 年病种目录第 {row.number} 版"


@page(right=READS)
@require_GET
def book(request: HttpRequest, id: int) -> HttpResponse:
    """The catalogue as a workbook."""
    row = row_of(id)
    log.did("exported", "fund_catalogue", [row.pk], [], why="导出病种目录")
    return answer_workbook(sheets(row, deviation.year_of(row)), f"{row.consortium.name}-{_title(row)}")


@page(right=READS)
@require_GET
def paper(request: HttpRequest, id: int) -> HttpResponse:
    """The catalogue on paper, A4, as it is published to the institutions."""
    row = row_of(id)
    log.did("printed", "fund_catalogue", [row.pk], [], why="打印病种目录")
    made = sheets(row, deviation.year_of(row))
    made[-1] = Sheet(made[-1].title, made[-1].columns, list(made[-1].rows)[:LISTED], made[-1].widths)
    state = "已发布" if row.published_at is not None else "未发布"
    facts = printing.Fields((
        ("医共体", row.consortium.name), ("版本", f"{row.year} 年第 {row.number} 版，{state}"),
        ("全部病例均费", f"{money.yuan(row.mean_all_fen)} 元 = 1,000 分"), ("校验码", row.digest),
    ), columns=1)  # fmt: skip
    told = printing.Printout(
        f"{row.year} 年病种目录", row.case.number, row.consortium.name, [facts, *(on_paper(one) for one in made)],
    )  # fmt: skip
    return printing.answer_printed(current(), told, f"{row.consortium.name}-{_title(row)}")
