"""Accounts and seats, one at a time, by the administrator; and what set-up writes: roles, robots, the resident's seat."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import Account, Role, Seat, Unit
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.registry.actions.staff import first_password, write_staff
from yigongti.registry.queries.network import region_of
from yigongti.registry.roles import BY_CODE, ROLES
from yigongti.registry.rows import Credential, StaffRow


def create_account(*, acting: Acting, row: StaffRow) -> Credential:
    """A new account with its first seat; its first password is told once.

    Raises:
        Denied: without `access.manage`. Refused: login taken, or a rule of staff refuses.
    """
    acting.demand("access.manage")
    if Account.objects.filter(login=row.login).exists():
        raise Refused(f"登录账号 {row.login} 已有人使用", field="login", remedy="请换一个")
    _, faults, credentials = write_staff([row], region=_region(acting), on=calendar.today())
    if faults:
        raise Refused(faults[0].reason, field=faults[0].field)
    made = Account.objects.get(login=row.login)
    log.did("account_created", "account", [made.pk], [], why="新建账号")
    return credentials[0]


def add_seat(*, acting: Acting, account_id: int, unit_id: int, role: str, title: str, ends: date | None) -> Seat:
    """One more seat for an account. Raises Refused when it has that seat already, or the unit is of the wrong kind."""
    acting.demand("access.manage")
    account, unit = Account.objects.get(pk=account_id), Unit.objects.get(pk=unit_id)
    if unit.kind not in BY_CODE[role].unit_kinds:
        raise Refused(f"“{BY_CODE[role].title}”不能设在“{unit.name}”", field="role", remedy="请换一个机构或角色")
    today = calendar.today()
    same = Seat.objects.filter(account=account, unit=unit, role_id=role)
    if any(seat.ends is None or seat.ends >= today for seat in same):
        raise Refused("该账号已有这个岗位", field="role", remedy="不用再增加")
    seat: Seat = Seat.objects.create(
        account=account, unit=unit, role_id=role, name=account.name, title=title, starts=today, ends=ends
    )
    log.did("seat_added", "seat", [seat.pk], [], why="增加岗位")
    return seat


def end_seat(*, acting: Acting, seat_id: int) -> None:
    """The seat ends today: from tomorrow it opens nothing. Raises Refused for the seat one acts as."""
    acting.demand("access.manage")
    if seat_id == acting.seat_id:
        raise Refused("不能结束自己正在使用的岗位", remedy="请由另一名管理员办理")
    seat = Seat.objects.exclude(account=None).get(pk=seat_id)
    yesterday = calendar.today() - timedelta(days=1)
    Seat.objects.filter(pk=seat.pk).update(ends=max(yesterday, seat.starts - timedelta(days=1)))
    log.did("seat_ended", "seat", [seat.pk], [], why="结束岗位")


def reset_password(*, acting: Acting, account_id: int) -> Credential:
    """A new first password, told once; it must be changed at the next sign-in."""
    acting.demand("access.manage")
    account = Account.objects.get(pk=account_id)
    plain, hashed = first_password()
    Account.objects.filter(pk=account_id).update(password=hashed, must_change=True)
    log.did("password_reset", "account", [account_id], [], why="重置密码")
    return Credential(account.login, account.name, plain)


def reset_second_factor(*, acting: Acting, account_id: int) -> None:
    """Forget a lost authenticator; the account enrols again at the next sign-in."""
    acting.demand("access.manage")
    Account.objects.filter(pk=account_id).update(second_factor=None)
    log.did("second_factor_reset", "account", [account_id], [], why="重置动态口令")


def rescue(login: str) -> Credential:
    """Put right an account that nobody can sign in to, as the schema's owner (inside maintenance): a new first password, no
    second factor, open. For the one administrator whose telephone is lost; the log keeps that it was done.

    Raises LookupError for a login that does not exist.
    """
    account = Account.objects.filter(login=login).first()
    if account is None:
        raise LookupError(f"没有登录账号 {login}")
    plain, hashed = first_password()
    Account.objects.filter(pk=account.pk).update(password=hashed, must_change=True, second_factor=None, active=True)
    return Credential(account.login, account.name, plain)


def set_active(*, acting: Acting, account_id: int, active: bool) -> None:
    """Close or reopen an account. Raises Refused for one's own."""
    acting.demand("access.manage")
    if account_id == acting.account_id:
        raise Refused("不能停用自己的账号", remedy="请由另一名管理员办理")
    Account.objects.filter(pk=account_id).update(active=active)
    log.did("account_opened" if active else "account_closed", "account", [account_id], [], why="启用或停用账号")


def _region(acting: Acting) -> Unit:
    found: Unit = Unit.objects.get(pk=region_of(acting))
    return found


# --- set-up (inside maintenance) -----------------------------------------------------------------


def sync_roles(second_factor: Collection[str] = ()) -> int:
    """Make the role table what `roles.py` declares; returns how many rows changed. A role is never deleted.

    Args:
        second_factor: codes of roles whose accounts need a second factor before they may do anything.
    """
    known = {r.code: r for r in Role.objects.all()}
    changed = 0
    for role in ROLES:
        wanted: dict[str, Any] = {
            "title": role.title, "scope": role.scope, "rights": list(role.rights), "robot": role.robot,
            "second_factor": role.code in second_factor,
        }  # fmt: skip
        old = known.get(role.code)
        if old is None:
            Role.objects.create(code=role.code, **wanted)
            changed += 1
        elif any(getattr(old, k) != v for k, v in wanted.items()):
            Role.objects.filter(pk=role.code).update(**wanted)
            changed += 1
    return changed


def ensure_robots(region: Unit) -> int:
    """One seat a robot, at the region; returns how many were made."""
    made = 0
    for role in ROLES:
        if role.robot and not Seat.objects.filter(role_id=role.code, account=None).exists():
            Seat.objects.create(account=None, unit=region, role_id=role.code, name=role.title, starts=date(2000, 1, 1))
            made += 1
    return made


def resident_account(*, subject_id: int, region: Unit, login: str, name: str, password: str) -> Account:
    """An account through which a resident sees the own record; `password` is the stored form."""
    account: Account = Account.objects.create(login=login, name=name, password=password)
    Seat.objects.create(
        account=account, unit=region, role_id="resident", subject_id=subject_id, name=name, starts=calendar.today()
    )
    return account
