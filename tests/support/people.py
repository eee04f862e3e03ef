"""A bare county for kernel tests: two institutions, a handful of seats, one subject, no business module."""

from __future__ import annotations

import uuid
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.access import signin
from yigongti.kernel.access.door import RobotTicket, SessionTicket, Ticket
from yigongti.kernel.access.maintenance import maintenance
from yigongti.kernel.access.models import Account, Grant, Role, Seat, Subject, Unit

LIMITS = signin.SignInLimits(5, 20, 900, 900, 1800, 43200)
PASSWORD = "correct-horse-7"

ROLES = {
    "doctor": ("unit", ["referral.sender", "case.clinical", "access.relate", "clinical.read", "toy.sender"]),
    "desk": ("unit", ["referral.desk", "case.clinical", "access.relate", "toy.desk"]),
    "head": ("unit", ["case.head", "case.clinical"]),
    "director": ("consortium", ["case.late"]),
    "patient": ("self", ["resident.self"]),
    "robot_clock": ("region", ["case.clock"]),
}


@dataclass
class Bare:
    """Ids of what was planted; `ticket` signs a seat in through the product's own functions."""

    region: int
    consortium: int
    a: int
    b: int
    subject: int
    seats: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)

    def ticket(self, who: str) -> Ticket:
        if who.startswith("robot_"):
            return RobotTicket(who)
        token = signin.open_session(
            account_id=self.accounts[who], seat_id=self.seats[who], source="127.0.0.1", agent="test", limits=LIMITS
        )
        assert token is not None
        return SessionTicket(token)

    def relate(self, unit: int, *, seat: str) -> Grant:
        today = calendar.today()
        return Grant.objects.create(
            subject_id=self.subject, unit_id=unit, reason="visit", evidence="typed", starts=today,
            ends=today + timedelta(days=7), seat_id=self.seats[seat], made_at=calendar.now(),
        )  # fmt: skip


def bare_county(as_owner: Any) -> Bare:
    """Plant the county as owner; every seat's password is `PASSWORD`."""
    owner: AbstractContextManager[Any] = as_owner() if callable(as_owner) else as_owner
    with owner, maintenance(reason="test county") as work:
        region = _unit(None, "region", "430000", "测试县")
        consortium = _unit(region, "consortium", "430000-1", "第一医共体")
        a = _unit(consortium, "institution", "A", "甲镇卫生院")
        b = _unit(consortium, "institution", "B", "县人民医院")
        subject = Subject.objects.create()
        bare = Bare(region.pk, consortium.pk, a.pk, b.pk, subject.pk)
        for code, (scope, rights) in ROLES.items():
            Role.objects.create(code=code, title=code, scope=scope, rights=rights, robot=code.startswith("robot_"))
        hashed = signin.make_password(PASSWORD)
        for who, role, unit in (
            ("doctor_a", "doctor", a), ("desk_b", "desk", b), ("doctor_b", "doctor", b), ("head_b", "head", b),
            ("head_a", "head", a), ("director", "director", consortium), ("patient", "patient", region),
        ):  # fmt: skip
            account = Account.objects.create(login=who, name=who, password=hashed)
            seat = _seat(account, unit, role, subject if role == "patient" else None, who)
            bare.accounts[who], bare.seats[who] = account.pk, seat.pk
        _seat(None, region, "robot_clock", None, "时钟")
        bare.relate(a.pk, seat="doctor_a")
        work.notes.append(str(uuid.uuid4()))
    return bare


def _unit(parent: Unit | None, kind: str, code: str, name: str) -> Unit:
    region = parent.region_id or parent.pk if parent else None
    consortium = (
        None if parent is None else parent.consortium_id or (parent.pk if parent.kind == "consortium" else None)
    )
    unit = Unit.objects.create(
        parent=parent, kind=kind, code=code, name=name, place="430000", region_id=region, consortium_id=consortium
    )
    unit.path = [*(parent.path if parent else []), unit.pk]
    unit.save()
    return unit


def _seat(account: Account | None, unit: Unit, role: str, subject: Subject | None, name: str) -> Seat:
    return Seat.objects.create(
        account=account, unit=unit, role_id=role, subject=subject, name=name, starts=calendar.today()
    )
