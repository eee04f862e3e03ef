"""The policy sandbox: what the year would have been is what a whole clearing says; saved, compared, proposed, seen by the second person."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, transaction
from django.test import Client, override_settings

from tests.benefit.claims import settled
from tests.benefit.year import YEAR, Year
from tests.support.ground import Ground
from yigongti.benefit.fund.actions import sandbox as actions
from yigongti.benefit.fund.facts import claims as claims_facts
from yigongti.benefit.fund.models import ClearedMember, Clearing, Comparison
from yigongti.benefit.fund.queries.sandbox import base, facts, reckoning
from yigongti.benefit.fund.rules import sandbox
from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Denied
from yigongti.kernel.case.facade import Refused
from yigongti.policy import facade as policy
from yigongti.policy.shelves import shelf, using
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database
RATIO = "fund.ratio"


@pytest.fixture(autouse=True)
def wired(tmp_path: Path) -> Iterator[None]:
    with override_settings(FACTS_DIR=tmp_path), wiring.using(house):
        yield
        reckoning.forget()


@pytest.fixture
def year(ground: Ground, admin: psycopg.Connection) -> Year:
    told = Year(ground, admin)
    for month, unit, who, total in (
        (3, "H1", "settle", 800_000),
        (5, "T1", "townsettle", 600_000),
        (9, "H1", "settle", 9_000_000),
    ):
        settled(ground, who, unit=unit, start_date=date(YEAR, month, 1), end_date=date(YEAR, month, 9), total_fen=total)
    return told


def built(year: Year) -> None:
    with year.seat("robot_facts") as acting:
        claims_facts.export(acting)


def county_ratio(value: int) -> dict[str, Any]:
    """The change that sets the residents' inpatient ratio of county hospitals (inside the door)."""
    found = policy.value(RATIO, place="439921", on=date(YEAR, 12, 31))
    rows = [
        [*row[:3], value if tuple(row[:3]) == ("resident", "inpatient", "county") else row[3]]
        for row in policy.raw(found)
    ]
    return {"values": {RATIO: rows}, "coefficients": {}, "points": {}}


def asked(year: Year, change: dict[str, Any], who: str = "fund") -> dict[str, Any]:
    with year.seat(who) as acting:
        found = base.base(acting_unit(year), YEAR, acting.place)
        return reckoning.ask(found, facts.data(year.unit, YEAR), change)


def acting_unit(year: Year) -> Any:
    from yigongti.benefit.fund.queries import pool

    unit = pool.consortium(year.unit)
    assert unit is not None
    return unit


def test_as_things_stand_it_is_the_clearing_of_the_year_to_the_fen(year: Year) -> None:
    year.budget()
    year.scores()
    case = year.computed()
    with year.seat("fund"):
        version = Clearing.objects.get(pk=case)
        members = {one.institution_id: one for one in ClearedMember.objects.filter(clearing=version)}
    built(year)
    found = asked(year, dict(sandbox.EMPTY))
    now = found["consortium"]["before"]
    assert now == found["consortium"]["after"]
    for name in (
        "persons",
        "budget_fen",
        "pool_fen",
        "charged_in_fen",
        "charged_out_fen",
        "balance_fen",
        "kept_fen",
        "returned_fen",
    ):
        assert now[name] == getattr(version, name), name
    for row in found["members"]:
        one = members[row["institution_id"]]
        for name in ("income_fen", "wages_fen", "aid_fen", "capacity_fen", "overspend_fen"):
            assert row["before"][name] == getattr(one, name), name
    assert found["paid_fen"] == found["funds"]["basic"]["before"] == now["charged_in_fen"]


def test_a_ratio_and_a_share_move_fund_members_levels_and_groups(year: Year) -> None:
    year.budget()
    built(year)
    with year.seat("fund"):
        change = county_ratio(8_000)
    change["values"]["fund.pool.risk_reserve"] = 1_000
    found = asked(year, change)
    basic = found["funds"]["basic"]["difference"]
    assert basic == (700_000 - 50_000) * 5 // 100 + 8_850_000 * 5 // 100 > 0
    assert (
        basic
        == -found["funds"]["serious"]["difference"]
        - found["funds"]["aid"]["difference"]
        - found["funds"]["person"]["difference"]
    )
    assert {one["key"]: one["funds"]["basic"]["difference"] for one in found["levels"]} == {
        "county": basic,
        "township": 0,
    }
    assert sum(one["funds"]["basic"]["difference"] for one in found["insurance"]) == basic
    old, new = found["consortium"]["before"], found["consortium"]["after"]
    assert new["reserve_fen"] == 2 * old["reserve_fen"] and new["charged_in_fen"] == old["charged_in_fen"] + basic
    assert found["serious_line"]["over_before"] == 1


def test_a_seat_reckons_over_its_own_consortium_only_and_the_director_sees_numbers_not_claims(year: Year) -> None:
    built(year)
    with year.seat("fund2"), pytest.raises(Denied):
        facts.data(year.unit, YEAR)
    assert asked(year, dict(sandbox.EMPTY), "director")["claims"] == 3
    for who, status in (("fund2", 404), ("settle", 404), ("director", 200), ("insurance", 200)):
        assert (
            year.ground.browser(who).get(f"/fund/sandbox/?consortium={year.unit}&year={YEAR}").status_code == status
        ), who


def typed(year: Year, **moved: str) -> dict[str, str]:
    """The controls as a browser sends them."""
    with year.seat("fund") as acting:
        found = base.base(acting_unit(year), YEAR, acting.place)
        sent = {
            one.name: sandbox.shown(one.unit, one.value)
            for section in base.sections(found) for group in section.groups for one in group.controls
        }  # fmt: skip
    assert set(moved) <= set(sent) | {"points", "scheme"}
    return {**sent, "consortium": str(year.unit), "year": str(YEAR), **moved}


def test_the_controls_answer_in_place_and_a_share_that_does_not_add_up_is_named(year: Year) -> None:
    year.budget()
    built(year)
    client: Client = year.ground.browser("fund")
    text = client.get(f"/fund/sandbox/?consortium={year.unit}&year={YEAR}").content.decode()
    assert "还没有改动" in text and "支付比例" in text and "假定" in text
    plain = client.post("/fund/sandbox/ask/", typed(year))
    assert plain.status_code == 302 and plain["Location"].endswith(f"year={YEAR}"), "what is not moved is no change"
    sent = typed(year, **{f"{RATIO}~2~3": "80"})
    answer = client.post("/fund/sandbox/ask/", sent, HTTP_HX_REQUEST="true")
    assert answer.status_code == 200 and "保存比较" in answer.content.decode()
    address = answer["HX-Push-Url"]
    assert client.get(address).content.decode().count("80%") >= 1
    assert client.get(address.replace("/?", "/export.xlsx?")).content[:2] == b"PK"
    assert client.get(address.replace("/?", "/print?")).content.startswith(b"%PDF-")
    wrong = client.post(
        "/fund/sandbox/ask/", typed(year, **{"fund.pool.uses~0~1": "49"}), HTTP_HX_REQUEST="true"
    ).content.decode()
    assert "“结余用途”各项合计 1" in wrong and "应为 100%" in wrong and "请调整各项" in wrong
    wrong = client.post(
        "/fund/sandbox/ask/", typed(year, **{f"{RATIO}~2~3": "180"}), HTTP_HX_REQUEST="true"
    ).content.decode()
    assert "比例应在 0 与 100% 之间" in wrong and "未见文件规定" in wrong
    assert client.get("/fund/sandbox/?c=x").status_code == 404


def test_without_facts_the_page_says_from_where_they_come(year: Year) -> None:
    client = year.ground.browser("fund")
    text = client.get(f"/fund/sandbox/?consortium={year.unit}&year={YEAR}").content.decode()
    assert "先在结算窗口结算或导入" in text
    ahead = f"/fund/pool/receive/?consortium={year.unit}&year={YEAR}"
    assert client.get(ahead).status_code == 302, "without a budget there is nothing to note a prepayment against"
    assert "放宽日期" in client.get("/fund/claims/?since=1999-01-01&until=1999-01-02").content.decode()


def kept(year: Year, value: int = 8_000, name: str = "县级 80%", *, bare: bool = False, **more: Any) -> Comparison:
    """A saved comparison of a ratio (*bare*: without it) and *more*."""
    with year.seat("fund") as acting:
        found, data = base.base(acting_unit(year), YEAR, acting.place), facts.data(year.unit, YEAR)
        return actions.save(
            acting=acting, found=found, data=data, change={**(sandbox.nothing() if bare else county_ratio(value)), **more},
            name=name, note="", client_id=uuid4(),
        )  # fmt: skip


def test_a_saved_comparison_never_changes_and_says_when_the_data_moved(year: Year, admin: psycopg.Connection) -> None:
    year.budget()
    built(year)
    row = kept(year)
    client: Client = year.ground.browser("fund")
    page = f"/fund/sandbox/saved/{row.pk}/"
    assert "保存之后清单有变化" not in client.get(page).content.decode()
    with pytest.raises(psycopg.errors.RestrictViolation):
        admin.execute("update fund_comparison set name = 'x' where id = %s", [row.pk])
    settled(year.ground, "settle", start_date=date(YEAR, 11, 1), end_date=date(YEAR, 11, 9))
    built(year)
    assert "保存之后清单有变化" in client.get(page).content.decode()
    done = client.post(f"{page}again/", {"client_id": str(uuid4())})
    assert done.status_code == 302 and done["Location"] != page
    with year.seat("fund"):
        again = Comparison.objects.get(again_id=row.pk)
        assert (again.result["claims"], row.result["claims"]) == (4, 3)
    other = kept(year, 6_000, "县级 60%")
    together = f"id={row.pk}&id={other.pk}"
    text = client.get(f"/fund/sandbox/compare/?{together}").content.decode()
    assert "不是同一批数据" in text and "县级 60%" in text
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(client.get(f"/fund/sandbox/compare/export.xlsx?{together}").content))
    assert book.sheetnames[:3] == ["改动", "基金与个人", "医共体清算"]
    assert client.get(f"/fund/sandbox/compare/print?{together}").content.startswith(b"%PDF-")
    assert client.get("/fund/sandbox/compare/").status_code == 302
    assert year.ground.browser("fund2").get(page).status_code == 404


def test_nothing_changed_is_not_saved_and_the_same_sending_is_saved_once(year: Year) -> None:
    year.budget()
    built(year)
    once = uuid4()
    with year.seat("fund") as acting:
        found, data = base.base(acting_unit(year), YEAR, acting.place), facts.data(year.unit, YEAR)
        told: dict[str, Any] = {"acting": acting, "found": found, "data": data, "name": "x", "note": ""}
        with pytest.raises(Refused, match="没有改动"):
            actions.save(**told, change=sandbox.EMPTY, client_id=uuid4())
        first = actions.save(**told, change=county_ratio(8_000), client_id=once)
        assert actions.save(**told, change=county_ratio(7_000), client_id=once).pk == first.pk
        with pytest.raises(DatabaseError), transaction.atomic():
            Comparison.objects.create(**{
                name: getattr(first, name) for name in ("consortium", "year", "name", "change", "changed", "parameter_hash", "policy_set",
                                                        "data_version", "data_as_of", "result", "place", "made_account", "made_at")
            }, made_by_id=year.ground.small.seats["director"], client_id=uuid4())  # fmt: skip


BASIS = {"place": "439921", "starts": f"{calendar.today() + timedelta(days=1)}", "ends": "", "source": "县医保发〔2026〕1号",
         "clause": "第二条",         "status": "confirmed", "reason": "按沙盘比较"}  # fmt: skip


def test_the_office_proposes_what_it_compared_and_the_second_person_sees_the_comparison(year: Year) -> None:
    year.budget()
    built(year)
    row = kept(year)
    client: Client = year.ground.browser("fund")
    page = f"/fund/sandbox/saved/{row.pk}/propose/"
    assert "支付比例" in client.get(page).content.decode()
    assert client.post(page, {**BASIS, "source": "", "client_id": str(uuid4())}).status_code == 422
    done = client.post(page, {**BASIS, "client_id": str(uuid4())})
    assert done.status_code == 302
    case = done["Location"]
    approver: Client = year.ground.browser("approver")
    text = approver.get(case).content.decode()
    assert "附测算：政策沙盘比较" in text and "县级 80%" in text and "统筹基金" in text
    assert approver.get(f"/fund/sandbox/saved/{row.pk}/").status_code == 200
    assert approver.get("/fund/sandbox/saved/").status_code == 404
    number = int(case.rstrip("/").rsplit("/", 1)[-1])
    with pytest.raises(Denied):
        year.do("fund", number, "approve", comment=None)
    year.do("approver", number, "approve", comment="同意")
    with year.seat("fund"):
        ratio = policy.value(RATIO, place="439921", on=calendar.today() + timedelta(days=2))
        assert ratio.value.row(insurance="resident", kind="inpatient", level="county")["share"] == 8_000
        assert "支付比例（" not in "".join(base.base(acting_unit(year), YEAR, "439921").notes)
        now = base.base(acting_unit(year), calendar.today().year, "439921")
    assert any("年内有变动：支付比例（" in one and "按全年算" in one for one in now.notes)
    assert "已批准，自 " in client.get(f"/fund/sandbox/saved/{row.pk}/").content.decode()
    told = client.get(case).content.decode()
    assert "支付比例：城乡居民医保 住院 县级：75% → 80%，自 " in told


def test_what_held_for_a_time_only_within_the_year_is_noted_with_both_its_days(year: Year) -> None:
    ratio = policy.value(RATIO, place="439921", on=date(YEAR, 1, 1))
    lower = policy.amended(ratio, [[*rest, share // 2] for *rest, share in policy.raw(ratio)])
    spring = replace(lower, place="439921", starts=date(YEAR, 3, 1), ends=date(YEAR, 6, 30))
    with using(shelf().with_changes([spring])):
        assert base._turned("439921", YEAR) == f"{ratio.title}（{YEAR}-03-01、{YEAR}-07-01 起）"
        assert base._turned("439921", YEAR - 1) == ""
    with using(shelf().with_changes([replace(spring, value=ratio.value)])):
        assert base._turned("439921", YEAR) == "", "another text that says the same changes nothing"


def test_what_is_no_parameter_is_not_proposed_and_the_page_says_why(year: Year) -> None:
    year.budget()
    built(year)
    client: Client = year.ground.browser("fund")
    unit = str(year.at("H1"))
    drg = kept(year, name="DRG", bare=True, scheme="drg")
    page = client.get(f"/fund/sandbox/saved/{drg.pk}/").content.decode()
    assert "平台不发布 DRG 病组目录" in page and "按此提出修订" not in page
    refused = client.post(f"/fund/sandbox/saved/{drg.pk}/propose/", {**BASIS, "client_id": str(uuid4())})
    assert refused.status_code == 422 and "平台不发布 DRG 病组目录" in refused.content.decode()
    both = kept(year, name="系数", coefficients={unit: 11_000})
    proposing = client.get(f"/fund/sandbox/saved/{both.pk}/propose/").content.decode()
    assert "机构系数不能由此提出" in proposing and "DRG" not in proposing
    assert "不能由此提出" not in client.get(f"/fund/sandbox/saved/{kept(year).pk}/").content.decode()


def test_the_office_may_propose_parameters_of_the_fund_and_no_others(year: Year) -> None:
    typed_in = {**BASIS, "key": "policy.amendment.review", "value": "x", "evidence": ""}
    with year.seat("fund") as acting:
        with pytest.raises(ValueError, match="参数"):
            policy.propose(acting=acting, typed=typed_in, client_id=uuid4())
        assert policy.may_propose(acting, RATIO) and not policy.may_propose(acting, "referral.reply")
    with year.seat("director") as acting:
        assert not policy.may_propose(acting, RATIO)


def rows_of(client: Client, year: Year, change: dict[str, Any], of: str, page: str = "") -> Any:
    return client.get(f"/fund/sandbox/rows/{page}", {
        "consortium": str(year.unit), "year": str(YEAR), "c": sandbox.packed(change), "of": of,
    })  # fmt: skip


def test_who_crosses_the_line_is_listed_to_whom_the_claims_are_open(year: Year) -> None:
    year.budget()
    built(year)
    tiers = {"values": {"fund.serious_tiers": [[10_000_000, 6_000]]}, "coefficients": {}, "points": {}}
    office = rows_of(year.ground.browser("fund"), year, tiers, "line~under~person").content.decode()
    assert "不再超过大病起付线的人" in office and "您可以打开的 1 人" in office
    director = rows_of(year.ground.browser("director"), year, tiers, "line~under~person").content.decode()
    assert "您可以打开的 0 人" in director and "另有 1 人只计数" in director and "/fund/claim/" not in director


def test_every_number_of_a_table_opens_to_rows_that_add_up_to_it(year: Year) -> None:
    from yigongti.benefit.fund.pages.sandbox import tables
    from yigongti.benefit.fund.queries.sandbox import behind

    year.budget()
    built(year)
    with year.seat("fund") as acting:
        change = county_ratio(8_000)
        found, data = base.base(acting_unit(year), YEAR, acting.place), facts.data(year.unit, YEAR)
        result = reckoning.ask(found, data, change)
        words = {word for told in tables.tables(result) for row in told.behind for word in row if word}
        cells = {word: behind.Cell.of(word) for word in words if not word.startswith("pool~")}
        assert all(cells.values()) and len(cells) > 40
        open_ = {word: behind.ask(found, data, change, cell, 50) for word, cell in cells.items() if cell}
        for fund, both in result["funds"].items():
            assert (open_[f"all~~{fund}"].before, open_[f"all~~{fund}"].after) == (both["before"], both["after"]), fund
        for cut, name in (("level", "levels"), ("insurance", "insurance"), ("aid", "aid"), ("age", "ages")):
            for one in result[name]:
                for fund, both in one["funds"].items():
                    row = open_[f"{cut}~{one['key']}~{fund}"]
                    assert (row.before, row.after) == (both["before"], both["after"]), (cut, one["key"], fund)
                    assert (
                        sum(line.after for line in row.lines) == row.after
                        and sum(p.claims for p in row.parts) == row.claims
                    )
        for one in result["deciles"]:
            row = open_[f"decile~{one['decile']}~person"]
            assert (row.persons, row.before, row.after) == (one["persons"], one["before"], one["after"])
            assert (row.fewer, row.more) == (one["better"], one["worse"]) == (
                open_[f"better~{one['decile']}~person"].persons, open_[f"worse~{one['decile']}~person"].persons
            )  # fmt: skip
        for one in result["members"]:
            row = open_[f"member~{one['institution_id']}~pay"]
            assert (row.before, row.after) == (one["before"]["income_fen"], one["after"]["income_fen"])
        for side, name in (("in", "charged_in_fen"), ("out", "charged_out_fen")):
            row = open_[f"charged~{side}~pay"]
            assert (row.before, row.after) == tuple(result["consortium"][when][name] for when in ("before", "after"))
    client = year.ground.browser("fund")
    one_of_each = {word.partition("~")[0]: word for word in sorted(words)}
    for word in sorted(words) if os.environ.get("YGT_DRILL") else one_of_each.values():
        assert rows_of(client, year, change, word).status_code == 200, word
    assert "考核得分" in rows_of(client, year, change, "pool~kept_fen").content.decode()
    assert rows_of(client, year, change, "level~county~basic", "export.xlsx").content[:2] == b"PK"
    assert rows_of(client, year, change, "level~county~basic", "print").content.startswith(b"%PDF-")
    for wrong in ("level~moon~basic", "level~county~pay", "member~0~pay", "pool~x", "", "decile~11~person"):
        assert rows_of(client, year, change, wrong).status_code == 404, wrong


def test_stays_are_paid_by_drg_weights_on_one_side_or_both_and_a_weight_is_moved(year: Year) -> None:
    for before in (1, 2, 3):
        for unit, who in (("H1", "settle"), ("T1", "townsettle")):
            day = date(YEAR - before, 4, 1)
            settled(
                year.ground,
                who,
                unit=unit,
                start_date=day,
                end_date=day + timedelta(days=8),
                total_fen=400_000 * before,
            )
    year.budget()
    built(year)
    nothing = sandbox.nothing()
    drg = asked(year, {**nothing, "scheme": "drg"})
    assert drg["consortium"]["before"] == asked(year, nothing)["consortium"]["before"] and drg["points"]
    both = asked(year, {**nothing, "scheme": "drg_both"})
    assert both["consortium"]["before"] == both["consortium"]["after"] == drg["consortium"]["after"]
    assert both["final_point"]["before"] == both["final_point"]["after"] is not None
    with year.seat("fund") as acting:
        found, data = base.base(acting_unit(year), YEAR, acting.place), facts.data(year.unit, YEAR)
        weights = reckoning.groups(found, data, "drg") or {}
    ((name, points),) = [one for one in weights.items() if one[1]][:1]
    moved = {**nothing, "scheme": "drg_both", "points": {name: points * 2}}
    twice = asked(year, moved)
    assert twice["consortium"]["after"]["charged_in_fen"] > both["consortium"]["after"]["charged_in_fen"]
    cheaper = asked(year, {**nothing, "scheme": "drg_both", "values": {"fund.pool.point_value": 1}})
    assert cheaper["consortium"]["after"]["charged_in_fen"] < both["consortium"]["after"]["charged_in_fen"]
    client: Client = year.ground.browser("fund")
    sent = typed(year, points=f"{name} {points * 2 / 1000:g}", scheme="drg_both")
    answer = client.post("/fund/sandbox/ask/", sent, HTTP_HX_REQUEST="true")
    assert sandbox.unpacked(answer["HX-Push-Url"].split("c=")[1]) == moved
    text = answer.content.decode()
    assert "DRG 权重" in text and "非官方" in text
    asked_for = {"consortium": str(year.unit), "year": str(YEAR), "c": sandbox.packed(moved)}
    listed = client.get("/fund/sandbox/groups/", asked_for).content.decode()
    assert name in listed and f"group~{name}~pay" in listed.replace("%7E", "~")
    assert rows_of(client, year, moved, f"group~{name}~pay").status_code == 200
    assert client.get("/fund/sandbox/groups/export.xlsx", asked_for).content[:2] == b"PK"
    assert client.get("/fund/sandbox/groups/print", asked_for).content.startswith(b"%PDF-")
    assert sandbox.unpacked(sandbox.packed({**moved, "scheme": "x"})) is None


def test_where_no_year_before_has_stays_the_weights_are_those_of_the_year_itself(
    year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(year)
    monkeypatch.setattr(facts.Data, "thin", True)
    found = asked(year, {**sandbox.nothing(), "scheme": "drg"})
    assert (found["weights"]["cases"], found["weights"]["years"]) == (3, [])
    assert found["final_point"]["after"] is not None and found["members"][0]["after"]["points_milli"] > 0
    assert asked(year, sandbox.nothing())["weights"] is None


def test_points_and_coefficients_are_read_with_what_is_wrong_named(year: Year) -> None:
    found = sandbox.Typed()
    sandbox.read_points(found, "J18.9|- 960.5\nX00#operation 1\nnonsense", {"J18.9|-": 900_000})
    assert found.change["points"] == {"J18.9|-": 960_500}
    assert [one.message for one in found.problems] == [
        "病种分值第 2 行：本年度病种目录中没有 X00#operation",
        "病种分值第 3 行“nonsense”看不懂",
    ]
    sandbox.read_coefficients(found, {1: "105", 2: "5", 3: "100"}, {1: 10_000}, {2: "某院"})
    assert found.change["coefficients"] == {"1": 10_500} and "某院" in found.problems[-1].message
    assert sandbox.unpacked(sandbox.packed(found.change)) == found.change
    assert sandbox.unpacked("") == {"values": {}, "coefficients": {}, "points": {}} and sandbox.unpacked("%%%") is None
