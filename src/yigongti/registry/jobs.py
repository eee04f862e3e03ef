"""Background work of the registry about people."""

from __future__ import annotations

from yigongti.kernel.access.door import Acting
from yigongti.kernel.jobs.facade import Job
from yigongti.registry.actions.duplicates import find_suspects
from yigongti.registry.actions.soundings import complete_soundings


def _duplicates(acting: Acting) -> int:
    complete_soundings()
    return find_suspects(acting)


JOBS = (
    Job(
        "registry_duplicates",
        "robot_registrar",
        _duplicates,
        "每夜补全姓名的其他读音，找出疑似重复的居民档案，供档案管理人员核对",
        ("registry_resident", "registry_sounding", "registry_suspect"),
        "20 18 * * *",
    ),
)
