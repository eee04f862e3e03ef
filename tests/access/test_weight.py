"""What a page costs on a village's line: the bytes that travel, compressed, on the first visit."""

from __future__ import annotations

import gzip
import re
from typing import Any

import psycopg
import pytest

from tests.support import web
from tests.support.ground import Ground

BASE, PAGE = 100_000, 150_000
"""Bytes: the frame with its styles, scripts and icons; any page before images (architecture 11)."""
CHARTS = 240_000
"""Bytes of the drawing part, fetched after the page stands by pages that hold a chart."""
PAGES = (
    ("township", "/"), ("township", "/care/"), ("township", "/residents/"), ("township", "/residents/new/"),
    ("desk", "/desk/referral/?show=all"), ("officer", "/desk/policy_amendment/new"), ("supervisor", "/supervision/"),
    ("admin", "/accounts/"), ("admin", "/institutions/"), ("patient", "/me/"), ("patient", "/me/looked/"),
    ("director", "/cockpit/"), ("director", "/network/"), ("admin", "/network/shapes/"),
)  # fmt: skip


def assets(html: str) -> set[str]:
    """Addresses of styles, scripts, icons and whatever else the page asks for before it is drawn."""
    found = re.findall(r'<(?:link|script|use|img)[^>]*\s(?:href|src)="([^"]+)"', html)
    found += re.findall(r'<meta name="(?:icons|assets)[^"]*" content="([^"]+)"', html)
    return {one.partition("#")[0] for one in found if one.startswith("/static/")}


def weight(client: Any, path: str) -> tuple[int, int]:
    """Bytes of the page itself and of everything it loads."""
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200, path
    body = answer.content if answer.headers.get("Content-Encoding") == "gzip" else gzip.compress(answer.content)
    total = 0
    for one in assets(gzip.decompress(body).decode()):
        part = client.get(one, headers={"Accept-Encoding": "gzip"})
        assert part.status_code == 200, one
        raw = b"".join(part.streaming_content) if part.streaming else part.content
        total += len(raw) if part.headers.get("Content-Encoding") == "gzip" else len(gzip.compress(raw))
    return len(body), total


def test_the_first_page_of_all_is_light(ground: Ground) -> None:
    page, loaded = weight(web.carrying(), "/sign-in/")
    assert loaded > 1_000, "the styles were counted"
    assert page + loaded <= BASE


@pytest.mark.parametrize("who", ["township", "patient"])
def test_the_frame_is_light(ground: Ground, who: str) -> None:
    page, loaded = weight(ground.browser(who), "/" if who != "patient" else "/me/")
    assert page + loaded <= BASE


def test_every_main_page_is_light(ground: Ground) -> None:
    heavy = {}
    for who, path in (
        *PAGES,
        ("township", f"/care/visit/{ground.rows['visit']}"),
        ("desk", f"/case/{ground.rows['referral']}/"),
    ):
        page, loaded = weight(ground.browser(who), path)
        if page + loaded > PAGE:
            heavy[path] = page + loaded
    assert heavy == {}


def test_the_drawing_part_of_charts_is_bounded_and_no_page_waits_for_it(
    ground: Ground, admin: psycopg.Connection
) -> None:
    admin.execute("update registry_institution set lon = 111.5, lat = 26.5")
    body = ground.browser("director").get("/network/").content.decode()
    (source,) = set(re.findall(r'data-chart-src="([^"]+)"', body))
    assert source not in assets(body)
    part = ground.browser("director").get(source, headers={"Accept-Encoding": "gzip"})
    raw = b"".join(part.streaming_content) if part.streaming else part.content
    assert len(raw) <= CHARTS
