"""As each role, every page that links lead to: nothing of another institution, nothing that the browser should refuse to run."""

from __future__ import annotations

import os
import random
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.urls import Resolver404, resolve

from tests.access.test_matrix import fence_off
from tests.support import web
from tests.support.ground import AWAY_STAFF, HOME_STAFF, OFFICES, RESIDENTS, Ground
from yigongti.kernel import crypto

DRILL = bool(os.environ.get("YGT_DRILL"))
PAGES = 400 if DRILL else 44
"""Pages a role; routes not yet seen are taken first, so that a short crawl still meets every kind of page."""
REQUESTS = 1_000 if DRILL else 200
pytestmark = pytest.mark.timeout(1_800 if DRILL else 300)
"""The long crawl opens up to 400 pages for each of 36 seats: five minutes of one core."""
EVERYBODY = (*HOME_STAFF, *AWAY_STAFF, *OFFICES, *RESIDENTS)
SEEDS = (
    "/", "/notices/", "/desk/referral/?show=all", "/desk/referral_down/?show=all", "/desk/break_glass/?show=all",
    "/desk/person_merge/?show=all", "/desk/policy_amendment/?show=all", "/desk/referral/export.csv?show=all",
    "/desk/referral/export.xlsx?show=all", "/residents/", "/care/", "/log/", "/accounts/", "/institutions/",
    "/supervision/", "/figures/",
    "/import/", "/export/residents.csv", "/export/staff.xlsx", "/me/looked/", "/search/?q=bf", "/residents/find/?q=df", "/care/find?q=bf",
)  # fmt: skip
BY_SEARCH = ("/search/", "/residents/find/", "/care/find", "/care/register/", "/open/")
"""Addresses whose purpose is to find a person whom the seat does not know yet; names only, never what is written."""


@dataclass
class Seen:
    """What a crawl met."""

    pages: int = 0
    routes: Counter[str] = field(default_factory=Counter)
    marks: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    policies: set[str] = field(default_factory=set)


def crawl(ground: Ground, who: str, pages: int) -> Seen:
    client, seen, known = ground.browser(who, quiet=True), Seen(), set(SEEDS)
    waiting, told_on = Waiting(SEEDS), dict[str, str]()
    forbidden = ground.forbidden(who)
    while seen.pages < pages and (path := waiting.next(seen.routes)):
        seen.routes[_route(path)] += 1
        response = client.get(path)
        seen.pages += 1
        if response.status_code >= 500 and not path.startswith("/healthz"):
            seen.crashes.append(f"{path}: {response.status_code}")
        if response.status_code in (403, 404) and path in told_on:
            seen.dead.append(f"{who} {told_on[path]} -> {path}: {response.status_code}")
        text = web.text_of(response)
        words = forbidden - names_of(ground) if path.startswith(BY_SEARCH) or "/open/" in path else forbidden
        if "/reveal/" in path or "plain=1" in path:  # asked for whole, by who may, and in the log
            words = words - set(ground.identities)
        seen.marks += [f"{who} {path}: {word}" for word in sorted(words) if word in text]
        if "html" in response.headers.get("Content-Type", ""):
            seen.policies.add(response.headers.get("Content-Security-Policy", "none"))
            seen.inline += [f"{path}: {one}" for one in web.inline(text)]
            fresh = [link for link in web.links(text, path) if link not in known]
            known.update(fresh)
            told_on |= dict.fromkeys(fresh, path) if response.status_code == 200 else {}
            waiting.add(fresh)
    return seen


class Waiting:
    """Addresses not yet opened, by their route: a route met least comes first, of its addresses the shortest."""

    def __init__(self, seeds: Iterable[str]) -> None:
        self.seeds = deque(seeds)
        self.of: dict[str, list[tuple[int, int, str]]] = {}
        self.told = 0

    def add(self, paths: Iterable[str]) -> None:
        for path in paths:
            if route := _route(path):
                self.told += 1
                heappush(self.of.setdefault(route, []), (len(path), self.told, path))

    def next(self, met: Counter[str]) -> str:
        """The one to open now; empty when none waits. Asking every waiting address anew took most of a long crawl."""
        if self.seeds:
            return self.seeds.popleft()
        if not self.of:
            return ""
        route = min(self.of, key=lambda one: (met[one], self.of[one][0]))
        path = heappop(self.of[route])[2]
        if not self.of[route]:
            del self.of[route]
        return path


def names_of(ground: Ground) -> set[str]:
    return {*ground.home_names, *ground.away_names, *(word for word in (*ground.home_secrets, *ground.away_secrets)
                                                     if word.isdigit())}  # fmt: skip


def _route(path: str) -> str:
    """The name of the route; empty for what is not a page of ours."""
    try:
        found = resolve(path.partition("?")[0])
    except Resolver404:
        return ""
    return found.view_name or found.route


def crawls(ground: Ground) -> Iterator[tuple[str, Seen]]:
    always = ("township", "desk", "specialist", "township2", *RESIDENTS)
    rest = [who for who in EVERYBODY if who not in always]
    for who in (*always, *(rest if DRILL else random.sample(rest, 4))):
        yield who, crawl(ground, who, PAGES)


def test_no_role_meets_anything_of_another_institution_by_following_links(ground: Ground) -> None:
    everything = dict(crawls(ground))
    assert not [mark for seen in everything.values() for mark in seen.marks]
    assert not [crash for seen in everything.values() for crash in seen.crashes]
    assert not sorted({one for seen in everything.values() for one in seen.inline})
    assert not [link for seen in everything.values() for link in seen.dead], "shown to who may not follow it"
    policies = {policy for seen in everything.values() for policy in seen.policies}
    assert len(policies) == 1, policies
    (policy,) = policies
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    met = Counter[str]()
    for seen in everything.values():
        met.update(seen.routes)
    must = {
        "desk:case",
        "desk:print",
        "desk:export",
        "care:visit",
        "care:record",
        "registry:resident",
        "me",
        "me_looked",
    }
    assert must <= set(met), must - set(met)


def test_with_the_fence_off_the_crawl_finds_what_shows(
    ground: Ground, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    fence_off(admin, monkeypatch)
    assert crawl(ground, "township2", PAGES).marks
    assert crawl(ground, "neighbour", PAGES).marks or crawl(ground, "tcm", PAGES).marks


def test_many_seats_on_the_same_connections_never_see_each_others_rows(ground: Ground) -> None:
    paths = ("/", "/residents/", "/care/", "/desk/referral/?show=all", "/desk/referral/export.csv?show=all", "/notices/",
             "/me/", f"/case/{ground.rows['referral']}/", f"/case/{ground.rows['away_referral']}/")  # fmt: skip
    clients = {who: ground.browser(who) for who in EVERYBODY}
    tokens = {who: client.cookies["ygt_session"].value for who, client in clients.items()}
    asked = [(random.choice(EVERYBODY), random.choice(paths)) for _ in range(REQUESTS)]
    with ThreadPoolExecutor(4) as pool:
        found = [
            mark for part in pool.map(lambda i: _interleaved(ground, tokens, asked[i::4]), range(4)) for mark in part
        ]
    assert not found


def _interleaved(ground: Ground, tokens: dict[str, str], asked: list[tuple[str, str]]) -> list[str]:
    """One thread, one connection: a request as this seat, the next as another."""
    found: list[str] = []
    try:
        with crypto.using(ground.small.ring):
            for who, path in asked:
                response: Any = web.carrying(tokens[who]).get(path)
                text = web.text_of(response)
                found += [f"{who} {path}: {word}" for word in ground.forbidden(who) if word in text]
                if response.status_code not in (200, 302, 404):
                    found.append(f"{who} {path}: {response.status_code}")
    finally:
        connections.close_all()
    return found


@pytest.mark.parametrize("path", ["/sign-in/", "/ca", "/verify/00000000", "/no-such-page", "/healthz"])
def test_pages_before_the_sign_in_bear_the_same_strict_policy(ground: Ground, path: str) -> None:
    response = web.carrying().get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not web.inline(response.content.decode())
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
