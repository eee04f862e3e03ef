"""A catalogue's page: groups to search, how costs lie about the groups' means, case mix, the stays behind each number, one step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from yigongti.benefit.fund.models import Catalogue
from yigongti.benefit.fund.pages.sheets import Fen, Sheet, milli, percent
from yigongti.benefit.fund.queries import catalogue as queries
from yigongti.benefit.fund.queries import claims, deviation
from yigongti.benefit.fund.rules.dip import group_words
from yigongti.benefit.fund.templatetags.fund import group_label
from yigongti.kernel import ids, money, printing, wiring
from yigongti.kernel.access.facade import current, page
from yigongti.kernel.audit import log
from yigongti.kernel.chart.facade import COUNT, Bars, Measure, Series
from yigongti.kernel.sheet import answer_workbook, on_paper
from yigongti.policy import facade as policy

READS = ("fund.office", "fund.approve", "fund.bureau")
WAN = Measure("万元", 1_000_000, 2)
TONES = {"low": "c2", "plain": "c3", "high": "c6", "ungrouped": "c5"}
CHARTED = 12
"""Institutions or groups in a picture; the table has all."""
LISTED = 200
"""Stays that a page lists; the spreadsheet has all."""
KEYS = ("fund.dip.low", "fund.dip.high_excess", "fund.dip.core_min_cases", "fund.dip.year_weights")
"""Parameters that decide what the page shows."""


def row_of(id: int) -> Catalogue:
    """Raises Http404 for one that the seat may not see."""
    row = queries.by_case([id]).get(id)
    if row is None:
        raise Http404
    return row


def bands_of(low_bp: int, high_bp: int) -> dict[str, str]:
    """Bands in words, by the catalogue's own bounds."""
    low, high = money.percent(low_bp), money.percent(high_bp)
    return {"low": f"低于 {low}", "plain": f"{low}—{high}", "high": f"高于 {high}", "ungrouped": "未入组"}


@page(right=READS)
@require_GET
def catalogue(request: HttpRequest, id: int) -> HttpResponse:
    """The catalogue, and what it makes of its year."""
    row = row_of(id)
    asked = request.GET.get("q", "")[:60].replace("\x00", "")
    groups, total = queries.searched(row, asked)
    year = deviation.year_of(row)
    log.saw("claim", [case.claim_id for case in year.special], [], why="病种目录：高费用病例")
    names = queries.members(row.consortium_id)
    far = [one for one in year.groups if one.outside][:20]
    shown = [*(one.name for one in groups), *(one.group for one in year.special), *(one.key for one in far)]
    titles = queries.titles(shown)
    context = {
        "row": row, "groups": groups, "total": total, "asked": asked, "year": year, "charts": _charts(row, year, titles),
        "special": [(one, names.get(one.institution_id, "")) for one in year.special],
        "bands": bands_of(year.low_bp, year.high_bp), "far": far, "titles": titles,
        "far_all": sum(1 for one in year.groups if one.outside), "keys": _keys(),
    }  # fmt: skip
    return render(request, "fund/catalogue.html", context)


def _keys() -> list[tuple[str, str]]:
    known = {one.key: one.title for one in policy.parameters()}
    return [(known[key], wiring.port("parameter_url")(key)) for key in KEYS]


def _cases(row: Catalogue, **asked: object) -> str:
    told = {name: str(value) for name, value in asked.items() if value not in (None, "")}
    return f"{reverse('fund:catalogue_cases', args=[row.pk])}?{urlencode(told)}"


def _charts(row: Catalogue, year: deviation.Year, titles: Mapping[str, str]) -> list[Bars]:
    if not year.members:
        return []
    shown = year.members[:CHARTED]
    made = [_spread(row, year, "偏差分布：各机构", "机构", "unit", shown, [one.name for one in shown])]
    far = [one for one in year.groups if one.outside and one.key != "ungrouped"][:CHARTED]
    if far:
        made.append(
            _spread(
                row,
                year,
                "偏差分布：偏离最多的病种",
                "病种",
                "group",
                far,
                [group_label(one.key, titles) for one in far],
            )
        )
    made.append(Bars(
        "费用与病种标准（万元）", tuple(one.name for one in shown),
        (Series("实际费用", tuple(one.cost_fen for one in shown), tuple(_cases(row, unit=one.key) for one in shown)),
         Series("病种标准", tuple(one.standard_fen for one in shown), tone="c3")),
        WAN, "机构", note=f"{year.year} 年已入组病例，标准为病种均费之和", across=True,
    ))  # fmt: skip
    return made


def _spread(
    row: Catalogue, year: deviation.Year, title: str, what: str, name: str, lines: Sequence[deviation.Line],
    labels: Sequence[str],
) -> Bars:  # fmt: skip
    """How many cases lie below, within and above the bounds; every mark leads to them."""
    words = bands_of(year.low_bp, year.high_bp)
    bands = [band for band in deviation.BANDS if band != "ungrouped" or any(one.bands[band] for one in lines)]
    series = tuple(
        Series(words[band], tuple(one.bands[band] or None for one in lines),
               tuple(_cases(row, **{name: one.key}, band=band) if one.bands[band] else "" for one in lines), TONES[band])
        for band in bands
    )  # fmt: skip
    note = f"{year.year} 年，费用 ÷ 病种均费；点一段看其中的病例"
    return Bars(title, tuple(labels), series, COUNT, what, note=note, stacked=True, across=True)


@page(right=READS)
@require_GET
def cases(request: HttpRequest, id: int) -> HttpResponse:
    """The stays behind a mark: of an institution, a group, a band; as a page or (``out=xlsx``) a workbook."""
    row = row_of(id)
    unit, group, band = request.GET.get("unit", ""), request.GET.get("group", "")[:300], request.GET.get("band", "")
    asked = deviation.Asked(
        ids.row_id(unit), group.replace("\x00", "") or None, band if band in deviation.BANDS else None
    )
    found, names = deviation.listed(row, asked), queries.members(row.consortium_id)
    numbers = row.parameters
    words = bands_of(numbers["low_bp"], numbers["high_bp"])
    told = [
        names.get(asked.institution or 0, ""),
        called(asked.group, queries.titles([asked.group])) if asked.group else "",
        words.get(asked.band or "", ""),
    ]
    title = "，".join(one for one in told if one) or "全部病例"
    if request.GET.get("out") == "xlsx":
        log.did("exported", "claim", [one.claim_id for one in found.stays], [], why=f"病种目录：{title}")
        return answer_workbook([_sheet(title, found, names, words)], f"{row.year}-病种偏差-{title}")
    shown = found.stays[:LISTED]
    if request.GET.get("out") == "print":
        log.did("printed", "claim", [one.claim_id for one in shown], [], why=f"病种目录：{title}")
        return _paper(row, title, _sheet(title, replace(found, stays=shown), names, words), len(found.stays))
    log.saw("claim", [one.claim_id for one in shown], [], why=f"病种目录：{title}")
    context = {
        "row": row, "found": found, "shown": [(one, names.get(one.institution_id, ""), words[one.band]) for one in shown],
        "titles": queries.titles(one.group for one in shown), "title": title, "keys": _keys(), "query": request.GET.urlencode(),
        "back": reverse("fund:catalogue", args=[row.pk]),
    }  # fmt: skip
    return render(request, "fund/catalogue_cases.html", context)


def called(group: str, titles: Mapping[str, str]) -> str:
    """A group as it is read, with the name of its diagnosis behind where it has one (`titles` by group)."""
    return f"{group_words(group)} {titles.get(group, '')}".strip()


def _paper(row: Catalogue, title: str, sheet: Sheet, of: int) -> HttpResponse:
    """The listed stays on paper, A4 across."""
    told = len(sheet.rows)
    blocks: list[printing.Block] = [on_paper(sheet, titled=False)]
    if of > told:
        blocks.append(printing.Note(f"列出离病种均费最远的 {told} 例，共 {of:,} 例；全部见导出的表格。"))
    made = printing.Printout(
        f"病种偏差：{title}", row.case.number, row.consortium.name, blocks, subtitle=f"{row.year} 年第 {row.number} 版目录",
        paper="A4L",
    )  # fmt: skip
    return printing.answer_printed(current(), made, f"{row.year}-病种偏差-{title}")


def _sheet(title: str, found: deviation.Listed, names: dict[int, str], words: dict[str, str]) -> Sheet:
    titles = queries.titles(one.group for one in found.stays)
    heads = (("清单", False), ("出院", False), ("机构", False), ("病种", False), ("病种名称", False), ("费用（元）", True),
             ("病种均费（元）", True), ("费用 ÷ 均费（%）", True), ("偏差", False), ("分值", True))  # fmt: skip
    rows = tuple(
        (one.number, str(one.end_date), names.get(one.institution_id, ""), group_words(one.group), titles.get(one.group, ""),
         Fen(one.total_fen), Fen(one.mean_fen), percent(one.of_mean_bp), words[one.band], milli(one.points_milli))
        for one in found.stays
    )  # fmt: skip
    return Sheet(title[:30], heads, rows, widths=(1.55, 1.2, 1.5, 1.4, 1.4, 1.1, 1.05, 1, 1, 1.05))


@page(right=READS)
@require_GET
def grouped(request: HttpRequest, id: int, claim: int) -> HttpResponse:
    """How one case was grouped, step by step."""
    row, one = row_of(id), claims.get(claim)
    log.saw("claim", [one.pk], [one.subject_id], why="病种分组")
    context = {
        "row": row,
        "claim": one,
        "steps": queries.explained(row, one),
        "drg": queries.explained_drg(one),
        "back": reverse("fund:catalogue", args=[row.pk]),
    }
    return render(request, "fund/grouped.html", context)
