"""The key file of encrypted fields: made once with a new installation, never beside existing data."""

from __future__ import annotations

from pathlib import Path

import psycopg

from yigongti.runtime.instance import Instance


class KeysMissing(RuntimeError):
    """There are data, but not the keys they were written with; the message says what to do."""


def field_keys(instance: Instance) -> Path:
    """Where the key file of encrypted fields lies."""
    return instance.keys_dir / "fields.json"


def ensure_keys(instance: Instance) -> Path:
    """Make the key file of a new installation. Raises KeysMissing when the database already holds a county."""
    path = field_keys(instance)
    if not path.exists():
        if holds_county(instance):
            raise KeysMissing(
                f"数据库里已有数据，但找不到加密身份证号和电话的密钥文件 {path}。"
                "请从密钥备份中恢复它；新建密钥将使已有数据无法读出。"
            )
        from yigongti.kernel.crypto import create_key_file

        instance.create()
        create_key_file(path)
    return path


def holds_county(instance: Instance) -> bool:
    """Has a county been created here, a demonstration or a real one? Any unit at all counts."""
    with psycopg.connect(instance.dsn(admin=True)) as connection:
        there = connection.execute("select to_regclass('public.access_unit') is not null").fetchone()
        if not there or not there[0]:
            return False
        row = connection.execute("select exists (select 1 from access_unit)").fetchone()
    return bool(row and row[0])
