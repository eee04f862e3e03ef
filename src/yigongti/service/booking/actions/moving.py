"""Finding another place for who was booked in a suspended session."""

from __future__ import annotations

from uuid import uuid5

from yigongti.kernel.case.facade import Act, Refused
from yigongti.service.booking import queries
from yigongti.service.booking.actions.booking import keep, made
from yigongti.service.booking.actions.robot import anew
from yigongti.service.booking.models import Booking, Moved


def _of(act: Act) -> Moved:
    found: Moved = Moved.objects.select_related("booking__resource").get(pk=act.case.pk)
    return found


def on_rebook(act: Act) -> None:
    """Book the other place on the same channel and for the same referral. Raises Refused when it was just taken."""
    row, before = _of(act), _of(act).booking
    slot = queries.slot(int(getattr(act.values["slot"], "code", act.values["slot"])))
    if slot.unit_id != before.unit_id or slot.kind != before.kind:
        raise Refused("改约须在同一机构、同一类别", field="slot", remedy="从列表中选择")
    if slot.reserved and slot.released_at is None and before.channel != "referral":
        raise Refused("该号预留给家庭医生转诊的患者", field="slot", remedy="选其他号")
    booking = made(
        act.acting, slot, before.subject_id, before.name, before.channel, before.case_id,
        uuid5(before.client_id, f"instead {act.case.pk}"),
    )  # fmt: skip
    _instead(row, keep(booking))
    act.values["slot"] = queries.when(slot.kind, slot.starts, slot.ends)


def on_drop(act: Act) -> None:
    """The reason is kept for statistics."""
    act.reason = str(getattr(act.values["reason"], "code", act.values["reason"]))


def on_settled(act: Act) -> None:
    """The person found another place alone."""
    row = _of(act)
    booking = anew(row)
    if booking is not None:
        _instead(row, booking)


def _instead(row: Moved, booking: Booking) -> None:
    row.instead = booking
    row.save(force_update=True, update_fields=["instead"])
