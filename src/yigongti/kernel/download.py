"""A file as the answer of a page: its type by the ending of its name, saved under that name in any script."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

TYPES = {
    "crt": "application/x-x509-ca-cert",
    "csv": "text/csv; charset=utf-8",
    "jpeg": "image/jpeg",
    "pdf": "application/pdf",
    "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def download(content: bytes | str, name: str, *, shown: bool = False) -> HttpResponse:
    """The file *name* (with one of the endings of TYPES); *shown* by the browser, else saved. Raises KeyError."""
    answer = HttpResponse(content, content_type=TYPES[name.rpartition(".")[2]])
    answer["Content-Disposition"] = content_disposition_header(not shown, name) or ""
    return answer
