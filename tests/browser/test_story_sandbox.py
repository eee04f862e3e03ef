"""The office changes a ratio in the sandbox, sees the effect, saves, compares, proposes; the second person sees the comparison."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.browser import Site
    from tests.support.walking import Walk

pytestmark = pytest.mark.browser
EXPORT = """
import django; django.setup()
from yigongti.benefit.fund.facts import claims as facts
from yigongti.kernel.access.facade import RobotTicket, acting_as
with acting_as(RobotTicket("robot_facts"), "facts") as acting:
    facts.export(acting)
"""


def built(site: Site) -> None:
    """The facts of the claims, as the robot makes them every hour."""
    env = {**os.environ, "YGT_DATABASE": site.name, "DJANGO_SETTINGS_MODULE": "yigongti.runtime.settings"}
    subprocess.run([sys.executable, "-c", EXPORT], env=env, check=True, timeout=240)


def test_the_office_compares_a_ratio_and_proposes_it(walk: Walk, site: Site) -> None:
    built(site)
    office = walk.person("fund")
    office.room("医保基金", "政策沙盘")
    office.sees("还没有改动", "支付比例")
    for share in ("80", "60"):
        office.go("/fund/sandbox/")
        office.page.locator("details.moved:has(summary:has-text('支付比例')) > summary").first.click()
        ratio = office.page.locator("[name='fund.ratio~2~3']")
        ratio.fill(share)
        ratio.press("Tab")
        office.page.locator("button:has-text('保存比较')").click()
        office.page.fill("#s-name", f"县级住院 {share}%")
        office.page.locator("#save-it button.primary").click()
        office.sees(f"县级住院 {share}%", "统筹基金增减", "成员单位", "负担十等分")
    office.look("fund-sandbox")
    office.go("/fund/sandbox/saved/")
    for box in office.page.locator("input[name=id]").all()[:2]:
        box.check()
    office.button("并排比较")
    office.sees("并排比较", "县级住院 80%", "县级住院 60%")
    office.go("/fund/sandbox/saved/")
    office.page.locator("a:has-text('县级住院 80%')").first.click()
    office.button("按此提出修订")
    office.fill(source="县医保发〔2026〕1号", clause="第二条")
    office.choose("status", "confirmed")
    office.send()
    office.sees("待审批", "附测算：政策沙盘比较")
    number = office.page.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
    second = walk.person("policy2")
    second.go(f"/case/{number}/")
    second.sees("附测算：政策沙盘比较", "县级住院 80%")
