"""The claims of a consortium's year, cut from the monthly facts into files of their own, one folder a version of the data.

Facts lie outside the fence and name nobody; the seat must have the right to the figures and the consortium in its reach. Two versions of a
year are kept, so that who is reading the older one is not cut off (ADR 0030).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from yigongti.benefit.fund.queries import pool as pools
from yigongti.benefit.fund.rules.claims import PLACE
from yigongti.kernel.access.facade import Denied, current

BASE_YEARS = 3
"""Years before that a catalogue may be trained on; as many as `fund.dip.year_weights` has rows."""
KEPT = 2
CLAIMS = "claims.parquet"
LAYOUT = 2
"""Of the files cut here: others, from before an update of the program, are made anew."""
STAYS = "kind = 'inpatient' and in_county and principal_dx <> ''"


class NoFacts(Exception):
    """There are no facts of the year yet; the message is for the user."""


@dataclass(frozen=True)
class Data:
    """A consortium's year as files: own residents' claims and those its members treated; marked as `carried`, what the same persons
    had besides (claims before it of the same chains, claims of the year elsewhere): they carry a person's sums and chains and are no
    claims of the consortium's; the stays of earlier years. `version` changes whenever a claim does, `as_of` is the moment of the facts.
    """

    consortium_id: int
    year: int
    version: str
    as_of: datetime
    folder: Path
    claims: int
    first: date
    """The earliest end of a claim in the file, at the latest the year's first day."""
    places: tuple[str, ...] = ()
    """Whose rules settled the claims of the file."""

    @property
    def path(self) -> Path:
        """The claims."""
        return self.folder / CLAIMS

    def base(self, years: int) -> list[Path]:
        """Stays of the years before, oldest first."""
        return [self._stays(year) for year in range(self.year - years, self.year)]

    def _stays(self, year: int) -> Path:
        return self.folder / f"base-{year}.parquet"

    @cached_property
    def thin(self) -> bool:
        """Whether the years before have no stay to learn weights from."""
        import pyarrow.parquet as pq

        return not any(pq.read_metadata(path).num_rows for path in self.base(BASE_YEARS))

    def own(self) -> Path:
        """The year's own stays at the members, cut when first asked for."""
        import duckdb

        path = self._stays(self.year)
        if not path.exists():
            chosen = (
                f"select * from read_parquet('{self.path}') where end_date >= date '{self.year}-01-01' and carried = 0"
            )
            with duckdb.connect() as engine:
                _copy(engine, f"select * from ({chosen}) where {STAYS}", path)
        return path


def years() -> list[int]:
    """Years of which there are facts, the newest first."""
    return sorted({int(month[:4]) for month in _head()["months"]}, reverse=True)


def version_now(consortium_id: int, year: int) -> tuple[str, datetime]:
    """The version and moment of the data as they lie now. Raises NoFacts."""
    head = _head()
    months = {month: told[:3] for month, told in sorted(head["months"].items()) if month <= f"{year}-12"}
    if not any(month.startswith(str(year)) for month in months):
        raise NoFacts(
            f"{year} 年还没有可以试算的清单；先在结算窗口结算或导入，平台每小时整理一次，整理后即可试算；也可以改选年度"
        )
    members = sorted(one.id for one in pools.members(consortium_id))
    text = json.dumps([LAYOUT, consortium_id, year, members, months], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16], datetime.fromisoformat(head["as_of"])


def data(consortium_id: int, year: int) -> Data:
    """The files of the present version, made where they are not there yet. Raises NoFacts, Denied for a consortium out of reach."""
    acting = current()
    acting.demand("fund.sandbox")
    if consortium_id not in acting.units:
        raise Denied("fund.sandbox")
    version, as_of = version_now(consortium_id, year)
    folder = _root() / "sandbox" / f"{consortium_id}-{year}-{version}"
    if not (folder / CLAIMS).exists():
        _cut(folder, consortium_id, year, [one.id for one in pools.members(consortium_id)])
        _forget_older(folder)
    return Data(consortium_id, year, version, as_of, folder, *_measured(folder / CLAIMS, year))


def _root() -> Path:
    return Path(settings.FACTS_DIR) / "fund"


def _head() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((_root() / "claims.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NoFacts("还没有可以试算的清单；先在结算窗口结算或导入，平台每小时整理一次，整理后即可试算") from None
    if PLACE.name not in found.get("columns", ()):
        raise NoFacts("清单数据还是程序更新以前整理的；平台每小时重新整理一次，请稍后再来")
    return found


def _months(first: str, last: str) -> list[str]:
    """The files of the months from *first* to *last* (both included)."""
    return [str(_root() / f"claims-{month}.parquet") for month in sorted(_head()["months"]) if first <= month <= last]


def _cut(folder: Path, consortium_id: int, year: int, members: Sequence[int]) -> None:
    import duckdb

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ours = f"(consortium_id = {int(consortium_id)} or institution_id in ({', '.join(str(int(one)) for one in members) or 'null'}))"
    with duckdb.connect() as engine:
        everybody = f"read_parquet({_months(f'{year}-01', f'{year}-12')!r})"
        engine.execute(f"create view year as select * from {everybody} where {ours}")
        rows, earlier = "select *, 0::bigint as carried from year", _months("0000-00", f"{year - 1}-12")
        # Caps and sums are the person's, wherever they were insured and treated: their other claims of the year go along.
        rows += f" union all select *, 1 from {everybody} where coalesce(not {ours}, true) and person_id in (select person_id from year)"
        if earlier:
            # The deductible's chain runs over years: earlier stays of the same person and chain go along.
            rows += (
                f" union all select c.*, 1 from read_parquet({earlier!r}) c where c.episode_id is not null"
                " and (c.person_id, c.episode_id) in (select (person_id, episode_id) from year where episode_id is not null)"
            )
        for before in range(year - BASE_YEARS, year):
            files = _months(f"{before}-01", f"{before}-12")
            stays = f"select * from read_parquet({files!r})" if files else "select * from year where false"
            inside = f"institution_id in ({', '.join(str(int(one)) for one in members) or 'null'})"
            _copy(engine, f"select * from ({stays}) where {STAYS} and {inside}",
                  folder / f"base-{before}.parquet")  # fmt: skip
        # Last, because its being there says that the folder is whole.
        _copy(engine, f"select * from ({rows}) order by person_id, end_date, start_date, claim_id", folder / CLAIMS)


def _copy(engine: Any, query: str, path: Path) -> None:
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        engine.execute(f"copy ({query}) to '{part}' (format parquet)")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _forget_older(folder: Path) -> None:
    stem = folder.name.rsplit("-", 1)[0]
    found = sorted(folder.parent.glob(f"{stem}-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in [path for path in found if path != folder][KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)


@lru_cache(maxsize=32)
def _measured(path: Path, year: int) -> tuple[int, date, tuple[str, ...]]:
    """Claims of the year, the earliest end of any and the places, of a file that never changes: its version is in its path."""
    import duckdb

    begins = date(year, 1, 1)
    with duckdb.connect() as engine:
        row = engine.execute(
            "select count(*) filter (where carried = 0), coalesce(min(end_date), $1), coalesce(list_sort(list(distinct place)), [])"
            f" from read_parquet('{path}')",
            [begins],
        ).fetchone()
    assert row is not None
    return int(row[0]), min(row[1], begins), tuple(row[2])
