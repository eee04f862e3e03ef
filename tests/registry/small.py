"""A small county written through the registry's own verbs: two consortia, two townships, three villages, seven people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yigongti.kernel import calendar, crypto, ids
from yigongti.kernel.access import signin
from yigongti.kernel.access.door import Acting, RobotTicket, SessionTicket, acting_as
from yigongti.kernel.access.maintenance import maintenance
from yigongti.kernel.access.models import Account, Seat, Unit
from yigongti.kernel.audit import log
from yigongti.registry import facade as registry
from yigongti.registry.models import Resident

COUNTY = "439921"
LIMITS = signin.SignInLimits(5, 20, 900, 900, 1800, 43200)
DIVISIONS = (
    ("43", "湖南省"), ("4399", "示范市"), (COUNTY, "示范县"), (COUNTY + "101", "湘江镇"), (COUNTY + "101201", "联盟村"),
    (COUNTY + "101202", "新塘村"), (COUNTY + "102", "云山乡"), (COUNTY + "102201", "石桥村"),
)  # fmt: skip
V1, V2, V3 = (COUNTY + code for code in ("101201", "101202", "102201"))
INSTITUTIONS = (
    registry.InstitutionRow("H1", "县人民医院", "county_general", COUNTY.ljust(12, "0"), consortium="总医院医共体", lead=True,
                            level="2a", beds=600),
    registry.InstitutionRow("H2", "县中医医院", "county_tcm", COUNTY.ljust(12, "0"), consortium="中医医共体", lead=True,
                            is_tcm=True),
    registry.InstitutionRow("T1", "湘江镇卫生院", "township_centre", COUNTY + "101000", consortium="总医院医共体"),
    registry.InstitutionRow("T2", "云山乡卫生院", "township_centre", COUNTY + "102000", consortium="中医医共体"),
    registry.InstitutionRow("C1", "联盟村卫生室", "village_clinic", V1, parent="T1", clinic_mode="village_township", serves=(V1,)),
    registry.InstitutionRow("C2", "新塘村卫生室", "village_clinic", V2, parent="T1", serves=(V2,)),
    registry.InstitutionRow("C3", "石桥村卫生室", "village_clinic", V3, parent="T2", serves=(V3,)),
)  # fmt: skip
STAFF = (
    ("village", "C1", "village_doctor"), ("village2", "C2", "village_doctor"), ("village3", "C3", "village_doctor"),
    ("township", "T1", "township_doctor"), ("desk", "H1", "referral_desk"), ("specialist", "H1", "specialist"),
    ("tcm", "H2", "specialist"), ("head_c1", "C1", "unit_head"), ("director", COUNTY + "-1", "hq_director"),
    ("supervisor", COUNTY, "supervisor"), ("admin", COUNTY, "administrator"), ("registrar", COUNTY, "registrar"),
    ("registrar2", COUNTY, "registrar"),
)  # fmt: skip
PEOPLE = (
    ("张三", date(1960, 3, 5), "male", V1, "13800001111"), ("张珊", date(1985, 7, 9), "female", V1, "13800002222"),
    ("李四", date(1972, 1, 2), "male", V1, ""), ("张三丰", date(1950, 1, 1), "male", V2, "13800003333"),
    ("王五", date(1990, 5, 5), "male", V2, ""), ("张三", date(1978, 8, 8), "male", V3, "13800004444"),
    ("赵六", date(2001, 9, 9), "female", V3, ""),
)  # fmt: skip


def number_of(birth: date, sex: str, place: int = 0) -> str:
    """An identity number of nobody: the demonstration county's division is assigned to no place."""
    return ids.compose_resident(COUNTY, birth, 100 + 2 * place + (sex == "male"))


@dataclass
class Small:
    """Ids of what was planted; `as_seat` enters the door as one of the seats of STAFF."""

    units: dict[str, int] = field(default_factory=dict)
    seats: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    people: list[int] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    ring: crypto.KeyRing = field(default_factory=crypto.throwaway_ring)

    @contextmanager
    def as_seat(self, who: str) -> Iterator[Acting]:
        """Inside the door as this seat, with the log collected and written as a request does."""
        if who.startswith("robot_"):
            ticket: Any = RobotTicket(who)
        else:
            token = signin.open_session(
                account_id=self.accounts[who], seat_id=self.seats[who], source="127.0.0.1", agent="test", limits=LIMITS
            )
            assert token is not None
            ticket = SessionTicket(token)
        with crypto.using(self.ring), log.collecting(path="test") as entries, acting_as(ticket) as acting:
            entries.acting = acting
            yield acting
            entries.write()


def rows() -> list[registry.ResidentRow]:
    return [
        registry.ResidentRow(
            name, place, sex, birth, "resident", number_of(birth, sex, i), phone, f"{i + 1} 组", insurance="residents"
        )
        for i, (name, birth, sex, place, phone) in enumerate(PEOPLE)
    ]


def plant(as_owner: Any) -> Small:
    """Write the county as owner."""
    owner: AbstractContextManager[Any] = as_owner()
    small = Small()
    with crypto.using(small.ring), owner, maintenance(reason="test county"):
        registry.sync_roles()
        registry.write_places((registry.Division(*d) for d in DIVISIONS), origin="test")
        registry.load_starter_codes()
        region = registry.ensure_region(COUNTY)
        registry.ensure_robots(region)
        _, faults = registry.write_institutions(INSTITUTIONS, region=region, on=date(2020, 1, 1))
        assert not faults, faults
        staff = [
            registry.StaffRow(login, login, unit, role, category="clinical", licence=f"LICENCE{i:03d}", prescribes=True)
            for i, (login, unit, role) in enumerate(STAFF)
        ]
        _, faults, _ = registry.write_staff(staff, region=region, on=calendar.today())
        assert not faults, faults
        _, faults = registry.write_residents(rows(), registered=region, on=calendar.today())
        assert not faults, faults
        small.units = {u.code: u.pk for u in Unit.objects.all()}
        Account.objects.update(must_change=False)  # as if everybody had changed the first password
        small.accounts = {a.login: a.pk for a in Account.objects.all()}
        small.seats = {s.name: s.pk for s in Seat.objects.exclude(account=None)}
        small.people = list(Resident.objects.order_by("pk").values_list("pk", flat=True))
        small.numbers = [row.id_number for row in rows()]
        account = registry.resident_account(
            subject_id=small.people[0], region=region, login="patient", name="张三", password="!"
        )
        small.accounts["patient"] = account.pk
        small.seats["patient"] = Seat.objects.get(account=account).pk
    return small
