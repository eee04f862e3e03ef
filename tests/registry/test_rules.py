"""Pure decisions of the registry."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigongti.registry.roles import BY_CODE, RIGHTS, ROLES
from yigongti.registry.rules.duplicates import PROPOSE, Entry, compare
from yigongti.registry.rules.network import Right, covers, may_practise
from yigongti.registry.rules.places import full_code, level_of, parent_of, record_parts

ZHANG = Entry("张三", "zhangsan", "male", date(1960, 3, 5), "id1", "4a", "p1", "439921101201", "H1")


@pytest.mark.parametrize(
    ("change", "probable"),
    [
        ({}, True),
        ({"name": "别人", "pinyin": "bieren", "birth": date(1999, 9, 9)}, True),  # the same number is the same person
        ({"id_index": ""}, True),
        ({"id_index": "", "name": "章三"}, True),  # by ear, same birth, phone, last four
        ({"id_index": "", "id_last4": "", "phone_index": "", "household": ""}, True),
        ({"id_index": "", "id_last4": "", "phone_index": "", "birth": date(1960, 5, 3), "household": "", "place": ""}, False),
        ({"id_index": "other"}, True),  # all else the same: one of the numbers was typed wrongly
        ({"id_index": "other", "id_last4": "9z"}, False),  # two numbers, one name: father and son, or twins
        ({"id_index": "", "id_last4": "", "sex": "female", "phone_index": ""}, False),
        ({"id_index": "", "id_last4": "", "birth": date(1985, 1, 1), "phone_index": "", "household": ""}, False),
    ],
)  # fmt: skip
def test_likeness_is_a_rule_with_evidence(change: dict[str, object], probable: bool) -> None:
    found = compare(ZHANG, replace(ZHANG, **change))  # type: ignore[arg-type]
    assert found.probable is probable, (found.score, found.evidence)
    assert found.evidence


_ENTRIES = st.builds(
    Entry, st.sampled_from(["张三", "章三", "李四"]), st.sampled_from(["zhangsan", "lisi"]),
    st.sampled_from(["male", "female", "unknown"]), st.dates(date(1960, 1, 1), date(1961, 12, 31)),
    st.sampled_from(["", "a", "b"]), st.sampled_from(["", "x"]), st.sampled_from(["", "p"]), st.sampled_from(["", "v"]),
    st.sampled_from(["", "h"]),
)  # fmt: skip


@given(_ENTRIES, _ENTRIES)
def test_likeness_does_not_depend_on_the_order_and_stays_in_bounds(a: Entry, b: Entry) -> None:
    assert compare(a, b).score == compare(b, a).score
    assert 0 <= compare(a, b).score <= 100
    assert compare(a, a).score >= compare(a, b).score or a.id_index != b.id_index
    assert PROPOSE < 100


def test_division_codes_have_levels_and_parents() -> None:
    assert [level_of(full_code(code)) for code in ("43", "4301", "430121", "430121101", "430121101201")] == [
        1,
        2,
        3,
        4,
        5,
    ]
    assert parent_of("430121101201") == "430121101000"
    assert parent_of("430000000000") is None
    for wrong in ("", "4", "43012", "43012a", "4301211012011"):
        with pytest.raises(ValueError, match="区划代码"):
            full_code(wrong)


def test_villages_get_the_three_digits_of_the_norm_once() -> None:
    codes = [f"430121101{n:03d}" for n in (1, 99, 120, 200, 298, 299, 398, 400, 498, 599)]
    parts = record_parts(codes)
    assert parts["430121101001"] == "001"
    assert (parts["430121101200"], parts["430121101298"]) == ("101", "199")
    assert [parts[c] for c in codes if int(c[9:]) in (120, 299, 398, 400, 498, 599)] == [
        f"{n}" for n in range(901, 907)
    ]
    assert len(set(parts.values())) == len(codes)


@pytest.mark.parametrize(
    ("code", "wanted"),
    [("I10", "I10"), ("E11.9", "E11.9"), ("E11.2", "E11"), ("J44.9", "J"), ("C34", ""), ("e11.9", "E11.9")],
)
def test_an_ability_list_holds_what_begins_with_a_prefix_the_longest_first(code: str, wanted: str) -> None:
    assert covers(["I10", "E11", "E11.9", "J"], code) == wanted


@pytest.mark.parametrize(
    ("on", "allowed"),
    [
        (date(2025, 12, 31), False), (date(2026, 1, 1), True), (date(2026, 5, 31), True), (date(2026, 6, 1), False),
        (date(2026, 11, 30), False), (date(2026, 12, 1), True), (date(2027, 1, 1), False),
    ],
)  # fmt: skip
def test_a_right_holds_on_its_days_and_not_while_suspended(on: date, allowed: bool) -> None:
    right = Right("prescribe", 1, date(2026, 1, 1), date(2026, 12, 31), date(2026, 6, 1), date(2026, 11, 30), "下沉")
    found = may_practise([right], kind="prescribe", unit_id=1, on=on)
    assert found.allowed is allowed
    assert allowed or found.reason
    assert not may_practise([right], kind="prescribe", unit_id=2, on=on).allowed


def test_roles_hold_only_rights_that_exist_and_every_right_is_held_by_a_role() -> None:
    held = {right for role in ROLES for right in role.rights}
    assert held <= set(RIGHTS)
    assert set(RIGHTS) - held <= {"case.hq"}
    assert len(BY_CODE) == len(ROLES)


def test_roles_limit_tables_too() -> None:
    for code in ("administrator", "supervisor", "hq_director", "registrar", "policy_officer", "resident"):
        assert not any(right.startswith("clinical.") for right in BY_CODE[code].rights), code
    assert "resident.banner" not in BY_CODE["supervisor"].rights
    assert not {"policy.propose", "policy.approve"} <= set(BY_CODE["policy_officer"].rights)
    for robot in (role for role in ROLES if role.robot):
        assert not any(right.startswith("clinical.") for right in robot.rights), robot.code
        writes = any(right.startswith(("registry.", "access.")) for right in robot.rights)
        assert writes is (robot.code in {"robot_import", "robot_catchment", "robot_registrar"}), robot.code
