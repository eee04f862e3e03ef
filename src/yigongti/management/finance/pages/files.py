"""A table of the books as a file: a workbook, or on paper."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse

from yigongti.kernel import calendar, printing, wiring
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.sheet import Sheet, answer_workbook, on_paper


def answer_file(
    kind: str, sheet: Sheet, *, about: str, ids: Sequence[int], number: str, whose: str, acting: Acting, note: str = ""
) -> HttpResponse:
    """As a workbook (*kind* xlsx), else on paper under a *number*; the log keeps of which rows (*about*, *ids*)."""
    log.did("exported" if kind == "xlsx" else "printed", about, list(ids), [], why=sheet.title)
    if kind == "xlsx":
        return answer_workbook([sheet], f"{whose}-{sheet.title}")
    return _answer_paper(sheet, number, whose, acting, note)


def _answer_paper(sheet: Sheet, number: str, whose: str, acting: Acting, note: str) -> HttpResponse:
    """A4 across, with the lines that three sign on."""
    blocks: list[printing.Block] = [on_paper(sheet, titled=False)]
    blocks += [printing.Note(note)] if note else []
    made = printing.Printout(
        sheet.title, number, whose, [*blocks, printing.Signatures(("制表", "复核", "总会计师"))],
        mark=wiring.port("print_mark")(acting.place), printed_by=f"{acting.unit_name} {acting.name}",
        printed_at=calendar.now(), paper="A4L",
    )  # fmt: skip
    return printing.answer_pdf(printing.render_pdf(made), f"{whose}-{sheet.title}")
