"""The coordinator's board and the filing register."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yigongti.kernel import calendar, printing
from yigongti.kernel.access.facade import Acting, page
from yigongti.kernel.audit import log
from yigongti.kernel.desk.listing import Pages
from yigongti.kernel.download import download
from yigongti.kernel.text import cell
from yigongti.registry import facade as registry
from yigongti.service.referral import words
from yigongti.service.referral.queries import board as reading

EXPORTED = 5_000
PRINTED = 1_000
HEADS = ("备案编号", "备案时间", "类别", "患者", "转出机构", "接收机构", "诊断", "原因或紧急程度", "状态", "单号")


def _acting(request: HttpRequest) -> Acting:
    acting: Acting = request.acting  # type: ignore[attr-defined]
    return acting


@page(right="referral.coordinate")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Every open case of the referral flows in the seat's reach, overdue first."""
    found = reading.board(reading.asked_of(request.GET), _acting(request))
    _saw("coordination", [line.case for line in found.lines], "转诊协调看板")
    pager = Pages(found.asked.page, found.pages)
    acting = _acting(request)
    context = {
        "board": found, "pager": pager, "desks": registry.desks(acting.consortium_id),
        "declines": acting.may("referral.desk"),
    }  # fmt: skip
    return render(request, "referral/board.html", context)


def _saw(kind: str, cases: list[Any], why: str) -> None:
    if cases:
        log.saw(kind, [case.pk for case in cases], [case.subject_id for case in cases if case.subject_id], why)


def _asked(request: HttpRequest, acting: Acting) -> tuple[list[int], int, str, str]:
    years = reading.years(acting)
    text, way = request.GET.get("year", ""), request.GET.get("way", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else calendar.today().year
    return years, year, way if way in dict(reading.WAYS) else "", request.GET.get("q", "")[:40].strip()


@page(right=("referral.coordinate", "referral.sender"))
@require_GET
def register(request: HttpRequest) -> HttpResponse:
    """The filing register of a year, newest number first."""
    acting = _acting(request)
    years, year, way, q = _asked(request, acting)
    rows = reading.register(year, way, q)
    total = rows.count()
    text = request.GET.get("page", "1")
    pages = max(1, -(-total // reading.PAGE))
    number = min(max(1, int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1), pages)
    lines = reading.filed(rows[(number - 1) * reading.PAGE : number * reading.PAGE])
    _saw("filing", [line.case for line in lines], "转诊备案登记")
    context = {
        "lines": lines, "total": total, "years": years, "year": year, "way": way, "q": q, "ways": reading.WAYS,
        "pager": Pages(number, pages), "clinical": acting.may("clinical.read"),
    }  # fmt: skip
    return render(request, "referral/register.html", context)


def _cells(line: reading.Filed) -> tuple[str, ...]:
    case, at = line.case, calendar.local(line.filing.filed_at)
    return (
        line.filing.number, f"{at:%Y-%m-%d %H:%M}", line.way, case.title.partition("：")[2] or case.title,
        case.from_unit.name, line.target, line.diagnosis, line.why, line.state, case.number,
    )  # fmt: skip


@page(right=("referral.coordinate", "referral.sender"))
@require_GET
def register_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The register as narrowed: csv, or pdf to be printed, signed and kept."""
    acting = _acting(request)
    _, year, way, q = _asked(request, acting)
    rows = reading.register(year, way, q)
    total = rows.count()
    lines = reading.filed(rows[: PRINTED if kind == "pdf" else EXPORTED])
    _saw("filing", [line.case for line in lines], "导出转诊备案登记")
    log.did("exported", "filing", [], [], kind, rows=len(lines), total=total)
    name = f"转诊备案登记_{year}"
    if kind == "pdf":
        return printing.answer_printed(acting, _paper(acting, year, lines, total), name)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADS)
    writer.writerows([cell(text) for text in _cells(line)] for line in lines)
    if len(lines) < total:
        writer.writerow([f"共 {total} 条，本文件 {len(lines)} 条"])
    return download("\ufeff" + out.getvalue(), f"{name}.csv")


def _paper(acting: Acting, year: int, lines: list[reading.Filed], total: int) -> printing.Printout:
    widths = (2.4, 1.6, 1, 2.2, 2, 2, 2, 1.8, 1.2)
    columns = tuple(printing.Column(head, width) for head, width in zip(HEADS, widths, strict=False))
    return printing.Printout(
        f"{year} 年转诊备案登记", "", acting.unit_name,
        (
            printing.Table(columns, [_cells(line)[:9] for line in lines], empty="没有备案记录"),
            printing.Note(f"共 {total} 条，本件 {len(lines)} 条。编号按年度连续，撤回和终止的保留编号。"),
            printing.Signatures(("登记人", "负责人")),
        ),
        paper="A4L",
    )  # fmt: skip


@page(right="referral.desk")
@require_GET
def declined(request: HttpRequest) -> HttpResponse:
    """What the own institution declined, with what became of it."""
    acting = _acting(request)
    text = request.GET.get("page", "1")
    number = max(1, int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1)
    rows, total = reading.declined(acting, number)
    pages = max(1, -(-total // reading.PAGE))
    lines = [(row, words.word(words.DECLINES, row.code)) for row in rows]
    log.saw("declined", [row.pk for row in rows], [row.subject_id for row in rows], "本机构退回的转诊")
    context = {"lines": lines, "total": total, "pager": Pages(min(number, pages), pages)}
    return render(request, "referral/declined.html", context)
