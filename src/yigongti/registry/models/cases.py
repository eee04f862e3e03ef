"""Rows of the registry's own cases (break-glass, person merge), the tally of searches, and policies on lower tables."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from yigongti.kernel.access.fence import FINDER, SEAT, SUBJECTS, UNITS, Fence, Policy, has
from yigongti.kernel.access.models import Fenced, Grant, Seat, Subject, Unit
from yigongti.kernel.case.models import Case

_CASE_SEEN = "exists (select 1 from case_case c where c.id = case_id)"


class BreakGlass(Fenced):
    """One emergency access: who opened whose record, why, until when, what the supervisor found."""

    class Verdict(models.TextChoices):
        OPEN = "", "待复核"
        JUSTIFIED = "justified", "理由成立"
        UNJUSTIFIED = "unjustified", "理由不成立"

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="break_glass")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    reason = models.CharField(max_length=500)
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    verdict = models.CharField(max_length=16, choices=Verdict.choices, blank=True, default=Verdict.OPEN)

    fence = Fence(
        select=f"{_CASE_SEEN} or subject_id = any({SUBJECTS})",
        insert=f"{has('break_glass.use')} and unit_id = any({UNITS}) and seat_id = {SEAT}",
        update=f"{has('break_glass.review')} and {_CASE_SEEN}",
    )


class Merge(Fenced):
    """A proposed or done merge: `duplicate` points to `keep`; `moved` are earlier duplicates that moved along."""

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="merge")
    keep = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    duplicate = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    score = models.IntegerField(help_text="0–100, from rules.duplicates")
    evidence = ArrayField(models.CharField(max_length=120), default=list)
    pair = models.CharField(max_length=41, help_text="both ids, the smaller first")
    settled = models.BooleanField(default=False, help_text="decided or withdrawn")
    moved = ArrayField(models.BigIntegerField(), default=list)
    merged_at = models.DateTimeField(null=True)
    unmerged_at = models.DateTimeField(null=True)

    fence = Fence(
        select=_CASE_SEEN,
        insert=f"{_CASE_SEEN} and {has('registry.resident')}",
        update=f"{_CASE_SEEN} and {has('registry.resident')}",
        finder=("select",),
    )

    class Meta:
        indexes = [models.Index(fields=["keep"]), models.Index(fields=["duplicate"])]
        constraints = [
            models.CheckConstraint(name="registry_merge_two", condition=~models.Q(keep=models.F("duplicate"))),
            models.UniqueConstraint(fields=["pair"], condition=models.Q(settled=False), name="registry_merge_one_open"),
        ]


class SearchTally(Fenced):
    """How often a seat searched for people, by minute: what makes trying names one after another visible."""

    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    minute = models.DateTimeField()
    searches = models.IntegerField(default=1)
    shown = models.IntegerField(default=0, help_text="candidates shown")

    fence = Fence(select=f"{has('access.supervise')} and unit_id = any({UNITS})", finder=("select", "insert", "update"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seat", "minute"], name="registry_searchtally_once")]
        indexes = [models.Index(fields=["unit", "minute"])]


# A merge carries what opens one of the two persons over to the other; only rows of that merge's own case, only for
# the two persons it names. A reviewer of a break-glass ends the very relation it opened.
_MERGE_GRANT = (
    "exists (select 1 from registry_merge m where m.case_id = access_grant.case_id"
    " and access_grant.subject_id in (m.keep_id, m.duplicate_id))"
)
_MERGE_MOVE = "exists (select 1 from registry_merge m where {table}.{column} in (m.keep_id, m.duplicate_id))"
_REVIEWED = (
    "exists (select 1 from registry_breakglass b where b.case_id = access_grant.case_id"
    " and b.subject_id = access_grant.subject_id)"
)
# Who lives in a unit's area, or is in its care, has their guardian noted there; the residents' own fence says who that is.
_GUARDED = (
    f"basis = 'guardian' and {has('registry.resident')}"
    " and exists (select 1 from registry_resident r where r.subject_id = access_delegation.subject_id)"
)
EXTRA_POLICIES = (
    Policy(
        "access_delegation", "registry_guardian_select", "select",
        using=f"{has('registry.resident')}"
        " and exists (select 1 from registry_resident r where r.subject_id = access_delegation.subject_id)",
    ),
    Policy("access_delegation", "registry_guardian_insert", "insert", check=_GUARDED),
    Policy("access_delegation", "registry_guardian_update", "update", using=_GUARDED, check=_GUARDED),
    Policy(
        "access_grant", "registry_merge_grant_select", "select",
        using=f"{has('registry.merge')} and unit_id = any({UNITS})"
        f" and {_MERGE_MOVE.format(table='access_grant', column='subject_id')}",
    ),
    Policy(
        "access_grant", "registry_merge_grant_insert", "insert", check=f"{has('registry.merge')} and {_MERGE_GRANT}"
    ),
    Policy(
        "access_grant", "registry_merge_grant_update", "update",
        using=f"{has('registry.merge')} and {_MERGE_GRANT}", check=f"{has('registry.merge')} and {_MERGE_GRANT}",
    ),
    Policy(
        "access_grant", "registry_review_grant_select", "select", using=f"{has('break_glass.review')} and {_REVIEWED}"
    ),
    Policy(
        "access_grant", "registry_review_grant_update", "update",
        using=f"{has('break_glass.review')} and {_REVIEWED}", check=f"{has('break_glass.review')} and {_REVIEWED}",
    ),
    # A separated person's cases go to the right side (registry.reassign); who holds a case of the dead is told.
    Policy("case_case", "registry_reassign_case", "update", using="true", check="true", role=FINDER),
    Policy("access_grant", "registry_reassign_grant", "update", using="true", check="true", role=FINDER),
    Policy("case_notice", "registry_tell_notice", "insert", check="true", role=FINDER),
)  # fmt: skip

__all__ = ["EXTRA_POLICIES", "BreakGlass", "Grant", "Merge", "SearchTally"]
