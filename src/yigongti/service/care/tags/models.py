"""Tags with their history, and facts of a person's life that somebody has to tell."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yigongti.kernel.access.fence import SUBJECTS, UNITS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Subject, Unit

COLOURS = (("red", "红色"), ("yellow", "黄色"), ("green", "绿色"))
SOCIAL = (
    ("lone_elderly", "孤寡、独居老人"), ("left_behind", "留守儿童"), ("disabled", "残疾人"), ("poor", "低收入、脱贫不稳定"),
)  # fmt: skip
_MINE = f"(home_id = any({UNITS}) or township_id = any({UNITS}))"


class KeyTag(Fenced):
    """A colour that a rule gave a person, from a day on; superseded ones stay with the day they ended.

    No sensitive class (HIV, severe mental illness) is ever a category: those open to the treating team alone.
    """

    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    category = models.CharField(max_length=24)
    colour = models.CharField(max_length=8, choices=COLOURS)
    rule = models.CharField(max_length=200, help_text="the condition that held, as policy words it")
    reason = models.CharField(max_length=120, help_text="in the user's words")
    since = models.DateField()
    until = models.DateField(null=True, help_text="the day from which it no longer holds")
    last_contact = models.DateField(null=True)
    due = models.DateField(help_text="by when the person is to be contacted again")
    place = models.CharField(max_length=12)
    home = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+")
    township = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+")
    set_at = models.DateTimeField()

    fence = Fence(
        select=f"({has('clinical.read')} and {_MINE}) or subject_id = any({SUBJECTS}) or {has('care.tag')}"
        f" or {has('facts.build')}",
        insert=has("care.tag"),
        update=has("care.tag"),
        finder=("select", "update"),
    )

    class Meta:
        db_table = "care_keytag"
        indexes = [
            models.Index(fields=["subject", "-since"], name="care_keytag_subject"),
            models.Index(fields=["township", "place", "due"], condition=Q(until=None), name="care_keytag_township"),
            models.Index(fields=["home", "due"], condition=Q(until=None), name="care_keytag_home"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "category"], condition=Q(until=None), name="care_keytag_one_live"
            )
        ]


class SocialFact(Fenced):
    """What no record shows and somebody established: lives alone, left behind, disabled, poor; with the evidence."""

    client_id = models.UUIDField(unique=True)
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    category = models.CharField(max_length=24, choices=SOCIAL)
    evidence = models.CharField(max_length=200)
    document = models.CharField(max_length=40, blank=True)
    starts = models.DateField()
    ends = models.DateField(null=True)
    ended_why = models.CharField(max_length=120, blank=True)
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    noted_at = models.DateTimeField()

    _SEEN = "exists (select 1 from registry_resident r where r.subject_id = care_socialfact.subject_id)"
    _WRITES = f"unit_id = any({UNITS}) and {has('clinical.write')} and {_SEEN}"
    fence = Fence(
        select=f"({has('clinical.read')} and {_SEEN}) or subject_id = any({SUBJECTS}) or {has('care.tag')}",
        insert=_WRITES,
        update=_WRITES,
        finder=("select", "update"),
    )

    class Meta:
        db_table = "care_socialfact"
        indexes = [models.Index(fields=["subject"], name="care_socialfact_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "category"], condition=Q(ends=None), name="care_socialfact_one_live"
            )
        ]
