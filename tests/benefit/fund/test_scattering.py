"""Records put in order: whatever their words are, every one once, and always to an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from yigongti.benefit.fund.batch import buckets, scattering
from yigongti.benefit.fund.batch.compiled import compiled

LOWEST, HIGHEST = -(2**63), 2**63 - 1
WORDS = st.one_of(st.integers(LOWEST, HIGHEST), st.integers(-3, 8), st.sampled_from([LOWEST, -1, 0, 2**62, HIGHEST]))
pytestmark = pytest.mark.timeout(60)


def arranged(words: list[int], arrange: Callable[..., Any]) -> list[tuple[int, ...]]:
    """Records of a word and their number, as `arrange` puts them."""
    count = len(words)
    pool = np.array([[word, 0, count - at] for at, word in enumerate(words)], np.int64)
    order, spare = np.arange(count, dtype=np.int32), np.empty(count, np.int32)
    beside = np.array(words, np.int64)
    counts = np.empty(count // 4 + scattering.LEAST_SLOTS, np.int32)
    arrange(pool, 3, (order, spare, beside, np.empty(count, np.int64)), count, counts)
    return [tuple(row) for row in pool[order].tolist()]


@settings(max_examples=200)
@given(st.lists(WORDS, min_size=1, max_size=90))
@example([-3, 2**62])
@example([-1, 0])
@example([LOWEST, HIGHEST, 0])
@example([7])
def test_words_anywhere_in_64_bits_are_put_in_order(words: list[int]) -> None:
    wanted = sorted((word, 0, len(words) - at) for at, word in enumerate(words))
    assert arranged(words, compiled().arrange) == wanted


@settings(max_examples=300)
@given(st.lists(st.one_of(WORDS, st.integers(0, 3_000)), max_size=60), WORDS)
@example([LOWEST, HIGHEST], 0)
@example([], 5)
@example([4], 3)
def test_the_bucket_of_a_person_is_how_many_bounds_are_not_above(told: list[int], who: int) -> None:
    bounds = np.unique(np.array(told, np.int64))
    near = buckets.near(bounds)
    for one in {who, *told, *(max(LOWEST, bound - 1) for bound in told), *(min(HIGHEST, bound + 1) for bound in told)}:
        assert scattering.bucket_of(bounds, near, one) == sum(bound <= one for bound in bounds.tolist())
