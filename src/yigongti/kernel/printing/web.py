"""A rendered PDF as the answer of a page."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse


def answer_pdf(pdf: bytes, name: str) -> HttpResponse:
    """Shown by the browser; saved under *name* (without its ending, in any script)."""
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(f'{name}.pdf', safe='')}"
    return answer
