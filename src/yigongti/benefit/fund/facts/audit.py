"""Findings of the audit as facts, and their figures (I7): how many by rule, how many hold, how many are overturned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yigongti.benefit.fund.rules.audit import RULES
from yigongti.kernel.facts.facade import Column, Fact
from yigongti.kernel.indicator.facade import Indicator

CLAUSE = "湘卫发〔2024〕4号 三(二)7：严防过度医疗或医疗服务缩水"

FINDINGS = Fact(
    name="fund_findings",
    title="基金自查疑点",
    row="一件疑点",
    opens="/case/{row_id}/",
    columns=(
        Column("row_id", "id", "事项"),
        Column("rule", "text", "规则"),
        Column("to_unit", "id", "机构"),
        Column("consortium", "id", "医共体"),
        Column("amount_fen", "fen", "涉及统筹支付", "分"),
        Column("verdict", "text", "upheld 成立、overturned 不成立、空为未核定"),
        Column("recovered_fen", "fen", "已批准追回", "分"),
        Column("found_at", "moment", "发现"),
        Column("decided_at", "moment", "核定"),
        Column("closed_at", "moment", "结案"),
        Column("late", "flag", "有一步超过时限"),
    ),
    sql="""
select f.case_id, f.rule, f.institution_id, f.consortium_id, f.amount_fen, f.verdict,
       case when f.approved_at is null then 0 else f.recover_fen end, f.found_at, f.decided_at, c.closed_at,
       exists (select 1 from case_entry e where e.case_id = c.id and e.late)
  from fund_finding f join case_case c on c.id = f.case_id order by f.case_id""",
)
FACTS = (FINDINGS,)


def _share(code: str, title: str, verdict: str, rule: str = "") -> Indicator:
    def decided(t: Any) -> Any:
        return (t.verdict != "") & (t.rule == rule) if rule else t.verdict != ""

    def those(t: Any) -> Any:
        return decided(t) & (t.verdict == verdict)

    numerator: Callable[[Any], Any] = those
    words = "成立" if verdict == "upheld" else "不成立"
    return Indicator(
        code=code, title=title, fact="fund_findings", kind="ratio", month="found_at", clause=CLAUSE, numerator=numerator,
        numerator_text=f"其中核定为{words}的", denominator=decided, denominator_text="期内发现并已核定的疑点", unit="件",
        better="down" if verdict == "overturned" else "",
        note="不成立率高说明规则过严，应修订参数" if verdict == "overturned" else "",
    )  # fmt: skip


INDICATORS = (
    Indicator(
        code="audit-findings", title="基金自查疑点", fact="fund_findings", kind="breakdown", month="found_at", clause=CLAUSE,
        numerator=lambda t: t.rule != "", numerator_text="期内发现的疑点", unit="件", by="rule", by_title="规则",
        by_words={rule.code: rule.title for rule in RULES},
    ),
    Indicator(
        code="audit-recovered", title="基金自查追回", fact="fund_findings", kind="sum", month="found_at", clause=CLAUSE,
        numerator=lambda t: t.recovered_fen > 0, numerator_text="期内发现并已批准追回的金额", unit="分", measure="recovered_fen",
    ),
    _share("audit-upheld", "自查疑点成立率", "upheld"),
    _share("audit-overturned", "自查疑点不成立率", "overturned"),
    *(_share(f"audit-upheld-{rule.code.replace('_', '-')}", f"成立率：{rule.title}", "upheld", rule.code) for rule in RULES),
    *(
        _share(f"audit-overturned-{rule.code.replace('_', '-')}", f"不成立率：{rule.title}", "overturned", rule.code)
        for rule in RULES
    ),
)  # fmt: skip
