"""Moves and deaths: registered with day and source, announced, taken back when they were wrong."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from yigongti.kernel import calendar, events
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.access.once import forget
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused, reason
from yigongti.registry.actions import cards, family
from yigongti.registry.actions.residents import keep_belonging, lock_identity
from yigongti.registry.events import LifeCorrected, PersonDied, PersonMoved
from yigongti.registry.models import LifeEvent, Place, Resident
from yigongti.registry.queries.network import responsible_for
from yigongti.registry.queries.residents import same_person
from yigongti.registry.rules import life

DEATH = "死亡登记"


def record_life_event(
    *, acting: Acting, subject_id: int, kind: str, on: date, source: str, client_id: UUID, place_to: str = "",
    elsewhere: str = "", document: str = "", note: str = "",
) -> LifeEvent:  # fmt: skip
    """Register that a person moved out, moved in (also within the county) or died.

    A move changes the responsible units from its day, what was before is kept (`Belonging`). A death ends the person's
    cards, their own sign-in (ADR 0045) and whatever family looks after by them or for them, and tells whoever holds an
    open case about them. The same client id again returns the same row.

    Raises Denied, Refused naming the field.
    """
    acting.demand("registry.resident")
    known: LifeEvent | None = LifeEvent.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    lock_identity(f"life {subject_id}")
    resident = Resident.objects.filter(pk=subject_id, merged=False).first()
    if resident is None:
        raise Denied("resident")
    fault = life.check(
        kind=kind,
        status=resident.status,
        since=resident.status_on,
        born=resident.birth_date,
        on=on,
        today=calendar.today(),
    )
    if fault is not None:
        raise Refused(fault.message, field=fault.field, remedy=fault.remedy)
    before: dict[str, Any] = {
        "status": resident.status, "status_on": resident.status_on.isoformat() if resident.status_on else None,
        "place": resident.place, "address": resident.address,
    }  # fmt: skip
    place_to = place_to if kind == LifeEvent.Kind.MOVED_IN else ""
    if kind == LifeEvent.Kind.MOVED_IN:
        _check_move(resident, place_to)
        if place_to != resident.place:
            keep_belonging(resident, on, "迁居", moved=True)
    if kind == LifeEvent.Kind.DIED:
        before |= _end_as_person(subject_id)
    address = resident.address if place_to == resident.place else ""
    made: LifeEvent = LifeEvent.objects.create(
        client_id=client_id, subject_id=subject_id, kind=kind, on=on, source=source, document=document, place_from=resident.place,
        place_to=place_to, elsewhere=elsewhere, note=note, before=before, unit_id=acting.unit_id, seat_id=acting.seat_id,
        at=calendar.now(),
    )  # fmt: skip
    log.did(kind, "resident", [subject_id], [subject_id], why=f"登记{made.get_kind_display()}")
    told = f"居民已于 {on} {made.get_kind_display()}（{made.get_source_display()}），请核实后了结或改派"
    if kind != LifeEvent.Kind.MOVED_IN:
        _tell(subject_id, told)
    if kind == LifeEvent.Kind.DIED:
        cards.end_all(same_person(subject_id), DEATH)
    if place_to:
        _relocate(subject_id, place_to, address, life.STATUS_AFTER[kind], on)
    else:
        Resident.objects.filter(pk=subject_id).update(
            status=life.STATUS_AFTER[kind], status_on=on, changed_at=calendar.now()
        )
        forget()
    if kind == LifeEvent.Kind.DIED:
        family.tell([one["id"] for one in before["family"]], f"{acting.unit_name}登记了变动")
        events.publish(PersonDied(subject_id, on, made.at))
    else:
        events.publish(PersonMoved(subject_id, on, resident.place, place_to, made.at))
    return made


def _check_move(resident: Resident, place_to: str) -> None:
    """Raises Refused unless it is a village, and another one for somebody who lives here."""
    place = Place.objects.filter(pk=place_to).first()
    if place is None or place.level != Place.Level.VILLAGE:
        raise Refused("没有选择迁入的村（居）", field="place", remedy="输入村名或拼音首字母，从列表中选择")
    if place_to == resident.place and resident.status == Resident.Status.LIVING:
        raise Refused(f"现在就住在{place.name}", field="place", remedy="选择另一个村（居）；只改门牌的在“修改”里改地址")


def _relocate(subject_id: int, place: str, address: str, status: str, since: date | None) -> None:
    """Give the person to whoever is responsible for the place. Raises Denied where the seat is not responsible now."""
    near = responsible_for(place)
    with connection.cursor() as cursor:
        cursor.execute(
            "select registry.relocate(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                subject_id, place, address, (near.clinic_id or near.township_id) if near else None,
                near.township_id if near else None, near.consortium_id if near else None, status, since, calendar.now(),
            ],
        )  # fmt: skip
        (done,) = cursor.fetchone()
    if not done:
        raise Denied("resident")
    forget()


def undo_life_event(*, acting: Acting, event_id: int, why: str) -> LifeEvent:
    """Take back a move or death that was registered in error; only the last one, so that nothing later hangs on it.

    Raises LifeEvent.DoesNotExist, Refused.
    """
    acting.demand("registry.resident")
    event: LifeEvent = LifeEvent.objects.select_for_update().get(pk=event_id)
    if event.undone_at is not None:
        return event
    why = reason(why, most=200, missing="没有写明为什么撤销", remedy="写明错在哪里，例如“同名，死者是另一人”", least=4)
    later = LifeEvent.objects.filter(subject_id=event.subject_id, undone_at=None, pk__gt=event.pk).exists()
    if later:
        raise Refused("后来还登记过变动", field="why", remedy="从最近的一次开始撤销")
    before = event.before
    event.undone_at, event.undone_by_id, event.undone_why = calendar.now(), acting.seat_id, why
    event.save(force_update=True)
    with connection.cursor() as cursor:
        cursor.execute("select registry.never_moved(%s)", [event.pk])
    _relocate(
        event.subject_id, before["place"], before["address"], before["status"],
        date.fromisoformat(before["status_on"]) if before["status_on"] else None,
    )  # fmt: skip
    if event.kind == LifeEvent.Kind.DIED:
        cards.revive(same_person(event.subject_id), DEATH)
        _revive_as_person(event.subject_id, before)
        family.tell([one["id"] for one in before.get("family", [])], "变动登记有误，已撤销")
        _tell(event.subject_id, "死亡登记有误，已撤销，请恢复原来的安排")
    log.did("undone", "resident", [event.subject_id], [event.subject_id], why=f"撤销{event.get_kind_display()}登记")
    events.publish(LifeCorrected(event.subject_id, event.kind, event.undone_at))
    return event


def _end_as_person(subject_id: int) -> dict[str, list[dict[str, Any]]]:
    """End what was lent, from either side, and the own seats as of yesterday; returns by kind each with its former last day."""
    with connection.cursor() as cursor:
        cursor.execute("select registry.end_as_person(%s, %s)", [subject_id, calendar.today() - timedelta(days=1)])
        (ended,) = cursor.fetchone()
    return dict(json.loads(ended) if isinstance(ended, str) else ended)


def _revive_as_person(subject_id: int, former: dict[str, Any]) -> None:
    """Give back exactly what *former* tells of, as it was."""
    with connection.cursor() as cursor:
        cursor.execute("select registry.revive_as_person(%s, %s)", [subject_id, json.dumps(former)])


def _tell(subject_id: int, words: str) -> int:
    """Tell whoever holds an open case about the person; returns how many cases."""
    with connection.cursor() as cursor:
        cursor.execute("select registry.tell_cases(%s, %s, %s)", [subject_id, words, calendar.now()])
        (told,) = cursor.fetchone()
    return int(told)
