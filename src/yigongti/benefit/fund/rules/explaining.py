"""Every yuan of one claim in Chinese, rendered from the trace of its settlement; nothing is computed a second time.

A step names the parameters it took by their path in the parameter file; where a place's policy stands behind them the
caller adds the clause (``Step.parameters`` are its keys).
"""

from __future__ import annotations

from dataclasses import dataclass

from yigongti.kernel.money import percent, yuan

from .claims import AID_CLASSES, LABELS, LEVELS, WORDS
from .parameters import Parameters, Set
from .person import Claim, Settled
from .settlement import NO_END, TIER_COUNT, TIERS, Trace, deductible_level, tier_bound, tier_part


@dataclass(frozen=True)
class Step:
    """One step: number (docs/fund.md 2), title, sentences, the parameters it took, what came out (fen, None = no amount)."""

    number: str
    title: str
    lines: tuple[str, ...]
    parameters: tuple[str, ...]
    result_fen: int | None
    result: str = ""
    """What came out where it is no amount: 75%."""


@dataclass(frozen=True)
class Part:
    """One part of the total: who pays it and why; the parts of a claim sum to its total."""

    payer: str
    title: str
    fen: int


def explain(settled: Settled, parameters: Parameters) -> tuple[Step, ...]:
    """The steps of one settled claim, in order."""
    claim, trace = settled.claim, settled.trace
    chosen = parameters.sets[settled.set_index]
    steps = (_eligible(claim, trace), _deductible(claim, trace, chosen), _ratio(claim, trace), _basic(claim, trace))
    return (*steps, _serious(claim, trace, chosen), _aid(claim, trace), _pays(settled))


def parts(settled: Settled) -> tuple[Part, ...]:
    """Who pays what of the total; the amounts sum to it exactly, those of the person to what the person pays.

    What serious-illness insurance and aid pay back is taken from what was left to the person, shown as its own parts.
    """
    claim, t = settled.claim, settled.trace
    return (
        Part("个人", "目录外费用", claim.excluded_fen),
        Part("个人", "乙类先行自付", claim.copay_first_fen),
        Part("个人", "起付线内", t.deductible_fen),
        Part("个人", "按比例自付", t.eligible_fen - t.deductible_fen - t.share_fen),
        Part("个人", "超过年度封顶线", t.share_fen - t.basic_fen),
        Part("个人", "减：大病保险支付", -t.serious_fen),
        Part("个人", "减：医疗救助支付", -t.aid_fen),
        Part("基金", "基本医疗保险", t.basic_fen),
        Part("基金", "大病保险", t.serious_fen),
        Part("基金", "医疗救助", t.aid_fen),
    )


def _eligible(claim: Claim, t: Trace) -> Step:
    lines = [f"总费用 {yuan(claim.total_fen)} 元。"]
    if claim.excluded_fen:
        lines.append(f"目录外（丙类、超限价）{yuan(claim.excluded_fen)} 元，任何基金都不支付。")
    if claim.copay_first_fen:
        lines.append(f"乙类项目先行自付 {yuan(claim.copay_first_fen)} 元，由个人先付。")
    lines.append(f"纳入报销的费用 {yuan(t.eligible_fen)} 元。")
    return Step("1", "纳入报销的费用", tuple(lines), (), t.eligible_fen)


def _deductible(claim: Claim, t: Trace, chosen: Set) -> Step:
    if claim.kind == "outpatient":
        key = f"outpatient_deductible.{claim.insurance}"
        text = f"门诊每次起付标准 {yuan(t.due_fen)} 元，本次起付 {yuan(t.deductible_fen)} 元。"
        return Step("2.1", "起付线", (text,), (key,), t.deductible_fen)
    level, lines, keys = claim.level, [], []
    lowered = LEVELS[deductible_level(chosen.numbers, 0, LEVELS.index(level), int(claim.is_tcm))]
    lines.append(f"{WORDS[level]}机构住院起付标准 {yuan(t.own_level_fen)} 元。")
    keys.append(f"deductible.{claim.insurance}.{level}")
    if lowered != level:
        lines.append(f"中医机构降一级，按{WORDS[lowered]} {yuan(t.nominal_fen)} 元。")
        keys += [f"deductible.{claim.insurance}.{lowered}", "tcm_deductible_level_down"]
    if claim.contracted and claim.referral in ("up", "exempt"):
        share = percent(int(chosen.raw["contract_deductible_bp"]))
        lines.append(f"经签约家庭医生转诊，按 {share} 计，为 {yuan(t.final_fen)} 元。")
        keys.append("contract_deductible_bp")
    if claim.referral == "down":
        lines.append("下转住院不再收取起付线。")
    elif t.chain_fen:
        lines.append(
            f"同一转诊链此前最高起付标准 {yuan(t.chain_fen)} 元，连续计算，本次只补差额 {yuan(t.due_fen)} 元。"
            if t.due_fen
            else f"同一转诊链此前最高起付标准 {yuan(t.chain_fen)} 元，不低于本次，不再收取。"
        )
    if t.deductible_fen < t.due_fen:
        lines.append(f"纳入报销的费用不足起付线，只计 {yuan(t.deductible_fen)} 元。")
    lines.append(f"本次起付 {yuan(t.deductible_fen)} 元。")
    return Step("2.1", "起付线", tuple(lines), tuple(keys), t.deductible_fen)


def _ratio(claim: Claim, t: Trace) -> Step:
    lines = [f"{WORDS[claim.insurance]}{WORDS[claim.level]}{WORDS[claim.kind]}支付比例 {percent(t.base_bp)}。"]
    keys = [f"ratio.{claim.insurance}.{claim.kind}.{claim.level}"]
    if claim.contracted and claim.referral != "none":
        lines.append(f"签约转诊加 {percent(t.contract_bonus_bp)}。")
        keys.append("contract_ratio_bonus_bp")
    if claim.is_tcm:
        lines.append(f"中医机构加 {percent(t.tcm_bonus_bp)}。")
        keys.append("tcm_ratio_bonus_bp")
    if not claim.in_county and claim.referral == "none":
        lines.append(f"未经转诊到县域外就诊减 {percent(t.penalty_bp)}。")
        keys.append("unreferred_penalty_bp")
    if t.ratio_bp < t.unclipped_bp:
        lines.append(f"合计 {percent(t.unclipped_bp)}，不超过最高比例 {percent(t.ratio_bp)}。")
        keys.append("ratio_max_bp")
    elif t.ratio_bp > t.unclipped_bp:
        lines.append("合计低于零，按 0% 计。")
    lines.append(f"本次支付比例 {percent(t.ratio_bp)}。")
    return Step("2.2", "支付比例", tuple(lines), tuple(keys), None, percent(t.ratio_bp))


def _basic(claim: Claim, t: Trace) -> Step:
    base = t.eligible_fen - t.deductible_fen
    lines = [
        f"（{yuan(t.eligible_fen)} − {yuan(t.deductible_fen)}）× {percent(t.ratio_bp)} = {yuan(t.share_fen)} 元"
        f"（{yuan(base)} 元的 {percent(t.ratio_bp)}，四舍五入到分）。",
        f"本年度{WORDS[claim.kind]}累计 {yuan(t.share_sum_fen)} 元（本次前 {yuan(t.share_before_fen)} 元），"
        f"封顶线 {yuan(t.cap_fen)} 元。",
    ]
    if t.basic_fen < t.share_fen:
        lines.append(f"超过封顶线的 {yuan(t.share_fen - t.basic_fen)} 元不由基本医保支付。")
    lines.append(f"基本医疗保险支付 {yuan(t.basic_fen)} 元。")
    return Step("2.3", "基本医疗保险", tuple(lines), (f"annual_cap.{claim.insurance}.{claim.kind}",), t.basic_fen)


def _serious(claim: Claim, t: Trace, chosen: Set) -> Step:
    if claim.kind == "outpatient":
        return Step("2.4", "大病保险", ("门诊费用不计入大病保险。",), (), t.serious_fen)
    lines = [
        f"本次个人负担的合规费用 {yuan(t.burden_fen)} 元，本年度累计 {yuan(t.burden_sum_fen)} 元"
        f"（本次前 {yuan(t.burden_before_fen)} 元）。"
    ]
    keys, place = ["serious_tiers"], AID_CLASSES.index(claim.aid_class)
    if place:
        keys.append("aid_threshold_bp")
        lines.append(f"{WORDS[claim.aid_class]}各档界限按 {percent(int(chosen.raw['aid_threshold_bp']))} 计。")
    lines += _tiers(chosen.numbers, place, t)
    lines.append(
        f"按累计应付 {yuan(t.tiers_sum_fen)} 元，减去按本次前累计计算的 {yuan(t.tiers_before_fen)} 元，"
        f"大病保险支付 {yuan(t.serious_fen)} 元。"
    )
    return Step("2.4", "大病保险", tuple(lines), tuple(keys), t.serious_fen)


def _tiers(p: tuple[int, ...], place: int, t: Trace) -> list[str]:
    """A line for each tier that the year's burden reaches, by the rule's own functions."""
    lines = []
    for tier in range(p[TIER_COUNT]):
        lower, upper, bp = p[TIERS + 3 * tier : TIERS + 3 * tier + 3]
        low, high = tier_bound(p, 0, lower, place), tier_bound(p, 0, upper, place)
        ceiling = "以上" if high == NO_END else f"至 {yuan(high)} 元"
        now = tier_part(p, 0, tier, place, t.burden_sum_fen)
        if now >= 0:
            lines.append(f"{yuan(low)} 元{ceiling}：{percent(bp)}，累计 {yuan(now)} 元。")
        elif not lines:
            lines.append(f"累计未超过起付标准 {yuan(low)} 元。")
            break
    return lines


def _aid(claim: Claim, t: Trace) -> Step:
    if claim.aid_class == "none":
        return Step("2.5", "医疗救助", ("不属于医疗救助对象。",), (), t.aid_fen)
    if claim.kind == "outpatient":
        return Step("2.5", "医疗救助", ("门诊费用不计入医疗救助。",), (), t.aid_fen)
    lines = (
        f"基本医保、大病保险之后剩余 {yuan(t.rest_fen)} 元，本年度累计 {yuan(t.rest_sum_fen)} 元"
        f"（本次前 {yuan(t.rest_before_fen)} 元）。",
        f"{WORDS[claim.aid_class]}救助比例 {percent(t.aid_bp)}，年度限额 {yuan(t.aid_cap_fen)} 元。",
        f"按累计应助 {yuan(t.aid_sum_fen)} 元，减去按本次前累计计算的 {yuan(t.aid_before_fen)} 元，"
        f"医疗救助支付 {yuan(t.aid_fen)} 元。",
    )
    return Step("2.5", "医疗救助", lines, (f"aid_bp.{claim.aid_class}", "aid_cap"), t.aid_fen)


def _pays(settled: Settled) -> Step:
    t = settled.trace
    own = [f"{part.title} {yuan(part.fen)} 元" for part in parts(settled) if part.payer == "个人" and part.fen]
    text = (
        f"{yuan(settled.claim.total_fen)} − {yuan(t.basic_fen)} − {yuan(t.serious_fen)} − {yuan(t.aid_fen)}"
        f" = {yuan(t.person_pays_fen)} 元。"
    )
    lines = (text, f"其中：{'；'.join(own)}。") if own else (text,)
    return Step("2.6", "个人支付", lines, (), t.person_pays_fen)


def heading(settled: Settled) -> str:
    """The claim in one line."""
    claim = settled.claim
    dates = f"{claim.start_date} 至 {claim.end_date}" if claim.kind == "inpatient" else f"{claim.end_date}"
    chain = "" if claim.episode_id is None else f"，转诊链 {claim.episode_id}"
    tcm = "，中医机构" if claim.is_tcm else ""
    return (
        f"{LABELS['claim_id']} {claim.claim_id}：{WORDS[claim.insurance]}，{WORDS[claim.level]}{tcm}，"
        f"{WORDS[claim.kind]}，{dates}，{LABELS['referral']}：{WORDS[claim.referral]}{chain}。"
    )
