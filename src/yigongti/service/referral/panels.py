"""What referral contributes to other rooms' screens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from yigongti.kernel.case.facade import flow_of
from yigongti.kernel.form import Choice
from yigongti.kernel.panel import Panel
from yigongti.registry import facade as registry
from yigongti.service.care.facade import VisitSummary
from yigongti.service.referral import queries
from yigongti.service.referral import rules as r
from yigongti.service.referral.criteria import shipped

TONES = {"emergency": "danger", "soon": "warning", "routine": "notice"}


def proposal(context: Any) -> Iterable[Panel]:
    """Slot ``visit.after_diagnosis``: whether the patient should go up, why and where to; what is already under way.

    The context is care's `VisitShown`; its picture holds what is typed, so the panel follows the doctor's hand.
    """
    visit, acting, picture = context.visit, context.acting, context.picture
    under_way = [_under_way(row) for row in queries.of_visit(visit.pk)]
    if under_way:
        yield Panel("referral-under-way", "本次就诊的转诊", "referral/_under_way.html", {"referrals": under_way})
    if visit.status != "open" or not acting.may("referral.sender") or visit.unit_id not in acting.units:
        return
    open_one = any(one["open"] for one in under_way)
    found = queries.proposal_up(picture, acting)
    if found.propose and not open_one:
        fit = queries.receivers(acting, picture.principal, found.urgency)
        values = {
            "proposal": found, "receivers": fit, "urgency": r.URGENCY_TITLES[found.urgency],
            "advice": [reason.advice for reason in found.reasons if reason.advice],
            "then": _address("referral", visit.subject_id), "then_out": _address("referral_out", visit.subject_id),
        }  # fmt: skip
        yield Panel("referral-proposal", "建议上转", "referral/_proposal.html", values, tone=TONES[found.urgency])
    elif picture.codes and not open_one:
        yield from _quiet(visit, acting, found)


def _quiet(visit: Any, acting: Any, found: r.Proposal) -> Iterable[Panel]:
    """No proposal: one line that it may still be sent, and from a hospital that it may be sent down."""
    level = queries.level_of(visit.unit_id)
    values = {
        "unmeasured": found.unmeasured, "down": level == "county" and acting.may("referral.specialist"),
        "up": level in ("village", "township"), "then_up": _address("referral", visit.subject_id),
        "then_down": _address("referral_down", visit.subject_id), "then_out": _address("referral_out", visit.subject_id),
    }  # fmt: skip
    if values["up"] or values["down"]:
        yield Panel("referral-quiet", "", "referral/_quiet.html", values)


def _address(flow: str, subject_id: int) -> str:
    return f"{reverse('desk:create', args=[flow])}?subject={subject_id}"


def _under_way(row: Any) -> dict[str, Any]:
    state = flow_of(row.case.flow, row.case.flow_version).state(row.case.state)
    return {"row": row, "case": row.case, "state": state, "open": row.case.closed_at is None}


def record(context: Any) -> Iterable[Panel]:
    """Slot ``case.main``: the record that was attached, and how the patient's way stands."""
    if context.flow.code not in ("referral", "referral_down"):
        return
    row = context.more.row if context.more is not None else queries.of_case(context.case.pk)
    if row is None:
        return
    if row.criteria:
        title = "符合的下转标准" if row.direction == "down" else "符合的上转标准"
        yield Panel("referral-criteria", title, "referral/_criteria.html", {"criteria": row.criteria})
    if row.summary:
        summary = VisitSummary.from_json(row.summary)
        may_read = context.acting.may("clinical.read") and context.case.subject_id is not None
        values = {"summary": summary, "subject": row.subject_id if may_read else None}
        yield Panel("referral-record", "随单病历摘要", "referral/_record.html", values)
    if row.down_criteria and row.direction == "up":
        yield Panel(
            "referral-down-criteria", "符合的下转标准", "referral/_criteria.html", {"criteria": row.down_criteria}
        )


def way_on(context: Any) -> Iterable[Panel]:
    """Slot ``case.main``: patients of a round with a way to note them; versions of a plan; what is booked."""
    case, acting = context.case, context.acting
    if context.flow.code == "round" and acting.may("clinical.read"):
        noted = queries.notes_of_round(case.pk)
        rows = [(row, noted.get(row.pk)) for row in queries.patients_at(case.to_unit_id, acting)]
        names = registry.names([row.subject_id for row, _ in rows])
        lines = [(row, note, names.get(row.subject_id, "—")) for row, note in rows]
        values = {"lines": lines, "round": case, "may": acting.may("referral.specialist") and case.closed_at is None}
        yield Panel(
            "round-patients", f"本院下转到该机构、尚未结案的患者（{len(lines)}）", "referral/_round.html", values
        )
    if context.flow.code in ("referral", "referral_down") and context.more is not None and context.more.row.return_plan:
        plans = queries.plans_of(case.pk)
        if len(plans) > 1:
            yield Panel("referral-plans", f"方案的各版本（{len(plans)}）", "referral/_plans.html", {"plans": plans})


def timeline(context: Any) -> Panel | None:
    """Slot ``resident.timeline``: the person's referrals with where each stands."""
    rows = queries.progress_for_resident(context["subject_id"])
    if not rows:
        return None
    staff = not context["acting"].may("resident.self")
    return Panel("referrals", "转诊", "referral/_progress.html", {"rows": rows, "staff": staff})


def red_flags() -> tuple[Choice, ...]:
    """Port ``red_flags`` of care: the coded danger signs that the criteria know, with their groups."""
    return tuple(Choice(code, label, group) for code, label, group in shipped().red_flags)


def appointments(subject_id: int) -> list[Choice]:
    """Port ``appointments`` of care: accepted referrals that bring this person to the acting unit now."""
    from yigongti.kernel.access.facade import current

    found = queries.expected(subject_id, current().units)
    return [Choice(str(row.pk), f"转诊单 {row.case.number} {row.dx_name}", row.department) for row in found]


specialists = queries.SpecialistSource()
"""Port ``referral_specialist`` of the accepting form."""
