"""Two phones: one shows a code, the other consents; what the first then sees, who is told, and the end of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.walking import Walk

pytestmark = pytest.mark.browser


def test_a_daughter_looks_after_her_father_who_sees_each_look_and_ends_it(walk: Walk) -> None:
    daughter, father = walk.person("resident2", phone=True), walk.person("resident3", phone=True)
    mine, his = (one.page.inner_text("header details.menu summary").strip() for one in (daughter, father))
    daughter.go("/me/family/")
    daughter.button("出示照看码")
    code = daughter.page.locator(".big-code").inner_text()
    father.go("/me/family/")
    father.fill(code=code)
    father.choose("relation", "child")
    father.page.locator("main form.form .actionbar button:not(.quiet)").click()
    father.sees(f"已同意{mine}照看您的记录")
    daughter.go("/me/family/")
    daughter.look("family")
    daughter.page.click(f"main a:has-text('{his}')")
    daughter.sees(f"{his}的健康记录", f"您在代{his}看")
    daughter.look("family-record")
    other = daughter.page.url
    daughter.go(re.sub(r"^https?://[^/]+", "", other) + "progress/")
    daughter.sees(f"{his}的办理进度")
    daughter.page.click(f"main nav.tabs a:has-text('{mine}')")
    daughter.page.wait_for_url("**/me/progress/")
    father.go("/me/looked/")
    father.sees(f"家人代看：{mine}")
    father.go("/me/family/")
    father.page.click("main button.danger")
    father.sees(f"{mine}不再照看您")
    gone = daughter.page.goto(other)
    assert gone is not None
    assert gone.status == 404
    daughter.sees("也可能不是您本人或您照看的家人的")
    daughter.go("/me/family/")
    daughter.sees(f"您不再照看{his}")
    daughter.go("/me/messages/")
    daughter.look("family-message")
    daughter.page.click(f"main a:has-text('您不再照看{his}的记录')")
    daughter.page.wait_for_url("**/me/family/")
