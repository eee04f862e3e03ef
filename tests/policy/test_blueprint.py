"""BP-H against expectations typed by hand from 湘卫发〔2024〕4号."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from yigongti.policy.blueprint import reading as blueprints
from yigongti.policy.facade import PolicyFault, UnknownBlueprint, blueprint
from yigongti.policy.loader import shipped

HUNAN = blueprint("hunan-2024")


def titles(items: object) -> list[str]:
    return [item.title for item in items]  # type: ignore[attr-defined]


def test_the_blueprint_names_its_text() -> None:
    assert (HUNAN.row, HUNAN.source, HUNAN.starts) == ("BP-H", "湘卫发〔2024〕4号", date(2024, 6, 28))


def test_three_levels_one_alliance_kind_and_any_number_of_consortia() -> None:
    assert titles(HUNAN.levels) == ["县", "乡", "村"]
    assert titles(HUNAN.alliances) == ["紧密型县域医共体"]
    assert (HUNAN.consortia.least, HUNAN.consortia.most) == (1, None)


def test_the_lead_is_a_non_profit_general_or_tcm_hospital_of_level_two_at_least() -> None:
    assert (HUNAN.lead.least_level, HUNAN.lead.kinds, HUNAN.lead.non_profit) == (2, ("general", "tcm"), True)


def test_eight_domains_are_unified() -> None:
    assert titles(HUNAN.domains) == ["行政后勤", "人力资源", "财务", "业务", "用药", "信息", "医保", "绩效"]


def test_nine_headquarters_centres_serve_every_domain() -> None:
    assert {centre.title: centre.clause for centre in HUNAN.headquarters} == {
        "综合管理服务中心": "三(二)1",
        "人力资源中心": "三(二)2",
        "财务管理中心": "三(二)3",
        "运营管理中心": "三(二)4",
        "公共卫生服务管理中心": "三(二)4",
        "中心药房": "三(二)5",
        "绩效考核中心": "三(二)6",
        "医保管理中心": "三(二)7",
        "信息管理中心": "三(二)8",
    }
    assert {centre.domain for centre in HUNAN.headquarters} == {domain.code for domain in HUNAN.domains}


def test_five_resource_five_clinical_and_five_emergency_centres() -> None:
    shared = [title.removesuffix("资源共享中心") for title in titles(HUNAN.resource_centres)]
    clinical = [title.removesuffix("临床服务中心") for title in titles(HUNAN.clinical_centres)]
    assert shared == ["医学检验", "医学影像", "心电诊断", "病理诊断", "消毒供应"]
    assert clinical == ["肿瘤防治", "慢病管理", "微创介入", "麻醉疼痛诊疗", "重症监护"]
    assert titles(HUNAN.emergency_centres) == [
        "胸痛中心", "卒中中心", "创伤中心", "危重儿童新生儿救治中心", "危重孕产妇救治中心",
    ]  # fmt: skip


def test_seven_areas_are_supervised_with_as_many_items_as_the_annex_lists() -> None:
    assert [len(area.items) for area in HUNAN.supervision] == [2, 3, 7, 6, 2, 3, 1]


def test_eight_departments_have_duties() -> None:
    assert len(HUNAN.departments) == 8
    assert titles(HUNAN.departments)[0].startswith("卫生健康")
    assert all(department.items for department in HUNAN.departments)


def test_no_sentence_of_the_text_is_copied() -> None:
    assert max(len(item.title) for item in HUNAN.items()) <= 20


def test_codes_are_unique_within_the_blueprint() -> None:
    codes = [(item.clause, item.code) for item in HUNAN.items()]
    assert len(set(codes)) == len(codes)


def test_the_parameters_are_exactly_what_hunans_files_set() -> None:
    place = next(place.code for place in shipped().places.values() if place.folder == HUNAN.place)
    assert {item.code: item.clause for item in HUNAN.parameters} == {
        value.key: value.clause for value in shipped().values() if value.place == place
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("domain: administration", "domain: nothing"),
        ("clause: 四(三)", "clause: 九(九)"),
        ("levels:", "floors:"),
        ("title: 县, clause: 一", "title: 县, clause: ''"),
    ],
)
def test_a_broken_blueprint_is_refused(tmp_path: Path, old: str, new: str) -> None:
    text = (blueprints.FOLDER / "hunan-2024.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "broken.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PolicyFault, match=r"broken\.yaml"):
        blueprints.read(path)


def test_an_unknown_blueprint_is_refused_and_the_known_are_named() -> None:
    with pytest.raises(UnknownBlueprint, match="hunan-2024"):
        blueprint("atlantis")
