"""The slip of a booking on paper: what, when, where, with a code that the window scans to check in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.printing import Fields, Note, Printout, answer_printed
from yigongti.service.booking import queries
from yigongti.service.booking.models import Booking

PAPER = "A5"


def slip(row: Booking, *, address: str) -> Printout:
    """The slip as it stands now; `address` is what the code leads to."""
    one = queries.line(row)
    fields = (
        ("姓名", one.name), ("类别", one.kind_title), ("预约", one.title), ("科室", one.department), ("时间", one.when),
        ("号", f"{one.number} 号"), ("地点", one.location or one.department), ("渠道", one.channel_title),
        ("状态", one.status_title), ("备注", one.note),
    )  # fmt: skip
    advice = "请携带有效证件，提前 20 分钟到预约窗口核销。不能来的请尽早取消，号会让给候补的人。"
    return Printout(
        "预约凭条", number_of(row), one.unit_name, (Fields(tuple(f for f in fields if f[1])), Note(advice)),
        verify_url=address, paper=PAPER,
    )  # fmt: skip


def number_of(row: Booking) -> str:
    """The booking's number, as said on the telephone."""
    return f"Y{calendar.local(row.booked_at).year}{row.pk:07d}"


def answer(request: HttpRequest, acting: Acting, row: Booking) -> HttpResponse:
    """The PDF as an answer; the code leads to the booking's page, which opens for who may see it."""
    address = request.build_absolute_uri(reverse("booking:booking", args=[row.pk]))
    log.did("printed", "booking", [row.pk], [row.subject_id])
    return answer_printed(acting, slip(row, address=address), number_of(row))
