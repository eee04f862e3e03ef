"""Two files of one person: proposed by one registrar, confirmed by another, and taken apart again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.walking import Walk

pytestmark = pytest.mark.browser


def test_a_double_file_is_merged_by_two_registrars_and_can_be_taken_apart(walk: Walk) -> None:
    from tests.support.walking import patients

    kept, double = patients(walk.person("town5"), 2)
    registrar = walk.person("registrar")
    registrar.room("居民", "疑似重复")
    registrar.look("duplicates")
    registrar.go("/desk/person_merge/new")
    registrar.find("keep", kept.name, kept.name)
    registrar.find("duplicate", double.name, double.name)
    registrar.fill(reason="同一人，当年登记时姓名写错，电话和住址一致。")
    registrar.look("merge-new")
    registrar.send()
    registrar.sees("待审核", kept.name, double.name)
    assert "同意合并" not in registrar.page.locator("main .acts").inner_text(), "the proposer is not offered it"
    case = re.search(r"/case/(\d+)/", registrar.page.url)
    assert case is not None

    second = walk.person("registrar2")
    second.page.locator(f"main .work-list a.row[href='/case/{case.group(1)}/']").first.click()
    second.act("同意合并")
    second.fill(note="电话核对本人，确认为同一人。")
    second.look("merge-confirm")
    second.send()
    second.sees("已合并")
    second.go(f"/resident/{double.subject}/")
    second.sees("这份档案已并入另一份")

    second.go(f"/case/{case.group(1)}/")
    second.act("拆分")
    second.fill(note="再次核对，两人不是同一人。")
    second.send()
    second.sees("已拆分")
    second.go(f"/resident/{double.subject}/")
    assert "这份档案已并入另一份" not in second.text
