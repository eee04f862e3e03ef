"""How findings show; the pages are the kernel's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yigongti.benefit.fund.flow.audit import FINDING
from yigongti.benefit.fund.models.audit import Evidence, Finding
from yigongti.benefit.fund.parameters import audit as parameters
from yigongti.benefit.fund.queries import audit as queries
from yigongti.benefit.fund.rules.audit import BY_CODE, RULES, Rule
from yigongti.kernel import calendar, money, printing
from yigongti.kernel.case.facade import Case, Transition
from yigongti.kernel.desk import Column, Desk, Filter, of
from yigongti.kernel.form import Choice, Env, Known
from yigongti.kernel.panel import Panel

AGE, YEAR = "日龄", 365
"""The unit of an age on a settlement list, and how many of them people call a year."""
SEXES = {"M": "男", "F": "女"}


def amount(rule: Rule, number: int) -> str:
    """What a rule measures, in words: 12 天, 86.50 元, 34.20%."""
    if rule.unit == "fen":
        return f"{money.yuan(number)} 元"
    if rule.unit == "bp":
        return f"{number // 100}.{number % 100:02d}%"
    if rule.unit == AGE:
        return f"{number // YEAR} 岁" if number >= YEAR else f"{number} 天"
    return f"{number} {rule.unit}"


def bounds(row: Finding) -> str:
    """For a diagnosis that sex or age contradicts: whom it belongs to, by the thresholds of the day it was found."""
    if row.rule != "impossible":
        return ""
    on, told, evidence = calendar.local(row.found_at).date(), [], queries.evidence_of(row.pk)
    for first, last, sex, least, most in parameters.thresholds(row.institution.place, on).impossible:
        if any(first <= one.principal_dx.upper().replace(" ", "")[:3] <= last for one in evidence):
            span = first if first == last else f"{first}–{last}"
            age = f"{amount(BY_CODE[row.rule], least)}至 {amount(BY_CODE[row.rule], most)}"
            told.append(f"{span}：{SEXES.get(sex, '男女')}，{age}")
    return "；".join(told)


def measured(row: Finding) -> str:
    """What was measured against what, in one line."""
    rule = BY_CODE[row.rule]
    told = f"{rule.measure} {amount(rule, row.measure)}"
    return f"{told}，{rule.against} {amount(rule, row.against)}" if rule.against else told


def detail(case: Case, row: Finding | None) -> Sequence[tuple[str, str]]:
    """Facts under the state."""
    if row is None:
        return []
    rule = BY_CODE[row.rule]
    period = f"{row.period // 10} 年第 {row.period % 10} 季度" if row.period else ""
    facts = [
        ("规则", rule.title), ("疑问", rule.question), ("机构", row.institution.name), ("期间", period), ("依据", measured(row)),
        ("诊断适用", bounds(row)),
        ("涉及统筹支付", f"{money.yuan(row.amount_fen)} 元" if row.amount_fen else ""), ("机构答复", row.reply),
        ("核定", Finding.Verdict(row.verdict).label if row.verdict else ""), ("核定理由", row.verdict_text),
        ("核定人", row.decided_by.name if row.decided_by else ""),
        ("追回", f"{money.yuan(row.recover_fen)} 元" if row.recover_fen else ""),
        ("批准人", row.approved_by.name if row.approved_by else ""),
        ("入账", f"已记入{row.institution.name}账簿，凭证 PZ-{row.voucher}" if row.voucher else ""), ("参数集", row.parameter_set[:12]),
    ]  # fmt: skip
    return [(label, text) for label, text in facts if text]


def lines(shown: Any) -> Panel | None:
    """Slot ``case.main``: the claims a finding rests on."""
    if shown.case.flow != FINDING.code:
        return None
    rows = [(one, patient(one)) for one in queries.evidence_of(shown.case.pk)]
    return Panel("fund-evidence", "涉及的清单", "fund/_evidence.html", {"rows": rows})


def patient(one: Any) -> str:
    """Sex and age of whom a row of evidence is about, without a name; empty where the list had none."""
    age = amount(BY_CODE["impossible"], one.age_days) if one.age_days is not None else ""
    return " ".join(word for word in (SEXES.get(one.sex, ""), age) if word)


def printout(case: Case) -> printing.Printout:
    """The finding on paper, its claims as a table, with places to sign."""
    row = queries.by_case([case.pk])[case.pk]
    table = printing.Table(
        (printing.Column("清单", 2.6), printing.Column("机构", 2.4), printing.Column("入院/就诊", 2), printing.Column("出院", 2),
         printing.Column("患者", 1.6),
         printing.Column("诊断", 3), printing.Column("总费用（元）", 2, "right"), printing.Column("统筹支付（元）", 2, "right")),
        [_line(one) for one in queries.evidence_of(case.pk)], title="涉及的清单",
    )  # fmt: skip
    blocks = (
        printing.Fields([("状态", FINDING.state(case.state).title), *detail(case, row)], title="疑点"), table,
        printing.Note("疑点由规则提出，不是结论；机构有权答复，核定与批准由两人办理。"),
        printing.Signatures(("机构负责人", "核定人", "批准人")),
    )  # fmt: skip
    return printing.Printout("基金自查疑点", case.number, row.institution.name, blocks)


def _line(one: Evidence) -> tuple[str, ...]:
    return (
        one.number, one.institution.name, str(one.start_date), str(one.end_date), patient(one),
        f"{one.principal_dx} {one.dx_name}".strip(), money.yuan(one.total_fen), money.yuan(one.basic_fen),
    )  # fmt: skip


def known(case: Case, transition: Transition, env: Env) -> Mapping[str, Known]:
    """The recovery begins with what the fund paid for the claims at issue."""
    row = queries.by_case([case.pk]).get(case.pk)
    if transition.code != "uphold" or row is None or not row.amount_fen:
        return {}
    return {"recover": Known(row.amount_fen, "涉及统筹支付")}


DESK = Desk(
    comes="每夜按规则核对近一年的清单，有疑点时自动出现：机构答复，自查组核定，负责人批准追回",
    flow=FINDING, title="基金自查", noun="疑点", rows=queries.by_case, detail=detail, known=known, printout=printout,
    indicators="/figures/",
    columns=(
        Column("rule", "规则", lambda row: BY_CODE[row.more.rule].title if row.more is not None else None),
        Column("where", "机构", lambda row: row.more.institution.name if row.more is not None else None),
        Column("amount", "统筹支付（元）", of("amount_fen"), "yuan"),
        Column("measured", "依据", lambda row: measured(row.more) if row.more is not None else None, wide=True),
        Column("recover", "追回", of("recover_fen"), "yuan", wide=True),
        Column("found", "发现时间", lambda row: row.case.opened_at, "time", sort="opened_at", wide=True),
    ),
    filters=(
        Filter("by", "规则", lambda acting: [Choice(rule.code, rule.title) for rule in RULES],
               lambda rows, code: rows.filter(finding__rule=code)),
    ),
)  # fmt: skip
