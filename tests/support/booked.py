"""A hospital with something to book, on the small county: one clinic with ten places a day, a fifth of them kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.service.story import Story
from yigongti.kernel import calendar
from yigongti.service.booking import actions, facade
from yigongti.service.booking.models import Booking, Slot

CLINIC = {"kind": "expert", "department": "心内科", "title": "心内科 专家门诊", "location": "门诊楼 2 层"}


@dataclass
class Hospital:
    """The calendar of H1; `slots` in their order, those of the first day first."""

    story: Story
    resource: int
    slots: list[int]
    kept: list[int]
    open: list[int]

    def book(self, slot: int, *, who: str = "desk", person: int = 0, channel: str = "desk", **more: Any) -> int:
        """Book as a seat; returns the booking's id."""
        with self.story.seat(who) as acting:
            made = facade.book(
                acting=acting, offer_id=slot, subject_id=self.story.small.people[person], channel=channel,
                client_id=more.pop("client_id", None) or uuid4(), **more,
            )  # fmt: skip
            return int(made.pk)

    def state(self, booking: int) -> str:
        with self.story.seat("robot_booking"):
            return str(Booking.objects.values_list("status", flat=True).get(pk=booking))

    def starts(self, slot: int) -> datetime:
        with self.story.seat("desk"):
            found: datetime = Slot.objects.values_list("starts", flat=True).get(pk=slot)
            return found

    def tick(self) -> int:
        with self.story.seat("robot_booking") as acting:
            return actions.tick(acting)


def hospital(
    story: Story, *, who: str = "desk", days: int = 4, places: int = 10, share_percent: int | None = None, **other: Any
) -> Hospital:
    """Enter a clinic that is open every day, and its calendar from tomorrow on."""
    with story.seat(who) as acting:
        resource = actions.new_resource(acting=acting, values=CLINIC | other, client_id=uuid4())
        for weekday in range(7):
            actions.plan(acting=acting, resource_id=resource.pk, client_id=uuid4(), values={
                "weekday": str(weekday), "starts_at": "08:00", "ends_at": "11:20", "places": places,
                "share_percent": share_percent,
            })  # fmt: skip
        tomorrow = calendar.today() + timedelta(days=1)
        actions.generate(acting=acting, unit_id=acting.unit_id, start=tomorrow, days=days)
        rows = list(Slot.objects.filter(resource=resource).order_by("starts", "number"))
        return Hospital(
            story, resource.pk, [r.pk for r in rows], [r.pk for r in rows if r.reserved],
            [r.pk for r in rows if not r.reserved],
        )  # fmt: skip


def plant(story: Story) -> dict[str, int]:
    """Something booked, waited for and restricted at H1 for the first person, something booked at H2; ids by name."""
    from yigongti.service.booking.models import Restriction

    home, people = hospital(story, days=2), story.small.people
    rows = {"booking": home.book(home.open[0]), "booking_resource": home.resource, "booking_slot": home.slots[0]}
    with story.seat("desk") as acting:
        rows["booking_session"] = Slot.objects.values_list("session_id", flat=True).get(pk=home.slots[0])
        today = calendar.today()
        wait = actions.wait(
            acting=acting, unit_id=acting.unit_id, kind="expert", specialty="心内科", subject_id=people[0], channel="desk",
            until=today, client_id=uuid4(),
        )  # fmt: skip
        rows["booking_waiting"] = wait.pk
        restriction = Restriction.objects.create(
            unit_id=acting.unit_id, subject_id=people[0], name=wait.name, missed=[], made_at=calendar.now(), starts=today,
            ends=today,
        )  # fmt: skip
        rows["booking_restriction"] = restriction.pk
    away = hospital(story, who="desk2", days=2)
    rows["booking_away"] = away.book(away.open[0], who="desk2", person=5)
    return rows


__all__ = ["CLINIC", "Hospital", "hospital", "plant"]
