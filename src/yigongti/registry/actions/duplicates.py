"""Suspected duplicates in bulk: found by a robot, judged by a registrar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import reason
from yigongti.kernel.patience import patience
from yigongti.registry import parameters
from yigongti.registry.models import Resident, Suspect
from yigongti.registry.queries.duplicates import likeness
from yigongti.registry.rules.duplicates import Likeness

MOST = 200_000
"""Pairs that one run compares at most: a hundred times what a county of a million has."""
_BATCH = 1_000
_PATIENCE = "5min"
"""How long the night's search may take: three seconds at 300 000 residents, more than a page's limit on a busy machine."""


def find_suspects(acting: Acting, *, since: datetime | None = None) -> int:
    """Compare every pair that shares a value worth comparing and note the probable ones; returns how many are open.

    A pair that a registrar called different comes back only when what speaks for it has become stronger. A pair that no
    longer looks alike leaves the list. `since`: only pairs of which one has changed since; None: all.
    """
    acting.demand("registry.merge")
    patience(_PATIENCE)
    with connection.cursor() as cursor:
        cursor.execute("select * from registry.pairs(%s, %s, %s)", [since, parameters.widest_block(acting.place), MOST])
        pairs = cursor.fetchall()
    now, kept = calendar.now(), set[tuple[int, int]]()
    for a, b, alike in _probable(pairs):
        kept.add((a, b))
        _note(a, b, alike, now)
    if since is None:
        old = Suspect.objects.filter(state=Suspect.State.OPEN).values_list("pk", "a_id", "b_id")
        gone = [pk for pk, a, b in old if (a, b) not in kept]
        Suspect.objects.filter(pk__in=gone).update_any(state=Suspect.State.GONE)
    return int(Suspect.objects.filter(state=Suspect.State.OPEN).count())


def _probable(pairs: list[tuple[int, int]]) -> Iterator[tuple[int, int, Likeness]]:
    for some in (pairs[start : start + _BATCH] for start in range(0, len(pairs), _BATCH)):
        people = {r.pk: r for r in Resident.objects.filter(pk__in={one for pair in some for one in pair}, merged=False)}
        for a, b in some:
            if a in people and b in people:
                alike = likeness(people[a], people[b])
                if alike.probable:
                    yield a, b, alike


def _note(a: int, b: int, alike: Likeness, now: datetime) -> None:
    values = {"score": alike.score, "evidence": [list(one) for one in alike.weighed], "differs": list(alike.differs)}
    made, new = Suspect.objects.get_or_create(a_id=a, b_id=b, defaults={**values, "found_at": now})
    stronger = alike.score > made.score
    if new or ((made.score, made.evidence) == (values["score"], values["evidence"]) and made.state != "gone"):
        return
    if made.state == Suspect.State.GONE or (made.state == Suspect.State.DIFFERENT and stronger):
        values |= {"state": Suspect.State.OPEN, "found_at": now}
    Suspect.objects.filter(pk=made.pk).update(**values)


def call_different(*, acting: Acting, suspect_id: int, why: str) -> Suspect:
    """A registrar has looked: two persons. Raises Suspect.DoesNotExist; Refused without a reason."""
    acting.demand("registry.merge")
    found: Suspect = Suspect.objects.select_for_update().get(pk=suspect_id)
    why = reason(why, most=200, missing="没有写理由", remedy="写明怎样核对的，例如“电话核对为两人”")
    if found.state == Suspect.State.OPEN:
        found.state, found.why = Suspect.State.DIFFERENT, why
        found.decided_at, found.decided_by_id = calendar.now(), acting.seat_id
        found.save(force_update=True)
        log.did(
            "called_different", "resident", [found.a_id, found.b_id], [found.a_id, found.b_id], why="核对不是同一人"
        )
    return found
