"""Entries that were made twice and have been merged: proposed by whoever noticed, confirmed by the registrar, weeks ago."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from uuid import UUID

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Seat, Subject, Unit
from yigongti.kernel.case.facade import Case, TimelineEntry
from yigongti.kernel.sampling import Sampling
from yigongti.registry.flow import PERSON_MERGE
from yigongti.registry.models import Merge, Resident
from yigongti.registry.queries.duplicates import likeness

ONE_IN = 11
"""Of so many duplicates one has been dealt with."""
REASON = "村医核对户口簿，补建的档案与原档案为同一人"


def settled(sampling: Sampling, pairs: list[tuple[Resident, Resident]], seats: dict[int, int]) -> set[int]:
    """Merge one pair in eleven, of those whose village has a doctor; returns the duplicates that are no longer in question."""
    rng = sampling.rng("registry", "merges")
    registrar = Seat.objects.select_related("unit").filter(role_id="registrar").order_by("pk").first()
    doctors = Seat.objects.select_related("unit").in_bulk(list(seats.values()))
    done = set[int]()
    for place, (keep, twin) in enumerate(pairs):
        if place % ONE_IN == ONE_IN - 1 and registrar is not None and keep.home_id in seats:
            at = calendar.start_of(sampling.as_of) - timedelta(days=rng.randrange(9, 60), hours=-10)
            _merge(rng, keep, twin, at, doctors[seats[keep.home_id]], registrar)
            done.add(twin.pk)
    return done


def _merge(rng: random.Random, keep: Resident, twin: Resident, at: datetime, doctor: Seat, registrar: Seat) -> None:
    """One case from the proposal to the confirmation two days later, and what it leaves."""
    alike, decided, region = likeness(keep, twin), at + timedelta(days=2), registrar.unit
    case = Case.objects.create(
        client_id=_uuid(rng), number=_uuid(rng).hex[:20], flow=PERSON_MERGE.code, flow_version=PERSON_MERGE.version,
        domain=PERSON_MERGE.domain, state="merged", outcome="merged", subject_id=keep.pk,
        title=f"合并两份档案（尾号 {keep.record_number[-4:]} 与 {twin.record_number[-4:]}）", from_unit=doctor.unit,
        to_unit=region, hq_unit=_hq(doctor.unit, region), opened_by=doctor, opened_at=at, entered_at=decided, closed_at=decided,
    )  # fmt: skip
    case.number = f"PM{calendar.local(at).year}{case.pk:07d}"
    case.save(force_update=True, update_fields=["number"])
    acts: tuple[tuple[str, Seat, str, str, str, datetime], ...] = (
        ("opened", doctor, "发起档案合并", "", "proposed", at),
        ("act", registrar, "同意合并", "proposed", "merged", decided),
    )
    for kind, seat, title, left, entered, when in acts:
        TimelineEntry.objects.create(
            case=case, client_id=_uuid(rng), at=when, seat=seat, unit=seat.unit, seat_name=seat.name, unit_name=seat.unit.name,
            kind=kind, transition="confirm" if left else "", title=title, from_state=left, to_state=entered,
            waited_seconds=int((when - at).total_seconds()), note="" if left else REASON,
        )  # fmt: skip
    Merge.objects.create(
        case=case, keep_id=keep.pk, duplicate_id=twin.pk, score=alike.score, evidence=[one[:120] for one in alike.told],
        pair=f"{keep.pk}-{twin.pk}", settled=True, merged_at=decided,
    )  # fmt: skip
    Subject.objects.filter(pk=twin.pk).update(canonical_id=keep.pk)
    Resident.objects.filter(pk=twin.pk).update(merged=True, changed_at=decided)


def _hq(unit: Unit, region: Unit) -> Unit:
    return unit.consortium or region


def _uuid(rng: random.Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)
