"""Signing in: password, second factor, lock-out by source, sessions. Runs outside the door, through its functions only.

Failures are counted for (login, source). A browser that has signed in to this account before carries a signed device
mark and is counted for itself; strangers share a further, wider count for the account. So a guesser locks out only
strangers, never the owner's own browser (quality: lock-out that cannot be used to lock others out).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import pyotp
from django.contrib.auth.hashers import check_password, make_password
from django.core import signing
from django.db import connection
from pyotp.exceptions import OTPVerificationError

from yigongti.kernel import calendar, crypto
from yigongti.kernel.access.door import SessionTicket

_DEVICE_SALT = "yigongti.device"
_PASSED_SALT = "yigongti.passed"
PASSED_SECONDS = 300
"""How long a checked password stands while its owner looks for the telephone with the code."""


@dataclass(frozen=True)
class SignInLimits:
    """Numbers of the sign-in, from policy. Counts per window; times in seconds."""

    failures_by_source: int
    failures_by_strangers: int
    window_seconds: int
    lock_seconds: int
    idle_seconds: int
    lifetime_seconds: int


@dataclass(frozen=True)
class SeatChoice:
    seat_id: int
    name: str
    unit_name: str
    role: str
    role_title: str


@dataclass(frozen=True)
class SignedIn:
    """A checked identity: which account, which seats it may act as."""

    account_id: int
    name: str
    must_change: bool
    second_factor: bool
    seats: tuple[SeatChoice, ...]


@dataclass(frozen=True)
class Refused:
    """Why a sign-in did not succeed; `wait_until` says when to try again.

    `passed`: the password was right and only the code is missing or wrong; sent back with the code, it stands for the password.
    """

    reason: str
    wait_until: datetime | None = None
    passed: str = ""


@cache
def nobody() -> str:
    """What is checked when the login does not exist, so that both answers take the same time. Made before anybody signs in."""
    return make_password("nobody-signs-in-with-this")


def device_mark(account_id: int) -> str:
    """A signed mark for the browser's long-lived cookie."""
    return signing.dumps({"a": account_id, "n": secrets.token_urlsafe(9)}, salt=_DEVICE_SALT)


def _device(mark: str | None) -> tuple[int, str] | None:
    if not mark:
        return None
    try:
        data = signing.loads(mark, salt=_DEVICE_SALT)
        return int(data["a"]), str(data["n"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None


def _password_of(login: str, hashed: str) -> list[str]:
    """What a mark holds: worth nothing once the password is another."""
    return [login, hashlib.sha256(hashed.encode()).hexdigest()]


def _passed_mark(login: str, hashed: str) -> str:
    """That this login's password was right just now."""
    return signing.dumps(_password_of(login, hashed), salt=_PASSED_SALT)


def _has_passed(mark: str, login: str, hashed: str) -> bool:
    try:
        said = signing.loads(mark, salt=_PASSED_SALT, max_age=PASSED_SECONDS)
    except signing.BadSignature:
        return False
    return bool(said == _password_of(login, hashed))


def _rows(sql: str, args: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, args)
        return list(cursor.fetchall())


def check(
    *, login: str, password: str, code: str, source: str, device: str | None, limits: SignInLimits, passed: str = "",
) -> SignedIn | Refused:  # fmt: skip
    """Check login, password and, where enrolled, the second factor; count failures.

    Args:
        source: network address of the browser. device: its device mark, if it carries one. passed: what an earlier refusal
            gave when only the code was missing; it stands for the password.
    """
    login = login.strip()[:40]
    known = _device(device)
    strangers = [f"ip:{source}", "strangers"]
    rows = _rows("select * from access.credentials(%s, %s)", [login, strangers])
    account_id, name, hashed, factor, must_change, wait = rows[0]
    sources, allowed = strangers, [limits.failures_by_source, limits.failures_by_strangers]
    if known and account_id is not None and known[0] == account_id:
        sources, allowed = [f"device:{known[1]}"], [limits.failures_by_source]
        wait = _rows("select * from access.credentials(%s, %s)", [login, sources])[0][5]
    if wait is not None:
        return Refused("尝试次数过多，请稍后再试", wait_until=wait)
    stands = bool(passed) and account_id is not None and _has_passed(passed, login, hashed)
    right = stands or (check_password(password, hashed or nobody()) and account_id is not None)
    second = right and factor is not None
    if second:
        if not code:
            return Refused("密码正确，请输入动态口令", passed=_passed_mark(login, hashed))
        step = code_step(open_secret(factor), code)
        right = step is not None and _rows("select access.take_code(%s, %s)", [account_id, step]) == [(True,)]
    _rows(
        "select access.attempted(%s, %s, %s, %s, %s, %s)",
        [login, sources, bool(right), allowed, limits.window_seconds, limits.lock_seconds],
    )
    if not right:
        if second:
            said = (
                "动态口令不正确，请输入手机上当前显示的 6 位数字"
                if step is None
                else "这个动态口令已经用过，请等手机换出下一个再输入"
            )
            return Refused(said, passed=_passed_mark(login, hashed))
        return Refused("等待时间过长，请重新输入账号和密码" if passed else "账号或密码不正确")
    seats = tuple(SeatChoice(*row) for row in _rows("select * from access.seats_of(%s)", [account_id]))
    if not seats:
        return Refused("该账号没有在任的岗位：工作人员请联系机构管理员，居民请到建档的卫生院或卫生室")
    return SignedIn(account_id, name, must_change, factor is not None, seats)


def open_session(*, account_id: int, seat_id: int, source: str, agent: str, limits: SignInLimits) -> str | None:
    """Open a session for a seat of the account; returns the cookie's token, None if the seat is not theirs."""
    token = secrets.token_urlsafe(32)
    [(opened,)] = _rows(
        "select access.open_session(%s, %s, %s, %s, %s, %s, %s)",
        [account_id, seat_id, SessionTicket(token).digest, limits.idle_seconds, limits.lifetime_seconds, source, agent],
    )
    return token if opened else None


def close_session(token: str) -> None:
    _rows("select access.close_session(%s)", [SessionTicket(token).digest])


def switch_seat(token: str, seat_id: int) -> bool:
    """Act as another of the account's seats in the same session; False if it is not theirs."""
    [(done,)] = _rows("select access.switch_seat(%s, %s)", [SessionTicket(token).digest, seat_id])
    return bool(done)


_CONTEXT = "access.second_factor"


def seal_secret(secret: str) -> str:
    """A TOTP secret as it is stored."""
    return crypto.ring().encrypt(secret, context=_CONTEXT)


def open_secret(stored: str) -> str:
    return crypto.ring().decrypt(stored, context=_CONTEXT)


def new_second_factor(account_name: str) -> tuple[str, str]:
    """A new TOTP secret and its provisioning address for an authenticator app."""
    secret = pyotp.random_base32()
    return secret, provisioning_uri(secret, account_name)


def provisioning_uri(secret: str, account_name: str) -> str:
    """What an authenticator app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=account_name, issuer_name="医共体平台")


def code_step(secret: str, code: str) -> int | None:
    """The counter (half minutes since 1970) whose code this is, now or one beside it; None for a wrong code."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code.strip(), valid_window=1, for_time=calendar.now())
    except OTPVerificationError:
        return None
