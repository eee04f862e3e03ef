"""The one door into fenced data: one transaction, one seat, outermost.

`acting_as` asks the database who a ticket is; the database answers with the seat and its reach and signs them into the
transaction. Python is told, it does not decide: a wrong idea here shows nothing that the fence would not show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection, transaction


class Denied(Exception):
    """The seat may not do this; the user sees the same page as for what does not exist."""


class SessionEnded(Exception):
    """The ticket opens nothing any more: signed out, idle too long, seat ended."""


class AlreadyInside(RuntimeError):
    """A second entry inside the first: one request or job acts as one seat."""


class Outside(RuntimeError):
    """There is no acting seat: the code runs outside the door."""


@dataclass(frozen=True)
class SessionTicket:
    """A browser session; `token` is the secret of its cookie."""

    token: str

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.token.encode()).digest()


@dataclass(frozen=True)
class RobotTicket:
    """A background job's named seat, e.g. `robot_clock`."""

    robot: str


Ticket = SessionTicket | RobotTicket


@dataclass(frozen=True)
class Acting:
    """Whom this transaction acts as, as the database said it. Ids are row ids; `units` is the reach."""

    seat_id: int
    account_id: int | None
    name: str
    title: str
    unit_id: int
    unit_name: str
    place: str
    consortium_id: int | None
    region_id: int | None
    role: str
    role_title: str
    rights: frozenset[str]
    units: tuple[int, ...]
    subject_id: int | None
    subjects: tuple[int, ...]
    purpose: str

    def may(self, right: str) -> bool:
        return right in self.rights

    def demand(self, right: str) -> None:
        """Raises `Denied` unless the role holds the right."""
        if right not in self.rights:
            raise Denied(right)


_current: ContextVar[Acting | None] = ContextVar("acting", default=None)


def current() -> Acting:
    """The acting seat.

    Raises:
        Outside: called outside the door.
    """
    acting = _current.get()
    if acting is None:
        raise Outside("no seat is acting: enter by acting_as first")
    return acting


def acting_or_none() -> Acting | None:
    return _current.get()


_ENTER = "select e.*, set_config('role', 'ygt_actor', true) from access.enter(%s, %s) e"
_ENTER_ROBOT = "select e.*, set_config('role', 'ygt_actor', true) from access.enter_robot(%s, %s) e"


def _enter(ticket: Ticket, purpose: str) -> Acting:
    with connection.cursor() as cursor:
        if isinstance(ticket, SessionTicket):
            cursor.execute(_ENTER, [ticket.digest, purpose])
        else:
            cursor.execute(_ENTER_ROBOT, [ticket.robot, purpose])
        row = cursor.fetchone()
    if row is None:
        raise SessionEnded(purpose)
    return Acting(
        seat_id=row[0], account_id=row[1], name=row[2], title=row[3], unit_id=row[4], unit_name=row[5], place=row[6],
        consortium_id=row[7], region_id=row[8], role=row[9], role_title=row[10], rights=frozenset(row[11]),
        units=tuple(row[12]), subject_id=row[13], subjects=tuple(row[14]), purpose=row[15],
    )  # fmt: skip


@contextmanager
def acting_as(ticket: Ticket, purpose: str = "web") -> Iterator[Acting]:
    """Enter the door for one transaction; leaving it, by return or error, restores role and context.

    Raises:
        AlreadyInside: called inside another `acting_as`, or inside an open transaction.
        SessionEnded: the ticket opens nothing.
    """
    if _current.get() is not None or connection.in_atomic_block:
        raise AlreadyInside("already inside the door: one request or job acts as one seat")
    with transaction.atomic(durable=True):
        acting = _enter(ticket, purpose)
        mark = _current.set(acting)
        try:
            yield acting
        finally:
            _current.reset(mark)
