"""The parameter files shipped with the program, and the refusal of broken ones."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from yigongti.policy import facade
from yigongti.policy.loader import HOME, load, shipped
from yigongti.policy.reading import GROUPS
from yigongti.policy.rules import conditions, units
from yigongti.policy.rules.terms import STATUSES, PolicyFault

TODAY = date(2026, 11, 21)
DEMONSTRATION = "439921"


def test_every_shipped_value_names_its_source_clause_and_status() -> None:
    values = list(shipped().values())
    assert len(values) > 30
    for value in values:
        assert value.source
        assert value.clause
        assert value.status in STATUSES
        assert value.origin.endswith(".yaml")
        assert shipped().parameters[value.key].meaning


def test_every_parameter_is_defined_once_and_has_a_chinese_title() -> None:
    titles = [parameter.title for parameter in facade.parameters()]
    assert len(set(titles)) == len(titles)
    assert all(any("一" <= sign <= "鿿" for sign in title) for title in titles)


def test_every_group_of_parameters_has_its_heading() -> None:
    assert {parameter.key.split(".")[0] for parameter in facade.parameters()} <= set(GROUPS)


def test_what_the_platform_itself_sets_is_marked_assumed_and_says_so() -> None:
    for value in shipped().values():
        assert (value.status == "assumed") == (value.source in ("平台初始设定", "示范县设定")), value.key


def test_the_demonstration_county_has_a_value_for_every_parameter() -> None:
    missing = set(shipped().parameters) - {v.key for v in facade.resolved(place=DEMONSTRATION, on=TODAY).values}
    assert not missing


@pytest.mark.parametrize(
    ("key", "place", "on", "value", "clause"),
    [
        ("referral.reserved", "430922", date(2024, 6, 28), 2000, "四(三)"),
        ("target.primary_tcm", "430922", date(2024, 6, 28), 3500, "四(四)"),
        ("workforce.posting_suspends", "430922", date(2024, 6, 28), 6, "四(一)"),
        ("workforce.city_experts", "430922", date(2024, 6, 28), 3, "四(一)"),
        ("network.diseases.township", "411723", date(2023, 9, 27), 50, "二"),
        ("network.diseases.county", "411723", date(2023, 9, 27), 100, "二"),
        ("audit.retention", "430922", date(2017, 6, 1), 6, "第二十一条第三项"),
        ("registry.break_glass.duration", "430922", TODAY, 3, "未见文件规定"),
        ("facts.small_cell", "430922", TODAY, 5, "未见文件规定"),
    ],
)
def test_the_figures_of_the_texts(key: str, place: str, on: date, value: int, clause: str) -> None:
    found = facade.value(key, place=place, on=on)
    assert (found.value, found.clause) == (value, clause)


def test_targets_of_hunan_stand_with_their_days() -> None:
    visits = facade.value("target.primary_visits", place="430922", on=TODAY).value
    assert visits.named() == [{"by": date(2027, 12, 31), "share": 6500}]
    counties = facade.value("target.counties_built", place="430922", on=TODAY).value
    assert counties.row(by=date(2025, 12, 31))["share"] == 9000


def test_hunans_figures_do_not_hold_before_the_plan_nor_in_another_province() -> None:
    for place, on in (("430922", date(2024, 6, 27)), ("411723", TODAY)):
        with pytest.raises(facade.PolicyGap):
            facade.value("referral.reserved", place=place, on=on)


def test_every_limit_reminds_before_it_is_due_and_escalates_after() -> None:
    found = [v for v in facade.resolved(place=DEMONSTRATION, on=TODAY).values if v.unit == "limit"]
    assert len(found) >= 12
    for value in found:
        limit = facade.limit(value.key, place=DEMONSTRATION, on=TODAY)
        assert timedelta(0) < limit.remind < limit.due
        assert timedelta(0) < limit.escalate <= limit.director


def test_show_tells_value_status_source_and_every_place_asked() -> None:
    told = facade.show("referral.reserved", at="云溪县（演示）", on=TODAY)
    for part in (
        "20%",
        "已核实",
        "湘卫发〔2024〕4号 四(三)",
        "→ 湖南省",
        "演示市：无",
        "hunan/plan-2024.yaml",
    ):
        assert part in told
    assert facade.show("referral.reserved", at="demonstration-county", on=TODAY) == told
    assert facade.show("referral.reserved", at=DEMONSTRATION, on=TODAY) == told


def test_show_tells_a_gap_with_its_remedy() -> None:
    assert "没有“县级医院病种数”" in facade.show("network.diseases.county", at="hunan", on=TODAY)
    with pytest.raises(facade.UnknownPlace, match="湖南省"):
        facade.show("network.diseases.county", at="某处", on=TODAY)


# --- broken files -----------------------------------------------------------------------------

GOOD = """
- key: a.wait
  title: 等候
  unit: days
  meaning: 多久
  values:
    - from: 2024-01-01
      value: 3
      status: confirmed
      source: 某文
      clause: 一
"""


def a_home(tmp_path: Path, text: str, folder: str = "national", file: str = "a.yaml") -> Path:
    (tmp_path / "places.yaml").write_text(
        '- {code: "000000", folder: national, title: 全国}\n- {code: "430000", folder: hunan, title: 湖南省}\n',
        encoding="utf-8",
    )
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / folder / file).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_good_file_loads(tmp_path: Path) -> None:
    assert load(a_home(tmp_path, GOOD)).look("a.wait", "430922", TODAY).value == 3


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("status: confirmed", "status: sure", r"a\.yaml 第 2 行 · a\.wait · values\[0\]\.status"),
        ("source: 某文", "origin: 某文", r"values\[0\]\.origin：没有这个字段"),
        ("      clause: 一\n", "", r"values\[0\]\.clause：缺少"),
        ("value: 3", "value: 3.5", r"values\[0\]\.value：应为整数"),
        ("from: 2024-01-01", "from: 2024年", r"values\[0\]\.from"),
        ("      value: 3", "      to: 2023-12-31\n      value: 3", r"values\[0\]\.to"),
        ("unit: days", "unit: weeks", "没有单位 weeks"),
        ("key: a.wait", "key: Wait", "key：应为"),
        ("  meaning: 多久\n", "", "meaning：缺少"),
        ("title: 等候", "title: 等候\n  title: 再写", "写了两次"),
        ("- key", "  key", "列表"),
        ("title: 等候", "title: [", r"a\.yaml"),
    ],
)
def test_a_broken_file_is_refused_naming_file_key_and_field(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(PolicyFault, match=says):
        load(a_home(tmp_path, GOOD.replace(old, new)))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    broken = GOOD.replace("value: 3", "value: -1").replace("status: confirmed", "status: sure")
    with pytest.raises(PolicyFault) as refused:
        load(a_home(tmp_path, broken))
    assert len(refused.value.faults) == 2


def test_another_jurisdiction_cannot_define_rename_or_invent(tmp_path: Path) -> None:
    a_home(tmp_path, GOOD)
    local = GOOD.replace("  meaning: 多久\n", "")
    assert (
        load(a_home(tmp_path, local.replace("value: 3", "value: 4"), "hunan")).look("a.wait", "430922", TODAY).value
        == 4
    )
    for text, says in (
        (GOOD, "meaning：只能写在"),
        (local.replace("等候", "别名"), "应与定义一致"),
        (local.replace("a.wait", "a.other"), "没有定义"),
    ):
        with pytest.raises(PolicyFault, match=says):
            load(a_home(tmp_path, text, "hunan"))


def test_a_folder_without_a_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyFault, match="atlantis"):
        load(a_home(tmp_path, GOOD, "atlantis"))


def test_the_demonstration_bears_codes_of_no_real_place_and_lives_under_hunans_rules() -> None:
    named = {place.folder: place.code for place in shipped().places.values()}
    assert {code for folder, code in named.items() if folder.startswith("demonstration")} == {"439900", "439921"}
    assert [place.folder for place in shipped().chain(DEMONSTRATION)] == [
        "demonstration-county", "demonstration-city", "hunan", "national",
    ]  # fmt: skip
    assert {path.parent.name for path in HOME.glob("*/*.yaml")} - {"blueprints"} <= set(named)


def test_every_limit_that_a_flow_of_the_house_names_is_a_limit_of_the_demonstration_county() -> None:
    from yigongti.kernel import wiring

    for flow in wiring.get().FLOWS:
        for state in flow.states:
            for key in filter(None, (state.limit, state.urgent)):
                assert facade.limit(key, place=DEMONSTRATION, on=TODAY).due, f"{flow.code}.{state.code}"


def test_the_roles_of_the_second_factor_are_roles_of_the_house_by_their_titles() -> None:
    from yigongti.registry.roles import staff_roles

    choices = shipped().parameters["access.second_factor.roles"].choices
    assert dict(choices) == {role.code: role.title for role in staff_roles()}


def test_every_value_reads_as_chinese_and_what_is_read_can_be_typed_back() -> None:
    """Codes of diseases and of units stay as they are; no word of code reaches a reader."""
    for value in shipped().values():
        parameter = shipped().parameters[value.key]
        written = units.write(parameter, value.value)
        assert units.read(parameter, written) == value.value, value.key
        for unit in ("mmHg", "mmol/L"):
            written = written.replace(unit, "")
        assert not re.search(r"[a-z]{2,}|[<>]=|&", written), f"{value.key}：{written}"


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ("年龄≥65岁且慢病 不小于 2 种", "age >= 65 & chronic >= 2"),
        ("孕产妇 且 年龄 ＞ 34", "pregnant & age > 34"),
        ("最近血糖 ≥ 16.7 mmol/L", "glucose10 >= 167"),
    ],
)
def test_a_condition_is_typed_in_words(typed: str, held: str) -> None:
    assert conditions.read(typed, shipped().parameters["care.tags.rules"].columns[2].facts) == held


@pytest.mark.parametrize(
    "typed", ["", "age >= 65", "年龄", "年龄 65", "最近血糖 ≥ 16.75", "孕产妇 或 残疾人", "年龄 ≥ 65 种"]
)
def test_a_condition_that_is_not_understood_is_refused_with_what_may_stand_there(typed: str) -> None:
    with pytest.raises(conditions.ConditionFault, match=r"可用的项目|之后应为|位数太多"):
        conditions.read(typed, shipped().parameters["care.tags.rules"].columns[2].facts)
