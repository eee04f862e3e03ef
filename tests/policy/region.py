"""A bare region with the policy's people: an officer, an approver, one who is both, a doctor, the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.test import Client

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Acting, RobotTicket, SessionTicket, Ticket, acting_as
from yigongti.kernel.access.maintenance import maintenance
from yigongti.kernel.access.models import Account, Role, Seat, Unit
from yigongti.kernel.access.signin import SignInLimits, open_session
from yigongti.kernel.audit import log
from yigongti.kernel.events import Reaction
from yigongti.policy import facade
from yigongti.policy.desk import DESK
from yigongti.policy.events import ParameterAmended
from yigongti.policy.flow import AMENDMENT
from yigongti.policy.sources import KeySource

COUNTY = "439921"
LIMITS = SignInLimits(5, 20, 900, 900, 1800, 43200)
ROLES = {
    "policy_officer": ("region", ["policy.read", "policy.propose", "case.policy"]),
    "policy_approver": ("region", ["policy.read", "policy.approve", "case.policy"]),
    "head": ("unit", ["policy.read", "case.head", "case.late", "case.policy"]),
    "doctor": ("unit", ["policy.read", "case.clinical"]),
    "robot_clock": ("region", ["case.clock"]),
}
SEATS = {
    "officer": ("anna", "policy_officer"),
    "approver": ("ben", "policy_approver"),
    "both_as_officer": ("carl", "policy_officer"),
    "both_as_approver": ("carl", "policy_approver"),
    "head": ("dora", "head"),
    "doctor": ("emil", "doctor"),
}


class Nothing:
    """Port ``policy_evidence`` of a house in which nobody attaches anything."""

    def get(self, code: str) -> None:
        return None

    def search(self, text: str, limit: int) -> list[Any]:
        return []


@dataclass
class Region:
    """What was planted: ids by name, and ``as_``, the door for a seat with the log collecting."""

    unit: int
    seats: dict[str, tuple[int, int]]
    announced: list[Any]

    def _ticket(self, who: str) -> Ticket:
        if who.startswith("robot_"):
            return RobotTicket(who)
        account, seat = self.seats[who]
        token = open_session(account_id=account, seat_id=seat, source="127.0.0.1", agent="test", limits=LIMITS)
        assert token is not None
        return SessionTicket(token)

    def browser(self, who: str) -> Client:
        """A browser in which the seat is signed in."""
        ticket = self._ticket(who)
        assert isinstance(ticket, SessionTicket)
        client = Client()
        client.cookies["ygt_session"] = ticket.token
        return client

    @contextmanager
    def as_(self, who: str) -> Iterator[Acting]:
        ticket = self._ticket(who)
        with log.collecting(), acting_as(ticket) as acting:
            yield acting


def plant(as_owner: Callable[[], AbstractContextManager[None]]) -> Region:
    """Plant the region as owner."""
    with as_owner(), maintenance(reason="test region"):
        unit = Unit.objects.create(kind="region", code=COUNTY, name="云溪县", place=COUNTY)
        unit.path = [unit.pk]
        unit.save()
        for code, (scope, rights) in ROLES.items():
            Role.objects.update_or_create(
                code=code, defaults={"title": code, "scope": scope, "rights": rights, "robot": code == "robot_clock"}
            )
        accounts: dict[str, int] = {}
        seats = {}
        for who, (login, role) in SEATS.items():
            if login not in accounts:
                accounts[login] = Account.objects.create(login=login, name=login, password="!").pk
            seat = Seat.objects.create(
                account_id=accounts[login], unit=unit, role_id=role, name=login, starts=calendar.today()
            )
            seats[who] = (accounts[login], seat.pk)
        Seat.objects.create(unit=unit, role_id="robot_clock", name="时钟", starts=calendar.today())
    return Region(unit.pk, seats, [])


@contextmanager
def wired(region: Region) -> Iterator[Region]:
    """Within the block the wiring holds the amendment's desk and ports, and keeps what is announced."""
    only = SimpleNamespace(
        FLOWS=(AMENDMENT,),
        DESKS=(DESK,),
        FORMS=(),
        PANELS={},
        ROOMS=(),
        PORTS={
            "limit": facade.limit_at_unit,
            "policy_key": KeySource(),
            "policy_evidence": Nothing(),
            "print_mark": lambda place: "",
        },
        EVENTS=(ParameterAmended,),
        REACTIONS=(Reaction(ParameterAmended, region.announced.append),),
    )
    with wiring.using(only):
        yield region
