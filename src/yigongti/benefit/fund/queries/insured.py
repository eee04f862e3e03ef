"""What the insured person of a claim is called: by the whole name where the index opens to the seat, else as far as a claim tells."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from yigongti.registry import facade as registry


def called(subject_ids: Iterable[int]) -> dict[int, str]:
    """Names by subject of whom the seat sees a claim; without the index ``王*（尾号 1234，青石镇）``, the caller logs a list it shows."""
    wanted = set(subject_ids)
    names = registry.names(wanted)
    unnamed = list(wanted - names.keys())
    if unnamed:
        with connection.cursor() as cursor:
            cursor.execute("select subject_id, name, id_cipher, township from fund.insured(%s::bigint[])", [unnamed])
            names |= {subject: _told(name, cipher, town) for subject, name, cipher, town in cursor.fetchall()}
    return names


def _told(name: str, cipher: str, township: str) -> str:
    tail = registry.number_tail(cipher)
    beside = "，".join(filter(None, (f"尾号 {tail}" if tail else "无证件号码", township)))
    return f"{name}（{beside}）"
