"""Voiding a settled claim: a reversing row, and what that changes in the person's other claims."""

from __future__ import annotations

from uuid import UUID, uuid5

from yigongti.benefit.fund.actions.adjusting import end_others, list_changes
from yigongti.benefit.fund.actions.rows import changed, lock_person, reverse
from yigongti.benefit.fund.models import Claim, Settlement
from yigongti.benefit.fund.queries import reckoning
from yigongti.kernel.access.facade import Acting, Denied
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused


def void(*, acting: Acting, claim_id: int, reason: str, client_id: UUID) -> Settlement:
    """Reverse what was paid for a claim; the claim no longer counts for the person. Done twice it is done once.

    Raises Denied for another institution's claim, Refused when it is reversed already or no reason is given.
    """
    claim: Claim = Claim.objects.get(pk=claim_id)
    if not acting.may("fund.bureau"):
        acting.demand("fund.counter")
        if claim.institution_id not in acting.units:
            raise Denied("fund.counter")
    if not reason.strip():
        raise Refused("没有写冲销原因", field="reason", remedy="写明为什么冲销，居民的说明上会显示")
    lock_person(claim.subject_id)
    before = reckoning.standing(claim.subject_id)
    own = next((one for one in before if one.claim.claim_id == claim.pk), None)
    if own is None:
        gone = Settlement.objects.filter(claim=claim, kind=Settlement.Kind.REVERSAL).order_by("-sequence").first()
        if gone is not None and gone.reason == reason.strip()[:200]:
            return gone
        raise Refused("这份清单已经冲销", remedy="请刷新页面")
    row = reverse(acting=acting, row=Settlement.objects.get(pk=own.settlement_id), reason=reason.strip())
    left = [one for one in before if one is not own]
    results = reckoning.settled([one.claim for one in left], acting.place)
    changes = changed(left, results)
    if changes:
        list_changes(acting=acting, cause=claim, changes=changes, client_id=uuid5(client_id, "void"))
    else:  # what was listed because of this claim says nothing any more
        end_others(acting, claim.subject_id, None, "replace")
    log.did("claim.voided", "claim", [claim.pk], [claim.subject_id], why=reason.strip()[:120])
    return row
