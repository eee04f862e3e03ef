"""Centres with catalogue, hours and roster; who governs an alliance; what an alliance has unified (N2, N3).

A centre is a unit of the tree: below its host institution, else below the consortium it serves, else below the region. So
its host's head reaches it, and so does the consortium's headquarters.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, IntegerRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from yigongti.kernel.access.fence import ANYBODY, SEAT, UNITS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Unit
from yigongti.registry.models.network import MANAGED, Alliance, Institution, dates_in_order, days

_OWN = f"{has('registry.manage')} or ({has('centre.manage')} and centre_id = any({UNITS}))"

RUN = Fence(select=ANYBODY, insert=_OWN, update=_OWN, finder=("select",))
"""Public inside the house; written by administrators, by the head of the host and by headquarters."""


class _Clock(Func):
    """The seconds of a day from `opens` to `closes`, the end not included."""

    function = "int4range"
    template = (
        "int4range(extract(epoch from opens)::integer, extract(epoch from closes)::integer, '[)')"  # no expressions
    )
    output_field = IntegerRangeField()


class _Moments(Func):
    """The moments from `starts` to `ends`, the end not included."""

    function = "tstzrange"
    template = "%(function)s(%(expressions)s, '[)')"
    output_field = DateTimeRangeField()


class Centre(Fenced):
    """A centre: hosted by an institution (or by headquarters), serving an alliance (or the whole region)."""

    class Kind(models.TextChoices):
        HQ = "hq", "总部管理中心"
        RESOURCE = "resource", "资源共享中心"
        CLINICAL = "clinical", "临床服务中心"
        EMERGENCY = "emergency", "急诊急救中心"
        DESK = "desk", "分级诊疗综合服务中心"
        HEALTH = "health", "健康管理中心"

    unit = models.OneToOneField(Unit, models.DO_NOTHING, primary_key=True, related_name="centre")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    code = models.CharField(max_length=40, help_text="what it is, as a blueprint names it: imaging, laboratory …")
    host = models.ForeignKey(Institution, models.DO_NOTHING, null=True, related_name="centres")
    alliance = models.ForeignKey(
        Alliance, models.DO_NOTHING, null=True, related_name="centres", help_text="whom it serves; none = the region"
    )
    promise = models.TextField(blank=True, help_text="what it promises to those it serves, in words")
    phone = models.CharField(max_length=20, blank=True)
    opens_24h = models.BooleanField(default=False)
    clause = models.CharField(max_length=120, blank=True, help_text="the clause it stands on")
    starts = models.DateField()
    ends = models.DateField(null=True)

    fence = Fence(
        select=ANYBODY,
        insert=has("registry.manage"),
        update=f"{has('registry.manage')} or ({has('centre.govern')} and unit_id = any({UNITS}))",
        finder=("select",),
    )

    class Meta:
        constraints = [
            dates_in_order("registry_centre_dates"),
            models.UniqueConstraint(
                fields=["alliance", "host", "kind", "code", "starts"], name="registry_centre_once", nulls_distinct=False
            ),
        ]


class CentreService(Fenced):
    """A line of a centre's catalogue: what it does for others, and within how many minutes."""

    centre = models.ForeignKey(Centre, models.DO_NOTHING, related_name="services")
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    unit_title = models.CharField(max_length=20, blank=True, help_text="what is counted: 例, 份, 包")
    turnaround = models.IntegerField(null=True, help_text="minutes from request to result; none = not promised")
    note = models.CharField(max_length=200, blank=True)
    starts = models.DateField()
    ends = models.DateField(null=True)

    fence = RUN

    class Meta:
        constraints = [
            dates_in_order("registry_centreservice_dates"),
            models.CheckConstraint(
                name="registry_centreservice_turnaround", condition=Q(turnaround=None) | Q(turnaround__gt=0)
            ),
            ExclusionConstraint(
                name="registry_centreservice_one",
                expressions=[
                    ("centre", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    (days(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class CentreHours(Fenced):
    """When a centre is open on a weekday (0 = Monday); several spans a day."""

    centre = models.ForeignKey(Centre, models.DO_NOTHING, related_name="hours")
    weekday = models.SmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    fence = Fence(select=ANYBODY, insert=_OWN, update=_OWN, delete=_OWN, finder=("select",))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="registry_centrehours_order", condition=Q(weekday__gte=0, weekday__lte=6, closes__gt=F("opens"))
            ),
            ExclusionConstraint(
                name="registry_centrehours_one",
                expressions=[
                    ("centre", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (_Clock(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class CentreDuty(Fenced):
    """A person on duty at a centre from a moment to a moment; `day` is the roster's day on which the duty begins."""

    centre = models.ForeignKey(Centre, models.DO_NOTHING, related_name="duties")
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    day = models.DateField()
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    phone = models.CharField(max_length=20, blank=True)

    fence = Fence(select=ANYBODY, insert=_OWN, update=_OWN, delete=f"({_OWN}) and starts > now()", finder=("select",))

    class Meta:
        indexes = [models.Index(fields=["centre", "day"])]
        constraints = [
            models.CheckConstraint(name="registry_centreduty_order", condition=Q(ends__gt=F("starts"))),
            ExclusionConstraint(
                name="registry_centreduty_one",
                expressions=[
                    ("centre", RangeOperators.EQUAL),
                    ("seat", RangeOperators.EQUAL),
                    (_Moments("starts", "ends"), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class GoverningBody(Fenced):
    """Who governs: of one alliance, or of the region's alliances as a whole."""

    class Kind(models.TextChoices):
        COUNCIL = "council", "理事会"
        COMMITTEE = "committee", "管理委员会"
        MECHANISM = "mechanism", "工作推进机制"
        PARTY_COMMITTEE = "party_committee", "党委"

    alliance = models.ForeignKey(Alliance, models.DO_NOTHING, null=True, related_name="bodies")
    region = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    title = models.CharField(max_length=80)
    chair = models.CharField(max_length=80, blank=True, help_text="who presides, by office")
    office = models.CharField(max_length=80, blank=True, help_text="where its daily work is done")
    term_years = models.SmallIntegerField(null=True)
    clause = models.CharField(max_length=120, blank=True)
    starts = models.DateField()
    ends = models.DateField(null=True)

    fence = MANAGED

    class Meta:
        constraints = [
            dates_in_order("registry_governingbody_dates"),
            models.CheckConstraint(
                name="registry_governingbody_term", condition=Q(term_years=None) | Q(term_years__gt=0)
            ),
            ExclusionConstraint(
                name="registry_governingbody_one",
                expressions=[
                    ("region", RangeOperators.EQUAL),
                    (Func(F("alliance"), 0, function="coalesce"), RangeOperators.EQUAL),
                    ("title", RangeOperators.EQUAL),
                    (days(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class BodyMember(Fenced):
    """A party (department, institution, people's representative) in a governing body, with the person if known."""

    class Role(models.TextChoices):
        CHAIR = "chair", "主任（理事长）"
        VICE = "vice", "副主任（副理事长）"
        MEMBER = "member", "成员"

    body = models.ForeignKey(GoverningBody, models.DO_NOTHING, related_name="members")
    party = models.CharField(max_length=80)
    person = models.CharField(max_length=80, blank=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER)
    starts = models.DateField()
    ends = models.DateField(null=True)

    fence = MANAGED

    class Meta:
        constraints = [
            dates_in_order("registry_bodymember_dates"),
            ExclusionConstraint(
                name="registry_bodymember_one",
                expressions=[
                    ("body", RangeOperators.EQUAL),
                    ("party", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    (days(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class Unified(Fenced):
    """What an alliance has unified: one domain (人力资源, 财务 …) from a day on, with the clause that asks for it."""

    alliance = models.ForeignKey(Alliance, models.DO_NOTHING, related_name="unified")
    domain = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    clause = models.CharField(max_length=120, blank=True)
    starts = models.DateField()
    ends = models.DateField(null=True)

    fence = MANAGED

    class Meta:
        constraints = [
            dates_in_order("registry_unified_dates"),
            ExclusionConstraint(
                name="registry_unified_one",
                expressions=[
                    ("alliance", RangeOperators.EQUAL),
                    ("domain", RangeOperators.EQUAL),
                    (days(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class NetworkAct(Fenced):
    """An act on the network that was done, by the client's id: sent again it has no second effect."""

    client_id = models.UUIDField(primary_key=True)
    verb = models.CharField(max_length=40)
    row = models.BigIntegerField(null=True, help_text="the row it made or changed")
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    made_at = models.DateTimeField()

    fence = Fence(select=ANYBODY, insert=f"seat_id = {SEAT}", update=f"seat_id = {SEAT}")
