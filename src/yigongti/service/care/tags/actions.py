"""Setting tags by rule, for everybody or one person; noting and ending what somebody had to establish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.facade import Acting, Denied
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused, reason
from yigongti.kernel.jobs.facade import defer
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry
from yigongti.service.care.models import KeyTag, SocialFact
from yigongti.service.care.tags import rules

RULES, INTERVALS = "care.tags.rules", "care.tags.interval"
_BATCH = 2_000
_LATEST = """
select distinct on (v.subject_id) v.subject_id, v.started_at, v.systolic_mmhg, v.diastolic_mmhg, v.glucose_mmol_l
  from care_visit v where v.subject_id = any(%s) and not v.sensitive order by v.subject_id, v.started_at desc
"""
"""The last visit of each person that is not a sensitive one: its day is the last contact, its measurements the latest."""
_CHRONIC = """
select p.subject_id, count(distinct left(p.code, 3)) from care_problem p
 where p.subject_id = any(%s) and p.ended is null and not p.sensitive group by p.subject_id
"""


@dataclass(frozen=True)
class _Known:
    """A living resident with what rules look at."""

    subject: int
    place: str
    home: int | None
    township: int | None
    facts: Mapping[str, int]
    last: date | None


def days_between(place: str, on: date) -> dict[str, int]:
    """Days between two contacts by colour (policy)."""
    return {str(row["colour"]): int(row["days"]) for row in _table(INTERVALS, place, on)}


def _table(key: str, place: str, on: date) -> Sequence[Mapping[str, Any]]:
    found: Any = policy.value(key, place=place, on=on).value
    rows: Sequence[Mapping[str, Any]] = found.named()
    return rows


def rules_in_force(place: str, on: date) -> tuple[rules.Rule, ...]:
    """The rules in force at a place. Raises policy's gap error, RuleFault."""
    return rules.rules_of(_table(RULES, place, on))


def recompute(*, place: str, on: date, subject_ids: Sequence[int] | None = None) -> int:
    """Set the tags that the rules give, end those that no longer hold; returns how many rows changed.

    Everybody, or these subjects. A tag that changes its colour ends and another begins, so that the history is dated.
    """
    table, days = rules_in_force(place, on), days_between(place, on)
    changed = 0
    for known in _batches(on, subject_ids):
        changed += _settle(known, table, days, on)
    return changed


def recompute_as(acting: Acting) -> int:
    """The robot's daily run."""
    acting.demand("care.tag")
    return recompute(place=acting.place, on=calendar.today())


def recompute_one_as(acting: Acting, subject_id: int) -> int:
    """The robot's run for one person whose facts have changed."""
    acting.demand("care.tag")
    return recompute(place=acting.place, on=calendar.today(), subject_ids=registry.same_person(subject_id))


def later(subject_id: int) -> None:
    """Have the robot look at one person, after what is being written has been committed."""
    if any(job.name == "care_tags_of" for job in wiring.offer("JOBS")):
        defer("care_tags_of", subject_id=subject_id)


def _batches(on: date, subject_ids: Sequence[int] | None) -> Iterator[dict[int, _Known | None]]:
    """Residents with their facts, some thousands at a time; None for who is dead, moved or another's duplicate."""
    rows = registry.Resident.objects.order_by("pk")
    if subject_ids is not None:
        rows = rows.filter(pk__in=list(subject_ids))
    columns = ("pk", "birth_date", "tags", "aid", "status", "merged", "place", "home_id", "township_id")
    some: list[tuple[Any, ...]] = []
    for row in rows.values_list(*columns).iterator(chunk_size=_BATCH):
        some.append(row)
        if len(some) == _BATCH:
            yield _known(some, on)
            some = []
    if some:
        yield _known(some, on)


def _known(rows: list[tuple[Any, ...]], on: date) -> dict[int, _Known | None]:
    ids = [row[0] for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, [ids])
        visits = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(_CHRONIC, [ids])
        chronic = dict(cursor.fetchall())
    social: dict[int, list[str]] = {}
    for subject, category in SocialFact.objects.filter(subject_id__in=ids, ends=None).values_list(
        "subject_id", "category"
    ):
        social.setdefault(subject, []).append(category)
    out: dict[int, _Known | None] = {}
    for pk, born, tagged, aid, status, merged, place, home, township in rows:
        if status != "living" or merged or born > on:
            out[pk] = None
            continue
        age = calendar.age(born, on).years
        facts: dict[str, int] = {"age": age, **{tag: 1 for tag in (*tagged, *social.get(pk, ())) if tag in rules.FACTS}}
        if aid:
            facts["poor"] = 1
        diseases = sum(1 for tag in ("hypertension", "diabetes", "copd") if tag in facts)
        facts["chronic"] = max(diseases, chronic.get(pk, 0))
        visit = visits.get(pk)
        for name, value in zip(("systolic", "diastolic"), visit[1:3] if visit else (), strict=False):
            if value is not None:
                facts[name] = int(value)
        if visit and visit[3] is not None:
            facts["glucose10"] = int(visit[3] * 10)
        last = calendar.local(visit[0]).date() if visit else None
        out[pk] = _Known(pk, place, home, township, facts, last)
    return out


def _settle(known: Mapping[int, _Known | None], table: Sequence[rules.Rule], days: Mapping[str, int], on: date) -> int:
    live: dict[int, dict[str, KeyTag]] = {}
    for row in KeyTag.objects.filter(subject_id__in=list(known), until=None):
        live.setdefault(row.subject_id, {})[row.category] = row
    now, fresh, over, moved = calendar.now(), list[KeyTag](), list[int](), list[KeyTag]()
    for subject, one in known.items():
        wanted = {tag.category: tag for tag in rules.tags(one.facts, table)} if one is not None else {}
        held = live.get(subject, {})
        for category, row in held.items():
            tag = wanted.get(category)
            if tag is None or (tag.colour, tag.rule) != (row.colour, row.rule):
                over.append(row.pk)
                continue
            del wanted[category]
            assert one is not None
            due = rules.due(last_contact=one.last, since=row.since, days=days[row.colour])
            if (due, one.place, one.home, one.township) != (row.due, row.place, row.home_id, row.township_id):
                row.due, row.last_contact = due, one.last
                row.place, row.home_id, row.township_id = one.place, one.home, one.township
                moved.append(row)
        for tag in wanted.values():
            assert one is not None
            fresh.append(KeyTag(
                subject_id=subject, category=tag.category, colour=tag.colour, rule=tag.rule, reason=tag.reason, since=on,
                last_contact=one.last, due=rules.due(last_contact=one.last, since=on, days=days[tag.colour]),
                place=one.place, home_id=one.home, township_id=one.township, set_at=now,
            ))  # fmt: skip
    KeyTag.objects.filter(pk__in=over).update_any(until=on)
    KeyTag.objects.bulk_update(moved, ["due", "last_contact", "place", "home", "township"])
    KeyTag.objects.bulk_create(fresh, batch_size=_BATCH)
    return len(over) + len(moved) + len(fresh)


# ---- what somebody has to establish ----------------------------------------------------------------


def note_social(
    *, acting: Acting, subject_id: int, category: str, evidence: str, document: str, starts: date, client_id: UUID
) -> SocialFact:
    """Note that a person lives alone, is left behind, disabled or poor, with the evidence. The same client id again returns it.

    Raises Denied; Refused where it stands already or the evidence is missing.
    """
    acting.demand("clinical.write")
    known: SocialFact | None = SocialFact.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    if registry.banner(subject_id) is None:
        raise Denied("resident")
    evidence = reason(
        evidence,
        most=200,
        missing="没有写依据",
        remedy="写明怎样核实的，例如“入户核实，残疾证二级”",
        least=4,
        field="evidence",
    )
    try:
        with transaction.atomic():
            made: SocialFact = SocialFact.objects.create(
                client_id=client_id, subject_id=subject_id, category=category, evidence=evidence,
                document=document[:40], starts=starts, unit_id=acting.unit_id, seat_id=acting.seat_id, noted_at=calendar.now(),
            )  # fmt: skip
    except IntegrityError:
        raise Refused("这个人群类别已经登记", field="category", remedy="情况变化的，先结束原来的再登记") from None
    log.did("social_noted", "resident", [made.pk], [subject_id], why=f"登记{made.get_category_display()}")
    later(subject_id)
    return made


def end_social(*, acting: Acting, fact_id: int, why: str) -> SocialFact:
    """It no longer holds. Raises SocialFact.DoesNotExist, Refused."""
    acting.demand("clinical.write")
    fact: SocialFact = SocialFact.objects.select_for_update().get(pk=fact_id)
    why = reason(why, most=120, missing="没有写原因", remedy="例如“子女已返乡同住”")
    if fact.ends is None:
        fact.ends, fact.ended_why = calendar.today(), why
        fact.save(force_update=True)
        log.did("social_ended", "resident", [fact.pk], [fact.subject_id], why=f"结束{fact.get_category_display()}")
        later(fact.subject_id)
    return fact
