"""Reading the shipped data files for the tests of this folder."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.support import documents

SRC = Path(__file__).resolve().parents[2] / "src" / "yigongti"
REGISTRY = SRC / "registry" / "data"
REFERRAL = SRC / "service" / "referral" / "data"
SIMULATION = SRC / "simulation" / "data"

STATUSES = {"confirmed", "unconfirmed", "assumed"}
LEVELS = {"village", "township", "county"}


@cache
def rows(path: Path) -> tuple[dict[str, str], ...]:
    """All rows of a CSV file, keyed by its first line."""
    with path.open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


@cache
def document(path: Path) -> Any:
    """The content of a YAML file."""
    return documents.document(path)


@cache
def diseases() -> dict[str, dict[str, str]]:
    """The starter list by code."""
    return {row["code"]: row for row in rows(REGISTRY / "icd10_starter.csv")}


def criteria() -> list[dict[str, Any]]:
    """The referral criteria in the order of the file."""
    return document(REFERRAL / "criteria.yaml")["criteria"]


def vignettes() -> list[dict[str, Any]]:
    """The clinical vignettes in the order of the file."""
    return document(SIMULATION / "vignettes.yaml")["vignettes"]


def leaves(condition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every comparison inside a condition."""
    for part in (*condition.get("all", ()), *condition.get("any", ())):
        yield from leaves(part)
    if "not" in condition:
        yield from leaves(condition["not"])
    if "fact" in condition:
        yield condition


def matches(prefix: str) -> list[str]:
    """Starter codes that a prefix covers."""
    return [code for code in diseases() if code.startswith(prefix)]
