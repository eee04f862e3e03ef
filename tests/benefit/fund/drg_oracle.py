"""A second reading of what docs/fund.md 3 and ADR 0021 say of DRG, for tests only, and random tables of its own to read them with.

Slow and plain: tables are lists of rows, codes are compared entry by entry. Nothing here is shared with the package.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

Row = dict[str, Any]
KINDS = ("surgical", "nonor", "medical")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def plain(code: str | None) -> str:
    return "".join(sign for sign in (code or "").upper() if not sign.isspace())


def hits(entry: str, code: str) -> bool:
    return code.startswith(entry[:-1]) if entry.endswith("*") else code == entry


def length(entry: str) -> float:
    """A whole code is longer than its beginnings."""
    return len(entry) - 1 if entry.endswith("*") else len(entry) + 0.5


class Oracle:
    """The tables of a folder."""

    def __init__(self, folder: Path) -> None:
        read: dict[str, list[dict[str, str]]] = {}
        for name in ("mdc", "adrg", "conditions", "cc", "exclusion", "split"):
            with open(folder / f"{name}.csv", encoding="utf-8", newline="") as lines:
                read[name] = list(csv.DictReader(lines))
        self.mdc = {row["mdc"]: row for row in read["mdc"]}
        self.adrgs: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for row in read["adrg"]:
            kind = 0 if row["adrg"][1] <= "J" else 1 if row["adrg"][1] <= "Q" else 2
            self.adrgs[row["adrg"][0]].append((kind, int(row["position"]), row["adrg"]))
        self.told: Any = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
        for row in read["conditions"]:
            self.told[row["subject"]][row["alternative"]][row["element"]].append(row["code"])
        self.cc, self.split = read["cc"], {row["drg"] for row in read["split"]}
        self.exclusion: Any = defaultdict(list)
        for row in read["exclusion"]:
            self.exclusion[row["exclusion"]].append(row["dx"])
        surgical = {adrg for found in self.adrgs.values() for kind, _, adrg in found if kind == 0}
        self.operations = [
            row["code"] for row in read["conditions"] if row["subject"] in surgical and row["element"].startswith("procedure")
        ]  # fmt: skip

    def group(self, row: Row) -> tuple[str, str]:
        """Group and kind of a case."""
        principal, sex, age = plain(row["principal_dx"]), row["sex"], row["age_days"]
        others = [code for code in map(plain, row["other_dx"] or ()) if code]
        done = [code for code in map(plain, row["procedures"] or ()) if code]
        age = None if age is None or age < 0 else age
        operated = any(hits(entry, code) for entry in self.operations for code in done)

        def open_to(letter: str) -> bool:
            asked = self.mdc[letter]
            limit = asked["age_days_max"]
            return (not asked["sex"] or asked["sex"] == sex) and (not limit or (age is not None and age <= int(limit)))

        def element(name: str, codes: list[str]) -> bool:
            if name.startswith("age_days"):
                return age is not None and (age >= int(codes[0]) if name.endswith("from") else age < int(codes[0]))
            have = {"principal": [principal], "other": others, "any": [principal, *others]}.get(name, done)
            return any(hits(entry, code) for entry in codes for code in have)

        def alternative(parts: dict[str, list[str]]) -> bool:
            regions = {name: codes for name, codes in parts.items() if name.startswith("region:")}
            if not all(element(name, codes) for name, codes in parts.items() if name not in regions):
                return False
            hurt = [{name for name, codes in regions.items() if any(hits(entry, code) for entry in codes)}
                    for code in (principal, *others)]  # fmt: skip
            return not regions or (bool(hurt[0]) and len(set().union(*hurt)) > 1)

        def holds(subject: str) -> bool:
            return any(alternative(parts) for parts in self.told[subject].values())

        def sign(adrg: str) -> str:
            level = 0
            for code in others:
                entries = [entry for entry in self.cc if hits(entry["dx"], code)]
                if entries:
                    entry = max(entries, key=lambda one: length(one["dx"]))
                    if not any(hits(one, principal) for one in self.exclusion[entry["exclusion"]]):
                        level = max(level, 1 + (entry["level"] == "MCC"))
            return adrg + next(one for one in ("59", "359", "1359")[level] if adrg + one in self.split)

        def inside(letter: str) -> tuple[str, str] | None:
            for kind, _, adrg in sorted(self.adrgs[letter]):
                if kind == 2 and operated and letter != "A":
                    break
                if holds(adrg):
                    return sign(adrg), KINDS[kind]
            return (letter + "QY", "ambiguous") if operated and letter != "A" else None

        nowhere = ("0000", "ungrouped")
        if open_to("A") and (found := inside("A")):
            return found
        for letter in "PYZ":
            if open_to(letter) and holds(letter):
                return inside(letter) or nowhere
        listed = [(length(entry), letter) for letter, asked in self.mdc.items() if not asked["step"] and open_to(letter)
                  for parts in self.told[letter].values() for entry in parts["principal"] if hits(entry, principal)]  # fmt: skip
        return (inside(max(listed)[1]) or nowhere) if listed else nowhere


def diagnoses(draw: random.Random) -> list[str]:
    return [
        f"{letter}{at}{end}"
        for letter in draw.sample(LETTERS, 6)
        for at in ("00", "01", "10", "11")
        for end in ("", ".0", ".1", ".10")
    ]


OPERATIONS = [
    f"{at}{end}" for at in ("00", "01", "02", "03", "10", "11", "12", "13") for end in ("", ".1", ".12", ".2")
]


MORE = {"procedure2": 0.15, "procedure3": 0.05, "age_days_from": 0.1, "age_days_below": 0.1}


def _entry(draw: random.Random, code: str) -> str:
    cut = draw.choice([1, 2, 3, 4, 5, 9])
    return code[:cut] + "*" if cut < len(code) or draw.random() < 0.3 else code


def _entries(draw: random.Random, codes: list[str], many: int) -> list[str]:
    return list(dict.fromkeys(_entry(draw, code) for code in draw.sample(codes, many)))


def tables(draw: random.Random, folder: Path, dx: list[str]) -> int:
    """Six tables nobody would think of: 26 MDC, some hundred ADRG, every element and step; returns how many ADRG."""
    mdc, conditions, adrg, split, used = [], list[tuple[Any, ...]](), [], [], set[str]()
    for letter in LETTERS:
        step = letter if letter in "APYZ" else ""
        mdc.append(
            (
                letter,
                "t",
                step,
                {"M": "M", "N": "F"}.get(letter, draw.choice(["", "", "", "M", "F"])),
                draw.choice(["", "", 28, 9_000]),
            )
        )
        if letter in "PY":
            conditions += [(letter, 1, "principal", one) for one in _entries(draw, dx, 3)]
        if letter == "Y":
            conditions += [(letter, 2, name, one) for name in ("principal", "other") for one in _entries(draw, dx, 3)]
        if letter == "Z":
            conditions += [
                (letter, 1, f"region:{name}", one) for name in ("head", "leg", "arm") for one in _entries(draw, dx, 2)
            ]
        if not step:
            own = [one for one in _entries(draw, dx, draw.choice([3, 8, 14])) if one not in used] or [f"9{letter}"]
            used |= {*own}
            conditions += [(letter, 1, "principal", one) for one in own]
        for at, kind in enumerate(draw.choices("ABJKQRZ", k=draw.choice([3, 4, 5])), 1):
            code = f"{letter}{kind}{at}"
            adrg.append((code, "t", draw.randrange(100) * 10 + at))
            split += [(code + one, "t") for one in draw.choice(["9", "15", "35", "135", "19", "1359"])]
            for alternative in range(1, draw.choice([2, 2, 3])):
                names = ["procedure"] if kind <= "Q" else [draw.choice(["principal", "principal", "any", "other"])]
                names += [name for name, chance in MORE.items() if draw.random() < chance]
                if kind <= "Q" and draw.random() < 0.2:
                    names.append(draw.choice(["principal", "any", "other"]))
                for name in names:
                    codes = OPERATIONS if name.startswith("procedure") else dx
                    listed = (
                        [draw.choice([28, 365, 9_000])]
                        if name.startswith("age")
                        else _entries(draw, codes, draw.choice([2, 4, 9]))
                    )
                    conditions += [(code, alternative, name, one) for one in listed]
    cc = [(one, draw.choice(["CC", "MCC"]), draw.choice(["", "1", "2"])) for one in _entries(draw, dx, 20)]
    exclusion = [(name, one) for name in "12" for one in _entries(draw, dx, 6)]
    for name, columns, rows in (
        ("mdc", "mdc,title,step,sex,age_days_max", mdc), ("adrg", "adrg,title,position", adrg), ("split", "drg,title", split),
        ("conditions", "subject,alternative,element,code", conditions), ("cc", "dx,level,exclusion", cc),
        ("exclusion", "exclusion,dx", exclusion),
    ):  # fmt: skip
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([columns.split(","), *rows])
    return len(adrg)
