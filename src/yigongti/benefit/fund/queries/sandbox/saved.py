"""Saved comparisons: one, those of a consortium, whether the data moved since, what was proposed from them."""

from __future__ import annotations

from collections.abc import Sequence

from yigongti.benefit.fund.models import EVIDENCE, Comparison
from yigongti.benefit.fund.queries.sandbox import facts
from yigongti.kernel.access.facade import acting_or_none
from yigongti.kernel.form import Choice
from yigongti.policy import facade as policy

SHOWN = 100


def one(id: int) -> Comparison | None:
    """A comparison that the seat may read."""
    return Comparison.objects.select_related("consortium", "made_by", "again").filter(pk=id).first()


def several(ids: Sequence[int]) -> list[Comparison]:
    """Those of the given ones that the seat may read, in the order given."""
    rows = {row.pk: row for row in Comparison.objects.select_related("consortium", "made_by").filter(pk__in=list(ids))}
    return [rows[id] for id in ids if id in rows]


def of(consortium_ids: Sequence[int]) -> tuple[list[Comparison], int]:
    """Those of some consortia, the newest first, and how many there are; the result itself is not read."""
    rows = Comparison.objects.filter(consortium_id__in=list(consortium_ids))
    found = rows.select_related("consortium", "made_by").defer("result").order_by("-made_at", "-pk")[:SHOWN]
    return list(found), rows.count()


def moved(row: Comparison) -> bool:
    """Whether the claims of its year have changed since."""
    try:
        return facts.version_now(row.consortium_id, row.year)[0] != row.data_version
    except facts.NoFacts:
        return True


def proposals(row: Comparison) -> tuple[policy.Attached, ...]:
    """The amendments that were proposed from it, as far as the seat reads them."""
    return policy.attached(f"{EVIDENCE}{row.pk}")


class EvidenceSource:
    """Port ``policy_evidence``: comparisons that the seat may attach to an amendment."""

    def get(self, code: str) -> Choice | None:
        """The comparison of exactly this code."""
        number = code.removeprefix(EVIDENCE)
        if not code.startswith(EVIDENCE) or not number.isdecimal() or len(number) > 18 or not _may():
            return None
        row = one(int(number))
        return None if row is None else _choice(row)

    def search(self, text: str, limit: int) -> Sequence[Choice]:
        """Those whose name holds the text, the newest first."""
        if not _may():
            return []
        rows = Comparison.objects.filter(name__icontains=text.strip()).select_related("consortium").defer("result")
        return [_choice(row) for row in rows.order_by("-made_at")[:limit]]


def _may() -> bool:
    acting = acting_or_none()
    return acting is not None and acting.may("fund.sandbox")


def _choice(row: Comparison) -> Choice:
    return Choice(f"{EVIDENCE}{row.pk}", row.name, f"{row.consortium.name} {row.year} 年政策沙盘比较")


DRG_UNPROPOSED = (
    "按 DRG 付费及其权重只供测算，不能由此提出：平台不发布 DRG 病组目录，分组用自带的演示表（非官方），权重没有经第二人发布、冻结，"
    "不能作为付费依据；统筹地区按 DRG 付费的，以医保局公布的分组方案、权重和费率为准"
)
"""Why paying by DRG is a what-if and no proposal (ADR 0040)."""


def unproposed(row: Comparison) -> list[str]:
    """What of a saved change is no parameter of policy: why it can't be proposed from here, and where it is done."""
    change, told = row.change, []
    if change.get("scheme"):
        told.append(DRG_UNPROPOSED)
    elif change.get("points"):
        told.append("病种分值不能由此提出：请形成新一版病种目录，由另一人发布后生效")
    if change.get("coefficients"):
        told.append("机构系数不能由此提出：请在新一版病种目录中填写，由另一人发布后生效")
    return told
