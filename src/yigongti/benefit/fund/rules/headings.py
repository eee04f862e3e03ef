"""First rows of a settlement list: which field a heading means, whether it is the national name or Chinese. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from yigongti.kernel.text import halfwidth

from .lists import FIELDS, TITLES, column

ALIASES: Mapping[str, tuple[str, ...]] = {
    "setl_id": ("结算ID", "结算流水号", "清单流水号"), "mdtrt_id": ("就诊ID", "就诊流水号"),
    "certno": ("身份证号", "身份证号码", "公民身份号码"), "hi_type": ("险种", "险种类型", "医保险种"),
    "fixmedins_code": ("机构编号", "机构编码", "定点医疗机构编号", "定点医疗机构编码", "定点医药机构编码"),
    "fixmedins_name": ("机构名称", "定点医疗机构名称"), "med_type": ("就诊类别", "就医类别"),
    "adm_time": ("入院日期", "入院或就诊日期", "就诊日期"), "dscg_time": ("出院日期", "出院或就诊日期"),
    "medins_fill_dept": ("填报部门",), "diag_code": ("主要诊断", "主诊断编码", "主要诊断代码"), "diag_name": ("主诊断名称",),
    "oth_diag_code": ("其他诊断", "其他诊断代码"), "oprn_oprt_code": ("手术操作", "手术及操作编码", "手术操作代码"),
    "bill_code": ("发票代码",), "bill_no": ("发票号码", "票据号"),
    "medfee_sumamt": ("医疗费总额", "医疗总费用", "费用总额"), "fulamt_ownpay_amt": ("全自费", "自费金额"),
    "overlmt_selfpay": ("超限价自费费用", "超限价金额"), "preselfpay_amt": ("先行自付", "乙类先行自付"),
    "aid_class": ("救助类别", "医疗救助对象类别"), "referral": ("转诊方式", "转诊类型"), "level": ("机构级别", "医院级别"),
}  # fmt: skip
"""Further Chinese words for a field beside its title, as hospital systems head their columns."""
_NOISE = re.compile(r"[\s*:、，,]|\((?:元|必填|选填|可空)\)")
_BOTH = re.compile(r"[(\[【].*?[)\]】]")


def _plain(text: str) -> str:
    """A heading without blanks, stars, units and width: ``* 总费用（元）`` is ``总费用``."""
    return _NOISE.sub("", halfwidth(text)).lower()


_KNOWN: dict[str, str] = {}
for _field in FIELDS:
    for _word in (_field.name, _field.title, *ALIASES.get(_field.name, ())):
        _KNOWN[_plain(_word)] = _field.name


class TwoColumns(ValueError):
    """Two columns of a file mean the same field; the message says which."""


def name_of(text: str) -> str | None:
    """The national name that a heading means: ``总费用``, ``medfee_sumamt``, ``总费用(medfee_sumamt)``; None for none of ours."""
    plain = _plain(text)
    told = _KNOWN.get(plain) or _KNOWN.get(_BOTH.sub("", plain))
    if told is None:
        inside = next((part.strip("([【)]】") for part in _BOTH.findall(plain)), "")
        told = _KNOWN.get(inside) or next(
            (_KNOWN[name] for name in re.findall(r"[a-z_]{5,}", plain) if name in _KNOWN), None
        )
    return told


def lacking(heads: Sequence[str]) -> tuple[list[str], list[str]]:
    """Of national names as `named` gives them: the fields that a list must have and these have not, and what is none of ours."""
    absent = [column(one.name) for one in FIELDS if one.required and one.name not in heads]
    return absent, [head for head in heads if head and head not in TITLES]


def named(heads: Sequence[str]) -> list[str]:
    """Headings as national names; what is none of ours stays as it is. Raises TwoColumns where one field comes twice."""
    found, seen = [], dict[str, str]()
    for head in heads:
        name = name_of(head)
        if name is not None and name in seen:
            raise TwoColumns(f"列“{seen[name]}”和“{head.strip()}”是同一个字段（{name}）")
        if name is not None:
            seen[name] = head.strip()
        found.append(name or head.strip())
    return found
