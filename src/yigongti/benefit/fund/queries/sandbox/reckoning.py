"""One change asked of a consortium's year: held open in this process as `batch.whatif` wants it, answered as plain JSON."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from yigongti.benefit.fund.queries import catalogue as catalogues
from yigongti.benefit.fund.queries import pool as pools
from yigongti.benefit.fund.queries import procedures
from yigongti.benefit.fund.queries.sandbox.base import Base, as_text, whole
from yigongti.benefit.fund.queries.sandbox.facts import Data
from yigongti.benefit.fund.rules import dip, sandbox
from yigongti.benefit.fund.rules import pool as rules
from yigongti.benefit.fund.rules.catalogue import Catalogue, GroupingFault
from yigongti.benefit.fund.rules.parameters import ParameterFault
from yigongti.benefit.fund.rules.pool import PoolFault

if TYPE_CHECKING:
    from yigongti.benefit.fund.batch.whatif import Answer, Pooled, Side, WhatIf

HELD = 2
"""Years held open in a process: about 250 MB for a million claims."""
_held: OrderedDict[str, _Open] = OrderedDict()
_lock = threading.Lock()


class Unanswerable(Exception):
    """A change that can't be reckoned with; *problems* are for the user."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


@dataclass
class _Open:
    """A year in memory; whoever asks holds its lock."""

    year: WhatIf
    base: dict[str, Any]
    pooled: dict[bool, Pooled] = field(default_factory=dict)
    paid_fen: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Asked:
    """What was answered, and which persons cross the line of serious-illness insurance, by person_id."""

    result: dict[str, Any]
    newly_over: tuple[int, ...]
    newly_under: tuple[int, ...]


def ask(found: Base, data: Data, change: Mapping[str, Any]) -> Asked:
    """The change against what is in force. Raises Unanswerable."""
    try:
        with _opened(found, data) as held:
            return _ask(found, data, held, change)
    except (ParameterFault, PoolFault) as fault:
        raise Unanswerable(tuple(fault.problems)) from fault
    except (GroupingFault, ValueError) as fault:
        raise Unanswerable((str(fault),)) from fault


class _opened:
    """The year of this version of data and parameters, opened once, its lock held."""

    def __init__(self, found: Base, data: Data) -> None:
        self.found, self.data = found, data

    def __enter__(self) -> _Open:
        from yigongti.benefit.fund.batch.whatif import WhatIf

        begins = date(self.data.year, 1, 1)
        with _lock:
            base = whole(self.found, sandbox.EMPTY, self.data.first)
            key = sandbox.digest(str(self.data.path), as_text(self.found), sandbox.canonical(base))
            if key not in _held:
                year = WhatIf.open(self.data.path, base, since=begins)
                _held[key] = _Open(year, base, paid_fen=_paid(self.data, begins))
            _held.move_to_end(key)
            while len(_held) > HELD:
                _held.popitem(last=False)
            self.held = _held[key]
        self.held.lock.acquire()
        return self.held

    def __exit__(self, *raised: object) -> None:
        self.held.lock.release()


def _paid(data: Data, begins: date) -> int:
    """What the basic fund was settled to pay for the year's claims, as the counters wrote it (fen)."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(data.path, columns=["basic_fen"], filters=[("end_date", ">=", begins)])
    return int(pc.sum(table["basic_fen"]).as_py() or 0)


def _ask(found: Base, data: Data, held: _Open, change: Mapping[str, Any]) -> Asked:
    from yigongti.benefit.fund.batch.whatif.pooled import Lay

    after = whole(found, change, data.first)
    points = any(told["sets"][-1]["set"]["pool"]["inpatient_by"] == "dip" for told in (held.base, after))
    pooled = held.pooled.get(points)
    if pooled is None:
        pooled = held.pooled[points] = _pooled(found, data, held, points)
    answer = held.year.answer(after)
    lay = Lay(dict(change["points"]), {int(unit): bp for unit, bp in change["coefficients"].items()})
    side = pooled.side(after, answer.settled, lay)
    result = {name: told for name, told in answer.as_dict().items() if name not in ("effects", "crossing")}
    result |= {
        "insurance": _cut(answer, "insurance"), "aid": _cut(answer, "aid_class"),
        "points": points, "paid_fen": held.paid_fen,
        "consortium": {"before": dict(pooled.before.consortia[0]), "after": dict(side.consortia[0])},
        "final_point": {"before": pooled.before.final_point_value[found.unit.pk], "after": side.final_point_value[found.unit.pk]},
        "members": _members(found, held.base, after, pooled.before, side),
    }  # fmt: skip
    return Asked(result, tuple(map(int, answer.newly_over)), tuple(map(int, answer.newly_under)))


def _cut(answer: Answer, name: str) -> list[dict[str, Any]]:
    """The effects of every institution together, by insurance or by class of aid, as `Cut.as_dict` has them but for the claims."""
    from yigongti.benefit.fund.batch.whatif.tables import pair

    sums: dict[str, dict[str, list[int]]] = {}
    for one in answer.effects:
        both = sums.setdefault(getattr(one, name), {}).setdefault(one.fund, [0, 0])
        both[0] += one.before
        both[1] += one.after
    return [{"key": key, "funds": {fund: pair(a, b) for fund, (a, b) in funds.items()}} for key, funds in sums.items()]


def _pooled(found: Base, data: Data, held: _Open, points: bool) -> Pooled:
    from yigongti.benefit.fund.batch.clearing_inputs import Small
    from yigongti.benefit.fund.batch.engines import Local
    from yigongti.benefit.fund.batch.grouping import Dip, Job
    from yigongti.benefit.fund.batch.whatif import Pooled

    small = Small(found.members, (found.consortium,), found.insured)
    engine = Local()
    if not points:
        return Pooled(held.year, data.path, small, engine)
    own = held.base["sets"][-1]["set"]["dip"]
    table = procedures.in_force(found.unit.pk)
    kinds = procedures.of(table) if found.catalogue is None else procedures.kinds(found.catalogue)
    grouped = Dip(Job(data.base(len(own["year_weights"])), data.path, engine), kinds, dip.read(own).auxiliary)
    return Pooled(held.year, data.path, small, engine, held=grouped, catalogue=_catalogue(found), granted=found.granted)


def _catalogue(found: Base) -> Catalogue | None:
    """The published catalogue; None: one is trained on the years before."""
    return None if found.catalogue is None else catalogues.loaded(found.catalogue)


def groups(found: Base) -> dict[str, int] | None:
    """Points (milli) of each group of the published catalogue; None without one."""
    made = _catalogue(found)
    return None if made is None else {name: one.points_milli for name, one in made.groups.items()}


def _members(
    found: Base, base: Mapping[str, Any], after: Mapping[str, Any], old: Side, new: Side
) -> list[dict[str, Any]]:
    """Both sides of each member that did something, with what next year's prepayment would be (fen)."""
    plans = [_prepaid(found, told, side) for told, side in ((base, old), (after, new))]
    rows = []
    for a, b in zip(old.members, new.members, strict=True):
        unit = a["institution_id"]
        sides = [
            {**{name: row[name] for name in MONEY}, "prepaid_fen": plan.get(unit, 0)}
            for row, plan in zip((a, b), plans, strict=True)
        ]
        if a["services"] or any(value for side in sides for value in side.values()):
            rows.append({"institution_id": unit, "name": found.names[unit], "level": a["level"], "services": a["services"],
                         "before": sides[0], "after": sides[1]})  # fmt: skip
    return rows


MONEY = ("income_fen", "wages_fen", "aid_fen", "capacity_fen", "overspend_fen", "points_milli")


def _prepaid(found: Base, told: Mapping[str, Any], side: Side) -> dict[int, int]:
    """Next year's prepayment of each account holder, from this year's income (fen)."""
    pool = rules.read(told["sets"][-1]["set"]["pool"])
    holders = pools.account_holders(found.unit.pk)
    income: dict[int, int] = {}
    for row in side.members:
        unit = int(row["institution_id"])
        holder = holders.get(unit, unit)
        income[holder] = income.get(holder, 0) + row["income_fen"]
    heads = pools.served(found.unit.pk, date(found.year, 12, 31))
    plan = pools.planned(pool, side.consortia[0]["pool_fen"], income, heads)
    return {unit: sum(months) for unit, months in plan.months.items()}


def forget() -> None:
    """Close every year that is held open."""
    with _lock:
        _held.clear()
