"""DRG over files: the tables as bits of numbered codes, the same conditions as `rules.drg.engine` in compiled loops.

Each distinct code is looked at once (which lists it is on); a case is then a few dozen bit tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numba import types

from yigongti.benefit.fund.batch import encoding
from yigongti.benefit.fund.batch.compiled import FIXED, FIXED_INTS, FLAGS, INT, INTS, LONG, array, compile_entries
from yigongti.benefit.fund.rules.dip import normal
from yigongti.benefit.fund.rules.drg.engine import AMBIGUOUS, UNGROUPED
from yigongti.benefit.fund.rules.drg.tables import AGES, LEVELS, REGION, SPLITS, Element, Mdc, Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from numpy.typing import NDArray

SEXES = ("", "M", "F")
AGE_FROM, AGE_BELOW = 0, 1
WHICH = {AGES[0]: AGE_FROM, AGES[1]: AGE_BELOW}
NO_AGE = -1


def _ranges(parts: list[list[Any]]) -> NDArray[np.int32]:
    return np.cumsum([0, *map(len, parts)]).astype(np.int32)


class Groups:
    """Numbers each case with its group; number 0 is `0000`."""

    columns = ("principal_dx", "other_dx", "procedures", "sex", "age_days")
    by = ("combination",)

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.mdcs: list[Mdc] = [*tables.steps, *tables.rest]
        self.names, self.kinds = [UNGROUPED], ["ungrouped"]
        self.names += [mdc.letter + AMBIGUOUS for mdc in self.mdcs]
        self.kinds += ["ambiguous"] * len(self.mdcs)
        adrgs = [list(mdc.adrgs) for mdc in self.mdcs]
        flat = [adrg for found in adrgs for adrg in found]
        numbers = np.zeros((len(flat), len(LEVELS)), np.int32)
        for at, adrg in enumerate(flat):
            for sign in adrg.splits:
                self.names.append(adrg.code + sign)
                self.kinds.append(adrg.kind)
            for place, level in enumerate(LEVELS):
                sign = next(one for one in ("9" if adrg.splits == "9" else SPLITS[level]) if one in adrg.splits)
                numbers[at, place] = self.names.index(adrg.code + sign, 1 + len(self.mdcs))
        medical = np.array([adrg.kind == "medical" for adrg in flat], np.bool_)
        alternatives = [list(mdc.alternatives) for mdc in self.mdcs], [list(adrg.alternatives) for adrg in flat]
        together = [one for found in (*alternatives[0], *alternatives[1]) for one in found]
        starts = _ranges(alternatives[0]), _ranges(alternatives[1])
        ages = [element for element in tables.elements if element.name in AGES]
        self.limits = sorted({mdc.age_days_max for mdc in tables.rest if mdc.age_days_max is not None})
        self.plan = (
            np.array([mdc.step == "A" for mdc in self.mdcs], np.bool_),
            np.array([SEXES.index(mdc.sex) for mdc in self.mdcs], np.int32),
            np.array([-1 if mdc.age_days_max is None else mdc.age_days_max for mdc in self.mdcs], np.int32),
            starts[0], starts[1] + starts[0][-1], _ranges(adrgs), medical, numbers, *self._masks(together),
            np.array([WHICH[element.name] for element in ages], np.int32), np.array([element.number for element in ages], np.int32),
            np.array([element.value for element in ages], np.int64), np.array(self.limits, np.int64),
        )  # fmt: skip
        self.steps = len(tables.steps)
        self.diagnoses, self.procedures = encoding.Texts(normal), encoding.Texts(normal)
        self.sexes = encoding.Texts()
        self.letters = {mdc.letter: at for at, mdc in enumerate(self.mdcs)}
        self.exclusions = {name: at for at, name in enumerate(tables.exclusions)}
        self.lists = _Bits(len(tables.elements))
        self.excluded = _Bits(len(self.exclusions))
        self.procedure_lists = _Bits(len(tables.elements))
        # A code's MDC of the rest, by age up to each limit and beyond, and by sex.
        self.rest: list[tuple[int, ...]] = []
        self.cc: list[tuple[int, int]] = []
        self.operations: list[bool] = []

    @property
    def count(self) -> int:
        """All numbers are given by the tables."""
        return len(self.names)

    def _masks(self, together: Sequence[Sequence[Element]]) -> tuple[NDArray[np.uint64], ...]:
        """Which elements each alternative needs, which are its regions; which are looked for in principal, other diagnoses, procedures."""
        width = len(self.tables.elements)
        need, regions, looks = _Bits(width), _Bits(width), _Bits(width)
        for alternative in together:
            need.add(element.number for element in alternative if not element.name.startswith(REGION))
            regions.add(element.number for element in alternative if element.name.startswith(REGION))
        everything = self.tables.elements
        anywhere = {e.number for e in everything if e.name == "any" or e.name.startswith(REGION)}
        looks.add({e.number for e in everything if e.name == "principal"} | anywhere)
        looks.add({e.number for e in everything if e.name == "other"} | anywhere)
        looks.add(e.number for e in everything if e.name.startswith("procedure"))
        return need.table[: max(1, need.rows)], regions.table[: max(1, need.rows)], looks.table[:3]

    def numbers(self, batch: pa.RecordBatch, take: NDArray[np.bool_]) -> NDArray[np.int32]:
        """The number of each row's group; −1 where not taken."""
        dx = self.diagnoses.codes(batch.column("principal_dx"))
        others = encoding.lists(batch.column("other_dx"), self.diagnoses)
        procedures = encoding.lists(batch.column("procedures"), self.procedures)
        self._learn()
        written = self.sexes.codes(batch.column("sex"))
        sexes = np.array([*(SEXES.index(text) if text in SEXES else 0 for text in self.sexes.all()), 0], np.int32)[
            written
        ]
        age = batch.column("age_days")
        ages = encoding.int64(age.fill_null(NO_AGE)) if age.null_count else encoding.int64(age)
        out = np.empty(len(dx), np.int32)
        _loop()(take, dx, others, procedures, sexes, ages, self.plan, self.steps, self.known, out)
        return out

    def _learn(self) -> None:
        """Look at the codes that are new."""
        tables = self.tables
        if len(self.rest) == len(self.diagnoses.known) and len(self.operations) == len(self.procedures.known):
            return
        for code in self.diagnoses.all()[len(self.rest) :]:
            self.lists.add(at for at, element in enumerate(tables.elements) if code in element.codes)
            self.excluded.add(at for name, at in self.exclusions.items() if code in tables.exclusions[name])
            found = [tables.rest_of(code, sex or None, age) for age in (*self.limits, None) for sex in SEXES]
            self.rest.append(tuple(-1 if mdc is None else self.letters[mdc.letter] for mdc in found))
            row = tables.comorbidity(code) if code else None
            excluded = self.exclusions[row.exclusion] if row and row.exclusion else -1
            self.cc.append((LEVELS.index(row.level) if row else 0, excluded))
        for code in self.procedures.all()[len(self.operations) :]:
            self.procedure_lists.add(at for at, element in enumerate(tables.elements) if code and code in element.codes)
            self.operations.append(bool(code) and code in tables.operations)
        self.known = (
            self.lists.table, self.procedure_lists.table, self.excluded.table, np.array(self.rest, np.int32).reshape(len(self.rest), -1),
            np.array(self.cc, np.int32).reshape(-1, 2), np.array(self.operations, np.bool_),
        )  # fmt: skip

    def again(self) -> Callable[[], Groups]:
        """One of the same tables; it gives the same numbers."""
        return partial(Groups, self.tables)

    def table(self) -> pa.Table:
        """combination, group, kind_of_group of each number."""
        return pa.table(
            {
                "combination": pa.array(range(len(self.names)), pa.int32()),
                "group": pa.array(self.names, pa.string()),
                "kind_of_group": pa.array(self.kinds, pa.string()),
            }
        )


class _Bits:
    """A growing table of bits, a row per code."""

    def __init__(self, width: int) -> None:
        self.rows = 0
        self.table = np.zeros((1 << 12, width // 64 + 1), np.uint64)

    def add(self, places: Any) -> None:
        if self.rows == len(self.table):
            self.table = np.vstack([self.table, np.zeros_like(self.table)])
        for at in places:
            self.table[self.rows, at >> 6] |= np.uint64(1 << (at & 63))
        self.rows += 1


GROUPED = ("group", "kind_of_group")


def base_sums(counted: ir.Table, names: ir.Table) -> ir.Table:
    """What base cases cost by DRG and year; those that are ambiguous or ungrouped have no group and count in the mean of all only."""
    import ibis

    joined = counted.join(names, "combination")
    trained = ~joined.kind_of_group.isin(["ambiguous", "ungrouped"])
    named = joined.mutate(group=ibis.ifelse(trained, joined.group, ibis.null("string")))
    return named.group_by("group", "kind_of_group", "year").agg(
        n=named.n.sum(), millions=named.millions.sum(), rest=named.rest.sum()
    )


def looked_up(names: ir.Table, groups: ir.Table) -> ir.Table:
    """Each group's mean and points from the catalogue; `why`: ambiguous, ungrouped, or `no_base` where no base case has the group."""
    import ibis

    found = names.left_join(groups.select("group", "group_mean_fen", "group_points_milli"), "group")
    without = ibis.cases(
        (found.kind_of_group.isin(["ambiguous", "ungrouped"]), found.kind_of_group),
        (found.group_mean_fen.isnull(), "no_base"),
    )
    return found.select(
        "combination", "group", "kind_of_group",
        group_mean_fen=ibis.coalesce(found.group_mean_fen, 0),
        group_points_milli=ibis.coalesce(found.group_points_milli, 0),
        why=without,
    )  # fmt: skip


@cache
def _loop() -> Callable[..., Any]:
    """`group`, compiled."""
    codes, bits, table = types.UniTuple(FIXED_INTS, 2), array(types.uint64, 2, fixed=True), array(INT, 2, fixed=True)
    plan = types.Tuple([
        FLAGS, *[FIXED_INTS] * 5, FLAGS, table, bits, bits, bits, FIXED_INTS, FIXED_INTS, FIXED, FIXED,
    ])  # fmt: skip
    known = types.Tuple([bits, bits, bits, table, table, FLAGS])
    entry = types.void(FLAGS, FIXED_INTS, codes, codes, FIXED_INTS, FIXED, plan, LONG, known, INTS)
    return compile_entries({group: entry}, (_first, _inside, _level), (), (sys.modules[__name__],))[group]


def _first(begin, end, held, principal, need, regions):  # type: ignore[no-untyped-def]
    """Whether one of the alternatives holds: every element needed does; of regions two do, the principal diagnosis in one."""
    words = len(held)
    for alternative in range(begin, end):
        holds, hit, inside, regional = True, 0, False, False
        for word in range(words):
            wanted = need[alternative, word]
            if held[word] & wanted != wanted:
                holds = False
                break
            region = regions[alternative, word]
            if region:
                regional = True
                inside = inside or principal[word] & region != 0
                left = held[word] & region
                while left:
                    left &= left - np.uint64(1)
                    hit += 1
        if holds and (not regional or (hit >= 2 and inside)):
            return True
    return False


def _inside(mdc, operated, held, principal, pre, adrgs, starts, medical, need, regions):  # type: ignore[no-untyped-def]
    """ADRG index ≥ 0; −1 none; −2 ambiguous."""
    ambiguous = operated and not pre[mdc]
    for adrg in range(adrgs[mdc], adrgs[mdc + 1]):
        if medical[adrg] and ambiguous:
            return -2
        if _first(starts[adrg], starts[adrg + 1], held, principal, need, regions):
            return adrg
    return -2 if ambiguous else -1


def _level(row, dx, other_starts, other_codes, cc, excluded):  # type: ignore[no-untyped-def]
    highest = 0
    for near in range(other_starts[row], other_starts[row + 1]):
        code = other_codes[near]
        if code >= 0 and cc[code, 0] > highest:
            table = cc[code, 1]
            if table < 0 or excluded[dx, table >> 6] >> np.uint64(table & 63) & np.uint64(1) == 0:
                highest = cc[code, 0]
    return highest


def group(take, dx, others, procedures, sexes, ages, plan, steps, known, out):  # type: ignore[no-untyped-def]
    """The group of every row taken: 0 ungrouped, 1 + mdc ambiguous, else the DRG's number."""
    (
        pre,
        sex_of,
        oldest,
        entry,
        starts,
        adrgs,
        medical,
        numbers,
        need,
        regions,
        looks,
        age_kind,
        age_place,
        age_value,
        limits,
    ) = plan
    lists, procedure_lists, excluded, rest, cc, operations = known
    other_starts, other_codes = others
    procedure_starts, procedure_codes = procedures
    words = need.shape[1]
    held, principal = np.empty(words, np.uint64), np.empty(words, np.uint64)
    beside, done = np.empty(words, np.uint64), np.empty(words, np.uint64)
    for row in range(len(dx)):
        if not take[row]:
            out[row] = -1
            continue
        age, sex, head, operated = ages[row], sexes[row], dx[row], False
        for word in range(words):
            principal[word], beside[word], done[word] = lists[head, word], 0, 0
        for near in range(other_starts[row], other_starts[row + 1]):
            if other_codes[near] >= 0:
                for word in range(words):
                    beside[word] |= lists[other_codes[near], word]
        for near in range(procedure_starts[row], procedure_starts[row + 1]):
            code = procedure_codes[near]
            if code >= 0:
                operated = operated or operations[code]
                for word in range(words):
                    done[word] |= procedure_lists[code, word]
        for word in range(words):
            held[word] = principal[word] & looks[0, word] | beside[word] & looks[1, word] | done[word] & looks[2, word]
        for at in range(len(age_kind)):
            if age >= 0 and (age >= age_value[at] if age_kind[at] == AGE_FROM else age < age_value[at]):
                held[age_place[at] >> 6] |= np.uint64(1) << np.uint64(age_place[at] & 63)
        mdc, found, decided = -1, -1, False
        for step in range(steps):
            if sex_of[step] and sex_of[step] != sex:
                continue
            if oldest[step] >= 0 and (age < 0 or age > oldest[step]):
                continue
            first, end = entry[step], entry[step + 1]
            if first < end and not _first(first, end, held, principal, need, regions):
                continue
            mdc = step
            found = _inside(step, operated, held, principal, pre, adrgs, starts, medical, need, regions)
            decided = found != -1 or not pre[step]
            if decided:
                break
        if not decided:
            band = 0
            for at in range(len(limits)):
                band += age < 0 or age > limits[at]
            mdc, found = rest[head, band * len(SEXES) + sex], -1
            if mdc >= 0:
                found = _inside(mdc, operated, held, principal, pre, adrgs, starts, medical, need, regions)
        if found == -2:
            out[row] = 1 + mdc
        elif found < 0:
            out[row] = 0
        else:
            out[row] = numbers[found, _level(row, head, other_starts, other_codes, cc, excluded)]
