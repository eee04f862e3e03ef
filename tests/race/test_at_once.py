"""Many at the same moment: one effect where there may be one, all effects where all are due, and never an error."""

from __future__ import annotations

import contextlib
import http.client
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connections

from tests.access.test_requests import proposal
from tests.support.browser import Site, serve
from tests.support.ground import Ground
from tests.support.people import LIMITS
from yigongti.kernel.access import signin
from yigongti.kernel.access.models import FencedQuerySet

pytestmark = pytest.mark.race
TOKEN = "r" * 32


def at_once(work: list[Callable[[], str]]) -> Counter[str]:
    """All in threads that start together; what each came to."""
    ready, outcomes = threading.Barrier(len(work)), list[str]()

    def run(one: Callable[[], str]) -> None:
        ready.wait(timeout=60)
        try:
            outcomes.append(one())
        except Exception as wrong:
            outcomes.append(f"{type(wrong).__name__}: {wrong}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=copy_context().run, args=(run, one)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return Counter(outcomes)


# ---- through a real server -------------------------------------------------------------------------------------------


@pytest.fixture
def served(ground: Ground, database: str) -> Iterator[Site]:
    """A server of its own on the ground, with the settings that everybody gets."""
    connections.close_all()
    yield from serve(database)


def session(ground: Ground, who: str) -> str:
    token = signin.open_session(
        account_id=ground.small.accounts[who],
        seat_id=ground.small.seats[who],
        source="127.0.0.1",
        agent="race",
        limits=LIMITS,
    )
    assert token is not None
    return token


def post(site: Site, token: str, path: str, values: dict[str, str]) -> str:
    """One POST over a connection of its own, as a browser sends it; the status, with the place it leads to."""
    at = urlsplit(site.url)
    line = http.client.HTTPConnection(at.hostname or "", at.port, timeout=60)
    try:
        line.request(
            "POST",
            path,
            urlencode({**values, "csrfmiddlewaretoken": TOKEN}),
            {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"ygt_session={token}; ygt_csrf={TOKEN}"},
        )
        answer = line.getresponse()
        answer.read()
        where = re.sub(r"[0-9]+", "#", answer.getheader("Location", ""))
        return f"{answer.status} {where}".strip()
    finally:
        line.close()


def test_fifty_writes_at_once_on_the_default_settings_all_succeed(
    ground: Ground, admin: psycopg.Connection, served: Site
) -> None:
    person = ground.small.people[0]
    tokens = {who: session(ground, who) for who in ("township", "desk", "village")}
    work = []
    for i in range(50):
        if i % 2:
            values = {"client_id": str(uuid4()), "known": "has", "substance": f"过敏原 {i}", "severity": "mild"}
            work.append(lambda v=values: post(served, tokens["township"], f"/care/record/{person}/allergy", v))
        else:
            values = {"plan": f"草稿 {i}"}
            work.append(
                lambda v=values, i=i: post(served, tokens["village"], f"/form/draft/care.visit/visit-{1000 + i}", v)
            )
    outcomes = at_once(work)
    assert set(outcomes) <= {"302 /care/record/#", "200"}, outcomes
    assert sum(outcomes.values()) == 50
    assert admin.execute("select count(*), count(distinct substance) from care_allergy").fetchone() == (25, 25)
    assert admin.execute(
        "select count(*) from form_draft where account_id = %s", [ground.small.accounts["village"]]
    ).fetchone() == (25,)
    assert "Traceback" not in served.log()


def test_the_same_sending_eight_times_at_once_has_one_effect(
    ground: Ground, admin: psycopg.Connection, served: Site
) -> None:
    tokens = {who: session(ground, who) for who in ("officer", "township", "desk")}
    rows, people = ground.rows, ground.small.people
    for who, path, values, count in (
        ("officer", "/desk/policy_amendment/new", proposal(),
         "select count(*) from policy_amendment"),
        ("township", f"/care/register/{people[2]}",
         {"client_id": str(uuid4()), "kind": "outpatient", "evidence": "typed", "number": ground.small.numbers[2]},
         f"select count(*) from care_visit where subject_id = {people[2]}"),
        ("desk", f"/case/{rows['referral']}/do/decline", {"client_id": str(uuid4()), "code": "no_bed", "text": "后天有床位"},
         f"select count(*) from case_entry where case_id = {rows['referral']} and transition = 'decline'"),
    ):  # fmt: skip
        (before,) = admin.execute(count).fetchone() or (0,)
        outcomes = at_once([lambda who=who, path=path, values=values: post(served, tokens[who], path, values)] * 8)
        assert {said[:3] for said in outcomes} == {"302"}, (path, outcomes)
        assert admin.execute(count).fetchone() == (before + 1,), path
    assert "Traceback" not in served.log()


@pytest.mark.parametrize("many", [2, 8])
def test_yes_and_no_at_the_same_moment_exactly_one_counts(
    ground: Ground, admin: psycopg.Connection, served: Site, many: int
) -> None:
    case, token = ground.rows["amendment"], session(ground, "approver")
    verbs = ["approve", "reject"] * (many // 2)

    def decide(verb: str) -> str:
        return post(served, token, f"/case/{case}/do/{verb}", {"client_id": str(uuid4()), "comment": "意见"})

    outcomes = at_once([lambda verb=verb: decide(verb) for verb in verbs])
    assert sum(n for said, n in outcomes.items() if said.startswith("302")) == 1, outcomes
    assert {said[:3] for said in outcomes} <= {"302", "409"}, (outcomes, served.log()[-3_000:])
    assert admin.execute(
        "select count(*) from case_entry where case_id = %s and transition in ('approve', 'reject')", [case]
    ).fetchone() == (1,)
    assert "Traceback" not in served.log()


# ---- the kernel alone, and the proof that the race is real ----------------------------------------------------------------


def confirming(ground: Ground, many: int) -> Counter[str]:
    """Registrars who confirm and reject one merge at the same moment, through the door."""
    from tests.support.web import carrying

    token, case = session(ground, "registrar2"), ground.rows["merge"]

    def decide(verb: str) -> str:
        sent = {"client_id": str(uuid4()), "note": "核对", "reason": "不是同一人"}
        return str(carrying(token, quiet=True).post(f"/case/{case}/do/{verb}", sent).status_code)

    return at_once([lambda verb=verb: decide(verb) for verb in ["confirm", "reject"] * (many // 2)])


def effects(ground: Ground, admin: psycopg.Connection) -> int:
    row = admin.execute(
        "select count(*) from case_entry where case_id = %s and transition in ('confirm', 'reject')",
        [ground.rows["merge"]],
    ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("many", [2, 8, 50])
def test_confirm_and_reject_of_a_merge_at_once_exactly_one_happens(
    ground: Ground, admin: psycopg.Connection, many: int
) -> None:
    outcomes = confirming(ground, many)
    # Of fifty on a slow machine the last may wait longer than one waits for a row: they are told so (422).
    told = {"409", "422"} if many == 50 else {"409"}
    assert outcomes["302"] == 1
    assert set(outcomes) <= {"302", *told}, outcomes
    assert effects(ground, admin) == 1


def test_with_the_row_lock_off_more_than_one_would_happen(
    ground: Ground, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yigongti.kernel.case import engine

    real, together = engine._move, threading.Barrier(6)

    def slow(*args: Any) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(timeout=3)
        real(*args)

    monkeypatch.setattr(FencedQuerySet, "select_for_update", lambda self, **how: self)
    monkeypatch.setattr(engine, "_move", slow)
    confirming(ground, 8)
    assert effects(ground, admin) > 1


def test_who_waits_too_long_for_another_is_told_so(ground: Ground, admin: psycopg.Connection) -> None:
    from django.db import connection

    from tests.support.web import carrying

    case, token = ground.rows["amendment"], session(ground, "approver")
    client, sent = carrying(token, quiet=True), {"client_id": str(uuid4()), "comment": "意见"}
    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '200ms'")
    with admin.transaction():
        admin.execute("select 1 from case_case where id = %s for update", [case])
        answer = client.post(f"/case/{case}/do/approve", sent)
    assert answer.status_code == 422
    assert "正由另一人办理" in answer.content.decode()
    assert client.post(f"/case/{case}/do/approve", sent).status_code == 302


@pytest.mark.parametrize("many", [2, 8, 50])
def test_one_number_of_sending_from_many_threads_is_one_case(
    ground: Ground, admin: psycopg.Connection, many: int
) -> None:
    from tests.support.web import carrying

    token, number = session(ground, "officer"), uuid4()
    answers = at_once([lambda: opened(carrying(token, quiet=True), number)] * many)
    assert len(answers) == 1, answers
    assert next(iter(answers)).startswith("302 /case/")
    assert admin.execute("select count(*) from case_case where client_id = %s", [number]).fetchone() == (1,)


def opened(client: Any, number: UUID) -> str:
    answer = client.post("/desk/policy_amendment/new", proposal(client_id=str(number)))
    return f"{answer.status_code} {answer.headers.get('Location', '')}"


def test_the_chain_of_the_log_is_whole_after_a_rush(
    ground: Ground, admin: psycopg.Connection, as_owner: Any, tmp_path: Path
) -> None:
    from tests.support.web import carrying
    from yigongti.kernel.audit import seal

    tokens = [session(ground, who) for who in ("township", "desk", "specialist", "township2")]
    anchor, stop = tmp_path / "audit.json", threading.Event()

    def sealing() -> str:
        while not stop.is_set():
            seal.seal_once(anchor)
        return "sealed"

    def reading(token: str) -> str:
        client = carrying(token, quiet=True)
        for _ in range(5):
            client.get("/")
        stop.set()
        return "read"

    assert set(at_once([sealing, *(lambda t=t: reading(t) for t in tokens * 2)])) == {"sealed", "read"}
    seal.seal_once(anchor)
    with as_owner():
        report = seal.verify(anchor, unsealed_seconds=0)
    assert report.good, report.findings
    row = admin.execute("select count(*) from audit_entry").fetchone()
    assert row == (report.entries,)
