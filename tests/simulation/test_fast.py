"""The fast path: five hundred residents lived again by others keep the figures, and every row finds what it hangs on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from tests.support.documents import document
from yigongti.kernel import crypto, ids, pinyin
from yigongti.kernel.access.facade import maintenance
from yigongti.kernel.sampling import Sampling
from yigongti.registry.identifiers import CARD_CONTEXT, ID_CONTEXT
from yigongti.registry.rules import cards
from yigongti.simulation import fast
from yigongti.simulation.facade import DATA, PLACE

pytestmark = pytest.mark.county
WANTED = 5_000


def figure(group: str, name: str) -> Any:
    return document(DATA / "figures.yaml")[group][name]


def state(admin: psycopg.Connection, tables: tuple[str, ...]) -> list[Any]:
    """Indexes and constraints of tables, by definition."""
    found = "select indexdef from pg_indexes where tablename = any(%s) union all select pg_get_constraintdef(oid) from pg_constraint"
    return sorted(admin.execute(found + " where conrelid::regclass::text = any(%s)", [list(tables)] * 2).fetchall())


def test_a_county_lived_again_keeps_its_figures_and_its_links(as_owner: Any, admin: psycopg.Connection) -> None:
    tables = (
        "registry_resident",
        "care_visit",
        "access_grant",
        "case_case",
        "booking_booking",
        "booking_slot",
        "care_keytag",
        "registry_card",
        "registry_sounding",
    )
    before = state(admin, tables)
    held = admin.execute("select count(*) from registry_card").fetchone()[0]  # type: ignore[index]
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    with as_owner(), maintenance(reason="fast path"):
        grown = fast.grow(Sampling(1, today, 500, PLACE, DATA), WANTED, lambda done, total, text: None)

    def one(query: str) -> Any:
        return admin.execute(query).fetchone()[0]  # type: ignore[arg-type,index]

    assert state(admin, tables) == before
    assert one("select count(*) from registry_resident") == WANTED
    assert one("select count(*) from care_visit") >= grown.rows["care_visit"] > 8 * WANTED / 2
    # as sourced: what the figures say holds of the copies too
    rate = figure("visits", "per_resident_year")
    visits = one("select count(*) from care_visit where kind <> 'inpatient'") / WANTED
    assert abs(visits - sum(rate["value"].values())) <= rate["tolerance"]
    size = figure("household", "mean_size")
    assert (
        abs(WANTED / one("select count(distinct household) from registry_resident") - size["value"])
        <= size["tolerance"]
    )
    # nothing impossible
    for wrong in (
        "care_visit v join registry_resident r using (subject_id)"
        " where (v.started_at at time zone 'Asia/Shanghai')::date < r.birth_date",
        "care_visit where started_at > now()",
        "care_visit v where not exists (select 1 from care_diagnosis d where d.visit_id = v.id and d.principal)",
        "care_visit v where v.case_id is null and v.kind <> 'inpatient' and not exists (select 1 from access_grant g"
        " where g.subject_id = v.subject_id and g.unit_id = v.unit_id"
        " and (v.started_at at time zone 'Asia/Shanghai')::date between g.starts and g.ends)",
        "referral_referral f join case_case c on c.id = f.case_id where f.subject_id <> c.subject_id",
        "case_case c join registry_resident r using (subject_id) where c.flow = 'referral' and strpos(c.title, r.name) = 0",
        "case_case where flow in ('referral', 'person_merge') and right(number, 7)::bigint <> id",
        # a place is given once, at its own time, to somebody of that name
        "booking_booking b join registry_resident r using (subject_id) where b.name <> r.name",
        "booking_booking b join booking_slot k on k.id = b.slot_id where (b.starts, b.unit_id) <> (k.starts, k.unit_id)",
        "booking_slot k join booking_session s on s.id = k.session_id where (k.starts at time zone 'Asia/Shanghai')::date <> s.day",
        "booking_booking b where b.booked_at > b.starts",
        # who was entered twice was so in every copy, and a merged entry points to the one it doubles
        "registry_suspect s join registry_resident a on a.subject_id = s.a_id join registry_resident b on b.subject_id = s.b_id"
        " where (a.name, a.birth_date, a.sex) <> (b.name, b.birth_date, b.sex)",
        "registry_merge m join access_subject s on s.id = m.duplicate_id join registry_resident r on r.subject_id = s.id"
        " join registry_resident k on k.subject_id = m.keep_id join case_case c on c.id = m.case_id"
        " where m.settled and (s.canonical_id is distinct from m.keep_id or not r.merged or r.name <> k.name"
        " or strpos(c.title, right(r.record_number, 4)) = 0 or c.subject_id <> m.keep_id)",
        "registry_resident r join access_subject s on s.id = r.subject_id where r.merged <> (s.canonical_id is not null)",
        "registry_lifeevent e join registry_resident r using (subject_id) where e.kind = 'died' and r.status <> 'dead'",
    ):
        assert one(f"select count(*) from {wrong}") == 0, wrong
    # of each kind about ten times the base: bookings a year back, by others than the base's own people
    assert one("select count(distinct date_trunc('month', day)) from booking_session") >= 12
    assert one("select max(subject_id) from booking_booking") > one(
        "select max(b_id) from registry_suspect where id <= 20"
    )
    for table in ("registry_suspect", "registry_merge", "care_keytag", "care_socialfact"):
        copied = grown.rows[table]
        assert copied > 7 * (one(f"select count(*) from {table}") - copied) > 0, table
    # as many hold a card, each under a number of its own that is found by whoever reads it
    assert one("select count(*) from registry_card") == pytest.approx(WANTED / 500 * held, rel=0.1)
    cipher, index = admin.execute(
        "select number_cipher, number_index from registry_card order by id desc limit 1"
    ).fetchone()  # type: ignore[misc]
    card = crypto.ring().decrypt(cipher, context=CARD_CONTEXT)
    assert (cards.is_number(card), crypto.ring().index_identity(card)) == (True, index)
    # whose name is read in several ways is found by each of them
    names = admin.execute("select subject_id, name from registry_resident").fetchall()
    said = admin.execute("select subject_id, pinyin from registry_sounding").fetchall()
    assert {(subject, full) for subject, name in names for full, _ in pinyin.others(name)} == set(said)
    # a copy's number is whole: right by its check digit, and found by whoever types it
    name, cipher, index, born = admin.execute(
        "select name, id_cipher, id_index, birth_date from registry_resident where id_index <> '' order by subject_id desc limit 1"
    ).fetchone()  # type: ignore[misc]
    number = crypto.ring().decrypt(cipher, context=ID_CONTEXT)
    assert ids.identity(number, ids.IdKind.RESIDENT).birth == born
    assert crypto.ring().index_identity(number) == index
    assert isinstance(born, date) and name
