"""Claims by the million: the loops around the rule, in the subset that Numba compiles (``batch.compiled``).

A claim is seven numbers, each in a column (``persons, whens, claims, episodes, totals, eligibles, flags``); a person's running state is
a few numbers and a small table of episodes that is emptied by a new stamp instead of being cleared. Nothing here decides anything
about money: rows are judged by ``rules.claims.fault`` and settled by ``rules.settlement.terms`` and ``advance``, all compiled as
they stand.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..rules.claims import fault, wrong_amounts
from ..rules.settlement import (
    AID_AT,
    BASIC_AT,
    BURDEN_SUM_AT,
    CHAIN_AFTER_AT,
    DEDUCTIBLE_AT,
    PAYS_AT,
    RATIO_AT,
    SERIOUS_AT,
    SHARE_SUM_AT,
    SUMS,
    TERMS,
    advance,
    first_day,
    overflowing,
    set_on,
    terms,
    year_of,
)

WHEN_BIAS = 1 << 31
"""A claim's ``when`` = end_date x 2^32 + start_date + WHEN_BIAS, which orders as (end_date, start_date)."""

# the bits of the flags: what decides the terms first, the lowest COMBINATIONS of them
IS_TCM, IN_COUNTY, CONTRACTED = 1, 2, 4
INSURANCE, KIND, LEVEL, REFERRAL = 3, 4, 5, 8  # first bit of each
COMBINATIONS = 1 << 10
HAS_EPISODE = 1 << 10
AID = 11  # first bit
PLACE = 13
"""First bit of the place of a row that is not rejected, its index in the law; where there is no word of rejection the bits are free."""
UNKNOWN = 16
"""First of the bits, one a word, of which no vocabulary knows."""
FIRST_BITS = (INSURANCE, AID, LEVEL, KIND, REFERRAL)
"""Where the words stand in the flags, in the order of VOCABULARIES."""
WRONG = -1
"""The flags of a row that is rejected."""

# the person's state that is no sum
AT_PERSON, AT_WHEN, AT_CLAIM, STAMP, EPISODES, BEGUN = 0, 1, 2, 3, 4, 5
# where the run stands: next record, next place in the results
NEXT, WRITTEN = 6, 7
# the person's first place, whether the person has claims of another one; how many such persons there were; the place of the claim at hand
HOME, MOVED, MOVERS, AT_PLACE = 8, 9, 10, 11
STATE = 12

# how a run ends
DONE, UNSORTED, NEEDS_ROOM, BEFORE_FIRST_SET, OVERFLOW = 0, 1, 2, 3, 4

BASIC = 2
"""Which row of `longs` is what the basic fund pays."""

CHUNK = 8192
"""Rows judged and settled while they are still in the processor's cache."""
ROOM = 1024
"""Slots of the table of episodes at first, a power of two; it is kept half empty."""


def judge(batch: Any, first: int, last: int, marks: Any, whens: Any, eligibles: Any, flags: Any) -> int:
    """Judge rows *first* to *last* (excluded) of a batch; returns how many are rejected.

    ``batch`` = (longs, days, words, tables, bits, missing, places). longs: claim, person, episode, total, excluded, copay; days: start,
    end; words: as the file numbers them, in the order of VOCABULARIES, tables: the bits of the flags that each number stands for
    (``UNKNOWN`` + its place for a word that is none); bits: is_tcm, in_county, contracted, episode given, a byte a row; missing: mask
    over the required fields; places: that of each row, empty where all follow one. *marks*: 1 for a row whose claim_id is not unique.
    Written: *whens*, *eligibles*, *flags* and, in *marks*, the row's code of rejection.
    """
    longs, days, words, tables, bits, missing, places = batch
    total, excluded, copay = longs[3][first:last], longs[4][first:last], longs[5][first:last]
    start, end, lacks = days[0][first:last], days[1][first:last], missing[first:last]
    tell(words, tables, first, last, flags)
    # Small loops without a jump, each over a few columns: so the compiler takes eight rows at once.
    wrong = 0
    for row in range(last - first):
        code = fault(
            lacks[row], marks[row], total[row], excluded[row], copay[row], start[row], end[row], flags[row] >> UNKNOWN
        )
        marks[row] = code
        wrong += 1 if code != 0 else 0
    tcm, county, contracted, chained = (
        bits[0][first:last],
        bits[1][first:last],
        bits[2][first:last],
        bits[3][first:last],
    )
    for row in range(last - first):
        told = flags[row] + tcm[row] * IS_TCM + county[row] * IN_COUNTY + contracted[row] * CONTRACTED
        flags[row] = told + chained[row] * HAS_EPISODE if marks[row] == 0 else WRONG
    if len(places) != 0:
        for row in range(last - first):
            flags[row] = flags[row] + (places[first + row] << PLACE) if marks[row] == 0 else WRONG
    for row in range(last - first):
        whens[row] = end[row] * (1 << 32) + start[row] + WHEN_BIAS
    for row in range(last - first):
        eligibles[row] = total[row] - excluded[row] - copay[row]
    return wrong


def tell(words: Any, tables: Any, first: int, last: int, flags: Any) -> None:
    """What the words of each row stand for, together."""
    a, b, c, d, e = words
    of_a, of_b, of_c, of_d, of_e = tables
    for row in range(first, last):
        flags[row - first] = of_a[a[row]] + of_b[b[row]] + of_c[c[row]] + of_d[d[row]] + of_e[e[row]]


def reject(batch: Any, first: int, last: int, codes: Any, base: int, rejected: Any) -> None:
    """Tell of each rejected row (row of the file, code, mask of the fields it is about, claim); *base*: the first row of the batch."""
    longs, _, words, tables, _, missing, _ = batch
    told, found = np.empty(1, np.int32), 0
    for row in range(first, last):
        code = codes[row - first]
        if code == 0:
            continue
        mask = 0
        if code == 1:
            mask = missing[row]
        elif code == 3:
            mask = wrong_amounts(longs[3][row], longs[4][row], longs[5][row])
        elif code == 6:
            tell(words, tables, row, row + 1, told)
            mask = told[0] >> UNKNOWN
        rejected[found, 0], rejected[found, 1], rejected[found, 2], rejected[found, 3] = (
            base + row,
            code,
            mask,
            longs[0][row],
        )
        found += 1


def agree(law: Any, agreed: Any) -> None:
    """The terms of every combination of words by every set of parameters, a row each (rows of no claim stay 0)."""
    starts, numbers, width = law
    for chosen in range(len(starts)):
        for told in range(COMBINATIONS):
            level = (told >> LEVEL) & 7
            if level < 5:
                found = terms(
                    numbers, chosen * width, (told >> INSURANCE) & 1, level, told & IS_TCM, told & IN_COUNTY, (told >> KIND) & 1,
                    (told >> REFERRAL) & 3, told & CONTRACTED,
                )  # fmt: skip
                for place in range(TERMS):
                    agreed[chosen * COMBINATIONS + told, place] = found[place]


def agreement(agreed: Any, at: int) -> tuple[int, int, int, int, int, int, int, int, int, int]:
    """One row of `agree` as `terms` gave it."""
    return (
        agreed[at, 0], agreed[at, 1], agreed[at, 2], agreed[at, 3], agreed[at, 4], agreed[at, 5], agreed[at, 6], agreed[at, 7],
        agreed[at, 8], agreed[at, 9],
    )  # fmt: skip


def slot_of(keys: Any, stamps: Any, stamp: int, episode: int) -> int:
    """Where a person's episode is in the table, or would be (open addressing; a slot of an older stamp is free)."""
    last = len(keys) - 1
    slot = (episode ^ (episode >> 17) ^ (episode >> 37)) & last
    while stamps[slot] == stamp and keys[slot] != episode:
        slot = (slot + 1) & last
    return slot


def run(chunk: Any, person: Any, law: Any, longs: Any, ratios: Any) -> int:
    """Settle claims that are in settlement order, from ``state[NEXT]`` on; returns how it ended.

    ``chunk``: the seven columns of claims; rows whose flags are WRONG are passed over. ``person`` = (state, sums, keys, stamps,
    chains): what runs from claim to claim, and the table of episodes. ``law`` = (first day of each set, all numbers, numbers a set,
    terms, bounds): the sets of one place after the other, those of place p from ``bounds[p]`` to ``bounds[p + 1]``, the terms as `agree`
    gives them. Results go to *longs* (claim, deductible, basic, serious, aid, pays) and *ratios*, from ``state[WRITTEN]`` on. After
    NEEDS_ROOM the caller enlarges the table and calls again.
    """
    state, sums, keys, stamps, chains = person
    starts, numbers, width, agreed, bounds = law
    # The compiler cannot keep in registers what might be written through another array: hence the copies.
    begun, stamp, episodes, at, first = state[BEGUN], state[STAMP], state[EPISODES], state[WRITTEN], state[NEXT]
    at_person, at_when, at_claim = state[AT_PERSON], state[AT_WHEN], state[AT_CLAIM]
    home, moved, movers = state[HOME], state[MOVED], state[MOVERS]
    persons, whens, claims, named = chunk[0][first:], chunk[1][first:], chunk[2][first:], chunk[3][first:]
    totals, eligibles, told = chunk[4][first:], chunk[5][first:], chunk[6][first:]
    # of the last claim; the days of its year are new_year to next_year (excluded)
    ended, year, new_year, next_year = DONE, 0, 0, 0
    for row in range(len(told)):
        flags = int(told[row])
        if flags == WRONG:
            continue
        state[NEXT] = first + row
        who, when, claim, where = persons[row], whens[row], claims[row], flags >> PLACE
        if begun == 0 or who != at_person:
            if begun != 0 and who < at_person:
                ended = UNSORTED
                break
            begun, at_person, stamp, episodes, home, moved = 1, who, stamp + 1, 0, where, 0
            for place in range(SUMS):
                sums[place] = 0
        elif when < at_when or (when == at_when and claim < at_claim):
            ended = UNSORTED
            break
        if 2 * episodes >= len(keys):
            ended = NEEDS_ROOM
            break
        at_when, at_claim = when, claim
        if where != home and moved == 0:
            moved, movers = 1, movers + 1
        day = when >> 32
        chosen = set_on(starts, bounds[where], bounds[where + 1], day)
        if chosen < 0:
            state[AT_PLACE], ended = where, BEFORE_FIRST_SET
            break
        if day < new_year or day >= next_year:
            year = year_of(day)
            new_year, next_year = first_day(year), first_day(year + 1)
        kind = (flags >> KIND) & 1
        slot, chain = -1, 0
        if kind == 0 and (flags & HAS_EPISODE) != 0:
            slot = slot_of(keys, stamps, stamp, named[row])
            if stamps[slot] == stamp:
                chain = chains[slot]
        trace = advance(
            sums, numbers, chosen * width, agreement(agreed, chosen * COMBINATIONS + (flags & (COMBINATIONS - 1))), year,
            (flags >> INSURANCE) & 1, (flags >> AID) & 3, kind, (flags >> REFERRAL) & 3, totals[row], eligibles[row], chain,
        )  # fmt: skip
        if slot >= 0:
            if stamps[slot] != stamp:
                episodes += 1
                stamps[slot], keys[slot] = stamp, named[row]
            chains[slot] = trace[CHAIN_AFTER_AT]
        if overflowing(trace[SHARE_SUM_AT], trace[BURDEN_SUM_AT]) != 0:
            ended = OVERFLOW
            break
        longs[0, at], longs[1, at], ratios[at] = claim, trace[DEDUCTIBLE_AT], trace[RATIO_AT]
        longs[BASIC, at], longs[3, at] = trace[BASIC_AT], trace[SERIOUS_AT]
        longs[4, at], longs[5, at] = trace[AID_AT], trace[PAYS_AT]
        at += 1
    state[BEGUN], state[STAMP], state[EPISODES], state[WRITTEN] = begun, stamp, episodes, at
    state[AT_PERSON], state[AT_WHEN], state[AT_CLAIM] = at_person, at_when, at_claim
    state[HOME], state[MOVED], state[MOVERS] = home, moved, movers
    return ended
