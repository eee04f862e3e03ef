"""An administrator fills an empty county from three tables: checked first, every bad row told, then written."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from tests.support.walking import Walk

pytestmark = pytest.mark.browser
EMPTY_COUNTY = """
import django; django.setup()
from django.contrib.auth.hashers import make_password
from tests.registry.small import COUNTY, DIVISIONS
from yigongti.kernel import calendar
from yigongti.kernel.access.maintenance import maintenance
from yigongti.kernel.access.models import Account
from yigongti.registry import facade as registry
from yigongti.simulation.facade import PASSWORD
with maintenance(reason='empty county'):
    registry.sync_roles()
    registry.write_places((registry.Division(*d) for d in DIVISIONS), origin='test')
    region = registry.ensure_region(COUNTY)
    registry.ensure_robots(region)
    row = registry.StaffRow(login='admin', name='平台管理员', unit=region.code, role='administrator')
    registry.write_staff([row], region=region, on=calendar.today())
    Account.objects.update(password=make_password(PASSWORD), must_change=False)
"""


@pytest.fixture
def empty_walk(browser: Browser, cluster: Any, fresh_database: Callable[..., str], tmp_path: Path) -> Iterator[Walk]:
    """A server and its worker on a county that has an administrator and nothing else."""
    from tests.support.browser import serve
    from tests.support.walking import Walk

    from yigongti.runtime import process

    name = fresh_database("empty")
    cluster.run_as_owner(name, "-c", EMPTY_COUNTY)
    for site in serve(name):
        worker = process.spawn(
            [sys.executable, "-m", "yigongti.runtime.background", "worker"],
            log=tmp_path / "worker.log", env={**os.environ, "YGT_DATABASE": name, "YGT_PROCESS": "worker"},
        )  # fmt: skip
        walk = Walk(browser, site.url)
        try:
            yield walk
        finally:
            process.stop(worker, seconds=5)
        walk.leave()


def test_three_tables_are_checked_corrected_and_written(empty_walk: Walk, tmp_path: Path) -> None:
    from tests.exchange.files import INSTITUTIONS, RESIDENTS, STAFF, csv_file, xlsx_file

    admin = empty_walk.person("admin")
    admin.room("导入与导出")
    admin.look("import")
    wrong = [*RESIDENTS, [*RESIDENTS[1]]]
    wrong[-1][1] = wrong[-1][1][:-1] + ("1" if wrong[-1][1][-1] != "1" else "2")
    institutions = csv_file(tmp_path, "机构.csv", INSTITUTIONS, "gb18030")
    staff = csv_file(tmp_path, "人员.csv", STAFF, "utf-8-sig")
    admin.page.set_input_files("main input[type=file]", [institutions, staff, csv_file(tmp_path, "居民.csv", wrong)])
    admin.button("检查")
    admin.page.locator("#run .notice").wait_for()
    admin.sees("要改的地方", "校验位不符", "居民.csv")
    assert not admin.page.locator("button:has-text('正式导入')").count()
    admin.look("import-problems")

    admin.room("导入与导出")
    residents = xlsx_file(tmp_path, "居民.xlsx", {"居民": RESIDENTS})
    admin.page.set_input_files("main input[type=file]", [institutions, staff, residents])
    admin.button("检查")
    admin.page.locator("button:has-text('正式导入')").wait_for()
    admin.look("import-checked")
    admin.button("正式导入")
    admin.page.locator("button:has-text('领取初始密码')").wait_for()
    admin.button("领取初始密码")
    admin.sees("wang", "只")
    admin.look("import-passwords")
    admin.room("机构网络", "机构")
    admin.sees("县人民医院", "湘江镇卫生院", "联盟村卫生室")
