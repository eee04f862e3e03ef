"""An import by upload: what was sent (sealed, erased when it is done with), how far it is, what it found."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from yigongti.kernel.access.fence import SEAT, UNITS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Unit

_MINE = f"{has('registry.import')} and unit_id = any({UNITS})"


class ImportRun(Fenced):
    """One upload, dry or real. `content` and `credentials` are sealed with the installation's key."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待开始"
        DONE = "done", "完成"
        FAILED = "failed", "中断"

    client_id = models.UUIDField(unique=True)
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+", help_text="the region imported into")
    names = ArrayField(models.CharField(max_length=120), default=list)
    dry_run = models.BooleanField(default=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    content = models.TextField(blank=True)
    credentials = models.TextField(blank=True)
    ok = models.BooleanField(default=False)
    written = models.BooleanField(default=False)
    summary = models.CharField(max_length=300, blank=True)
    report = models.JSONField(default=dict)

    fence = Fence(select=_MINE, insert=f"{_MINE} and seat_id = {SEAT}", update=_MINE)

    class Meta:
        indexes = [models.Index(fields=["unit", "made_at"])]
