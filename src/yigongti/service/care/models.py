"""The clinical rows: visits with their diagnoses, allergies, problems.

Who reads them: the unit that wrote them, a unit to which a live relation opens the person, the person. A sensitive row
(HIV, severe mental illness) opens only to who wrote it and to whoever holds an open case about the person.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yigongti.kernel.access.fence import SEAT, SUBJECTS, UNITS, Fence, has, opens, treated
from yigongti.kernel.access.models import Fenced, Seat, Subject, Unit


def _readers(table: str, extra: str = "") -> str:
    """SQL: who may read a clinical row of this table."""
    treats = treated(f"{table}.subject_id")
    return (
        f"({has('clinical.read')} and (unit_id = any({UNITS}) or {opens(f'{table}.subject_id')})"
        f" and (not sensitive or seat_id = {SEAT} or {treats}))"
        f" or subject_id = any({SUBJECTS}) or {has('facts.build')}{extra}"
    )


_WRITES = f"unit_id = any({UNITS}) and {has('clinical.write')}"


class Visit(Fenced):
    """One contact of a person with a doctor of a unit. Vitals carry their unit in the name of the column."""

    class Kind(models.TextChoices):
        OUTPATIENT = "outpatient", "门诊"
        INPATIENT = "inpatient", "住院"
        HOME = "home", "上门"

    class Evidence(models.TextChoices):
        CARD = "card", "读卡"
        TYPED = "typed", "核对身份证号"
        APPOINTMENT = "appointment", "预约或转诊单"
        CHECKED_IN = "checked_in", "预约到诊登记"

    class Status(models.TextChoices):
        OPEN = "open", "接诊中"
        CLOSED = "closed", "已完成"

    client_id = models.UUIDField(unique=True)
    subject = models.ForeignKey(Subject, models.DO_NOTHING)
    unit = models.ForeignKey(Unit, models.DO_NOTHING)
    seat = models.ForeignKey(Seat, models.DO_NOTHING)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.OUTPATIENT)
    evidence = models.CharField(max_length=12, choices=Evidence.choices)
    started_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    sensitive = models.BooleanField(default=False)
    case_id = models.BigIntegerField(null=True, help_text="the case (a referral) that brought the person here")

    chief_complaint = models.CharField(max_length=200, blank=True)
    history = models.TextField(blank=True)
    temperature_c = models.DecimalField(max_digits=3, decimal_places=1, null=True)
    pulse_per_min = models.SmallIntegerField(null=True)
    breaths_per_min = models.SmallIntegerField(null=True)
    systolic_mmhg = models.SmallIntegerField(null=True)
    diastolic_mmhg = models.SmallIntegerField(null=True)
    spo2_percent = models.SmallIntegerField(null=True)
    glucose_mmol_l = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    weight_kg = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    height_cm = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    hemoglobin_g_l = models.SmallIntegerField(null=True)
    glucose_fasting = models.BooleanField(null=True)
    consciousness = models.CharField(max_length=8, blank=True, help_text="alert, drowsy, confused, coma")
    gcs = models.SmallIntegerField(null=True, help_text="Glasgow coma scale, 3–15")
    pain_score = models.SmallIntegerField(null=True, help_text="0–10")
    days_ill = models.SmallIntegerField(null=True)
    pregnant = models.BooleanField(null=True)
    gestation_weeks = models.SmallIntegerField(null=True)
    red_flags = ArrayField(models.CharField(max_length=40), default=list)
    examination = models.TextField(blank=True)
    plan = models.TextField(blank=True)

    fence = Fence(
        select=_readers("care_visit"),
        insert=f"{_WRITES} and seat_id = {SEAT}",
        update=f"{_WRITES} and status = 'open'",
        updated=_WRITES,
        finder=("select", "update"),
    )

    class Meta:
        indexes = [
            models.Index(fields=["subject", "-started_at"], name="care_visit_subject"),
            models.Index(fields=["unit", "-started_at"], name="care_visit_unit"),
            models.Index(fields=["unit"], condition=Q(status="open"), name="care_visit_open"),
        ]
        constraints = [
            models.CheckConstraint(
                name="care_visit_closed_has_time",
                condition=Q(status="open", closed_at__isnull=True) | Q(status="closed", closed_at__isnull=False),
            ),
        ]


_VISIT_SEEN = "exists (select 1 from care_visit v where v.id = visit_id)"
_VISIT_OPEN = (
    f"{has('clinical.write')} and exists (select 1 from care_visit v where v.id = visit_id"
    f" and v.status = 'open' and v.unit_id = any({UNITS}))"
)


class Diagnosis(Fenced):
    """A diagnosis of a visit, as named on the day; exactly one of a visit's is principal."""

    visit = models.ForeignKey(Visit, models.DO_NOTHING, related_name="diagnoses")
    position = models.SmallIntegerField(default=0)
    code = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    principal = models.BooleanField(default=False)
    certain = models.BooleanField(default=True, help_text="false: suspected")

    fence = Fence(select=_VISIT_SEEN, insert=_VISIT_OPEN, delete=_VISIT_OPEN)

    class Meta:
        indexes = [models.Index(fields=["visit"], name="care_diagnosis_visit")]
        constraints = [
            models.UniqueConstraint(fields=["visit"], condition=Q(principal=True), name="care_one_principal"),
            models.UniqueConstraint(fields=["visit", "code"], name="care_diagnosis_once"),
        ]


class Allergy(Fenced):
    """What a person is allergic to. An empty substance states that none is known."""

    class Severity(models.TextChoices):
        MILD = "mild", "轻"
        SEVERE = "severe", "重"
        UNKNOWN = "unknown", "不详"

    client_id = models.UUIDField(unique=True)
    subject = models.ForeignKey(Subject, models.DO_NOTHING)
    unit = models.ForeignKey(Unit, models.DO_NOTHING)
    seat = models.ForeignKey(Seat, models.DO_NOTHING)
    substance = models.CharField(max_length=80, blank=True)
    reaction = models.CharField(max_length=120, blank=True)
    severity = models.CharField(max_length=8, choices=Severity.choices, default=Severity.UNKNOWN)
    noted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="found to be wrong")

    fence = Fence(
        select=(
            f"(({has('clinical.read')} or {has('resident.banner')}) and (unit_id = any({UNITS}) or"
            f" {opens('care_allergy.subject_id')})) or subject_id = any({SUBJECTS}) or {has('facts.build')}"
        ),
        insert=f"{_WRITES} and seat_id = {SEAT}",
        update=_WRITES,
        finder=("select", "update"),
    )

    class Meta:
        indexes = [models.Index(fields=["subject"], name="care_allergy_subject")]


class Problem(Fenced):
    """A lasting problem of a person (a chronic disease), from when to when."""

    client_id = models.UUIDField(unique=True)
    subject = models.ForeignKey(Subject, models.DO_NOTHING)
    unit = models.ForeignKey(Unit, models.DO_NOTHING)
    seat = models.ForeignKey(Seat, models.DO_NOTHING)
    code = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    sensitive = models.BooleanField(default=False)
    since = models.DateField()
    ended = models.DateField(null=True)
    noted_at = models.DateTimeField()

    fence = Fence(
        select=_readers("care_problem"), insert=f"{_WRITES} and seat_id = {SEAT}", update=_WRITES,
        finder=("select", "update"),
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["subject"], name="care_problem_subject")]


from yigongti.service.care.tags.models import KeyTag, SocialFact  # noqa: E402  (tables of the same app)

__all__ = ["Allergy", "Diagnosis", "KeyTag", "Problem", "SocialFact", "Visit"]
