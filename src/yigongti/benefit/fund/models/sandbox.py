"""A saved comparison of the sandbox: the change and its result as they were; nothing in it is ever changed."""

from __future__ import annotations

from django.db import models

from yigongti.kernel.access.fence import ACCOUNT, SEAT, UNITS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Unit

EVIDENCE = "sandbox:"
"""Before a comparison's id in an amendment's `evidence`."""


class Comparison(Fenced):
    """What a change would have done to a consortium's year: numbers only, nobody is named. Triggers refuse every change.

    It is read in the consortium, and by whoever reads an amendment to which it is attached.
    """

    consortium = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    year = models.IntegerField()
    name = models.CharField(max_length=60)
    note = models.CharField(max_length=500, blank=True)
    change = models.JSONField(help_text="rules.sandbox: values by policy key (raw), coefficients (bp), points (milli)")
    changed = models.JSONField(help_text="in words: key, title, before, after, clause, status of each")
    parameter_hash = models.CharField(max_length=64, help_text="sha256 of the parameters in force and of the change")
    policy_set = models.CharField(max_length=64, help_text="hash of the kept policy set of the year's last day")
    data_version = models.CharField(max_length=16, help_text="of the claims' facts")
    data_as_of = models.DateTimeField()
    result = models.JSONField(help_text="queries.sandbox.reckoning: sums by fund, cut, decile, member; fen and heads")
    place = models.CharField(max_length=12)
    again = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, related_name="+", help_text="whose change was asked again"
    )
    made_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    made_account = models.BigIntegerField()
    made_at = models.DateTimeField()
    client_id = models.UUIDField(unique=True)

    fence = Fence(
        select=(
            f"({has('fund.sandbox')} and consortium_id = any({UNITS})) or ({has('case.policy')} and exists"
            f" (select 1 from policy_amendment a where a.evidence = '{EVIDENCE}' || fund_comparison.id))"
        ),
        insert=f"{has('fund.sandbox')} and consortium_id = any({UNITS}) and made_by_id = {SEAT} and made_account = {ACCOUNT}",
    )

    class Meta:
        indexes = [models.Index(fields=["consortium", "year", "-made_at"], name="fund_comparison_where")]
