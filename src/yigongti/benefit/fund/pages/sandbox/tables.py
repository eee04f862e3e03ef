"""The tables and pictures of a sandbox's result: one description for the screen, the spreadsheet and the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yigongti.benefit.fund.charts import LEVEL_WORDS, WAN
from yigongti.benefit.fund.rules.claims import WORDS
from yigongti.benefit.fund.templatetags.fund import only_moved
from yigongti.kernel.chart import facade as chart
from yigongti.kernel.sheet import Fen, Sheet

FUNDS = {"basic": "基本医保统筹基金", "serious": "大病保险", "aid": "医疗救助", "person": "个人负担"}
"""In the order in which they are told. A saved result comes out of the database with its names in another order: each is asked by name."""
USES = ("wages_fen", "aid_fen", "capacity_fen")
BENEFIT = ("fund.deductible", "fund.ratio", "fund.annual_cap", "fund.serious_tiers", "fund.aid", "fund.aid_cap")
POOL = ("fund.pool.per_capita", "fund.pool.risk_reserve", "fund.pool.out_of_county", "fund.pool.surplus_keep",
        "fund.pool.overspend_reasonable", "fund.pool.overspend_fund")  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A table with how its numbers come about and which parameters decide them (keys of policy)."""

    code: str
    sheet: Sheet
    how: str
    keys: tuple[str, ...]
    behind: tuple[tuple[str, ...], ...] = ()
    """For each row what each of its cells opens to (`Cell.word`, or a line of the clearing as ``pool~name``); "" for a text."""

    def cells(self) -> list[list[tuple[str, bool, str, str]]]:
        """Each row's cells: head, whether a number, text, what it opens to."""
        empty = ("",) * len(self.sheet.columns)
        return [
            [(head, number, self.sheet.text(value), word)
             for (head, number), value, word in zip(self.sheet.columns, row, words, strict=True)]
            for row, words in zip(self.sheet.rows, self.behind or (empty,) * len(self.sheet.rows), strict=True)
        ]  # fmt: skip


def tables(result: Mapping[str, Any]) -> list[Told]:
    """Every table of a result, in the order of the page."""
    return [
        _funds(result),
        _pool(result),
        _members(result),
        _levels(result),
        _groups(result),
        _deciles(result),
        _serious(result),
    ]


def triple(before: int, after: int) -> tuple[Fen, Fen, Fen]:
    """Before, after, difference."""
    return Fen(before), Fen(after), Fen(after - before)


def three(what: str) -> tuple[tuple[str, bool], ...]:
    """The heads of those."""
    return ((f"{what}现行（元）", True), (f"{what}改后（元）", True), (f"{what}增减（元）", True))


def _funds(result: Mapping[str, Any]) -> Told:
    rows = tuple(
        (title, *triple(result["funds"][name]["before"], result["funds"][name]["after"]))
        for name, title in FUNDS.items()
    )
    how = (
        f"{result['claims']:,} 份结算清单、{result['persons']:,} 人，按人、按出院先后逐份重新结算后相加；"
        "两边用同一个结算函数，现行一边用现行参数，改后一边用改动后的参数。四项合计等于全部费用，两边相同。"
    )
    behind = tuple(("", *(f"all~~{name}",) * 3) for name in FUNDS)
    return Told("funds", Sheet("基金与个人", (("谁支付", False), *three("")), rows), how, BENEFIT, behind)


POOL_LINES = (
    ("budget_fen", "总额预算"), ("reserve_fen", "风险金"), ("pool_fen", "可用总额"), ("charged_in_fen", "县域内支付"),
    ("charged_out_fen", "县域外支付"), ("balance_fen", "结余（超支为负）"), ("kept_fen", "结余留用"), ("returned_fen", "上缴统筹基金"),
    ("fund_share_fen", "统筹基金分担超支"), ("consortium_share_fen", "医共体分担超支"),
)  # fmt: skip


OPENS = {"charged_in_fen": "charged~in~pay", "charged_out_fen": "charged~out~pay"}
"""Lines of the clearing that are sums of claims; the others are reckoned from lines."""


def _pool(result: Mapping[str, Any]) -> Told:
    old, new = result["consortium"]["before"], result["consortium"]["after"]
    rows = [(title, *triple(old[name], new[name])) for name, title in POOL_LINES]
    before, after = result["final_point"]["before"], result["final_point"]["after"]
    if before is not None and after is not None:
        rows.append(("年终点值", *triple(before, after)))
    how = "重新结算之后按清算的同一个函数算：总额预算 − 风险金 − 县域内支付 − 县域外支付 = 结余；留用、分担按参数和考核得分。"
    words = [("", *(OPENS.get(name, f"pool~{name}"),) * 3) for name, _ in POOL_LINES]
    behind = (*words, *((("", *("pool~final_point",) * 3),) if len(rows) > len(words) else ()))
    return Told("pool", Sheet("医共体清算", (("项目", False), *three("")), tuple(rows)), how, POOL, behind)


def kept(side: Mapping[str, int]) -> int:
    """A member's part of a kept surplus, all uses (fen)."""
    return sum(side[name] for name in USES)


def _members(result: Mapping[str, Any]) -> Told:
    rows = tuple(
        (one["name"], LEVEL_WORDS.get(one["level"], one["level"]), one["services"],
         *triple(one["before"]["income_fen"], one["after"]["income_fen"]), *triple(kept(one["before"]), kept(one["after"])),
         *triple(one["before"]["overspend_fen"], one["after"]["overspend_fen"]),
         *triple(one["before"]["prepaid_fen"], one["after"]["prepaid_fen"]))
        for one in result["members"]
    )  # fmt: skip
    heads = (
        ("成员单位", False),
        ("层级", False),
        ("服务量", True),
        *three("基金收入"),
        *three("留用"),
        *three("分担超支"),
        *three("次年预付"),
    )
    how = (
        "基金收入是治疗的全部清单的基金应付额减质量扣款；留用按用途、层级、考核得分 × 服务量分到成员，超支按得分 × 服务量分摊，"
        "尾差按最大余数；次年预付按本年收入和服务人口算，卫生室并入所属卫生院。"
    )
    keys = (
        "fund.pool.uses",
        "fund.pool.surplus_split",
        "fund.pool.prepay",
        "fund.pool.prepay_population",
        "fund.pool.point_value",
    )
    behind = tuple(("", "", *(f"member~{one['institution_id']}~pay",) * 13) for one in result["members"])
    return Told("members", Sheet("成员单位", heads, rows), how, keys, behind)


CUT_FUNDS = (*("basic",) * 3, "serious", "aid", *("person",) * 3)
"""What the columns of CUT sum."""


def _opens(cut: str, key: str) -> tuple[str, ...]:
    return tuple(f"{cut}~{key}~{fund}" for fund in CUT_FUNDS)


CUT = (*three("统筹"), ("大病增减（元）", True), ("救助增减（元）", True), *three("个人"))


def _cut(one: Mapping[str, Any]) -> tuple[Fen, ...]:
    funds = one["funds"]
    return (
        *triple(funds["basic"]["before"], funds["basic"]["after"]), Fen(funds["serious"]["difference"]), Fen(funds["aid"]["difference"]),
        *triple(funds["person"]["before"], funds["person"]["after"]),
    )  # fmt: skip


def _levels(result: Mapping[str, Any]) -> Told:
    rows = tuple((LEVEL_WORDS.get(one["key"], one["key"]), one["claims"], *_cut(one)) for one in result["levels"])
    how = "按就诊机构的级别把每份清单的结果相加，县外的市级、省级医院在内。"
    behind = tuple(("", f"level~{one['key']}~basic", *_opens("level", one["key"])) for one in result["levels"])
    return Told("levels", Sheet("各级机构", (("级别", False), ("清单", True), *CUT), rows), how, BENEFIT, behind)


def _groups(result: Mapping[str, Any]) -> Told:
    rows = [("险种", WORDS.get(one["key"], one["key"]), *_cut(one)) for one in result["insurance"]]
    rows += [
        ("救助类别", "非救助对象" if one["key"] == "none" else WORDS.get(one["key"], one["key"]), *_cut(one))
        for one in result["aid"]
    ]
    rows += [("年龄", age_words(one["key"]), *_cut(one)) for one in result["ages"]]
    how = "同一批清单按参保险种、救助类别、入院时年龄分别相加；每一种分法的合计都等于总数。"
    behind = tuple(
        ("", "", *_opens(cut, one["key"]))
        for cut, name in (("insurance", "insurance"), ("aid", "aid"), ("age", "ages"))
        for one in result[name]
    )
    return Told(
        "groups", Sheet("各类人群", (("分法", False), ("人群", False), *CUT), tuple(rows)), how, BENEFIT, behind
    )


def age_words(key: str) -> str:
    """``18-44`` as 18—44 岁."""
    if key == "unknown":
        return "年龄未记录"
    low, _, high = key.partition("-")
    return f"{low}—{high} 岁" if high else f"{low} 岁以上"


def _deciles(result: Mapping[str, Any]) -> Told:
    rows = tuple(
        (f"第 {one['decile']} 组", one["persons"], *triple(one["before"], one["after"]), one["better"], one["worse"])
        for one in result["deciles"]
    )
    how = "全部就诊过的人按现行参数下全年个人负担从少到多排队，分成人数相等的十组；减轻、加重按人数。"
    heads = (("负担从少到多", False), ("人数", True), *three("个人负担"), ("减轻人数", True), ("加重人数", True))
    behind = tuple(
        (
            "",
            *(f"decile~{one['decile']}~person",) * 4,
            f"better~{one['decile']}~person",
            f"worse~{one['decile']}~person",
        )
        for one in result["deciles"]
    )
    return Told("deciles", Sheet("负担十等分", heads, rows), how, BENEFIT, behind)


def _serious(result: Mapping[str, Any]) -> Told:
    one = result["serious_line"]
    rows = (
        ("现行参数下超过大病起付线", one["over_before"]), ("改后超过大病起付线", one["over_after"]), ("新超过", one["newly_over"]),
        ("不再超过", one["newly_under"]),
    )  # fmt: skip
    how = "一人一险种一年住院政策范围内自付累计，与本人救助类别适用的大病保险第一段起点比较；以年内最后一份清单的类别和参数为准。"
    return Told(
        "serious",
        Sheet("大病起付线", (("项目", False), ("人次（人·险种·年）", True)), rows),
        how,
        ("fund.serious_tiers", "fund.aid_threshold"),
        tuple(("", f"line~{side}~person") for side in ("before", "after", "over", "under")),
    )


# ---- pictures ------------------------------------------------------------------------------------------------------------


def charts(result: Mapping[str, Any]) -> list[Any]:
    """Before and after: who pays, the consortium's clearing, members, the burden of each tenth of the persons."""
    funds = result["funds"]
    old, new = result["consortium"]["before"], result["consortium"]["after"]
    lines = [(title.partition("（")[0], name) for name, title in POOL_LINES if name in SHOWN]
    paid = {side: [funds[name][side] for name in FUNDS] for side in ("before", "after")}
    made = [
        _bars("谁支付（万元）", list(FUNDS.values()), paid["before"], paid["after"], across=True),
        _bars("医共体清算（万元）", [title for title, _ in lines], [old[name] for _, name in lines], [new[name] for _, name in lines],
              across=True),
        _bars("每组人均负担（元）", [f"第 {one['decile']} 组" for one in result["deciles"]],
              [_each(one, "before") for one in result["deciles"]], [_each(one, "after") for one in result["deciles"]], YUAN),
    ]  # fmt: skip
    moved = sorted(result["members"], key=lambda one: -abs(net(one["after"]) - net(one["before"])))[:MEMBERS]
    if moved:
        made.append(_bars("成员单位：收入 + 留用 − 分担（万元）", [one["name"] for one in moved], [net(one["before"]) for one in moved],
                          [net(one["after"]) for one in moved], across=True))  # fmt: skip
    return made


SHOWN = {"pool_fen", "charged_in_fen", "charged_out_fen", "balance_fen", "kept_fen", "consortium_share_fen"}
MEMBERS = 12
"""Members in the picture, those that the change moves most; the table has all."""
YUAN = chart.Measure("元", divide=100, decimals=0)


def net(side: Mapping[str, int]) -> int:
    """What a member ends with (fen)."""
    return side["income_fen"] + kept(side) - side["overspend_fen"]


def _each(one: Mapping[str, int], side: str) -> int:
    return one[side] // one["persons"] if one["persons"] else 0


def _bars(
    title: str, labels: Sequence[str], before: Sequence[int], after: Sequence[int], measure: chart.Measure = WAN, *, across: bool = False
) -> chart.Bars:  # fmt: skip
    series = (chart.Series("现行", tuple(before), tone="c3"), chart.Series("改后", tuple(after), tone="accent"))
    return chart.Bars(title, tuple(labels), series, measure, "项目", across=across)


# ---- several beside each other ---------------------------------------------------------------------------------------------


def beside(
    names: Sequence[str], results: Sequence[Mapping[str, Any]], changed: Sequence[Sequence[Mapping[str, str]]]
) -> list[Sheet]:
    """Two or three comparisons: what each changes, what comes out, each member, each tenth."""
    first = results[0]
    titles = list(dict.fromkeys(one["title"] for told in changed for one in told))
    by_title = [{one["title"]: only_moved(one["after"], one["before"]) for one in told} for told in changed]
    money = tuple((f"{name}：增减（元）", True) for name in names)
    members = list(
        dict.fromkeys((one["institution_id"], one["name"]) for result in results for one in result["members"])
    )
    by_member = [
        {one["institution_id"]: net(one["after"]) - net(one["before"]) for one in result["members"]}
        for result in results
    ]
    serious = [result["serious_line"] for result in results]
    return [
        Sheet("改动", (("参数", False), *((name, False) for name in names)),
              tuple((title, *(told.get(title, "不改") for told in by_title)) for title in titles)),
        Sheet("基金与个人", (("谁支付", False), *money),
              tuple((title, *(Fen(one["funds"][name]["difference"]) for one in results)) for name, title in FUNDS.items())),
        Sheet("医共体清算", (("项目", False), *money),
              tuple((title, *(Fen(one["consortium"]["after"][name] - one["consortium"]["before"][name]) for one in results))
                    for name, title in POOL_LINES)),
        Sheet("成员单位：收入 + 留用 − 分担", (("成员单位", False), *money),
              tuple((name, *(Fen(told.get(unit, 0)) for told in by_member)) for unit, name in members)),
        Sheet("负担十等分", (("负担从少到多", False), *money),
              tuple((f"第 {at + 1} 组", *(Fen(one["deciles"][at]["difference"]) for one in results))
                    for at in range(len(first["deciles"])))),
        Sheet("大病起付线", (("人次", False), *((name, True) for name in names)),
              (("新超过", *(one["newly_over"] for one in serious)), ("不再超过", *(one["newly_under"] for one in serious)))),
    ]  # fmt: skip


def beside_chart(names: Sequence[str], results: Sequence[Mapping[str, Any]]) -> chart.Bars:
    """What each fund and the persons pay more or less under each."""
    tones = ("c3", "accent", "c2")
    series = tuple(
        chart.Series(name, tuple(result["funds"][fund]["difference"] for fund in FUNDS), tone=tone)
        for name, result, tone in zip(names, results, tones, strict=False)
    )
    return chart.Bars("与现行相比的增减（万元）", tuple(FUNDS.values()), series, WAN, "谁支付")
