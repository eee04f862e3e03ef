"""Merging two entries of one person, and taking it back. Merging rewrites no row.

The duplicate's subject points to its canonical one; what opens one of the two to a unit is carried over to the other, so
that whoever could read before can read both, and nobody else. Taking back ends what was carried over; what was written in
between is first sorted by a person, row by row, and goes to its side (`sorting`).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from yigongti.kernel import calendar, events
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import Grant, Subject
from yigongti.kernel.access.once import forget
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Act, Case, Refused, open_case
from yigongti.registry.actions.sorting import put_apart
from yigongti.registry.events import PersonsMerged, PersonsUnmerged
from yigongti.registry.models import Merge, Resident
from yigongti.registry.queries.duplicates import likeness
from yigongti.registry.queries.network import region_of
from yigongti.registry.queries.residents import canonical_of

_EVIDENCE = "merge"


def propose_merge(*, acting: Acting, keep: int, duplicate: int, reason: str, client_id: UUID) -> Case:
    """Put two entries before the registrar as one person.

    Raises:
        Denied: without `registry.resident`. Refused: one of the two is not visible, they are one already, or a proposal is
        open.
    """
    acting.demand("registry.resident")
    known = Case.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    keep, duplicate = canonical_of(keep), canonical_of(duplicate)
    if keep == duplicate:
        raise Refused("两份档案已经是同一人", field="duplicate", remedy="不用再合并")
    rows = {r.pk: r for r in Resident.objects.filter(pk__in=[keep, duplicate])}
    if len(rows) < 2:
        raise Refused("其中一份档案不在您的可见范围内", remedy="请档案管理人员提出合并")
    alike = likeness(rows[keep], rows[duplicate])
    return open_case(
        acting=acting, flow="person_merge", subject_id=keep, from_unit=acting.unit_id, to_unit=region_of(acting),
        hq_unit=acting.consortium_id or region_of(acting), title=_title(rows[keep], rows[duplicate]),
        values={"keep": keep, "duplicate": duplicate, "reason": reason, "score": alike.score,
                "evidence": list(alike.told)},
        client_id=client_id,
    )  # fmt: skip


def _title(keep: Resident, duplicate: Resident) -> str:
    """Without names: whoever is told that it waits too long need not know whom it is about."""
    return f"合并两份档案（尾号 {keep.record_number[-4:]} 与 {duplicate.record_number[-4:]}）"


def recorded(act: Act) -> None:
    """Effect of opening: the proposal's own row; one open proposal a pair, whoever made it."""
    values = act.values
    low, high = sorted((values["keep"], values["duplicate"]))
    try:
        with transaction.atomic():
            Merge.objects.create(
                case=act.case, keep_id=values["keep"], duplicate_id=values["duplicate"], score=values["score"],
                evidence=[str(one)[:120] for one in values["evidence"]], pair=f"{low}-{high}",
            )  # fmt: skip
    except IntegrityError:
        raise Refused("这两份档案已在审核中", remedy="等待审核结果，不用再提") from None


def settled(act: Act) -> None:
    """Effect of rejecting or withdrawing: the pair may be proposed again."""
    Merge.objects.filter(pk=act.case.pk).update(settled=True)


def confirmed(act: Act) -> None:
    """Effect: a second person has looked; the duplicate points to the kept entry from now on."""
    merge = Merge.objects.select_for_update().get(pk=act.case.pk)
    subjects = _locked(merge)
    keep, duplicate = subjects[merge.keep_id], subjects[merge.duplicate_id]
    if keep.canonical_id is not None or duplicate.canonical_id is not None:
        raise Refused("其中一份档案已经并入别的档案", remedy="请驳回后按新的档案重新提出")
    moved = sorted(s.pk for s in Subject.objects.filter(canonical_id=duplicate.pk))
    Subject.objects.filter(pk__in=[duplicate.pk, *moved]).update(canonical=keep)
    forget()
    Resident.objects.filter(pk=duplicate.pk).update(merged=True, changed_at=act.at)
    merge.moved, merge.merged_at, merge.settled = moved, act.at, True
    merge.save(force_update=True)
    _carry_over(act, keep.pk, duplicate.pk)
    log.did("merged", "resident", [keep.pk, duplicate.pk], [keep.pk, duplicate.pk], why="合并档案")
    events.publish(PersonsMerged(keep.pk, duplicate.pk, act.case.pk, act.at))


def unmerged(act: Act) -> None:
    """Effect: they were two persons after all; each entry stands for itself again."""
    merge = Merge.objects.select_for_update().get(pk=act.case.pk)
    subjects = _locked(merge)
    duplicate = subjects[merge.duplicate_id]
    if duplicate.canonical_id != merge.keep_id:
        raise Refused("保留的档案后来又并入了别的档案", remedy="请先拆分后来的合并")
    moved = put_apart(act.acting, merge)
    Subject.objects.filter(pk=duplicate.pk).update(canonical=None)
    forget()
    if merge.moved:
        Subject.objects.filter(pk__in=merge.moved).update(canonical=duplicate)
    Resident.objects.filter(pk=duplicate.pk).update(merged=False, changed_at=act.at)
    merge.unmerged_at = act.at
    merge.save(force_update=True)
    today = calendar.local(act.at).date()
    Grant.objects.filter(case_id=act.case.pk, evidence=_EVIDENCE).update_any(ends=today, until=act.at)
    log.did(
        "unmerged",
        "resident",
        [merge.keep_id, duplicate.pk],
        [merge.keep_id, duplicate.pk],
        why="拆分档案",
        moved=moved,
    )
    events.publish(PersonsUnmerged(merge.keep_id, duplicate.pk, act.case.pk, act.at))


def _locked(merge: Merge) -> dict[int, Subject]:
    """Both subjects, locked in the order of their ids."""
    pair = Subject.objects.select_for_update().filter(pk__in=[merge.keep_id, merge.duplicate_id]).order_by("pk")
    return {s.pk: s for s in pair}


def _carry_over(act: Act, keep: int, duplicate: int) -> None:
    today = calendar.local(act.at).date()
    live = Q(ends=None) | Q(ends__gte=today)
    unexpired = Q(until=None) | Q(until__gt=act.at)
    grants = list(Grant.objects.filter(live, unexpired, subject_id__in=[keep, duplicate], starts__lte=today))
    Grant.objects.bulk_create(
        Grant(
            subject_id=duplicate if g.subject_id == keep else keep, unit_id=g.unit_id, reason=g.reason, evidence=_EVIDENCE,
            note="随档案合并", starts=today, ends=g.ends, until=g.until, seat_id=act.acting.seat_id, case_id=act.case.pk,
            made_at=act.at, acted=g.acted,
        )
        for g in grants
    )  # fmt: skip


def propose_from_desk(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
    """The desk's way in: the form names both entries."""
    return propose_merge(
        acting=acting, keep=int(values["keep"].code), duplicate=int(values["duplicate"].code), reason=values["reason"],
        client_id=client_id,
    )  # fmt: skip
