"""Each promise of the house has a test that fails without it (the table: ``switches.yaml``; its places: tests/test_house.py)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drill.switching import Switch, off, run, scratch, switches

pytestmark = pytest.mark.drill
EVERY = switches()


@pytest.fixture(scope="module")
def tree() -> Iterator[Path]:
    with scratch() as found:
        yield found


@pytest.mark.timeout(900)
@pytest.mark.skipif(not os.environ.get("YGT_DRILL"), reason="twenty seconds a switch: make drill")
def test_with_nothing_off_the_tests_are_green(tree: Path) -> None:
    code, said = run(tree, ("kernel/test_ids.py", "policy/test_look_up.py", "registry/test_merge.py"))
    assert code == 0, said


@pytest.mark.timeout(900)
@pytest.mark.skipif(not os.environ.get("YGT_DRILL"), reason="twenty seconds a switch: make drill")
@pytest.mark.parametrize("one", EVERY, ids=[one.promise for one in EVERY])
def test_what_is_off_is_noticed(tree: Path, one: Switch) -> None:
    found = off(tree, one)
    assert not found.blind, f"{one.promise}: green although it is off: {found.blind}\n{found.said}"
