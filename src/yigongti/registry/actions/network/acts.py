"""An act on the network happens once, however often it is sent."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.registry.models import NetworkAct


def first_time(acting: Acting, client_id: UUID, verb: str, row: int | None = None) -> bool:
    """Note the act by the client's id; False: it was done before. Two at the same moment: the second waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into registry_networkact (client_id, verb, row, seat_id, made_at) values (%s, %s, %s, %s, %s)"
            " on conflict (client_id) do nothing",
            [client_id, verb, row, acting.seat_id, calendar.now()],
        )
        return bool(cursor.rowcount)


def made(acting: Acting, client_id: UUID, row: int) -> None:
    """Keep which row the act made."""
    NetworkAct.objects.filter(client_id=client_id, seat_id=acting.seat_id).update(row=row)


def row_of(client_id: UUID) -> int:
    """The row that an act made before; 0 when it is not known."""
    found = NetworkAct.objects.filter(client_id=client_id).values_list("row", flat=True).first()
    return int(found or 0)
