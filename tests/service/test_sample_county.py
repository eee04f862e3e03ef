"""The simulated county's visits and referrals: nothing impossible, shares as sourced, work for every role."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.support.documents import document
from yigongti.simulation.facade import DATA

pytestmark = pytest.mark.county


@pytest.fixture
def rows(county: str, admin: psycopg.Connection) -> Any:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        return admin.execute(sql).fetchall()  # type: ignore[arg-type]

    return ask


def figure(group: str, name: str) -> Any:
    return document(DATA / "figures.yaml")[group][name]


def test_what_came_by_night_is_done_in_the_morning_and_in_the_same_order() -> None:
    from datetime import datetime, timedelta

    from yigongti.kernel import calendar
    from yigongti.service.referral.sample.telling import by_day

    began = datetime(2026, 3, 2, 0, 0, tzinfo=calendar.ZONE)
    moments = [began + timedelta(minutes=7 * step) for step in range(700)]
    moved = [by_day(one) for one in moments]
    assert all(8 <= calendar.local(one).hour < 18 for one in moved)
    assert all(one >= before for one, before in zip(moved, moments, strict=True))
    assert moved == sorted(set(moved)), "none overtakes another"


def test_visits_per_resident_and_year_are_as_sourced(rows: Any) -> None:
    wanted = figure("visits", "per_resident_year")
    (people,) = rows("select count(*) from registry_resident")[0]
    (visits,) = rows("select count(*) from care_visit")[0]
    assert abs(visits / people - sum(wanted["value"].values())) <= wanted["tolerance"]


def test_nothing_lies_in_the_future_or_before_birth(rows: Any) -> None:
    assert rows("select count(*) from care_visit where started_at > now()") == [(0,)]
    assert rows("select count(*) from case_entry where at > now()") == [(0,)]
    assert rows(
        "select count(*) from care_visit v join registry_resident r on r.subject_id = v.subject_id"
        " where (v.started_at at time zone 'Asia/Shanghai')::date < r.birth_date"
    ) == [(0,)]


def test_what_is_no_emergency_is_agreed_for_the_day(rows: Any) -> None:
    local = "extract(hour from {} at time zone 'Asia/Shanghai')"
    by_night = "select count(*) from referral_referral where urgency <> 'emergency' and not {} between 8 and 18"
    assert rows(by_night.format(local.format("appointment_at"))) == [(0,)]
    steps = (
        "case_entry e join referral_referral r on r.case_id = e.case_id where e.kind = 'act' and urgency <> 'emergency'"
    )
    [(done, dark)] = rows(
        f"select count(*), count(*) filter (where not {local.format('e.at')} between 7 and 18) from {steps}"
    )
    assert dark < done / 20, "what was done today, at whatever hour it is now"


def test_no_diagnosis_contradicts_sex_or_age(rows: Any) -> None:
    assert (
        rows(
            "select d.code, r.sex, r.birth_date from care_diagnosis d join care_visit v on v.id = d.visit_id"
            " join registry_resident r on r.subject_id = v.subject_id join registry_icdcode i on i.code = d.code"
            " where i.sex in ('male', 'female') and i.sex <> r.sex"
        )
        == []
    )


def test_every_visit_has_one_principal_diagnosis_and_a_relation_of_its_day(rows: Any) -> None:
    assert rows(
        "select count(*) from care_visit v where (select count(*) from care_diagnosis d where d.visit_id = v.id"
        " and d.principal) <> 1"
    ) == [(0,)]
    assert rows(
        "select count(*) from care_visit v where v.case_id is null and v.kind <> 'inpatient' and not exists (select 1"
        " from access_grant g where g.subject_id = v.subject_id and g.unit_id = v.unit_id"
        " and (v.started_at at time zone 'Asia/Shanghai')::date between g.starts and g.ends)"
    ) == [(0,)]


def test_the_waiting_states_hold_work(rows: Any) -> None:
    states = {
        state for (state,) in rows("select distinct state from case_case where flow = 'referral' and closed_at is null")
    }
    assert {"sent", "arrived", "returning", "declined", "accepted", "followup"} <= states


def test_some_are_late_so_that_heads_and_director_have_work(rows: Any) -> None:
    stages = {stage for (stage,) in rows("select distinct stage from case_case where closed_at is null")}
    assert {2, 3} <= stages


def test_an_open_case_has_a_holder_and_a_moment_and_a_closed_one_has_neither(rows: Any) -> None:
    assert rows(
        "select count(*) from case_case where closed_at is null and (due is null or next_at is null or holder_unit_id"
        " is null) or closed_at is not null and (due is not null or holder_unit_id is not null or outcome = '')"
    ) == [(0,)]


def test_the_timeline_walks_only_along_the_flow(rows: Any) -> None:
    from yigongti.service.referral.flow import FLOWS

    allowed = {(f.code, t.code, source, t.target) for f in FLOWS for t in f.transitions for source in t.source}
    walked = rows(
        "select distinct c.flow, e.transition, e.from_state, e.to_state from case_entry e join case_case c"
        " on c.id = e.case_id where e.kind = 'act' and c.flow like 'referral%'"
    )
    assert set(walked) <= allowed


def test_what_is_closed_opens_nobody_for_ever(rows: Any) -> None:
    assert rows(
        "select count(*) from access_grant g join case_case c on c.id = g.case_id where c.closed_at is not null"
        " and g.ends is null"
    ) == [(0,)]


def test_everything_simulated_is_marked(rows: Any) -> None:
    assert rows("select count(*) from registry_resident where not simulated") == [(0,)]
