"""Every write of a special-case review: apply, send back, give an opinion, report, decide (ADR 0031)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from yigongti.benefit.fund.actions.rows import place_of
from yigongti.benefit.fund.actions.shared import account, lock
from yigongti.benefit.fund.models import Claim, Opinion, Paper, Special
from yigongti.benefit.fund.paper import number_of
from yigongti.benefit.fund.queries import claims
from yigongti.benefit.fund.queries import special as queries
from yigongti.benefit.fund.rules.dip import points_text
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.access.models import Seat, Unit
from yigongti.kernel.case.facade import Act, Case, Refused, open_case
from yigongti.kernel.text import cell

LARGEST = 5 * 1024 * 1024
MOST_PAPERS = 5
KINDS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}
"""What a paper may be, known by its first bytes."""


def kind_of(content: bytes) -> str | None:
    """The media type of a paper; None for what is not taken."""
    return next((kind for begins, kind in KINDS.items() if content.startswith(begins)), None)


def apply(
    *, acting: Acting, claim_id: int, values: dict[str, Any], papers: Sequence[tuple[str, bytes]], client_id: UUID
) -> Case:  # fmt: skip
    """Open the review of a settled stay from the values of ``forms.special.APPLY`` and its papers (name, content).

    Raises Denied without ``fund.counter`` at the institution, Refused.
    """
    claim = claims.get(claim_id)
    acting.demand("fund.counter")
    consortium = Unit.objects.values_list("consortium_id", flat=True).get(pk=claim.institution_id)
    if consortium is None:
        raise Refused("本机构不属于医共体，没有病种目录", remedy="请与医保局联系")
    _check(papers)
    region = Unit.objects.get(pk=consortium).region_id
    assert region is not None
    made = open_case(
        acting=acting, flow="fund_special", subject_id=None, from_unit=claim.institution_id, to_unit=consortium, hq_unit=region,
        title=f"特例单议 {number_of(claim)}", values={**values, "claim": claim.pk}, client_id=client_id,
    )  # fmt: skip
    for name, content in papers:
        digest = hashlib.sha256(content).hexdigest()
        if not Paper.objects.filter(special_id=made.pk, digest=digest).exists():
            Paper.objects.create(
                special_id=made.pk, name=cell(name)[:80] or "附件", content=content, digest=digest, seat_id=acting.seat_id,
                at=made.opened_at,
            )  # fmt: skip
    return made


def _check(papers: Sequence[tuple[str, bytes]]) -> None:
    if not papers:
        raise Refused("没有附病历摘要等材料", remedy="请选择 PDF、JPEG 或 PNG 文件")
    if len(papers) > MOST_PAPERS:
        raise Refused(f"附件超过 {MOST_PAPERS} 个", remedy="请合并后再提交")
    for name, content in papers:
        if not 0 < len(content) <= LARGEST or kind_of(content) is None:
            raise Refused(f"附件“{cell(name)[:40]}”不是 PDF、JPEG、PNG，或超过 5 MB", remedy="请另存后再选择")


def on_apply(act: Act) -> None:
    """Keep the stay as it is judged. Raises Refused for one that cannot be reviewed, or where the year's share is used up."""
    claim = claims.get(act.values["claim"])
    unit = act.case.to_unit_id
    lock(unit, claim.year)
    place = place_of(act.acting, unit)
    if claims.stands(claim) is None:
        raise Refused("这份清单已冲销", remedy="请对重新结算的清单申请")
    before = queries.live_of(claim.pk)
    if before is not None:
        raise Refused(f"这份清单已有特例单议 {before.case.number}", remedy="请在原事项上办理")
    found = queries.grouped(claim, unit)
    if found is None:
        raise Refused(f"{claim.year} 年没有已发布的病种目录，或这份清单没有入组", remedy="只有按病种入组的县内住院可以申请",
                      clause="按病种分值付费：特例单议")  # fmt: skip
    wrong = queries.not_fitting(act.values["reason"], found, place, claim.end_date)
    if wrong:
        raise Refused(wrong, field="reason", remedy="请改选符合的理由")
    applied, may = queries.room(unit, claim.year, place)
    if applied >= may:
        raise Refused(f"{claim.year} 年本医共体最多 {may} 例，已申请 {applied} 例", remedy="请与医保管理中心商定先后；撤回的可以让出名额",
                      clause="特例单议病例上限")  # fmt: skip
    applied_for(act.case, claim, unit, found, act.values).save(force_insert=True)


def applied_for(
    case: Case, claim: Claim, consortium_id: int, found: queries.Grouped, values: Mapping[str, Any]
) -> Special:
    """The row of an application, not yet written: the stay as it is judged."""
    return Special(
        case=case, claim=claim, claim_number=number_of(claim), institution_id=claim.institution_id, consortium_id=consortium_id,
        catalogue=found.catalogue.pk, year=claim.year, end_date=claim.end_date, days=claim.days, principal_dx=claim.principal_dx,
        dx_name=claim.dx_name, group=found.group, total_fen=claim.total_fen, mean_fen=found.stay.group_mean,
        points_milli=found.stay.points_milli, most_milli=found.most_milli, reason=values["reason"], text=values["text"],
    )  # fmt: skip


def on_supplement(act: Act) -> None:
    """The explanation is written anew; the old one stands in the timeline."""
    Special.objects.filter(pk=act.case.pk).update(text=act.values["text"])


def on_withdraw(act: Act) -> None:
    """The place in the year's share is free again."""
    Special.objects.filter(pk=act.case.pk).update(live=False)


def on_decline(act: Act) -> None:
    """The office does not take it; the place is free again."""
    Special.objects.filter(pk=act.case.pk).update(live=False)


def on_opinion(act: Act) -> None:
    """One expert's opinion. Raises Refused for somebody who also sits at the applying institution, or who gave one already."""
    who = account(act.acting)
    row = Special.objects.get(pk=act.case.pk)
    if Seat.objects.filter(account_id=who, unit__path__contains=[row.institution_id]).exists():
        raise Refused("您在申请机构任职，应当回避", remedy="请由其他专家评审", clause="专家评审回避")
    supports = act.values["supports"] == "yes"
    points = _milli(act.values["points"], row) if supports else None
    try:
        with transaction.atomic():
            Opinion.objects.create(
                special=row, supports=supports, points_milli=points, text=act.values["text"], seat_id=act.acting.seat_id,
                account=who, at=act.at,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Refused("您已对这件特例单议提出过意见", remedy="请由另一位专家评审") from twice


def _milli(points: Decimal, row: Special) -> int:
    """Points as typed in thousandths. Raises Refused above what pays the whole cost."""
    milli = int(points * 1_000)
    if milli > row.most_milli:
        raise Refused(f"分值超过费用全额折算的 {points_text(row.most_milli)} 分", field="points", remedy="请改小")
    return milli


def on_report(act: Act) -> None:
    """The office reports what the experts think. Raises Refused before there are enough of them."""
    row = Special.objects.get(pk=act.case.pk)
    need = queries.experts_needed(place_of(act.acting, row.consortium_id), row.end_date)
    given = len(queries.opinions(row.pk))
    if given < need:
        raise Refused(
            f"还只有 {given} 位专家的意见，至少 {need} 位", remedy="请等专家提出意见后再汇总", clause="专家评审人数"
        )


def on_grant(act: Act) -> None:
    """The bureau grants points; they hold from the next clearing on."""
    row = Special.objects.get(pk=act.case.pk)
    _decided(act, "granted", _milli(act.values["points"], row))


def on_refuse(act: Act) -> None:
    """The bureau does not grant."""
    _decided(act, "refused", None)


def _decided(act: Act, decision: str, milli: int | None) -> None:
    Special.objects.filter(pk=act.case.pk).update(
        decision=decision, granted_milli=milli, decision_text=act.values["text"], decided_by_id=act.acting.seat_id, decided_at=act.at,
    )  # fmt: skip
