"""Making and changing calendars: resources, week plans, sessions generated from them, sessions suspended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting, Denied
from yigongti.kernel.access.models import Unit
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused, open_case
from yigongti.policy import facade as policy
from yigongti.service.booking import queries, rules
from yigongti.service.booking.actions import shared
from yigongti.service.booking.actions.booking import give_back
from yigongti.service.booking.models import Booking, Kind, Moved, Resource, Session, Slot, Template
from yigongti.service.booking.words import SUSPENSIONS, WEEKDAYS, word


def new_resource(*, acting: Acting, values: dict[str, Any], client_id: UUID) -> Resource:
    """Enter a specialist's clinic, a ward or a device of the own institution. The same client id again returns it.

    Raises Denied; Refused: the institution has one of that kind and name.
    """
    acting.demand("booking.manage")
    known: Resource | None = Resource.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    seat = values.get("seat")
    row = Resource(
        client_id=client_id, unit_id=acting.unit_id, kind=values["kind"], department=values["department"],
        specialty=values.get("specialty") or values["department"], title=values["title"],
        seat_id=int(seat) if seat else None, location=values.get("location") or "", made_at=calendar.now(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as clash:
        again: Resource | None = Resource.objects.filter(client_id=client_id).first()
        if again is not None:
            return again
        raise Refused(f"本机构已有“{row.title}”", field="title", remedy="换一个能区分的名称") from clash
    log.did("calendar.changed", "calendar", [row.pk], why=row.title)
    return row


def close_resource(*, acting: Acting, resource_id: int) -> Resource:
    """Nothing of it is offered any more; places already given stay. Raises Resource.DoesNotExist, Denied."""
    row = own_resource(acting, resource_id)
    row.active = False
    row.save(force_update=True, update_fields=["active"])
    log.did("calendar.changed", "calendar", [row.pk], why=f"停用 {row.title}")
    return row


def own_resource(acting: Acting, resource_id: int) -> Resource:
    """A resource of the seat's own units. Raises Resource.DoesNotExist, Denied."""
    acting.demand("booking.manage")
    row: Resource = Resource.objects.select_related("unit").get(pk=resource_id, unit_id__in=acting.units)
    return row


def plan(*, acting: Acting, resource_id: int, values: dict[str, Any], client_id: UUID) -> Template:
    """Add a weekly session. Less than policy's share is allowed and warned of, never hidden.

    Raises Resource.DoesNotExist, Denied; Refused: it overlaps another, ends before it starts, or a place would be
    shorter than a minute.
    """
    known: Template | None = Template.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    resource = own_resource(acting, resource_id)
    weekday, places = int(values["weekday"]), int(values["places"])
    starts, ends = rules.clock(values["starts_at"]), rules.clock(values["ends_at"])
    if starts is None or ends is None or ends <= starts:
        raise Refused("结束时间须晚于开始时间", field="ends_at", remedy="按 08:00 的样式填写")
    minutes = (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
    if resource.kind != Kind.BED and minutes < places:
        raise Refused(f"{minutes} 分钟排不下 {places} 个号", field="places", remedy="减少号数或延长时间")
    today = calendar.today()
    others = [
        (one.weekday, one.starts_at, one.ends_at)
        for one in queries.templates_of(resource.pk, today)
    ]  # fmt: skip
    if rules.clashes((weekday, starts, ends), others):
        raise Refused(
            f"{resource.title} {WEEKDAYS[weekday]} 该时段已有排班", field="starts_at", remedy="先停用原排班，或改时间"
        )
    share = values.get("share_percent")
    row: Template = Template.objects.create(
        client_id=client_id, resource=resource, unit_id=resource.unit_id, weekday=weekday, starts_at=starts, ends_at=ends,
        places=places, share_bp=None if share is None else int(share * 100), starts=values.get("starts") or today,
    )  # fmt: skip
    log.did("calendar.changed", "calendar", [resource.pk], why=f"{resource.title} {WEEKDAYS[weekday]} 排班")
    return row


def end_plan(*, acting: Acting, template_id: int) -> Template:
    """No sessions are made of it from today on; those made already stay. Raises Template.DoesNotExist, Denied."""
    acting.demand("booking.manage")
    row: Template = Template.objects.select_related("resource").get(pk=template_id, unit_id__in=acting.units)
    row.ends = calendar.today() - timedelta(days=1)
    row.save(force_update=True, update_fields=["ends"])
    log.did("calendar.changed", "calendar", [row.resource_id], why=f"停用排班 {row.resource.title}")
    return row


@dataclass(frozen=True)
class Generated:
    """What generating made."""

    sessions: int
    slots: int


def generate(*, acting: Acting, unit_id: int, start: date, days: int) -> Generated:
    """Make the sessions and slots of the days that are missing, from the week plans in force; again makes nothing more.

    Raises Denied; PolicyGap is not an error here: where no text gives a share, the plan's own counts, else none.
    """
    if unit_id not in acting.units or not (acting.may("booking.manage") or acting.may("booking.robot")):
        raise Denied("booking.manage")
    place = Unit.objects.values_list("place", flat=True).get(pk=unit_id)
    end = start + timedelta(days=days)
    plans = list(Template.objects.select_related("resource").filter(unit_id=unit_id, resource__active=True))
    had = set(Session.objects.filter(unit_id=unit_id, day__gte=start, day__lt=end).values_list("resource_id", "starts"))
    rows = []
    for one in plans:
        for day in rules.days(start, days, one.weekday):
            first = datetime.combine(day, one.starts_at, calendar.ZONE)
            if day < one.starts or (one.ends is not None and day > one.ends) or (one.resource_id, first) in had:
                continue
            if first > calendar.now():
                rows.append(session_of(one, day, shared.wanted_share(place, day)))
    made = Session.objects.bulk_create(rows, ignore_conflicts=True)
    kept = {
        (row.resource_id, row.starts): row
        for row in Session.objects.filter(unit_id=unit_id, day__gte=start, day__lt=end, slots=None)
    } if made else {}  # fmt: skip
    by_key = {(one.resource_id, one.starts): one for one in rows}
    slots = [slot for key, row in kept.items() if key in by_key for slot in slots_of(row, by_key[key])]
    Slot.objects.bulk_create(slots, ignore_conflicts=True, batch_size=2_000)
    if slots:
        log.did("calendar.changed", "calendar", [unit_id], why=f"生成 {len(kept)} 个时段")
    return Generated(len(kept), len(slots))


def session_of(plan: Template, day: date, wanted: policy.Value | None) -> Session:
    """A session of a plan on a day, not yet written; the share is the plan's own where it has one."""
    need = int(wanted.value) if wanted is not None else None
    share = plan.share_bp if plan.share_bp is not None else need or 0
    starts = datetime.combine(day, plan.starts_at, calendar.ZONE)
    return Session(
        resource_id=plan.resource_id, unit_id=plan.unit_id, template=plan, day=day, starts=starts,
        ends=datetime.combine(day, plan.ends_at, calendar.ZONE), places=plan.places,
        reserved=rules.kept(plan.places, share), need_bp=need,
    )  # fmt: skip


def slots_of(session: Session, like: Session) -> list[Slot]:
    """The slots of a written session, not yet written; `like` has its plan at hand."""
    assert like.template is not None
    kind = like.template.resource.kind
    cuts = rules.cut(session.starts, session.ends, session.places, session.reserved, together=kind == Kind.BED)
    return [
        Slot(session_id=session.pk, resource_id=session.resource_id, unit_id=session.unit_id, kind=kind, number=one.number,
             starts=one.starts, ends=one.ends, reserved=one.reserved)
        for one in cuts
    ]  # fmt: skip


# ---- suspended ---------------------------------------------------------------------------------


def suspend(*, acting: Acting, session_id: int, code: str, text: str, client_id: UUID) -> Session:
    """Suspend a session: nothing more is booked; for each person booked a case opens, held by the desk, that finds them
    another place within the limit; each is told. Again: nothing more happens.

    Raises Session.DoesNotExist, Denied; Refused once it has ended.
    """
    acting.demand("booking.manage")
    row: Session = Session.objects.select_related("resource", "unit").get(pk=session_id, unit_id__in=acting.units)
    if row.status == Session.Status.SUSPENDED:
        return row
    if row.ends <= calendar.now():
        raise Refused("该时段已经结束，不能停诊", remedy="选今天以后的时段")
    why = "：".join(part for part in (word(SUSPENSIONS, code), text.strip()) if part)
    slots = list(Slot.objects.select_for_update().filter(session=row).order_by("pk").values_list("pk", flat=True))
    row.status, row.reason, row.changed_at = Session.Status.SUSPENDED, why[:200], calendar.now()
    row.save(force_update=True, update_fields=["status", "reason", "changed_at"])
    Slot.objects.filter(pk__in=slots).update_any(status=Slot.Status.CLOSED)
    hit = Booking.objects.select_for_update(of=("self",)).select_related("resource", "unit", "case")
    for booking in hit.filter(slot_id__in=slots, status__in=queries.LIVE).order_by("pk"):
        give_back(booking, "suspended")
        _move(acting, booking, row, uuid5(client_id, str(booking.pk)))
    log.did("calendar.changed", "calendar", [row.resource_id], why=f"停诊 {row.resource.title} {row.day:%m-%d}")
    return row


def _move(acting: Acting, booking: Booking, session: Session, client_id: UUID) -> None:
    when = queries.when(booking.kind, booking.starts, booking.ends)
    open_case(
        acting=acting, flow="booking_moved", subject_id=booking.subject_id, from_unit=booking.unit_id, to_unit=booking.unit_id,
        hq_unit=shared.hq_of(booking.unit), title=f"停诊改约：{booking.name} {booking.resource.title} {when}",
        values={"booking": booking.pk, "reason": session.reason}, client_id=client_id, parent=booking.case,
        priority=1 if booking.case_id else 0,
    )  # fmt: skip


def on_moved(act: Any) -> None:
    """Keep which booking the case is about."""
    Moved.objects.create(
        case=act.case, booking_id=act.values["booking"], unit_id=act.case.to_unit_id, subject_id=act.case.subject_id,
        at=act.at,
    )  # fmt: skip


def reopen(*, acting: Acting, session_id: int) -> Session:
    """Take a suspension back: its places are offered again; who was moved stays where they are now.

    Raises Session.DoesNotExist, Denied; Refused once it has begun.
    """
    acting.demand("booking.manage")
    row: Session = Session.objects.select_related("resource").get(pk=session_id, unit_id__in=acting.units)
    if row.status == Session.Status.OPEN:
        return row
    if row.starts <= calendar.now():
        raise Refused("该时段已经开始，不能恢复", remedy="另加一个时段")
    row.status, row.reason, row.changed_at = Session.Status.OPEN, "", calendar.now()
    row.save(force_update=True, update_fields=["status", "reason", "changed_at"])
    Slot.objects.filter(session=row).update_any(status=Slot.Status.OPEN)
    log.did("calendar.changed", "calendar", [row.resource_id], why=f"恢复 {row.resource.title} {row.day:%m-%d}")
    return row


def units_with_plans(acting: Acting) -> Sequence[int]:
    """The units in reach that have a week plan."""
    return list(Template.objects.filter(unit_id__in=acting.units).order_by("unit_id").values_list("unit_id", flat=True)
                .distinct())  # fmt: skip
