"""Finding the desk of a flow among those the wiring lists."""

from __future__ import annotations

from yigongti.kernel import wiring
from yigongti.kernel.access.facade import Acting, Denied
from yigongti.kernel.case.facade import Case, flow_of

from .description import Desk


def desks(acting: Acting) -> list[Desk]:
    """The desks that this seat may open, in the wiring's order."""
    return [desk for desk in wiring.offer("DESKS", ()) if acting.may(desk.right)]


def desk_of(code: str, acting: Acting) -> Desk:
    """The desk of a flow. Raises Denied when there is none or the seat may not open it; both look the same."""
    for desk in wiring.offer("DESKS", ()):
        if desk.code == code:
            acting.demand(desk.right)
            found: Desk = desk
            return found
    raise Denied(code)


def desk_for(case: Case) -> Desk:
    """The desk that shows a case; a flow that the wiring lists no desk for shows plainly."""
    for desk in wiring.offer("DESKS", ()):
        if desk.code == case.flow:
            found: Desk = desk
            return found
    return Desk(flow=flow_of(case.flow, case.flow_version))
