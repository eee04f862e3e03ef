"""The cases worked by hand (cases/*.yaml) and the parameters they are worked with."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.documents import document
from yigongti.benefit.fund.rules.parameters import Parameters, read
from yigongti.benefit.fund.rules.person import Claim

HERE = Path(__file__).parent / "cases"
FILES = ("deductible", "ratio", "caps", "serious", "sets")
OUTPUT = ("deductible_fen", "ratio_bp", "basic_fen", "serious_fen", "aid_fen", "person_pays_fen")


@cache
def _parameters() -> dict[str, Any]:
    found: dict[str, Any] = document(HERE / "parameters.yaml")
    return found


def base() -> dict[str, Any]:
    """A fresh copy of the parameters of the cases."""
    return copy.deepcopy(_parameters())


@dataclass(frozen=True)
class Case:
    """One case: its clause and title, claims as read, what each gives (None: the file is refused)."""

    clause: str
    title: str
    parameters: Any
    claims: tuple[Claim, ...]
    gives: dict[int, tuple[int, ...]]
    refused: date | None

    def read(self) -> Parameters:
        return read(self.parameters)


def cases() -> list[Case]:
    """Every case of every file."""
    return [_case(raw) for name in FILES for raw in document(HERE / f"{name}.yaml")]


def _case(raw: dict[str, Any]) -> Case:
    if "sets" in raw:
        parameters: Any = {"sets": [{"from": str(day), "set": base() | change} for day, change in raw["sets"].items()]}
    else:
        parameters = base() | raw.get("change", {})
    claims = tuple(claim(row) for row in raw["claims"])
    gives = {
        one.claim_id: tuple(row["gives"]) for one, row in zip(claims, raw["claims"], strict=True) if "gives" in row
    }
    return Case(str(raw["clause"]), raw["title"], parameters, claims, gives, raw.get("refused"))


def claim(row: dict[str, Any]) -> Claim:
    """A claim that states only what differs from the ordinary one (see deductible.yaml)."""
    end = row.get("day", date(2025, 3, 10))
    return Claim(
        claim_id=row.get("id", 1),
        person_id=row.get("person", 1),
        insurance=row.get("insurance", "resident"),
        aid_class=row.get("aid", "none"),
        level=row.get("level", "county"),
        is_tcm=row.get("tcm", False),
        in_county=row.get("in_county", True),
        kind=row.get("kind", "inpatient"),
        start_date=row.get("start", min(end, date(2025, 3, 1))),
        end_date=end,
        episode_id=row.get("episode"),
        referral=row.get("referral", "none"),
        contracted=row.get("contracted", False),
        total_fen=row.get("total", 1_000_000),
        excluded_fen=row.get("excluded", 0),
        copay_first_fen=row.get("copay", 0),
    )
