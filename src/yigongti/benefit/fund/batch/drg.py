"""DRG over files: the tables as bits of numbered codes, the same conditions as `rules.drg.engine` in compiled loops.

Each distinct code is looked at once (which lists it is on); a case is then a few dozen bit tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numba import njit

from yigongti.benefit.fund.batch import encoding
from yigongti.benefit.fund.rules.dip import normal
from yigongti.benefit.fund.rules.drg.engine import AMBIGUOUS, UNGROUPED
from yigongti.benefit.fund.rules.drg.tables import AGES, LEVELS, REGION, SPLITS, Mdc, Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from numpy.typing import NDArray

SEXES = ("", "M", "F")
PRINCIPAL, OTHER, ANY, PROCEDURE, AGE_FROM, AGE_BELOW, REGIONS = range(7)
WHICH = {"principal": PRINCIPAL, "other": OTHER, "any": ANY, AGES[0]: AGE_FROM, AGES[1]: AGE_BELOW}
NO_AGE = -1


def _ranges(parts: list[list[Any]]) -> NDArray[np.int32]:
    return np.cumsum([0, *map(len, parts)]).astype(np.int32)


class Groups:
    """Numbers each case with its group; number 0 is `0000`."""

    columns = ("principal_dx", "other_dx", "procedures", "sex", "age_days")

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
        elements = [element for alternative in together for element in alternative]
        which = [REGIONS if e.name.startswith(REGION) else WHICH.get(e.name, PROCEDURE) for e in elements]
        starts = _ranges(alternatives[0]), _ranges(alternatives[1])
        self.plan = (
            np.array([mdc.step == "A" for mdc in self.mdcs], np.bool_),
            np.array([SEXES.index(mdc.sex) for mdc in self.mdcs], np.int32),
            np.array([-1 if mdc.age_days_max is None else mdc.age_days_max for mdc in self.mdcs], np.int32),
            starts[0], starts[1] + starts[0][-1], _ranges(adrgs), _ranges([list(one) for one in together]),
            np.array(which, np.int32), np.array([e.number for e in elements], np.int32), np.array([e.value for e in elements], np.int64),
            medical, numbers,
        )  # fmt: skip
        self.steps = len(tables.steps)
        self.diagnoses, self.procedures = encoding.Texts(normal), encoding.Texts(normal)
        self.sexes = encoding.Texts()
        self.letters = {mdc.letter: at for at, mdc in enumerate(self.mdcs)}
        self.exclusions = {name: at for at, name in enumerate(tables.exclusions)}
        self.lists = _Bits(len(tables.elements))
        self.excluded = _Bits(len(self.exclusions))
        self.procedure_lists = _Bits(len(tables.elements))
        self.rest: list[tuple[int, ...]] = []
        self.cc: list[tuple[int, int]] = []
        self.operations: list[bool] = []

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
        cc = np.array(self.cc, np.int32).reshape(-1, 2)
        out = np.empty(len(dx), np.int32)
        group(
            take, dx, others, procedures, sexes, ages, self.plan, self.steps, self.lists.table, self.procedure_lists.table,
            self.excluded.table, np.array(self.rest, np.int32).reshape(-1, len(SEXES)), cc, np.array(self.operations, np.bool_), out,
        )  # fmt: skip
        return out

    def _learn(self) -> None:
        """Look at the codes that are new."""
        tables = self.tables
        for code in self.diagnoses.all()[len(self.rest) :]:
            self.lists.add(at for at, element in enumerate(tables.elements) if code in element.codes)
            self.excluded.add(at for name, at in self.exclusions.items() if code in tables.exclusions[name])
            found = [tables.rest_of(code, sex or None) for sex in SEXES]
            self.rest.append(tuple(-1 if mdc is None else self.letters[mdc.letter] for mdc in found))
            row = tables.comorbidity(code) if code else None
            excluded = self.exclusions[row.exclusion] if row and row.exclusion else -1
            self.cc.append((LEVELS.index(row.level) if row else 0, excluded))
        for code in self.procedures.all()[len(self.operations) :]:
            self.procedure_lists.add(at for at, element in enumerate(tables.elements) if code and code in element.codes)
            self.operations.append(bool(code) and code in tables.operations)

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


@njit(nogil=True, cache=True)
def _bit(table, row, at):  # type: ignore[no-untyped-def]
    return table[row, at >> 6] >> np.uint64(at & 63) & np.uint64(1) != 0


@njit(nogil=True, cache=True)
def _holds(alternative, case, starts, which, number, value, lists, procedure_lists, dx, others, procedures):  # type: ignore[no-untyped-def]
    """Whether one alternative holds; `case`: (row, age)."""
    row, age = case
    regions, hit, inside = 0, 0, False
    for element in range(starts[alternative], starts[alternative + 1]):
        kind, place = which[element], number[element]
        if kind == AGE_FROM:
            held = age >= 0 and age >= value[element]
        elif kind == AGE_BELOW:
            held = age >= 0 and age < value[element]
        else:
            held = False
            if kind in (PRINCIPAL, ANY, REGIONS):
                held = dx[row] >= 0 and _bit(lists, dx[row], place)
            if kind == REGIONS:
                inside = inside or held
            if not held and kind in (OTHER, ANY, REGIONS):
                for near in range(others[0][row], others[0][row + 1]):
                    code = others[1][near]
                    if code >= 0 and _bit(lists, code, place):
                        held = True
                        break
            if kind == PROCEDURE:
                for near in range(procedures[0][row], procedures[0][row + 1]):
                    code = procedures[1][near]
                    if code >= 0 and _bit(procedure_lists, code, place):
                        held = True
                        break
        if kind == REGIONS:
            regions += 1
            hit += held
        elif not held:
            return False
    return regions == 0 or (hit >= 2 and inside)


@njit(nogil=True, cache=True)
def _any(first, end, case, plan, lists, procedure_lists, dx, others, procedures):  # type: ignore[no-untyped-def]
    for alternative in range(first, end):
        if _holds(
            alternative, case, plan[6], plan[7], plan[8], plan[9], lists, procedure_lists, dx, others, procedures
        ):
            return True
    return False


@njit(nogil=True, cache=True)
def _inside(mdc, case, plan, lists, procedure_lists, dx, others, procedures, operations):  # type: ignore[no-untyped-def]
    """ADRG index ≥ 0; −1 none; −2 ambiguous."""
    row = case[0]
    first, end, alternatives, medical = plan[5][mdc], plan[5][mdc + 1], plan[4], plan[10]
    operated = False
    if not plan[0][mdc]:
        for near in range(procedures[0][row], procedures[0][row + 1]):
            code = procedures[1][near]
            if code >= 0 and operations[code]:
                operated = True
    for adrg in range(first, end):
        if medical[adrg] and operated:
            return -2
        if _any(alternatives[adrg], alternatives[adrg + 1], case, plan, lists, procedure_lists, dx, others, procedures):
            return adrg
    return -2 if operated else -1


@njit(nogil=True, cache=True)
def _level(row, dx, others, cc, excluded):  # type: ignore[no-untyped-def]
    highest = 0
    for near in range(others[0][row], others[0][row + 1]):
        code = others[1][near]
        if code >= 0 and cc[code, 0] > highest:
            table = cc[code, 1]
            if table < 0 or dx[row] < 0 or not _bit(excluded, dx[row], table):
                highest = cc[code, 0]
    return highest


@njit(nogil=True, cache=True)
def group(  # type: ignore[no-untyped-def]
    take, dx, others, procedures, sexes, ages, plan, steps, lists, procedure_lists, excluded, rest, cc, operations, out
):
    """The group of every row taken: 0 ungrouped, 1 + mdc ambiguous, else the DRG's number."""
    for row in range(len(dx)):
        if not take[row]:
            out[row] = -1
            continue
        case = (row, ages[row])
        mdc, found, decided = -1, -1, False
        for step in range(steps):
            if plan[1][step] and plan[1][step] != sexes[row]:
                continue
            if plan[2][step] >= 0 and (ages[row] < 0 or ages[row] > plan[2][step]):
                continue
            first, end = plan[3][step], plan[3][step + 1]
            if first < end and not _any(first, end, case, plan, lists, procedure_lists, dx, others, procedures):
                continue
            mdc = step
            found = _inside(step, case, plan, lists, procedure_lists, dx, others, procedures, operations)
            decided = found != -1 or not plan[0][step]
            if decided:
                break
        if not decided:
            mdc = rest[dx[row], sexes[row]] if dx[row] >= 0 else -1
            found = -1
            if mdc >= 0:
                found = _inside(mdc, case, plan, lists, procedure_lists, dx, others, procedures, operations)
        if found == -2:
            out[row] = 1 + mdc
        elif found < 0:
            out[row] = 0
        else:
            out[row] = plan[11][found, _level(row, dx, others, cc, excluded)]
