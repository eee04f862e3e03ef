"""The robot that keeps the tags right: nightly for everybody, at once for whom something has changed."""

from __future__ import annotations

from typing import Any

from yigongti.kernel.events import Reaction
from yigongti.kernel.jobs.facade import Job
from yigongti.registry.events import LifeCorrected, PersonDied, PersonMoved, PersonsMerged, PersonsUnmerged
from yigongti.service.care.events import VisitClosed
from yigongti.service.care.tags import actions

_TABLES = ("registry_resident", "care_visit", "care_problem", "care_socialfact", "care_keytag")
JOBS = (
    Job(
        "care_tags", "robot_tags", actions.recompute_as, "每日按规则标记重点人群（红、黄、绿）", _TABLES, "40 18 * * *"
    ),
    Job("care_tags_of", "robot_tags", actions.recompute_one_as, "某人的情况变化后，重新标记这个人", _TABLES),
)


def _person(event: Any) -> None:
    actions.later(event.subject_id)


def _pair(event: Any) -> None:
    actions.later(event.keep)
    actions.later(event.duplicate)


_WHY = "事实变了，重新标记重点人群"
REACTIONS = (
    *(Reaction(kind, _person, _WHY) for kind in (VisitClosed, PersonDied, PersonMoved, LifeCorrected)),
    *(Reaction(kind, _pair, _WHY) for kind in (PersonsMerged, PersonsUnmerged)),
)
