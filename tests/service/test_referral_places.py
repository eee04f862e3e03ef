"""The desk accepts and takes a place in one act; the place follows the referral: arrival, no-show, an end on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.service.story import Story
from tests.support.booked import Hospital, hospital
from yigongti.kernel import calendar, wiring
from yigongti.kernel.case.facade import Refused
from yigongti.service.booking import facade as booking
from yigongti.service.referral.models import Referral
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database


@pytest.fixture
def place(story: Story) -> Iterator[Hospital]:
    with wiring.using(house):
        yield hospital(story)


def accepted(place: Hospital, slot: int, **sent: Any) -> int:
    case = place.story.send(**sent)
    values = {**place.story.accepting(), "offer": str(slot), "appointment_at": None}
    place.story.act("desk", case, "accept", **values)
    return case


def states(place: Hospital, case: int) -> list[str]:
    with place.story.seat("desk") as acting:
        return [line.status for line in booking.of_case(acting, case)]


def test_accepting_takes_a_kept_place_and_its_time_is_the_appointment(place: Hospital) -> None:
    case = accepted(place, place.kept[0])
    assert states(place, case) == ["booked"]
    starts = place.starts(place.kept[0])
    with place.story.seat("desk"):
        assert Referral.objects.get(pk=case).appointment_at == starts


def test_a_place_that_is_gone_leaves_the_referral_as_it_was(place: Hospital, admin: Any) -> None:
    accepted(place, place.kept[0])
    second = place.story.send(person=1)
    with pytest.raises(Refused, match=r"被别人约走|空闲号源"):
        place.story.act(
            "desk", second, "accept", **{**place.story.accepting(), "offer": str(place.kept[0]), "appointment_at": None}
        )
    assert admin.execute("select state from case_case where id = %s", [second]).fetchone() == ("sent",)
    assert states(place, second) == []


def test_arrival_marks_the_place_and_a_no_show_marks_it_missed(place: Hospital) -> None:
    came, stayed_away = accepted(place, place.kept[0]), accepted(place, place.kept[1], person=1)
    with calendar.at(place.starts(place.kept[0]) + timedelta(minutes=5)):
        place.story.act("desk", came, "arrive", arrived_at=calendar.now(), kind="inpatient")
    assert states(place, came) == ["arrived"]
    with calendar.at(place.starts(place.kept[1]) + timedelta(days=1)):
        place.story.act("desk", stayed_away, "no_show", tried="unreachable", note=None)
    assert states(place, stayed_away) == ["missed"]


def test_a_cancelled_referral_gives_its_place_back_to_others(place: Hospital) -> None:
    case = accepted(place, place.kept[0])
    place.story.act("township", case, "cancel", code="refused", text=None)
    assert states(place, case) == ["cancelled"]
    assert accepted(place, place.kept[0], person=1) != case
