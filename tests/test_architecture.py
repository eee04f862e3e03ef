"""The house's plan, checked on the source itself (the layers are checked by import-linter)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.house import SOURCE as PACKAGE
from tests.support.house import modules

MODULES = modules()
OPEN_ROOMS = {"facade", "events"}
"""What of a module another one may import."""
LISTS = {"yigongti.shell.wiring", "yigongti.shell.ports"}
"""The one explicit list, and the ports it hands down: they import every room by design."""


def _module_of(name: str) -> str | None:
    """The module (of MODULES) that a dotted name below ``yigongti`` belongs to."""
    for module in MODULES:
        if name == f"yigongti.{module}" or name.startswith(f"yigongti.{module}."):
            return module
    return None


@cache
def _imports(path: Path, name: str) -> tuple[tuple[int, str], ...]:
    """Every dotted name that a file imports, with its line; ``from a import b`` counts as ``a.b``."""
    return tuple(_read(path, name))


def _read(path: Path, name: str) -> Iterator[tuple[int, str]]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _sources() -> Iterator[tuple[Path, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in path.parts:
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            yield path, ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_a_module_is_reached_from_outside_only_through_its_facade_or_its_events() -> None:
    """Foreign keys are the one exception: a module's models may name a lower module's."""
    wrong = []
    for path, name in _sources():
        if name in LISTS or (_module_of(name) is None and not name.startswith(("yigongti.shell", "yigongti.runtime"))):
            continue
        for line, imported in _imports(path, name):
            there = _module_of(imported)
            if there is None or there == _module_of(name):
                continue
            room = imported.removeprefix(f"yigongti.{there}").lstrip(".").split(".")[0]
            foreign_key = room == "models" and ".models" in name
            if room not in OPEN_ROOMS and not foreign_key:
                wrong.append(f"{path.relative_to(PACKAGE.parent)}:{line} imports {imported}")
    assert wrong == []


@pytest.mark.parametrize("word", ["django.db.models.signals", "django.dispatch", "django.contrib.admin"])
def test_there_are_no_signals_and_no_admin(word: str) -> None:
    users = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path, name in _sources()
        for line, imported in _imports(path, name)
        if imported.startswith(word)
    ]
    assert users == []


def test_only_the_calendar_reads_the_clock() -> None:
    """``datetime.now`` and ``date.today`` outside kernel.calendar would escape a test's moved clock."""
    wrong = []
    for path, name in _sources():
        if name == "yigongti.kernel.calendar" or name.startswith("yigongti.runtime"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"now", "today", "utcnow", "localdate", "localtime"}
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in {"datetime", "date", "timezone"}
            ):
                wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert wrong == []


def test_no_two_files_import_each_other_however_long_the_way_round() -> None:
    """A package's face (its ``__init__``) only hands names on and is no room of its own."""
    files = {name for path, name in _sources() if path.name != "__init__.py"}
    graph = {
        name: {
            one
            for _, imported in _imports(path, name)
            for one in (imported, imported.rpartition(".")[0])
            if one in files
        }
        - {name}
        for path, name in _sources()
        if name in files
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as found:
        pytest.fail(" → ".join(found.args[1]))
