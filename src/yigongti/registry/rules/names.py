"""How a person's name is written: one dot, no stray blanks, rare characters kept, what cannot be a name refused."""

from __future__ import annotations

import re
import unicodedata

DOT = "·"
_DOTS = re.compile(r"\s*[·•‧∙・･．․]\s*")
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇"
_NAME = re.compile(rf"[{_HAN}A-Za-zÀ-ɏ'’ .{DOT}-]+(（[{_HAN}]{{1,6}}）)?")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
MOST = 60


class NameFault(ValueError):
    """A text that cannot be a person's name; `remedy` says what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def one_dot(text: str) -> str:
    """Every separating dot that people type as the one that is kept."""
    return _DOTS.sub(DOT, text)


def written(text: str) -> str:
    """A name in its one spelling: the separating dot of long names is always the same sign, blanks between Chinese
    characters are dropped, characters of extension B and later are kept as they are.

    Raises NameFault with what is wrong and what to do.
    """
    plain = unicodedata.normalize("NFC", text).replace("\u3000", " ").strip()
    plain = one_dot(plain)
    plain = re.sub(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])", "", plain)
    plain = re.sub(r"\s+", " ", plain)
    if not plain:
        raise NameFault("没有姓名", "填写证件上的姓名；身份不明的患者从“身份不明患者”登记")
    if len(plain) > MOST:
        raise NameFault(f"姓名超过 {MOST} 个字", "填写证件上的全名，其他称呼写在备注里")
    strange = _PRIVATE.search(plain)
    if strange:
        raise NameFault(
            f"姓名第 {strange.start() + 1} 个字是本机造字，换一台电脑就认不出",
            "改用输入法的生僻字（Unicode）录入；录不出的，用证件上的拼音代替该字并注明",
        )
    if any(sign.isdigit() for sign in plain):
        raise NameFault("姓名里有数字", "姓名栏只写姓名，号码写在证件号码或电话栏")
    if not _NAME.fullmatch(plain):
        bad = next((sign for sign in plain if not _NAME.fullmatch(sign)), plain[-1])
        raise NameFault(f"姓名里不能有“{bad}”", f"少数民族和外国人姓名用间隔号“{DOT}”分开，其他符号请去掉")
    return plain
