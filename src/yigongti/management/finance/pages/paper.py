"""A table of the books on paper."""

from __future__ import annotations

from django.http import HttpResponse

from yigongti.kernel import calendar, printing, wiring
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.sheet import Sheet, on_paper


def answer_paper(sheet: Sheet, number: str, whose: str, acting: Acting, note: str = "") -> HttpResponse:
    """A4 across, with the lines that three sign on."""
    blocks: list[printing.Block] = [on_paper(sheet, titled=False)]
    blocks += [printing.Note(note)] if note else []
    made = printing.Printout(
        sheet.title, number, whose, [*blocks, printing.Signatures(("制表", "复核", "总会计师"))],
        mark=wiring.port("print_mark")(acting.place), printed_by=f"{acting.unit_name} {acting.name}",
        printed_at=calendar.now(), paper="A4L",
    )  # fmt: skip
    return printing.answer_pdf(printing.render_pdf(made), f"{whose}-{sheet.title}")
