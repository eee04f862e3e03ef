"""One desk for every kind of case: list, detail, actions, print, figures and the flow's own diagram, from
a description.

A module describes (:class:`Column`, :class:`Filter`, :class:`Create`, :class:`Desk`); the wiring lists its
desk; the addresses ``/desk/<flow>/…`` and ``/case/<id>/…`` follow.
"""

from .description import Column, Create, Desk, DeskError, Filter, Row, of

__all__ = ["Column", "Create", "Desk", "DeskError", "Filter", "Row", "of"]
