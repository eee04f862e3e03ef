"""The three sheets: their columns, what each cell must be, and how a row becomes a record of the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yigongti.exchange.spreadsheets import cells
from yigongti.registry import facade as registry


@dataclass(frozen=True)
class Column:
    """One column. `labels`: accepted headings, the first is ours. `private`: masked when reported."""

    name: str
    labels: tuple[str, ...]
    read: Callable[[str], Any]
    required: bool = False
    private: Callable[[str], str] | None = None
    help: str = ""
    example: str = ""

    @property
    def label(self) -> str:
        return self.labels[0]


@dataclass(frozen=True)
class Sheet:
    """One of the three tables. `record` makes a registry row of the cells; `kind` is its name in reports and files."""

    kind: str
    title: str
    columns: tuple[Column, ...]
    record: Callable[..., Any]

    def column(self, label: str) -> Column | None:
        wanted = cells.heading(label)
        return next((c for c in self.columns if wanted in (cells.heading(one) for one in c.labels)), None)


def _choices(
    pairs: Sequence[tuple[str, str]], *, what: str, empty: str | None = None, also: Mapping[str, str] | None = None
) -> Callable[[str], str]:
    return cells.one_of(dict(pairs), what=what, empty=empty, also=also)


_FAMILY = {
    "spouse": "夫 妻 丈夫 妻子 爱人", "child": "子 女 儿子 女儿 长子 长女 次子 次女 独生子 独生女",
    "grandchild": "孙子 孙女 外孙子 外孙女 孙子女 外孙子女", "parent": "父 母 父亲 母亲",
    "grandparent": "祖父 祖母 外祖父 外祖母 祖父母 外祖父母", "sibling": "兄 弟 姐 妹 哥哥 弟弟 姐姐 妹妹",
}  # fmt: skip
"""How household books and doctors' own lists call a relation (GB/T 4761 among them)."""


_SEX = {"1": "male", "2": "female", "0": "unknown", "9": "unknown", "男性": "male", "女性": "female"}
"""GB/T 2261.1, and the long words."""
_IDENTITY = dict.fromkeys(("身份证", "二代身份证", "第二代身份证", "公民身份证"), registry.ID_KINDS[0][0])
_INSURED = {
    **dict.fromkeys(
        ("城乡居民", "城乡", "居民医保", "居民", "城乡居民基本医疗保险", "城乡居民基本医保", "新农合", "新型农村合作医疗"), "residents"
    ),
    **dict.fromkeys(("职工", "城镇职工", "城镇职工医保", "职工基本医疗保险", "职工基本医保"), "employees"),
    **dict.fromkeys(("无", "没有", "未参加", "自费"), "none"),
}  # fmt: skip
"""What people have called the two insurances, before and since they became one."""
_LEVEL = {
    "三甲": "3a", "三乙": "3b", "二甲": "2a", "二乙": "2b",
    **dict.fromkeys(("一级甲等", "一级乙等", "一甲", "一乙"), "1"), **dict.fromkeys(("无", "未评", "未评级"), "none"),
}  # fmt: skip
_ROLE = {
    "村医": "village_doctor",
    "乡镇医生": "township_doctor",
    "社区医生": "township_doctor",
    "乡镇卫生院医生": "township_doctor",
}
_INSTITUTION = registry.InstitutionRow
_ROLES = [(role.code, role.title) for role in registry.staff_roles()]

INSTITUTIONS = Sheet(
    "institutions",
    "机构",
    (
        Column("code", ("机构编码", "机构代码", "编码"), cells.unit_code, True,
               help="本县内唯一，字母、数字和短横线", example="XJZ01"),
        Column("name", ("机构名称", "名称", "单位名称"), cells.line(80), True, example="湘江镇卫生院"),
        Column("kind", ("机构类别", "机构类型", "类别"), _choices(registry.INSTITUTION_KINDS, what="机构类别"), True,
               example="乡镇卫生院"),
        Column("parent", ("上级机构编码", "上级编码"), cells.unit_code,
               help="村卫生室填乡镇卫生院；县级机构和乡镇卫生院不填"),
        Column("consortium", ("所属医共体", "医共体"), cells.line(80), example="示范县总医院医共体"),
        Column("lead", ("牵头医院", "是否牵头"), cells.yes_no, help="是 / 否", example="否"),
        Column("place", ("行政区划代码", "区划代码"), cells.division, True, help="6、9 或 12 位", example="439921101"),
        Column("credit_code", ("统一社会信用代码", "信用代码"), cells.credit_code),
        Column("level", ("等级", "机构等级"), _choices(registry.INSTITUTION_LEVELS, what="等级", empty="none", also=_LEVEL)),
        Column("ownership", ("所有制", "举办性质"), _choices(registry.OWNERSHIPS, what="所有制", empty="public")),
        Column("is_tcm", ("提供中医服务", "中医"), cells.yes_no),
        Column("legal_person", ("法定代表人", "负责人"), cells.line(80)),
        Column("beds", ("床位数", "编制床位", "床位"), cells.whole(0, 20_000)),
        Column("told_staff", ("卫生人员数", "在岗卫生人员"), cells.whole(0, 50_000), help="全部在岗人员；不填的按“人员”表统计"),
        Column("told_doctors", ("执业（助理）医师数", "医师数"), cells.whole(0, 20_000)),
        Column("told_gps", ("全科医生数",), cells.whole(0, 5_000)),
        Column("told_source", ("人员数来源",), cells.line(80), help="填报人数的，写明出处", example="2025 年卫生统计年报"),
        Column("address", ("地址", "详细地址"), cells.line(200)),
        Column("phone", ("电话", "联系电话"), cells.phone),
        Column("lon", ("经度",), cells.degrees(70, 140)),
        Column("lat", ("纬度",), cells.degrees(0, 60)),
        Column("clinic_mode", ("村卫生室举办形式", "举办形式"), _choices(registry.CLINIC_MODES, what="举办形式", empty="")),
        Column("serves", ("服务区划", "责任区划", "包片"), cells.divisions,
               help="负责的乡镇或村的区划代码，用顿号分开", example="439921101201、439921101202"),
    ),
    _INSTITUTION,
)  # fmt: skip

STAFF = Sheet(
    "staff",
    "人员",
    (
        Column("login", ("登录账号", "账号", "工号"), cells.login, True, help="3 至 40 位字母、数字、点、短横线", example="zhangsan"),
        Column("name", ("姓名",), cells.line(80), True, example="张三"),
        Column("unit", ("机构编码", "机构代码", "所在机构编码", "所在机构"), cells.line(80), True,
               help="机构的编码或全称；总部岗位填医共体名称，区域岗位填六位区划代码", example="XJZ01"),
        Column("role", ("角色", "岗位"), _choices(_ROLES, what="角色", also=_ROLE), True, example="乡镇（社区）医生"),
        Column("department", ("科室",), cells.line(40), example="全科"),
        Column("title", ("职称", "职务"), cells.line(40), example="主治医师"),
        Column("category", ("执业类别", "专业类别"), _choices(registry.CATEGORIES, what="执业类别", empty="other")),
        Column("licence", ("执业证书编号", "执业证号", "证书编号"), cells.licence),
        Column("practice_scope", ("执业范围",), cells.line(80)),
        Column("prescribes", ("处方权",), cells.yes_no, help="是 / 否"),
        Column("phone", ("手机号", "电话"), cells.phone, private=cells.mask_phone),
        Column("starts", ("任职开始日期", "开始日期"), cells.day),
        Column("ends", ("任职结束日期", "结束日期"), cells.day),
    ),
    registry.StaffRow,
)  # fmt: skip

RESIDENTS = Sheet(
    "residents",
    "居民",
    (
        Column("name", ("姓名",), cells.line(60), True, private=cells.mask_name, example="李四"),
        Column("sex", ("性别",), _choices(registry.SEXES, what="性别", empty="", also=_SEX)),
        Column("birth_date", ("出生日期", "生日"), cells.birth, help="有身份证的可以不填", example="1960-03-05"),
        Column("id_kind", ("证件类型",), _choices(registry.ID_KINDS, what="证件类型", empty="", also=_IDENTITY), help="不填为居民身份证"),
        Column("id_number", ("证件号码", "身份证号", "身份证号码"), cells.id_number, private=cells.mask_id),
        Column("phone", ("电话", "手机号", "联系电话"), cells.phone, private=cells.mask_phone),
        Column("place", ("行政区划代码", "村（居）代码", "村居代码", "区划代码"), cells.division, True,
               help="12 位村（居）代码", example="439921101201"),
        Column("address", ("地址", "详细地址"), cells.line(120), private=cells.hidden),
        Column("household", ("户号",), cells.number(20)),
        Column("relation", ("与户主关系", "家庭关系"), _choices(registry.HOUSEHOLD, what="与户主关系", empty="",
                                                           also={word: code for code, words in _FAMILY.items() for word in words.split()})),
        Column("record_number", ("档案编号", "健康档案编号"), cells.record_number, private=cells.mask_id,
               help="17 位；不填由系统编号"),
        Column("insurance", ("医保类型", "参保类型"), _choices(registry.INSURANCES, what="医保类型", empty="none", also=_INSURED)),
        Column("aid", ("救助类别",), _choices(registry.AIDS, what="救助类别", empty="")),
        Column("tags", ("重点人群",), cells.many_of(dict(registry.TAGS), what="重点人群"), help="用顿号分开"),
        Column("status", ("状态",), _choices(registry.STATUSES, what="状态", empty="living")),
        Column("status_on", ("状态日期",), cells.day),
    ),
    registry.ResidentRow,
)  # fmt: skip

SHEETS = (INSTITUTIONS, STAFF, RESIDENTS)
"""In the order in which they are written."""
