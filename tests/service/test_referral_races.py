"""Accept and decline at the same moment: exactly one; with the lock off, the race is real."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from contextvars import copy_context
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from tests.service.story import Story
from yigongti.kernel.case.facade import Case, Conflict

pytestmark = [pytest.mark.database, pytest.mark.race]


def at_once(work: list[Callable[[], str]]) -> Counter[str]:
    """Run all in threads that start together; what each came to."""
    ready, outcomes = threading.Barrier(len(work)), []

    def run(one: Callable[[], str]) -> None:
        ready.wait(timeout=60)
        try:
            outcomes.append(one())
        except Conflict:
            outcomes.append("conflict")
        except Exception as wrong:
            outcomes.append(f"error: {type(wrong).__name__}: {wrong}")
        finally:
            connections.close_all()

    # a thread begins with an empty context: the wiring of the test goes with it
    threads = [threading.Thread(target=copy_context().run, args=(run, one)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return Counter(outcomes)


def deciding(story: Story, case: int, count: int) -> list[Callable[[], str]]:
    """Half accept, half decline, each with an id of its own."""

    def accept() -> str:
        story.act("desk", case, "accept", **story.answers("accept"))
        return "done"

    def decline() -> str:
        story.act("desk", case, "decline", **story.answers("decline"))
        return "done"

    return [accept if i % 2 else decline for i in range(count)]


@pytest.mark.parametrize("count", [2, 8, 50])
def test_accept_and_decline_at_the_same_moment_exactly_one_happens(story: Story, admin: Any, count: int) -> None:
    case = story.send()
    outcomes = at_once(deciding(story, case, count))
    assert outcomes == Counter(done=1, conflict=count - 1) or outcomes == Counter(done=1), outcomes
    entries = admin.execute("select transition from case_entry where case_id = %s and kind = 'act'", [case]).fetchall()
    assert len(entries) == 1
    state, declined, accepted = admin.execute(
        "select c.state, r.declined_code <> '', r.accepted_at is not null from case_case c"
        " join referral_referral r on r.case_id = c.id where c.id = %s", [case],
    ).fetchone()  # fmt: skip
    assert (state, declined, accepted) in {("accepted", False, True), ("declined", True, False)}


def test_without_the_lock_both_would_happen(story: Story, admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same race with reading instead of locking shows what the lock prevents."""
    from yigongti.kernel.access.models import FencedQuerySet
    from yigongti.service.referral.models import Referral

    together = threading.Barrier(2)

    def unlocked(self: Any, *args: Any, **options: Any) -> Any:
        return self.all()

    def read_together(self: Any, *args: Any, **filters: Any) -> Any:
        found = plain_get(self, *args, **filters)
        if self.model is Case:
            together.wait(timeout=60)
        return found

    case = story.send()
    plain_get = FencedQuerySet.get
    monkeypatch.setattr(FencedQuerySet, "select_for_update", unlocked)
    monkeypatch.setattr(FencedQuerySet, "get", read_together)
    outcomes = at_once(deciding(story, case, 2))
    monkeypatch.undo()
    assert Referral is not None
    assert outcomes["done"] == 2, outcomes
    entries = admin.execute("select count(*) from case_entry where case_id = %s and kind = 'act'", [case]).fetchone()
    assert entries == (2,)


@pytest.mark.parametrize("count", [2, 8, 50])
def test_the_same_referral_sent_at_the_same_moment_is_one(story: Story, admin: Any, count: int) -> None:
    visit, once = story.visit(), uuid4()

    def send() -> str:
        return str(story.send(visit=visit, client_id=once))

    outcomes = at_once([send] * count)
    assert len(outcomes) == 1, outcomes
    assert admin.execute("select count(*) from referral_referral").fetchone() == (1,)
    assert admin.execute("select count(*) from case_case").fetchone() == (1,)
    assert admin.execute("select count(*) from access_grant where case_id is not null").fetchone() == (1,)


def test_fifty_doctors_write_at_once_without_an_error(story: Story, admin: Any) -> None:
    visits = [story.visit(person=i % 2) for i in range(2)]

    def send(i: int) -> Callable[[], str]:
        def one() -> str:
            story.send(visit=visits[i % 2], person=i % 2)
            return "done"

        return one

    assert at_once([send(i) for i in range(50)]) == Counter(done=50)
    assert admin.execute("select count(*) from referral_referral").fetchone() == (50,)
