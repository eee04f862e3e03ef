"""A table of the books as a file: a workbook, or on paper."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse

from yigongti.kernel import printing
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
    signed = printing.Signatures(("制表", "复核", "总会计师"))
    made = printing.Printout(sheet.title, number, whose, [*blocks, signed], paper="A4L")
    return printing.answer_printed(acting, made, f"{whose}-{sheet.title}")
