"""What cannot be logged is not shown and not done; a refusal is logged; the log holds decisions, not copies."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from tests.support import web
from tests.support.ground import AWAY_TEXT, HOME_TEXT, Ground
from yigongti.kernel import calendar
from yigongti.kernel.audit.log import Entries
from yigongti.kernel.audit.queries import Look
from yigongti.shell import words


def test_a_record_that_is_read_leaves_one_entry_about_its_subject(ground: Ground, admin: psycopg.Connection) -> None:
    since = web.last_entry(admin)
    assert ground.browser("township").get(f"/care/visit/{ground.rows['visit']}").status_code == 200
    entries = [e for e in web.log_entries(admin, since) if e[2] == "saw"]
    assert [(e[1], e[3], e[5], e[6]) for e in entries] == [
        ("done", "visit", ground.small.seats["township"], [ground.small.people[0]])
    ]


@pytest.mark.parametrize(
    ("who", "path"),
    [("township2", "/care/visit/1"), ("director", "/care/"), ("neighbour", "/me/for/1/"), ("township2", "/case/1/"),
     ("township", "/accounts/")],
)  # fmt: skip
def test_a_refusal_is_an_entry_of_who_was_refused_where(
    ground: Ground, admin: psycopg.Connection, who: str, path: str
) -> None:
    since = web.last_entry(admin)
    assert ground.browser(who).get(path).status_code == 404
    (entry,) = web.log_entries(admin, since)
    assert (entry[1], entry[5], entry[7]) == ("denied", ground.small.seats[who], path)


def test_a_list_is_one_entry_with_its_ids(ground: Ground, admin: psycopg.Connection) -> None:
    since = web.last_entry(admin)
    ground.browser("township").get("/residents/")
    rows = admin.execute("select kind, ids, subjects from audit_entry where id > %s", [since]).fetchall()
    (one,) = [row for row in rows if row[0] == "resident"]
    assert len(one[1]) == len(one[2]) >= 5


def test_when_the_log_cannot_be_written_nothing_is_shown_and_nothing_is_done(
    ground: Ground, admin: psycopg.Connection
) -> None:
    admin.execute("revoke execute on function audit.write(jsonb) from ygt_login, ygt_actor")
    before = web.trace(admin)
    case = ground.rows["amendment"]
    for who, path in (
        ("township", f"/care/visit/{ground.rows['visit']}"), ("township", "/residents/"), ("patient", "/me/"),
        ("township", f"/case/{ground.rows['referral']}/"), ("township", f"/case/{ground.rows['referral']}/print"),
        ("township", "/desk/referral/export.csv?show=all"),
    ):  # fmt: skip
        answer = ground.browser(who, quiet=True).get(path)
        assert answer.status_code == 500, path
        text = web.text_of(answer)
        assert not [word for word in (*ground.home_names, *ground.home_secrets) if word in text], path
    done = ground.browser("approver", quiet=True).post(f"/case/{case}/do/approve", {"client_id": str(uuid4())})
    assert done.status_code == 500
    assert web.changed(before, web.trace(admin)) == []


def test_with_the_log_at_hand_the_same_pages_are_shown(ground: Ground) -> None:
    """Control of the test above."""
    for who, path in (
        ("township", f"/care/visit/{ground.rows['visit']}"),
        ("township", "/residents/"),
        ("patient", "/me/"),
    ):
        assert ground.home_names[0] in web.text_of(ground.browser(who).get(path))


def test_the_entry_of_an_act_is_committed_before_the_act_is(
    ground: Ground, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, since, seen = ground.rows["amendment"], web.last_entry(admin), []
    real = Entries.write

    def watched(self: Entries) -> None:
        real(self)
        state = admin.execute("select state from case_case where id = %s", [case]).fetchone()
        seen.append(([e[2] for e in web.log_entries(admin, since)], state))

    monkeypatch.setattr(Entries, "write", watched)
    sent = {"client_id": str(uuid4()), "comment": "同意"}
    assert ground.browser("approver").post(f"/case/{case}/do/approve", sent).status_code == 302
    assert seen == [(["approve"], ("proposed",))]
    assert admin.execute("select state from case_case where id = %s", [case]).fetchone() == ("approved",)


def test_a_refusal_stays_although_its_transaction_is_rolled_back(ground: Ground, admin: psycopg.Connection) -> None:
    since, before = web.last_entry(admin), web.trace(admin)
    sent = {"client_id": str(uuid4()), "comment": "同意"}
    assert ground.browser("officer").post(f"/case/{ground.rows['amendment']}/do/approve", sent).status_code == 404
    assert [e[1] for e in web.log_entries(admin, since)] == ["denied"]
    assert web.changed(before, web.trace(admin)) == []


def test_the_log_keeps_decisions_and_no_copies_of_what_was_written(ground: Ground, admin: psycopg.Connection) -> None:
    for who in ("township", "desk", "specialist", "township2", "patient"):
        for path in ("/", "/desk/referral/?show=all", "/residents/", "/me/", f"/care/visit/{ground.rows['visit']}"):
            ground.browser(who).get(path)
    row = admin.execute("select string_agg(e::text, ' ') from audit_entry e").fetchone()
    assert row is not None
    for word in (HOME_TEXT, AWAY_TEXT, *ground.home_names, *ground.away_names, *ground.identities):
        assert word not in row[0]


def look(why: str) -> Look:
    return Look(calendar.now(), "", "", "", "saw", "", why, "", 1)


def test_the_resident_sees_who_looked_when_and_why(ground: Ground, admin: psycopg.Connection) -> None:
    since = web.last_entry(admin)
    ground.browser("specialist").get(f"/case/{ground.rows['referral']}/")
    ground.browser("township").get(f"/care/visit/{ground.rows['visit']}")
    text = ground.browser("patient").get("/me/looked/").content.decode()
    assert "县人民医院" in text
    assert "湘江镇卫生院" in text
    kept = admin.execute(
        "select why, to_char(at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') from audit_entry"
        " where id > %s and action = 'saw' and unit_id is not null and %s = any(subjects) and why <> '本人查看'",
        [since, ground.small.people[0]],
    ).fetchall()
    assert {why for why, _ in kept} - {""}, "whoever looks says why"
    for why, moment in kept:
        assert words.line(look(why)).why in text
        assert moment in text
