"""Claims by the million, lifelike and the same for the same seed: ``python bench/support/claims.py --out DIR [--claims 10000000]``.

Columns are those of docs/fund.md 1. Written: sorted.parquet (settlement order: person, end, start, claim), shuffled.parquet (the
same rows in no order), base1…3.parquet (inpatient cases of the three years before, for DIP), members, consortia, insured, kinds
(Parquet) and parameters.json. One row in ten thousand is faulty in one of the ways that are rejected. Persons are made a
block at a time, so memory does not grow with the number of claims.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.disease import Cases, cases
from support.place import CLAIMS_PER_PERSON, Place, parameters, place

Ints = npt.NDArray[np.int64]
BLOCK = 500_000
YEAR = 2025
FAULTY = 1e-4
INPATIENT, CHAINED = 0.30, 0.12
LEVELS = ["village", "township", "county", "city", "province", "三级"]
"""The last is no level: what a faulty row says."""
INSURANCES = ["resident", "employee"]
AID = ["none", "low_income", "extreme_poverty", "低保"]
REFERRALS = ["none", "up", "down", "exempt"]
VISIT_FEN = np.array([5_500, 9_000, 21_000, 36_000, 52_000])
STAY_FEN = np.array([160_000, 260_000, 620_000, 1_350_000, 2_300_000])
AMOUNT_LIMIT = 10**13
LIST = pa.list_(pa.dictionary(pa.int32(), pa.string()))


def _pick(rng: np.random.Generator, shares: list[float], size: int) -> Ints:
    """Numbers 0… with these shares."""
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(size), side="right")


def _codes(rng: np.random.Generator, cumulated: npt.NDArray[np.float64], size: int) -> Ints:
    return np.searchsorted(cumulated, rng.random(size), side="right")


def counts_of(persons: int, claims: int, seed: int) -> Ints:
    """How many claims each person has: at least one where there are enough, long-tailed, summing exactly to *claims*."""
    rng = np.random.default_rng([seed, 1])
    shape = rng.gamma(1.6, 1.0, persons)
    wanted = np.maximum(1, np.floor(shape * (claims / shape.sum()))).astype(np.int64)
    while (over := int(wanted.sum()) - claims) != 0:
        at = rng.integers(0, persons, min(abs(over), persons))
        wanted += np.where(np.bincount(at, minlength=persons) > 0, 1, 0) * (-1 if over > 0 else 1)
        np.maximum(wanted, 0 if claims < persons else 1, out=wanted)
        if abs(over) < persons // 50 or abs(over) < 1000:
            step = np.flatnonzero(wanted > 1) if (over := int(wanted.sum()) - claims) > 0 else np.arange(persons)
            wanted[step[: abs(over)]] -= 1 if over > 0 else -1
    return wanted


@dataclass
class _Block:
    """Claims of some persons while they are made: one array a column, rows of a person together."""

    rng: np.random.Generator
    person: Ints
    kind: npt.NDArray[np.bool_]
    """True = inpatient."""
    start: Ints
    end: Ints
    episode: Ints
    """0 = none."""
    referral: Ints
    level: Ints


class Maker:
    """Makes the claims of one year, block by block."""

    def __init__(
        self, at: Place, codes: Cases, seed: int, claims: int, year: int, inpatient: float, first_id: int, faulty: float
    ) -> None:
        self.at, self.codes, self.seed, self.claims = at, codes, seed, claims
        self.inpatient, self.first_id, self.faulty = inpatient, first_id, faulty
        self.first = (dt.date(year, 1, 1) - dt.date(1970, 1, 1)).days
        self.step = next(
            one for one in range(int(claims * 0.6180339) | 1, claims * 2 + 3, 2) if np.gcd(one, claims) == 1
        )

    def blocks(self, counts: Ints) -> Iterator[pa.Table]:
        """Tables of about BLOCK rows, in settlement order."""
        ends = np.cumsum(counts)
        low, done = 0, 0
        while low < len(counts):
            high = max(low + 1, int(np.searchsorted(ends, done + BLOCK, side="right")))
            yield self._table(low, counts[low:high], done)
            low, done = high, int(ends[high - 1])

    def _table(self, first: int, counts: Ints, done: int) -> pa.Table:
        rng = np.random.default_rng([self.seed, int(self.first), 2, first])
        block = self._stays(rng, np.repeat(np.arange(len(counts)), counts))
        rows, persons = len(block.person), len(counts)
        insurance = _pick(rng, [0.76, 0.24], persons)
        aid = _pick(rng, [0.925, 0.055, 0.02], persons)
        sex = rng.integers(0, 2, persons)
        born = self.first - (rng.beta(1.5, 1.2, persons) * 92 * 365).astype(np.int64)
        home = _pick(rng, [0.98 / len(self.at.consortia)] * len(self.at.consortia) + [0.02], persons)
        who = block.person
        moved = rng.random(persons) < 0.005  # insured twice in the year: employee from the middle of it on
        paid = np.where(moved[who] & (block.end > self.first + 180), 1, insurance[who])
        contracted = (rng.random(persons) < 0.6)[who] & (block.level < 3)
        numbers = (self.first_id + (done + np.arange(rows)) * self.step % self.claims).astype(np.int64)
        kind = np.where(block.kind, self._typed(rng, rows, sex[who]), -1)
        money = self._money(rng, block, kind)
        where, outside, tcm = self.at.treated(rng, block.level, home[who])
        columns = {
            "claim_id": numbers, "person": who, "insurance": paid, "aid_class": aid[who], "institution_id": where,
            "consortium": home[who], "level": block.level.copy(), "is_tcm": tcm, "in_county": ~outside, "kind": block.kind,
            "start_date": block.start, "end_date": block.end, "episode_id": block.episode, "referral": block.referral,
            "contracted": contracted, "case": kind, "age_days": self._age(rng, kind, block.start - born[who]),
            "sex": sex[who], **money,
        }  # fmt: skip
        self._spoil(rng, columns)
        order = np.lexsort((columns["claim_id"], columns["start_date"], columns["end_date"], columns["person"]))
        return self._arrow(rng, {name: one[order] for name, one in columns.items()}, first)

    def _stays(self, rng: np.random.Generator, person: Ints) -> _Block:
        """Dates, levels and referral chains; a chain's stays follow one another within days, a level apart."""
        rows = len(person)
        inside = rng.random(rows) < self.inpatient
        order = np.lexsort((inside, person))
        person, inside = person[order], inside[order]
        days = np.where(inside, 1 + rng.gamma(1.9, 4.2, rows).astype(np.int64), 0)
        level = np.where(inside, _pick(rng, [0.0, 0.28, 0.56, 0.12, 0.04], rows),
                         _pick(rng, [0.34, 0.33, 0.25, 0.06, 0.02], rows))  # fmt: skip
        linked = np.zeros(rows, dtype=bool)
        linked[1:] = inside[1:] & inside[:-1] & (person[1:] == person[:-1]) & (rng.random(rows - 1) < CHAINED)
        head = np.maximum.accumulate(np.where(linked, 0, np.arange(rows)))
        within = np.arange(rows) - head
        gap = np.where(linked, rng.integers(0, 4, rows), 0)
        passed = np.cumsum(days + gap)
        start = rng.integers(0, 365, rows)[head] + (passed - passed[head]) - days + days[head]
        end = start + days
        late = end > 364
        start, end = np.where(late, start % 330, start), np.where(late, start % 330 + np.minimum(days, 34), end)
        linked &= ~late & ~late[head]
        up = (within % 2 == 1) == (level[head] < 2)  # from a township up and back, from the county down and back
        rung = level[head] + (within % 2) * np.where(level[head] < 2, 1, -1)
        level = np.where(linked, np.clip(rung, 0, 4), level)
        referral = np.where(inside, _pick(rng, [0.78, 0.12, 0.0, 0.10], rows), _pick(rng, [0.97, 0.03, 0, 0], rows))
        referral = np.where(linked, np.where(up, 1, 2), referral)
        chained = linked.copy()
        chained[head[linked]] = True
        episode = np.where(chained, person * 64 + head % 64 + 1, 0)
        return _Block(rng, person, inside, start + self.first, end + self.first, episode, referral, level)

    def _typed(self, rng: np.random.Generator, rows: int, sex: Ints) -> Ints:
        """A case type for every row; one that can't be for this sex becomes the commonest."""
        kind = _codes(rng, self.codes.cumulated, rows)
        wrong = ((self.codes.sex[kind] == 1) & (sex == 1)) | ((self.codes.sex[kind] == 2) & (sex == 0))
        return np.where(wrong, 0, kind)

    def _age(self, rng: np.random.Generator, kind: Ints, age: Ints) -> Ints:
        newborn = (kind >= 0) & (self.codes.sex[np.maximum(kind, 0)] == 3)
        return np.where(newborn, rng.integers(0, 28, len(kind)), np.maximum(age, 0))

    def _money(self, rng: np.random.Generator, block: _Block, kind: Ints) -> dict[str, Ints]:
        rows, safe = len(kind), np.maximum(kind, 0)
        mean = np.where(block.kind, STAY_FEN[block.level] * self.codes.factor[safe], VISIT_FEN[block.level])
        total = np.maximum(100, mean * np.exp(rng.normal(-0.15, 0.55, rows))).astype(np.int64)
        excluded = (total * rng.beta(1.2, 18, rows)).astype(np.int64)
        copay = ((total - excluded) * rng.beta(1.2, 14, rows)).astype(np.int64)
        return {"total_fen": total, "excluded_fen": excluded, "copay_first_fen": copay}

    def _spoil(self, rng: np.random.Generator, columns: dict[str, Ints]) -> None:
        """Faulty rows, a seventh of them each way; `insurance` -1 stands for null."""
        rows = len(columns["claim_id"])
        for way, at in enumerate(
            np.array_split(rng.choice(rows, int(rng.binomial(rows, self.faulty)), replace=False), 7)
        ):
            if way == 0:
                columns["insurance"][at] = -1
            elif way == 1:
                columns["claim_id"][at] = columns["claim_id"][(at + 1) % rows]
            elif way == 2:
                columns["total_fen"][at] *= -1
            elif way == 3:
                columns["total_fen"][at] += AMOUNT_LIMIT
            elif way == 4:
                columns["excluded_fen"][at] = columns["total_fen"][at] + 1
            elif way == 5:
                columns["start_date"][at] = columns["end_date"][at] + 3
            else:
                columns["level"][at] = 5

    def _arrow(self, rng: np.random.Generator, c: dict[str, Ints], first: int) -> pa.Table:
        codes, inside, rows = self.codes, c["kind"].astype(bool), len(c["kind"])
        kind = c["case"]
        safe = np.maximum(kind, 0)
        principal = np.where(inside, codes.diagnosis[safe], _codes(rng, codes.outpatient, rows))
        untidy = rng.random(rows) < 0.004
        more = np.where(inside, rng.poisson(2.4, rows), rng.poisson(0.3, rows))
        lengths = np.where(inside, codes.combo_length[safe], 0)
        outcome = _pick(rng, [0.93, 0.02, 0.02, 0.02, 0.01], rows)
        base, days = self.at.first_person + first, np.maximum(0, c["end_date"] - c["start_date"])

        def named(numbers: Ints, names: list[str], absent: npt.NDArray[np.bool_] | None = None) -> pa.Array:
            return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32), mask=absent), pa.array(names))

        written = codes.diagnoses + [f" {one[:3].lower()}{one[3:]}" for one in codes.diagnoses]
        columns = {
            "claim_id": pa.array(c["claim_id"]), "person_id": pa.array(c["person"] + base),
            "insurance": named(np.maximum(c["insurance"], 0), INSURANCES, c["insurance"] < 0),
            "aid_class": named(c["aid_class"], AID), "institution_id": pa.array(c["institution_id"]),
            "consortium_id": pa.array(self.at.consortium_ids[c["consortium"]], mask=c["consortium"] >= len(self.at.consortia)),
            "level": named(c["level"], LEVELS), "is_tcm": pa.array(c["is_tcm"].astype(bool)),
            "in_county": pa.array(c["in_county"].astype(bool)), "kind": named(c["kind"], ["outpatient", "inpatient"]),
            "start_date": pa.array(c["start_date"].astype(np.int32)).cast(pa.date32()),
            "end_date": pa.array(c["end_date"].astype(np.int32)).cast(pa.date32()),
            "episode_id": pa.array(c["episode_id"] + base * 64, mask=c["episode_id"] == 0),
            "referral": named(c["referral"], REFERRALS), "contracted": pa.array(c["contracted"].astype(bool)),
            "principal_dx": named(principal + untidy * len(codes.diagnoses), written),
            "other_dx": _lists(_codes(rng, codes.outpatient, int(more.sum())), more, codes.diagnoses),
            "procedures": _lists(_flat(codes, safe, lengths), lengths, codes.procedures),
            "age_days": pa.array(c["age_days"]), "sex": named(c["sex"], ["M", "F"]), "days": pa.array(days),
            "outcome": named(outcome, ["1", "2", "3", "4", "5"], ~inside), "total_fen": pa.array(c["total_fen"]),
            "excluded_fen": pa.array(c["excluded_fen"]), "copay_first_fen": pa.array(c["copay_first_fen"]),
        }  # fmt: skip
        return pa.table(columns)


def _flat(codes: Cases, kind: Ints, lengths: Ints) -> Ints:
    """The procedures of every row behind one another."""
    ends = np.cumsum(lengths)
    return codes.combo_values[
        np.repeat(codes.combo_start[kind] - (ends - lengths), lengths) + np.arange(ends[-1] if len(ends) else 0)
    ]


def _lists(values: Ints, lengths: Ints, names: list[str]) -> pa.Array:
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    held = pa.DictionaryArray.from_arrays(pa.array(values.astype(np.int32)), pa.array(names))
    return pa.ListArray.from_arrays(pa.array(offsets), held)


class _Writer:
    """A Parquet file of plain types (no Arrow schema inside: anybody's file would look so), a row group a table."""

    def __init__(self, path: Path) -> None:
        self.path, self.writer = path, None

    def write(self, table: pa.Table) -> None:
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path, table.schema, store_schema=False)
        self.writer.write_table(table, row_group_size=len(table) or 1)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


class _Shuffler:
    """Scatters rows over files, then writes each file's rows in drawn order: an even shuffle in little memory."""

    def __init__(self, claims: int, seed: int, folder: Path) -> None:
        self.rng, self.folder = np.random.default_rng([seed, 3]), Path(tempfile.mkdtemp(dir=folder))
        self.parts = max(1, round(claims / BLOCK))
        self.sinks: list[pa.ipc.RecordBatchFileWriter] = []

    def add(self, table: pa.Table) -> None:
        if not self.sinks:
            self.sinks = [pa.ipc.new_file(self.folder / f"{n}", table.schema) for n in range(self.parts)]
        part = self.rng.integers(0, self.parts, len(table))
        order, ends = np.argsort(part, kind="stable"), np.cumsum(np.bincount(part, minlength=self.parts))
        mixed, low = table.take(pa.array(order)), 0
        for sink, high in zip(self.sinks, ends.tolist(), strict=True):
            sink.write_table(mixed.slice(low, high - low))
            low = high

    def finish(self, path: Path) -> None:
        out = _Writer(path)
        for number, sink in enumerate(self.sinks):
            sink.close()
            with pa.memory_map(str(self.folder / f"{number}")) as source:
                table = pa.ipc.open_file(source).read_all().combine_chunks()
                out.write(table.take(pa.array(self.rng.permutation(len(table)))))
            (self.folder / f"{number}").unlink()
        out.close()
        shutil.rmtree(self.folder)


def generate(
    out: Path,
    *,
    claims: int,
    persons: int = 0,
    seed: int = 1,
    shuffled: bool = True,
    base: bool = True,
    faulty: float = FAULTY,
) -> None:
    """Write everything into *out*; *persons* 0 = a tenth of the claims."""
    out.mkdir(parents=True, exist_ok=True)
    persons = persons or max(1, round(claims / CLAIMS_PER_PERSON))
    at, codes = place(persons), cases(seed)
    sorted_, mixed = _Writer(out / "sorted.parquet"), _Shuffler(claims, seed, out) if shuffled else None
    maker = Maker(at, codes, seed, claims, YEAR, INPATIENT, 5_000_000_000, faulty)
    for table in maker.blocks(counts_of(persons, claims, seed)):
        sorted_.write(table)
        if mixed is not None:
            mixed.add(table)
    sorted_.close()
    if mixed is not None:
        mixed.finish(out / "shuffled.parquet")
    for back in (3, 2, 1) if base else ():
        cases_of_year = max(20, claims // 10)
        before = Maker(at, codes, seed, cases_of_year, YEAR - back, 1.0, 1_000_000_000 * (4 - back), faulty)
        writer = _Writer(out / f"base{4 - back}.parquet")
        for table in before.blocks(counts_of(max(1, cases_of_year * 7 // 10), cases_of_year, seed + back)):
            writer.write(table)
        writer.close()
    for name, table in at.tables(persons).items():
        pq.write_table(table, out / f"{name}.parquet")
    pq.write_table(pa.table({"code": codes.procedures, "kind": codes.kinds}), out / "kinds.parquet")
    (out / "parameters.json").write_text(json.dumps(parameters(), ensure_ascii=False, indent=1), encoding="utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--claims", type=int, default=10_000_000)
    parser.add_argument("--persons", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.perf_counter()
    generate(options.out, claims=options.claims, persons=options.persons, seed=options.seed)
    print(json.dumps({"claims": options.claims, "seconds": round(time.perf_counter() - began, 1)}))


if __name__ == "__main__":
    main()
