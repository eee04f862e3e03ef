"""What can be booked (resources, week plans, sessions, slots) and who booked it.

The calendar is public inside the house and names no patient. A booking is person data: it is seen by the institution of
the resource, by the parties of its referral, and by the person. That one place is never given twice, and that nobody is
booked twice at the same time, is said by two constraints of the database and not by code.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from yigongti.kernel.access.fence import ANYBODY, SUBJECTS, UNITS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Subject, Unit
from yigongti.kernel.case.models import Case

_HERE = f"unit_id = any({UNITS})"
_ROBOT = has("booking.robot")
_MANAGER = f"({has('booking.manage')} or {_ROBOT}) and {_HERE}"
CALENDAR = Fence(select=ANYBODY, insert=_MANAGER, update=_MANAGER, finder=("select",))
"""Calendars show free and taken places to everybody; only the institution itself changes its own."""

_STAFF = f"({has('booking.desk')} or {has('clinical.read')}) and {_HERE}"
_CASE = "case_id is not null and exists (select 1 from case_case c where c.id = case_id)"
_PARTY = f"{has('clinical.read')} and {_CASE}"
_OWN = f"subject_id = any({SUBJECTS})"
_SEEN = f"({_STAFF}) or ({_PARTY}) or {_OWN} or ({_ROBOT} and {_HERE}) or {has('facts.build')}"
_DESK = f"{has('booking.desk')} and {_HERE}"
_SELF = f"{has('resident.self')} and {_OWN} and channel = 'resident'"
_MADE = f"({_DESK}) or ({_SELF}) or ({_ROBOT} and {_HERE})"
_CHANGED = (
    f"(({has('booking.desk')} or {has('care.visit')}) and {_HERE}) or ({has('referral.sender')} and {_CASE})"
    f" or ({has('resident.self')} and {_OWN}) or ({_ROBOT} and {_HERE})"
)


class Kind(models.TextChoices):
    EXPERT = "expert", "专家号源"
    BED = "bed", "住院床位"
    EXAM = "exam", "预约检查"


class Channel(models.TextChoices):
    REFERRAL = "referral", "家庭医生转诊"
    DESK = "desk", "窗口"
    RESIDENT = "resident", "居民自助"


class _Moments(Func):
    """From `starts` up to, not including, `ends`."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


class Resource(Fenced):
    """What is booked: a specialist's clinic, a ward's beds, a device. `title` is what people call it."""

    client_id = models.UUIDField(unique=True)
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    department = models.CharField(max_length=80)
    specialty = models.CharField(max_length=80, blank=True, help_text="subject by which it is looked for")
    title = models.CharField(max_length=120)
    seat = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+", help_text="the specialist")
    location = models.CharField(max_length=120, blank=True, help_text="where to go: building, floor, room")
    active = models.BooleanField(default=True)
    made_at = models.DateTimeField()

    fence = CALENDAR

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "kind", "title"], name="booking_resource_once")]


class Template(Fenced):
    """A weekly session of a resource. `share_bp` None: the share kept for family doctors is the policy's."""

    client_id = models.UUIDField(unique=True)
    resource = models.ForeignKey(Resource, models.DO_NOTHING, related_name="templates")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    weekday = models.SmallIntegerField(help_text="0 Monday to 6 Sunday")
    starts_at = models.TimeField()
    ends_at = models.TimeField()
    places = models.SmallIntegerField(help_text="people a session takes")
    share_bp = models.SmallIntegerField(null=True, help_text="basis points kept for family doctors, where set here")
    starts = models.DateField()
    ends = models.DateField(null=True)

    fence = CALENDAR

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="booking_template_sane",
                condition=Q(weekday__range=(0, 6), places__range=(1, 400), ends_at__gt=F("starts_at"))
                & (Q(share_bp=None) | Q(share_bp__range=(0, 10_000))),
            )
        ]


class Session(Fenced):
    """One session of one day. `need_bp` is the share that policy demanded on the day it was made."""

    class Status(models.TextChoices):
        OPEN = "open", "开放"
        SUSPENDED = "suspended", "停诊"

    resource = models.ForeignKey(Resource, models.DO_NOTHING, related_name="sessions")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    template = models.ForeignKey(Template, models.DO_NOTHING, null=True, related_name="+")
    day = models.DateField()
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    places = models.SmallIntegerField()
    reserved = models.SmallIntegerField(help_text="places kept for family doctors when it was made")
    need_bp = models.SmallIntegerField(null=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    reason = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(null=True)

    fence = CALENDAR

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resource", "starts"], name="booking_session_once")]
        indexes = [models.Index(fields=["unit", "day"], name="booking_session_day")]


class Slot(Fenced):
    """One place of a session. `reserved`: kept for family doctors until `released_at`."""

    class Status(models.TextChoices):
        OPEN = "open", "开放"
        CLOSED = "closed", "关闭"

    session = models.ForeignKey(Session, models.DO_NOTHING, related_name="slots")
    resource = models.ForeignKey(Resource, models.DO_NOTHING, related_name="+")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    number = models.SmallIntegerField(help_text="counted from 1 in the session")
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    reserved = models.BooleanField(default=False)
    released_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)

    fence = CALENDAR

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "number"], name="booking_slot_once")]
        indexes = [
            models.Index(fields=["unit", "kind", "starts"], name="booking_slot_day"),
            models.Index(fields=["starts"], condition=Q(reserved=True, released_at=None), name="booking_slot_reserved"),
        ]


class Booking(Fenced):
    """One person in one slot. `held_until`: offered from the waiting list, not confirmed yet."""

    class Status(models.TextChoices):
        HELD = "held", "候补待确认"
        BOOKED = "booked", "已预约"
        ARRIVED = "arrived", "已到"
        MISSED = "missed", "爽约"
        CANCELLED = "cancelled", "已取消"

    class Lane(models.TextChoices):
        """A bed is held for a day; a clinic or an examination of that day does not collide with it."""

        VISIT = "visit", "门诊检查"
        BED = "bed", "住院"

    client_id = models.UUIDField(unique=True)
    slot = models.ForeignKey(Slot, models.DO_NOTHING, related_name="bookings")
    resource = models.ForeignKey(Resource, models.DO_NOTHING, related_name="+")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    lane = models.CharField(max_length=5, choices=Lane.choices)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    name = models.CharField(max_length=80, help_text="of the person, as it was when booked")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    case = models.ForeignKey(Case, models.DO_NOTHING, null=True, related_name="+", help_text="the referral")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.BOOKED)
    held_until = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)
    booked_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    booked_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_why = models.CharField(max_length=16, blank=True)
    cancelled_text = models.CharField(max_length=200, blank=True)

    fence = Fence(select=_SEEN, insert=_MADE, update=_CHANGED, finder=("select",))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slot"], condition=~Q(status="cancelled"), name="booking_slot_one_person"),
            ExclusionConstraint(
                name="booking_person_one_place",
                expressions=[
                    ("subject", RangeOperators.EQUAL), ("lane", RangeOperators.EQUAL),
                    (_Moments("starts", "ends"), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=("held", "booked")),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["unit", "starts"], name="booking_booking_day"),
            models.Index(fields=["subject", "-starts"], name="booking_booking_subject"),
            models.Index(fields=["case"], condition=Q(case__isnull=False), name="booking_booking_case"),
            models.Index(fields=["held_until"], condition=Q(status="held"), name="booking_booking_held"),
        ]


class Waiting(Fenced):
    """A person who wants a place when one frees: first come first served within a priority (2 emergency, 1 soon, 0)."""

    class Status(models.TextChoices):
        WAITING = "waiting", "候补中"
        OFFERED = "offered", "已到号，待确认"
        BOOKED = "booked", "已预约"
        LEFT = "left", "已退出"
        EXPIRED = "expired", "已过期"

    client_id = models.UUIDField(unique=True)
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    specialty = models.CharField(max_length=80)
    resource = models.ForeignKey(Resource, models.DO_NOTHING, null=True, related_name="+")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    name = models.CharField(max_length=80)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    case = models.ForeignKey(Case, models.DO_NOTHING, null=True, related_name="+", help_text="the referral")
    priority = models.SmallIntegerField(default=0)
    since = models.DateTimeField()
    until = models.DateField(help_text="last day that is of use")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    booking = models.ForeignKey(Booking, models.DO_NOTHING, null=True, related_name="+")
    offer_case = models.ForeignKey(Case, models.DO_NOTHING, null=True, related_name="+")
    offered_at = models.DateTimeField(null=True)
    offers_lost = models.SmallIntegerField(default=0, help_text="offers that ran out unanswered")
    ended_at = models.DateTimeField(null=True)

    fence = Fence(select=_SEEN, insert=_MADE, update=_CHANGED)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "unit", "kind", "specialty"],
                condition=Q(status__in=("waiting", "offered")),
                name="booking_waits_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["unit", "kind", "-priority", "since"],
                condition=Q(status="waiting"),
                name="booking_waiting_queue",
            ),
            models.Index(fields=["subject"], name="booking_waiting_subject"),
        ]


_DESK_OWN = f"({has('booking.desk')} and {_HERE}) or {_OWN} or ({_ROBOT} and {_HERE})"


class Restriction(Fenced):
    """Who may not book by window or phone for a time, because of appointments missed. Never holds for referrals."""

    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    name = models.CharField(max_length=80)
    missed = ArrayField(models.BigIntegerField(), help_text="ids of the bookings that were missed")
    made_at = models.DateTimeField()
    starts = models.DateField()
    ends = models.DateField(help_text="last day; it ends by itself")
    lifted_at = models.DateTimeField(null=True)
    lifted_why = models.CharField(max_length=200, blank=True)

    fence = Fence(
        select=f"{_DESK_OWN} or {has('facts.build')}",
        insert=f"({has('booking.desk')} or {_ROBOT}) and {_HERE}",
        update=f"({has('booking.desk')} or {_ROBOT}) and {_HERE}",
    )

    class Meta:
        indexes = [models.Index(fields=["subject", "unit", "ends"], name="booking_restriction_subject")]


class Appeal(Fenced):
    """What the person says against a restriction. The robot makes a case of it, which the desk decides within a limit."""

    client_id = models.UUIDField(unique=True)
    restriction = models.ForeignKey(Restriction, models.DO_NOTHING, related_name="appeals")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    text = models.TextField()
    case = models.OneToOneField(Case, models.DO_NOTHING, null=True, related_name="booking_appeal")
    filed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    lifted = models.BooleanField(null=True)

    fence = Fence(
        select=_DESK_OWN,
        insert=f"({has('booking.desk')} and {_HERE}) or ({has('resident.self')} and {_OWN})",
        update=f"({has('booking.desk')} or {_ROBOT}) and {_HERE}",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["restriction"], condition=Q(decided_at=None), name="booking_appeal_one_at_a_time"
            )
        ]


class Moved(Fenced):
    """A booking whose session was suspended: the case in which the desk finds the person another place."""

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="booking_moved")
    booking = models.ForeignKey(Booking, models.DO_NOTHING, related_name="+")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    instead = models.ForeignKey(Booking, models.DO_NOTHING, null=True, related_name="+")
    at = models.DateTimeField()

    fence = Fence(
        select=f"{_DESK_OWN} or ({has('clinical.read')} and exists (select 1 from case_case c where c.id = case_id))",
        insert=f"({has('booking.desk')} or {_ROBOT}) and {_HERE}",
        update=f"({has('booking.desk')} or {_ROBOT}) and {_HERE}",
    )
