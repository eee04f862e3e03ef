"""Printed forms and lists: described as data, rendered as PDF with embedded fonts.

``render_pdf(Printout(title, number, institution, blocks, verify_url=…, paper="A4"))`` gives the bytes.
Blocks: Fields, Paragraph, Table, Signatures, Note. No template, no page code: a new form is a new
description.
"""

from .model import (
    PAPERS,
    Block,
    Column,
    Fields,
    FontError,
    Note,
    Paper,
    Paragraph,
    PrintError,
    Printout,
    Signatures,
    Table,
)
from .web import answer_pdf, answer_printed, as_printed

__all__ = [
    "PAPERS",
    "Block",
    "Column",
    "Fields",
    "FontError",
    "Note",
    "Paper",
    "Paragraph",
    "PrintError",
    "Printout",
    "Signatures",
    "Table",
    "answer_pdf",
    "answer_printed",
    "as_printed",
    "render_pdf",
]


def render_pdf(printout: Printout) -> bytes:
    """The PDF of a form, fonts embedded.

    Raises PrintError for an unknown paper, a table row of the wrong length, more than 500 pages or a label
    that does not fit; FontError when the printing font is not installed.
    """
    from .draw import render  # the libraries of PDF and fonts take a quarter of a second to load: at the first print

    return render(printout)
