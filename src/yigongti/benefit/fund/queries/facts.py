"""Claims of a consortium's year as they were known at one moment: what is charged, what each member earned."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from operator import attrgetter

from django.db import connection

from yigongti.kernel import calendar

_ROWS = """
select c.id, c.institution_id, c.consortium_id, c.level, c.in_county, c.kind, c.end_date, c.principal_dx, c.total_fen,
       s.basic_fen, s.serious_fen, s.aid_fen, s.deductible_fen, s.ratio_bp, s.person_pays_fen, c.episode
  from fund_claim c
  join lateral (select * from fund_settlement t where t.claim_id = c.id and t.kind = 'settled' and t.settled_at <= %(until)s
                   and not exists (select 1 from fund_settlement r where r.reverses_id = t.id and r.settled_at <= %(until)s)
                 order by t.sequence desc limit 1) s on true
 where c.year = %(year)s and c.entered_at <= %(until)s and c.end_date <= %(day)s
   and (c.consortium_id = %(consortium)s or c.institution_id = any(
        select i.id from access_unit i where i.consortium_id = %(consortium)s and i.kind = 'institution'))
 order by c.id"""


@dataclass(frozen=True)
class Fact:
    """A settled claim that touches the consortium: its own resident's, or treated by one of its members. Amounts in fen."""

    claim_id: int
    institution_id: int
    consortium_id: int | None
    level: str
    in_county: bool
    kind: str
    end_date: date
    principal_dx: str
    total_fen: int
    basic_fen: int
    serious_fen: int
    aid_fen: int
    deductible_fen: int
    ratio_bp: int
    person_pays_fen: int
    episode: int | None


def facts(consortium_id: int, year: int, until: datetime | None = None, day: date | None = None) -> list[Fact]:
    """Claims as known at `until` (now), by claim id; `day`: only those that ended by then."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {
            "consortium": consortium_id, "year": year, "until": until or calendar.now(), "day": day or date(year, 12, 31),
        })  # fmt: skip
        return [Fact(*row) for row in cursor.fetchall()]


_EVERY = attrgetter(*(one.name for one in fields(Fact)))


def digest(rows: Iterable[Fact]) -> str:
    """sha256 over the rows in order."""
    made = hashlib.sha256()
    for row in rows:
        made.update("\x1f".join(map(str, _EVERY(row))).encode() + b"\n")
    return made.hexdigest()


def incomes(consortium_id: int, year: int) -> dict[int, int]:
    """What each institution of a consortium was paid for a year's claims (basic fund, fen)."""
    found: dict[int, int] = defaultdict(int)
    for row in facts(consortium_id, year):
        found[row.institution_id] += row.basic_fen
    return dict(found)


def by_month(rows: Iterable[Fact]) -> Iterator[tuple[int, Fact]]:
    """Each row with the month in which it ended."""
    return ((row.end_date.month, row) for row in rows)
