"""Who reads a clinical row: its own unit, a unit with a live relation, the person; a sensitive one, the treating team."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError

from tests.service.story import Story
from yigongti.kernel import calendar
from yigongti.kernel.access.models import NothingUpdated
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.facts.facade import build, read
from yigongti.kernel.form import Picked
from yigongti.service.care import actions, queries
from yigongti.service.care.facts import VISITS
from yigongti.service.care.models import Allergy, Diagnosis, Problem, Visit

pytestmark = pytest.mark.database

SCHIZOPHRENIA = Picked("F20.9", "精神分裂症")


def sees(story: Story, who: str, visit: int) -> bool:
    with story.seat(who):
        return Visit.objects.filter(pk=visit).exists()


def test_the_writing_unit_and_the_township_above_its_clinics_read_it(story: Story) -> None:
    visit = story.visit("village")
    assert sees(story, "village", visit)
    assert sees(story, "township", visit)


@pytest.mark.parametrize(
    "who", ["village2", "village3", "specialist", "tcm", "desk", "director", "supervisor", "admin"]
)
def test_nobody_else_does(story: Story, who: str) -> None:
    visit = story.visit("village")
    assert not sees(story, who, visit)
    with story.seat(who):
        assert not Diagnosis.objects.filter(visit_id=visit).exists()


def test_the_person_reads_the_own_visit_and_nobody_elses(story: Story) -> None:
    own, other = story.visit("village"), story.visit("village", person=1)
    assert sees(story, "patient", own)
    assert not sees(story, "patient", other)


def test_a_relation_opens_it_until_its_last_day(story: Story, admin: Any) -> None:
    visit = story.visit("village")
    today = calendar.today()
    for ends, open_ in ((today, True), (today - timedelta(days=1), False), (today + timedelta(days=1), True)):
        admin.execute("delete from access_grant where unit_id = %s", [story.unit("H1")])
        admin.execute(
            "insert into access_grant (subject_id, unit_id, reason, evidence, note, starts, ends, seat_id, made_at, acted)"
            " values (%s, %s, 'visit', 'typed', '', %s, %s, %s, now(), false)",
            [story.small.people[0], story.unit("H1"), today - timedelta(days=9), ends, story.small.seats["specialist"]],
        )
        assert sees(story, "specialist", visit) is open_, ends


def test_with_the_fence_off_a_stranger_would_read_it(story: Story, admin: Any) -> None:
    visit = story.visit("village")
    admin.execute(
        "alter table care_visit no force row level security; alter table care_visit disable row level security"
    )
    assert sees(story, "village3", visit)


def test_a_sensitive_visit_is_closed_to_the_authors_own_colleagues(story: Story) -> None:
    visit = story.visit("village", principal=SCHIZOPHRENIA, red_flags=())
    assert sees(story, "village", visit)
    assert not sees(story, "township", visit)
    assert sees(story, "patient", visit)


def test_a_sensitive_visit_opens_to_whoever_holds_the_persons_case(story: Story) -> None:
    visit = story.visit("township", principal=SCHIZOPHRENIA, red_flags=())
    case = story.send(visit=visit, diagnosis=SCHIZOPHRENIA, urgency="soon")
    assert not sees(story, "specialist", visit)
    story.accept(case)
    story.arrive(case)
    assert sees(story, "specialist", visit)
    assert not sees(story, "desk", visit)


def test_a_closed_visit_cannot_be_changed_even_in_the_database(story: Story) -> None:
    visit = story.visit("village")
    with story.seat("village") as acting:
        actions.close_visit(acting=acting, visit_id=visit)
        with pytest.raises(NothingUpdated):
            Visit.objects.filter(pk=visit).update(plan="改")
    with story.seat("village") as acting, pytest.raises(Refused, match="已经完成"):
        actions.write_visit(acting=acting, visit_id=visit, values={"plan": "改"})
    with story.seat("village"):
        assert Diagnosis.objects.filter(visit_id=visit).delete()[0] == 0


def test_a_visit_is_written_in_ones_own_name_at_ones_own_unit_only(story: Story) -> None:
    seats, units = story.small.seats, story.small.units
    for seat, unit in ((seats["village2"], units["C1"]), (seats["village"], units["C2"])):
        with pytest.raises(ProgrammingError, match="row-level security"), story.seat("village"):
            Visit.objects.create(
                client_id=uuid4(), subject_id=story.small.people[0], unit_id=unit, seat_id=seat, evidence="typed",
                started_at=calendar.now(),
            )  # fmt: skip


def test_a_chronic_disease_becomes_a_lasting_problem_once(story: Story) -> None:
    for _ in range(2):
        visit = story.visit("village", principal=Picked("I10", "原发性高血压"), red_flags=())
        with story.seat("village") as acting:
            actions.close_visit(acting=acting, visit_id=visit)
    with story.seat("village"):
        assert [p.code for p in Problem.objects.all()] == ["I10"]


def test_the_banner_tells_unasked_none_known_and_known_apart(story: Story) -> None:
    subject = story.small.people[0]
    with story.seat("village") as acting:
        assert queries.allergies_of([subject]).note == "未询问"
        actions.note_allergy(acting=acting, subject_id=subject, values={"known": "none"}, client_id=uuid4())
        assert queries.allergies_of([subject]).note.startswith("无已知过敏")
        values = {"known": "has", "substance": "青霉素", "reaction": "皮疹", "severity": "mild"}
        once = uuid4()
        for _ in range(2):
            actions.note_allergy(acting=acting, subject_id=subject, values=values, client_id=once)
        assert queries.allergies_of([subject]).substances == ("青霉素",)
        assert Allergy.objects.count() == 2


def test_a_summary_survives_being_stored(story: Story) -> None:
    from yigongti.service.care.rules import VisitSummary

    visit = story.visit("village")
    with story.seat("village"):
        summary = queries.summary(visit)
        assert VisitSummary.from_json(summary.to_json()) == summary
        assert summary.diagnoses[0].code == "I20.0"
        assert [one.text for one in summary.vitals] == ["血压 150/90 mmHg"]


def test_registering_again_goes_on_with_the_open_visit(story: Story) -> None:
    assert story.visit("village") == story.visit("village")


def test_an_appointment_is_evidence_only_where_the_referral_leads(story: Story) -> None:
    case = story.to("arrived")
    values = {"kind": "inpatient", "evidence": "appointment", "appointment": str(case)}
    subject = story.small.people[0]
    with story.seat("specialist") as acting:
        visit = actions.open_visit(acting=acting, subject_id=subject, values=values, client_id=uuid4())
        assert visit.case_id == case
    with story.seat("tcm") as acting, pytest.raises(Refused) as why:
        actions.open_visit(acting=acting, subject_id=subject, values=values, client_id=uuid4())
    assert why.value.field == "appointment"


def test_an_emergency_look_is_closed_by_the_fence_when_its_hour_is_over(story: Story, admin: Any) -> None:
    """The database's own clock can't be moved, so the hour is: no page has to ask whether it is over."""
    visit = story.visit("village")
    for until, open_ in (("1 minute", True), ("-1 second", False)):
        admin.execute("delete from access_grant where unit_id = %s", [story.unit("H1")])
        admin.execute(
            "insert into access_grant (subject_id, unit_id, reason, evidence, note, starts, until, seat_id, made_at, acted)"
            " values (%s, %s, 'visit', 'typed', '', %s, now() + %s::interval, %s, now(), false)",
            [story.small.people[0], story.unit("H1"), calendar.today(), until, story.small.seats["specialist"]],
        )
        assert sees(story, "specialist", visit) is open_, until


def test_a_seats_figures_are_cut_to_its_units(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.FACTS_DIR", tmp_path / "facts")
    story.visit("village")
    story.visit("village3", person=5)
    with story.small.as_seat("robot_facts") as acting:
        build(acting, [VISITS])

    def counted(who: str) -> int:
        with story.seat(who) as acting:
            return int(read(VISITS, acting)[0].count().to_pyarrow().as_py())

    assert (counted("township"), counted("desk")) == (1, 0), "of two visits, one in each township"
