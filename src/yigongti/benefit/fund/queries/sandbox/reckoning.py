"""One change asked of a consortium's year: held open in this process as `batch.whatif` wants it, answered as plain JSON."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from yigongti.benefit.fund.queries import catalogue as catalogues
from yigongti.benefit.fund.queries import pool as pools
from yigongti.benefit.fund.queries import procedures
from yigongti.benefit.fund.queries.sandbox.base import Base, as_text, of, whole
from yigongti.benefit.fund.queries.sandbox.facts import Data
from yigongti.benefit.fund.rules import dip, sandbox
from yigongti.benefit.fund.rules import pool as rules
from yigongti.benefit.fund.rules.catalogue import Catalogue, GroupingFault
from yigongti.benefit.fund.rules.parameters import ParameterFault
from yigongti.benefit.fund.rules.places import KEY
from yigongti.benefit.fund.rules.pool import PoolFault
from yigongti.kernel.patience import patience

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from yigongti.benefit.fund.batch.whatif import Answer, Pooled, Side, WhatIf
    from yigongti.benefit.fund.batch.whatif.pooled import Lay

PATIENCE = "3min"
"""The first reckoning of a process loads its engines while the page's transaction waits: seconds, on a crowded machine a minute."""
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
    pooled: dict[str, Pooled] = field(default_factory=dict)
    paid_fen: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Reckoned:
    """A year settled and cleared on both sides; *old* and *new*: who clears a side, by which parameters, with what laid over."""

    year: WhatIf
    answer: Answer
    old: Way
    new: Way
    paid_fen: int


@dataclass(frozen=True)
class Way:
    """How one side is cleared."""

    pooled: Pooled
    parameters: dict[str, Any]
    settled: np.ndarray
    lay: Lay

    @property
    def side(self) -> Side:
        """Cleared."""
        if self.parameters is self.pooled.year.base and self.settled is self.pooled.year.before:
            return self.pooled.before
        return self.pooled.side(self.parameters, self.settled, self.lay)

    def paid(self) -> pa.Table:
        """What the fund owes for each claim."""
        return self.pooled.paid(self.parameters, self.settled, self.lay)


def ask(found: Base, data: Data, change: Mapping[str, Any]) -> dict[str, Any]:
    """The change against what is in force: the tables of the page, as JSON. Raises Unanswerable."""
    with reckoned(found, data, change) as both:
        return _told(found, both)


@contextmanager
def reckoned(found: Base, data: Data, change: Mapping[str, Any]) -> Iterator[Reckoned]:
    """Both sides, as long as the year's lock is held. Raises Unanswerable."""
    patience(PATIENCE)
    try:
        with _opened(found, data) as held:
            yield _reckoned(found, data, held, change)
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
            base = _whole(self.found, self.data, sandbox.EMPTY)
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

    table = pq.read_table(data.path, columns=["basic_fen"], filters=[("end_date", ">=", begins), ("carried", "=", 0)])
    return int(pc.sum(table["basic_fen"]).as_py() or 0)


def _whole(found: Base, data: Data, change: Mapping[str, Any]) -> dict[str, Any]:
    """`whole`; where the years before have no stays, groups are trained on the year's own, which weigh one."""
    told = whole(found, change, data.first, data.places)
    if data.thin:
        for one in [told] if KEY in told else [one["set"] for one in told["sets"]]:
            for scheme in ("dip", "drg"):
                one[scheme] = {**one[scheme], "year_weights": [1]}
    return told


def _reckoned(found: Base, data: Data, held: _Open, change: Mapping[str, Any]) -> Reckoned:
    from yigongti.benefit.fund.batch.whatif.pooled import NOTHING, Lay

    scheme, after = change.get("scheme", ""), _whole(found, data, change)
    told = [held.base] if scheme else [held.base, after]
    now = "dip" if any(of(one, "pool")["inpatient_by"] == "dip" for one in told) else ""
    answer = held.year.answer(after)
    lay = Lay(dict(change["points"]), {int(unit): bp for unit, bp in change["coefficients"].items()})
    before = _whole(found, data, {**sandbox.EMPTY, "scheme": scheme}) if scheme == "drg_both" else held.base
    old = Way(_pooled(found, data, held, "drg" if scheme == "drg_both" else now), before, held.year.before, NOTHING)
    new = Way(_pooled(found, data, held, "drg") if scheme else old.pooled, after, answer.settled, lay)
    return Reckoned(held.year, answer, old, new, held.paid_fen)


def _told(found: Base, both: Reckoned) -> dict[str, Any]:
    answer, old, new = both.answer, both.old.side, both.new.side
    result = {name: told for name, told in answer.as_dict().items() if name not in ("effects", "crossing")}
    return result | {
        "insurance": _cut(answer, "insurance"), "aid": _cut(answer, "aid_class"),
        "points": both.new.pooled.held is not None, "weights": _weights(found, both), "paid_fen": both.paid_fen,
        "consortium": {"before": dict(old.consortia[0]), "after": dict(new.consortia[0])},
        "final_point": {"before": old.final_point_value[found.unit.pk], "after": new.final_point_value[found.unit.pk]},
        "members": _members(found, both.old.parameters, both.new.parameters, old, new),
    }  # fmt: skip


def _weights(found: Base, both: Reckoned) -> dict[str, Any] | None:
    """From what the changed side's weights were learnt; None where none were: no points, or those of a published catalogue."""
    pooled = both.new.pooled
    if pooled.held is None or pooled.catalogue is not None:
        return None
    own = of(both.new.parameters, pooled.scheme)
    made, years = pooled.valued(own), len(own["year_weights"])
    return {"scheme": pooled.scheme, "cases": sum(one.cases for one in made.sources), "groups": len(made.groups),
            "years": [] if len(made.sources) == 1 else [found.year - years, found.year - 1]}  # fmt: skip


def _cut(answer: Answer, name: str) -> list[dict[str, Any]]:
    """The effects of every institution together, by insurance or by class of aid, as `Cut.as_dict` has them but for the claims."""
    from yigongti.benefit.fund.batch.whatif.tables import pair

    sums: dict[str, dict[str, list[int]]] = {}
    for one in answer.effects:
        both = sums.setdefault(getattr(one, name), {}).setdefault(one.fund, [0, 0])
        both[0] += one.before
        both[1] += one.after
    return [{"key": key, "funds": {fund: pair(a, b) for fund, (a, b) in funds.items()}} for key, funds in sums.items()]


def _pooled(found: Base, data: Data, held: _Open, scheme: str) -> Pooled:
    """Who clears the year with points of a scheme (dip, drg) or without any; kept as long as the year is open."""
    from yigongti.benefit.fund.batch import drg_tables
    from yigongti.benefit.fund.batch.clearing_inputs import Small, beside
    from yigongti.benefit.fund.batch.engines import Local
    from yigongti.benefit.fund.batch.grouping import Dip, Drg, Job
    from yigongti.benefit.fund.batch.whatif import Pooled

    if scheme in held.pooled:
        return held.pooled[scheme]
    small, engine = Small((*found.members, *beside(found.beside)), (found.consortium,), found.insured), Local()
    own = of(held.base, "dip")
    job = Job([data.own()] if data.thin else data.base(len(own["year_weights"])), data.path, engine)
    if not scheme:
        made = Pooled(held.year, data.path, small, engine)
    elif scheme == "drg":
        made = Pooled(held.year, data.path, small, engine, held=Drg(job, drg_tables.own()))
    else:
        table = procedures.in_force(found.unit.pk)
        kinds = procedures.of(table) if found.catalogue is None else procedures.kinds(found.catalogue)
        grouped = Dip(job, kinds, dip.read(own).auxiliary)
        made = Pooled(
            held.year, data.path, small, engine, held=grouped, catalogue=_catalogue(found), granted=found.granted
        )
    held.pooled[scheme] = made
    return made


def _catalogue(found: Base) -> Catalogue | None:
    """The published catalogue; None: one is trained on the years before."""
    return None if found.catalogue is None else catalogues.loaded(found.catalogue)


def groups(found: Base, data: Data, scheme: str) -> dict[str, int] | None:
    """Points (milli) of each group: of the published catalogue (None without one), or of the DRG that the years before give.

    Raises Unanswerable.
    """
    made = _catalogue(found)
    if scheme:
        with reckoned(found, data, {**sandbox.EMPTY, "scheme": scheme}) as both:
            made = both.new.pooled.valued(dict(of(both.new.parameters, "drg")))
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
    pool = rules.read(of(told, "pool"))
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
