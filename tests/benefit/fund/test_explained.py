"""`fund explain` read aloud: of random claims every sentence is worked out again from the numbers that stand in it, to the fen."""

from __future__ import annotations

import json
import math
import os
import random
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.benefit.fund import claims, oracle
from tests.benefit.fund.test_places import drawn, write
from yigongti.benefit.fund import facade

MANY = 150 if os.environ.get("YGT_DRILL") else 2
EACH = 12
YUAN, BP = r"-?[\d,]+\.\d\d", r"-?[\d.]+%"


def fen(text: str) -> int:
    return int(text.replace(",", "").replace(".", ""))


def bp(text: str) -> int:
    value = Fraction(text.rstrip("%")) * 100
    assert value.denominator == 1
    return int(value)


def share(amount: int, ratio: int) -> int:
    return math.floor(Fraction(amount * ratio, 10_000) + Fraction(1, 2))


def found(pattern: str, text: str) -> list[str] | None:
    """The numbers of a sentence, `#` for yuan and `%` for a percentage; None where it does not stand."""
    met = re.search(re.escape(pattern).replace(r"\#", f"({YUAN})").replace("%", f"({BP})"), text)
    return None if met is None else list(met.groups())


def need(pattern: str, text: str) -> list[str]:
    numbers = found(pattern, text)
    assert numbers is not None, (pattern, text)
    return numbers


def amounts(pattern: str, text: str) -> list[int]:
    return [fen(one) for one in need(pattern, text)]


def one_amount(pattern: str, text: str) -> int:
    numbers = found(pattern, text)
    return 0 if numbers is None else fen(numbers[0])


def steps(lines: list[str]) -> dict[str, str]:
    """The text of each step by its number."""
    told: dict[str, str] = {}
    for line in lines:
        if head := re.match(r"(1|2\.\d) ", line):
            at = head.group(1)
        if head or told:
            told[at] = told.get(at, "") + line + "\n"
    return told


def check(row: dict[str, Any], result: tuple[int, ...], told: dict[str, str], raw: dict[str, Any]) -> None:
    _, deductible, ratio, basic, serious, aid, pays = result
    assert list(told) == ["1", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6"]
    (total,), (eligible,) = amounts("总费用 # 元。", told["1"]), amounts("纳入报销的费用 # 元。", told["1"])
    excluded, first = one_amount("超限价）# 元", told["1"]), one_amount("先行自付 # 元", told["1"])
    assert (total, total - excluded - first) == (row["total_fen"], eligible)
    assert amounts("本次起付 # 元。", told["2.1"]) == [deductible]
    if left := found("此前最高起付标准 # 元，连续计算，本次只补差额 # 元", told["2.1"]):
        final = fen(re.findall(YUAN, told["2.1"].split("同一转诊链")[0])[-1])
        assert final - fen(left[0]) == fen(left[1]) >= deductible
    check_ratio(told["2.2"], ratio)
    base, charged, by, part = need("（# − #）× % = # 元", told["2.3"])
    assert (fen(base), fen(charged), bp(by)) == (eligible, deductible, ratio)
    assert share(eligible - deductible, ratio) == fen(part)
    after, before, cap = amounts("累计 # 元（本次前 # 元），封顶线 # 元", told["2.3"])
    assert after - before == fen(part) and min(cap, after) - min(cap, before) == basic
    assert one_amount("超过封顶线的 # 元", told["2.3"]) == fen(part) - basic
    check_serious(row, told["2.4"], eligible - basic, serious)
    if "救助比例" in told["2.5"]:
        rest, after, before = amounts("剩余 # 元，本年度累计 # 元（本次前 # 元）", told["2.5"])
        by, cap_text = need("救助比例 %，年度限额 # 元", told["2.5"])
        assert (rest, after - before) == (eligible - basic - serious, rest)
        whole, earlier = amounts("按累计应助 # 元，减去按本次前累计计算的 # 元", told["2.5"])
        assert [whole, earlier] == [min(fen(cap_text), share(one, bp(by))) for one in (after, before)]
        assert whole - earlier == aid
    else:
        assert aid == 0
    assert amounts("# − # − # − # = # 元。", told["2.6"]) == [total, basic, serious, aid, pays]
    assert total - basic - serious - aid == pays
    own = [fen(one) for one in re.findall(YUAN, told["2.6"].split("其中")[1])] if "其中" in told["2.6"] else []
    assert sum(own) == pays
    for number, step in told.items():
        for path in [one for line in re.findall("参数：(.*)", step) for one in line.split("、")]:
            here: Any = raw
            for name in path.split("."):
                here = here[name]
        silent = ("门诊费用不计入", "不属于医疗救助对象")
        assert "参数：" in step or number in ("1", "2.6") or any(words in step for words in silent), step


def check_ratio(step: str, ratio: int) -> None:
    first = bp(need("支付比例 %。", step)[0])
    more = [bp(one) for one in re.findall(f"加 ({BP})", step)]
    less = [bp(one) for one in re.findall(f"减 ({BP})", step)]
    whole = first + sum(more) - sum(less)
    if limited := found("合计 %，不超过最高比例 %", step):
        assert [bp(one) for one in limited] == [whole, ratio] and whole > ratio
    else:
        assert ratio == max(0, whole) and ("低于零" in step) == (whole < 0)
    assert bp(need("本次支付比例 %", step)[0]) == ratio


def check_serious(row: dict[str, Any], step: str, burden: int, serious: int) -> None:
    if row["kind"] == "outpatient":
        assert serious == 0 and "门诊费用不计入大病保险" in step
        return
    own, after, before = amounts("合规费用 # 元，本年度累计 # 元（本次前 # 元）", step)
    assert (own, after - before) == (burden, burden)
    whole = 0
    for low, high, by, part in re.findall(f"({YUAN}) 元(以上|至 {YUAN} 元)：({BP})，累计 ({YUAN}) 元", step):
        ceiling = after if high == "以上" else min(after, fen(re.findall(YUAN, high)[0]))
        assert share(ceiling - fen(low), bp(by)) == fen(part)
        whole += fen(part)
    now, earlier = amounts("按累计应付 # 元，减去按本次前累计计算的 # 元", step)
    assert whole == now and now - earlier == serious


@pytest.mark.parametrize("seed", range(MANY))
def test_every_sentence_of_an_explanation_comes_out(tmp_path: Path, seed: int) -> None:
    draw, several = random.Random(seed), seed % 2 == 1
    if several:
        rows, parameters = drawn(seed, 120)
    else:
        rows, parameters = (
            [one | {"place": ""} for one in claims.random_rows(seed, 120)],
            claims.random_parameters(seed),
        )
    write(tmp_path / "claims.parquet", rows)
    (tmp_path / "P.json").write_text(json.dumps(parameters), encoding="utf-8")
    results = {one[0]: one for one in oracle.settle(rows, parameters)}
    wrong = {at for at, _ in oracle.rejected(rows)}
    right = [row for at, row in enumerate(rows) if at not in wrong]
    for row in draw.sample(right, min(EACH, len(right))):
        told = facade.explain(row["claim_id"], claims=tmp_path / "claims.parquet", parameters=tmp_path / "P.json")
        law = parameters["places"][row["place"]] if several else parameters
        check(row, results[row["claim_id"]], steps(told), oracle.parameters_on(law, row["end_date"]))
