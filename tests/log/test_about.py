"""Who looked at a person: found by index, and no wider than the row policy of the log."""

from __future__ import annotations

import psycopg
import pytest

from tests.support.people import Bare, bare_county
from yigongti.kernel.access.door import acting_as
from yigongti.kernel.audit import log
from yigongti.kernel.audit.models import Entry
from yigongti.kernel.audit.queries import _unseen, about

pytestmark = pytest.mark.database


@pytest.fixture
def bare(database: object, as_owner: object) -> Bare:
    return bare_county(as_owner)


def look(bare: Bare, who: str) -> None:
    with log.collecting() as entries, acting_as(bare.ticket(who)) as acting:
        entries.acting = acting
        log.saw("record", [1], [bare.subject], why="查阅")
        entries.write()


@pytest.mark.parametrize(("who", "seen"), [("patient", 2), ("doctor_a", 1), ("doctor_b", 1), ("director", 0)])
def test_each_seat_reads_the_same_entries_as_through_the_policy(bare: Bare, who: str, seen: int) -> None:
    look(bare, "doctor_a")
    look(bare, "doctor_b")
    with acting_as(bare.ticket(who)):
        assert len(about(bare.subject)) == seen
        assert Entry.objects.filter(subjects__contains=[bare.subject]).count() == seen


def test_the_log_is_searched_by_its_index(bare: Bare, admin: psycopg.Connection) -> None:
    admin.execute("set enable_seqscan = off")
    plan = admin.execute(
        f"explain select * from audit_entry where subjects @> array[{bare.subject}::bigint]"
    ).fetchall()
    assert any("subjects" in line[0] and "Index" in line[0] for line in plan)


def test_a_look_by_the_family_never_reads_as_the_persons_own() -> None:
    class Who:
        subject_id, name = 7, "杨金珍"

    assert log.as_resident(Who(), 7) == log.OWN  # type: ignore[arg-type]
    why = log.as_resident(Who(), 8)  # type: ignore[arg-type]
    assert why != log.OWN
    assert _unseen(Entry(why=why, account_id=1, seat_id=1)) == "杨金珍"
    assert _unseen(Entry(why="", account_id=1, seat_id=1)) == "居民本人或家人"
    assert _unseen(Entry(why="")) == "系统"
