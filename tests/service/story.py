"""The story of issue 2 as functions: who does which step with which answers, on the small county."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from tests.registry.small import Small
from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Acting
from yigongti.kernel.case.facade import Case, perform
from yigongti.kernel.form import Picked
from yigongti.kernel.form.values import Consent
from yigongti.registry.lookups import PORTS as REGISTRY_PORTS
from yigongti.service.care import actions as care_actions
from yigongti.service.care import queries as care_queries
from yigongti.service.care.models import Visit
from yigongti.service.referral import actions, panels, queries
from yigongti.service.referral.desk import DESKS
from yigongti.service.referral.desk.criteria import CriterionSource
from yigongti.service.referral.flow import FLOWS
from yigongti.shell import ports

WIRED = SimpleNamespace(
    FLOWS=FLOWS, DESKS=DESKS, REACTIONS=(), EVENTS=(), PANELS={}, FORMS=(),
    PORTS={
        **REGISTRY_PORTS, "limit": ports.limit, "print_mark": ports.print_mark, "allergies": care_queries.allergies_of,
        "red_flags": panels.red_flags(),
        "appointments": panels.appointments, "referral_specialist": queries.SpecialistSource(), "criterion": CriterionSource(),
    },
)  # fmt: skip

ANGINA = Picked("I20.0", "不稳定型心绞痛")
HYPERTENSION = Picked("I10", "原发性高血压")


@dataclass
class Story:
    """The small county with what was done in it."""

    small: Small
    patient: int = 0

    @contextmanager
    def seat(self, who: str) -> Iterator[Acting]:
        with self.small.as_seat(who) as acting:
            yield acting

    def unit(self, code: str) -> int:
        return self.small.units[code]

    # ---- the steps --------------------------------------------------------------------------

    def visit(self, who: str = "township", *, person: int = 0, client_id: UUID | None = None, **written: Any) -> int:
        """A registered and written visit; returns its id."""
        subject, number = self.small.people[person], self.small.numbers[person]
        with self.seat(who) as acting:
            visit = care_actions.open_visit(
                acting=acting, subject_id=subject, client_id=client_id or uuid4(),
                values={"kind": "outpatient", "evidence": "typed", "number": number},
            )  # fmt: skip
            values = {
                "chief_complaint": "胸闷 3 天", "history": "活动后加重", "principal": ANGINA, "certain": "certain",
                "others": (),
                "plan": "建议上转", "systolic_mmhg": 150, "diastolic_mmhg": 90, "red_flags": ("chest_pain",),
            } | written  # fmt: skip
            care_actions.write_visit(acting=acting, visit_id=visit.pk, values=values)
            return int(visit.pk)

    def sending(self, visit: int, **other: Any) -> dict[str, Any]:
        return {
            "visit": str(visit), "to": str(self.unit("H1")), "urgency": "emergency", "diagnosis": ANGINA,
            "reason": "胸痛", "treated_before": "吸氧，阿司匹林", "transport": "ambulance",
            "wanted_department": "心内科",
            "consent": consent(),
        } | other  # fmt: skip

    def send(self, who: str = "township", *, visit: int | None = None, person: int = 0, client_id: UUID | None = None,
             **other: Any) -> int:  # fmt: skip
        """Send up; returns the case's id."""
        visit = visit or self.visit(who, person=person)
        with self.seat(who) as acting:
            case = actions.send(
                acting=acting, values=self.sending(visit, **other), client_id=client_id or uuid4(),
                subject_id=self.small.people[person],
            )  # fmt: skip
            return int(case.pk)

    def act(self, who: str, case: int, step: str, /, *, client_id: UUID | None = None, **values: Any) -> Case:
        with self.seat(who) as acting:
            return perform(acting=acting, case_id=case, transition=step, values=values, client_id=client_id or uuid4())

    def accept(self, case: int, *, at: datetime | None = None) -> Case:
        return self.act("desk", case, "accept", **self.accepting(at))

    def accepting(self, at: datetime | None = None) -> dict[str, Any]:
        seat = self.small.seats["specialist"]
        when = at or calendar.now() + timedelta(days=1)
        return {
            "department": "心内科",
            "specialist": Picked(str(seat), "specialist"),
            "appointment_at": when,
            "note": None,
        }

    def arrive(self, case: int) -> Case:
        return self.act("desk", case, "arrive", arrived_at=calendar.now(), kind="inpatient")

    def returning(self, **other: Any) -> dict[str, Any]:
        return {
            "final_diagnosis": ANGINA, "outcome": "improved", "treatment": "冠脉造影，药物治疗",
            "marks": ("vitals_stable", "needs_long_drugs"), "days_stable": 4, "days_after_operation": None,
            "afebrile_hours": None,
            "hb": None, "return_plan": "阿司匹林长期，两周复查血脂", "follow_up_on": None, "consent": consent(),
            "drugs": ({"name": "阿司匹林肠溶片 100mg", "dose": "1 片", "frequency": "每日一次 口服", "days": 30},),
        } | other  # fmt: skip

    def send_down(self, case: int, **other: Any) -> Case:
        return self.act("specialist", case, "send_down", **self.returning(**other))

    def confirm(self, case: int, who: str = "township") -> Case:
        return self.act(who, case, "confirm", seen="here", drugs_ok="yes", note=None)

    def follow_up(self, case: int, who: str = "township") -> Case:
        return self.act(who, case, "follow_up", **following())

    def to(self, state: str, **sent: Any) -> int:
        """A case brought to a state of the up flow by the shortest way; returns its id."""
        case = self.send(**sent)
        ways: dict[str, tuple[str, ...]] = {
            "sent": (), "accepted": ("accept",), "declined": ("decline",), "missed": ("accept", "no_show"),
            "arrived": ("accept", "arrive"), "feedback": ("accept", "arrive", "finish"),
            "returning": ("accept", "arrive", "send_down"), "questioned": ("accept", "arrive", "send_down", "question"),
            "followup": ("accept", "arrive", "send_down", "confirm"),
            "closed": ("accept", "arrive", "send_down", "confirm", "follow_up"),
        }  # fmt: skip
        for step in ways[state]:
            self.step(case, step)
        return case

    def step(self, case: int, code: str) -> Case:
        """One transition of the up flow by who may do it, with plausible answers."""
        if code == "no_show":
            with calendar.moved(timedelta(days=2)):
                return self.act("desk", case, code, **self.answers(code))
        return self.act(WHO[code], case, code, **self.answers(code))

    def answers(self, code: str) -> dict[str, Any]:
        """Plausible answers of a transition's form."""
        tomorrow = calendar.now() + timedelta(days=1)
        given: dict[str, dict[str, Any]] = {
            "accept": self.accepting(), "decline": {"code": "no_bed", "text": "后天有床"},
            "withdraw": {"code": "recovered", "text": None},
            "arrive": {"arrived_at": calendar.now(), "kind": "inpatient"},
            "reschedule": {"appointment_at": tomorrow, "specialist": None, "why": "停电"},
            "no_show": {"tried": "unreachable", "note": None}, "cancel": {"code": "refused", "text": None},
            "rebook": {"contact": "家里有事", "wish": "周末"}, "give_up": {"code": "lost", "text": None},
            "resend": {"to": str(self.unit("H1")), "urgency": "soon", "reason": "已补充心电图",
                       "wanted_department": None},
            "treat_here": {"code": "local", "text": "观察"}, "send_down": self.returning(),
            "finish": {"code": "cured", "final_diagnosis": ANGINA, "treatment": "已愈", "text": None},
            "hand_over": {"specialist": Picked(str(self.small.seats["specialist"]), "x"), "why": "排班"},
            "acknowledge": {"note": None}, "confirm": {"seen": "here", "drugs_ok": "yes", "note": None},
            "question": {"question": "剂量？"}, "answer": {"answer": "每日一次", "return_plan": None},
            "follow_up": following(), "follow_on": following() | {"next_on": calendar.today() + timedelta(days=3)},
            "reopen": {"why": "漏记"},
        }  # fmt: skip
        return given[code]


WHO = {
    "accept": "desk", "decline": "desk", "withdraw": "township", "arrive": "desk", "reschedule": "desk",
    "no_show": "desk",
    "cancel": "township", "rebook": "township", "give_up": "township", "resend": "township", "treat_here": "township",
    "send_down": "specialist", "finish": "specialist", "hand_over": "desk", "acknowledge": "township",
    "confirm": "township",
    "question": "township", "answer": "specialist", "follow_up": "township", "follow_on": "township",
    "reopen": "township",
}  # fmt: skip


def consent() -> Consent:
    return Consent(True, "张三", "本人", calendar.now(), "township")


def following() -> dict[str, Any]:
    return {
        "way": "visit", "condition": "stable", "adherence": "good", "systolic_mmhg": 130, "diastolic_mmhg": 80,
        "glucose_mmol_l": None, "text": "无胸痛",
    }  # fmt: skip


def told(case: int, admin: Any) -> list[tuple[Any, ...]]:
    """The case's timeline as the administrator reads it: (kind, transition, to state)."""
    rows = admin.execute("select kind, transition, to_state from case_entry where case_id = %s order by id", [case])
    return list(rows.fetchall())


__all__ = [
    "ANGINA",
    "HYPERTENSION",
    "WHO",
    "WIRED",
    "Story",
    "Visit",
    "consent",
    "following",
    "told",
    "wiring",
]
