"""The rooms on the left and the tabs of the room one is in."""

from __future__ import annotations

from typing import Any

import pytest

from yigongti.kernel import wiring
from yigongti.registry.roles import ROLES
from yigongti.shell.rooms import Room, rooms_for, tabs_for


class Seat:
    """Somebody with rights, and nothing else."""

    def __init__(self, *rights: str) -> None:
        self.rights = frozenset(rights)

    def may(self, right: str) -> bool:
        return right in self.rights


def seen(path: str, *rights: str) -> tuple[list[str], list[str], list[str]]:
    """Titles of the rooms, of the one marked, of the tabs."""
    seat: Any = Seat(*rights)
    rooms = rooms_for(seat, path)
    return (
        [one.title for one in rooms],
        [one.title for one in rooms if one.here],
        [one.title for one in tabs_for(rooms, path)],
    )


def test_parts_that_a_seat_may_enter_are_tabs_behind_one_room() -> None:
    rooms, here, tabs = seen("/desk/fund_clearing/", "fund.office", "fund.pool")
    assert rooms.count("医保基金") == 1
    assert here == ["医保基金"]
    assert tabs == ["基金运行", "总额协商", "年度总额", "预付款", "支付清单", "年终清算"]


def test_a_seat_that_may_enter_one_part_has_it_as_its_room_without_tabs() -> None:
    rooms, here, tabs = seen("/desk/fund_prepayment/", "fund.receive")
    assert "预付款" in rooms
    assert "医保基金" not in rooms
    assert here == ["预付款"]
    assert tabs == []


def test_a_page_deeper_inside_marks_the_room_and_shows_no_tabs() -> None:
    _, here, tabs = seen("/fund/clearing/3/members.xlsx", "fund.office", "fund.pool")
    assert here == ["医保基金"]
    assert tabs == []


def test_a_part_marks_itself_and_not_a_shorter_address_beside_it() -> None:
    seat: Any = Seat("network.read")
    rooms = rooms_for(seat, "/network/tree/")
    assert [one.title for one in tabs_for(rooms, "/network/tree/") if one.here] == ["层级"]


def test_where_no_room_lies_one_is_at_my_work() -> None:
    assert seen("/nowhere/", "care.visit")[1:] == (["我的工作"], [])


@pytest.mark.parametrize("role", [role for role in ROLES if role.staff and not role.robot], ids=lambda role: role.code)
def test_nobody_has_more_than_a_dozen_rooms(role: Any) -> None:
    """A role has its few rooms; more would be a list of all pages."""
    seat: Any = Seat(*role.rights)
    assert 2 <= len(rooms_for(seat, "/")) <= 12


def test_every_room_or_part_names_a_right_that_a_role_has() -> None:
    known = {right for role in ROLES for right in role.rights}
    leaves = [part for room in wiring.offer("ROOMS") for part in (room.parts or (room,))]
    assert all(isinstance(leaf, Room) and leaf.url for leaf in leaves)
    assert {right for leaf in leaves for right in leaf.rights} <= known
