"""The house keeps its plan: modules are entered through their facade, rooms stay small, every module says what it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "yigongti"
MODULES = (
    "policy",
    "registry",
    "service.care",
    "service.booking",
    "service.referral",
    "service.complaint",
    "management.finance",
    "benefit.performance",
    "benefit.fund",
    "exchange.spreadsheets",
)
OPEN = ("facade", "models", "events", "urls")
"""What may be imported from outside: the facade, tables for foreign keys down the layers, events, addresses."""
LINES, FUNCTION = 420, 75


def sources() -> list[Path]:
    return [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_entered_through_its_facade_only(module: str) -> None:
    inside = SOURCE.joinpath(*module.split("."))
    prefix = f"yigongti.{module}."
    wrong = [
        (str(path.relative_to(SOURCE)), name)
        for path in sources() if inside not in path.parents and path.name != "wiring.py"
        for name in imported(path)
        if name.startswith(prefix) and name.removeprefix(prefix).split(".")[0] not in OPEN
    ]  # fmt: skip
    assert wrong == []


def test_rooms_stay_small_enough_to_see_whole() -> None:
    long = {
        str(path.relative_to(SOURCE)): count
        for path in sources() if (count := len(path.read_text(encoding="utf-8").splitlines())) > LINES
    }  # fmt: skip
    assert long == {}


def test_functions_stay_small_enough_to_see_whole() -> None:
    long = [
        (path.name, node.name)
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("module", [*MODULES, "kernel", "simulation"])
def test_every_module_says_what_it_is(module: str) -> None:
    readme = SOURCE.joinpath(*module.split("."), "README.md")
    assert len(readme.read_text(encoding="utf-8").splitlines()) >= 4


def test_no_promise_is_left_in_the_source() -> None:
    promise = re.compile(r"TODO|FIXME|NotImplemented|敬请期待|开发中|[Cc]oming soon")
    files = [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html"), *(ROOT / "frontend" / "ts").rglob("*.ts")]
    assert [str(path) for path in files if promise.search(path.read_text(encoding="utf-8"))] == []
