"""The filing register (转诊备案登记): one number a referral, gapless within a region's year."""

from __future__ import annotations

from django.db import models

from yigongti.kernel.access.fence import ANYBODY, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Unit
from yigongti.kernel.case.models import Case

_CASE = "exists (select 1 from case_case c where c.id = case_id)"


class FilingYear(Fenced):
    """The last number given in a region's year; locked while the next one is given, so that none is skipped."""

    region = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    year = models.IntegerField()
    last = models.IntegerField(default=0)

    fence = Fence(select=ANYBODY, insert=has("referral.sender"), update=has("referral.sender"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "year"], name="referral_filing_year_once")]


class Filing(Fenced):
    """A referral's line in the register."""

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="filing")
    region = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    year = models.IntegerField()
    serial = models.IntegerField()
    way = models.CharField(max_length=4, help_text="up, down, out")
    filed_at = models.DateTimeField()
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")

    fence = Fence(
        select=f"{_CASE} or {has('facts.build')}",
        insert=f"{has('referral.sender')} and {_CASE}",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "year", "serial"], name="referral_filing_number_once")]

    @property
    def number(self) -> str:
        return f"转备〔{self.year}〕{self.serial:06d} 号"
