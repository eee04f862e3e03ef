"""A rendered PDF as the answer of a page."""

from __future__ import annotations

from django.http import HttpResponse

from yigongti.kernel.download import download


def answer_pdf(pdf: bytes, name: str) -> HttpResponse:
    """Shown by the browser; saved under *name* (without its ending, in any script)."""
    return download(pdf, f"{name}.pdf", shown=True)
