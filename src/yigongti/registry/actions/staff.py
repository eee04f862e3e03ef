"""Accounts, seats, practitioners: one by one for the administrator, in bulk for an import."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import argon2

from yigongti.kernel.access.models import Account, Seat, Unit
from yigongti.registry.models import Department, Institution, PracticeRight, Practitioner
from yigongti.registry.roles import BY_CODE
from yigongti.registry.rows import Counts, Credential, RowFault, StaffRow

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_CHARACTERS = 12
# A password of 59 random bits needs no slow hash, and an import makes hundreds; it has to be changed at first use.
_QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def first_password() -> tuple[str, str]:
    """A random first password and its stored form."""
    plain = "".join(secrets.choice(_ALPHABET) for _ in range(_CHARACTERS))
    return plain, "argon2" + _QUICK.hash(plain)


@dataclass
class _Writing:
    rows: Sequence[StaffRow]
    on: date
    units: dict[str, Unit]
    faults: list[RowFault] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    credentials: list[Credential] = field(default_factory=list)
    given: frozenset[str] | None = None

    def told(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Of the values for what exists already, those that were really told."""
        if self.given is None:
            return wanted
        return {name: value for name, value in wanted.items() if name.removesuffix("_id") in self.given}

    def fault(self, index: int, column: str, reason: str) -> None:
        self.faults.append(RowFault(index, column, reason))


def write_staff(
    rows: Sequence[StaffRow], *, region: Unit, on: date, given: frozenset[str] | None = None
) -> tuple[Counts, list[RowFault], list[Credential]]:
    """Add or change staff; new accounts get a first password each, told in the result and nowhere else.

    `given` names the fields that were really told: of what exists already, the others stay as they are.
    With faults nothing may be kept: the caller's transaction is to be rolled back.
    """
    work = _Writing(rows, on, _units(region), given=given)
    accounts = {a.login: a for a in Account.objects.filter(login__in=[r.login for r in rows])}
    people = {p.account_id: p for p in Practitioner.objects.filter(account__in=accounts.values())}
    licences = dict(
        Practitioner.objects.filter(licence__in=[r.licence for r in rows if r.licence]).values_list(
            "licence", "account__login"
        )
    )
    _check(work, licences)
    if work.faults:
        return work.counts, work.faults, []
    for row in rows:
        _write_one(work, row, accounts, people)
    _write_departments(work)
    return work.counts, work.faults, work.credentials


def _units(region: Unit) -> dict[str, Unit]:
    """Units of the region by code, and by name where no other has it."""
    found = [*Unit.objects.filter(region=region), region]
    often = Counter(unit.name for unit in found)
    return {unit.name: unit for unit in found if often[unit.name] == 1} | {unit.code: unit for unit in found}


def _check(work: _Writing, licences: dict[str, str | None]) -> None:
    seen: dict[tuple[str, str | int, str], int] = {}
    names: dict[str, str] = {}
    held: dict[str, str] = {}
    for index, row in enumerate(work.rows):
        unit, role = work.units.get(row.unit), BY_CODE[row.role]
        key = (row.login, unit.pk if unit else row.unit, row.role)
        if key in seen:
            work.fault(index, "login", f"与本表第 {seen[key] + 1} 条数据的账号、机构、角色都相同，只保留一条")
        seen.setdefault(key, index)
        if names.setdefault(row.login, row.name) != row.name:
            work.fault(index, "name", "同一登录账号在本表中有不同的姓名，请核对")
        if unit is None:
            work.fault(index, "unit", "没有这个机构编码或名称（同名的只能填编码），请核对，或先导入机构")
        elif unit.kind not in role.unit_kinds:
            wanted = "、".join(
                {"institution": "机构", "consortium": "医共体", "region": "区域"}[k] for k in role.unit_kinds
            )
            work.fault(index, "role", f"“{role.title}”应设在{wanted}，不能设在“{unit.name}”")
        if row.licence:
            owner = licences.get(row.licence, row.login)
            if held.setdefault(row.licence, row.login) != row.login or owner not in (row.login, None):
                work.fault(index, "licence", "执业证书编号已登记给另一个人，请核对")
        if row.starts and row.ends and row.ends < row.starts:
            work.fault(index, "ends", "任职结束日期早于开始日期")


def _write_one(work: _Writing, row: StaffRow, accounts: dict[str, Account], people: dict[int, Practitioner]) -> None:
    unit = work.units[row.unit]
    account = accounts.get(row.login)
    fresh = account is None
    if account is None:
        plain, hashed = first_password()
        account = Account.objects.create(login=row.login, name=row.name, password=hashed, must_change=True)
        accounts[row.login] = account
        work.credentials.append(Credential(row.login, row.name, plain))
    changed = fresh
    if account.name != row.name:
        Account.objects.filter(pk=account.pk).update(name=row.name)
        account.name, changed = row.name, True
    changed |= _write_seat(work, account, unit, row)
    changed |= _write_person(work, account, unit, row, people)
    if fresh:
        work.counts.created += 1
    elif changed:
        work.counts.updated += 1
    else:
        work.counts.unchanged += 1


def _write_seat(work: _Writing, account: Account, unit: Unit, row: StaffRow) -> bool:
    seat = Seat.objects.filter(account=account, unit=unit, role_id=row.role).order_by("-starts").first()
    if seat is None or (seat.ends is not None and row.starts is not None and seat.ends < row.starts):
        Seat.objects.create(
            account=account, unit=unit, role_id=row.role, name=row.name, title=row.title[:40],
            starts=row.starts or work.on, ends=row.ends,
        )  # fmt: skip
        return True
    wanted: dict[str, Any] = {"name": row.name, "title": row.title[:40], "ends": row.ends}
    if row.starts is not None:
        wanted["starts"] = row.starts
    changed = {k: v for k, v in work.told(wanted).items() if getattr(seat, k) != v}
    if changed:
        Seat.objects.filter(pk=seat.pk).update(**changed)
    return bool(changed)


def _write_person(work: _Writing, account: Account, unit: Unit, row: StaffRow, people: dict[int, Practitioner]) -> bool:
    if not row.licence and row.category == "other":
        return False
    wanted = {
        "name": row.name, "unit_id": unit.pk, "licence": row.licence or None, "category": row.category,
        "title": row.title[:40], "practice_scope": row.practice_scope, "department": row.department, "phone": row.phone,
    }  # fmt: skip
    person = people.get(account.pk)
    changed = person is None
    if person is None:
        person = people[account.pk] = Practitioner.objects.create(account=account, **wanted)
    else:
        differs = {k: v for k, v in work.told(wanted).items() if getattr(person, k) != v}
        if differs:
            Practitioner.objects.filter(pk=person.pk).update(**differs)
            changed = True
    kinds = ["practise"] + (["prescribe"] if row.prescribes else [])
    for kind in kinds:
        changed |= _grant_right(person, unit, kind, row.starts or work.on, row.ends)
    if not row.prescribes and (work.given is None or "prescribes" in work.given):
        gone = PracticeRight.objects.filter(practitioner=person, unit=unit, kind="prescribe", ends=None)
        changed |= bool(gone.update_any(ends=work.on - timedelta(days=1)) if gone.exists() else 0)
    return changed


def _grant_right(person: Practitioner, unit: Unit, kind: str, starts: date, ends: date | None) -> bool:
    old = PracticeRight.objects.filter(practitioner=person, unit=unit, kind=kind).order_by("-starts").first()
    if old is not None and old.ends == ends:
        return False
    if old is not None and (ends is None or ends >= old.starts):
        PracticeRight.objects.filter(pk=old.pk).update(ends=ends)
        return True
    PracticeRight.objects.create(practitioner=person, unit=unit, kind=kind, starts=starts, ends=ends)
    return True


def _write_departments(work: _Writing) -> None:
    """Each department that staff are said to work in becomes a unit below the institution."""
    known = {(u.parent_id, u.name): u for u in work.units.values() if u.kind == Unit.Kind.DEPARTMENT}
    numbers: dict[int, int] = {}
    for parent_id, _ in known:
        numbers[parent_id or 0] = numbers.get(parent_id or 0, 0) + 1
    for row in work.rows:
        unit = work.units[row.unit]
        if not row.department or unit.kind != Unit.Kind.INSTITUTION or (unit.pk, row.department) in known:
            continue
        if not Institution.objects.filter(pk=unit.pk).exists():
            continue
        numbers[unit.pk] = numbers.get(unit.pk, 0) + 1
        below = Unit.objects.create(
            kind=Unit.Kind.DEPARTMENT, code=f"{unit.code[:26]}.{numbers[unit.pk]:02d}", name=row.department, parent=unit,
            region_id=unit.region_id, consortium_id=unit.consortium_id, place=unit.place,
        )  # fmt: skip
        below.path = [*unit.path, below.pk]
        below.save(force_update=True)
        Department.objects.create(unit=below, institution_id=unit.pk)
        known[(unit.pk, row.department)] = below
