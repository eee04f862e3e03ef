"""Whole numbers packed for Parquet, compiled: differences of neighbours (DELTA_BINARY_PACKED), numbers of texts (RLE_DICTIONARY); ADR 0047.

The encoding of differences is a stream of bits, the lowest first: a header, then blocks of BLOCK differences, each counted from the least
of its block and packed in as many bits as the largest of its MINI needs (parquet-format, Encodings.md, "Delta Encoding"). Everything,
lengths and widths included, goes through one accumulator of 64 bits, so nothing is written twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np

BLOCK, MINI = 128, 32
MINIS = BLOCK // MINI
WORDS = BLOCK + 2
"""Words that a block takes at most: its differences, its least (10 bytes), the widths."""
HEADER_WORDS = 8

U = np.uint64
ZERO, ONE, SEVEN, BYTE, HALF, LAST = U(0), U(1), U(7), U(8), U(32), U(63)
SHIFT, LOW_SEVEN, MORE = U(6), U(127), U(128)


def push(out: Any, stream: Any, value: Any, bits: Any) -> Any:
    """Append *bits* (1 to 64) of *value*, which has no more, to *out*; ``stream`` = (words full, the one begun, bits in it)."""
    used, begun, held = stream
    begun |= value << held
    out[used] = begun
    rest = (value >> ONE) >> (LAST - held)
    held += bits
    full = held >> SHIFT
    return used + full, (rest if full else begun), held & LAST


def push_varint(out: Any, stream: Any, value: Any) -> Any:
    """Append a number seven bits a byte."""
    while value >= MORE:
        stream = push(out, stream, (value & LOW_SEVEN) | MORE, BYTE)
        value >>= SEVEN
    return push(out, stream, value, BYTE)


def zigzag(value: Any) -> Any:
    """Small numbers of both signs as small numbers without one."""
    return U((value << 1) ^ (value >> 63))


def width(bits: Any) -> int:
    """How many bits a number without sign needs."""
    found = 0
    for step in (32, 16, 8, 4, 2, 1):
        if bits >> U(step):
            found += step
            bits >>= U(step)
    return found + int(bits)


def encode(values: Any, narrow: int, out: Any, deltas: Any, widths: Any) -> int:
    """Encode *values* (int32 or int64, one at least) into the words *out*; how many bytes they are.

    *narrow*: 64 less the bits of a value, for differences wrap as the type does; *deltas* and *widths*: room for BLOCK and MINIS.
    """
    stream = push_varint(out, (ZERO, ZERO, ZERO), U(BLOCK))
    stream = push_varint(out, stream, U(MINIS))
    stream = push_varint(out, stream, U(len(values)))
    stream = push_varint(out, stream, zigzag(np.int64(values[0])))
    for first in range(1, len(values), BLOCK):
        size = min(BLOCK, len(values) - first)
        here, before = values[first : first + size], values[first - 1 : first + size - 1]
        least = ((np.int64(here[0]) - np.int64(before[0])) << narrow) >> narrow
        for at in range(size):
            deltas[at] = ((np.int64(here[at]) - np.int64(before[at])) << narrow) >> narrow
            least = min(least, deltas[at])
        for at in range(size, BLOCK):
            deltas[at] = least
        stream = push_varint(out, stream, zigzag(least))
        told = ZERO
        for mini in range(MINIS):
            bits, part = ZERO, deltas[mini * MINI : (mini + 1) * MINI]
            for at in range(MINI):
                bits |= U(part[at] - least)
            widths[mini] = width(bits)
            told |= U(widths[mini]) << U(8 * mini)
        stream = push(out, stream, told, HALF)
        for mini in range(MINIS):
            each, part = U(widths[mini]), deltas[mini * MINI : (mini + 1) * MINI]
            if each > HALF:
                for at in range(MINI):
                    stream = push(out, stream, U(part[at] - least), each)
            elif each > ZERO:  # two at once
                for at in range(0, MINI, 2):
                    stream = push(out, stream, U(part[at] - least) | (U(part[at + 1] - least) << each), each + each)
    used, begun, held = stream
    out[used] = begun
    return int((used << U(3)) + (held >> U(3)))


def pack(values: Any, bits: int, out: Any) -> int:
    """Encode numbers of texts (int32, each below 2^*bits*, *bits* from 1 on) into the words *out*, all in one run; how many bytes they are.

    A run has eights of values: behind the last stand zeros (parquet-format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid").
    """
    each, eights = U(bits), (len(values) + 7) >> 3
    stream = push_varint(out, push(out, (ZERO, ZERO, ZERO), each, BYTE), U(eights << 1 | 1))
    begun = (stream[0] << U(6)) + stream[2]
    for at in range(0, len(values) - 1, 2):
        stream = push(out, stream, U(values[at]) | (U(values[at + 1]) << each), each + each)
    if len(values) & 1:
        stream = push(out, stream, U(values[-1]), each)
    used, last, _ = stream
    out[used] = last
    out[used + ONE : used + BYTE] = ZERO
    return int(((begun + U(eights * 8) * each) + SEVEN) >> U(3))
