"""The registry's two reviews, driven at random by every seat: the merge of two entries, the look in an emergency."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest

from tests.support.machine import Play, Step, drive
from yigongti.kernel import calendar
from yigongti.kernel.access.maintenance import maintenance
from yigongti.kernel.access.models import Account, Seat
from yigongti.kernel.case.facade import Case, perform
from yigongti.registry import facade as registry
from yigongti.registry.flow import BREAK_GLASS, PERSON_MERGE

from .small import Small

pytestmark = pytest.mark.database

SAME = {"registrar_as_doctor": "registrar", "supervisor_as_doctor": "supervisor"}
"""Seats of one person: who sits in the second is the first."""


@pytest.fixture
def two_seats(small: Small, as_owner: Any) -> Small:
    """The small county with two persons of two seats each, and a head of the hospital."""
    with as_owner(), maintenance(reason="second seats"):
        head = Account.objects.create(login="head_h1", name="head_h1", password="!", must_change=False)
        wanted = (
            ("registrar_as_doctor", small.accounts["registrar"], "T1", "township_doctor"),
            ("supervisor_as_doctor", small.accounts["supervisor"], "H1", "specialist"),
            ("head_h1", head.pk, "H1", "unit_head"),
        )
        for who, account, unit, role in wanted:
            seat = Seat.objects.create(
                account_id=account, unit_id=small.units[unit], role_id=role, name=who, starts=calendar.today()
            )
            small.accounts[who], small.seats[who] = account, seat.pk
    return small


class Registry(Play):
    """What both share: the small county and its database."""

    def __init__(self, small: Small, admin: Any) -> None:
        self.small, self.admin = small, admin

    def act(self, who: str, case: int, code: str, client_id: UUID) -> Case:
        values = {"note": "已核实情况", "question": "请说明", "answer": "已说明"}
        with self.small.as_seat(who) as acting:
            return perform(acting=acting, case_id=case, transition=code, values=values, client_id=client_id)

    def told(self, sql: str, *given: Any) -> Any:
        """The first value of the first row, as the administrator of the database reads it."""
        return self.admin.execute(sql, given).fetchone()[0]


REGISTRARS = ("registrar", "registrar2")


class Merging(Registry):
    """Two entries of one person: someone else decides, nobody reads more than a merge opens, taking back closes it."""

    flow = PERSON_MERGE
    seats = ("village", "township", "village3", "registrar", "registrar2", "registrar_as_doctor", "supervisor", "admin")
    openers = ("village", "registrar", "registrar_as_doctor")
    steps: ClassVar[dict[str, Step]] = {
        "confirm": Step(("proposed",), "merged", REGISTRARS),
        "reject": Step(("proposed",), "rejected", REGISTRARS),
        "withdraw": Step(("proposed",), "withdrawn", (*openers, "township", "registrar2")),
        "separate": Step(("merged",), "separated", REGISTRARS),
    }
    tables: ClassVar[tuple[str, ...]] = (
        "select to_jsonb(m) from registry_merge m where case_id = %(case)s",
        "select jsonb_agg(to_jsonb(s) order by id) from access_subject s where %(case)s > 0",
        "select jsonb_agg(jsonb_build_array(r.subject_id, r.merged) order by 1) from registry_resident r where %(case)s > 0",
    )
    near: ClassVar[dict[str, set[str]]] = {
        "village": {"village", "township", "registrar_as_doctor", *REGISTRARS},
        "registrar_as_doctor": {"township", "registrar_as_doctor", *REGISTRARS},
        "registrar": set(REGISTRARS),
    }
    """Whose unit the proposer's lies in: they stand on its side."""

    def open(self, who: str) -> int:
        with self.small.as_seat(who) as acting:
            case = registry.propose_merge(
                acting=acting, keep=self.small.people[0], duplicate=self.small.people[2], reason="电话核对为同一人",
                client_id=uuid4(),
            )  # fmt: skip
            return int(case.pk)

    def barred(self, who: str, code: str, opener: str) -> bool:
        if code in ("confirm", "reject"):
            return SAME.get(opener, opener) == SAME.get(who, who)
        return code == "withdraw" and who not in self.near[opener]

    def holds(self, case: int, state: str) -> None:
        keep, duplicate = self.small.people[0], self.small.people[2]
        canonical = self.told("select canonical_id from access_subject where id = %s", duplicate)
        assert canonical == (keep if state == "merged" else None)
        assert self.told("select merged from registry_resident where subject_id = %s", duplicate) == (state == "merged")
        carried = self.told("select count(*) from access_grant where case_id = %s", case)
        closed = self.told("select count(*) from access_grant where case_id = %s and until <= now()", case)
        if state == "merged":
            assert (carried > 0, closed) == (True, 0)
        else:
            assert carried == closed, "what the merge had opened stays open"

    def over(self, case: int, state: str) -> None:
        way = {"proposed": "withdraw", "merged": "separate"}.get(state)
        if way:
            self.act("registrar2", case, way, uuid4())


DOCTORS = ("specialist", "village", "supervisor_as_doctor")


class Looking(Registry):
    """A look in an emergency: judged by another person, closed at once where the reason does not hold."""

    flow = BREAK_GLASS
    seats = (*DOCTORS, "supervisor", "head_c1", "head_h1", "tcm", "desk", "director", "patient")
    openers = DOCTORS
    steps: ClassVar[dict[str, Step]] = {
        "justify": Step(("opened",), "justified", ("supervisor",)),
        "find_unjustified": Step(("opened",), "rectifying", ("supervisor",)),
        "ask": Step(("opened",), "asked", ("supervisor",)),
        "explain": Step(("asked",), "opened", DOCTORS),
        "rectify": Step(("rectifying",), "rectified", ("head_c1", "head_h1")),
    }
    tables = ("select to_jsonb(b) from registry_breakglass b where case_id = %(case)s",)

    def open(self, who: str) -> int:
        with self.small.as_seat(who) as acting:
            case = registry.break_glass(
                acting=acting, subject_id=self.small.people[0], reason="昏迷送来，需要过敏史", client_id=uuid4()
            )
            return int(case.pk)

    def barred(self, who: str, code: str, opener: str) -> bool:
        """Nobody judges the own look; who looked explains; the head of who looked puts it right."""
        if code in ("justify", "find_unjustified"):
            return SAME.get(opener) == who
        if code == "rectify":
            return who != ("head_c1" if opener == "village" else "head_h1")
        return code == "explain" and who != opener

    def holds(self, case: int, state: str) -> None:
        verdicts = {"justified": "justified", "rectifying": "unjustified", "rectified": "unjustified"}
        verdict = self.told("select verdict from registry_breakglass where case_id = %s", case)
        assert verdict == verdicts.get(state, "")
        assert self.told("select count(*) from access_grant where case_id = %s and until is null", case) == 0
        open = self.told("select count(*) from access_grant where case_id = %s and until > now()", case)
        assert bool(open) == (verdict != "unjustified"), "an unjustified look stays open, or another one was closed"


def test_whatever_anybody_tries_two_entries_become_one_only_by_a_second_person(two_seats: Small, admin: Any) -> None:
    for who, person in (("specialist", 0), ("tcm", 2)):
        with two_seats.as_seat(who) as acting:
            evidence = registry.Evidence("typed", two_seats.numbers[person])
            registry.relate_by_visit(acting=acting, subject_id=two_seats.people[person], evidence=evidence)
    drive(Merging(two_seats, admin), admin, runs=6, steps=8)


def test_whatever_anybody_tries_an_emergency_look_is_judged_by_another_person(two_seats: Small, admin: Any) -> None:
    drive(Looking(two_seats, admin), admin, runs=6, steps=8)
