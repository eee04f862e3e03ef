"""Every route × everybody: who is not entitled learns nothing and changes nothing; with the fence off the same test fails."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from tests.access.table import ACTORS, EXAMPLES, NAMES_BY_EVIDENCE, PUBLIC, Example
from tests.support import web
from tests.support.ground import Ground
from yigongti.kernel.case import queries as case_queries

SHARE = 1.0 if os.environ.get("YGT_DRILL") else 0.5
"""How much of the matrix one run tries; which part changes with the run's seed."""


def cases() -> Iterator[tuple[str, Example, str]]:
    for name, examples in EXAMPLES.items():
        for one in examples:
            for actor in ACTORS:
                if actor != "wrong" or one.wrong:
                    yield name, one, actor


def sampled() -> list[tuple[str, Example, str]]:
    """Part of the matrix: every route with at least one of its rows."""
    everything = list(cases())
    if SHARE == 1.0:
        return everything
    chosen = random.sample(everything, int(len(everything) * SHARE))
    missing = set(EXAMPLES) - {name for name, _, _ in chosen}
    return chosen + [next(c for c in everything if c[0] == name and c[2] == "other") for name in sorted(missing)]


def ask(ground: Ground, name: str, one: Example, actor: str, clients: dict[str, Client]) -> Any:
    """The answer to an actor; a crash of the view is a defect and raises."""
    who = one.seat(actor)
    if who is not None and who not in clients:
        clients[who] = ground.browser(who)
    client = clients[who] if who is not None else web.carrying()
    path = reverse(name, kwargs=dict(one.at(ground)))
    if one.post:
        return client.post(path, {"client_id": str(uuid4()), **one.data})
    return client.get(path, dict(one.query))


def shown(ground: Ground, name: str, one: Example, actor: str, response: Any) -> list[str]:
    """Marks of others on the answer."""
    who = one.seat(actor)
    text = web.text_of(response)
    forbidden = set(ground.forbidden(who)) if who else {*ground.home_names, *ground.away_names, *ground.home_secrets,
                                                         *ground.away_secrets, *ground.identities}  # fmt: skip
    if name == "registry:reveal" and one.expected(actor) == "may":
        forbidden -= set(ground.identities)
    if name in NAMES_BY_EVIDENCE:
        forbidden -= {*ground.home_names, *ground.away_names}
    if one.query.get("q"):
        forbidden -= {one.query["q"]}
    return sorted(word for word in forbidden if word in text)


def refused(response: Any, actor: str) -> bool:
    if actor == "anonymous":
        return response.status_code == 302 and response.headers["Location"].startswith("/sign-in/")
    return response.status_code in (404, 405)


def faults(ground: Ground, admin: psycopg.Connection, part: list[tuple[str, Example, str]]) -> list[str]:
    """What is wrong with this part of the matrix. The state after one refusal is the state before the next."""
    found, clients = [], {}
    before: Any = None
    for who in {one.seat(actor) for _, one, actor in part} - {None}:
        clients[who] = ground.browser(who)
    for name, one, actor in part:
        expected = one.expected(actor)
        before = (before or web.trace(admin)) if expected == "refused" else None
        response = ask(ground, name, one, actor, clients)
        label = f"{name} {dict(one.at(ground))} {'POST' if one.post else 'GET'} as {actor} ({one.seat(actor)})"
        if expected == "refused" and not refused(response, actor):
            found.append(f"{label}: answered {response.status_code}")
        if expected != "refused" and (response.status_code >= 500 or response.status_code in (404, 405)):
            found.append(f"{label}: the example does not work, {response.status_code}")
        if marks := shown(ground, name, one, actor, response):
            found.append(f"{label}: shows {marks}")
        if before is not None:
            after = web.trace(admin)
            if tables := web.changed(before, after):
                found.append(f"{label}: refused, and yet wrote to {tables}")
            before = after
    return found


def test_every_route_says_who_may_call_it_and_has_an_example() -> None:
    found = {route.name: route for route in web.routes()}
    assert not [name for name, route in found.items() if route.access is None]
    assert {name for name, route in found.items() if route.access and route.access.public} == set(PUBLIC)
    assert {name for name, route in found.items() if route.access and not route.access.public} == set(EXAMPLES)


def test_a_view_that_nobody_classified_is_refused_before_it_runs() -> None:
    from django.core.exceptions import ImproperlyConfigured
    from django.http import HttpResponse
    from django.test import RequestFactory

    from yigongti.kernel.access.web import DoorMiddleware

    middleware = DoorMiddleware(lambda request: HttpResponse())
    with pytest.raises(ImproperlyConfigured, match="who may call it"):
        middleware.process_view(RequestFactory().get("/"), lambda request: HttpResponse("secret"), (), {})


def test_whoever_is_not_entitled_learns_nothing_and_changes_nothing(ground: Ground, admin: psycopg.Connection) -> None:
    part = sampled()
    random.shuffle(part)
    part.sort(key=lambda c: (c[1].expected(c[2]) != "refused", c[0] != "form:discard", c[1].post))
    found = faults(ground, admin, part)
    assert not found, "\n".join(found)


def test_with_the_fence_off_the_matrix_finds_what_shows(
    ground: Ground, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("registry:resident", "care:visit", "care:record", "desk:case", "desk:list", "desk:export", "desk:print")
    part = [c for c in cases() if c[0] in names and c[2] == "other"]
    assert not faults(ground, admin, part)
    fence_off(admin, monkeypatch)
    found = faults(ground, admin, part)
    assert {name for name in names if any(line.startswith(name + " ") for line in found)} == set(names), found


def fence_off(admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row security taken off every table, and what lists say of it again so that an index follows: the control run's county."""
    monkeypatch.setattr(case_queries, "reach", lambda acting: Q())
    for (table,) in admin.execute("select c.oid::regclass from pg_class c where c.relrowsecurity").fetchall():
        admin.execute(
            f"alter table {table} no force row level security; alter table {table} disable row level security"
        )


def test_who_is_not_signed_in_is_sent_to_sign_in_and_htmx_is_told_so(ground: Ground) -> None:
    client = web.carrying()
    for name, examples in EXAMPLES.items():
        path = reverse(name, kwargs=dict(examples[0].at(ground)))
        answer = client.get(path, headers={"HX-Request": "true"})
        assert (answer.status_code, answer.content) == (401, b""), name
        assert answer.headers["HX-Redirect"].startswith("/sign-in/"), name


def test_public_pages_show_nobody(ground: Ground) -> None:
    words = {*ground.home_names, *ground.away_names, *ground.home_secrets, *ground.away_secrets, *ground.identities}
    for name, kwargs in PUBLIC.items():
        for answer in (
            web.carrying().get(reverse(name, kwargs=kwargs)),
            web.carrying().post(reverse(name, kwargs=kwargs)),
        ):
            text = web.text_of(answer)
            assert not [word for word in words if word in text], name
            assert answer.status_code < 500 or name == "healthz", name


def test_an_id_that_exists_elsewhere_answers_as_one_that_does_not_exist(ground: Ground) -> None:
    client = ground.browser("township2")
    for hidden, absent in (
        (f"/case/{ground.rows['referral']}/", "/case/999999999/"),
        (f"/care/visit/{ground.rows['visit']}", "/care/visit/999999999"),
        (f"/resident/{ground.small.people[0]}/", "/resident/999999999/"),
    ):
        one, two = (client.get(path) for path in (hidden, absent))
        assert one.status_code == two.status_code == 404
        assert _without_token(one) == _without_token(two)


def _without_token(response: Any) -> str:
    return re.sub(
        r'"csrf-token" content="[^"]*"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[^"]*|href="/[^"]*[0-9]',
        "",
        response.content.decode(),
    )
