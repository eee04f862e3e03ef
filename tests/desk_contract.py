"""What every desk must keep, as one inherited test case: a new kind of case is safe because this class runs for it.

Who is not signed in is sent to the sign-in; who lacks the right, or whose institution is no party, gets
the same answer as for what does not exist, and nothing is written; who has the right gets list, filters,
exports, detail, print, figures and the flow's drawing; what is sent wrongly comes back in words and
changes nothing. The number of queries of each page is kept in ``query_counts.json`` and may only fall
(``YGT_FREEZE=1`` writes lower or new ones).
"""

from __future__ import annotations

import io
import json
import os
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.models import Q
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from tests.support.people import LIMITS
from yigongti.kernel.access import signin
from yigongti.kernel.case import queries as case_queries
from yigongti.kernel.desk import Desk

COUNTS = Path(__file__).parent / "query_counts.json"


@dataclass(frozen=True)
class Who:
    """A seat to act as: ids of account and seat."""

    account: int
    seat: int


@dataclass(frozen=True)
class Ground:
    """What a desk is tried on: a case of its flow, seats on it, beside it and without the right, and who
    may open one.
    """

    desk: Desk
    case: int
    number: str
    insider: Who
    outsider: Who | None
    stranger: Who
    opener: Who


def sign_in(who: Who) -> Client:
    """A browser with a live session of the seat."""
    token = signin.open_session(
        account_id=who.account, seat_id=who.seat, source="127.0.0.1", agent="test", limits=LIMITS
    )
    assert token is not None
    client = Client()
    client.cookies["ygt_session"] = token
    return client


class DeskContract:
    """Inherit, name the flow in ``code``; a desk outside a county gives its own ``ground``."""

    code: str

    @pytest.fixture
    def ground(self, shared_county: str, admin: psycopg.Connection) -> Iterator[Ground]:
        """For tests that change nothing; they share a county."""
        with override_settings(ALLOWED_HOSTS=["testserver"]):
            yield county_ground(self.code, admin)

    @pytest.fixture
    def own_ground(self, county: str, admin: psycopg.Connection) -> Iterator[Ground]:
        """For tests that change something."""
        with override_settings(ALLOWED_HOSTS=["testserver"]):
            yield county_ground(self.code, admin)

    # ---- who sees ------------------------------------------------------------------------------------------------

    def paths(self, ground: Ground) -> list[str]:
        """Every page that a desk has, by GET."""
        code, case = ground.desk.code, ground.case
        pages = [f"/desk/{code}/", f"/desk/{code}/?show=all", f"/desk/{code}/export.csv", f"/desk/{code}/export.xlsx"]
        pages += [f"/desk/{code}/flow", f"/desk/{code}/statistics", f"/case/{case}/", f"/case/{case}/print"]
        pages += [f"/case/{case}/do/{one.code}" for one in ground.desk.flow.transitions]
        return pages

    def test_without_a_session_every_page_leads_to_the_sign_in(self, ground: Ground) -> None:
        for path in self.paths(ground):
            response = Client().get(path)
            assert response.status_code == 302, path
            assert ground.number not in response.content.decode(), path

    def test_a_seat_without_the_right_finds_nothing(self, ground: Ground) -> None:
        client = sign_in(ground.stranger)
        for path in [*self.paths(ground), f"/desk/{ground.desk.code}/new"]:
            response = client.get(path)
            assert response.status_code == 404, path
            assert ground.number not in response.content.decode(), path

    def test_a_seat_of_another_institution_sees_and_changes_nothing(
        self, ground: Ground, admin: psycopg.Connection
    ) -> None:
        client = sign_in(outside(ground))
        before = trace(admin)
        for path in (f"/case/{ground.case}/", f"/case/{ground.case}/print"):
            assert client.get(path).status_code == 404, path
        for one in ground.desk.flow.transitions:
            path = f"/case/{ground.case}/do/{one.code}"
            assert client.get(path).status_code == 404, path
            assert client.post(path, {"client_id": str(uuid.uuid4())}).status_code == 404, path
            assert client.post(f"/case/{ground.case}/draft/{one.code}", {"x": "y"}).status_code == 404, path
        for path in (f"/desk/{ground.desk.code}/?show=all", f"/desk/{ground.desk.code}/export.csv?show=all"):
            assert ground.number not in client.get(path).content.decode(), path
        assert trace(admin) == before

    def test_with_the_fence_off_the_other_institution_would_see_it(
        self, own_ground: Ground, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(case_queries, "reach", lambda acting: Q())
        admin.execute(
            "alter table case_case no force row level security; alter table case_case disable row level security"
        )
        seen = sign_in(outside(own_ground)).get(f"/desk/{own_ground.desk.code}/?show=all").content.decode()
        assert own_ground.number in seen

    # ---- what the right seat gets --------------------------------------------------------------------------------

    def test_the_list_shows_the_case_under_every_chip_it_belongs_to(self, ground: Ground) -> None:
        client = sign_in(ground.insider)
        page = client.get(f"/desk/{ground.desk.code}/", {"show": "all", "q": ground.number})
        assert page.status_code == 200
        assert ground.number in page.content.decode()
        assert re.search(r"共 [\d,]+ 条", page.content.decode())
        for show in ("open", "mine", "closed", *(state.code for state in ground.desk.flow.states)):
            assert client.get(f"/desk/{ground.desk.code}/", {"show": show}).status_code == 200, show
        for column in ground.desk.own_columns:
            assert column.title in page.content.decode()

    def test_the_exports_hold_the_case(self, ground: Ground) -> None:
        from openpyxl import load_workbook

        client = sign_in(ground.insider)
        plain = client.get(f"/desk/{ground.desk.code}/export.csv?show=all").content
        assert plain.startswith(b"\xef\xbb\xbf")
        assert ground.number in plain.decode("utf-8-sig")
        book = load_workbook(io.BytesIO(client.get(f"/desk/{ground.desk.code}/export.xlsx?show=all").content))
        assert any(row[0] == ground.number for row in book.worksheets[0].iter_rows(values_only=True))

    def test_the_case_says_whose_turn_it_is_and_prints(self, ground: Ground) -> None:
        client = sign_in(ground.insider)
        page = client.get(f"/case/{ground.case}/")
        assert page.status_code == 200
        text = page.content.decode()
        assert ground.number in text
        assert "处理" in text or "已结束" in text
        assert not re.search(r"<[^>]+\sstyle=|<script(?![^>]*(?:\ssrc=|application/json))|<[^>]+\son[a-z]+=", text)
        paper = client.get(f"/case/{ground.case}/print")
        assert paper.content.startswith(b"%PDF-")

    def test_figures_and_the_drawing_name_every_state(self, ground: Ground) -> None:
        client = sign_in(ground.insider)
        assert client.get(f"/desk/{ground.desk.code}/statistics").status_code == 200
        drawing = client.get(f"/desk/{ground.desk.code}/flow").content.decode()
        for state in ground.desk.flow.states:
            assert state.title in drawing
        for one in ground.desk.flow.transitions:
            assert one.title in drawing

    # ---- what is sent wrongly ------------------------------------------------------------------------------------

    def test_rubbish_in_any_form_comes_back_in_words_and_changes_nothing(
        self, ground: Ground, admin: psycopg.Connection
    ) -> None:
        client = sign_in(ground.insider)
        before = trace(admin)
        asking = [one for one in ground.desk.flow.transitions if one.form and any(f.required for f in one.form.fields)]
        for one, rubbish in product(asking, ("\x00", "长" * 10_000, "", "２０２６－１３－０１", "=1+1")):
            assert one.form is not None
            if is_fine_text(rubbish) and all(f.kind in ("text", "longtext") for f in one.form.fields if f.required):
                continue
            values = dict.fromkeys((field.name for field in one.form.fields), rubbish)
            response = client.post(f"/case/{ground.case}/do/{one.code}", {"client_id": str(uuid.uuid4()), **values})
            assert response.status_code in (404, 409, 422), (one.code, rubbish[:20])
        assert trace(admin) == before

    def test_a_form_without_its_client_id_does_nothing(self, ground: Ground, admin: psycopg.Connection) -> None:
        client = sign_in(ground.insider)
        before = trace(admin)
        for one in ground.desk.flow.transitions:
            assert client.post(f"/case/{ground.case}/do/{one.code}", {}).status_code in (404, 422), one.code
        assert trace(admin) == before

    # ---- opening one ---------------------------------------------------------------------------------------------

    def test_an_empty_opening_form_is_refused_in_words_and_opens_nothing(
        self, ground: Ground, admin: psycopg.Connection
    ) -> None:
        create, path = ground.desk.create, f"/desk/{ground.desk.code}/new"
        client = sign_in(ground.opener)
        before = trace(admin)
        if create is None:
            assert client.get(path).status_code == 404
        elif create.about:
            assert client.get(path).status_code == 400
        else:
            assert client.get(path).status_code == 200
            assert client.post(path, {"client_id": str(uuid.uuid4())}).status_code == 422
        assert trace(admin) == before

    # ---- handing over --------------------------------------------------------------------------------------------

    def test_an_open_case_is_handed_only_to_who_holds_the_duty_there_and_says_so(
        self, own_ground: Ground, admin: psycopg.Connection
    ) -> None:
        holder = holder_of(own_ground, admin)
        client, path = sign_in(holder), f"/case/{own_ground.case}/do/reassign"
        assert client.get(path).status_code == 200
        before = trace(admin)
        wrong = {"client_id": str(uuid.uuid4()), "to_seat": str(own_ground.stranger.seat), "note": "换人"}
        assert client.post(path, wrong).status_code == 422
        assert trace(admin) == before
        asked = {"client_id": str(uuid.uuid4()), "to_seat": str(holder.seat), "note": "由我办理"}
        for _ in range(2):
            assert client.post(path, asked).status_code == 302
        row = admin.execute(
            "select holder_seat_id, (select count(*) from case_entry where case_id = c.id and kind = 'handover')"
            " from case_case c where id = %s", [own_ground.case]
        ).fetchone()  # fmt: skip
        assert row == (holder.seat, 1)
        assert client.get(f"/case/{own_ground.case}/do/remind").status_code == 404, "nobody presses himself"

    # ---- cost ----------------------------------------------------------------------------------------------------

    def test_the_number_of_queries_of_each_page_may_only_fall(self, ground: Ground) -> None:
        client, code = sign_in(ground.insider), ground.desk.code
        asked: dict[str, Callable[[], HttpResponse]] = {
            "list": lambda: client.get(f"/desk/{code}/?show=all"),
            "export": lambda: client.get(f"/desk/{code}/export.csv?show=all"),
            "statistics": lambda: client.get(f"/desk/{code}/statistics"),
            "case": lambda: client.get(f"/case/{ground.case}/"),
            "print": lambda: client.get(f"/case/{ground.case}/print"),
        }
        counts = {}
        for name, ask in asked.items():
            ask()  # the first request also fills caches
            with CaptureQueriesContext(connection) as queries:
                ask()
            counts[f"{code}.{name}"] = len([query for query in queries if query["sql"] not in ("BEGIN", "COMMIT")])
        frozen(counts)


def holder_of(ground: Ground, admin: psycopg.Connection) -> Who:
    """A seat whose turn it is; a case that has ended has none, and the test says so."""
    row = admin.execute(
        "select s.account_id, s.id from case_case c join access_seat s on s.unit_id = c.holder_unit_id"
        " join access_role r on r.code = s.role_id where c.id = %s and c.holder_duty = any(r.rights)"
        " and %s = any(r.rights) and (s.ends is null or s.ends >= current_date) and s.account_id is not null"
        " and (c.holder_seat_id is null or c.holder_seat_id = s.id) order by s.id limit 1",
        [ground.case, ground.desk.right],
    ).fetchone()  # fmt: skip
    if row is None:
        pytest.skip("the case has ended: nobody holds it")
    return Who(*row)


def outside(ground: Ground) -> Who:
    """The seat of another institution; a desk of the whole region has none, and the test says so."""
    if ground.outsider is None:
        pytest.skip(f"every seat with {ground.desk.right} is a party to this case")
    return ground.outsider


def is_fine_text(rubbish: str) -> bool:
    """Whether it would do as an answer in words, though as nothing else."""
    return 0 < len(rubbish) < 100 and rubbish.isprintable()


def trace(admin: psycopg.Connection) -> tuple[Any, ...]:
    """What an act leaves behind: cases with their states, timeline entries, drafts."""
    row = admin.execute(
        "select (select count(*) from case_case), (select count(*) from case_entry), (select count(*) from form_draft),"
        " (select md5(coalesce(string_agg(state || entered_at, '' order by id), '')) from case_case)"
    ).fetchone()
    assert row is not None
    return tuple(row)


def frozen(counts: dict[str, int]) -> None:
    """Fails when a page asks more queries than are written down, or none are; lower ones are written with
    YGT_FREEZE=1.
    """
    kept: dict[str, int] = json.loads(COUNTS.read_text(encoding="utf-8")) if COUNTS.exists() else {}
    if os.environ.get("YGT_FREEZE"):
        kept |= {name: min(count, kept.get(name, count)) for name, count in counts.items()}
        COUNTS.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n", encoding="utf-8")
    more = {name: (count, kept.get(name)) for name, count in counts.items() if count > kept.get(name, -1)}
    assert not more, f"more queries than frozen in {COUNTS.name} (now, frozen): {more}"


# ---- a desk in the simulated county ------------------------------------------------------------------------------

_SEATS = """
select s.account_id, s.id from access_seat s
  join access_role r on r.code = s.role_id join access_unit u on u.id = s.unit_id
 where not r.robot and s.account_id is not null and s.subject_id is null and (s.ends is null or s.ends >= current_date)
   and {condition} order by s.id limit 1
"""


def county_ground(code: str, admin: psycopg.Connection) -> Ground:
    """The seats that a desk's contract needs, found in the county's own rows. Fails when the sample opens
    no such case.
    """
    from yigongti.kernel import wiring

    desk = next(desk for desk in wiring.get().DESKS if desk.code == code)
    case = admin.execute(
        "select id, number, from_unit_id, to_unit_id, hq_unit_id from case_case where flow = %s"
        " order by closed_at is not null, id limit 1", [code]
    ).fetchone()  # fmt: skip
    assert case is not None, f"the sample of the county opens no case of the flow {code}"
    pk, number, from_unit, to_unit, hq_unit = case
    party = "(s.unit_id in (%(from)s, %(to)s))"
    reach = (
        "(s.unit_id in (%(from)s, %(to)s, %(hq)s) or r.scope in ('consortium', 'region') or r.scope = 'subtree' and"
        " exists (select 1 from access_unit p where p.id in (%(from)s, %(to)s) and s.unit_id = any(p.path)))"
    )
    given = {"from": from_unit, "to": to_unit, "hq": hq_unit, "right": desk.right}
    given["opens"] = [holder.duty for holder in desk.flow.opens]

    def found(condition: str) -> Who | None:
        row = admin.execute(_SEATS.format(condition=condition), given).fetchone()
        return Who(*row) if row is not None else None

    def seat(condition: str) -> Who:
        who = found(condition)
        assert who is not None, f"{code}: the county has no seat with: {condition}"
        return who

    entitled = "%(right)s = any(r.rights)"
    insider = seat(f"{entitled} and {party}")
    return Ground(
        desk,
        pk,
        number,
        insider=insider,
        outsider=found(f"{entitled} and not {reach}"),
        stranger=seat("not " + entitled + " and not 'case.late' = any(r.rights)"),
        opener=insider if desk.create is None else seat(f"{entitled} and r.rights && %(opens)s::varchar[]"),
    )
