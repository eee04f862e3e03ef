"""What the registry contributes to other rooms' screens."""

from __future__ import annotations

from typing import Any

from yigongti.kernel.panel import Panel
from yigongti.registry.models import Merge
from yigongti.registry.queries.sorting import recorded


def unsorted(shown: Any) -> Panel | None:
    """Slot ``case.main``: on a merge that is in force, what was written since and is not sorted yet."""
    case, acting = shown.case, shown.acting
    if case.flow != "person_merge" or case.state != "merged" or not acting.may("registry.merge_confirm"):
        return None
    merge = Merge.objects.filter(pk=case.pk).first()
    if merge is None:
        return None
    rows = recorded(acting, merge)
    left = sum(1 for one in rows if one.belongs is None)
    return Panel(
        "unsorted", "合并期间的记录", "registry/_unsorted.html", {"case_id": case.pk, "total": len(rows), "left": left}
    )
