"""Names of simulated places and hospitals: invented, the same for the same number, none of them claims a real place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, product

COUNTIES = ("沂川", "丰湖", "汶阳", "睢水", "邳原", "新泗", "云泉", "湖岗", "柳汀", "金穗", "龙坪", "麦川", "泽北", "澧园", "榆林坪",
            "白鹭", "青堤", "安沙", "望淮", "石渠")  # fmt: skip
_FIRST = "青柳云枫白望石竹松桃杨李梅桂槐榆荷稻麦杏兰茶橡枣柏"
_SECOND = "石溪岭桥沙江河塘坪湾坡泉湖岗庄集原渡店堤"
_VILLAGE = "东西南北上下前后新老中大小高长双"
_PLACE = "河塘桥坪湾湖岗庄沟坡屯泉园井林畈圩店台港"


def towns() -> Iterator[str]:
    """Names of towns without their ending, endless."""
    for round_ in count():
        for second, first in product(_SECOND, _FIRST):
            if first != second:
                yield f"{first}{second}{'' if round_ == 0 else round_ + 1}"


def villages() -> Iterator[str]:
    """Names of villages within one town, endless."""
    for round_ in count():
        for second, first in product(_PLACE, _VILLAGE):
            yield f"{first}{second}{'' if round_ == 0 else round_ + 1}村"


HOSPITALS = {
    "county_general": ("RMYY", "人民医院"), "county_tcm": ("ZYYY", "中医医院"), "mch": ("FYBJ", "妇幼保健院"),
    "private_hospital": ("RHYY", "仁和医院"), "cdc": ("JKZX", "疾病预防控制中心"), "public_health": ("GWZX", "公共卫生中心"),
    "rehabilitation": ("KFYY", "康复医院"), "nursing": ("HLY", "护理院"), "other": ("QTYY", "其他医疗机构"),
    "specialist": ("ZKYY", "专科医院"),
}  # fmt: skip
"""Letters of the code and the ending of the name, by kind."""
ORDINALS = ("", "第二", "第三", "第四", "第五", "第六", "第七", "第八")


def ordinal(number: int) -> str:
    """第二, 第三 … for the second and further of a kind in a county; nothing for the first."""
    return ORDINALS[number] if number < len(ORDINALS) else f"第{number + 1}"
