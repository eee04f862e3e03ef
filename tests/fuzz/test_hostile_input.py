"""Whatever is sent to whatever address by whomever: an answer in words or 'not there', never a crash, and nothing half-written."""

from __future__ import annotations

import os
import random
import re
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.access.table import EXAMPLES, PUBLIC
from tests.support import web
from tests.support.ground import Ground

DRILL = bool(os.environ.get("YGT_DRILL"))
REQUESTS = int(os.environ.get("YGT_FUZZ", 6_000 if DRILL else 400))
MILLION = "长" * 1_000_000

HOSTILE = (
    "", " ", "\x00", "a\x00b", "2026-13", "2026-13-01", "2026-02-30", "2026-02-30T10:00", "0001-01-01", "9999-12-31",
    "9999-12-31T23:59:59+14:00", "20260230", "２０２６－０３－０５", "１２３４５", "-1", "0", "-0", "1e9", "1" * 19, "9" * 40,
    "2147483648", "9223372036854775808", "NaN", "inf", "²", "٣", "=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3",
    "'; drop table case_case; --", "<script>alert(1)</script>", "{{ 7*7 }}", "{% load x %}", "%s%s%n", "../../etc/passwd",
    "\u202e反", "\ud800", "𠮷" * 50, "é" * 300, "[]", "{}", "null", "true", "110101199001011237", "11010119900101123",
    "a" * 10_000, "\r\nSet-Cookie: x=1", "\t", "　", "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
NAMES = (
    "q", "page", "day", "days", "before", "show", "from", "to", "part", "rows", "subject", "place", "tag", "name", "role", "kind",
    "sort", "order", "done", "visit", "denied", "next", "unit", "month", "code", "client_id", "seat", "do", "old", "new", "again",
    "end", "number", "how", "id_kind", "evidence", "reason", "value", "starts", "ends", "key", "birth_date", "phone", "id_number",
    "secret", "login", "password", "_check", "_discard", "_close", "_then", "principal", "others-0-code", "systolic_mmhg",
    "temperature_c", "appointment_at", "specialist", "urgency", "red_flags", "consent", "substance", "since", "tags", "csrf",
)  # fmt: skip
ACTORS = ("township", "desk", "specialist", "admin", "registrar", "officer", "supervisor", "patient", "director", None)


def addresses(ground: Ground) -> list[tuple[str, str, str | None]]:
    """(route, address, a seat that may) of every example, and the public ones."""
    found = [
        (name, reverse(name, kwargs=dict(one.at(ground))), one.seat("right"))
        for name, examples in EXAMPLES.items()
        for one in examples
    ]
    found += [(name, reverse(name, kwargs=dict(kwargs)), None) for name, kwargs in PUBLIC.items() if name != "healthz"]
    return list(dict.fromkeys(found))


def broken(path: str, rng: random.Random) -> str:
    """The address with its ids and words replaced by hostile ones, as far as an address can carry them."""
    parts = path.split("/")
    places = [i for i, part in enumerate(parts) if part]
    if not places:
        return path
    at = rng.choice(places)
    value = rng.choice([v for v in HOSTILE if v and "\ud800" not in v and "/" not in v and len(v) < 2_000])
    from urllib.parse import quote

    parts[at] = quote(value, safe="")
    return "/".join(parts)


def sent(rng: random.Random, names: tuple[str, ...] = NAMES) -> dict[str, Any]:
    """Every name with a hostile value of its own; the number of sending is mostly a good one, so that more is read."""
    safe = [v for v in HOSTILE if "\ud800" not in v]
    given = {name: rng.choice(safe) for name in names if rng.random() < 0.8}
    if rng.random() < 0.8:
        given["client_id"] = str(uuid4())
    for steer in ("_check", "_discard"):
        if rng.random() < 0.8:
            given.pop(steer, None)
    return given


def typed(client: Any, path: str, rng: random.Random) -> dict[str, Any]:
    """The page's own form, some of its fields hostile, the others as they stand."""
    page = client.get(path)
    fields = re.findall(
        r'<(?:input|select|textarea)[^>]*\sname="([^"]+)"[^>]*?(?:value="([^"]*)")?',
        page.content.decode("utf-8", "replace"),
    )
    given: dict[str, Any] = dict(fields)
    given.pop("csrfmiddlewaretoken", None)
    for name in rng.sample(sorted(given), min(len(given), rng.randint(1, 3))):
        given[name] = rng.choice([v for v in HOSTILE if "\ud800" not in v])
    return {**given, "client_id": str(uuid4())}


def attempt(client: Any, path: str, rng: random.Random) -> tuple[str, Any]:
    """One hostile request: what was sent, the answer."""
    kind = rng.choice((0, 1, 1, 1, 2, 2, 3, 4, 5, 6, 6, 6))
    if kind == 0:
        path = broken(path, rng)
        return f"GET {path}", client.get(path)
    if kind == 1:
        query = {name: value[:200] for name, value in sent(rng).items()}
        return f"GET {path} {query}", client.get(path, query)
    if kind == 2:
        body = sent(rng)
        return f"POST {path} {body}", client.post(path, body)
    if kind == 3:
        mime = rng.choice(["application/json", "text/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded",
                           "image/png", "multipart/form-data", "x"])  # fmt: skip
        body = rng.choice(
            [b"", b"\x00\xff\xfe", b"{", b"a=%ff%fe&b=%00", b"--x\r\nContent-Disposition: form-data\r\n\r\n"]
        )
        return f"POST {path} {mime} {body!r}", client.post(path, data=body, content_type=mime)
    if kind == 4:
        path = broken(path, rng)
        return f"POST {path}", client.post(path, sent(rng))
    if kind == 6:
        body = typed(client, path, rng)
        return f"POST {path} {body}", client.post(path, body)
    method = rng.choice(["put", "delete", "patch", "head", "options", "trace"])
    return f"{method} {path}", getattr(client, method)(path)


def test_no_hostile_request_crashes_a_view(ground: Ground, caplog: pytest.LogCaptureFixture) -> None:
    rng = random.Random(random.random())
    places = addresses(ground)
    clients: dict[str | None, Any] = {}
    crashed = []
    for i in range(REQUESTS):
        name, path, entitled = places[i % len(places)]
        if name in ("sign_out", "end_other_sessions"):
            continue
        who = entitled if rng.random() < 0.75 else rng.choice(ACTORS)
        if who not in clients:
            clients[who] = ground.browser(who, quiet=True) if who else web.carrying(quiet=True)
        said, answer = attempt(clients[who], path, rng)
        if answer.status_code >= 500:
            last = [line for r in caplog.records for line in (r.exc_text or "").splitlines()[-1:]]
            where = [line for r in caplog.records for line in (r.exc_text or "").splitlines() if "/yigongti/" in line]
            crashed.append(f"{who}: {said[:400]} → {last} {where[-1:]}")
        caplog.clear()
    assert not crashed, f"{len(crashed)} crashed:\n" + "\n".join(crashed[:20])


def test_a_million_characters_are_refused_in_words_wherever_they_are_sent(
    ground: Ground, admin: psycopg.Connection
) -> None:
    before = web.trace(admin)
    clients = {who: ground.browser(who, quiet=True) for who in ("township", "desk", "officer", "admin", "registrar")}
    for who, path, field in (
        ("township", f"/care/visit/{ground.rows['visit']}", "history"),
        ("township", f"/care/register/{ground.small.people[2]}", "number"),
        ("township", f"/care/record/{ground.small.people[0]}/allergy", "substance"),
        ("township", "/residents/new/", "name"), ("desk", f"/case/{ground.rows['referral']}/do/decline", "text"),
        ("officer", "/desk/policy_amendment/new", "reason"), ("admin", "/accounts/new/", "login"),
        ("registrar", "/desk/person_merge/new", "reason"),
    ):  # fmt: skip
        answer = clients[who].post(path, {"client_id": str(uuid4()), field: MILLION})
        assert answer.status_code in (413, 422), (path, answer.status_code)
        assert len(answer.content) < 4_000_000, path
    for who, path in (("township", "/residents/find/"), ("township", "/care/find"), ("township", "/search/")):
        assert clients[who].get(path, {"q": "长" * 2_000}).status_code == 200, path
    assert (
        clients["township"]
        .post(f"/form/draft/care.visit/visit-{ground.rows['visit']}", {"history": MILLION})
        .status_code
        == 413
    )
    assert web.changed(before, web.trace(admin)) == []


@pytest.mark.parametrize("ending", ["", "/x"])
def test_a_nul_in_a_choice_that_the_page_offered_is_no_choice(ground: Ground, ending: str) -> None:
    answer = ground.browser("patient").post(
        "/me/bookings/wait",
        {
            "client_id": str(uuid4()),
            "unit": str(ground.small.units["H1"]),
            "kind": "expert\x00",
            "specialty": f"心内科\x00{ending}",
        },
        follow=True,
    )
    assert answer.status_code == 200
    assert "请先选择" in answer.content.decode()


DATES = (
    "2026-13",
    "2026-13-01",
    "2026-02-30",
    "２０２６-02-30",
    "30.2.2026",
    "0000-00-00",
    "2026-02-29",
    "99999-01-01",
    "today",
)


@pytest.mark.parametrize("typed", DATES)
def test_a_day_that_does_not_exist_is_named_in_the_answer(ground: Ground, typed: str) -> None:
    from tests.access.test_requests import proposal

    answer = ground.browser("officer").post("/desk/policy_amendment/new", proposal(starts=typed))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert typed in text, "what was typed stays on the page"
    assert re.search("没有 ?[0-9]+|不是日期|年份|月份|填写", text)


@pytest.mark.parametrize("prefix", ["=", "+", "-", "@", "\t=", "＝"])
def test_an_export_holds_no_formula_that_somebody_typed(ground: Ground, admin: psycopg.Connection, prefix: str) -> None:
    evil = f"{prefix}HYPERLINK(1)"
    admin.execute("update registry_resident set name = %s where subject_id = %s", [evil, ground.small.people[0]])
    admin.execute("update case_case set title = %s where id = %s", [evil, ground.rows["referral"]])
    client = ground.browser("township")
    text = client.get("/desk/referral/export.csv?show=all").content.decode("utf-8-sig")
    cells = [cell.strip('"') for line in text.splitlines() for cell in line.split(",")]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "＝")) and "HYPERLINK" in cell]
    from io import BytesIO

    from openpyxl import load_workbook

    book = load_workbook(BytesIO(client.get("/desk/referral/export.xlsx?show=all").content))
    typed = [
        cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if "HYPERLINK" in str(cell.value)
    ]
    assert typed
    assert not [cell.value for cell in typed if cell.data_type == "f"]


def test_what_somebody_typed_never_becomes_markup(ground: Ground, admin: psycopg.Connection) -> None:
    evil = "<img src=x onerror=alert(1)>"
    person = ground.small.people[0]
    admin.execute("update registry_resident set name = %s, address = %s where subject_id = %s", [evil, evil, person])
    admin.execute("update care_visit set chief_complaint = %s, history = %s, plan = %s", [evil, evil, evil])
    admin.execute("update case_case set title = %s", [evil])
    admin.execute("update case_entry set note = %s, seat_name = %s", [evil, evil])
    admin.execute("update case_notice set text = %s", [evil])
    seen = 0
    for who, path in (
        ("township", "/"), ("township", "/notices/"), ("township", "/residents/"), ("township", f"/resident/{person}/"),
        ("township", f"/care/visit/{ground.rows['visit']}"), ("township", f"/care/record/{person}"),
        ("desk", f"/case/{ground.rows['referral']}/"), ("desk", "/desk/referral/?show=all"), ("patient", "/me/"),
        ("patient", "/me/progress/"), ("patient", "/me/messages/"), ("registrar", "/residents/duplicates/"),
        ("township", f"/search/?q={evil}"), ("township", f"/residents/find/?q={evil}"), ("township", f"/care/find?q={evil}"),
    ):  # fmt: skip
        text = ground.browser(who).get(path).content.decode()
        assert evil not in text, path
        assert not web.inline(text), path
        seen += text.count("&lt;img src=x")
    assert seen > 10


@settings(max_examples=120 if DRILL else 25)
@given(
    name=st.sampled_from(NAMES),
    value=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60),
    at=st.integers(0, 10_000),
)
def test_any_text_under_any_name_at_any_address_is_answered(ground: Ground, name: str, value: str, at: int) -> None:
    places = [p for p in addresses(ground) if p[0] not in ("sign_out", "end_other_sessions")]
    _, path, _ = places[at % len(places)]
    client = _kept(ground)
    assert client.get(path, {name: value}).status_code < 500, path
    assert client.post(path, {name: value, "client_id": str(uuid4())}).status_code < 500, path


_clients: dict[int, Any] = {}


def _kept(ground: Ground) -> Any:
    """One browser for all examples of a test."""
    from django.db import connection

    key = hash(connection.settings_dict["NAME"])
    if key not in _clients:
        _clients.clear()
        _clients[key] = ground.browser("township", quiet=True)
    return _clients[key]
