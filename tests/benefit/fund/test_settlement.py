"""The settlement of a claim, interpreted: worked by hand, and what must hold for every claim."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.benefit.fund import worked
from tests.support.documents import document
from yigongti.benefit.fund.rules import settlement
from yigongti.benefit.fund.rules.explaining import explain, heading, parts
from yigongti.benefit.fund.rules.parameters import ParameterFault, Parameters, read
from yigongti.benefit.fund.rules.person import Claim, ClaimFault, Settled, settle_person
from yigongti.kernel import money

CASES = worked.cases()


def outcome(settled: Settled) -> tuple[int, ...]:
    return tuple(getattr(settled.trace, name) for name in worked.OUTPUT)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.clause} {case.title}" for case in CASES])
def test_a_claim_is_settled_as_worked_by_hand(case: worked.Case) -> None:
    if case.refused is not None:
        with pytest.raises(ParameterFault, match=str(case.refused)):
            settle_person(case.claims, case.read())
        return
    settled = settle_person(case.claims, case.read())
    assert {one.claim.claim_id: outcome(one) for one in settled} == case.gives


@pytest.mark.parametrize("case", [case for case in CASES if not case.refused], ids=lambda case: case.title)
def test_the_explanation_accounts_for_every_fen(case: worked.Case) -> None:
    parameters = case.read()
    for one in settle_person(case.claims, parameters):
        pieces = parts(one)
        assert sum(piece.fen for piece in pieces) == one.claim.total_fen
        assert sum(piece.fen for piece in pieces if piece.payer == "个人") == one.trace.person_pays_fen
        steps = explain(one, parameters)
        assert [step.number for step in steps] == ["1", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6"]
        amounts = [step.result_fen for step in steps if step.result_fen is not None]
        t = one.trace
        assert amounts == [t.eligible_fen, t.deductible_fen, t.basic_fen, t.serious_fen, t.aid_fen, t.person_pays_fen]
        assert str(one.claim.claim_id) in heading(one)
        raw = parameters.sets[one.set_index].raw
        for step in steps:
            for path in step.parameters:
                here = raw
                for name in path.split("."):
                    here = here[name]


def text(claims: list[dict], at: int = -1, **change: object) -> str:
    parameters = read(worked.base() | change)
    settled = settle_person([worked.claim(row) for row in claims], parameters)[at]
    return "".join(line for step in explain(settled, parameters) for line in step.lines)


def test_the_explanation_tells_the_chain_of_deductibles() -> None:
    first = {"id": 1, "level": "township", "episode": 7, "day": date(2025, 3, 5)}
    up = {"id": 2, "episode": 7, "day": date(2025, 3, 15), "referral": "up"}
    down = {"id": 3, "level": "township", "episode": 7, "day": date(2025, 3, 25), "referral": "down"}
    assert "此前最高起付标准 200.00 元，连续计算，本次只补差额 300.00 元" in text([first, up])
    assert "下转住院不再收取起付线" in text([first, up, down])
    again = down | {"referral": "none"}
    assert "此前最高起付标准 500.00 元，不低于本次，不再收取" in text([first, up, again])


def test_the_explanation_tells_every_turn_of_a_claim() -> None:
    assert "目录外（丙类、超限价）1,000.00 元" in text([{"excluded": 100_000}])
    assert "乙类项目先行自付 500.00 元" in text([{"copay": 50_000}])
    assert "不足起付线，只计 499.99 元" in text([{"total": 49_999}])
    assert "中医机构降一级，按乡镇级 200.00 元" in text([{"tcm": True}])
    assert "中医机构降一级" not in text([{"tcm": True, "level": "township"}])
    assert "经签约家庭医生转诊，按 80% 计，为 400.00 元" in text([{"contracted": True, "referral": "up"}])
    assert "签约转诊加 5%" in text([{"contracted": True, "referral": "down"}])
    assert "县域外就诊减 15%" in text([{"level": "city", "in_county": False}])
    assert "合计 97%，不超过最高比例 95%" in text(
        [{"insurance": "employee", "level": "village", "contracted": True, "referral": "up"}]
    )
    assert "合计低于零" in text([{"level": "province", "in_county": False}], unreferred_penalty_bp=10_000)
    assert "超过封顶线的 0.01 元" in text([{"kind": "outpatient", "total": 100_002}])
    assert "门诊每次起付标准 30.00 元" in text([{"kind": "outpatient", "insurance": "employee"}])
    assert "累计未超过起付标准 15,000.00 元" in text([{}])
    assert "50,000.00 元至 100,000.00 元：65%，累计 6,500.00 元" in text([{"total": 6_000_000}], ratio_max_bp=0)
    assert "100,000.00 元以上：70%，累计 0.01 元" in text([{"total": 10_000_001}], ratio_max_bp=0)
    assert "低收入人口各档界限按 50% 计" in text([{"aid": "low_income"}])
    assert "特困人员救助比例 90%" in text([{"aid": "extreme_poverty"}])
    assert "门诊费用不计入医疗救助" in text([{"aid": "extreme_poverty", "kind": "outpatient"}])


def test_a_share_is_the_house_s_own_half_up_and_never_leaves_64_bits() -> None:
    for amount in [0, 1, 4_999, 5_000, 5_001, 9_999, 10_000, 10**13, settlement.SUM_LIMIT]:
        for bp in [0, 1, 4_999, 5_000, 9_999, 10_000]:
            assert settlement.mul(amount, bp) == money.mul(amount, bp)
    assert settlement.SUM_LIMIT // 10_000 * 10_000 + 10_000 * 10_000 < 2**63
    assert settlement.SUM_LIMIT + 10**13 < settlement.NO_END


def test_the_trace_holds_every_value_on_the_way() -> None:
    """A second claim in a chain, worked by hand: what nobody pays by but the explanation shows."""
    first = worked.claim({"id": 1, "level": "township", "episode": 7, "day": date(2025, 3, 5), "aid": "low_income"})
    second = worked.claim({"id": 2, "tcm": True, "level": "city", "episode": 7, "day": date(2025, 3, 9), "aid": "low_income",
                           "in_county": False, "total": 9_000_000, "excluded": 100_000, "copay": 50_000})  # fmt: skip
    p = worked.base() | {"tcm_ratio_bonus_bp": 300}
    before, t = (one.trace for one in settle_person([first, second], read(p)))
    fee, ratio, cap = (
        p["deductible"]["resident"],
        p["ratio"]["resident"]["inpatient"]["city"],
        p["annual_cap"]["resident"],
    )
    assert (t.own_level_fen, t.nominal_fen, t.final_fen) == (fee["city"], fee["county"], fee["county"])
    assert (t.chain_fen, t.due_fen, t.deductible_fen) == (fee["township"], *[fee["county"] - fee["township"]] * 2)
    assert (before.chain_after_fen, t.chain_after_fen) == (fee["township"], fee["county"])
    assert (t.base_bp, t.contract_bonus_bp, t.tcm_bonus_bp, t.penalty_bp) == (ratio, 0, 300, p["unreferred_penalty_bp"])
    assert t.ratio_bp == t.unclipped_bp == ratio + 300 - p["unreferred_penalty_bp"]
    assert (t.eligible_fen, t.cap_fen) == (8_850_000, cap["inpatient"])
    assert t.share_fen == money.mul(t.eligible_fen - t.deductible_fen, t.ratio_bp) == t.share_sum_fen - before.share_fen
    assert (t.share_before_fen, t.burden_before_fen, t.rest_before_fen) == (
        before.share_sum_fen, before.burden_sum_fen, before.rest_sum_fen,
    )  # fmt: skip
    assert t.burden_fen == t.eligible_fen - t.basic_fen == t.burden_sum_fen - t.burden_before_fen
    assert t.serious_fen == t.tiers_sum_fen - t.tiers_before_fen
    assert t.rest_fen == t.burden_fen - t.serious_fen == t.rest_sum_fen - t.rest_before_fen
    assert (t.aid_bp, t.aid_cap_fen) == (p["aid_bp"]["low_income"], p["aid_cap"])
    assert t.aid_before_fen == min(t.aid_cap_fen, money.mul(t.rest_before_fen, t.aid_bp)) == before.aid_sum_fen
    assert t.aid_sum_fen == t.aid_before_fen + t.aid_fen
    nobody = settle_person([worked.claim({})], read(p))[0].trace
    assert (nobody.aid_before_fen, nobody.aid_sum_fen, nobody.aid_bp, nobody.tiers_before_fen) == (0, 0, 0, 0)
    employee = settle_person([worked.claim({"insurance": "employee", "tcm": True, "level": "city"})], read(p))[0].trace
    fee = p["deductible"]["employee"]
    assert (employee.own_level_fen, employee.nominal_fen) == (fee["city"], fee["county"])


def test_the_year_s_sums_have_a_limit() -> None:
    limit = settlement.SUM_LIMIT
    assert [settlement.overflowing(*sums) for sums in ((limit, limit), (limit + 1, 0), (0, limit + 1))] == [0, 1, 1]
    assert settlement.set_on([3, 5], 0, 2, 2) == -1
    assert [settlement.set_on([3, 5], 0, 2, day) for day in (3, 4, 5, 9)] == [0, 0, 1, 1]
    assert [settlement.set_on([3, 5, 4], 2, 3, day) for day in (3, 4, 9)] == [-1, 2, 2]


def test_the_calendar_year_of_a_day_is_the_calendar_s() -> None:
    day = date(1, 1, 1)
    while day < date(2800, 1, 1):
        for near in (day - timedelta(1) if day > date(1, 1, 1) else day, day, day + timedelta(1)):
            assert settlement.year_of(near.toordinal() - date(1970, 1, 1).toordinal()) == near.year
        assert settlement.first_day(day.year) == day.toordinal() - date(1970, 1, 1).toordinal()
        day = date(day.year + 1, 1, 1)
    assert settlement.year_of(date(2024, 2, 29).toordinal() - 719_163) == 2024
    assert settlement.year_of(date(9999, 12, 31).toordinal() - 719_163) == 9999


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"total": -1}, "amount"),
        ({"total": 10**13 + 1}, "amount"),
        ({"total": 5, "excluded": 6}, "eligible"),
        ({"start": date(2025, 3, 11)}, "dates"),
        ({"level": "hamlet"}, "unknown"),
    ],
)
def test_the_counter_refuses_what_a_file_would_reject(row: dict, code: str) -> None:
    with pytest.raises(ClaimFault) as refused:
        settle_person([worked.claim(row)], read(worked.base()))
    assert refused.value.code == code


def test_the_counter_refuses_one_number_twice() -> None:
    with pytest.raises(ClaimFault, match="重复"):
        settle_person([worked.claim({}), worked.claim({"total": 5})], read(worked.base()))


def moved() -> tuple[list[Claim], dict[str, Parameters], dict[int, tuple[int, ...]]]:
    """The claims of cases/moved.yaml, the parameters of its places, and what each claim gives."""
    raw = document(worked.HERE / "moved.yaml")
    b = worked.base()
    b["deductible"]["resident"]["county"] = raw["b"]["deductible"]
    b["ratio"]["resident"]["inpatient"]["county"] = raw["b"]["ratio"]
    b["annual_cap"]["resident"]["inpatient"] = raw["b"]["cap"]
    claims = [replace(worked.claim(row), place=row["place"]) for row in raw["claims"]]
    return claims, {"a": read(worked.base()), "b": read(b)}, {row["id"]: tuple(row["gives"]) for row in raw["claims"]}


def test_who_moves_within_a_year_takes_chain_and_sums_along_and_each_claim_follows_the_place_of_its_day() -> None:
    claims, places, gives = moved()
    assert {one.claim.claim_id: outcome(one) for one in settle_person(reversed(claims), places)} == gives


def test_places_of_the_same_rules_are_as_one_place() -> None:
    claims, places, _ = moved()
    one, same = settle_person(claims, places["a"]), settle_person(claims, {"a": places["a"], "b": places["a"]})
    assert [outcome(row) for row in one] == [outcome(row) for row in same]
