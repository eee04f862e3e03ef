"""What is in force for a consortium's year, as it is shown, moved and reckoned with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from yigongti.benefit.fund.models import Budget, Catalogue
from yigongti.benefit.fund.parameters import pool as pool_parameters
from yigongti.benefit.fund.parameters import settlement as parameters
from yigongti.benefit.fund.queries import catalogue as catalogues
from yigongti.benefit.fund.queries import pool as pools
from yigongti.benefit.fund.queries import special, yearend
from yigongti.benefit.fund.queries.steps import USE_WORDS
from yigongti.benefit.fund.rules import closing, sandbox
from yigongti.benefit.fund.rules.claims import WORDS
from yigongti.benefit.fund.rules.places import KEY
from yigongti.benefit.performance import facade as performance
from yigongti.kernel.access.models import Unit
from yigongti.kernel.money import WHOLE
from yigongti.policy import facade as policy

DIP = {"core_min_cases": "fund.dip.core_min_cases", "year_weights": "fund.dip.year_weights", "low_bp": "fund.dip.low",
       "high_bp": "fund.dip.high_excess"}  # fmt: skip
SAME_PAY = "fund.dip.same_pay"
TOTALS = {"fund.pool.uses": WHOLE}
"""Tables whose last column must add up."""
HIDDEN = {"fund.pool.referral_share", "fund.pool.capitation"}
"""Parameters of vouchers between institutions: they move nothing in a clearing."""
BOTH = {"fund.serious_tiers"}
"""Tables whose first column is moved too."""
DRG_BASIS = "平台自带 DRG 演示分组表（非官方），权重由本县病例算出"


@dataclass(frozen=True)
class Section:
    """Parameters that belong together on the page."""

    code: str
    title: str
    groups: tuple[sandbox.Moved, ...]


@dataclass(frozen=True)
class Base:
    """A consortium's year as it stands: values of policy by key on its last day, the pool's as agreed, members, heads, scores,
    coefficients of institutions of other consortia (`beside`, bp by unit id), points (milli) that special-case reviews granted by claim."""

    unit: Unit
    year: int
    place: str
    values: Mapping[str, policy.Value]
    members: tuple[dict[str, Any], ...]
    consortium: dict[str, Any]
    insured: tuple[dict[str, Any], ...]
    names: Mapping[int, str]
    levels: Mapping[int, str]
    beside: Mapping[int, int]
    catalogue: Catalogue | None
    granted: Mapping[int, int]
    notes: tuple[str, ...]

    @property
    def by_points(self) -> bool:
        """Whether stays are paid by points as things stand."""
        return bool(self.values[pool_parameters.KEYS["inpatient_by"]].value == "dip")


def base(unit: Unit, year: int, place: str) -> Base:
    """Everything that is in force. Raises PolicyGap where policy is silent."""
    budget, notes = pools.budget_of(unit.pk, year), list[str]()
    if budget is None:
        notes.append(f"{year} 年总额还没有批准：按政策参数和年初参保人数试算")
    scores = performance.frozen_scores(unit.pk, year)
    if scores is None:
        notes.append(f"{year} 年考核得分还没有冻结：各单位按 100% 试算")
    row = catalogues.in_force(unit.pk, year)
    coefficients = catalogues.coefficients(row) if row is not None else {}
    granted = special.granted_points(unit.pk, year)
    if granted:
        notes.append(f"特例单议已核定 {len(granted)} 例：前后两边都按核定分值计")
    found = sorted(pools.members(unit.pk), key=lambda one: one.id)
    if scores is not None:
        scored = yearend.scored_members(unit.pk, scores, closing.Priced({}, coefficients))
        told = {one.institution_id: (one.assessment_bp, one.quality_deduction_fen) for one in scored}
    else:
        told = {one.id: (WHOLE, 0) for one in found}
    members = tuple(
        {"consortium_id": unit.pk, "institution_id": one.id, "level": one.level, "coefficient_bp": coefficients.get(one.id, WHOLE),
         "assessment_bp": told[one.id][0], "quality_deduction_fen": told[one.id][1]} for one in found
    )  # fmt: skip
    heads = budget.persons if budget is not None else pools.headcount(unit.pk, date(year, 1, 1))
    values = _values(place, year, budget)
    if turned := _turned(place, year):
        notes.append(f"年内有变动：{turned}。栏内是年底的值，现行一边各按当日的规定结算；改动它即按全年算")
    return Base(
        unit=unit, year=year, place=place, values=values, members=members,
        consortium={"consortium_id": unit.pk, "tcm_led": budget.tcm_led if budget is not None else pools.tcm_led(unit.pk),
                    "assessment_bp": scores.assessment_bp if scores is not None else WHOLE},
        insured=tuple({"consortium_id": unit.pk, "insurance": name, "persons": n} for name, n in sorted(heads.items())),
        names={one.id: one.name for one in found}, levels={one.id: one.level for one in found}, catalogue=row,
        beside=catalogues.coefficients_beside(unit.pk, year),
        granted=granted, notes=tuple(notes),
    )  # fmt: skip


def _turned(place: str, year: int) -> str:
    """Parameters of settlement whose value changed within the year, for good or for a time, with the days on which it did."""
    told = []
    for key in parameters.SETTLEMENT.values():
        days = policy.turns((key,), place=place, first=date(year, 1, 1), last=date(year, 12, 31))
        values = [policy.value(key, place=place, on=day) for day in days]
        changed = [
            str(day) for day, (before, now) in zip(days[1:], pairwise(values), strict=True) if before.value != now.value
        ]
        if changed:
            told.append(f"{values[0].title}（{'、'.join(changed)} 起）")
    return "、".join(told)


def _values(place: str, year: int, budget: Budget | None) -> dict[str, policy.Value]:
    """By key: settlement as on the last day, the pool as agreed and budgeted, grouping as on the first day."""
    last, first = date(year, 12, 31), pool_parameters.first_day(year)
    found = {one.key: one for name, one in parameters.values(place, last).items() if name != "deductible_chain"}
    pool = pool_parameters.values(place, year)
    for name, one in pool.items():
        if budget is not None and name in budget.pool and name in pool_parameters.KEYS:
            one = _agreed(one, budget.pool[name], budget, name)
        found[one.key] = one
    found |= {key: policy.value(key, place=place, on=first) for key in (*DIP.values(), SAME_PAY)}
    return found


def _agreed(found: policy.Value, plain: Any, budget: Budget, name: str) -> policy.Value:
    """A value as the year's approved budget has it."""
    if isinstance(found.value, policy.Table):
        rows = tuple(tuple(row) for row in plain.items())
        value: Any = policy.Table(found.value.columns, rows)
    else:
        value = tuple(plain) if isinstance(found.value, tuple) else plain
    if value == found.value:
        return found
    source = f"{budget.year} 年总额（第 {budget.version} 版）"
    agreed = budget.agreement is not None and name in pool_parameters.AGREED
    clause = f"按 {budget.year} 年协议" if agreed else "批准时的参数"
    return replace(found, value=value, source=source, clause=clause, status="confirmed")


# ---- as it is shown ----------------------------------------------------------------------------------------------------


def sections(found: Base) -> tuple[Section, ...]:
    """Every parameter that may be moved, with its controls."""
    parts = (
        ("benefit", "待遇（起付线、比例、限额、大病、救助）", tuple(parameters.SETTLEMENT.values())),
        ("pool", "总额与清算（人均、风险金、结余、超支、预付）", tuple(pool_parameters.KEYS.values())),
        ("dip", "病种分值付费（点值之外的分组参数）", (*DIP.values(), SAME_PAY)),
    )  # fmt: skip
    known = {one.key: one for one in policy.parameters()}
    return tuple(
        Section(code, title, tuple(_moved(found.values[key], known[key]) for key in keys if key not in HIDDEN))
        for code, title, keys in parts
    )


def _moved(value: policy.Value, parameter: policy.Parameter) -> sandbox.Moved:
    raw = policy.raw(value)
    return sandbox.Moved(
        value.key, value.title, parameter.meaning, value.citation, value.status, raw,
        tuple(_controls(value, parameter, raw)), TOTALS.get(value.key),
    )  # fmt: skip


def _controls(value: policy.Value, parameter: policy.Parameter, raw: Any) -> list[sandbox.Control]:
    if not isinstance(value.value, policy.Table):
        unit = "choice" if parameter.choices and parameter.unit == "text" else parameter.unit
        return [sandbox.Control(value.key, "", unit, raw, None, tuple(parameter.choices.items()))]
    columns, found = parameter.columns, []
    for at, row in enumerate(raw):
        told = [_word(one) for one, column in zip(row[:-1], columns, strict=False) if column.unit == "text"]
        if value.key in BOTH:
            found.append(
                sandbox.Control(f"{value.key}~{at}~0", f"第 {at + 1} 段起点", columns[0].unit, row[0], (at, 0))
            )
            told = [f"第 {at + 1} 段比例"]
        elif not told:
            told = [f"第 {row[0]} 年"]
        last = len(columns) - 1
        found.append(
            sandbox.Control(f"{value.key}~{at}~{last}", " ".join(told), columns[last].unit, row[last], (at, last))
        )
    return found


def _word(text: str) -> str:
    return USE_WORDS.get(text) or WORDS.get(text) or text


def check(found: Base, key: str, raw: Any) -> None:
    """Raises ValueError for a whole value that policy does not admit."""
    policy.amended(found.values[key], raw)


# ---- as it is reckoned with ----------------------------------------------------------------------------------------------


def whole(found: Base, change: Mapping[str, Any], first: date, places: Sequence[str] = ()) -> dict[str, Any]:
    """The JSON of a parameter file from *first* (the earliest claim) to the year's end; a change holds for the whole year, not before.

    *places*: those of the claims. Of several each has its own parameters, and the change is of the consortium's own (ADR 0038).
    """
    values = change["values"]
    amended = {key: policy.amended(found.values[key], raw) for key, raw in values.items()}
    pool = _pool({**found.values, **amended})
    if change.get("scheme"):
        pool = {"same_pay_diseases": list(found.values[SAME_PAY].value), **pool, "inpatient_by": "dip"}
    dip = _dip({**found.values, **amended})
    drg = {name: dip[name] for name in ("year_weights", "low_bp", "high_bp")}
    beside = {"pool": pool, "dip": dip, "drg": drg}
    if len(places) <= 1:
        return {"sets": _sets(found.place, found.year, first, amended, beside)}
    own = found.unit.place[:6]
    return {
        KEY: {
            name: {"sets": _sets(name, found.year, first, amended if name == own else {}, {})}
            for name in sorted({*places, own})
        },
        **beside,
    }


def of(told: Mapping[str, Any], name: str) -> Any:
    """The part (pool, dip, drg) of a parameter file that `whole` made."""
    return told[name] if KEY in told else told["sets"][-1]["set"][name]


def _sets(
    place: str, year: int, first: date, amended: Mapping[str, policy.Value], beside: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The dated sets of one place from *first* to the year's end."""
    sets: list[dict[str, Any]] = []
    begins = date(year, 1, 1)
    for day in sorted({max(first, begins), *parameters.turns(place, first, date(year, 12, 31))}):
        moved = amended if day >= begins else {}
        told = {
            name: parameters.plain(moved.get(one.key, one))
            for name, one in parameters.values(place, day).items()
            if name != "deductible_chain"
        }
        sets.append({"from": day.isoformat(), "set": {**told, **beside}})
    return sets


def _pool(values: Mapping[str, policy.Value]) -> dict[str, Any]:
    found = {name: pool_parameters.plain(values[key].value) for name, key in pool_parameters.KEYS.items()}
    if found["inpatient_by"] == "dip":
        found["same_pay_diseases"] = list(values[SAME_PAY].value)
    return found


def _dip(values: Mapping[str, policy.Value]) -> dict[str, Any]:
    weights = values[DIP["year_weights"]].value
    return {
        "core_min_cases": values[DIP["core_min_cases"]].value, "low_bp": values[DIP["low_bp"]].value,
        "high_bp": WHOLE + values[DIP["high_bp"]].value, "year_weights": [weight for _, weight in sorted(weights.rows)],
    }  # fmt: skip


def words(found: Base, change: Mapping[str, Any]) -> list[dict[str, str]]:
    """What a change changes, in words: key, title, before, after, clause, status."""
    told = []
    for key, raw in sorted(change["values"].items()):
        one = found.values[key]
        told.append({"key": key, "title": one.title, "before": policy.written(one), "after": policy.written(policy.amended(one, raw)),
                     "clause": one.citation, "status": one.status})  # fmt: skip
    for unit, bp in sorted(change["coefficients"].items()):
        now = next((row["coefficient_bp"] for row in found.members if row["institution_id"] == int(unit)), WHOLE)
        told.append({"key": "", "title": f"机构系数：{found.names.get(int(unit), unit)}", "before": f"{sandbox.shown('bp', now)}%",
                     "after": f"{sandbox.shown('bp', bp)}%", "clause": "病种目录", "status": "confirmed"})  # fmt: skip
    scheme = change.get("scheme", "")
    if scheme:
        told.append({"key": "", "title": "县内住院按什么支付", "after": "DRG 权重",
                     "before": "DRG 权重" if scheme == "drg_both" else "照现行", "clause": DRG_BASIS, "status": "assumed"})  # fmt: skip
    what, clause, status = (
        ("DRG 权重 × 1000", DRG_BASIS, "assumed") if scheme else ("病种分值", "病种目录", "confirmed")
    )
    for group, milli in sorted(change["points"].items()):
        told.append({"key": "", "title": f"{what}：{group}", "before": "", "after": f"{milli / 1000:,.3f}", "clause": clause,
                     "status": status})  # fmt: skip
    return told


def as_text(found: Base) -> str:
    """Everything that decides the result besides claims and parameters of settlement, as one text."""
    told = {key: policy.raw(one) for key, one in sorted(found.values.items())}
    catalogue = found.catalogue.digest if found.catalogue else None
    beside = sorted(found.beside.items())
    whole = [told, found.members, beside, found.consortium, found.insured, catalogue, found.granted]
    return json.dumps(whole, sort_keys=True, default=str)
