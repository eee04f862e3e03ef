"""A fence migration says what is new and nothing twice."""

from __future__ import annotations

from yigongti.kernel.access.fence import Fence, fence_sql
from yigongti.kernel.access.management.commands.makefence import by_table, news

VISIT = fence_sql("care_visit", Fence("true", insert="false", finder=("select",)), has_sequence=True)
NOTE = fence_sql("care_note", Fence("true", update="true"), has_sequence=True)


def test_every_statement_belongs_to_its_table() -> None:
    assert by_table(VISIT + NOTE) == {"care_visit": VISIT, "care_note": NOTE}


def test_only_tables_whose_fence_changed_are_written_and_those_whole() -> None:
    moved = fence_sql("care_note", Fence("false", update="true"), has_sequence=True)
    assert news(VISIT + moved, by_table(VISIT + NOTE)) == moved
    assert news(VISIT + NOTE, by_table(VISIT + NOTE)) == []
    assert news(VISIT + NOTE, by_table(VISIT)) == NOTE


def test_a_policy_that_is_no_longer_declared_is_dropped() -> None:
    narrower = fence_sql("care_note", Fence("true"), has_sequence=True)
    assert news(narrower, by_table(NOTE)) == ['drop policy if exists "care_note_update" on "care_note"', *narrower]
