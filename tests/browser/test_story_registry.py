"""The registry's own pages in a real browser: finding, registering, institutions, accounts, import, supervision."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.walking import Walk

pytestmark = pytest.mark.browser


def test_a_doctor_finds_people_and_registers_one_who_is_not_there_yet(walk: Walk) -> None:
    from tests.registry.small import number_of

    doctor = walk.person("town1")
    doctor.room("居民")
    doctor.look("residents")
    doctor.page.locator("main a.row").first.click()
    doctor.page.wait_for_load_state()
    doctor.look("resident")
    doctor.go("/residents/find/?q=zs")
    doctor.look("find")
    doctor.go("/residents/new/")
    doctor.look("register")
    doctor.fill(name="欧阳新民", id_number=number_of(date(1988, 8, 8), "male", 400)[:-1] + "?")
    doctor.send()
    doctor.look("register-problems")
    doctor.sees("证件号码")
    doctor.fill(id_number=number_of(date(1988, 8, 8), "male", 400), phone="19900009999")
    doctor.find("place", "村", "村")
    doctor.send()
    doctor.sees("已建档", "欧阳新民")
    doctor.look("registered")
    doctor.go("/residents/find/?q=oyxm")
    doctor.sees("欧阳新民", "本机构居民")


def test_the_administrator_keeps_the_network_and_the_accounts(walk: Walk) -> None:
    admin = walk.person("admin")
    admin.room("机构网络", "机构")
    admin.look("institutions")
    admin.page.locator("main a.row:has-text('卫生院')").first.click()
    admin.page.wait_for_load_state()
    admin.look("institution")
    admin.page.click("nav.tabs a:has-text('能力清单')")
    admin.page.wait_for_load_state()
    admin.look("abilities")
    admin.room("账号与岗位")
    admin.look("accounts")
    admin.page.locator("main a.row").first.click()
    admin.page.wait_for_load_state()
    admin.look("account")
    admin.go("/accounts/new/")
    admin.fill(name="新医生", login="newdoctor")
    admin.find("unit", "卫生院", "卫生院")
    admin.choose("role", "township_doctor")
    admin.look("account-new")
    admin.send()
    admin.sees("初始密码", "只显示这一次")
    admin.look("account-made")


def test_a_table_with_a_bad_row_is_answered_with_row_column_and_reason(walk: Walk, tmp_path: Path) -> None:
    table = tmp_path / "居民.csv"
    with table.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([["姓名", "证件号码", "行政区划代码"], ["张三", "123", "439921100200"]])
    admin = walk.person("admin")
    admin.room("导入与导出")
    admin.look("imports")
    admin.page.set_input_files("#files", table)
    admin.button("检查")
    admin.sees("等待后台开始")
    admin.look("import-waiting")


def test_the_supervisor_has_the_lists(walk: Walk) -> None:
    supervisor = walk.person("bureau")
    supervisor.room("监管清单")
    supervisor.look("supervision")
