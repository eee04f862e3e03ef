"""Coded answers of a referral with their words: one place, used by forms, figures and print."""

from __future__ import annotations

DECLINES: tuple[tuple[str, str, str], ...] = (
    ("beyond_ability", "超出本院诊治能力", "写明建议转往何处"),
    ("no_bed", "暂无床位或号源", "写明最早可安排的时间"),
    ("no_specialist", "专科医生不在岗", "写明何时在岗或可转何处"),
    ("not_indicated", "不符合上转指征，可在基层诊治", "写明基层处理意见"),
    ("incomplete", "资料不全，无法判断", "写明需要补充什么"),
    ("wrong_department", "应转往其他机构或专科", "写明应转往何处"),
    ("duplicate", "重复转诊", "写明已有的转诊单号"),
    ("other", "其他", "写明原因"),
)
"""(code, words, what the text must say)"""

OUTCOMES: tuple[tuple[str, str], ...] = (
    ("improved", "好转"), ("cured", "治愈"), ("unchanged", "未愈"), ("worse", "加重"),
)  # fmt: skip
FINISHES: tuple[tuple[str, str, str], ...] = (
    ("cured", "治愈，无需下转", ""),
    ("left", "患者自行离院", ""),
    ("transferred", "转往县外上级医院", "写明医院与理由，计入外转统计"),
    ("long_stay", "在本院长期治疗", "写明随访安排"),
    ("died", "死亡", ""),
)
ENDINGS: tuple[tuple[str, str], ...] = (
    ("local", "在本机构继续诊治"), ("refused", "患者或家属不愿转诊"), ("elsewhere", "患者自行去其他医院"),
    ("recovered", "病情好转，不再需要"), ("lost", "联系不上患者"), ("died", "死亡"), ("mistake", "填写有误"),
    ("other", "其他"),
)  # fmt: skip
TRANSPORT: tuple[tuple[str, str], ...] = (
    ("self", "自行前往"), ("family", "家属陪同"), ("staff", "医务人员护送"), ("ambulance", "救护车"),
)  # fmt: skip
WAYS: tuple[tuple[str, str], ...] = (("visit", "门诊"), ("home", "入户"), ("phone", "电话"))
CONDITIONS: tuple[tuple[str, str], ...] = (
    ("stable", "平稳"), ("improved", "好转"), ("uncontrolled", "控制不满意"), ("worse", "加重"),
)  # fmt: skip
ADHERENCE: tuple[tuple[str, str], ...] = (
    ("good", "规律服药"),
    ("partial", "间断服药"),
    ("none", "未服药"),
    ("na", "无需服药"),
)


def word(pairs: tuple[tuple[str, ...], ...], code: str) -> str:
    """The words of a code; the code itself where the list does not have it."""
    return next((pair[1] for pair in pairs if pair[0] == code), code)
