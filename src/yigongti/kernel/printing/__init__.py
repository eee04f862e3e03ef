"""Printed forms and lists: described as data, rendered as PDF with embedded fonts.

``render_pdf(Printout(title, number, institution, blocks, verify_url=…, paper="A4"))`` gives the bytes.
Blocks: Fields, Paragraph, Table, Signatures, Note. No template, no page code: a new form is a new
description.
"""

from .draw import render_pdf
from .fonts import FontError
from .model import (
    PAPERS,
    Block,
    Column,
    Fields,
    Note,
    Paper,
    Paragraph,
    PrintError,
    Printout,
    Signatures,
    Table,
)

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
    "render_pdf",
]
