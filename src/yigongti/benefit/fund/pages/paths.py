"""What each path would cost this person, to hand over or to keep: on paper and as a workbook."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yigongti.benefit.fund.queries import paths as queries
from yigongti.kernel import printing
from yigongti.kernel.access.facade import Acting, current, page
from yigongti.kernel.audit import log
from yigongti.kernel.sheet import Fen, Sheet, answer_workbook, on_paper
from yigongti.registry import facade as registry

TITLE = "各就医路径费用测算"
_HEADS = (
    ("就医路径", False), ("参考病例", True), ("总费用（元）", True), ("起付线（元）", True), ("各基金支付（元）", True),
    ("个人约付（元）", True),
)  # fmt: skip


def _compared(subject: int, code: str) -> queries.Compared:
    """Raises Http404 for a person whom the seat may not reckon with."""
    found = queries.compare(current(), subject, code)
    if found is None:
        raise Http404
    return found


def told(acting: Acting, subject: int, code: str, *, follows: bool) -> dict[str, Any] | None:
    """What the panel shows of a disease, none yet where no code stands; *follows*: it is asked for again when the form's diagnosis
    changes. None for a person whom the seat may not reckon with."""
    found = queries.compare(acting, subject, code)
    if found is None and code:
        return None
    if found is not None:
        log.saw("claim", [], [subject], why="测算各就医路径费用")
    return {"found": found, "code": code[:3], "disease": _disease(code), "subject": subject, "follows": follows}


def _disease(code: str) -> str:
    """The first three characters of a code with what they are called."""
    return f"{code[:3]} {registry.diagnosis_titles([code[:3]]).get(code[:3], '')}".strip()


@page(right="referral.sender")
@require_GET
def panel(request: HttpRequest, subject: int) -> HttpResponse:
    """The panel again, for the diagnosis that the form has now."""
    context = told(current(), subject, request.GET.get("diagnosis", "")[:24].replace("\x00", ""), follows=True)
    if context is None:
        raise Http404
    return render(request, "fund/_paths.html", context)


def _sheet(found: queries.Compared) -> Sheet:
    rows = [
        (one.title, one.cases, Fen(one.total_fen), Fen(one.deductible_fen), Fen(one.funds_fen), Fen(one.person_fen))
        if one.stays
        else (one.title, None, None, None, None, "病例太少，不测算")
        for one in found.paths
    ]
    return Sheet(TITLE, _HEADS, rows, widths=(2.4, 0.9, 1.2, 1.2, 1.4, 1.3))


@page(right="referral.sender")
@require_GET
def book(request: HttpRequest, subject: int, code: str) -> HttpResponse:
    """The paths and what is assumed as a workbook; nobody is named in it."""
    found = _compared(subject, code)
    log.did("exported", "claim", [], [subject], why=TITLE)
    assumed = Sheet("测算的假定", (("假定", False),), [(one,) for one in found.assumptions])
    return answer_workbook([_sheet(found), assumed], f"{TITLE}-{code[:3]}")


@page(right="referral.sender")
@require_GET
def paper(request: HttpRequest, subject: int, code: str) -> HttpResponse:
    """The paths on paper, A4, with every step of each and its clause."""
    found = _compared(subject, code)
    log.did("printed", "claim", [], [subject], why=TITLE)
    resident, acting = registry.entry(subject), current()
    head = printing.Fields((("姓名", resident.name), ("疾病", _disease(code))))
    steps = [
        printing.Paragraph(
            f"{one.title}：{stay.title}" if len(one.stays) > 1 else one.title,
            "\n".join(f"{step.number}　{step.title}　{'　'.join(step.lines)}" for step, _ in stay.told.steps),
        )
        for one in found.paths
        for stay in one.stays
    ]
    notes = [printing.Note(f"{at}. {one}") for at, one in enumerate(found.assumptions, 1)]
    made = printing.Printout(
        TITLE, "", acting.unit_name, [head, on_paper(_sheet(found), titled=False), *steps, *notes],
        subtitle="测算，供选择就医路径参考，不是结算",
    )  # fmt: skip
    return printing.answer_printed(acting, made, f"{TITLE}-{code[:3]}")
