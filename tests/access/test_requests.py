"""What a request says about itself is not believed: institutions, seats, masks, repeated and interrupted sending."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.policy.region import COUNTY
from tests.support import web
from tests.support.ground import Ground
from yigongti.kernel import calendar, crypto
from yigongti.kernel.audit.log import Entries

FORGED = ("unit", "unit_id", "from_unit", "from_unit_id", "to_unit", "institution", "seat", "seat_id", "account", "role",
          "acting", "subject_id", "hq_unit", "consortium")  # fmt: skip


def forged(value: int) -> dict[str, str]:
    """Every name under which an institution or a seat could be smuggled in."""
    return dict.fromkeys(FORGED, str(value))


def registering(ground: Ground, person: int = 0, **other: str) -> dict[str, str]:
    return {"client_id": str(uuid4()), "kind": "outpatient", "evidence": "typed",
            "number": ground.small.numbers[person], **other}  # fmt: skip


def one(admin: psycopg.Connection, sql: str, *values: Any) -> Any:
    row = admin.execute(sql, list(values)).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


# ---- who asks ------------------------------------------------------------------------------------------------------


def test_a_visit_is_written_for_the_acting_institution_whatever_the_form_says(
    ground: Ground, admin: psycopg.Connection
) -> None:
    person, mine, theirs = ground.small.people[2], ground.small.units["T1"], ground.small.units["T2"]
    sent = {**registering(ground, 2), **forged(theirs)}
    answer = ground.browser("township").post(f"/care/register/{person}?unit={theirs}", sent)
    assert answer.status_code == 302, web.text_of(answer)
    seat = ground.small.seats["township"]
    assert one(admin, "select unit_id, seat_id from care_visit where subject_id = %s", person) == (mine, seat)
    assert one(admin, "select count(*) from access_grant where subject_id = %s and unit_id = %s", person, theirs) == 0


@pytest.mark.parametrize(
    "path", ["/residents/", "/care/", "/desk/referral/", "/desk/referral/export.csv", "/", "/notices/"]
)
def test_a_list_is_that_of_the_acting_institution_whatever_the_address_says(ground: Ground, path: str) -> None:
    query = {**forged(ground.small.units["T1"]), "show": "all", "place": "439921101201"}
    text = web.text_of(ground.browser("township2").get(path, query))
    assert not [word for word in ground.forbidden("township2") if word in text]


def test_an_act_on_a_case_is_entered_under_the_acting_seat(ground: Ground, admin: psycopg.Connection) -> None:
    case = ground.rows["amendment"]
    sent = {"client_id": str(uuid4()), "comment": "同意", **forged(ground.small.seats["officer"])}
    assert ground.browser("approver").post(f"/case/{case}/do/approve", sent).status_code == 302
    written = one(admin, "select seat_id from case_entry where case_id = %s order by id desc limit 1", case)
    assert written == ground.small.seats["approver"]


def test_a_visit_of_another_institution_cannot_be_the_reason_of_a_referral(
    ground: Ground, admin: psycopg.Connection
) -> None:
    before = one(admin, "select count(*) from case_case")
    person = ground.small.people[5]
    answer = ground.browser("township").post(
        f"/desk/referral/new?subject={person}",
        {"client_id": str(uuid4()), "visit": str(ground.rows["away_visit"]), "to": str(ground.small.units["H1"])},
    )
    assert answer.status_code in (404, 422)
    told = ground.forbidden("township") - set(ground.away_names)  # a name by id, as a search tells it: counted, logged
    assert not [word for word in told if word in web.text_of(answer)]
    assert one(admin, "select count(*) from case_case") == before


def test_a_forwarded_address_is_not_believed(ground: Ground, admin: psycopg.Connection) -> None:
    ground.browser("township").get("/case/999999/", headers={"X-Forwarded-For": "6.6.6.6", "X-Real-IP": "6.6.6.6"})
    assert one(admin, "select source from audit_entry order by id desc limit 1") == "127.0.0.1"


def test_only_the_own_seat_can_be_taken(ground: Ground, admin: psycopg.Connection) -> None:
    client = ground.browser("township")
    for seat in (ground.small.seats["specialist"], 0, -1, 10**30, "x", ""):
        client.post("/account/seats/switch/", {"seat": str(seat)})
        held = one(admin, "select seat_id from access_session where account_id = %s order by id desc limit 1",
                   ground.small.accounts["township"])  # fmt: skip
        assert held == ground.small.seats["township"], seat


# ---- masks ----------------------------------------------------------------------------------------------------------


def test_a_form_sent_back_with_its_masks_changes_nothing(ground: Ground, admin: psycopg.Connection) -> None:
    person = ground.small.people[0]
    client, path = ground.browser("township"), f"/resident/{person}/change/"
    page = client.get(path).content.decode()
    assert ground.small.numbers[0] not in page
    assert "*" in page
    columns = [name for (name,) in admin.execute(
        "select column_name from information_schema.columns where table_name = 'registry_resident'"
        " and column_name not in ('changed_at')")]  # fmt: skip
    read = f"select {', '.join(columns)} from registry_resident where subject_id = %s"
    before = admin.execute(read, [person]).fetchone()
    answer = client.post(path, web.untouched(page, ""))
    assert answer.status_code == 302, web.text_of(answer)
    after = admin.execute(read, [person]).fetchone()
    assert before is not None
    assert after is not None
    assert [name for name, old, new in zip(columns, before, after, strict=True) if old != new] == []


def test_a_revealed_number_is_in_the_log(ground: Ground, admin: psycopg.Connection) -> None:
    person, since = ground.small.people[0], web.last_entry(admin)
    answer = ground.browser("township").get(f"/resident/{person}/reveal/id/")
    assert ground.small.numbers[0] in answer.content.decode()
    assert [(e[2], e[6]) for e in web.log_entries(admin, since)] == [("revealed", [person])]


def test_who_answers_for_a_case_without_reading_records_sees_who_it_is_about_and_not_what_ails_them(
    ground: Ground, admin: psycopg.Connection
) -> None:
    person, page = ground.small.people[0], f"/case/{ground.rows['referral']}/"
    admin.execute("update registry_resident set tags = '{hypertension}' where subject_id = %s", [person])
    doctor, head = (web.text_of(ground.browser(who).get(page)) for who in ("township", "h1head"))
    for word in ("高血压", f"/resident/{person}/reveal/id/", f'href="/resident/{person}/"'):
        assert word in doctor, word
        assert word not in head, word
    assert "张三" in head


# ---- break-glass -----------------------------------------------------------------------------------------------------


def test_emergency_access_has_a_reason_an_end_and_three_who_see_it(ground: Ground, admin: psycopg.Connection) -> None:
    person, unit = ground.small.people[4], ground.small.units["C1"]
    doctor = ground.browser("village")
    page, record = f"/desk/break_glass/new?subject={person}", f"/care/record/{person}"
    with crypto.using(ground.small.ring):
        assert doctor.get(record).status_code == 404
        # found by a search first: an emergency access needs a person, not a number tried out
        assert doctor.post(page, {"client_id": str(uuid4()), "reason": ""}).status_code == 422
        assert doctor.get(record).status_code == 404
        answer = doctor.post(page, {"client_id": str(uuid4()), "reason": "昏迷送来，没有证件，需要了解用药"})
        assert answer.status_code == 302, web.text_of(answer)
        case = int(re.findall(r"/case/(\d+)/", answer.headers["Location"])[0])
        assert doctor.get(record).status_code == 200
    until, reason = admin.execute("select until, note from access_grant where case_id = %s", [case]).fetchone() or (
        0,
        0,
    )
    assert timedelta(0) < until - calendar.now() <= timedelta(hours=24)
    assert "昏迷" in reason
    supervisor = ground.browser("supervisor")
    assert f"/case/{case}/" in supervisor.get("/").content.decode()
    assert "昏迷送来" in supervisor.get(f"/case/{case}/").content.decode()
    admin.execute("insert into access_account (login, name, password, active, must_change, settings)"
                  " values ('opened', '被调阅人', '!', true, false, '{}')")  # fmt: skip
    account = one(admin, "select id from access_account where login = 'opened'")
    region = ground.small.units["439921"]
    seat = one(admin, "insert into access_seat (account_id, unit_id, role_id, subject_id, name, title, starts)"
                      " values (%s, %s, 'resident', %s, '被调阅人', '', current_date) returning id",
               account, region, person)  # fmt: skip
    resident = web.browser(account, seat)
    assert "紧急调阅" in resident.get("/me/progress/").content.decode()
    looked = resident.get("/me/looked/").content.decode()
    assert "紧急调阅" in looked
    assert "昏迷送来" in looked
    admin.execute("update access_grant set until = now() - interval '1 second' where case_id = %s", [case])
    visit = one(admin, "select count(*) from care_visit where subject_id = %s", person)
    assert (visit, unit) == (0, ground.small.units["C1"])
    assert admin.execute("select 1 from access_grant where case_id = %s and until > now()", [case]).fetchone() is None


def test_a_closed_emergency_access_opens_no_clinical_row(ground: Ground, admin: psycopg.Connection) -> None:
    """The visit of another institution, opened for hours, is gone when the hours are over."""
    person, visit = ground.small.people[0], ground.rows["visit"]
    doctor = ground.browser("village2")
    assert doctor.get(f"/care/visit/{visit}").status_code == 404
    answer = doctor.post(f"/desk/break_glass/new?subject={person}",
                         {"client_id": str(uuid4()), "reason": "昏迷送来，没有证件，需要了解用药"})  # fmt: skip
    assert answer.status_code == 302, web.text_of(answer)
    assert doctor.get(f"/care/visit/{visit}").status_code == 200
    admin.execute("update access_grant set until = now() - interval '1 second' where reason = 'break_glass'")
    assert doctor.get(f"/care/visit/{visit}").status_code == 404


# ---- sent more than once ------------------------------------------------------------------------------------------------


def proposal(**other: str) -> dict[str, str]:
    return {
        "client_id": str(uuid4()), "key": "registry.break_glass.duration", "place": COUNTY, "value": "2 小时",
        "starts": calendar.today().isoformat(), "ends": "", "source": "示范卫发〔2026〕3号", "clause": "六",
        "status": "confirmed", "reason": "缩短紧急调阅的开放时间", **other,
    }  # fmt: skip


def posts(ground: Ground) -> list[tuple[str, str, dict[str, str]]]:
    """(who, address, what is sent) for one act of every kind."""
    rows, people = ground.rows, ground.small.people
    return [
        ("township", f"/care/register/{people[2]}", registering(ground, 2)),
        ("township", f"/care/record/{people[0]}/allergy",
         {"client_id": str(uuid4()), "known": "has", "substance": "青霉素", "severity": "mild"}),
        ("officer", "/desk/policy_amendment/new", proposal(starts=(calendar.today() + timedelta(days=30)).isoformat(), value="4 小时")),
        ("approver", f"/case/{rows['amendment']}/do/approve", {"client_id": str(uuid4()), "comment": "同意"}),
        ("registrar2", f"/case/{rows['merge']}/do/reject", {"client_id": str(uuid4()), "reason": "不是同一人", "note": "不是"}),
        ("village2", f"/desk/break_glass/new?subject={people[0]}",
         {"client_id": str(uuid4()), "reason": "昏迷送来，没有证件，需要了解用药"}),
        ("supervisor", f"/case/{rows['break_glass']}/do/justify", {"client_id": str(uuid4()), "note": "属实"}),
        ("desk", f"/case/{rows['referral']}/do/decline", {"client_id": str(uuid4()), "code": "no_bed", "text": "后天有床位"}),
        ("township", f"/case/{rows['referral_back']}/do/confirm",
         {"client_id": str(uuid4()), "seen": "here", "drugs_ok": "yes", "note": ""}),
    ]  # fmt: skip


def test_the_same_sending_three_times_has_one_effect(ground: Ground, admin: psycopg.Connection) -> None:
    for who, path, sent in posts(ground):
        client = ground.browser(who)
        before = web.trace(admin)
        first = client.post(path, sent)
        assert first.status_code == 302, f"{path}: {web.problems(web.text_of(first))}"
        done = web.trace(admin)
        assert web.changed(before, done), path
        again = [client.post(path, sent) for _ in range(2)]
        # an open visit is gone on with; whatever is answered, nothing more is written
        assert [answer.status_code for answer in again] == [302, 302], path
        assert web.changed(done, web.trace(admin)) == [], path


def test_what_was_cut_off_before_its_end_is_sent_again_and_has_one_effect(
    ground: Ground, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who, path, sent in posts(ground):
        client = ground.browser(who, quiet=True)
        before = web.trace(admin)
        with monkeypatch.context() as cut:
            cut.setattr(Entries, "write", _cut_off)
            assert client.post(path, sent).status_code == 500, path
        assert web.changed(before, web.trace(admin)) == [], path
        assert client.post(path, sent).status_code == 302, path
        done = web.trace(admin)
        assert client.post(path, sent).status_code == 302, path
        assert web.changed(done, web.trace(admin)) == [], path


def _cut_off(self: Entries) -> None:
    raise TimeoutError("the connection was lost")


def test_one_number_of_sending_is_one_act_even_on_another_case(ground: Ground, admin: psycopg.Connection) -> None:
    """A client id that already stands for something else is refused in words, not by a crash."""
    number = str(uuid4())
    desk = ground.browser("desk", quiet=True)
    sent = {"client_id": number, "code": "no_bed", "text": "后天有床位"}
    assert desk.post(f"/case/{ground.rows['referral']}/do/decline", sent).status_code == 302
    before = web.trace(admin)
    other = ground.browser("desk2", quiet=True).post(f"/case/{ground.rows['away_referral']}/do/decline", sent)
    assert other.status_code in (302, 409, 422), other.status_code
    assert "case_entry" not in web.changed(before, web.trace(admin)) or other.status_code == 302


def test_without_the_token_of_the_page_nothing_is_written(ground: Ground, admin: psycopg.Connection) -> None:
    before = web.trace(admin)
    for who, path, sent in posts(ground):
        assert ground.browser(who, csrf=True).post(path, sent).status_code == 403, path
    assert web.changed(before, web.trace(admin)) == []


def test_signing_in_needs_the_token_too(ground: Ground) -> None:
    assert web.carrying(csrf=True).post("/sign-in/", {"login": "township", "password": "x"}).status_code == 403
