"""Tables of the fence: units, subjects, relations between them, accounts, roles, seats, sessions.

The kernel knows no business word: a *unit* is what the registry calls an institution, department or consortium; a
*subject* is a resident; a *grant* is a care relation.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from yigongti.kernel.access.fence import ACCOUNT, ANYBODY, OWN, SUBJECTS, UNITS, Fence, has
from yigongti.kernel.postgres.records import Record


class NothingUpdated(Exception):
    """An UPDATE touched no row: the row is gone, or the fence hides it. Never silently ignored."""


class FencedQuerySet(models.QuerySet[Any]):
    def update(self, **values: Any) -> int:
        """As Django's, but zero rows is an error.

        Raises:
            NothingUpdated: no row matched through the fence.
        """
        rows = super().update(**values)
        if rows == 0:
            raise NothingUpdated(f"{self.model._meta.label}: no row updated")
        return rows

    def update_any(self, **values: Any) -> int:
        """Update where zero rows is a legitimate result."""
        return super().update(**values)


class Fenced(Record):
    """Base of every table: declares its fence, refuses silent updates."""

    objects = FencedQuerySet.as_manager()

    class Meta:
        abstract = True


class Unit(Fenced):
    """A node of the one tree under everything: region, consortium, institution, department."""

    class Kind(models.TextChoices):
        REGION = "region", "区域"
        CONSORTIUM = "consortium", "医共体"
        INSTITUTION = "institution", "机构"
        DEPARTMENT = "department", "科室"

    parent = models.ForeignKey("self", models.DO_NOTHING, null=True, related_name="children")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=80)
    place = models.CharField(max_length=12, help_text="division code whose policy rules the unit")
    region = models.ForeignKey("self", models.DO_NOTHING, null=True, related_name="+")
    consortium = models.ForeignKey("self", models.DO_NOTHING, null=True, related_name="+")
    path = ArrayField(models.BigIntegerField(), default=list, help_text="ids from the root down to itself")
    active = models.BooleanField(default=True)

    fence = Fence(select=ANYBODY, insert=has("registry.manage"), update=has("registry.manage"), finder=("select",))

    class Meta:
        indexes = [models.Index(fields=["parent"]), models.Index(fields=["consortium"])]


class Subject(Fenced):
    """A person whom rows are about. Merging never rewrites rows: the duplicate points to its canonical subject."""

    canonical = models.ForeignKey("self", models.DO_NOTHING, null=True, related_name="merged")

    fence = Fence(
        select=ANYBODY, insert=has("registry.resident"), update=has("registry.merge"), finder=("select", "update")
    )


class Grant(Fenced):
    """What opens a subject's rows to a unit, for a time and a reason that can be shown."""

    class Reason(models.TextChoices):
        VISIT = "visit", "就诊"
        CONTRACT = "contract", "签约"
        REFERRAL = "referral", "转诊"
        CONSULTATION = "consultation", "会诊"
        EMERGENCY = "emergency", "急救"
        BREAK_GLASS = "break_glass", "紧急调阅"

    subject = models.ForeignKey(Subject, models.DO_NOTHING)
    unit = models.ForeignKey(Unit, models.DO_NOTHING)
    reason = models.CharField(max_length=16, choices=Reason.choices)
    evidence = models.CharField(max_length=32, blank=True, help_text="card, typed, appointment, case, statement")
    note = models.CharField(max_length=200, blank=True)
    starts = models.DateField()
    ends = models.DateField(null=True)
    until = models.DateTimeField(null=True, help_text="exact end for what is counted in hours")
    seat = models.ForeignKey("Seat", models.DO_NOTHING)
    case_id = models.BigIntegerField(null=True, help_text="the case that brought it about")
    made_at = models.DateTimeField()
    acted = models.BooleanField(default=False, help_text="something was written under it")

    fence = Fence(
        select=f"unit_id = any({UNITS}) or subject_id = any({SUBJECTS}) or {has('access.supervise')}",
        insert=f"unit_id = any({UNITS}) and {has('access.relate')}",
        update=f"unit_id = any({UNITS}) and {has('access.relate')}",
        finder=("select",),
    )

    class Meta:
        indexes = [
            models.Index(fields=["subject", "unit", "starts"]),
            models.Index(fields=["unit", "made_at"]),
            models.Index(fields=["case_id"], condition=models.Q(case_id__isnull=False), name="access_grant_case"),
        ]


class Role(Fenced):
    """What a seat of this kind may do, and how far it reaches; written only by set-up from the declared roles."""

    class Scope(models.TextChoices):
        SELF = "self", "本人"
        UNIT = "unit", "本机构"
        SUBTREE = "subtree", "本机构及下属"
        CONSORTIUM = "consortium", "医共体"
        REGION = "region", "区域"

    code = models.CharField(max_length=32, primary_key=True)
    title = models.CharField(max_length=40)
    scope = models.CharField(max_length=16, choices=Scope.choices)
    rights = ArrayField(models.CharField(max_length=48), default=list)
    robot = models.BooleanField(default=False)
    second_factor = models.BooleanField(default=False, help_text="its accounts need one before they may do anything")

    fence = Fence(select=ANYBODY, finder=("select",))


class Account(Fenced):
    """Who signs in. Credentials are read only by the sign-in functions."""

    login = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    password = models.CharField(max_length=200)
    second_factor = models.TextField(null=True, help_text="encrypted TOTP secret")
    code_step = models.BigIntegerField(null=True, help_text="counter of the last TOTP code taken: none is taken twice")
    active = models.BooleanField(default=True)
    must_change = models.BooleanField(default=False)
    settings = models.JSONField(default=dict)

    fence = Fence(
        select=f"id = {ACCOUNT} or {has('access.manage')}",
        insert=has("access.manage"),
        update=f"id = {ACCOUNT} or {has('access.manage')}",
        finder=("select", "update"),
    )


class Seat(Fenced):
    """A person in a role at a unit: what one acts as. A robot's seat has no account."""

    account = models.ForeignKey(Account, models.DO_NOTHING, null=True)
    unit = models.ForeignKey(Unit, models.DO_NOTHING)
    role = models.ForeignKey(Role, models.DO_NOTHING)
    subject = models.ForeignKey(Subject, models.DO_NOTHING, null=True, help_text="for a resident's own seat")
    name = models.CharField(max_length=80)
    title = models.CharField(max_length=40, blank=True)
    starts = models.DateField()
    ends = models.DateField(null=True)

    fence = Fence(
        select=f"subject_id is null or account_id = {ACCOUNT} or {has('access.manage')}",
        insert=has("access.manage"),
        update=has("access.manage"),
        finder=("select", "update"),
    )

    class Meta:
        indexes = [models.Index(fields=["unit", "role"]), models.Index(fields=["account"])]
        constraints = [
            models.UniqueConstraint(fields=["role"], condition=models.Q(account=None), name="access_one_seat_a_robot")
        ]


class Delegation(Fenced):
    """A resident lets another look after their record, or an institution notes who does so by law (guardian).

    The names are those both sides agreed on when it was made: neither side reads the other's record for them.
    """

    class Basis(models.TextChoices):
        CONSENT = "consent", "本人同意"
        GUARDIAN = "guardian", "法定监护"

    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="delegations")
    delegate = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    subject_name = models.CharField(max_length=80, blank=True)
    delegate_name = models.CharField(max_length=80, blank=True)
    basis = models.CharField(max_length=16, choices=Basis.choices, default=Basis.CONSENT)
    relation = models.CharField(max_length=24, blank=True)
    evidence = models.CharField(max_length=120, blank=True)
    given_by = models.ForeignKey("Seat", models.DO_NOTHING, null=True, related_name="+")
    client_id = models.UUIDField(unique=True, null=True)
    starts = models.DateField()
    ends = models.DateField(null=True)

    fence = Fence(
        select=f"subject_id = any({SUBJECTS}) or delegate_id = any({SUBJECTS})",
        # A delegate can't pass on what was lent. What an institution may do for a guardian, the registry lays on top.
        insert=f"basis = 'consent' and subject_id = {OWN}",
        update=f"(basis = 'consent' and subject_id = {OWN}) or delegate_id = {OWN}",
        finder=("select", "update"),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="access_delegation_other", condition=~models.Q(subject=models.F("delegate"))),
            models.CheckConstraint(
                name="access_delegation_dates",
                condition=models.Q(ends=None) | models.Q(ends__gte=models.F("starts") - timedelta(days=1)),
            ),
        ]


class FamilyCode(Fenced):
    """A short-lived code that one who will look after another tells them; only its hash is kept."""

    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    name = models.CharField(max_length=80)
    code_hash = models.BinaryField(unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    fence = Fence(select=f"subject_id = {OWN}", insert=f"subject_id = {OWN}", finder=("select", "update"))


class Session(Fenced):
    """A live sign-in: only the hash of its token is kept."""

    token_hash = models.BinaryField(unique=True)
    account = models.ForeignKey(Account, models.DO_NOTHING)
    seat = models.ForeignKey(Seat, models.DO_NOTHING)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    idle_seconds = models.IntegerField()
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)

    fence = Fence(
        select=f"account_id = {ACCOUNT}",
        update=f"account_id = {ACCOUNT}",
        finder=("select", "insert", "update"),
    )


class Attempt(Fenced):
    """Failed sign-ins by (login, source): what slows a guesser down without locking the owner out."""

    login = models.CharField(max_length=40)
    source = models.CharField(max_length=80)
    failures = models.IntegerField(default=0)
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    fence = Fence(select=None, finder=("select", "insert", "update", "delete"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["login", "source"], name="access_attempt_once")]


class Secret(Fenced):
    """The key with which the door signs a transaction's context. No role but the finder reads it."""

    key = models.BinaryField()

    fence = Fence(select=None, finder=("select",))
