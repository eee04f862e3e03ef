"""The parameter file: what is refused, all of it at once, each thing by its name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.benefit.fund import worked
from yigongti.benefit.fund.rules import settlement
from yigongti.benefit.fund.rules.parameters import ParameterFault, load, read


def leaves(here: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(here, dict):
        for name, below in here.items():
            yield from leaves(below, (*path, name))
    else:
        yield path


LEAVES = list(leaves(worked.base()))


def changed(path: tuple[str, ...], value: object) -> dict[str, Any]:
    parameters = worked.base()
    here = parameters
    for name in path[:-1]:
        here = here[name]
    here[path[-1]] = value
    return parameters


def without(path: tuple[str, ...]) -> dict[str, Any]:
    parameters = worked.base()
    here = parameters
    for name in path[:-1]:
        here = here[name]
    del here[path[-1]]
    return parameters


def problems(given: object) -> tuple[str, ...]:
    with pytest.raises(ParameterFault) as refused:
        read(given)
    return refused.value.problems


@pytest.mark.parametrize("path", LEAVES, ids=".".join)
def test_a_missing_key_is_named(path: tuple[str, ...]) -> None:
    assert problems(without(path)) == (f"缺少 {'.'.join(path)}",)


@pytest.mark.parametrize("path", [path for path in LEAVES if path[-1] != "serious_tiers"], ids=".".join)
@pytest.mark.parametrize("value", [-1, 1.0, "5", None, [], 10**18 + 1])
def test_a_value_that_is_no_whole_number_in_range_is_named(path: tuple[str, ...], value: object) -> None:
    (problem,) = problems(changed(path, value))
    assert ".".join(path) in problem


def is_bp(path: tuple[str, ...]) -> bool:
    return path[0].endswith("_bp") or path[0] == "ratio"


@pytest.mark.parametrize("path", [path for path in LEAVES if is_bp(path)], ids=".".join)
def test_a_ratio_is_from_nothing_to_the_whole(path: tuple[str, ...]) -> None:
    read(changed(path, 0))
    read(changed(path, 10_000))
    for value in (-1, 10_001, True):
        (problem,) = problems(changed(path, value))
        assert ".".join(path) in problem


@pytest.mark.parametrize(
    "tiers",
    [
        [],
        [[0, None, 5000]],
        [[0, 1, 0], [1, 2, 10_000]],
        [[5, 10, 1], [10, 20, 1]],
        [[5, 10, 1], [12, 20, 1]],
    ],
)
def test_ascending_disjoint_tiers_are_taken(tiers: list) -> None:
    read(changed(("serious_tiers",), tiers))


@pytest.mark.parametrize(
    ("tiers", "word"),
    [
        ([[5, 10, 1], [9, 20, 1]], "重叠"),
        ([[5, 20, 1], [6, 7, 1]], "重叠"),
        ([[10, 20, 1], [0, 5, 1]], "重叠"),
        ([[0, None, 1], [5, 6, 1]], "重叠"),
        ([[5, 5, 1]], "上限应高于下限"),
        ([[6, 5, 1]], "上限应高于下限"),
        ([[0, 5, 10_001]], "比例"),
        ([[0, 5, -1]], "比例"),
        ([[0, 5, 1.5]], "比例"),
        ([[-1, 5, 1]], "下限"),
        ([[None, 5, 1]], "下限"),
        ([[0, "5", 1]], "下限"),
        ([[0, 5]], "[下限"),
        ([7], "[下限"),
        ({"a": 1}, "列表"),
        ([[0, 1, 1]] * 101, "100"),
    ],
)
def test_other_tiers_are_refused_by_name(tiers: object, word: str) -> None:
    found = problems(changed(("serious_tiers",), tiers))
    assert any(word in problem and "serious_tiers" in problem for problem in found)


def test_every_problem_is_told_at_once() -> None:
    parameters = without(("aid_cap",))
    parameters["ratio_max_bp"] = 10_001
    parameters["deductible"]["resident"] = 5
    assert problems(parameters) == (
        "deductible.resident 应为对象",
        "ratio_max_bp 应为 0 到 10000 的整数（基点，10000 为 100%），现为 10001",
        "缺少 aid_cap",
    )


def entry(start: object, **change: object) -> dict[str, Any]:
    return {"from": start, "set": worked.base() | change}


def test_sets_are_chosen_by_their_first_day() -> None:
    parameters = read({"sets": [entry("2025-01-01"), entry("2025-07-01", ratio_max_bp=1)]})
    chosen = [parameters.on(day).raw["ratio_max_bp"] for day in (date(2025, 1, 1), date(2025, 6, 30), date(2025, 7, 1))]
    assert chosen == [9500, 9500, 1]
    with pytest.raises(ParameterFault, match="2024-12-31"):
        parameters.on(date(2024, 12, 31))


def test_a_bare_set_holds_for_all_dates() -> None:
    parameters = read(worked.base())
    assert parameters.on(date.min) is parameters.on(date.max)


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        {"sets": []},
        {"sets": {}},
        {"sets": [5]},
        {"sets": [{"from": "2025-01-01"}]},
        {"sets": [entry("2025-13-01")]},
        {"sets": [entry("20250101")]},
        {"sets": [entry(20250101)]},
        {"sets": [entry("2025-07-01"), entry("2025-01-01")]},
        {"sets": [entry("2025-01-01"), entry("2025-01-01")]},
    ],
)
def test_a_file_of_another_shape_is_refused(given: object) -> None:
    assert problems(given)


def test_a_problem_in_a_later_set_is_named_with_its_place() -> None:
    assert problems({"sets": [entry("2025-01-01"), entry("2025-07-01", aid_cap=-1)]})[0].startswith(
        "sets[1].set.aid_cap"
    )


@pytest.mark.parametrize("text", ["", "{", "nonsense", '{"a": 1, "a": 2}', "[" * 100_000, "\ufeff{}"])
def test_a_file_that_is_not_right_json_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterFault):
        load(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterFault, match="读不到"):
        load(tmp_path / "none.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ParameterFault, match="UTF-8"):
        load(tmp_path / "bytes.json")


def test_a_right_file_is_read_with_or_without_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text("\ufeff" + json.dumps(worked.base()), encoding="utf-8")
    assert load(path) == read(worked.base())


def test_what_other_rooms_read_stays_in_the_raw_object() -> None:
    assert read(worked.base() | {"dip": {"core_min_cases": 15}}).sets[0].raw["dip"] == {"core_min_cases": 15}


def test_the_numbers_lie_where_the_rule_looks_for_them() -> None:
    p = read(worked.base()).sets[0].numbers
    assert p[settlement.DEDUCTIBLE + 5 * 1 + 3] == 80_000
    assert p[settlement.OUTPATIENT_DEDUCTIBLE + 1] == 3_000
    assert p[settlement.RATIO + 5 * (2 * 1 + 0) + 4] == 7_500
    assert p[settlement.CAP + 2 * 1 + 0] == 30_000_000
    assert (p[settlement.AID], p[settlement.AID + 1], p[settlement.AID + 2]) == (0, 7_000, 9_000)
    assert p[settlement.AID_CAP] == 5_000_000
    assert p[settlement.TIER_COUNT] == 3
    assert p[settlement.TIERS + 6 :] == (10_000_000, settlement.NO_END, 7_000)
