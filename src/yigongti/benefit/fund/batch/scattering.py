"""Claims in any order: scattered over buckets by person, then each bucket put in settlement order (compiled).

A bucket holds the records of a range of persons in blocks taken from one pool, so nothing has to be counted beforehand
and no record moves twice.
"""

from __future__ import annotations

from typing import Any

from .kernel import WRONG

# a record
PERSON, WHEN, CLAIM, EPISODE, ELIGIBLE, PACKED = 0, 1, 2, 3, 4, 5
WIDTH = 6
"""PACKED = total + flags x 2^TOTAL_BITS; the others are the columns of a chunk."""
TOTAL_BITS = 44
"""No amount of a claim needs more."""
FLAG_BITS = 64 - TOTAL_BITS
"""Those of a row that is not rejected, its place the highest of them (``rules.places.MOST_PLACES``)."""

BLOCK = 64
"""Records of a block (3 KB)."""

# the heads of the buckets: last block (-1 = none yet), records in it, all records
LAST, IN_LAST, ALL = 0, 1, 2
# the pool: next free block, and the step to the one after it
FREE, STEP = 0, 1


def bucket_of(bounds: Any, who: int) -> int:
    """The bucket of a person: how many of the ascending *bounds* are not above."""
    low, high = 0, len(bounds)
    while low < high:
        middle = (low + high) >> 1
        if bounds[middle] <= who:
            low = middle + 1
        else:
            high = middle
    return low


def scatter(chunk: Any, bounds: Any, heads: Any, pool: Any, before: Any, free: Any) -> None:
    """Append each claim of a chunk to the last block of its bucket; ``before`` chains a bucket's blocks."""
    persons, whens, claims, episodes, totals, eligibles, flags = chunk
    for row in range(len(flags)):
        if flags[row] == WRONG:
            continue
        bucket = bucket_of(bounds, persons[row])
        block, filled = heads[bucket, LAST], heads[bucket, IN_LAST]
        if block < 0 or filled == BLOCK:
            before[free[FREE]] = block
            block, filled = free[FREE], 0
            free[FREE] += free[STEP]
            heads[bucket, LAST] = block
        at = block * BLOCK + filled
        pool[at, PERSON], pool[at, WHEN], pool[at, CLAIM] = persons[row], whens[row], claims[row]
        pool[at, EPISODE], pool[at, ELIGIBLE] = episodes[row], eligibles[row]
        pool[at, PACKED] = (flags[row] << TOTAL_BITS) + totals[row]
        heads[bucket, IN_LAST] = filled + 1
        heads[bucket, ALL] += 1


def collect(heads: Any, bucket: int, before: Any, order: Any, found: int) -> int:
    """Write the positions of a bucket's records to *order* from *found* on; returns how many there are then."""
    block, filled = heads[bucket, LAST], heads[bucket, IN_LAST]
    while block >= 0:
        for at in range(filled):
            order[found + at] = block * BLOCK + at
        found += filled
        block, filled = before[block], BLOCK
    return found


def earlier(pool: Any, one: int, other: int) -> bool:
    """Whether a record comes before another in settlement order."""
    if pool[one, PERSON] != pool[other, PERSON]:
        return bool(pool[one, PERSON] < pool[other, PERSON])
    if pool[one, WHEN] != pool[other, WHEN]:
        return bool(pool[one, WHEN] < pool[other, WHEN])
    return bool(pool[one, CLAIM] < pool[other, CLAIM])


def arrange(pool: Any, order: Any, spare: Any, count: int, counts: Any) -> None:
    """Put *order* (positions in the pool) in settlement order: by slots of near persons, then inside each slot."""
    low = high = pool[order[0], PERSON]
    for at in range(1, count):
        who = pool[order[at], PERSON]
        low, high = min(low, who), max(high, who)
    shift = 0
    # Persons may lie anywhere in 64 bits: halves first, so that the difference cannot overflow.
    while (high >> shift) - (low >> shift) >= len(counts) - 1:
        shift += 1
    first = low >> shift
    slots = (high >> shift) - first + 1
    for slot in range(slots + 1):
        counts[slot] = 0
    for at in range(count):
        counts[(pool[order[at], PERSON] >> shift) - first + 1] += 1
    for slot in range(slots):
        counts[slot + 1] += counts[slot]
    for at in range(count):
        slot = (pool[order[at], PERSON] >> shift) - first
        spare[counts[slot]] = order[at]
        counts[slot] += 1
    begun = 0
    for slot in range(slots):
        inside(pool, spare, order, begun, counts[slot])
        begun = counts[slot]


def inside(pool: Any, source: Any, target: Any, first: int, last: int) -> None:
    """Copy positions *first* to *last* of *source* to *target* in order: insertion for few, merging for many."""
    if last - first <= 24:
        for at in range(first, last):
            one, back = source[at], at
            while back > first and earlier(pool, one, target[back - 1]):
                target[back] = target[back - 1]
                back -= 1
            target[back] = one
        return
    for at in range(first, last):
        target[at] = source[at]
    width = 1
    here, there = target, source
    while width < last - first:
        low = first
        while low < last:
            merge(pool, here, there, low, min(low + width, last), min(low + 2 * width, last))
            low += 2 * width
        here, there = there, here
        width *= 2
    for at in range(first, last):
        target[at] = here[at]


def merge(pool: Any, source: Any, target: Any, low: int, middle: int, high: int) -> None:
    """Merge two ordered stretches of *source* into *target*."""
    left, right = low, middle
    for at in range(low, high):
        if right >= high or (left < middle and not earlier(pool, source[right], source[left])):
            target[at] = source[left]
            left += 1
        else:
            target[at] = source[right]
            right += 1


def gather(pool: Any, order: Any, first: int, count: int, chunk: Any) -> None:
    """Copy *count* of the pool's records, in *order* from *first* on, to the columns of a chunk."""
    persons, whens, claims, episodes, totals, eligibles, flags = chunk
    for row in range(count):
        at = order[first + row]
        persons[row], whens[row], claims[row] = pool[at, PERSON], pool[at, WHEN], pool[at, CLAIM]
        episodes[row], eligibles[row] = pool[at, EPISODE], pool[at, ELIGIBLE]
        totals[row] = pool[at, PACKED] & ((1 << TOTAL_BITS) - 1)
        flags[row] = (pool[at, PACKED] >> TOTAL_BITS) & ((1 << FLAG_BITS) - 1)


def mark(numbers: Any, low: int, seen: Any, twice: Any) -> int:
    """Mark each number in the bitmap *seen*, which begins at *low*; those marked before go to *twice*; how many."""
    found = 0
    for at in range(len(numbers)):
        place = numbers[at] - low
        word, mask = place >> 3, 1 << (place & 7)
        if (seen[word] & mask) != 0:
            twice[found] = numbers[at]
            found += 1
        else:
            seen[word] |= mask
    return found


def find(numbers: Any, twice: Any, sieve: Any, rows: Any) -> int:
    """Rows whose number is in *twice* (ascending); *sieve* has a mark at the low 16 bits of each of those; how many."""
    found = 0
    for at in range(len(numbers)):
        number = numbers[at]
        if sieve[number & 0xFFFF] != 0:
            place = bucket_of(twice, number)
            if place > 0 and twice[place - 1] == number:
                rows[found] = at
                found += 1
    return found
