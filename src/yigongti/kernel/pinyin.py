"""Names by sound: full pinyin, initials, every likely reading for search, and a key to sort by.

Surnames are read as surnames (曾 Zeng, 单 Shan, 仇 Qiu, 解 Xie, 区 Ou), also the compound ones. ü is
written v, as typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby, islice, product
from typing import Any

from .text import halfwidth

MAX_READINGS = 8
"""Initials kept per name for search, the likeliest first."""

_SURNAMES = {
    surname: tuple(sounds.split())
    for surname, sounds in {
        "曾": "zeng1", "单": "shan4", "單": "shan4", "仇": "qiu2", "解": "xie4", "区": "ou1", "區": "ou1",
        "盖": "ge3", "蓋": "ge3", "朴": "piao2", "查": "zha1", "翟": "zhai2", "缪": "miao4", "繆": "miao4",
        "任": "ren2", "华": "hua4", "華": "hua4", "冼": "xian3", "洗": "xian3", "覃": "qin2", "折": "she2",
        "召": "shao4", "繁": "po2", "员": "yun4", "能": "nai4", "种": "chong2", "秘": "bi4", "卜": "bu3",
        "燕": "yan1", "应": "ying1", "應": "ying1", "那": "na1", "黑": "he4", "乐": "yue4", "樂": "yue4",
        "尉": "wei4", "宁": "ning4", "葛": "ge3", "谌": "chen2", "逄": "pang2", "褚": "chu3", "祭": "zhai4",
        "句": "gou1", "车": "che1", "晟": "cheng2", "盛": "sheng4", "重": "chong2", "贾": "jia3",
        "牟": "mou2", "佴": "nai4", "呙": "guo1", "郗": "xi1", "訾": "zi1", "幺": "yao1", "占": "zhan1",
        "过": "guo1", "相": "xiang4", "要": "yao1", "钭": "tou3", "曲": "qu1", "强": "qiang2", "石": "shi2",
        "撒": "sa3", "缴": "jiao3", "沈": "shen3", "於": "yu1", "费": "fei4", "阚": "kan4", "隗": "wei3",
        "仉": "zhang3", "郇": "xun2", "长": "chang2", "适": "kuo4", "眭": "sui1", "麻": "ma2", "哈": "ha3",
        "都": "du1", "柏": "bai3", "薄": "bo2", "万": "wan4", "尹": "yin3", "宓": "mi4", "洪": "hong2",
        "尉迟": "yu4 chi2", "尉遲": "yu4 chi2", "万俟": "mo4 qi2", "澹台": "tan2 tai2", "长孙": "zhang3 sun1",
        "宰父": "zai3 fu3", "单于": "chan2 yu2", "鲜于": "xian1 yu2", "令狐": "ling2 hu2", "拓跋": "tuo4 ba2",
        "皇甫": "huang2 fu3", "亓官": "qi2 guan1", "濮阳": "pu2 yang2", "淳于": "chun2 yu2",
        "乐正": "yue4 zheng4", "賈": "jia3",
        "欧阳": "ou1 yang2", "夏侯": "xia4 hou2", "呼延": "hu1 yan2", "赫连": "he4 lian2", "诸葛": "zhu1 ge3",
    }.items()
}  # fmt: skip
"""Surnames whose reading as a surname is not the usual one, or that a general table gets wrong."""

_NEWER_PLANES = "\U00020000"
"""From here on everything is a Chinese character, also those newer than this Python's character table."""

_UNLISTED = {"𠮷": "ji2", "㐂": "xi3", "𤧬": "xie2"}
"""Characters seen in names that the reading table lacks."""


_SAID_SEVERAL_WAYS = frozenset(
    "乐长重行朝盛曾参觉兴中冠好华将为应与单都载晟茜娜莎柏尉传少正宁调仔育丽宿折召朴查解仇盖区种"
)
"""Characters of given names that people really say in more than one way; of others a second reading is archaic."""

_EACH: Any = list
"""What nobody can read comes back sign by sign."""


@dataclass(frozen=True)
class Pinyin:
    """How a name sounds: *full* (``shan xiong xin``), *initials* (``sxx``), *readings*, *sort_key*.

    *readings* are all likely initials, the surname's own first, at most MAX_READINGS: for search. A character
    whose sound nobody knows stands for itself.
    """

    full: str
    initials: str
    readings: tuple[str, ...]
    sort_key: str


@lru_cache(maxsize=4096)
def name(text: str) -> Pinyin:
    """How a person's name sounds. Letters are lower-cased, signs such as · dropped."""
    return _sound(text, person=True)


@lru_cache(maxsize=4096)
def others(text: str) -> tuple[tuple[str, str], ...]:
    """Other ways in which a person's name is said: (full pinyin without blanks, initials), the likeliest first.

    What :func:`name` answers is left out. Every reading of the surname counts, of the given name only those of the
    characters that are known to be said in several ways in names; at most MAX_READINGS - 1.
    """
    tokens = _tokens(halfwidth(text))
    surname = _surname(tokens)
    if not surname and not any(_varied(token, family=place == 0) for place, token in enumerate(tokens)):
        return ()  # nine names in ten; a county is asked name by name
    first = _in_context(tokens)
    first[: len(surname)] = surname
    family = max(len(surname), 1)
    plain = [sound if token.isascii() else sound.rstrip("12345") for sound, token in zip(first, tokens, strict=True)]
    choices = []
    for place, (own, token) in enumerate(zip(plain, tokens, strict=True)):
        several = place < family or token in _SAID_SEVERAL_WAYS
        more = (sound.rstrip("12345") for sound in _others(token)) if several and not token.isascii() else ()
        choices.append(tuple(dict.fromkeys((own, *more))))
    said = dict.fromkeys(
        ("".join(one), "".join(part[0] for part in one)) for one in islice(product(*choices), MAX_READINGS)
    )
    said.pop(("".join(plain), "".join(part[0] for part in plain)), None)
    return tuple(said)


@lru_cache(maxsize=1024)
def words(text: str) -> Pinyin:
    """How a term or an institution's name sounds: no surname is looked for."""
    return _sound(text, person=False)


def _sound(text: str, *, person: bool) -> Pinyin:
    tokens = _tokens(halfwidth(text))
    first = _in_context(tokens)
    if person:
        surname = _surname(tokens)
        first[: len(surname)] = surname
    choices = [tuple(dict.fromkeys((own, *_others(token)))) for own, token in zip(first, tokens, strict=True)]
    plain = [sound if token.isascii() else sound.rstrip("12345") for sound, token in zip(first, tokens, strict=True)]
    return Pinyin(
        full=" ".join(plain),
        initials="".join(sound[0] for sound in plain),
        readings=_initials(choices) if tokens else (),
        sort_key=" ".join((*first, text)),
    )


def _initials(choices: list[tuple[str, ...]]) -> tuple[str, ...]:
    letters = [tuple(dict.fromkeys(sound[0] for sound in choice)) for choice in choices]
    return tuple("".join(found) for found in islice(product(*letters), MAX_READINGS))


def _surname(tokens: list[str]) -> tuple[str, ...]:
    for length in (2, 1):
        if len(tokens) > length or (length == 1 and tokens):
            found = _SURNAMES.get("".join(tokens[:length]))
            if found:
                return found
    return ()


@cache
def warm() -> Any:
    """Load the tables of readings (0.3 s and 50 MB), which a process that reads no name need not do; the library."""
    import pypinyin

    return pypinyin


def _readings(text: str, *, heteronym: bool = False) -> list[list[str]]:
    """What the library reads: for each sign its sounds with the tone as a digit, one or with `heteronym` all."""
    library = warm()
    found: list[list[str]] = library.pinyin(
        text, style=library.Style.TONE3, heteronym=heteronym, errors=_EACH, neutral_tone_with_five=True
    )
    return found


def _tokens(text: str) -> list[str]:
    """Each Chinese character by itself, each run of letters or digits as one, everything else dropped."""
    tokens: list[str] = []
    run = ""
    for sign in text.lower() + " ":
        if sign.isascii() and sign.isalnum():
            run += sign
            continue
        if sign == "'":
            continue
        if run:
            tokens.append(run)
            run = ""
        if sign.isalpha() or sign >= _NEWER_PLANES:
            tokens.append(sign)
    return tokens


def _in_context(tokens: list[str]) -> list[str]:
    """The likeliest sound of each token, neighbours considered (重 in 重庆)."""
    sounds: list[str] = []
    for chinese, group in groupby(tokens, key=lambda token: not token.isascii()):
        run = list(group)
        if chinese:
            found = _readings("".join(run))
            run = [_UNLISTED.get(token, sound[0]) for token, sound in zip(run, found, strict=True)]
        sounds += run
    return sounds


@lru_cache(maxsize=8192)
def _varied(token: str, *, family: bool) -> bool:
    """Whether a character may be said in several ways where it stands: in front as the surname, or in a given name."""
    sounds = {sound.rstrip("12345") for sound in _others(token)}
    return len(sounds) > 1 and (family or token in _SAID_SEVERAL_WAYS)


@lru_cache(maxsize=8192)
def _others(token: str) -> tuple[str, ...]:
    """The two commonest sounds of a character by itself; rarer ones are archaic and only confuse a search."""
    if token.isascii() or token in _UNLISTED:
        return ()
    found = _readings(token, heteronym=True)
    return tuple(dict.fromkeys(found[0]))[:2]
