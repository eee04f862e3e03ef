"""The story of a referral on each further system, in a small region made after it; and what only that system has.

Hunan's is told to the end in test_story_referral.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from yigongti.kernel import calendar

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from tests.support.walking import Walk

pytestmark = pytest.mark.browser

SYSTEMS = {
    "xuzhou-2020": ("0.002", ("集团总院", "基层分院", "医疗集团理事长"), "/alliances/?kind=specialist", "淮海经济区专科联盟"),
    "zhumadian-2023": ("0.02", ("民营医院可以牵头", "分级诊疗综合服务中心", "24 小时"), "/institutions/?kind=private_hospital", "仁和医院"),
    "hebei-2017": ("0.02", ("统一管理和参与医疗收入分配", "结余奖励"), "/alliances/?kind=specialist", "京津冀专科（专病）联盟"),
    "county-report": ("0.05", ("总院长", "疾控中心融入总院", "两个打包"), "/institutions/?kind=cdc", "疾病预防控制中心"),
}  # fmt: skip
"""Code → scale, what its page shows, a page of the network and what only this system has there."""
TODAY = SYSTEMS if os.environ.get("YGT_DRILL") else [sorted(SYSTEMS)[calendar.today().toordinal() % len(SYSTEMS)]]
"""A region costs forty seconds: one system a day in the suite, all of them in the drill; plans of all are tested apart."""


CLIMB = """
import django; django.setup()
from yigongti.kernel.access.maintenance import maintenance
from yigongti.registry import facade as registry
with maintenance(reason='who receives from whom'):
    rows = list(registry.institutions())
    for kind, expected in {expected}.items():
        one = next(row for row in rows if row.kind == kind and row.unit.consortium_id)
        found = registry.receiving(one.pk, one.unit.consortium_id, ("county_general", "county_tcm", "private_hospital"))
        assert {{registry.STEPS[row.kind] for row in found}} == set(expected), (kind, [row.name for row in found])
"""
RECEIVED = {
    "xuzhou-2020": {
        "village_clinic": (2, 3, 4),
        "township_centre": (3, 4),
        "county_general": (4,),
        "city_hospital": (),
    },
    "zhumadian-2023": {"village_clinic": (3,), "township_centre": (3, 4), "county_general": (4,)},
    "hebei-2017": {"village_clinic": (3,), "county_general": (4,)},
    "county-report": {"village_clinic": (3,), "township_centre": (3,), "county_general": ()},
}
"""Code → kind of institution → the levels to which it may send: village 1, town 2, county 3, city 4."""


@pytest.fixture
def region(request: pytest.FixtureRequest, cluster: Any) -> Iterator[tuple[str, str]]:
    """A region after one blueprint, about 120 residents, being served: its address and database."""
    from tests.support.browser import serve

    code, scale = request.param
    name = cluster.clone(cluster.template())
    script = (
        "import django; django.setup()\n"
        "from yigongti.simulation.facade import new_county\n"
        f"new_county(blueprint={code!r}, residents=120, scale={scale})\n"
    )
    cluster.run_as_owner(name, "-c", script)
    for site in serve(name):
        yield site.url, name
    cluster.drop(name)


@pytest.fixture
def walk(browser: Browser, region: tuple[str, str]) -> Iterator[Walk]:
    """People of this region."""
    from tests.support.walking import Walk

    walk = Walk(browser, region[0])
    yield walk
    walk.leave()


@pytest.mark.parametrize(
    ("region", "code"),
    [((code, SYSTEMS[code][0]), code) for code in TODAY],
    indirect=["region"],
    ids=TODAY,
)
def test_a_referral_goes_up_and_comes_back_to_its_end_under_every_system(
    walk: Walk, code: str, region: tuple[str, str], cluster: Any
) -> None:
    from tests.support import referral_walk as steps
    from tests.support.walking import patients

    def quiet(name: str) -> None:
        """These pages are looked at in the longer stories."""

    doctor = walk.person("town1")
    patient = patients(doctor, 1)[0]
    steps.register(doctor, patient, quiet)
    steps.write_up(doctor)
    case = steps.send(doctor, patient, quiet)
    doctor.sees("已发出转诊", "待接收")
    desk = walk.person("desk")
    steps.open_from_work(desk, case)
    desk.sees(patient.name, "195/118")
    steps.fill_acceptance(desk)
    desk.send()
    desk.sees("已接收", "待到院")
    desk.act("登记到院")
    desk.send()
    desk.sees("诊治中")
    specialist = walk.person("spec1")
    steps.open_from_work(specialist, case)
    steps.send_down(specialist, patient)
    specialist.send()
    specialist.sees("待基层接收")
    steps.take_back(doctor, case)
    walk.person("village1").sees("等我处理", "待基层接收")

    cluster.run_as_owner(region[1], "-c", CLIMB.format(expected=RECEIVED[code]))
    _, words, path, only = SYSTEMS[code]
    doctor.go(f"/blueprints/{code}/")
    doctor.sees(*words)
    doctor.go(path)
    doctor.sees(only)
    if code == "hebei-2017":
        doctor.go("/alliances/?kind=county")
        doctor.page.locator("main a.row").first.click()
        doctor.page.wait_for_load_state()
        doctor.sees("统一管理和参与医疗收入分配")
    if code == "zhumadian-2023":
        city = walk.person("citydesk1")
        city.sees("县外转诊", "待上级医院接收")
    if code == "county-report":
        admin = walk.person("admin")
        admin.go("/accounts/?name=director")
        admin.page.locator("main a.row").first.click()
        admin.page.wait_for_load_state()
        admin.sees("总院长")


def test_two_systems_are_compared_and_printed_from_one_page(browser: Browser, site: Any) -> None:
    from tests.support.walking import Walk

    walk = Walk(browser, site.url)
    officer = walk.person("policy")
    officer.room("政策", "蓝本")
    officer.look("blueprints")
    officer.page.click("main a.row:has-text('徐州')")
    officer.page.wait_for_url("**/blueprints/xuzhou-2020/")
    officer.sees("集团总院", "假定", "一(一)2")
    officer.look("blueprint")
    officer.page.click("header ~ * a.button:has-text('比较'), main a.button:has-text('比较')")
    officer.page.wait_for_url("**/blueprints/compare/**")
    officer.page.select_option("#right", "hebei-2017")
    officer.page.wait_for_url("**right=hebei-2017**")
    officer.sees("统一管理和参与医疗收入分配", "仅右侧")
    officer.look("blueprints-compared")
    officer.page.click("a.chip:has-text('取值不同')")
    officer.page.wait_for_url("**only=differs**")
    officer.page.wait_for_selector("main .badge:has-text('取值不同')")
    assert not officer.page.locator("main .badge:has-text('仅右侧')").count()
    walk.leave()
