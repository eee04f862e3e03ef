"""A rendered PDF as the answer of a page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.http import HttpResponse

from yigongti.kernel import calendar, wiring
from yigongti.kernel.download import download

from .model import Printout

if TYPE_CHECKING:
    from yigongti.kernel.access.facade import Acting


def answer_pdf(pdf: bytes, name: str) -> HttpResponse:
    """Shown by the browser; saved under *name* (without its ending, in any script)."""
    return download(pdf, f"{name}.pdf", shown=True)


def as_printed(acting: Acting, printout: Printout) -> Printout:
    """A printout as the seat prints it now: who and when at its foot, the mark of the seat's place across it, before one of its own."""
    return replace(
        printout, mark=" ".join(filter(None, (wiring.port("print_mark")(acting.place), printout.mark))),
        printed_by=f"{acting.unit_name} {acting.name}", printed_at=calendar.now(),
    )  # fmt: skip


def answer_printed(acting: Acting, printout: Printout, name: str) -> HttpResponse:
    """A printout as the seat prints it now (`as_printed`), as the answer. Raises as `render_pdf`."""
    from .draw import render  # the libraries of PDF and fonts are loaded at the first print

    return answer_pdf(render(as_printed(acting, printout)), name)
