"""The house keeps its measure: rooms stay small, every module says what it is, nothing is only promised."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.drill import switching
from tests.support import order
from tests.support.house import ROOT, SOURCE, modules

LINES, FUNCTION = 420, 75


def sources() -> list[Path]:
    return [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts]


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


def test_every_module_of_the_tree_is_a_layer_of_the_house() -> None:
    """A folder that the layers do not name could be entered from anywhere."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = {name.removeprefix("yigongti.") for name in told["contracts"][0]["layers"]}
    assert {name for name in modules() if name not in layers and name.partition(".")[0] not in layers} == set()


@pytest.mark.parametrize("module", [*modules(), "kernel"])
def test_every_module_says_what_it_is(module: str) -> None:
    readme = SOURCE.joinpath(*module.split("."), "README.md")
    assert len(readme.read_text(encoding="utf-8").splitlines()) >= 4


def test_no_promise_is_left_in_the_source() -> None:
    promise = re.compile(r"TODO|FIXME|NotImplemented|敬请期待|开发中|[Cc]oming soon")
    files = [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html"), *(ROOT / "frontend" / "ts").rglob("*.ts")]
    assert [str(path) for path in files if promise.search(path.read_text(encoding="utf-8"))] == []


ONE_WAY = {
    "print_mark": ("kernel/printing/web.py", "shell/ports.py", "shell/wiring.py", "benefit/fund/actions/shared.py"),
    "from openpyxl": ("exchange/spreadsheets/reading.py", "benefit/fund/batch/drg_tables.py"),
    "except Refused": (
        "kernel/desk/taking.py", "kernel/offline/sending.py", "registry/queries/search.py", "registry/actions/resident_bulk.py",
        "service/booking/actions/waiting.py", "service/care/actions.py", "benefit/fund/actions/prepaying.py",
        "benefit/fund/actions/importing.py", "benefit/fund/actions/sandbox.py",
    ),
}  # fmt: skip
"""What is done in few places, and in which: mark and foot of a paper are the printing's, workbooks are only read by openpyxl, a page
takes a refusal by ``kernel.desk.taking``, and only what goes on with the next row catches one itself."""


@pytest.mark.parametrize("words", ONE_WAY)
def test_what_has_one_way_is_done_nowhere_else(words: str) -> None:
    found = {path.relative_to(SOURCE).as_posix() for path in sources() if words in path.read_text(encoding="utf-8")}
    assert found == set(ONE_WAY[words])


def test_the_dear_files_of_tests_are_all_there() -> None:
    assert [name for name in order.DEAR if not (ROOT / "tests" / name).is_file()] == []


def test_no_merge_is_left_half_done() -> None:
    texts = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *SOURCE.rglob("*.y*ml"),
        *SOURCE.rglob("*.html"),
        *sources(),
    ]
    half = re.compile(r"^(<{7} |={7}$|>{7} )", re.MULTILINE)
    assert [str(path) for path in texts if half.search(path.read_text(encoding="utf-8"))] == []


def test_every_switch_finds_its_place_and_its_tests() -> None:
    """Whoever moves a rule moves its switch (tests/drill/switches.yaml)."""
    every = switching.switches()
    assert len(every) >= 40
    assert len({one.promise for one in every}) == len(every)
    for one in every:
        switching.edited(ROOT, one)
        for test in one.tests:
            path, _, name = test.partition("::")
            assert f"def {name or 'test_'}" in (ROOT / "tests" / path).read_text(encoding="utf-8"), one.promise


def test_the_migrations_of_each_module_have_one_end() -> None:
    """Two that were begun from the same one let nobody set up a database; each alone passes every other check."""
    from django.db.migrations.loader import MigrationLoader

    assert MigrationLoader(None).detect_conflicts() == {}
