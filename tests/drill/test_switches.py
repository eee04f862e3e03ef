"""Each promise of the house has a test that fails without it (the table: ``switches.yaml``)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drill.switching import ROOT, Switch, edited, off, run, scratch, switches

pytestmark = pytest.mark.drill
EVERY = switches()


def test_every_switch_finds_its_place_and_its_tests() -> None:
    """Also in the everyday run: whoever moves a rule moves its switch."""
    assert len(EVERY) >= 40
    assert len({one.promise for one in EVERY}) == len(EVERY)
    for one in EVERY:
        edited(ROOT, one)
        for test in one.tests:
            path, _, name = test.partition("::")
            assert f"def {name or 'test_'}" in (ROOT / "tests" / path).read_text(encoding="utf-8"), one.promise


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
