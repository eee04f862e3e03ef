"""What waits in the offices of a simulated county, done by its own people through the door, as users would.

The samples write care and referral in bulk; the registrar, the supervisor and the policy office find their first work here: a
duplicate entry to merge, an emergency access to review, a limit to be amended. Runs as the login role.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access import signin
from yigongti.kernel.access.facade import Acting, SessionTicket, acting_as
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Case
from yigongti.kernel.jobs import facade as jobs
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry
from yigongti.simulation.accounts import PASSWORD

LIMITS = signin.SignInLimits(5, 30, 900, 900, 600, 600)
"""For sessions that live for seconds; the product's own come from policy."""
FINDER, BREAKER, OFFICER = ("town2", "town1"), ("village5", "village2", "village1"), ("policy",)
LOOKER = ("town1", "village1")
FACTS_ROBOT = "robot_facts"
"""Who plays; a very small region has only the later ones."""


@contextmanager
def _as(logins: tuple[str, ...]) -> Iterator[Acting]:
    """Inside the door as the first of the logins that there is, in its first seat, with the log written as a request does."""
    for login in logins:
        found = signin.check(login=login, password=PASSWORD, code="", source="scenes", device=None, limits=LIMITS)
        if not isinstance(found, signin.Refused):
            break
    if isinstance(found, signin.Refused):
        raise PermissionError(found.reason)
    token = signin.open_session(
        account_id=found.account_id, seat_id=found.seats[0].seat_id, source="scenes", agent="simulation", limits=LIMITS
    )
    assert token is not None
    try:
        with log.collecting(path="simulation") as entries, acting_as(SessionTicket(token), "simulation") as acting:
            entries.acting = acting
            yield acting
            entries.write()
    finally:
        signin.close_session(token)


def enliven() -> int:
    """Play every scene; returns how many cases were opened."""
    duplicate()
    emergency()
    unknown()
    amendment()
    looked()
    counted()
    return 4


def counted() -> None:
    """What figures and sandbox reckon from is made now, not when its hour comes: whoever signs in first may look at it."""
    with _as(OFFICER):
        for job in wiring.offer("JOBS"):
            if job.robot == FACTS_ROBOT:
                jobs.defer(job.name)


def duplicate() -> None:
    """A township doctor has entered somebody a second time without the identity card, and says so."""
    with _as(FINDER) as acting:
        known = registry.own(acting).filter(birth_date__lt=calendar.today() - timedelta(days=365 * 50)).first()
        assert known is not None
        row = registry.ResidentRow(
            name=known.name, place=known.place, sex=known.sex, birth_date=known.birth_date, id_kind="none",
            insurance=known.insurance,
        )  # fmt: skip
        twin = registry.register(acting=acting, row=row, client_id=uuid.uuid4())
        registry.Resident.objects.filter(pk=twin.pk).update(simulated=True)
        registry.propose_merge(
            acting=acting,
            keep=known.pk,
            duplicate=twin.pk,
            reason="急诊时未带身份证，补建了一份档案",
            client_id=uuid.uuid4(),
        )


def emergency() -> None:
    """A village doctor opens the record of somebody from elsewhere who can't speak."""
    with _as(FINDER) as acting:
        elsewhere = registry.own(acting)[3].pk
    with _as(BREAKER) as acting:
        registry.break_glass(
            acting=acting,
            subject_id=elsewhere,
            reason="赶集途中晕倒，意识不清，无法提供证件，需了解病史和用药",
            client_id=uuid.uuid4(),
        )


def unknown() -> None:
    """Somebody is brought in whom nobody knows."""
    with _as(FINDER) as acting:
        case = registry.open_unknown(
            acting,
            {
                "sex": "male", "age_low": 60, "age_high": 70, "found_at": calendar.now() - timedelta(hours=3),
                "found_place": "国道加油站旁", "brought_by": "派出所民警", "marks": "灰色棉衣，左手旧疤，无证件无手机",
            },
            uuid.uuid4(),
        )  # fmt: skip
        registry.Resident.objects.filter(pk=case.subject_id).update(simulated=True)


def looked() -> None:
    """A township doctor goes through the records of the patients on the way; each of them sees who looked."""
    with _as(LOOKER):
        for subject in Case.objects.filter(flow="referral", closed_at=None).values_list("subject_id", flat=True):
            if registry.banner(subject) is not None:
                log.saw("record", [subject], [subject], why="查阅健康档案")


def amendment() -> None:
    """The policy office proposes a longer limit for appointments; a second person has to decide."""
    with _as(OFFICER) as acting:
        policy.propose(
            acting=acting, client_id=uuid.uuid4(),
            typed={
                "key": "care.relation.visit_days", "place": acting.place[:6], "value": "45 天",
                "starts": (calendar.today() + timedelta(days=7)).isoformat(), "source": "云溪县医共体管理办法（模拟）",
                "clause": "第十二条", "status": "unconfirmed", "reason": "慢性病复诊间隔较长，三十天内常不能复诊",
            },
        )  # fmt: skip
