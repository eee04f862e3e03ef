"""Claims in any order: scattered over buckets by person, then each bucket put in settlement order (compiled).

A bucket holds the records of a range of persons in blocks taken from one pool, so nothing has to be counted beforehand
and no record moves twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .kernel import HAS_EPISODE, WHEN_BIAS, WRONG

# A record is the words of its order, then those of its tail; how many of each the packing of the file says (``batch.packing``).
# The order is person, when and claim, a word each, or all in one: person, end, start, claim from the highest bits to the lowest, each
# counted from the lowest of the file. The tail is PACKED, eligible, episode; or one word: total, eligible, flags from the lowest bits to
# the highest. Few claims have an episode or a large amount: their tail of three words lies aside, and theirs here says where (~place).
TOTAL_BITS = 44
"""No amount of a claim needs more; PACKED = total + flags x 2^TOTAL_BITS."""
FLAG_BITS = 64 - TOTAL_BITS
"""Those of a row that is not rejected, its place the highest of them (``rules.places.MOST_PLACES``)."""

# a packing: words of order (1 or 3), of the tail (1 or 3), bits of an amount in one word; lowest, highest, bits of persons, days, claims
KEYS, TAIL, AMOUNT, NUMBERS = 0, 1, 2, 3
PERSONS, DAYS, CLAIMS = 3, 6, 9
PACKINGS = 12

BLOCK = 64
"""Records of a block (1 to 3 KB)."""

LEAST_SLOTS = 3
"""Counts that `arrange` needs beside its slots: words of both signs lie a step apart however far they are shifted."""

# the heads of the buckets: last block (-1 = none yet), records in it, all records
LAST, IN_LAST, ALL = 0, 1, 2
# the pool: next free block, the step to the one after it; next free place aside
FREE, STEP, ASIDE = 0, 1, 2


# how near the bounds of buckets are to a person: bits of a slot of persons, the lowest slot; then of how many bounds a slot begins behind
SHIFT, LOWEST, SLOTS = 0, 1, 2


def bucket_of(bounds: Any, near: Any, who: int) -> int:
    """The bucket of a person: how many of the ascending *bounds* are not above; *near* says between which few to look (`batch.buckets`)."""
    slot = min(max((who >> near[SHIFT]) - near[LOWEST], 0), len(near) - SLOTS - 2)
    return not_above(bounds, who, near[SLOTS + slot], near[SLOTS + slot + 1])


def not_above(bounds: Any, who: int, low: int, high: int) -> int:
    """How many of the ascending *bounds* are not above a number; it is known to be *low* to *high*."""
    while low < high:
        middle = (low + high) >> 1
        if bounds[middle] <= who:
            low = middle + 1
        else:
            high = middle
    return low


def scatter(
    chunk: Any, bounds: Any, near: Any, heads: Any, pool: Any, before: Any, free: Any, aside: Any, packing: Any
) -> int:
    """Append each claim of a chunk to the last block of its bucket; ``before`` chains a bucket's blocks.

    Returns 0, or 1 as soon as a value is outside of the range that the packing has for it.
    """
    persons, whens, claims, episodes, totals, eligibles, flags = chunk
    # The compiler cannot keep in registers what might be written through another array: hence the copies.
    keys, amount, days, numbers = packing[KEYS], packing[AMOUNT], packing[DAYS + 2], packing[CLAIMS + 2]
    persons_low, persons_high, days_low, days_high = (
        packing[PERSONS],
        packing[PERSONS + 1],
        packing[DAYS],
        packing[DAYS + 1],
    )
    claims_low, claims_high = packing[CLAIMS], packing[CLAIMS + 1]
    for row in range(len(flags)):
        if flags[row] == WRONG:
            continue
        who, when, claim = persons[row], whens[row], claims[row]
        bucket = bucket_of(bounds, near, who)
        block, filled = heads[bucket, LAST], heads[bucket, IN_LAST]
        if block < 0 or filled == BLOCK:
            before[free[FREE]] = block
            block, filled = free[FREE], 0
            free[FREE] += free[STEP]
            heads[bucket, LAST] = block
        at = block * BLOCK + filled
        if keys == 1:
            end, start = when >> 32, (when & (2 * WHEN_BIAS - 1)) - WHEN_BIAS
            if who < persons_low or who > persons_high or claim < claims_low or claim > claims_high:
                return 1
            if min(start, end) < days_low or max(start, end) > days_high:
                return 1
            key = ((who - persons_low) << days) | (end - days_low)
            pool[at, 0] = (((key << days) | (start - days_low)) << numbers) | (claim - claims_low)
            told, total = np.int64(flags[row]), totals[row]
            if (told & HAS_EPISODE) == 0 and total >> amount == 0:
                pool[at, 1] = (((told << amount) | eligibles[row]) << amount) | total
            else:
                place = free[ASIDE]
                free[ASIDE] += free[STEP]
                pool[at, 1] = ~place
                aside[place, 0], aside[place, 1], aside[place, 2] = (
                    (told << TOTAL_BITS) | total,
                    eligibles[row],
                    episodes[row],
                )
        else:
            pool[at, 0], pool[at, 1], pool[at, 2] = who, when, claim
            pool[at, 3] = (np.int64(flags[row]) << TOTAL_BITS) | totals[row]
            pool[at, 4], pool[at, 5] = eligibles[row], episodes[row]
        heads[bucket, IN_LAST] = filled + 1
        heads[bucket, ALL] += 1
    return 0


def collect(heads: Any, bucket: int, before: Any, pool: Any, order: Any, words: Any, found: int) -> int:
    """Write positions and first words of a bucket's records to *order* and *words* from *found* on; how many there are then."""
    block, filled = heads[bucket, LAST], heads[bucket, IN_LAST]
    while block >= 0:
        for at in range(filled):
            order[found + at], words[found + at] = block * BLOCK + at, pool[block * BLOCK + at, 0]
        found += filled
        block, filled = before[block], BLOCK
    return found


def later(pool: Any, keys: int, one: int, other: int) -> bool:
    """Whether a record comes after another with the same first word."""
    for word in range(1, keys):
        if pool[one, word] != pool[other, word]:
            return bool(pool[one, word] > pool[other, word])
    return False


def arrange(pool: Any, keys: int, held: Any, count: int, counts: Any) -> None:
    """Put positions in settlement order, with the words that lie beside them: by slots of near words, then inside each slot.

    ``held`` = (positions, room for as many, words, room for as many); positions and words are as `collect` gives them.
    """
    order, spare, words, beside = held
    low = high = words[0]
    for at in range(1, count):
        low, high = min(low, words[at]), max(high, words[at])
    # They may lie anywhere in 64 bits: halves, so that the difference cannot overflow. Between the two signs one step always stays.
    shift = 1
    while (high >> shift) - (low >> shift) >= len(counts) - 1:
        shift += 1
    first = low >> shift
    slots = (high >> shift) - first + 1
    for slot in range(slots + 1):
        counts[slot] = 0
    for at in range(count):
        counts[(words[at] >> shift) - first + 1] += 1
    for slot in range(slots):
        counts[slot + 1] += counts[slot]
    for at in range(count):
        slot = (words[at] >> shift) - first
        spare[counts[slot]], beside[counts[slot]] = order[at], words[at]
        counts[slot] += 1
    begun = 0
    for slot in range(slots):
        inside(pool, keys, (spare, order, beside, words), begun, counts[slot])
        begun = counts[slot]


def inside(pool: Any, keys: int, held: Any, first: int, last: int) -> None:
    """Copy *first* to *last* of one pair of positions and words to the other in order: insertion for few, merging for many."""
    source, target, told, words = held
    if last - first <= 24:
        for at in range(first, last):
            one, word, back = source[at], told[at], at
            while back > first and (
                word < words[back - 1] or (word == words[back - 1] and later(pool, keys, target[back - 1], one))
            ):
                target[back], words[back] = target[back - 1], words[back - 1]
                back -= 1
            target[back], words[back] = one, word
        return
    for at in range(first, last):
        target[at], words[at] = source[at], told[at]
    width = 1
    here, there, of_here, of_there = target, source, words, told
    while width < last - first:
        low = first
        while low < last:
            bounds = low, min(low + width, last), min(low + 2 * width, last)
            merge(pool, keys, (here, there, of_here, of_there), bounds)
            low += 2 * width
        here, there, of_here, of_there = there, here, of_there, of_here
        width *= 2
    for at in range(first, last):
        target[at], words[at] = here[at], of_here[at]


def merge(pool: Any, keys: int, held: Any, bounds: Any) -> None:
    """Merge two ordered stretches, (begin of the first, of the second, end), of one pair of positions and words into the other."""
    source, target, told, words = held
    left, middle, high = bounds
    right = middle
    for at in range(left, high):
        if right >= high:
            second = False
        elif left >= middle:
            second = True
        else:
            one, other = told[left], told[right]
            second = other < one or (other == one and later(pool, keys, source[left], source[right]))
        if second:
            target[at], words[at] = source[right], told[right]
            right += 1
        else:
            target[at], words[at] = source[left], told[left]
            left += 1


def gather(pool: Any, aside: Any, order: Any, first: int, count: int, packing: Any, chunk: Any) -> None:
    """Copy *count* of the pool's records, in *order* from *first* on, to the columns of a chunk."""
    persons, whens, claims, episodes, totals, eligibles, flags = chunk
    keys, amount, days, numbers = packing[KEYS], packing[AMOUNT], packing[DAYS + 2], packing[CLAIMS + 2]
    of_day, of_amount, of_total = (1 << days) - 1, (1 << amount) - 1, (1 << TOTAL_BITS) - 1
    persons_low, days_low, claims_low = packing[PERSONS], packing[DAYS], packing[CLAIMS]
    for row in range(count):
        at = order[first + row]
        if keys == 1:
            key, tail = pool[at, 0], pool[at, 1]
            claims[row] = (key & ((1 << numbers) - 1)) + claims_low
            start = ((key >> numbers) & of_day) + days_low
            end = ((key >> (numbers + days)) & of_day) + days_low
            whens[row] = end * (1 << 32) + start + WHEN_BIAS
            persons[row] = (key >> (numbers + 2 * days)) + persons_low
            if tail >= 0:
                totals[row], eligibles[row] = tail & of_amount, (tail >> amount) & of_amount
                flags[row], episodes[row] = tail >> (2 * amount), 0
                continue
            packed, eligibles[row], episodes[row] = aside[~tail, 0], aside[~tail, 1], aside[~tail, 2]
        else:
            persons[row], whens[row], claims[row] = pool[at, 0], pool[at, 1], pool[at, 2]
            packed, eligibles[row], episodes[row] = pool[at, 3], pool[at, 4], pool[at, 5]
        totals[row], flags[row] = packed & of_total, (packed >> TOTAL_BITS) & ((1 << FLAG_BITS) - 1)


def mark(numbers: Any, low: int, high: int, seen: Any, twice: Any) -> int:
    """Mark each number in the bitmap *seen* of *low* to *high*; those marked before go to *twice*; how many, -1 where one lies outside."""
    found = 0
    for at in range(len(numbers)):
        if numbers[at] < low or numbers[at] > high:
            return -1
        place = numbers[at] - low
        word, mask = place >> 3, 1 << (place & 7)
        if (seen[word] & mask) != 0:
            twice[found] = numbers[at]
            found += 1
        else:
            seen[word] |= mask
    return found


def find(numbers: Any, twice: Any, sieve: Any, marks: Any) -> None:
    """Mark the numbers that are in *twice* (ascending) by 1, others by 0; *sieve* has a mark at the low 16 bits of each of those."""
    for at in range(len(numbers)):
        number = numbers[at]
        marks[at] = sieve[number & 0xFFFF]
        if marks[at] != 0:
            place = not_above(twice, number, 0, len(twice))
            marks[at] = 1 if place > 0 and twice[place - 1] == number else 0
