"""What an installed package must carry: every file that the program reads is matched by the package's own lists."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from yigongti.runtime.instance import PACKAGE

ROOT = PACKAGE.parent.parent
PATTERNS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]


def carried(path: Path) -> bool:
    """Every folder is a package to setuptools (namespaces count), so a pattern is tried from each folder above."""
    if path.suffix == ".py" or path.name == "py.typed":
        return True
    parts = path.relative_to(PACKAGE).parts
    tails = ["/".join(parts[i:]) for i in range(len(parts))]
    return any(fnmatch(tail, pattern.replace("**/*", "*")) for tail in tails for pattern in PATTERNS)


def test_every_file_the_program_reads_is_in_the_wheel() -> None:
    files = [path for path in PACKAGE.rglob("*") if path.is_file() and not {"__pycache__"} & set(path.parts)]
    assert len(files) > 300
    assert [str(path.relative_to(PACKAGE)) for path in files if not carried(path) and path.suffix != ".md"] == []


@pytest.mark.parametrize("name", ["x.parquet", "policy/x.toml"])
def test_a_file_of_a_new_kind_would_be_noticed(name: str) -> None:
    assert not carried(PACKAGE / name)
