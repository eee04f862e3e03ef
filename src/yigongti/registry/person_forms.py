"""Forms about what befalls a person: births, moves, deaths, cards, the unknown."""

from __future__ import annotations

from typing import Any

from yigongti.kernel import ids
from yigongti.kernel.form import Choice, Field, Form, Group, Problem
from yigongti.registry.models import Card, LifeEvent, Resident

_ID_KINDS = tuple((kind.value, label) for kind, label in ids.LABELS.items())
_WITH_NUMBER = tuple(code for code, _ in _ID_KINDS if code != "none")
_SEXES = (("male", "男"), ("female", "女"))

NEWBORN = Form(
    "resident.newborn",
    "新生儿登记",
    (
        Field("born", "出生日期", "date", required=True, max=lambda env: env.today, default=lambda env: env.today, width=4),
        Field("sex", "性别", "choice", required=True, choices=_SEXES, width=4),
        Field("order", "胎次", "choice", required=True, default="1", width=4, help="单胎选第 1；双胞胎分别登记",
              choices=tuple((str(n), f"第 {n}") for n in range(1, 7))),
        Field("name", "姓名", max_length=60, width=6, help="还没有取名的不填，先称为母亲之子（女），以后可改"),
        Field("certificate", "出生医学证明编号", max_length=20, width=6, help="1 个字母加 9 位数字；没有的不填"),
    ),
    submit="登记新生儿",
    intro="住址、户号、电话随母亲。上户口以后在“修改”里填身份证号码，仍是同一份档案，不重复建档。",
)  # fmt: skip


def _check_life(values: dict[str, Any]) -> list[Problem]:
    if values.get("kind") == "moved_in" and not values.get("place"):
        return [Problem("place", "没有选择迁入的村（居）", "输入村名或拼音首字母，从列表中选择")]
    return []


LIFE = Form(
    "resident.life",
    "登记变动",
    (
        Field("kind", "变动", "choice", required=True, choices=(
            Choice("moved_in", "迁入或县内迁居", "换到另一个村（居），责任机构随之改变"),
            Choice("moved_out", "迁出本县", "不再由本县机构管理，档案保留"),
            Choice("died", "死亡", "健康卡停用，今后的预约和候补退回，家人照看停止，未了结的事项通知承办人"),
        )),
        Field("on", "日期", "date", required=True, max=lambda env: env.today, width=4),
        Field("source", "依据", "choice", required=True, choices=LifeEvent.Source.choices, width=4),
        Field("document", "证明编号", max_length=40, width=4, when=("source", ("certificate", "police"))),
        Field("place", "迁入的村（居）", "code", source="place", width=6, when=("kind", "moved_in")),
        Field("elsewhere", "迁往何处", max_length=80, width=6, when=("kind", "moved_out"), placeholder="省、市、县"),
        Field("note", "备注", max_length=200),
    ),
    check=_check_life,
    submit="登记",
)  # fmt: skip
UNDO = Form(
    "resident.life_undo",
    "撤销登记",
    (
        Field(
            "why",
            "为什么撤销",
            "longtext",
            required=True,
            max_length=200,
            rows=2,
            placeholder="例如：同名，死者是另一人",
        ),
    ),
    submit="撤销",
)
CARD = Form(
    "resident.card",
    "登记其他卡",
    (
        Field("kind", "卡的种类", "choice", required=True, default="insurance", width=4,
              choices=tuple((k, label) for k, label in Card.Kind.choices if k in ("insurance", "hospital"))),
        Field("number", "卡号", required=True, max_length=40, width=4),
        Field("label", "发卡机构", max_length=40, width=4),
    ),
    submit="登记",
    intro="登记后刷这张卡也能找到这个人；挂失后立即失效。",
)  # fmt: skip
SCAN = Form(
    "resident.scan",
    "扫健康码",
    (Field("code", "健康码", required=True, max_length=80, help="光标放在这里，用扫码枪扫居民手机或纸质卡上的码"),),
    submit="识别",
)


# --- patients whom nobody knows ------------------------------------------------------------------

UNKNOWN = Form(
    "unknown.open",
    "登记身份不明患者",
    (
        Field("sex", "性别", "choice", required=True, choices=Resident.Sex.choices, width=4),
        Field("age_low", "估计年龄从", "integer", required=True, min=0, max=120, unit="岁", width=4),
        Field("age_high", "到", "integer", required=True, min=0, max=120, unit="岁", width=4),
        Field("found_at", "发现时间", "datetime", required=True, default=lambda env: env.now, width=4),
        Field("found_place", "发现地点", required=True, max_length=120, width=8),
        Field("brought_by", "由谁送来", max_length=80, width=6),
        Field("marks", "体貌、衣着、随身物品", "longtext", max_length=300, rows=2),
    ),
    submit="登记",
    intro="先救治。以“无名氏”建临时档案，查明后补全，或与原有档案合并；记录不丢。",
)  # fmt: skip


def _check_identified(values: dict[str, Any]) -> list[Problem]:
    if values.get("id_kind") != "none" and not values.get("id_number"):
        return [Problem("id_number", "没有填写证件号码", "填写号码；没有证件的，证件类型选择“暂无证件”")]
    return []


IDENTIFIED = Form(
    "unknown.identified",
    "已查明身份",
    (
        Field("name", "姓名", required=True, max_length=60, width=4),
        Field("id_kind", "证件类型", "choice", required=True, choices=_ID_KINDS, default="resident", width=4),
        Field("id_number", "证件号码", max_length=40, width=4, when=("id_kind", _WITH_NUMBER)),
        Field("sex", "性别", "choice", choices=_SEXES, width=4, help="身份证号码中有的可以不选"),
        Field("birth_date", "出生日期", "date", max=lambda env: env.today, width=4, help="身份证号码中有的可以不填"),
        Field("how", "怎样查明的", required=True, max_length=120, placeholder="例如：家属持身份证到院"),
    ),
    check=_check_identified,
    groups=(Group("是谁", ("name", "id_kind", "id_number", "sex", "birth_date", "how"),
                  help="这个号码已有档案的，系统自动提出合并，由档案管理人员审核"),),
    submit="已查明",
)  # fmt: skip
LEFT = Form(
    "unknown.left",
    "未查明已离开",
    (Field("note", "去向", "longtext", required=True, max_length=300, rows=2),),
    submit="结束",
)

FORMS = (NEWBORN, LIFE, CARD)
"""Forms outside flows, for drafts."""
