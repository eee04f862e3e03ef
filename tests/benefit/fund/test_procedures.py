"""The table of kinds of procedures: read, its faults told, taken as grouping needs it."""

from __future__ import annotations

import pytest

from yigongti.benefit.fund.rules import dip, procedures

HEAD = (1, ("手术操作编码", "手术操作名称", "类别"))


def test_what_is_done_by_catheter_counts_with_the_operations_and_the_highest_kind_names_the_group() -> None:
    entries, bad = procedures.read([
        HEAD, (2, ("45.13", "甲", "诊断性操作")), (3, ("３６．０６", "乙", "介入治疗")), (4, ("99.15", "丙", "治疗性")), (5, ("", "", "")),
        (6, ("47.0900x001", "丁", "手术")), (7, ("45.13", "甲", "诊断性操作")),
    ])  # fmt: skip
    assert not bad and [one[0] for one in entries] == ["36.06", "45.13", "47.0900x001", "99.15"]
    kinds = procedures.kinds(entries)
    assert [dip.kind(ops, kinds) for ops in ("-", "45.13", "45.13+99.15", "36.06+45.13", "12.34")] == [
        "conservative", "diagnostic", "therapeutic", "operation", "operation",
    ]  # fmt: skip


def test_every_bad_row_is_told_with_row_column_and_reason() -> None:
    _, bad = procedures.read([
        HEAD, (2, ("45.13", "", "诊断性操作")), (3, ("四五", "", "手术")), (4, ("47.09", "", "大手术")), (5, ("45.13", "", "手术")),
    ])  # fmt: skip
    assert [(one.row, one.column) for one in bad] == [(3, "手术操作编码"), (4, "类别"), (5, "类别")]
    assert "与第 2 行同一编码的类别“诊断性操作”不同" in bad[2].reason


@pytest.mark.parametrize(
    "rows", [[], [(1, ("编码", "名称"))], [HEAD, *((n, ("45.13", "", "手术")) for n in range(2, 30_003))]]
)
def test_a_table_without_its_columns_or_without_end_is_refused_whole(rows: list[tuple[int, tuple[str, ...]]]) -> None:
    with pytest.raises(procedures.TableFault):
        procedures.read(rows)


def test_the_own_list_is_whole_and_every_kind_of_grouping_occurs() -> None:
    kinds = procedures.kinds(procedures.own())
    assert len(kinds) == len(procedures.own()) > 100 and set(kinds.values()) == {
        "operation",
        "therapeutic",
        "diagnostic",
    }
    assert {"44.13", "88.55"} <= {code for code, kind in kinds.items() if kind == "diagnostic"}
    assert procedures.digest(procedures.own()) == procedures.digest(list(procedures.own()))
