"""BP-X, BP-Z, BP-B and BP-C against expectations typed by hand from the texts; what a plan makes of each at full scale."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from yigongti.policy import comparing, facade
from yigongti.policy.facade import blueprint, blueprints
from yigongti.registry.sample.alliances import alliances, bodies
from yigongti.registry.sample.centres import centres, lead_fits
from yigongti.registry.sample.plan import BadScale, Plan, plan

X, Z, B, C = (blueprint(code) for code in ("xuzhou-2020", "zhumadian-2023", "hebei-2017", "county-report"))
ALL = ("hunan-2024", "xuzhou-2020", "zhumadian-2023", "hebei-2017", "county-report")


@cache
def full(code: str) -> Plan:
    return plan(blueprint(code), 1)


def kinds(rows: Any) -> Counter[str]:
    return Counter(row.kind for row in rows)


def titles(items: Any) -> list[str]:
    return [item.title for item in items]


def test_five_systems_are_shipped() -> None:
    assert set(blueprints()) == set(ALL)


# ---- X ---------------------------------------------------------------------------------------


def test_x_has_four_levels_with_their_branches() -> None:
    assert titles(X.levels) == ["市", "区（县）", "镇", "村"]
    assert [level.branch for level in X.levels] == ["集团总院", "分院", "基层分院", ""]
    assert [level.receives for level in X.levels] == [True, True, True, False]


def test_x_has_one_office_and_eight_centres_and_eight_domains() -> None:
    assert titles(X.headquarters) == [
        "医疗集团管理办公室", "人力资源管理中心", "财务管理中心", "质量控制中心", "公共卫生指导中心", "卫生信息管理中心",
        "消毒供应中心", "药品耗材和医疗器械配置中心", "后勤服务中心",
    ]  # fmt: skip
    assert len(X.domains) == 8
    assert [body.kind for body in X.bodies] == ["council", "committee", "party_committee"]


def test_x_at_full_scale_counts_what_the_text_counts() -> None:
    made = full("xuzhou-2020")
    urban = {one.name for one in made.consortia if one.alliance == "urban_alliance"}
    county = [row for one in made.consortia if one.name not in urban for row in made.of(one.name)]
    grid = [row for name in urban for row in made.of(name)]
    assert {**kinds(county), "city_hospital": 0} == {
        "county_general": 15, "township_centre": 159, "village_clinic": 2824, "community_centre": 20,
        "community_station": 36, "public_health": 14, "city_hospital": 0,
    }  # fmt: skip
    assert {**kinds(grid), "city_hospital": 5} == {
        "city_hospital": 5, "rehabilitation": 1, "other": 4, "community_centre": 33, "community_station": 101,
        "township_centre": 2, "village_clinic": 120, "public_health": 8,
    }  # fmt: skip
    assert len(made.sites) == 5
    assert kinds(alliances(made)) == {"county": 15, "urban": 5, "specialist": 15, "telemedicine": 34}


def test_xs_group_has_six_core_members_under_the_city_hospital() -> None:
    made = full("xuzhou-2020")
    group = made.consortia[0]
    row = alliances(made)[0]
    assert (group.lead, len(group.core)) == ("city1", 6)
    tight = [m for m in row.members if m.mode in ("tight", "trusteeship") and m.institution in group.core]
    assert len(tight) == 6
    kind = {one.code: one.kind for one in made.institutions}
    assert Counter(kind[code] for code in group.core) == {
        "city_hospital": 1, "county_general": 1, "township_centre": 1, "community_centre": 3,
    }  # fmt: skip


def test_x_and_b_have_alliances_across_provinces() -> None:
    for code in ("xuzhou-2020", "hebei-2017"):
        made = plan(blueprint(code))
        beyond = {row.code for row in made.institutions if not row.place.startswith(made.place[:2])}
        across = [row for row in alliances(made) if beyond & {m.institution for m in row.members}]
        assert across
        assert {row.kind for row in across} == {"specialist"}


# ---- Z ---------------------------------------------------------------------------------------


def test_z_has_nine_counties_with_one_to_four_consortia_and_218_institutions() -> None:
    made = full("zhumadian-2023")
    each = Counter(one.county.code for one in made.consortia)
    assert (len(each), sum(each.values()), min(each.values()), max(each.values())) == (9, 22, 1, 4)
    own = [row for row in made.institutions if row.consortium and row.kind != "village_clinic"]
    assert len(own) == 218
    assert kinds(alliances(made)) == {"county": 22, "city_rural": 2, "specialist": 37, "telemedicine": 3}


def test_one_lead_of_z_is_private_and_the_others_are_of_level_2a() -> None:
    made = full("zhumadian-2023")
    leads = {one.lead for one in made.consortia}
    rows = [row for row in made.institutions if row.code in leads]
    assert Counter(row.ownership.startswith("private") for row in rows) == {False: 21, True: 1}
    assert all(lead_fits(row, "zhumadian-2023") for row in rows)
    private = next(row for row in rows if row.ownership.startswith("private"))
    assert not lead_fits(private, "hunan-2024")
    assert Z.lead.admits(kind="general", level="2a", ownership="public")
    assert not Z.lead.admits(kind="general", level="2b", ownership="public")


def test_z_has_one_office_six_departments_seven_domains_seven_unchanged_and_six_centres() -> None:
    assert (len(Z.headquarters), len(Z.domains), len(Z.unchanged), len(Z.resource_centres)) == (7, 7, 7, 6)
    assert titles(Z.domains) == ["行政", "人员", "财务", "业务", "信息", "绩效", "药械"]
    county = next(body for body in Z.bodies if body.at == "county")
    assert (county.chair, county.kind) == ("县委书记（兼主任）", "committee")


def test_zs_emergency_network_is_one_one_nine_and_a_point_in_every_township() -> None:
    made = full("zhumadian-2023")
    found = Counter(row.code for row in centres(made) if row.kind == "emergency")
    assert found == {"emergency_city": 1, "emergency_city_branch": 1, "emergency_county": 9, "emergency_point": 178}
    desk = next(row for row in centres(made) if row.code == "city_desk")
    assert (desk.host, desk.opens_24h) == ("city2", True)


# ---- B, C ------------------------------------------------------------------------------------


def test_b_has_three_city_groups_eleven_counties_and_all_five_kinds() -> None:
    made = full("hebei-2017")
    assert Counter(one.alliance for one in made.consortia) == {"county_consortium": 11, "urban_group": 3}
    assert set(kinds(alliances(made))) == set(facade.ALLIANCE_KINDS)
    assert titles(B.domains)[2] == "统一管理和参与医疗收入分配"
    assert [str(stage.by) for stage in B.stages] == ["2017-12-31", "2018-12-31", "2020-12-31"]
    trust = [row for row in alliances(made) if row.kind == "city_rural"]
    assert {m.mode for row in trust for m in row.members if m.institution != row.lead} == {"trusteeship"}


def test_c_has_a_chief_director_under_a_party_committee_and_the_cdc_as_a_member() -> None:
    made = full("county-report")
    assert [office.title for office in C.offices] == ["总院长", "总院党委书记"]
    assert [body.kind for body in C.bodies] == ["mechanism", "party_committee"]
    assert (len(C.unchanged), len(C.domains), len(C.resource_centres)) == (5, 8, 5)
    member = {m.institution for m in alliances(made)[0].members}
    assert {row.code for row in made.kind("cdc")} <= member
    assert [len(group.items) for group in C.framework] == [4, 5, 2, 2]


def test_rules_differ_by_place_and_a_simulated_county_follows_its_text() -> None:
    from datetime import date

    on = date(2026, 3, 1)

    def value(key: str, code: str) -> Any:
        return facade.value(key, place=full(code).counties[0].code, on=on).value

    assert {code: value("network.surplus", code) for code in ALL} == {
        **dict.fromkeys(ALL, "retained"),
        "hebei-2017": "reward",
    }
    assert value("network.income_shared", "hebei-2017") is True
    assert value("network.private_lead", "zhumadian-2023") is True
    for code in ALL:
        assert facade.limit("referral.accept", place=full(code).counties[0].code, on=on).due


# ---- every blueprint, every scale ------------------------------------------------------------


@pytest.mark.parametrize("code", ALL)
@pytest.mark.parametrize("scale", [0.001, 0.05, None, 1])
def test_a_scale_shrinks_numbers_but_never_kinds_or_levels(code: str, scale: float | None) -> None:
    made, whole = plan(blueprint(code), scale), full(code)
    assert set(kinds(made.institutions)) == set(kinds(whole.institutions))
    assert set(kinds(alliances(made))) == set(kinds(alliances(whole)))
    assert {row.code for row in centres(made)} == {row.code for row in centres(whole)}
    assert {body.kind for body in bodies(made)} == {body.kind for body in made.blueprint.bodies}
    codes = [row.code for row in made.institutions]
    places = [division.code for division in made.divisions]
    assert len(set(codes)) == len(codes)
    assert len(set(places)) == len(places)
    served = Counter(place for row in made.institutions for place in row.serves)
    assert set(served.values()) == {1}
    towns = {row.code for row in made.kind("township_centre")}
    assert {row.parent for row in made.kind("village_clinic")} == towns
    assert all(one.lead in set(codes) for one in made.consortia)


@pytest.mark.parametrize("code", ALL)
def test_every_institution_has_a_telephone_that_nobody_else_has(code: str) -> None:
    phones = [row.phone for row in full(code).institutions]
    assert all(phone.startswith("0000-") for phone in phones), "an area code that is assigned to no place"
    assert len(set(phones)) == len(phones)


def test_a_bad_scale_says_what_is_right() -> None:
    for scale in (0, -1, 51):
        with pytest.raises(BadScale, match="十分之一"):
            plan(X, scale)


# ---- reading and comparing -------------------------------------------------------------------


def test_two_blueprints_are_compared_line_by_line() -> None:
    found = {one.code: one for one in comparing.compare(B, C)}
    marks = {(pair.left or pair.right).code: pair.mark for pair in found["domains"].pairs}  # type: ignore[union-attr]
    assert marks["income"] == "left"
    assert marks["workforce"] == "right"
    assert {pair.mark for one in comparing.compare(X, X) for pair in one.pairs} == {"same"}


def test_a_comparison_is_narrowed_to_what_runs_otherwise_and_words_alone_are_no_difference() -> None:
    def count(to: str, left: Any = B, right: Any = C) -> int:
        return sum(len(one.narrowed(to).pairs) for one in comparing.compare(left, right))

    kinds = [count(to) for to in ("differs", "left", "right", "worded")]
    assert sum(kinds) + count("same") == count("all")
    assert 0 < count("runs") < sum(kinds)
    assert count("runs", X, X) == 0
    line = comparing.Line("a", "联席会议", "每县一个", "1", "confirmed")
    for other, mark in ((replace(line, title="联席会"), "worded"), (replace(line, detail="每市一个"), "differs")):
        assert comparing._pair(line, other).mark == mark


@pytest.mark.parametrize("code", ALL)
def test_what_the_text_leaves_open_says_what_was_assumed(code: str) -> None:
    one = blueprint(code)
    assert one.network.note
    lines = [line for section in comparing.sections(one) for line in section.lines]
    assert all(line.note for line in lines if line.status == "assumed")
    assert max(len(line.title) for line in lines) <= 32, "no sentence of a text is copied"
