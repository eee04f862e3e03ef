"""Many want the same place at the same moment: one gets it. Without the constraint more than one would."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.race.test_at_once import at_once
from tests.service.story import Story
from tests.support.booked import Hospital, hospital
from tests.support.ground import Ground
from yigongti.kernel import crypto, wiring
from yigongti.kernel.case.facade import Refused
from yigongti.shell import wiring as house

pytestmark = pytest.mark.race
HELD = "select count(*) from booking_booking where slot_id = %s and status <> 'cancelled'"


@pytest.fixture
def place(ground: Ground, admin: psycopg.Connection) -> Iterator[Hospital]:
    admin.execute("delete from booking_appeal")
    admin.execute("delete from booking_restriction")  # the ground keeps its first person out; here everybody may
    with wiring.using(house), crypto.using(ground.small.ring):
        yield hospital(Story(copy.copy(ground.small)), days=2, title="心内科 抢号门诊")


def asking(place: Hospital, how: Callable[[int], dict[str, Any]], many: int) -> Counter[str]:
    """Everybody books at once; what each came to."""

    def one(number: int) -> str:
        try:
            place.book(**how(number))
            return "booked"
        except Refused as no:
            return no.message

    return at_once([lambda number=number: one(number) for number in range(many)])


@pytest.mark.parametrize("many", [2, 8, 50])
def test_the_last_place_is_one_persons(place: Hospital, admin: psycopg.Connection, many: int) -> None:
    slot = place.open[0]
    outcomes = asking(place, lambda n: {"slot": slot, "person": n % 5}, many)
    assert outcomes["booked"] == 1, outcomes
    assert set(outcomes) <= {"booked", "这个号刚被别人约走", "这位居民在该时段已有预约"}, outcomes
    assert admin.execute(HELD, [slot]).fetchone() == (1,)


@pytest.mark.parametrize("many", [2, 8])
def test_one_person_gets_one_of_two_places_at_the_same_hour(
    place: Hospital, admin: psycopg.Connection, many: int
) -> None:
    other = hospital(place.story, days=2, title="神经内科 专家门诊", department="神经内科")
    outcomes = asking(place, lambda n: {"slot": (place, other)[n % 2].open[0], "person": 1}, many)
    assert outcomes["booked"] == 1, outcomes
    assert not [said for said in outcomes if "Error" in said], outcomes


def test_the_same_sending_eight_times_at_once_is_one_booking(place: Hospital, admin: psycopg.Connection) -> None:
    sending = uuid4()
    outcomes = asking(place, lambda n: {"slot": place.open[0], "person": 1, "client_id": sending}, 8)
    assert outcomes == Counter(booked=8)
    assert admin.execute(HELD, [place.open[0]]).fetchone() == (1,)


def test_with_the_constraint_off_one_place_would_be_given_twice(place: Hospital, admin: psycopg.Connection) -> None:
    admin.execute("drop index booking_slot_one_person")
    admin.commit()
    slot = place.open[0]
    outcomes = asking(place, lambda n: {"slot": slot, "person": n % 5}, 5)
    assert outcomes["booked"] > 1, outcomes
    (held,) = admin.execute(HELD, [slot]).fetchone() or (0,)
    assert held > 1
