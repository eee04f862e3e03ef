"""The log's tables: entries in monthly partitions, and the chain that seals them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from yigongti.kernel.access.fence import ACCOUNT, SUBJECTS, UNITS, Fence, has
from yigongti.kernel.access.models import Fenced


class Entry(Fenced):
    """One decision: who, as which seat, saw or did what, about whom, why, and whether it was allowed."""

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    account_id = models.BigIntegerField(null=True)
    seat_id = models.BigIntegerField(null=True)
    unit_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    ids = ArrayField(models.BigIntegerField())
    subjects = ArrayField(models.BigIntegerField())
    why = models.CharField(max_length=200)
    purpose = models.CharField(max_length=40)
    outcome = models.CharField(max_length=16)
    source = models.CharField(max_length=45)
    path = models.CharField(max_length=200)
    detail = models.JSONField()

    fence = Fence(
        select=f"subjects && {SUBJECTS} or account_id = {ACCOUNT} or {has('audit.read')}"
        f" or (unit_id = any({UNITS}) and {has('audit.read_unit')})",
        finder=("select", "insert"),
    )

    class Meta:
        managed = False
        db_table = "audit_entry"


class Sealed(Fenced):
    """An entry's place in the chain: hash = SHA-256(previous hash + canonical text of the entry + place and time of
    the seal).
    """

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    entry_at = models.DateTimeField()
    hash = models.BinaryField()
    sealed_at = models.DateTimeField()

    fence = Fence(select=has("audit.read"), finder=("select", "insert"))
