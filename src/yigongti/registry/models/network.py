"""Institutions, alliances, catchment, ability lists: who exists, who belongs together, who can treat what."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Func, Q

from yigongti.kernel.access.fence import ANYBODY, Fence, has
from yigongti.kernel.access.models import Fenced, Subject, Unit

MANAGED = Fence(select=ANYBODY, insert=has("registry.manage"), update=has("registry.manage"), finder=("select",))
"""The network is public inside the house; only administrators write it."""


class _Days(Func):
    """The days from `starts` to `ends` as a range, both included; no end = open."""

    function = "daterange"
    template = "%(function)s(%(expressions)s, '[]')"
    output_field = DateRangeField()


def days() -> _Days:
    """The days of a dated row, for an exclusion constraint."""
    return _Days("starts", "ends")


def dates_in_order(name: str) -> models.CheckConstraint:
    """A row may not end before it begins."""
    return models.CheckConstraint(name=name, condition=Q(ends=None) | Q(ends__gte=models.F("starts")))


class Institution(Fenced):
    """A health or care institution (requirements N1). Its name, place and tree stand in ``access.Unit``."""

    class Kind(models.TextChoices):
        COUNTY_GENERAL = "county_general", "县级综合医院"
        COUNTY_TCM = "county_tcm", "县级中医医院"
        MCH = "mch", "妇幼保健机构"
        SPECIALIST = "specialist", "专科医院"
        REHABILITATION = "rehabilitation", "康复医院"
        NURSING = "nursing", "护理院"
        PRIVATE_HOSPITAL = "private_hospital", "民营医院"
        CDC = "cdc", "疾病预防控制机构"
        TOWNSHIP_CENTRE = "township_centre", "乡镇卫生院"
        COMMUNITY_CENTRE = "community_centre", "社区卫生服务中心"
        COMMUNITY_STATION = "community_station", "社区卫生服务站"
        VILLAGE_CLINIC = "village_clinic", "村卫生室"
        ELDERLY_HOME = "elderly_home", "养老机构"
        CITY_HOSPITAL = "city_hospital", "城市医院"
        PUBLIC_HEALTH = "public_health", "其他公共卫生机构"
        OTHER = "other", "其他医疗机构"

    class Level(models.TextChoices):
        THREE_A = "3a", "三级甲等"
        THREE_B = "3b", "三级乙等"
        THREE = "3", "三级"
        TWO_A = "2a", "二级甲等"
        TWO_B = "2b", "二级乙等"
        TWO = "2", "二级"
        ONE = "1", "一级"
        NONE = "none", "未定级"

    class Ownership(models.TextChoices):
        PUBLIC = "public", "公立"
        COLLECTIVE = "collective", "集体"
        PRIVATE_NONPROFIT = "private_nonprofit", "民营非营利"
        PRIVATE_PROFIT = "private_profit", "民营营利"

    unit = models.OneToOneField(Unit, models.DO_NOTHING, primary_key=True, related_name="institution")
    kind = models.CharField(max_length=24, choices=Kind.choices)
    level = models.CharField(max_length=8, choices=Level.choices, default=Level.NONE)
    ownership = models.CharField(max_length=24, choices=Ownership.choices, default=Ownership.PUBLIC)
    is_tcm = models.BooleanField(default=False, help_text="provides traditional Chinese medicine")
    legal_person = models.CharField(max_length=80, blank=True)
    credit_code = models.CharField(max_length=18, null=True, unique=True)
    beds = models.IntegerField(default=0)
    icu_beds = models.IntegerField(default=0)
    negative_pressure_beds = models.IntegerField(default=0)
    told_staff = models.IntegerField(
        null=True, help_text="health workers as the institution reports them; none: counted"
    )
    told_doctors = models.IntegerField(null=True, help_text="licensed (assistant) physicians among them")
    told_gps = models.IntegerField(null=True, help_text="general practitioners among the physicians")
    told_source = models.CharField(max_length=80, blank=True, help_text="report and year the numbers are from")
    fever_clinic = models.BooleanField(default=False)
    specialty = models.CharField(max_length=80, blank=True, help_text="the technique it is known for")
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    lon = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    lat = models.DecimalField(max_digits=8, decimal_places=6, null=True)

    fence = MANAGED

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="registry_institution_beds",
                condition=Q(beds__gte=0, icu_beds__gte=0, negative_pressure_beds__gte=0),
            ),
            models.CheckConstraint(
                name="registry_institution_told",
                condition=Q(
                    Q(told_staff=None) | Q(told_staff__gte=0),
                    Q(told_doctors=None) | Q(told_doctors__gte=0),
                    Q(told_gps=None) | Q(told_gps__gte=0),
                ),
            ),
        ]


class ClinicMode(Fenced):
    """How a village clinic is run, dated; one mode at a time."""

    class Mode(models.TextChoices):
        INDEPENDENT = "independent", "独立举办"
        VILLAGE_TOWNSHIP = "village_township", "村办院管"
        TOWNSHIP = "township", "院办院管"
        EXTENSION = "extension", "延伸服务点"

    institution = models.ForeignKey(Institution, models.DO_NOTHING, related_name="modes")
    mode = models.CharField(max_length=24, choices=Mode.choices)
    starts = models.DateField()
    ends = models.DateField(null=True)

    fence = MANAGED

    class Meta:
        constraints = [
            dates_in_order("registry_clinicmode_dates"),
            ExclusionConstraint(
                name="registry_clinicmode_one",
                expressions=[("institution", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
        ]


class Department(Fenced):
    """A department of an institution; ``specialty_code`` is the licensed subject (诊疗科目)."""

    unit = models.OneToOneField(Unit, models.DO_NOTHING, primary_key=True, related_name="department")
    institution = models.ForeignKey(Institution, models.DO_NOTHING, related_name="departments")
    specialty_code = models.CharField(max_length=16, blank=True)
    beds = models.IntegerField(default=0)

    fence = MANAGED


class Alliance(Fenced):
    """A medical alliance of one of five kinds (N2). A county consortium also has a unit of its own."""

    class Kind(models.TextChoices):
        COUNTY = "county", "县域医共体"
        URBAN = "urban", "城市医疗集团"
        CITY_RURAL = "city_rural", "城乡医联体"
        SPECIALIST = "specialist", "专科联盟"
        TELEMEDICINE = "telemedicine", "远程医疗协作网"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=80, unique=True)
    unit = models.OneToOneField(Unit, models.DO_NOTHING, null=True, related_name="alliance")
    lead = models.ForeignKey(Institution, models.DO_NOTHING, null=True, related_name="leads")
    scope = models.TextField(blank=True, help_text="in what the members work together")
    agreement = models.CharField(max_length=120, blank=True)
    agreement_no = models.CharField(max_length=60, blank=True)
    agreement_signed = models.DateField(null=True)
    starts = models.DateField()
    ends = models.DateField(null=True)

    fence = MANAGED

    class Meta:
        constraints = [dates_in_order("registry_alliance_dates")]


class AllianceMember(Fenced):
    """An institution in an alliance, in one mode at a time; it may be in several alliances."""

    class Mode(models.TextChoices):
        TIGHT = "tight", "紧密型"
        TRUSTEESHIP = "trusteeship", "托管"
        COOPERATION = "cooperation", "协作"

    alliance = models.ForeignKey(Alliance, models.DO_NOTHING, related_name="members")
    institution = models.ForeignKey(Institution, models.DO_NOTHING, related_name="memberships")
    mode = models.CharField(max_length=16, choices=Mode.choices)
    starts = models.DateField()
    ends = models.DateField(null=True)

    fence = MANAGED

    class Meta:
        constraints = [
            dates_in_order("registry_alliancemember_dates"),
            ExclusionConstraint(
                name="registry_alliancemember_one",
                expressions=[
                    ("alliance", RangeOperators.EQUAL),
                    ("institution", RangeOperators.EQUAL),
                    (days(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class Catchment(Fenced):
    """Who is responsible for the people of a place: one consortium, one township centre, one clinic at a time (N2)."""

    place = models.CharField(max_length=12)
    consortium = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    township = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    clinic = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+")
    starts = models.DateField()
    ends = models.DateField(null=True)
    why = models.CharField(max_length=200, blank=True, help_text="the document or decision behind the change")

    fence = Fence(
        select=ANYBODY, insert=has("registry.manage"), update=has("registry.manage"),
        delete=f"{has('registry.manage')} and starts > access.today()", finder=("select",),
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["township"]), models.Index(fields=["clinic"])]
        constraints = [
            dates_in_order("registry_catchment_dates"),
            ExclusionConstraint(
                name="registry_catchment_one",
                expressions=[("place", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
        ]


class Belonging(Fenced):
    """Who was responsible for a resident in a time that is over; who is now, stands with the resident.

    Kept when catchment or residence changes, so that each resident belongs to exactly one consortium on each day.
    """

    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    place = models.CharField(max_length=12)
    home = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+")
    township = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+")
    consortium = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+")
    starts = models.DateField()
    ends = models.DateField()
    why = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()

    fence = Fence(
        select="exists (select 1 from registry_resident r where r.subject_id = registry_belonging.subject_id)",
        insert=has("registry.resident"),
        finder=("select", "delete"),
    )

    class Meta:
        constraints = [
            dates_in_order("registry_belonging_dates"),
            ExclusionConstraint(
                name="registry_belonging_one",
                expressions=[("subject", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
        ]


class AbilityItem(Fenced):
    """A line of an institution's function profile (N4): what it can treat or do, by code prefix, dated."""

    class Kind(models.TextChoices):
        DISEASE = "disease", "病种"
        SYMPTOM = "symptom", "症状（待查）"
        SERVICE = "service", "服务项目"
        TCM = "tcm", "中医药技术"

    institution = models.ForeignKey(Institution, models.DO_NOTHING, related_name="abilities")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.DISEASE)
    prefix = models.CharField(max_length=12, help_text="ICD-10 or service code; everything beginning with it is meant")
    title = models.CharField(max_length=80)
    note = models.CharField(max_length=120, blank=True)
    starts = models.DateField()
    ends = models.DateField(null=True)
    source = models.CharField(max_length=120, blank=True)

    fence = MANAGED

    class Meta:
        indexes = [models.Index(fields=["institution", "kind", "prefix"])]
        constraints = [
            dates_in_order("registry_abilityitem_dates"),
            models.UniqueConstraint(
                fields=["institution", "kind", "prefix", "starts"], name="registry_abilityitem_once"
            ),
        ]
