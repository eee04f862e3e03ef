"""Forms of the network as descriptions: alliances, governing bodies, centres, catchment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from yigongti.kernel.form import Choice, Env, Field, Form, Problem
from yigongti.registry.rules.network import WEEKDAYS

ALLIANCE_KINDS = (
    ("county", "县域医共体"), ("urban", "城市医疗集团"), ("city_rural", "城乡医联体"), ("specialist", "专科联盟"),
    ("telemedicine", "远程医疗协作网"),
)  # fmt: skip
MODES = (
    Choice("tight", "紧密型", "人财物统一管理"),
    Choice("trusteeship", "托管", "按协议由牵头单位管理"),
    Choice("cooperation", "协作", "按协议合作，各自独立"),
)
CLINIC_MODES = (
    ("independent", "独立举办"), ("village_township", "村办院管"), ("township", "院办院管"), ("extension", "延伸服务点"),
)  # fmt: skip
BODY_KINDS = (
    ("council", "理事会"), ("committee", "管理委员会"), ("mechanism", "工作推进机制"), ("party_committee", "党委"),
)  # fmt: skip
CENTRE_KINDS = (
    ("hq", "总部管理中心"), ("resource", "资源共享中心"), ("clinical", "临床服务中心"), ("emergency", "急诊急救中心"),
    ("desk", "分级诊疗综合服务中心"), ("health", "健康管理中心"),
)  # fmt: skip
_CODE = r"[a-z][a-z0-9_]{1,39}"
_CODE_SAYS = "小写字母开头，字母、数字或下划线，2 至 40 位"
_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_TIME_SAYS = "24 小时制，例如 08:00"
_PHONE = r"[0-9 ()+—-]{5,20}"
_PHONE_SAYS = "5 至 20 位数字，可带区号"


def _today(env: Env) -> date:
    return env.today


def _starts(label: str = "生效日期", help: str = "") -> Field:
    return Field("starts", label, "date", required=True, default=_today, width=4, help=help)


def _ends(label: str = "最后一天") -> Field:
    return Field("ends", label, "date", required=True, default=_today, width=4)


def alliances(env: Env) -> Sequence[Choice]:
    """Alliances that are in force or to come."""
    from yigongti.registry.models import Alliance

    rows = Alliance.objects.exclude(ends__lt=env.today).order_by("kind", "name")
    return [Choice(str(one.pk), one.name, one.get_kind_display()) for one in rows]


def consortia(env: Env) -> Sequence[Choice]:
    """Units of the county consortia."""
    from yigongti.registry.models import Alliance

    rows = Alliance.objects.exclude(unit=None).exclude(ends__lt=env.today).order_by("name")
    return [Choice(str(one.unit_id), one.name) for one in rows]


# --- alliances --------------------------------------------------------------------------------

_AGREEMENT = (
    Field("scope", "合作内容", "longtext", max_length=2000, rows=3, help="在哪些方面合作"),
    Field("agreement", "协议名称", max_length=120, width=6),
    Field("agreement_no", "协议编号", max_length=60, width=3),
    Field("agreement_signed", "签订日期", "date", width=3),
)
ALLIANCE = Form(
    "alliance.create",
    "登记医联体",
    (
        Field("kind", "类型", "choice", required=True, choices=ALLIANCE_KINDS, width=6),
        Field("name", "名称", required=True, max_length=80, width=6),
        Field("lead", "牵头单位", "unit", width=6, help="县外、市外的机构先在机构表中登记"),
        _starts("开始日期"),
        *_AGREEMENT,
    ),
    submit="登记医联体",
)
CHANGE_ALLIANCE = Form(
    "alliance.change",
    "修改协议与牵头单位",
    (Field("lead", "牵头单位", "unit", width=6, help="应是现有成员"), *_AGREEMENT),
    submit="保存",
)
END_ALLIANCE = Form("alliance.end", "结束医联体", (_ends(),), submit="结束医联体")
MEMBER = Form(
    "alliance.member",
    "加入成员",
    (
        Field("institution", "机构", "unit", required=True, width=6),
        Field("mode", "合作方式", "choice", required=True, choices=MODES, width=6),
        _starts("加入日期"),
        Field("ends", "期限到", "date", width=4, help="长期的不填"),
    ),
    submit="加入成员",
)
CHANGE_MODE = Form(
    "alliance.mode",
    "改变合作方式",
    (Field("mode", "新的合作方式", "choice", required=True, choices=MODES, width=8), _starts("从哪天起")),
    submit="改变合作方式",
)
END_MEMBER = Form("alliance.leave", "退出", (_ends("成员身份的最后一天"),), submit="登记退出")
UNIFY = Form(
    "alliance.unify",
    "登记一项统一管理",
    (
        Field("domain", "领域编码", required=True, max_length=40, width=3, pattern=_CODE, pattern_says=_CODE_SAYS),
        Field("title", "领域", required=True, max_length=80, width=3, placeholder="例如：人力资源"),
        Field("clause", "依据条款", max_length=120, width=3),
        Field("starts", "从哪天起", "date", required=True, default=_today, width=3),
    ),
    submit="登记",
)  # fmt: skip
BODY = Form(
    "body.create",
    "登记治理机构",
    (
        Field("kind", "类型", "choice", required=True, choices=BODY_KINDS, width=6),
        Field("title", "名称", required=True, max_length=80, width=6),
        Field("chair", "主持人", max_length=80, width=4, help="写职务，例如：县长"),
        Field("office", "日常工作在", max_length=80, width=4),
        Field("term_years", "任期", "integer", unit="年", min=1, max=20, width=4),
        Field("members", "成员", "longtext", max_length=2000, rows=5, help="每行一个单位；写明人员时用冒号隔开，例如：卫生健康局：张三"),
        Field("clause", "依据条款", max_length=120, width=8),
        _starts("成立日期"),
    ),
    submit="登记治理机构",
)  # fmt: skip
END_BODY = Form("body.end", "结束", (_ends(),), submit="登记结束")


# --- centres ----------------------------------------------------------------------------------

_PROMISE = (
    Field("promise", "服务承诺", "longtext", max_length=2000, rows=3, help="对成员单位和居民承诺什么"),
    Field("phone", "值守电话", max_length=20, width=6, pattern=_PHONE, pattern_says=_PHONE_SAYS),
    Field("opens_24h", "24 小时开放", "yesno", width=6),
)
CENTRE = Form(
    "centre.create",
    "登记中心",
    (
        Field("kind", "类别", "choice", required=True, choices=CENTRE_KINDS, width=6),
        Field("title", "名称", required=True, max_length=80, width=6),
        Field("code", "编码", required=True, max_length=40, width=4, pattern=_CODE, pattern_says=_CODE_SAYS,
              help="例如 imaging、laboratory；同类中心用同一个编码，便于比较"),
        Field("host", "承办机构", "unit", width=4, help="总部的中心不填"),
        Field("alliance", "服务的医联体", "choice", choices=alliances, width=4, help="服务全县的不选"),
        *_PROMISE,
        Field("clause", "依据条款", max_length=120, width=8),
        _starts("开始日期"),
    ),
    submit="登记中心",
)  # fmt: skip
CHANGE_CENTRE = Form(
    "centre.change",
    "修改承诺与联系方式",
    (*_PROMISE, Field("ends", "停止日期", "date", width=4, help="继续开办的不填")),
    submit="保存",
)
SERVICE = Form(
    "centre.service",
    "增加或修改一项服务",
    (
        Field("code", "编码", required=True, max_length=40, width=3, pattern=_CODE, pattern_says=_CODE_SAYS,
              help="与已有的相同，就从生效日期起替换它"),
        Field("title", "服务", required=True, max_length=80, width=6),
        Field("unit_title", "计量单位", max_length=20, width=3, placeholder="例、份、包"),
        Field("turnaround", "承诺时限", "integer", unit="分钟", min=1, max=60 * 24 * 60, width=3, help="从收到申请到给出结果"),
        Field("note", "说明", max_length=200, width=6),
        Field("starts", "生效日期", "date", required=True, default=_today, width=3),
    ),
    submit="保存",
)  # fmt: skip
HOURS = Form(
    "centre.hours",
    "开放时间",
    (
        Field(
            "hours",
            "开放时间",
            "table",
            columns=(
                Field("weekday", "星期", "choice", required=True, choices=tuple((str(n), w) for n, w in enumerate(WEEKDAYS))),
                Field("opens", "从", required=True, pattern=_TIME, pattern_says=_TIME_SAYS, placeholder="08:00"),
                Field("closes", "到", required=True, pattern=_TIME, pattern_says=_TIME_SAYS, placeholder="12:00"),
            ),
            max=28,
            rows=1,
            help="上午、下午分两行填；没有列出的时间不开放",
        ),
    ),
    submit="保存开放时间",
)  # fmt: skip
DUTY = Form(
    "centre.duty",
    "排班",
    (
        Field("seat", "值班人员", "seat", required=True, width=6),
        Field("phone", "值班电话", max_length=20, width=6, pattern=_PHONE, pattern_says=_PHONE_SAYS, help="不填的用中心的值守电话"),
        Field("day", "日期", "date", required=True, default=_today, min=_today, width=3),
        Field("begins", "从", required=True, default="08:00", pattern=_TIME, pattern_says=_TIME_SAYS, width=3),
        Field("finishes", "到", required=True, default="17:30", pattern=_TIME, pattern_says=_TIME_SAYS, width=3,
              help="不晚于开始的算次日"),
        Field("weeks", "连续几周", "integer", required=True, default=1, min=1, max=13, width=3, help="每周同一天同一时间"),
    ),
    submit="排班",
)  # fmt: skip


# --- catchment and modes ----------------------------------------------------------------------


def _no_clinic_alone(values: dict[str, Any]) -> list[Problem]:
    township, clinic = values.get("township"), values.get("clinic")
    if clinic is not None and township is not None and clinic.code == township.code:
        return [Problem("clinic", "村卫生室和乡镇卫生院是同一家", "没有村卫生室的留空")]
    return []


CATCHMENT = Form(
    "catchment.change",
    "调整责任机构",
    (
        Field("consortium", "医共体", "choice", required=True, choices=consortia, width=12),
        Field("township", "乡镇卫生院或社区卫生服务中心", "unit", required=True, width=6),
        Field("clinic", "村卫生室或社区卫生服务站", "unit", width=6, help="没有的留空"),
        _starts("从哪天起", "可以是今天、以后，也可以补登以前的日期"),
        Field("why", "依据", max_length=200, width=8, placeholder="文件或会议"),
    ),
    check=_no_clinic_alone,
    submit="预览影响",
)
MODE = Form(
    "clinic.mode",
    "改变举办形式",
    (Field("mode", "举办形式", "choice", required=True, choices=CLINIC_MODES, width=8), _starts("从哪天起")),
    submit="登记",
)


def clock(text: str) -> time:
    """A time of the day as the forms write it (checked there by pattern)."""
    return time.fromisoformat(text)


FORMS = (
    ALLIANCE, CHANGE_ALLIANCE, END_ALLIANCE, MEMBER, CHANGE_MODE, END_MEMBER, UNIFY, BODY, END_BODY, CENTRE, CHANGE_CENTRE,
    SERVICE, HOURS, DUTY, CATCHMENT, MODE,
)  # fmt: skip
