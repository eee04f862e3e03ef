"""Other readings of names beside the residents: written with a name, made good in bulk where an import left them out."""

from __future__ import annotations

from collections.abc import Iterable

from yigongti.kernel import pinyin
from yigongti.registry.models import Resident, Sounding


def soundings(subject_id: int, name: str) -> list[Sounding]:
    """Rows for every way to say a name besides the one that stands with the resident; unsaved."""
    return [
        Sounding(subject_id=subject_id, pinyin=full[:120], initials=initials[:40])
        for full, initials in pinyin.others(name)
    ]


def write_soundings(people: Iterable[tuple[int, str]], *, anew: bool = False) -> int:
    """Write the readings of (subject id, name); `anew`: in place of what stands. Returns how many rows."""
    given = list(people)
    if anew:
        Sounding.objects.filter(subject_id__in=[subject for subject, _ in given]).delete()
    rows = [one for subject, name in given for one in soundings(subject, name)]
    Sounding.objects.bulk_create(rows, batch_size=1_000)
    return len(rows)


def complete_soundings(*, batch: int = 5_000) -> int:
    """Write the readings of everybody who has several and none on record; returns how many rows."""
    have = set(Sounding.objects.values_list("subject_id", flat=True).distinct())
    made, some = 0, list[tuple[int, str]]()
    for subject, name in Resident.objects.values_list("pk", "name").iterator(chunk_size=batch):
        if subject not in have and pinyin.others(name):
            some.append((subject, name))
        if len(some) >= batch:
            made, some = made + write_soundings(some), []
    return made + write_soundings(some)
