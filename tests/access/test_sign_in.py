"""Signing in as a browser does it: nobody locks another out, nobody gets in without all that is asked, nothing outlives its end."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import argon2
import psycopg
import pyotp
import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.test.utils import override_settings

from tests.support import web
from tests.support.ground import Ground
from yigongti.kernel import calendar
from yigongti.kernel.access import signin
from yigongti.kernel.access.web import COOKIE
from yigongti.runtime import settings
from yigongti.shell.pages.signing import DEVICE, PENDING

WORD = "four-words-on-paper"
CHEAP = "argon2" + argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(WORD)
"""A hash that is quick to check, so that a hundred guesses take a second; what is guarded does not depend on it."""


@pytest.fixture
def opened(ground: Ground, admin: psycopg.Connection) -> Ground:
    """The ground, `township` and `admin` having the known password."""
    admin.execute(
        "update access_account set password = %s, must_change = false where login in ('township', 'admin')", [CHEAP]
    )
    return ground


def enter(
    client: Client, login: str = "township", password: str = WORD, *, address: str = "10.0.0.1", **more: str
) -> Any:
    return client.post("/sign-in/", {"login": login, "password": password, **more}, REMOTE_ADDR=address)


def signed_in(answer: Any) -> bool:
    return answer.status_code == 302 and COOKIE in answer.cookies and bool(answer.cookies[COOKIE].value)


def test_the_right_password_opens_a_session_whose_cookie_scripts_cannot_read(opened: Ground) -> None:
    answer = enter(web.carrying(), next="/care/")
    assert signed_in(answer)
    assert answer.headers["Location"] == "/care/"
    for name in (COOKIE, DEVICE):
        cookie = answer.cookies[name]
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
        assert cookie["path"] == "/", name
    assert not answer.cookies[COOKIE]["max-age"], "the session ends with the browser"


def test_only_the_hash_of_a_sessions_token_is_kept(opened: Ground, admin: psycopg.Connection) -> None:
    token = enter(web.carrying()).cookies[COOKIE].value
    row = admin.execute("select string_agg(s::text, ' ') from access_session s").fetchone()
    assert row is not None
    assert token not in row[0]


def test_over_tls_the_cookie_is_sent_over_tls_only(opened: Ground, settings_tls: None) -> None:
    assert enter(web.carrying()).cookies[COOKIE]["secure"]


@pytest.fixture
def settings_tls() -> Any:
    from django.test.utils import override_settings

    with override_settings(TLS=True):
        yield


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/x", "/\\evil.example", "http:evil.example", "javascript:alert(1)",
               "\thttps://evil.example"]
)  # fmt: skip
def test_nobody_is_led_off_the_site_after_signing_in(opened: Ground, wanted: str) -> None:
    assert enter(web.carrying(), next=wanted).headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_login_get_the_same_answer_and_the_same_work(
    opened: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    real = signin.check_password
    monkeypatch.setattr(signin, "check_password", lambda p, h: checked.append(str(h)[:20]) or real(p, h))
    wrong, unknown = (
        enter(web.carrying(), login, "wrong", address="10.0.0.9") for login in ("township", "nobody-here")
    )
    assert wrong.status_code == unknown.status_code == 401
    assert len(checked) == 2
    assert checked[0][:10] == checked[1][:10] == "argon2$arg"
    one, two = (a.content.decode().partition("<h2>未能登录")[2].partition("</div>")[0] for a in (wrong, unknown))
    assert one == two != ""


def test_the_product_keeps_passwords_by_argon2_at_its_full_cost() -> None:
    with products_hasher():
        kept = make_password(WORD)
    assert re.match(r"argon2\$argon2id\$v=19\$m=102400,t=2,p=8\$", kept), kept


@contextmanager
def products_hasher() -> Iterator[None]:
    """Passwords as the product keeps them: the tests' own settings have a cheap hash."""
    with override_settings(PASSWORD_HASHERS=settings.PASSWORD_HASHERS):
        signin.nobody.cache_clear()
        yield
    signin.nobody.cache_clear()


def test_the_time_of_both_answers_is_alike(opened: Ground, admin: psycopg.Connection) -> None:
    with products_hasher():
        alike(admin)


def alike(admin: psycopg.Connection) -> None:
    """A wrong password and an unknown login take about the same processor time, at the product's cost."""
    admin.execute("update access_account set password = %s where login = 'township'", [make_password(WORD)])

    def seconds(login: str) -> float:
        took = []
        for i in range(3):
            began = time.process_time()
            enter(web.carrying(), login, "wrong", address=f"10.1.{len(login)}.{i}")
            took.append(time.process_time() - began)
        return min(took)

    signin.nobody()  # as a worker does before anybody signs in
    known, unknown = seconds("township"), seconds("nobody-here-at-all")
    assert max(known, unknown) < 2.5 * min(known, unknown)


def test_a_guesser_is_stopped_at_its_source_and_the_owners_browser_is_not(opened: Ground) -> None:
    own = web.carrying()
    assert signed_in(enter(own))
    guesser = web.carrying()
    answers = [enter(guesser, password="wrong", address="10.6.6.6").content.decode() for _ in range(12)]
    assert "尝试次数过多" in answers[-1]
    assert "尝试次数过多" in enter(guesser, address="10.6.6.6").content.decode(), "not even the right password opens it"
    own.cookies.pop(COOKIE)
    assert signed_in(enter(own, address="10.6.6.6")), "the owner's own browser, behind the same address"
    assert signed_in(enter(web.carrying(), address="10.0.0.77")), "a stranger elsewhere"


def test_guessing_from_many_sources_stops_strangers_but_never_the_owners_browser(opened: Ground) -> None:
    own = web.carrying()
    assert signed_in(enter(own))
    for i in range(40):
        last = enter(web.carrying(), password="wrong", address=f"10.7.{i}.1")
    assert "尝试次数过多" in last.content.decode()
    assert "尝试次数过多" in enter(web.carrying(), address="10.9.9.9").content.decode()
    assert signed_in(enter(own, address="10.9.9.9"))


def test_a_device_mark_of_another_account_or_a_forged_one_counts_as_a_stranger(opened: Ground) -> None:
    for mark in (signin.device_mark(opened.small.accounts["admin"]), "forged", ""):
        client = web.carrying()
        client.cookies[DEVICE] = mark
        for i in range(7):
            last = enter(client, password="wrong", address=f"10.8.0.{len(mark) % 200}")
            assert last.status_code in (401, 429), i
        assert (last.status_code, int(last["Retry-After"]) > 0) == (429, True)
        assert "尝试次数过多" in last.content.decode()
    for _ in range(7):  # each with a fresh mark, as whoever signs in to an own account gets one each time
        client.cookies[DEVICE] = signin.device_mark(opened.small.accounts["admin"])
        last = enter(client, password="wrong", address="10.8.0.201")
    assert "尝试次数过多" in last.content.decode(), "marks of another account buy no further guesses"


def test_a_success_forgets_the_failures_before_it(opened: Ground) -> None:
    client = web.carrying()
    for _ in range(3):
        for _ in range(3):
            enter(client, password="wrong", address="10.0.3.3")
        assert signed_in(enter(client, address="10.0.3.3"))


def test_the_second_factor_is_enrolled_by_its_own_code_and_then_asked_for(
    opened: Ground, admin: psycopg.Connection
) -> None:
    client = web.carrying()
    enter(client, "admin")
    page = client.get("/account/second-factor/").content.decode()
    sent = web.untouched(page, "")
    assert client.post("/account/second-factor/", {**sent, "code": "000000"}).status_code == 200
    kept = "select second_factor from access_account where login = 'admin'"
    assert admin.execute(kept).fetchone() == (None,)
    from django.core import signing

    secret = signing.loads(sent["secret"][0], salt="second_factor")
    assert client.post("/account/second-factor/", {**sent, "code": pyotp.TOTP(secret).now()}).status_code == 302
    row = admin.execute(kept).fetchone()
    assert row is not None
    assert secret not in row[0], "kept encrypted"
    fresh = web.carrying()
    assert "请输入动态口令" in enter(fresh, "admin").content.decode()
    assert not signed_in(enter(fresh, "admin", code="000000"))
    assert "已经用过" in enter(fresh, "admin", code=pyotp.TOTP(secret).now()).content.decode(), (
        "enrolled with, so taken"
    )
    assert not signed_in(enter(fresh, "admin", "wrong", code=_next(secret)))
    assert signed_in(enter(fresh, "admin", code=_next(secret)))


def _next(secret: str) -> str:
    """The code that the telephone shows next; a clock half a minute behind takes it already."""
    return pyotp.TOTP(secret).at(calendar.now(), counter_offset=1)


def test_a_code_is_taken_once_and_after_it_no_older_one(opened: Ground, admin: psycopg.Connection) -> None:
    secret = pyotp.random_base32()
    kept = "update access_account set second_factor = %s, code_step = %s where login = 'admin'"
    admin.execute(kept, [signin.seal_secret(secret), None])
    code = pyotp.TOTP(secret).now()
    assert signed_in(enter(web.carrying(), "admin", code=code))
    again = enter(web.carrying(), "admin", code=code)
    assert not signed_in(again)
    assert "已经用过" in again.content.decode()
    assert signed_in(enter(web.carrying(), "admin", code=_next(secret)))
    assert not signed_in(enter(web.carrying(), "admin", code=code)), "seen over a shoulder, and older than the last"
    now = signin.code_step(secret, pyotp.TOTP(secret).now())
    assert now is not None
    admin.execute(kept, [signin.seal_secret(secret), now + 10_000])
    assert signed_in(enter(web.carrying(), "admin", code=pyotp.TOTP(secret).now())), "the clock ran ahead then"


def test_a_right_password_stands_for_minutes_while_the_code_is_typed_and_for_nothing_else(
    opened: Ground, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = pyotp.random_base32()
    for login in ("admin", "township"):
        admin.execute(
            "update access_account set second_factor = %s where login = %s", [signin.seal_secret(secret), login]
        )
    page = enter(web.carrying(), "admin").content.decode()
    assert 'name="password"' not in page, "asked for the code alone"
    passed = web.untouched(page, "")["passed"][0]

    def later(login: str = "admin", code: str = "", **more: str) -> Any:
        admin.execute("update access_account set code_step = null")
        return enter(web.carrying(), login, "", passed=passed, code=code or pyotp.TOTP(secret).now(), **more)

    wrong = later(code="000000")
    assert not signed_in(wrong)
    assert "动态口令不正确" in wrong.content.decode()
    assert 'name="password"' not in wrong.content.decode(), "the password need not be typed again"
    assert signed_in(later())
    assert not signed_in(later("township")), "not of another account"
    assert not signed_in(enter(web.carrying(), "admin", "", passed=passed + "x", code=pyotp.TOTP(secret).now()))
    for _ in range(8):
        last = later(code="000000", address="10.6.6.7").content.decode()
    assert "尝试次数过多" in last, "codes are guessed no oftener than passwords"
    monkeypatch.setattr(signin, "PASSED_SECONDS", -1)
    assert not signed_in(later(address="10.6.6.8")), "not for long"
    monkeypatch.undo()
    admin.execute("update access_account set password = %s where login = 'admin'", [make_password("another-one")])
    assert not signed_in(later(address="10.6.6.9")), "not once the password is another"


@pytest.mark.parametrize(
    "past",
    ["seen_at = seen_at - interval '2 days'", "ends_at = now() - interval '1 second'", "closed_at = now()"],
)
def test_a_session_ends_idle_at_its_end_and_when_closed(opened: Ground, admin: psycopg.Connection, past: str) -> None:
    client = opened.browser("township")
    assert client.get("/").status_code == 200
    admin.execute(f"update access_session set {past}")
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/")
    assert "ended=1" in answer.headers["Location"]
    assert opened.home_names[0] not in answer.content.decode()


@pytest.mark.parametrize(
    "past", ["update access_account set active = false", "update access_seat set ends = current_date - 1, starts = '2020-01-01'"]
)  # fmt: skip
def test_a_closed_account_and_an_ended_seat_open_nothing_at_once(
    opened: Ground, admin: psycopg.Connection, past: str
) -> None:
    client = opened.browser("township")
    assert client.get("/").status_code == 200
    admin.execute(past)
    assert client.get("/").status_code == 302


def test_signing_out_ends_the_session_for_every_copy_of_its_cookie(opened: Ground) -> None:
    client = web.carrying()
    token = enter(client).cookies[COOKIE].value
    client.post("/sign-out/")
    assert web.carrying(token).get("/").status_code == 302


def test_signing_out_elsewhere_leaves_only_this_session(opened: Ground) -> None:
    here, there = opened.browser("township"), opened.browser("township")
    other = opened.browser("township2")
    here.post("/account/end-others/")
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302
    assert other.get("/").status_code == 200


def test_with_several_seats_one_is_chosen_and_only_an_own_one_can_be(opened: Ground, admin: psycopg.Connection) -> None:
    small = opened.small
    admin.execute(
        "insert into access_seat (account_id, unit_id, role_id, name, title, starts) values (%s, %s, 'unit_head', 'x', '', %s)",
        [small.accounts["township"], small.units["T1"], calendar.today() - timedelta(days=1)],
    )
    client = web.carrying()
    answer = enter(client)
    assert answer.status_code == 200
    assert COOKIE not in answer.cookies
    foreign = client.post("/sign-in/seat/", {"seat": str(small.seats["specialist"])})
    assert foreign.headers["Location"] == "/sign-in/"
    assert not signed_in(foreign)
    kept = client.cookies.pop(PENDING)
    assert not signed_in(client.post("/sign-in/seat/", {"seat": str(small.seats["township"])})), (
        "without the first step"
    )
    client.cookies[PENDING] = kept.value
    assert signed_in(client.post("/sign-in/seat/", {"seat": str(small.seats["township"])}))


def test_a_failed_sign_in_is_in_the_log_and_its_password_is_not(opened: Ground, admin: psycopg.Connection) -> None:
    since = web.last_entry(admin)
    enter(web.carrying(), password="what-I-mistyped", address="10.2.2.2")
    rows = admin.execute("select outcome, source, why, e::text from audit_entry e where id > %s", [since]).fetchall()
    assert [(row[0], row[1]) for row in rows] == [("denied", "10.2.2.2")]
    assert "township" in rows[0][2]
    assert "what-I-mistyped" not in rows[0][3]


def test_the_own_password_changes_only_with_the_old_one_and_a_good_new_one(
    opened: Ground, admin: psycopg.Connection
) -> None:
    client = opened.browser("township")
    kept = "select password from access_account where login = 'township'"
    before = admin.execute(kept).fetchone()
    good = {"do": "password", "old": WORD, "new": "another-good-word", "again": "another-good-word"}
    for wrong in ({"old": "x"}, {"new": "short", "again": "short"}, {"again": "other"}, {"new": WORD, "again": WORD},
                  {"new": "township-12345", "again": "township-12345"}):  # fmt: skip
        assert client.post("/account/", {**good, **wrong}).status_code == 200, wrong
        assert admin.execute(kept).fetchone() == before, wrong
    assert client.post("/account/", good).status_code == 302
    assert admin.execute(kept).fetchone() != before
