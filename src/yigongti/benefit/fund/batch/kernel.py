"""Claims by the million: the loops around the rule, in the subset that Numba compiles (``batch.compiled``).

A claim becomes a record of 48 bytes, six integers; a person's running state is a few numbers and a small table of
episodes that is emptied by a new stamp instead of being cleared. Nothing here decides anything about money: rows are
judged by ``rules.claims.fault`` and settled by ``rules.settlement.advance``, both compiled as they stand.
"""

from __future__ import annotations

from typing import Any

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
    advance,
    first_day,
    overflowing,
    set_on,
    year_of,
)

# a record
PERSON, WHEN, CLAIM, EPISODE, ELIGIBLE, PACKED = 0, 1, 2, 3, 4, 5
WIDTH = 6
"""WHEN = end_date x 2^32 + start_date + 2^31, which orders as (end_date, start_date); PACKED = total + flags x 2^44."""

# the bits of the flags; no amount of a claim needs more than 44 bits
TOTAL_BITS = 44
IS_TCM, IN_COUNTY, CONTRACTED, HAS_EPISODE = 1, 2, 4, 8
INSURANCE, KIND, LEVEL, REFERRAL, AID = 4, 5, 6, 9, 11  # first bit of each

# the person's state that is no sum
AT_PERSON, AT_WHEN, AT_CLAIM, STAMP, EPISODES, BEGUN = 0, 1, 2, 3, 4, 5
# where the run stands: next record, next place in the results
NEXT, WRITTEN = 6, 7
STATE = 8

# how a run ends
DONE, UNSORTED, NEEDS_ROOM, BEFORE_FIRST_SET, OVERFLOW = 0, 1, 2, 3, 4

# where a batch stands: next row, next of the rows with a repeated number, rejected rows so far
NEXT_ROW, NEXT_REPEATED, REJECTED = 0, 1, 2

CHUNK = 8192
"""Rows packed and settled while they are still in the processor's cache."""
ROOM = 1024
"""Slots of the table of episodes at first, a power of two; it is kept half empty."""


def bit(bitmap: Any, at: int) -> int:
    """One bit of Arrow's bitmaps."""
    return (bitmap[at >> 3] >> (at & 7)) & 1


def pack(batch: Any, place: Any, last: int, repeated: Any, base: int, records: Any, rejected: Any) -> int:
    """Turn rows ``place[NEXT_ROW]`` to *last* (excluded) of a batch into *records*; returns how many became one.

    ``batch`` = (longs, days, words, tables, bits, offsets, missing). longs: claim, person, episode, total, excluded,
    copay; days: start, end; words: insurance, aid class, level, kind, referral as the file numbers them, tables: what
    each number means (255 = unknown); bits: is_tcm, in_county, contracted, episode given (empty = always), Arrow's
    bitmaps, beginning at *offsets*; missing: mask over the required fields (empty = nothing is).
    *repeated*: rows of the file whose claim_id is not unique, ascending; *base*: the file's row of the batch's first.
    A rejected row goes to *rejected* as (row of the file, code, mask of the fields it is about).
    """
    longs, days, words, tables, bits, offsets, missing = batch
    found, at_repeated, at_rejected = 0, place[NEXT_REPEATED], place[REJECTED]
    for row in range(place[NEXT_ROW], last):
        total, excluded, copay = longs[3][row], longs[4][row], longs[5][row]
        start, end = days[0][row], days[1][row]
        lacks = missing[row] if len(missing) > 0 else 0
        duplicate = 0
        if at_repeated < len(repeated) and repeated[at_repeated] == base + row:
            duplicate = 1
            at_repeated += 1
        flags = unknown = 0
        if lacks == 0:
            flags, unknown = flagged(words, tables, bits, offsets, row)
        code = fault(lacks, duplicate, total, excluded, copay, start, end, unknown)
        if code != 0:
            rejected[at_rejected, 0] = base + row
            rejected[at_rejected, 1] = code
            rejected[at_rejected, 2] = lacks if code == 1 else unknown
            if code == 3:
                rejected[at_rejected, 2] = wrong_amounts(total, excluded, copay)
            at_rejected += 1
            continue
        records[found, PERSON] = longs[1][row]
        records[found, WHEN] = end * (1 << 32) + start + (1 << 31)
        records[found, CLAIM] = longs[0][row]
        records[found, EPISODE] = longs[2][row]
        records[found, ELIGIBLE] = total - excluded - copay
        records[found, PACKED] = (flags << TOTAL_BITS) + total
        found += 1
    place[NEXT_ROW], place[NEXT_REPEATED], place[REJECTED] = last, at_repeated, at_rejected
    return found


def flagged(words: Any, tables: Any, bits: Any, offsets: Any, row: int) -> tuple[int, int]:
    """(flags, mask of the unknown words) of a row that has them all."""
    insurance = int(tables[0][words[0][row]])
    aid_class = int(tables[1][words[1][row]])
    level = int(tables[2][words[2][row]])
    kind = int(tables[3][words[3][row]])
    referral = int(tables[4][words[4][row]])
    unknown = 0
    if insurance == 255:
        unknown += 1
    if aid_class == 255:
        unknown += 2
    if level == 255:
        unknown += 4
    if kind == 255:
        unknown += 8
    if referral == 255:
        unknown += 16
    flags = bit(bits[0], offsets[0] + row) * IS_TCM + bit(bits[1], offsets[1] + row) * IN_COUNTY
    flags += bit(bits[2], offsets[2] + row) * CONTRACTED
    if len(bits[3]) == 0 or bit(bits[3], offsets[3] + row) != 0:
        flags += HAS_EPISODE
    if unknown == 0:
        flags += (insurance << INSURANCE) + (kind << KIND) + (level << LEVEL)
        flags += (referral << REFERRAL) + (aid_class << AID)
    return flags, unknown


def slot_of(keys: Any, stamps: Any, stamp: int, episode: int) -> int:
    """Where a person's episode is in the table, or would be (open addressing; a slot of an older stamp is free)."""
    last = len(keys) - 1
    slot = (episode ^ (episode >> 17) ^ (episode >> 37)) & last
    while stamps[slot] == stamp and keys[slot] != episode:
        slot = (slot + 1) & last
    return slot


def run(records: Any, count: int, person: Any, law: Any, longs: Any, ratios: Any) -> int:
    """Settle records that are in settlement order, from ``state[NEXT]`` on; returns how it ended.

    ``person`` = (state, sums, keys, stamps, chains): what runs from claim to claim, and the table of episodes. ``law`` =
    (first day of each set, all numbers, numbers a set) as ``Parameters.packed`` gives them. Results go to *longs*
    (claim, deductible, basic, serious, aid, pays) and *ratios*, from ``state[WRITTEN]`` on. After NEEDS_ROOM the caller
    enlarges the table and calls again.
    """
    state, sums, keys, stamps, chains = person
    starts, numbers, width = law
    # The compiler cannot keep in registers what might be written through another array: hence the copies.
    begun, stamp, episodes, at = state[BEGUN], state[STAMP], state[EPISODES], state[WRITTEN]
    at_person, at_when, at_claim = state[AT_PERSON], state[AT_WHEN], state[AT_CLAIM]
    ended, row = DONE, state[NEXT]
    year = new_year = next_year = 0  # of the last claim; its days are new_year to next_year (excluded)
    while row < count:
        who, when, claim = records[row, PERSON], records[row, WHEN], records[row, CLAIM]
        if begun == 0 or who != at_person:
            if begun != 0 and who < at_person:
                ended = UNSORTED
                break
            begun, at_person, episodes = 1, who, 0
            stamp += 1
            for place in range(SUMS):
                sums[place] = 0
        elif when < at_when or (when == at_when and claim < at_claim):
            ended = UNSORTED
            break
        if 2 * episodes >= len(keys):
            ended = NEEDS_ROOM
            break
        at_when, at_claim = when, claim
        day = when >> 32
        chosen = set_on(starts, day)
        if chosen < 0:
            ended = BEFORE_FIRST_SET
            break
        if day < new_year or day >= next_year:
            year = year_of(day)
            new_year, next_year = first_day(year), first_day(year + 1)
        packed = records[row, PACKED]
        flags = packed >> TOTAL_BITS
        kind = (flags >> KIND) & 1
        slot, chain = -1, 0
        if kind == 0 and (flags & HAS_EPISODE) != 0:
            slot = slot_of(keys, stamps, stamp, records[row, EPISODE])
            if stamps[slot] == stamp:
                chain = chains[slot]
        trace = advance(
            sums, numbers, chosen * width, year, (flags >> INSURANCE) & 1, (flags >> AID) & 3,
            (flags >> LEVEL) & 7, flags & IS_TCM, flags & IN_COUNTY, kind, (flags >> REFERRAL) & 3,
            flags & CONTRACTED, packed & ((1 << TOTAL_BITS) - 1), records[row, ELIGIBLE], chain,
        )  # fmt: skip
        if slot >= 0:
            if stamps[slot] != stamp:
                episodes += 1
                stamps[slot], keys[slot] = stamp, records[row, EPISODE]
            chains[slot] = trace[CHAIN_AFTER_AT]
        if overflowing(trace[SHARE_SUM_AT], trace[BURDEN_SUM_AT]) != 0:
            ended = OVERFLOW
            break
        longs[0, at], longs[1, at], ratios[at] = claim, trace[DEDUCTIBLE_AT], trace[RATIO_AT]
        longs[2, at], longs[3, at] = trace[BASIC_AT], trace[SERIOUS_AT]
        longs[4, at], longs[5, at] = trace[AID_AT], trace[PAYS_AT]
        at += 1
        row += 1
    state[BEGUN], state[STAMP], state[EPISODES], state[WRITTEN] = begun, stamp, episodes, at
    state[AT_PERSON], state[AT_WHEN], state[AT_CLAIM], state[NEXT] = at_person, at_when, at_claim, row
    return ended
