"""The case, its timeline, its notices. A module's own row is one-to-one with the case."""

from __future__ import annotations

from django.db import models

from yigongti.kernel.access.fence import RIGHTS, SEAT, SUBJECTS, UNITS, Fence, Policy, has
from yigongti.kernel.access.models import Fenced, Seat, Subject, Unit

SIDES = ("from_unit_id", "to_unit_id")
"""The parties of a case: whoever sits at one of these units sees it."""
_MINE = f"('case.' || domain) = any({RIGHTS})"
BEYOND = {
    "case.hq": f"hq_unit_id = any({UNITS})",
    "case.late": f"stage >= 3 and hq_unit_id = any({UNITS})",
    "case.clock": "",
    "facts.build": "",
}
"""Rights that show cases of units that are no party, each with what it asks of the case besides ("": nothing)."""
_PARTY = f"({' or '.join(f'{side} = any({UNITS})' for side in SIDES)} or {BEYOND['case.hq']} and {has('case.hq')})"
_LATE = f"{BEYOND['case.late']} and {has('case.late')}"
_OWN = f"shown_to_subject and subject_id = any({SUBJECTS})"
_EVERY = " or ".join(has(right) for right, asked in BEYOND.items() if not asked)
CASE_SELECT = f"({_MINE} and {_PARTY}) or ({_LATE}) or ({_OWN}) or {_EVERY}"
"""The fence of a case; `queries.reach` says the same of the sides to an index, from the same names."""


class Case(Fenced):
    """Something that waits: for whom, since when, until when, and what happens if nobody acts."""

    class Stage(models.IntegerChoices):
        ON_TIME = 0, "按时"
        REMINDED = 1, "已提醒"
        ESCALATED = 2, "已升级"
        DIRECTOR = 3, "已报总部"

    client_id = models.UUIDField(unique=True)
    number = models.CharField(max_length=24, unique=True)
    flow = models.CharField(max_length=32)
    flow_version = models.IntegerField()
    domain = models.CharField(max_length=16)
    state = models.CharField(max_length=32)
    subject = models.ForeignKey(Subject, models.DO_NOTHING, null=True)
    shown_to_subject = models.BooleanField(default=False)
    title = models.CharField(max_length=120)
    priority = models.IntegerField(default=0, help_text="0 routine, 1 soon, 2 emergency")
    from_unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    to_unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    hq_unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    opened_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    holder_unit = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+")
    holder_duty = models.CharField(max_length=48, blank=True)
    holder_seat = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    opened_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    due = models.DateTimeField(null=True)
    stage = models.IntegerField(choices=Stage.choices, default=Stage.ON_TIME)
    next_at = models.DateTimeField(null=True, help_text="when the clock acts if nobody does")
    parent = models.ForeignKey("self", models.DO_NOTHING, null=True, related_name="children")
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=32, blank=True)
    limit_set = models.CharField(max_length=64, blank=True, help_text="hash of the policy set its limit came from")

    fence = Fence(
        select=CASE_SELECT,
        insert=f"from_unit_id = any({UNITS}) and {_MINE}",
        update=f"({_MINE} and {_PARTY}) or {has('case.clock')}",
        finder=("select",),
    )

    class Meta:
        indexes = [
            models.Index(fields=["holder_unit", "due"], condition=models.Q(closed_at=None), name="case_open_held"),
            models.Index(fields=["flow", "due"], condition=models.Q(closed_at=None), name="case_open_flow"),
            models.Index(fields=["opened_by", "due"], condition=models.Q(closed_at=None), name="case_open_sent"),
            models.Index(fields=["next_at"], condition=models.Q(closed_at=None), name="case_open_clock"),
            models.Index(fields=["from_unit", "flow", "opened_at"], name="case_from"),
            models.Index(fields=["to_unit", "flow", "opened_at"], name="case_to"),
            models.Index(fields=["hq_unit", "stage"], condition=models.Q(closed_at=None), name="case_open_late"),
            models.Index(fields=["subject"], name="case_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                name="case_waits_with_limit",
                condition=models.Q(closed_at__isnull=False) | models.Q(due__isnull=False, next_at__isnull=False),
            ),
        ]


_SEEN = "exists (select 1 from case_case c where c.id = case_id)"


class TimelineEntry(Fenced):
    """One line that both sides see. `values` is what the form of the act held."""

    class Kind(models.TextChoices):
        OPENED = "opened", "发起"
        ACT = "act", "办理"
        REMINDER = "reminder", "提醒"
        ESCALATION = "escalation", "升级"
        DIRECTOR = "director", "报总部"
        HANDOVER = "handover", "转交"
        REOPENED = "reopened", "重开"
        NOTE = "note", "备注"

    case = models.ForeignKey(Case, models.DO_NOTHING, related_name="timeline")
    client_id = models.UUIDField(unique=True, null=True)
    at = models.DateTimeField()
    seat = models.ForeignKey(Seat, models.DO_NOTHING)
    unit = models.ForeignKey(Unit, models.DO_NOTHING)
    seat_name = models.CharField(max_length=80)
    unit_name = models.CharField(max_length=80)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    transition = models.CharField(max_length=32, blank=True)
    title = models.CharField(max_length=80)
    from_state = models.CharField(max_length=32, blank=True)
    to_state = models.CharField(max_length=32, blank=True)
    waited_seconds = models.BigIntegerField(default=0, help_text="how long the left state had lasted")
    late = models.BooleanField(default=False, help_text="left after its due moment")
    reason = models.CharField(max_length=48, blank=True)
    note = models.CharField(max_length=500, blank=True)
    values = models.JSONField(default=dict)
    filled_at = models.DateTimeField(null=True, help_text="device clock, for what was filled in without a network")

    fence = Fence(select=_SEEN, insert=f"{_SEEN} and seat_id = {SEAT}", update=None)

    class Meta:
        db_table = "case_entry"
        indexes = [models.Index(fields=["case", "at"], name="case_entry_case")]


class Notice(Fenced):
    """What one side, or one person, is told: of a case, or of what a page tells of.

    The fence of the case says who may tell of it. Of what is no case a module tells by a function of its own, which asks for
    what it must, and lays the policy for that (ADR 0046).
    """

    case = models.ForeignKey(Case, models.DO_NOTHING, null=True, related_name="notices")
    path = models.CharField(
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text="page that tells more, of a notice without a case",
    )
    unit = models.ForeignKey(Unit, models.DO_NOTHING, null=True)
    duty = models.CharField(max_length=48, blank=True)
    seat = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, null=True)
    at = models.DateTimeField()
    text = models.CharField(max_length=300)
    urgent = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True)

    _TO_ME = f"(unit_id = any({UNITS}) and duty = any({RIGHTS})) or seat_id = {SEAT} or subject_id = any({SUBJECTS})"
    fence = Fence(select=f"({_TO_ME}) or ({_SEEN} and not {has('resident.self')})", insert=_SEEN, update=_TO_ME)

    class Meta:
        indexes = [
            models.Index(fields=["unit", "duty", "at"], condition=models.Q(read_at=None), name="case_notice_unread"),
            models.Index(
                fields=["unit", "duty", "at"], condition=models.Q(read_at__isnull=False), name="case_notice_read"
            ),
            models.Index(fields=["seat", "at"], condition=models.Q(seat__isnull=False), name="case_notice_seat"),
            models.Index(fields=["subject", "at"], name="case_notice_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                name="case_notice_of_one_thing",
                condition=models.Q(case__isnull=False, path="") | (models.Q(case=None) & ~models.Q(path="")),
            ),
        ]


# The sender of a case may open its subject to the receiving unit: a relation written by the case itself. Both parties
# see the case's relations, and whichever of them closes the case sets their end.
_CASE_GRANT = (
    "case_id is not null and exists (select 1 from case_case c where c.id = access_grant.case_id"
    " and c.subject_id = access_grant.subject_id and access_grant.unit_id in (c.from_unit_id, c.to_unit_id))"
)
EXTRA_POLICIES = (
    Policy("access_grant", "access_grant_case_select", "select", using=_CASE_GRANT),
    Policy("access_grant", "access_grant_case_insert", "insert", check=_CASE_GRANT),
    Policy("access_grant", "access_grant_case_update", "update", using=_CASE_GRANT, check=_CASE_GRANT),
)
