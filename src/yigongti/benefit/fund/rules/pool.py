"""The parameters ``pool`` and what follows from them before a year ends: budget, payment of a claim, prepayment, shares.

``docs/fund.md`` 4. Amounts are integer fen, ratios basis points; the year end itself is in ``clearing.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from yigongti.benefit.fund.rules.dip import normal
from yigongti.benefit.fund.rules.points import POINTS, owed, worth
from yigongti.kernel.money import WHOLE, Fen, mul, split

INSURANCES = ("resident", "employee")
USES = ("wages", "aid", "capacity")
"""What a kept surplus may be used for; equal remainders are settled in this order."""

LEVELS = ("province", "city", "county", "township", "village")
"""From the highest: equal remainders between levels are settled in this order."""

BY_ITSELF = "inpatient"
"""The kind of claims that may be paid by points, and each is then rounded by itself; all others are owed what their amounts add up to."""

_PAY_LIMIT = 9 * 10**11
"""point_value_fen × coefficient_bp stays under this, so that every step of a payment fits 64 bits."""

_BP = ("tcm_tilt_bp", "risk_reserve_bp", "surplus_keep_bp", "overspend_reasonable_bp", "overspend_fund_bp")
_LATER_BP = ("prepay_bp", "prepay_population_bp", "referral_share_bp")


class PoolFault(ValueError):
    """Pool parameters or members that cannot be used; *problems* are Chinese, one a fault."""

    def __init__(self, *problems: str) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class PoolParameters:
    """The object ``pool`` of a parameter set. The optional part is None where the file does not give it and is asked
    for when it is used: clearing a year needs no prepayment ratio.
    """

    per_capita_fen: Mapping[str, Fen]
    tcm_tilt_bp: int
    risk_reserve_bp: int
    inpatient_by: str
    point_value_fen: Fen
    charge_out_of_county: bool
    surplus_keep_bp: int
    uses: Mapping[str, int]
    surplus_split: Mapping[str, int]
    overspend_reasonable_bp: int
    overspend_fund_bp: int
    same_pay_diseases: tuple[str, ...] = ()
    prepay_bp: int | None = None
    prepay_population_bp: int | None = None
    pass_on_days: int | None = None
    referral_share_bp: int | None = None
    capitation_fen: Mapping[str, Fen] | None = None

    def need(self, name: str) -> Any:
        """An optional parameter that is now used. Raises PoolFault where the file does not give it."""
        value = getattr(self, name)
        if value is None:
            raise PoolFault(f"参数 pool.{name} 缺失：这一步要用到它，请在参数文件中补上")
        return value


def read(raw: object) -> PoolParameters:
    """The object ``pool`` as JSON gave it. Raises PoolFault with every missing or ill key at once."""
    if not isinstance(raw, Mapping):
        raise PoolFault("参数 pool 缺失，或不是对象：清算需要其中的人均标准、点值、结余分配等")
    fault = _Reading(raw)
    pool = PoolParameters(
        per_capita_fen=fault.amounts("per_capita_fen", INSURANCES),
        **{name: fault.bp(name) for name in _BP},
        inpatient_by=fault.word("inpatient_by"),
        point_value_fen=fault.whole("point_value_fen", 10**8),
        charge_out_of_county=fault.flag("charge_out_of_county"),
        uses=fault.uses(),
        surplus_split=fault.weights("surplus_split"),
        same_pay_diseases=fault.codes("same_pay_diseases"),
        **{name: fault.bp(name) for name in _LATER_BP if name in raw},
        pass_on_days=fault.whole("pass_on_days", 366) if "pass_on_days" in raw else None,
        capitation_fen=fault.amounts("capitation_fen", ()) if "capitation_fen" in raw else None,
    )
    if fault.problems:
        raise PoolFault(*fault.problems)
    return pool


class _Reading:
    """Reads key by key and collects what is wrong instead of stopping at the first."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw, self.problems = raw, list[str]()

    def _get(self, name: str, kind: type, what: str) -> Any:
        value = self.raw.get(name)
        if name not in self.raw:
            self.problems.append(f"参数 pool.{name} 缺失，请在参数文件中补上")
        elif not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.problems.append(f"参数 pool.{name} 应为{what}，现为 {value!r}")
        else:
            return value
        return kind()

    def whole(self, name: str, most: int) -> int:
        value: int = self._get(name, int, "整数")
        if not 0 <= value <= most:
            self.problems.append(f"参数 pool.{name} 应在 0 至 {most} 之间，现为 {value}")
        return value

    def bp(self, name: str) -> int:
        return self.whole(name, WHOLE)

    def word(self, name: str) -> str:
        return str(self._get(name, str, "文字"))

    def flag(self, name: str) -> bool:
        return bool(self._get(name, bool, "true 或 false"))

    def amounts(self, name: str, keys: Collection[str]) -> dict[str, Fen]:
        found: dict[str, Fen] = self._get(name, dict, "对象")
        for key in keys:
            if name in self.raw and key not in found:
                self.problems.append(f"参数 pool.{name}.{key} 缺失，请在参数文件中补上")
        return self._natural(name, found)

    def _natural(self, name: str, found: dict[str, Any]) -> dict[str, int]:
        for key, value in found.items():
            if type(value) is not int or not 0 <= value <= 10**13:
                self.problems.append(f"参数 pool.{name}.{key} 应为不小于 0 的整数，现为 {value!r}")
        return dict(found)

    def weights(self, name: str) -> dict[str, int]:
        found = self._natural(name, self._get(name, dict, "对象"))
        for key in found.keys() - set(LEVELS):
            self.problems.append(f"参数 pool.{name}.{key} 不是机构层级（{'、'.join(LEVELS)}）")
        return found

    def uses(self) -> dict[str, int]:
        found = self._natural("uses", self._get("uses", dict, "对象"))
        for key in found.keys() - set(USES):
            self.problems.append(f"参数 pool.uses.{key} 不是结余用途（{'、'.join(USES)}）")
        if "uses" in self.raw and not self.problems and sum(found.values()) != WHOLE:
            self.problems.append(f"参数 pool.uses 各用途合计应为 10000 个基点，现为 {sum(found.values())}")
        return found

    def codes(self, name: str) -> tuple[str, ...]:
        found: list[object] = self._get(name, list, "编码列表") if name in self.raw else []
        if any(not isinstance(one, str) or len(one) not in (3, 5) for one in found):
            self.problems.append(f"参数 pool.{name} 的每一项应为三位类目（J18）或四位亚目（K35.8）编码")
            return ()
        return tuple(str(one).upper() for one in found)


@dataclass(frozen=True)
class Budget:
    """A consortium's budget of the year, in fen; *persons* are heads."""

    persons: int
    budget: Fen
    reserve: Fen
    pool: Fen


def budget(persons: Mapping[str, int], tcm_led: bool, pool: PoolParameters) -> Budget:
    """Heads by insurance × per-capita, the tilt of a TCM-led consortium on top, less the risk reserve."""
    if unknown := set(persons) - set(INSURANCES):
        raise PoolFault(f"参保险种 {'、'.join(sorted(unknown))} 不存在，应为 resident 或 employee")
    whole = sum(count * pool.per_capita_fen[insurance] for insurance, count in persons.items())
    if tcm_led:
        whole += mul(whole, pool.tcm_tilt_bp)
    reserve = mul(whole, pool.risk_reserve_bp)
    return Budget(sum(persons.values()), whole, reserve, whole - reserve)


def same_pay(principal_dx: str | None, pool: PoolParameters) -> bool:
    """Whether a principal diagnosis is on the same-disease-same-pay list (by category or sub-category)."""
    code = normal(principal_dx or "")
    return code[:3] in pool.same_pay_diseases or code[:5] in pool.same_pay_diseases


def standard(points_milli: int, coefficient_bp: int, point_value_fen: Fen) -> Fen:
    """What a case's points are worth, in fen, half up."""
    return worth(points_milli, point_value_fen * coefficient_bp)


def payment(
    *, by_points: bool, total: Fen, basic: Fen, points_milli: int, coefficient_bp: int, point_value_fen: Fen
) -> Fen:
    """What the fund pays the institution for one claim; *by_points* for an in-county inpatient claim under DIP."""
    return owed(by_points, total - basic, basic, standard(points_milli, coefficient_bp, point_value_fen))


def check_coefficient(coefficient_bp: int, pool: PoolParameters) -> None:
    """Raises PoolFault for a coefficient that is negative or so large that 64 bits would not hold a payment."""
    if coefficient_bp < 0 or coefficient_bp * pool.point_value_fen > _PAY_LIMIT:
        raise PoolFault(f"机构系数 {coefficient_bp} 与点值 {pool.point_value_fen} 分的乘积超出可计算的范围")


def final_point_value(part: Fen, own: Fen, weighted_points: int) -> Fen | None:
    """The point value that would just exhaust *part*, the in-county inpatient part of the pool (information only).

    *own* is what patients and other funds pay of those claims (total − basic), *weighted_points* is
    Σ points_milli × coefficient_bp. Rounded down, so that the pool is never exceeded; None without points.
    """
    if weighted_points <= 0:
        return None
    return max(0, (part + own) * POINTS // weighted_points)


def prepayment(
    income: Mapping[int, Fen], population: Mapping[int, int], pool: PoolParameters
) -> dict[int, tuple[Fen, ...]]:
    """The twelve monthly prepayments of each member (institution id → fen of January … December).

    The base is last year's *income*, for ``prepay_population_bp`` of its sum shared by *population* served instead; of a
    member's base ``prepay_bp`` is prepaid, over months by largest remainder (ties: the earlier month).
    """
    income = {one: max(0, fen) for one, fen in income.items()}
    whole = sum(income.values())
    by_heads = mul(whole, pool.need("prepay_population_bp"))
    members = sorted(set(income) | set(population))
    heads = split(by_heads, {one: population.get(one, 0) for one in members}) if by_heads else {}
    rest = whole - by_heads
    earned = split(rest, {one: income.get(one, 0) for one in members}) if rest else {}
    plan = {}
    for one in members:
        year = mul(heads.get(one, 0) + earned.get(one, 0), pool.need("prepay_bp"))
        plan[one] = tuple(split(year, dict.fromkeys(range(1, 13), 1)).values())
    return plan


@dataclass(frozen=True)
class Share:
    """A part of one institution's income that another earned with it, in fen."""

    payer: int
    payee: int
    amount: Fen


def referral_share(*, direction: str, sender: int, receiver: int, income: Fen, pool: PoolParameters) -> Share:
    """Benefit sharing of one referred case: of what the treating member was paid, a part goes to the other one.

    *direction* ``up``: the receiver treated, the sender gets the part; ``down``: the sender treated, the receiver goes on.
    """
    payer, payee = (receiver, sender) if direction == "up" else (sender, receiver)
    return Share(payer, payee, mul(max(0, income), pool.need("referral_share_bp")))


def capitation(package: str, person_years: int, pool: PoolParameters) -> Fen:
    """What a team's institution gets for its contracted residents. Raises PoolFault for a package without an amount."""
    table: Mapping[str, Fen] = pool.need("capitation_fen")
    if package not in table:
        _missing_package(package)
    return table[package] * person_years


def _missing_package(package: str) -> NoReturn:
    raise PoolFault(f"参数 pool.capitation_fen 没有签约服务包“{package}”的标准，请补上")
