"""Making a simulated county, and telling one from a real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.contrib.auth.hashers import make_password

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.maintenance import looking, maintenance
from yigongti.kernel.access.models import Account, Seat, Unit
from yigongti.kernel.case.facade import Case
from yigongti.kernel.resting import resting_collector
from yigongti.kernel.sampling import Sampling
from yigongti.registry import facade as registry
from yigongti.simulation import fast
from yigongti.simulation.accounts import PASSWORD

DATA = Path(__file__).resolve().parent / "data"
PLACE = "439921"
"""The county of the first blueprint: an unassigned code under an unassigned city of Hunan, whose rules it inherits."""
FAST_BASE = fast.BASE
"""Residents that the fast path draws one by one."""
FAST_LEAVES = fast.LEAVES
"""What the fast path does not copy, in words."""
FAST_LINKS = fast.LINKS
"""Under this name its seconds tell of the indexes and foreign keys of all tables."""
MORE_THAN_ONE = "这里已经有一个县的数据。要重新生成，请换一个数据目录（--data），或先清空当前数据目录。"


class CountyExists(RuntimeError):
    """The database already holds a region; nothing was changed."""


class CannotMake(ValueError):
    """What was asked for cannot be made; the message is Chinese and says what can."""


class UnknownBlueprint(CannotMake):
    """The blueprint has no simulation."""


@dataclass(frozen=True)
class Made:
    """What was made: rows by kind, seconds."""

    residents: int
    seconds: float
    grown: fast.Grown | None = None
    """What the fast path copied."""


@cache
def _areas() -> tuple[str, ...]:
    """What the divisions of every blueprint's region begin with."""
    from yigongti.policy import facade as policy

    return tuple(registry.area_of(policy.blueprint(code).network.place) for code in policy.blueprints())


def is_simulated(place: str) -> bool:
    """Whether a division belongs to simulation only."""
    return place.startswith(_areas())


def new_county(
    *, blueprint: str = "hunan-2024", residents: int = 2_000, scale: float | None = None, seed: int = 1,
    as_of: date | None = None, drawn: int | None = None,
    progress: Callable[[int, int, str], None] = lambda done, total, text: None,
) -> Made:  # fmt: skip
    """Make a simulated region after a blueprint in an empty database. Runs as owner.

    Args:
        scale: how many institutions, as a multiple of the text's; the blueprint's own where none is given. Kinds and
            levels are always all there.
        drawn: how many residents are drawn one by one; the others are these again, under other names (the fast path).

    Raises:
        CountyExists: the database already holds a region. CannotMake: no such blueprint or scale.
    """
    from yigongti.policy import facade as policy

    if blueprint not in policy.blueprints():
        raise UnknownBlueprint(f"没有名为“{blueprint}”的蓝本；现有：{'、'.join(policy.blueprints())}。")
    try:
        scale = registry.check_scale(policy.blueprint(blueprint).network.scale if scale is None else scale)
    except registry.BadScale as wrong:
        raise CannotMake(str(wrong)) from None
    start = calendar.now()
    day = as_of or calendar.today()
    place = policy.blueprint(blueprint).network.place
    asked = {"blueprint": blueprint, "scale": scale}
    sampling = Sampling(seed, day, min(residents, drawn or residents), place, DATA, progress, asked)
    with maintenance(reason=f"生成模拟县：蓝本 {blueprint}，规模 {scale:g}，种子 {seed}，截至 {day}") as work:
        if Unit.objects.filter(kind=Unit.Kind.REGION).exists():
            raise CountyExists(MORE_THAN_ONE)
        with resting_collector():
            for sample in wiring.offer("SAMPLES"):
                sample(sampling)
            grown = fast.grow(sampling, residents, progress) if residents > sampling.size else None
        _resident_accounts()
        _passwords()
        work.wrote(residents)
    progress(100, 100, "完成")
    return Made(residents, (calendar.now() - start).total_seconds(), grown)


DOCTOR = "town1"
RESIDENTS = 3
"""Residents who can sign in: `resident`, `resident2`, …; those with most to see come first."""


def _resident_accounts() -> None:
    """Give accounts to residents with cases under way and behind them, so that their pages show something; first comes
    who was referred by the township that a demonstration signs in at.
    """
    region = Unit.objects.get(kind=Unit.Kind.REGION)
    shown = set(Seat.objects.filter(account__login=DOCTOR).values_list("unit_id", flat=True))
    rows = Case.objects.exclude(subject=None).values_list("subject_id", "flow", "from_unit_id", "closed_at")
    seen: dict[int, set[tuple[str, bool]]] = {}
    here = set()
    for subject, flow, sender, closed in rows:
        seen.setdefault(subject, set()).add((flow, closed is not None))
        if flow == "referral" and sender in shown and closed is None:
            here.add(subject)
    order = sorted(seen, key=lambda subject: (subject not in here, -len(seen[subject]), subject))
    for number, subject in enumerate(order[:RESIDENTS], start=1):
        registry.resident_account(
            subject_id=subject, region=region, login="resident" if number == 1 else f"resident{number}",
            name=registry.names([subject])[subject], password="!",
        )  # fmt: skip


def _passwords() -> None:
    """One known password for every account; hashing it once keeps set-up short."""
    Account.objects.update(password=make_password(PASSWORD), must_change=False)


@dataclass(frozen=True)
class DemoAccount:
    login: str
    password: str
    name: str
    role: str
    role_title: str
    unit: str


def enliven() -> int:
    """Give every office of a simulated county some waiting work, through the door, as the staff would; rows made.

    A web process never needs it, so it is imported here.
    """
    from yigongti.simulation.scenes import enliven as play

    return play()


def accounts() -> list[dict[str, str]]:
    """Accounts of a simulated county with their password, the first of each role first. Runs as owner.

    Raises:
        PermissionError: the county is not simulated; its passwords are known to nobody.
    """
    with looking():
        region = Unit.objects.filter(kind=Unit.Kind.REGION).first()
        if region is None or not is_simulated(region.place):
            raise PermissionError("只有模拟县才能列出账号和密码。")
        seats = Seat.objects.filter(account__isnull=False).select_related("account", "unit", "role").order_by("id")
        found = [DemoAccount(s.account.login, PASSWORD, s.name, s.role_id, s.role.title, s.unit.name) for s in seats]
    first = _one_a_role(found)
    return [asdict(account) for account in [*first, *(one for one in found if one not in first)]]


def main_accounts() -> list[dict[str, str]]:
    """One account a role, for the lines that `serve` prints."""
    found = [DemoAccount(**one) for one in accounts()]
    return [asdict(account) for account in _one_a_role(found)]


def _one_a_role(found: list[DemoAccount]) -> list[DemoAccount]:
    """The first account of each role, in the order of the roles' first appearance."""
    first: dict[str, DemoAccount] = {}
    for account in found:
        first.setdefault(account.role, account)
    return list(first.values())
