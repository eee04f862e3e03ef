"""What booking does when others announce something: the places of somebody who died go back."""

from __future__ import annotations

from yigongti.kernel.events import Reaction
from yigongti.kernel.jobs.facade import Job, defer
from yigongti.registry.events import PersonDied
from yigongti.service.booking.actions.robot import free_of


def _free(event: PersonDied) -> None:
    defer("booking_of_dead", subject_id=event.subject_id)


JOBS = (
    Job(
        "booking_of_dead",
        "robot_booking",
        free_of,
        "去世者今后的预约和候补退回",
        ("booking_booking", "booking_waiting"),
    ),
)
REACTIONS = (Reaction(PersonDied, _free, "去世者今后的预约退回，号源给别人"),)
