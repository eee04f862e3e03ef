"""doctor: what it finds, and that every fault comes with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from yigongti.runtime import doctor
from yigongti.runtime.instance import Instance


def _found(instance: Instance, what: str) -> doctor.Finding:
    return next(one for one in doctor.examine(instance) if one.what == what)


def test_keys_that_others_can_read_are_found_with_the_remedy(tmp_path: Path) -> None:
    instance = Instance(tmp_path).create()
    instance.secret("django")
    assert _found(instance, "密钥权限").well
    (instance.keys_dir / "django.key").chmod(0o644)
    finding = _found(instance, "密钥权限")
    assert "django.key" in finding.found
    assert "chmod 600" in finding.remedy


def test_keys_inside_the_data_directory_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = Instance(tmp_path).create()
    assert _found(instance, "密钥位置").well
    inside = instance.data_dir / "keys"
    inside.mkdir()
    monkeypatch.setenv("YIGONGTI_KEYS", str(inside))
    assert "YIGONGTI_KEYS" in _found(instance, "密钥位置").remedy


def test_a_platform_that_is_not_running_is_said_to_be_so_and_is_no_grave_fault(tmp_path: Path) -> None:
    instance = Instance(tmp_path).create()
    finding = _found(instance, "数据库连接")
    assert "make run" in finding.remedy
    assert not finding.grave


def test_a_check_that_fails_itself_becomes_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(instance: Instance) -> list[doctor.Finding]:
        """坏检查"""
        raise OSError("disk gone")

    monkeypatch.setattr(doctor, "CHECKS", (broken,))
    [finding] = doctor.examine(Instance(tmp_path))
    assert finding.what == "坏检查"
    assert "disk gone" in finding.found
    assert finding.remedy


def test_field_keys_that_were_damaged_are_found(tmp_path: Path) -> None:
    from yigongti.kernel.crypto import create_key_file
    from yigongti.runtime.keys import field_keys

    instance = Instance(tmp_path).create()
    create_key_file(field_keys(instance))
    assert _found(instance, "字段密钥").well
    field_keys(instance).write_text("{}")
    assert "备份" in _found(instance, "字段密钥").remedy
