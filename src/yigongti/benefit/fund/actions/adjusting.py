"""Adjustments: what a late or voided claim changes in others is listed as a case; the office confirms, then it is settled anew."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4, uuid5

from django.db.models import OuterRef, QuerySet, Subquery

from yigongti.benefit.fund.actions.rows import changed, lock_person, place_of, reverse, write_settlement
from yigongti.benefit.fund.models import Adjustment, Claim
from yigongti.benefit.fund.queries import reckoning
from yigongti.benefit.fund.rules.person import Settled
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Act, Case, Refused, flow_of, may_act, open_case, perform
from yigongti.registry import facade as registry

Changes = Sequence[tuple[reckoning.Standing, Settled]]


def list_changes(*, acting: Acting, cause: Claim, changes: Changes, client_id: UUID) -> Case | None:
    """Open the case that lists what changes; None when nothing does. The office of the residents' consortium confirms it,
    the bureau where there is none or more than one. It lists the whole person, so what was listed before ends with it."""
    if not changes:
        return None
    consortia = {one.consortium_id for one, _ in changes}
    office = consortia.pop() if len(consortia) == 1 else None
    to_unit = office or acting.region_id or acting.unit_id
    case = open_case(
        acting=acting, flow="fund_adjustment", subject_id=cause.subject_id, from_unit=acting.unit_id, to_unit=to_unit,
        hq_unit=to_unit, title=f"结算调整：{len(changes)} 份已结算清单", values={}, client_id=uuid5(client_id, "adjustment"),
    )  # fmt: skip
    _list(case, cause.pk, changes, 1)
    end_others(acting, cause.subject_id, case, "replace")
    return case


def end_others(acting: Acting, subject_id: int, case: Case | None, transition: str) -> None:
    """End the person's other open lists that the seat sees and may end; the caller holds the person. One that somebody is at is left."""
    others = waiting(subject_id)
    if case is not None:
        others = others.exclude(pk=case.pk)
    for other in others.select_for_update(skip_locked=True):
        flow = flow_of(other.flow, other.flow_version)
        if may_act(acting, other, flow.transition(transition)):
            values = {"note": f"已由 {case.number} 调整"} if transition == "drop" and case is not None else {}
            perform(acting=acting, case_id=other.pk, transition=transition, values=values, client_id=uuid4())


def waiting(subject_id: int) -> QuerySet[Case]:
    """The person's lists that wait to be confirmed, as far as the seat sees them."""
    same = registry.same_person(subject_id)
    rows: QuerySet[Case] = Case.objects.filter(flow="fund_adjustment", closed_at=None, subject_id__in=same)
    return rows.order_by("pk")


def _list(case: Case, cause: int, changes: Changes, listing: int) -> None:
    Adjustment.objects.bulk_create(
        Adjustment(
            case=case, listing=listing, claim_id=one.claim.claim_id, cause_id=cause, before_id=one.settlement_id,
            trace=now.trace._asdict(), **dict(zip(reckoning.RESULT, reckoning.result(now), strict=True)),
        )
        for one, now in changes
    )  # fmt: skip


def _last(case_id: int) -> QuerySet[Adjustment]:
    """The last list of a case, whole."""
    rows = Adjustment.objects.filter(case_id=case_id)
    return rows.filter(listing=rows.order_by("-listing").values("listing")[:1])


def latest(case_id: int) -> list[Adjustment]:
    """The last list of a case, in settlement order; claims that the seat does not see are not among them. `cause_start`, `cause_end`:
    the days of what caused it, None where that is a claim of another consortium: who does not see it settles what it changes.
    """
    cause = Claim.objects.filter(pk=OuterRef("cause_id"))
    seen = _last(case_id).select_related("claim", "claim__institution", "before")
    seen = seen.annotate(cause_start=Subquery(cause.values("start_date")), cause_end=Subquery(cause.values("end_date")))
    return list(seen.order_by("claim__end_date", "claim_id"))


def _whole(act: Act, rows: Sequence[Adjustment]) -> None:
    """Raises Refused where the list holds claims that the seat does not see: a part of a list is not settled."""
    unseen = _last(act.case.pk).count() - len(rows)
    if unseen or not rows:
        raise Refused(f"列出的清单有 {unseen} 份由其他医共体管理，本中心看不到", remedy="请医保局确认这份调整",
                      clause="调整以列出的金额为准，不作未列出的改动")  # fmt: skip


def on_confirm(act: Act) -> None:
    """Settle anew what the list says, each old row reversed. Raises Refused when the claims have moved on since."""
    rows = latest(act.case.pk)
    before, now = _reckoned(act)
    _whole(act, rows)
    for row in rows:
        held = before.get(row.claim_id)
        result = now.get(row.claim_id)
        listed = tuple(getattr(row, name) for name in reckoning.RESULT)
        if held is None or result is None or held.settlement_id != row.before_id or reckoning.result(result) != listed:
            raise Refused("列出之后该参保人又有新的结算，金额已变", remedy="先“按现状重列”，再确认",
                          clause="调整以列出的金额为准，不作未列出的改动")  # fmt: skip
    for row in rows:
        _again(act, row, now[row.claim_id])
    end_others(act.acting, _person(act), act.case, "drop")
    act.reason = "confirmed"


def on_relist(act: Act) -> None:
    """List what the claims say now; raises Refused when nothing is left to adjust."""
    before, now = _reckoned(act)
    changes = changed(list(before.values()), list(now.values()))
    if not changes:
        raise Refused("按现状已无需调整", remedy="请“不再调整”并说明")
    cause, listing = _last(act.case.pk).values_list("cause_id", "listing")[0]
    _list(act.case, cause, changes, listing + 1)
    act.reason = "relisted"


def on_drop(act: Act) -> None:
    """End without a change; raises Refused while the claims still say otherwise."""
    before, now = _reckoned(act)
    if changed(list(before.values()), list(now.values())):
        raise Refused("已结算的清单与现行计算不一致，不能不作调整", remedy="请确认调整，或先冲销引起调整的清单")
    act.reason = "dropped"


def on_replace(act: Act) -> None:
    """End a list that a newer one of the same person holds whole. Raises Refused where there is none and claims still differ."""
    before, now = _reckoned(act)
    if waiting(_person(act)).filter(pk__gt=act.case.pk).exists():
        act.reason = "replaced"
    elif changed(list(before.values()), list(now.values())):
        raise Refused("该参保人没有更新的调整列表", remedy="请医保管理中心在这一份上确认，或按现状重列")
    else:
        act.reason = "dropped"


def _person(act: Act) -> int:
    assert act.case.subject_id is not None, "a list is of one person"
    return act.case.subject_id


def _reckoned(act: Act) -> tuple[dict[int, reckoning.Standing], dict[int, Settled]]:
    """The person's claims as they stand and as the rule has them now, by claim; the person is held."""
    subject = _person(act)
    lock_person(subject)
    before = reckoning.standing(subject)
    results = reckoning.settled([one.claim for one in before], act.acting.place)
    return {one.claim.claim_id: one for one in before}, {one.claim.claim_id: one for one in results}


def _again(act: Act, row: Adjustment, result: Settled) -> None:
    reason = f"调整 {act.case.number}"
    old = reverse(acting=act.acting, row=row.before, reason=reason, case_id=act.case.pk)
    write_settlement(
        acting=act.acting, claim=row.claim, result=result, place=place_of(act.acting, row.claim.consortium_id),
        client_id=uuid5(old.client_id, "again"), sequence=old.sequence + 1, reason=reason, case_id=act.case.pk,
    )  # fmt: skip
