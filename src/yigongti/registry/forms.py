"""Forms of the registry as descriptions."""

from __future__ import annotations

from typing import Any

from yigongti.kernel import ids
from yigongti.kernel.form import Choice, Env, Field, Form, Group, Problem
from yigongti.registry.models import Resident

_ID_KINDS = tuple((kind.value, label) for kind, label in ids.LABELS.items())
_REASON = r"[\s\S]*\S[\s\S]{8,}\S[\s\S]*"
_REASON_SAYS = "写清理由，至少 10 个字"


# --- emergency access ----------------------------------------------------------------------------

BREAK_GLASS = Form(
    "break_glass.open",
    "紧急调阅",
    (
        Field("reason", "调阅理由", "longtext", required=True, max_length=500, rows=4, pattern=_REASON,
              pattern_says=_REASON_SAYS, help="写明病情和为什么来不及登记就诊；居民本人和监管人员都会看到"),
    ),
    submit="紧急调阅",
    intro="调阅立即生效，到时自动关闭。每一次都由监管人员复核。",
)  # fmt: skip

JUSTIFIED = Form(
    "break_glass.justified", "理由成立",
    (Field("note", "复核意见", "longtext", max_length=500, rows=3),), submit="认定理由成立",
)  # fmt: skip
UNJUSTIFIED = Form(
    "break_glass.unjustified", "理由不成立",
    (Field("note", "复核意见", "longtext", required=True, max_length=500, rows=3, help="写明不成立的原因和整改要求"),),
    submit="认定理由不成立",
)  # fmt: skip
ASK = Form(
    "break_glass.ask", "要求说明",
    (Field("question", "要说明什么", "longtext", required=True, max_length=500, rows=3),), submit="要求说明",
)  # fmt: skip
EXPLAIN = Form(
    "break_glass.explain", "补充说明",
    (Field("note", "说明", "longtext", required=True, max_length=1000, rows=4),), submit="提交说明",
)  # fmt: skip
RECTIFY = Form(
    "break_glass.rectify", "整改",
    (Field("note", "整改情况", "longtext", required=True, max_length=1000, rows=4),), submit="提交整改",
)  # fmt: skip


# --- merge of persons ----------------------------------------------------------------------------

MERGE = Form(
    "merge.propose",
    "提出合并",
    (
        Field("keep", "保留的档案", "resident", required=True, help="合并后以它为准"),
        Field("duplicate", "重复的档案", "resident", required=True),
        Field("reason", "为什么是同一人", "longtext", required=True, max_length=500, rows=3),
    ),
    check=lambda values: _different(values),
    submit="提出合并",
    intro="由另一名档案管理人员审核后生效；两份档案的记录都保留，以后可以拆分。",
)


def _different(values: dict[str, Any]) -> list[Problem]:
    if values["keep"].code == values["duplicate"].code:
        return [Problem("duplicate", "两份档案是同一份", "选择另一份档案")]
    return []


CONFIRM_MERGE = Form(
    "merge.confirm", "同意合并",
    (Field("note", "核对经过", "longtext", max_length=500, rows=2, help="例如：电话核对本人，两份档案证件一致"),),
    submit="同意合并",
)  # fmt: skip
REJECT_MERGE = Form(
    "merge.reject", "不是同一人",
    (Field("note", "理由", "longtext", required=True, max_length=500, rows=2),), submit="不合并",
)  # fmt: skip
UNMERGE = Form(
    "merge.undo", "拆分",
    (Field("note", "为什么拆分", "longtext", required=True, max_length=500, rows=2),), submit="拆分",
)  # fmt: skip


# --- residents -----------------------------------------------------------------------------------


def _choices(pairs: Any) -> tuple[tuple[str, str], ...]:
    return tuple((code, label) for code, label in pairs if code)


def _check_resident(values: dict[str, Any]) -> list[Problem]:
    problems = []
    if values.get("id_kind") not in (None, "none") and "id_number" in values and not values["id_number"]:
        problems.append(Problem("id_number", "没有填写证件号码", "填写号码；没有证件的，证件类型选择“暂无证件”"))
    if values.get("id_kind") == "none" and not values.get("birth_date"):
        problems.append(Problem("birth_date", "没有出生日期", "暂无证件的请填写出生日期"))
    return problems


RESIDENT_FIELDS: tuple[Field, ...] = (
    Field("name", "姓名", required=True, max_length=60, width=4),
    Field("id_kind", "证件类型", "choice", required=True, choices=_ID_KINDS, default="resident", width=4),
    Field("id_number", "证件号码", max_length=40, width=4, masked=True, when=("id_kind", tuple(
        code for code, _ in _ID_KINDS if code != "none")), help="15 位旧号码自动换成 18 位"),
    Field("sex", "性别", "choice", choices=Resident.Sex.choices, width=4, help="身份证号码中有的可以不选"),
    Field("birth_date", "出生日期", "date", max=lambda env: env.today, width=4, help="身份证号码中有的可以不填"),
    Field("phone", "电话", max_length=20, width=4, masked=True),
    Field("place", "居住村（居）", "code", source="place", required=True, width=6, help="输入村名或拼音首字母；县外居民选择其县或村"),
    Field("address", "详细地址", max_length=120, width=6),
    Field("household", "户号", max_length=20, width=4),
    Field("relation", "与户主关系", "choice", choices=_choices(Resident.Relation.choices), width=4),
    Field("insurance", "医保类型", "choice", choices=Resident.Insurance.choices, default="residents", width=4),
    Field("aid", "救助类别", "choice", choices=_choices(Resident.Aid.choices), width=4),
    Field("tags", "重点人群", "choices", choices=Resident.Tag.choices),
)  # fmt: skip

_GROUPS = (
    Group("身份", ("name", "id_kind", "id_number", "sex", "birth_date", "phone")),
    Group("居住与保障", ("place", "address", "household", "relation", "insurance", "aid", "tags")),
)
REGISTER = Form(
    "resident.register",
    "居民建档",
    (
        *RESIDENT_FIELDS,
        Field("distinct", "已核对，与上面列出的居民不是同一人", "yesno"),
    ),
    groups=(*_GROUPS, Group("核对", ("distinct",), help="系统没有列出疑似重复的居民时不用选")),
    check=_check_resident,
    submit="建档",
)
CHANGE = Form(
    "resident.change",
    "修改档案",
    RESIDENT_FIELDS,
    groups=_GROUPS,
    check=_check_resident,
    submit="保存",
)


def _scan(env: Env) -> str:
    """What this seat has scanned of the person just now, in words; "" for nothing."""
    from yigongti.registry.queries.persons import scanned

    return scanned(env.subject_id) if env.subject_id is not None else ""


def _how(env: Env) -> tuple[Choice, ...]:
    offered = (Choice("card", "读卡", "身份证、医保卡、院内就诊卡"), Choice("typed", "核对证件号码", "完整输入"))
    told = _scan(env)
    return (Choice("scan", "已扫健康码", told), *offered) if told else offered


RELATE = Form(
    "resident.relate",
    "登记就诊",
    (
        Field("how", "凭据", "choice", required=True, default=lambda env: "scan" if _scan(env) else "typed", choices=_how),
        Field("id_kind", "证件类型", "choice", required=True, choices=_ID_KINDS[:-1], default="resident", width=6,
              when=("how", ("card", "typed"))),
        Field("number", "证件号码", required=True, max_length=40, width=6, when=("how", ("card", "typed"))),
    ),
    submit="登记就诊",
)  # fmt: skip


# --- administration ------------------------------------------------------------------------------


def _roles(env: Env) -> tuple[Choice, ...]:
    from yigongti.registry.roles import staff_roles

    return tuple(Choice(role.code, role.title, role.meaning) for role in staff_roles())


ACCOUNT = Form(
    "account.create",
    "新建账号",
    (
        Field("name", "姓名", required=True, max_length=80, width=6),
        Field("login", "登录账号", required=True, max_length=40, width=6, pattern=r"[0-9A-Za-z][0-9A-Za-z._-]{2,39}",
              pattern_says="3 至 40 位字母、数字、点或短横线"),
        Field("unit", "机构", "unit", required=True, width=6),
        Field("role", "角色", "choice", required=True, choices=_roles, width=6),
        Field("title", "职称或职务", max_length=40, width=6),
        Field("category", "执业类别", "choice", choices=(("clinical", "临床"), ("tcm", "中医"), ("dental", "口腔"),
              ("public_health", "公共卫生"), ("rural", "乡村医生"), ("nurse", "护理"), ("pharmacist", "药学"),
              ("technician", "医技")), width=6),
        Field("licence", "执业证书编号", max_length=32, width=6),
        Field("prescribes", "处方权", "yesno", width=6),
        Field("ends", "任职结束日期", "date", min=lambda env: env.today, width=6, help="长期任职的不填"),
    ),
    submit="新建账号",
)  # fmt: skip
SEAT = Form(
    "account.seat",
    "增加岗位",
    (
        Field("unit", "机构", "unit", required=True, width=6),
        Field("role", "角色", "choice", required=True, choices=_roles, width=6),
        Field("title", "职称或职务", max_length=40, width=6),
        Field("ends", "任职结束日期", "date", min=lambda env: env.today, width=6),
    ),
    submit="增加岗位",
)

ABILITY = Form(
    "institution.ability",
    "增加一项能力",
    (
        Field("kind", "类别", "choice", required=True, default="disease", width=3,
              choices=(("disease", "病种"), ("symptom", "症状（待查）"), ("service", "服务项目"), ("tcm", "中医药技术"))),
        Field("prefix", "编码前缀", required=True, max_length=12, width=3, pattern=r"[A-Za-z][0-9A-Za-z.]{0,11}",
              pattern_says="字母开头的编码，例如 I10 或 E11.9", help="以它开头的诊断都算"),
        Field("title", "名称", required=True, max_length=80, width=6),
        Field("note", "限定", max_length=120, width=6, placeholder="例如：无并发症"),
        Field("starts", "生效日期", "date", required=True, default=lambda env: env.today, width=3),
        Field("source", "依据", max_length=120, width=3),
    ),
    submit="增加",
)  # fmt: skip

FORMS = (REGISTER, CHANGE, RELATE, ACCOUNT, SEAT, ABILITY)
"""Forms outside flows, for drafts."""

__all__ = ["ABILITY", "ACCOUNT", "BREAK_GLASS", "CHANGE", "FORMS", "MERGE", "REGISTER", "RELATE", "SEAT"]
