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


LEAVING: tuple[tuple[str, str, str], ...] = (
    ("beyond_ability", "县域内无此诊治能力", "写明缺少的技术、设备或专科"),
    ("complex", "疑难复杂，县级会诊后建议外转", "写明会诊意见"),
    ("critical", "急危重症，县内无条件救治", "写明已作的抢救处理"),
    ("no_place", "县内暂无床位或设备停用", "写明已联系的机构和答复"),
    ("continuing", "既往在该院治疗，需连续治疗", "写明既往治疗的时间和内容"),
    ("designated", "按规定由定点医院收治", "写明病种和规定"),
    ("patient_wish", "患者或家属坚持外转", "写明已告知的风险和报销差别"),
    ("other", "其他", "写明原因"),
)
"""Why a patient leaves the county: (code, words, what the text must say)."""
LEVELS: tuple[tuple[str, str], ...] = (("city", "市级医院"), ("province", "省级医院"), ("outside", "省外医院"))
SENT_BACK: tuple[tuple[str, str, str], ...] = (
    ("inside", "县域内可以诊治", "写明建议的机构和科室"),
    ("not_indicated", "没有外转指征", "写明处理意见"),
    ("incomplete", "资料不全，无法审核", "写明需要补充什么"),
    ("no_bed", "暂无床位或号源", "写明最早可安排的时间"),
    ("wrong_department", "应转往其他机构或专科", "写明应转往何处"),
    ("other", "其他", "写明原因"),
)
"""Why an out-of-county referral comes back, from the county's desk or the city's: (code, words, what the text must say)."""
RESULTS: tuple[tuple[str, str], ...] = (
    ("improved", "好转，返回本地继续治疗"), ("cured", "治愈"), ("unchanged", "未愈，返回本地"),
    ("staying", "仍在外地长期治疗"), ("not_gone", "患者没有前往"), ("died", "死亡"), ("lost", "联系不上患者"),
)  # fmt: skip
