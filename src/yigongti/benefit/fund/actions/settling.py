"""Settling: one person's new claims into the row of all their claims, under one lock, with what they change in the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.db import connection

from yigongti.benefit.fund.actions.adjusting import list_changes
from yigongti.benefit.fund.actions.rows import changed, lock_person, place_of, write_settlement
from yigongti.benefit.fund.models import Claim
from yigongti.benefit.fund.queries import reckoning
from yigongti.benefit.fund.rules.person import Claim as Reckoned
from yigongti.benefit.fund.rules.person import ClaimFault, Settled
from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting, Denied
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry

CLAUSE = "同一次就诊只结算一次"
Seen = Sequence[reckoning.Standing]
NEWEST = 1 << 62
"""Stands for the number of a claim that is only tried: later than every other of its day."""


@dataclass(frozen=True)
class Draft:
    """A claim as entered: words as in ``rules.claims``, amounts in fen."""

    subject_id: int
    institution_id: int
    insurance: str
    aid_class: str
    level: str
    is_tcm: bool
    in_county: bool
    kind: str
    start_date: date
    end_date: date
    total_fen: int
    excluded_fen: int
    copay_first_fen: int
    source: str = "counter"
    consortium_id: int | None = None
    episode: int | None = None
    referral: str = "none"
    contracted: bool = False
    principal_dx: str = ""
    dx_name: str = ""
    other_dx: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    age_days: int | None = None
    sex: str = ""
    days: int = 0
    outcome: str = ""
    outside_code: str = ""
    outside_name: str = ""
    visit: int | None = None
    mdtrt_id: str = ""
    setl_id: str = ""

    def reckoned(self, number: int) -> Reckoned:
        """What the rule needs, under a number."""
        return Reckoned(
            number, self.subject_id, self.insurance, self.aid_class, self.level, self.is_tcm, self.in_county, self.kind,
            self.start_date, self.end_date, self.episode, self.referral, self.contracted, self.total_fen,
            self.excluded_fen, self.copay_first_fen,
        )  # fmt: skip


@dataclass(frozen=True)
class Previewed:
    """What settling would give: the claim's own result, and how many settled claims it would change."""

    settled: Settled
    changes: tuple[tuple[reckoning.Standing, Settled], ...]
    place: str


def preview(*, acting: Acting, draft: Draft) -> Previewed:
    """What settling this claim now would give; nothing is written. Raises as :func:`settle`."""
    draft = _checked(acting, draft)
    before = reckoning.standing(draft.subject_id)
    _once(draft, before)
    place = place_of(acting, draft.consortium_id)
    results = _ruled([one.claim for one in before] + [draft.reckoned(NEWEST)], place)
    own = next(one for one in results if one.claim.claim_id == NEWEST)
    return Previewed(own, changed(before, results), place)


def settle(*, acting: Acting, draft: Draft, client_id: UUID) -> Claim:
    """Settle one claim at the counter; the same client id again returns the claim it made.

    Raises Denied without the right or for another institution, Refused for a claim that can't be or was already settled.
    """
    return settle_all(acting=acting, drafts=[draft], client_ids=[client_id])[0]


def settle_all(
    *, acting: Acting, drafts: Sequence[Draft], client_ids: Sequence[UUID], seen: Callable[[Seen], None] = lambda before: None
) -> list[Claim]:  # fmt: skip
    """Settle new claims of one person together: authorise, lock the person, rule over all claims, write, list changes.

    *seen* is given what stood before, read once. Raises as :func:`settle`; nothing of the person is then written.
    """
    known = {row.client_id: row for row in Claim.objects.filter(client_id__in=list(client_ids))}
    if len(known) == len(client_ids):
        return [known[one] for one in client_ids]
    drafts = [_checked(acting, draft) for draft in drafts]
    subject = drafts[0].subject_id
    lock_person(subject)
    known = {row.client_id: row for row in Claim.objects.filter(client_id__in=list(client_ids))}
    if known:  # somebody was quicker with the very same sending
        return [known[one] for one in client_ids]
    before = reckoning.standing(subject)
    seen(before)
    for at, draft in enumerate(drafts):
        _once(draft, before, drafts[:at])
    numbers = _numbers(len(drafts))
    pairs = list(zip(drafts, numbers, strict=True))
    new = [replace(draft.reckoned(number), place=place_of(acting, draft.consortium_id)) for draft, number in pairs]
    results = _ruled([one.claim for one in before] + new, acting.place)
    by_number = {one.claim.claim_id: one for one in results}
    claims = [
        _write(acting, draft, number, by_number[number], by_number[number].claim.place, client)
        for (draft, number), client in zip(pairs, client_ids, strict=True)
    ]
    list_changes(acting=acting, cause=claims[-1], changes=changed(before, results), client_id=client_ids[-1])
    log.did("claim.settled", "claim", [one.pk for one in claims], [subject])
    return claims


def _checked(acting: Acting, draft: Draft) -> Draft:
    if not acting.may("fund.bureau"):
        acting.demand("fund.counter")
        if draft.institution_id not in acting.units:
            raise Denied("fund.counter")
    if draft.end_date > calendar.today():
        raise Refused("出院或就诊日期在今天之后", field="end_date", remedy="请核对日期")
    if not reckoning.may_reckon(draft.subject_id):
        raise Refused("没有这位居民的有效就诊凭据", field="", remedy="请先读卡、扫码或核对证件号码")
    return replace(draft, subject_id=registry.canonical_of(draft.subject_id))


def _once(draft: Draft, before: Sequence[reckoning.Standing], with_it: Sequence[Draft] = ()) -> None:
    """Raises Refused where the visit, the list, or a stay of the same days and amount is settled already."""
    same = (draft.institution_id, draft.kind, draft.start_date, draft.end_date, draft.total_fen)
    for one in before:
        told = f"{one.institution} {one.claim.start_date}"
        if draft.visit is not None and one.visit == draft.visit:
            raise Refused(f"这次就诊已经结算（{told}）", remedy="需要更正的，先冲销原结算", clause=CLAUSE)
        if draft.setl_id and (one.institution_id, one.setl_id) == (draft.institution_id, draft.setl_id):
            raise Refused(f"结算清单 {draft.setl_id} 已经结算", field="setl_id", remedy="先冲销原结算", clause=CLAUSE)
        mine = (one.institution_id, one.claim.kind, one.claim.start_date, one.claim.end_date, one.claim.total_fen)
        if mine == same and not (draft.setl_id and one.setl_id):
            raise Refused(f"同一机构同一天同一金额的费用已经结算（{told}）", remedy="确属两次就诊的，请分别填写结算编号",
                          clause=CLAUSE)  # fmt: skip
    for other in with_it:
        if draft.setl_id and (other.institution_id, other.setl_id) == (draft.institution_id, draft.setl_id):
            raise Refused(f"结算清单 {draft.setl_id} 在本文件中重复", field="setl_id", clause=CLAUSE)


def _ruled(claims: list[Reckoned], place: str) -> list[Settled]:
    try:
        return reckoning.settled(claims, place)
    except ClaimFault as fault:
        field = {"amount": "total", "eligible": "excluded", "dates": "end_date"}.get(fault.code, "")
        raise Refused(str(fault), field=field, remedy="更正后重新结算") from None
    except policy.PolicyError as gap:
        raise Refused(str(gap), remedy="请政策管理员补充参数") from None


def _numbers(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("select nextval('fund_claim_id_seq') from generate_series(1, %s)", [count])
        return [number for (number,) in cursor.fetchall()]


def _write(acting: Acting, draft: Draft, number: int, result: Settled, place: str, client_id: UUID) -> Claim:
    at = calendar.now()
    revision = 1
    if draft.setl_id:
        revision += Claim.objects.filter(institution_id=draft.institution_id, setl_id=draft.setl_id).count()
    kept: dict[str, Any] = {name: getattr(draft, name) for name in draft.__dataclass_fields__}
    kept["other_dx"], kept["procedures"] = list(draft.other_dx), list(draft.procedures)
    claim = Claim(
        pk=number, year=draft.end_date.year, revision=revision, client_id=client_id, entered_by_id=acting.seat_id,
        entered_at=at, **kept,
    )  # fmt: skip
    claim.save(force_insert=True)
    write_settlement(acting=acting, claim=claim, result=result, place=place, client_id=uuid5(client_id, "settlement"))
    return claim
