"""The set-up: which interpreter it takes, and what it does not do twice."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module that believes it lies in an empty checkout."""
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", ROOT / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    for name, path in {
        "ROOT": tmp_path,
        "VENV": tmp_path / ".venv",
        "BIN": tmp_path / ".venv" / "bin",
        "FRONTEND": tmp_path / "frontend",
        "BUNDLE": tmp_path / "bundle",
    }.items():
        monkeypatch.setattr(module, name, path)
    (tmp_path / "frontend").mkdir()
    return module


def _program(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_a_shim_that_exists_but_fails_is_passed_over(bootstrap: ModuleType, tmp_path: Path) -> None:
    shim = _program(tmp_path, "python3.13", "echo 'command not found' >&2; exit 127")
    assert bootstrap.find_python([str(shim), "no-such-python", sys.executable]) == sys.executable


def test_an_interpreter_that_is_too_old_is_passed_over(bootstrap: ModuleType, tmp_path: Path) -> None:
    old = _program(tmp_path, "python3", "exit 1")
    assert bootstrap.find_python([str(old), sys.executable]) == sys.executable


def test_without_python_one_line_says_what_to_install(bootstrap: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(bootstrap.SetupError) as told:
        bootstrap.find_python([str(tmp_path / "none")])
    assert "apt-get install python3 python3-venv" in str(told.value)
    assert "\n" not in str(told.value)


def test_an_unchanged_lock_installs_nothing_and_a_changed_one_does(bootstrap: ModuleType, tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("django==5.2\n")
    assert not bootstrap.packages_stamp(False).fresh()
    bootstrap.packages_stamp(False).keep()
    assert bootstrap.packages_stamp(False).fresh()
    lock.write_text("django==5.3\n")
    assert not bootstrap.packages_stamp(False).fresh()


def test_the_developers_packages_have_a_stamp_of_their_own(bootstrap: ModuleType, tmp_path: Path) -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        (tmp_path / name).write_text(f"{name}\n")
    bootstrap.packages_stamp(False).keep()
    assert not bootstrap.packages_stamp(True).fresh()


def test_an_installation_that_was_cut_short_is_done_again(bootstrap: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text("django==5.2\n")
    bootstrap.packages_stamp(False).keep()
    step = bootstrap.Step("安装", lambda step: None)
    bootstrap.PIP_INSTALL = ("false",)
    with pytest.raises(bootstrap.SetupError):
        bootstrap.install_packages(step, False)
    assert not bootstrap.packages_stamp(False).fresh()


def test_the_bundle_is_built_again_when_a_source_changed_or_the_product_is_gone(
    bootstrap: ModuleType, tmp_path: Path
) -> None:
    source = tmp_path / "frontend" / "app.css"
    source.write_text("a{}")
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    for name in ("app.css", "app.js"):
        (bundle / name).write_text("x")
    bootstrap.bundle_stamp().keep()
    assert bootstrap.bundle_stamp().fresh()
    source.write_text("b{}")
    assert not bootstrap.bundle_stamp().fresh()
    bootstrap.bundle_stamp().keep()
    (bundle / "app.css").unlink()
    assert not bootstrap.bundle_stamp().fresh()


def test_a_failing_step_tells_the_last_lines_of_its_command(bootstrap: ModuleType, tmp_path: Path) -> None:
    failing = _program(tmp_path, "npm", "echo first; echo 'disk is full' >&2; exit 3")

    def work(step: object) -> None:
        step.call(failing)  # type: ignore[attr-defined]

    with pytest.raises(bootstrap.SetupError, match="disk is full"):
        bootstrap.together([bootstrap.Step("安装网页组件", work)])


def test_a_node_that_is_too_old_is_not_taken(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + "/nowhere")
    _program(tmp_path, "npm", "exit 0")
    node = _program(tmp_path, "node", "echo v16.20.0")
    assert bootstrap.find_node() is None
    node.write_text("#!/bin/sh\necho v18.0.0\n")
    assert bootstrap.find_node() == str(node)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-node.lock"])
def test_every_locked_package_has_a_hash_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "find-links" not in text
    packages = [block for block in text.split("\n") if block and not block.startswith((" ", "#"))]
    assert packages
    assert text.count(" \\\n    --hash=sha256:") >= len(packages)


def test_the_front_end_lock_has_hashes_and_no_address() -> None:
    text = (ROOT / "frontend" / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert '"integrity": "sha512-' in text
