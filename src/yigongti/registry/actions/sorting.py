"""Deciding to whom the rows of a merge's time belong, and putting them there when the two are separated."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.registry.models import Merge, Sorting
from yigongti.registry.queries.sorting import recorded, tables, undecided


def sort_rows(*, acting: Acting, case_id: int, sides: Mapping[str, int]) -> int:
    """Note to whom rows belong: key of a row → subject id of one of the two. Returns how many rows are still to be sorted.

    Raises Merge.DoesNotExist; Denied; Refused for a merge that is not in force, or a side that is neither of the two.
    """
    acting.demand("registry.merge_confirm")
    merge: Merge = Merge.objects.select_for_update().get(pk=case_id)
    if merge.merged_at is None or merge.unmerged_at is not None:
        raise Refused("这次合并没有生效，或已拆分", remedy="只有已合并、还没有拆分的档案需要分清记录")
    known = {one.key: one for one in recorded(acting, merge)}
    for key, side in sides.items():
        one = known.get(key)
        if one is None:
            raise Denied("row")
        if side not in (merge.keep_id, merge.duplicate_id):
            raise Refused("所选的人不是这两份档案之一", remedy="重新打开本页再选")
        Sorting.objects.update_or_create(
            merge=merge, table=one.table, row=one.row,
            defaults={"subject_id": side, "unit_id": one.unit_id, "seat_id": acting.seat_id, "at": calendar.now()},
        )  # fmt: skip
    log.did("sorted", "person_merge", [case_id], [merge.keep_id, merge.duplicate_id], why="分清合并期间的记录")
    return undecided(acting, merge)


def put_apart(acting: Acting, merge: Merge) -> int:
    """Put every row of the merge's time to its side; returns how many moved.

    Raises Refused while a row is not sorted: nothing is lost, nothing guessed.
    """
    left = undecided(acting, merge)
    if left:
        raise Refused(
            f"合并期间新写的记录中有 {left} 条还没有分清属于谁", remedy="先打开本页的“分清记录”，逐条选择后再拆分"
        )
    moved = 0
    with connection.cursor() as cursor:
        for one in tables():
            cursor.execute("select registry.reassign(%s, %s, %s)", [merge.pk, one.table, one.pk])
            moved += cursor.fetchone()[0]
        cursor.execute("select registry.close_relations(%s)", [merge.pk])
    return moved
