"""Made-up but lifelike case types: which diagnosis, which procedures, how dear, how long, how often.

The head is what county hospitals see most (ICD-10 categories and ICD-9-CM-3 procedures a reader will know), the tail is drawn:
frequencies fall like Zipf's, as they do in discharge data. Nothing here is a statistic of any place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# category, weight, sex (M, F, - both, N newborn), mean days, cost factor; then procedures "codes joined by + : share : factor".
HEAD = """
J18 90 - 8 0.6   : 0.90 1.0 | 33.2400 : 0.10 1.5
I63 85 - 11 1.1  : 0.88 1.0 | 88.4101 : 0.08 1.6 | 39.7401+88.4101 : 0.04 4.5
I10 60 - 7 0.5   : 1.00 1.0
J44 60 - 10 0.8  : 0.94 1.0 | 96.0400+96.7201 : 0.06 3.2
I20 55 - 8 0.8   : 0.70 1.0 | 88.5500 : 0.20 1.7 | 36.0601+88.5500 : 0.10 4.8
E11 50 - 9 0.7   : 1.00 1.0
I25 45 - 8 0.8   : 0.72 1.0 | 88.5500 : 0.18 1.6 | 36.0700+88.5500 : 0.10 4.6
K80 42 - 8 1.0   : 0.35 0.7 | 51.2300 : 0.55 1.5 | 51.2300+51.4102 : 0.10 2.3
K35 30 - 6 0.9   : 0.30 0.6 | 47.0100 : 0.62 1.2 | 47.0900 : 0.08 1.1
O80 30 F 4 0.4   : 0.75 1.0 | 73.6x00 : 0.25 1.1
O82 28 F 6 0.7   74.1x01 : 1.00 1.0
M51 28 - 9 0.8   : 0.80 1.0 | 80.5100 : 0.15 3.0 | 81.0700+80.5100 : 0.05 5.5
N20 26 - 6 0.8   : 0.40 0.6 | 56.0x04 : 0.35 1.8 | 98.5100 : 0.25 1.1
H25 26 - 4 0.6   13.4101+13.7101 : 0.96 1.0 | 13.5900 : 0.04 1.1
G45 25 - 8 0.6   : 1.00 1.0
I50 24 - 9 0.9   : 0.95 1.0 | 37.8301 : 0.05 6.0
K29 22 - 6 0.4   : 0.70 1.0 | 45.1600 : 0.30 1.3
S72 20 - 15 2.2  79.3501 : 0.55 1.0 | 81.5101 : 0.35 1.6 | : 0.10 0.3
S52 16 - 9 1.1   79.3200 : 0.60 1.3 | : 0.40 0.4
S82 16 - 12 1.4  79.3600 : 0.70 1.3 | : 0.30 0.4
K40 15 - 5 0.7   53.0000 : 0.60 1.0 | 17.1100 : 0.40 1.4
N18 15 - 12 1.0  39.9500 : 0.70 1.1 | : 0.30 0.7
C34 14 - 10 1.4  : 0.45 0.8 | 99.2501 : 0.40 1.0 | 32.4100+40.3x00 : 0.15 3.4
J06 14 - 4 0.2   : 1.00 1.0
J20 14 - 6 0.4   : 1.00 1.0
K57 4 - 7 0.6    : 0.70 0.8 | 45.2300 : 0.30 1.2
K63 12 - 4 0.5   45.4200 : 0.75 1.0 | 45.2300 : 0.25 0.7
D25 10 F 8 1.1   68.2900 : 0.40 1.1 | 68.4100 : 0.50 1.3 | : 0.10 0.3
N40 10 M 10 1.0  60.2100 : 0.55 1.5 | : 0.45 0.6
C50 9 F 10 1.3   85.4300 : 0.30 1.9 | 99.2501 : 0.50 0.8 | : 0.20 0.7
C16 8 - 12 1.6   43.7x00 : 0.30 2.4 | 99.2501 : 0.50 0.7 | : 0.20 0.8
C18 7 - 12 1.6   45.7600 : 0.35 2.2 | 99.2501 : 0.50 0.7 | : 0.15 0.8
I61 10 - 16 2.0  : 0.70 0.8 | 01.2400+02.1200 : 0.30 3.0
I21 10 - 9 2.0   36.0601+88.5500 : 0.55 1.7 | : 0.45 0.6
P59 9 N 6 0.4    99.8300 : 0.90 1.0 | : 0.10 0.6
P07 5 N 18 2.2   : 0.70 0.9 | 96.7101 : 0.30 2.0
P23 5 N 9 0.8    : 0.92 1.0 | 93.9000 : 0.08 2.2
M17 8 - 12 2.6   81.5400 : 0.60 1.6 | : 0.40 0.3
H81 12 - 6 0.4   : 1.00 1.0
K92 10 - 8 1.0   : 0.60 0.9 | 44.4300 : 0.40 1.5
B18 5 - 10 0.8   : 1.00 1.0
A15 5 - 14 0.9   : 1.00 1.0
F20 6 - 45 1.4   94.2700 : 0.15 1.4 | : 0.85 1.0
N39 9 - 7 0.4    : 1.00 1.0
L03 6 - 8 0.5    86.0401 : 0.40 1.2 | : 0.60 0.9
S06 12 - 12 1.5  : 0.80 0.7 | 01.2400 : 0.20 3.6
T14 6 - 5 0.3    86.5900 : 0.60 1.1 | : 0.40 0.7
Z51 25 - 5 0.9   99.2501 : 0.80 1.0 | 92.2900 : 0.20 1.5
"""
KIND_OF = {"45.16": "diagnostic", "45.23": "diagnostic", "88.41": "diagnostic", "88.55": "diagnostic", "33.24": "diagnostic",
           "96.04": "therapeutic", "96.71": "therapeutic", "96.72": "therapeutic", "39.95": "therapeutic",
           "99.25": "therapeutic", "99.83": "therapeutic", "93.90": "therapeutic", "94.27": "therapeutic",
           "98.51": "therapeutic", "92.29": "therapeutic", "73.6x": "therapeutic", "44.43": "therapeutic"}  # fmt: skip
TAIL, ZIPF = 900, 1.15
SEXES = {"-": 0, "M": 1, "F": 2, "N": 3}


@dataclass(frozen=True)
class Cases:
    """Case types (one row each), the codes they point to, and the kinds of every procedure."""

    diagnoses: list[str]
    procedures: list[str]
    kinds: list[str]
    """Beside `procedures`: conservative, diagnostic, therapeutic, operation."""
    cumulated: Floats
    """Cumulated frequency of the types, last one 1.0."""
    diagnosis: Ints
    sex: Ints
    days: Floats
    factor: Floats
    combo_start: Ints
    combo_length: Ints
    combo_values: Ints
    outpatient: Floats
    """Cumulated frequency of the diagnoses at visits and as further diagnoses."""


class _Book:
    """What is being gathered: codes get a number when first named."""

    def __init__(self) -> None:
        self.diagnoses: dict[str, int] = {}
        self.procedures: dict[str, int] = {}
        self.rows: list[tuple[float, int, int, float, float, tuple[int, ...]]] = []

    def add(self, weight: float, code: str, sex: int, days: float, factor: float, operations: list[str]) -> None:
        dx = self.diagnoses.setdefault(code, len(self.diagnoses))
        combo = tuple(self.procedures.setdefault(one, len(self.procedures)) for one in operations)
        self.rows.append((weight, dx, sex, days, factor, combo))


def _codes(rng: np.random.Generator, category: str) -> list[tuple[str, float]]:
    """Codes below a category as hospitals write them (J18.900, I63.905x001), with falling shares."""
    subs = rng.permutation(10)[: int(rng.integers(1, 7))]
    found = []
    for at, sub in enumerate(subs):
        for deep in range(int(rng.integers(1, 5))):
            ending = "00" if deep == 0 else f"{deep:02d}" if deep < 3 else f"00x{deep:03d}"
            found.append((f"{category}.{sub}{ending}", 1 / ((at + 1) * (deep + 1) ** 1.5)))
    total = sum(share for _, share in found)
    return [(code, share / total) for code, share in found]


def _head(book: _Book, rng: np.random.Generator) -> None:
    for line in HEAD.strip().splitlines():
        category, weight, sex, days, factor, rest = line.split(None, 5)
        ways = []
        for one in rest.split("|"):
            codes, _, numbers = one.partition(":")
            share, dear = numbers.split()
            ways.append(([c for c in codes.strip().split("+") if c], float(share), float(dear)))
        for code, part in _codes(rng, category):
            for operations, share, dear in ways:
                book.add(float(weight) * part * share, code, SEXES[sex], float(days), float(factor) * dear, operations)


def _tail(book: _Book, rng: np.random.Generator) -> None:
    taken = {line.split()[0] for line in HEAD.strip().splitlines()}
    every = [f"{letter}{number:02d}" for letter in "ABCDEFGHIJKLMNQRSTZ" for number in range(100)]
    names = [one for one in rng.permutation(every)[: TAIL + len(taken)] if one not in taken][:TAIL]
    extra = [f"{a:02d}.{b:02d}{c:02d}" for a in range(1, 99) for b, c in rng.integers(0, 100, (9, 2))]
    for rank, category in enumerate(names, start=1):
        weight, days = 700 / (rank + 6) ** ZIPF, float(rng.uniform(3, 14))
        factor = float(np.exp(rng.normal(-0.1, 0.5)))
        surgical = rng.random() < 0.4
        own = [str(one) for one in rng.choice(extra, int(rng.integers(1, 5)))] if surgical else []
        for code, part in _codes(rng, str(category)):
            book.add(weight * part * (0.5 if own else 1), code, 0, days, factor, [])
            for at, operation in enumerate(own, start=1):
                more = [operation, str(rng.choice(extra))] if at == 3 else [operation]
                book.add(weight * part * 0.5 / len(own), code, 0, days, factor * (1.2 + 0.5 * at), more)


def cases(seed: int) -> Cases:
    """The case types of one seed; the same seed, the same types."""
    rng, book = np.random.default_rng([seed, 7]), _Book()
    _head(book, rng)
    _tail(book, rng)
    weights, dx, sex, days, factor, combos = zip(*book.rows, strict=True)
    lengths = np.array([len(one) for one in combos], dtype=np.int64)
    cumulated = np.cumsum(np.array(weights) / sum(weights))
    cumulated[-1] = 1.0
    visits = 1 / (rng.permutation(len(book.diagnoses)) + 3.0)
    outpatient = np.cumsum(visits / visits.sum())
    outpatient[-1] = 1.0
    return Cases(
        list(book.diagnoses), list(book.procedures), [_kind(one) for one in book.procedures], cumulated,
        np.array(dx, dtype=np.int64), np.array(sex, dtype=np.int64), np.array(days, dtype=np.float64),
        np.array(factor, dtype=np.float64), np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.int64), lengths,
        np.array([code for one in combos for code in one], dtype=np.int64), outpatient,
    )  # fmt: skip


def _kind(code: str) -> str:
    if code[:5] in KIND_OF:
        return KIND_OF[code[:5]]
    chapter = int(code[:2])
    return "operation" if chapter < 86 else "diagnostic" if chapter < 92 else "therapeutic"
