"""Every write of the audit: open what rules find, answer, decide, approve. Effects run with the case locked."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid5

from yigongti.benefit.fund.actions.posting import day, post
from yigongti.benefit.fund.batch.auditing import Found, search
from yigongti.benefit.fund.models.audit import Evidence, Finding
from yigongti.benefit.fund.parameters import audit as audit_parameters
from yigongti.benefit.fund.queries import audit as queries
from yigongti.benefit.fund.queries import entries
from yigongti.benefit.fund.rules.audit import BY_CODE
from yigongti.kernel import calendar, money
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.access.models import Unit
from yigongti.kernel.case.facade import Act, Refused, open_case
from yigongti.policy import facade as policy

_SPACE = UUID("6b1f0a52-1c0e-4f0e-9d55-7f5a5c1d0026")
"""Evidence → client id: the same evidence can't be a second case, whoever runs the rules and whenever."""


def find(acting: Acting) -> int:
    """Run every rule over the standing claims of the window and open what is new; returns how many were opened.

    A rule opens at most fund.audit.most a run, the largest amounts first; the rest comes with the next run. What concerns an
    institution outside every consortium is left to the insurance bureau.
    """
    acting.demand("fund.audit_run")
    today = calendar.today()
    place = acting.place
    since = today - timedelta(days=audit_parameters.window_days(place, today))
    found = search(queries.standing(since), audit_parameters.thresholds(place, today))
    old = queries.known((one.rule, one.key) for one in found)
    units = queries.institutions(one.institution_id for one in found)
    most, opened = audit_parameters.most(place, today), Counter[str]()
    kept = policy.keep(place=place, on=today) if found else ""
    for one in found:
        unit = units[one.institution_id]
        if (one.rule, one.key) in old or unit.consortium_id is None or opened[one.rule] >= most:
            continue
        _open(acting, one, unit, kept)
        opened[one.rule] += 1
    return opened.total()


def _open(acting: Acting, one: Found, unit: Unit, kept: str) -> None:
    rule, claims = BY_CODE[one.rule], queries.claims(one.claims)
    assert unit.consortium_id is not None
    case = open_case(
        acting=acting, flow="fund_finding", subject_id=None, from_unit=unit.consortium_id, to_unit=unit.pk,
        hq_unit=unit.consortium_id, title=queries.title(rule, unit.name, one.period, claims), values={},
        client_id=uuid5(_SPACE, f"{one.rule}:{one.key}"),
    )  # fmt: skip
    if Finding.objects.filter(pk=case.pk).exists():
        return
    Finding.objects.create(
        case=case, rule=one.rule, evidence_key=one.key, institution_id=unit.pk, consortium_id=unit.consortium_id,
        period=one.period, measure=one.measure, against=one.against, amount_fen=one.amount_fen, parameter_set=kept,
        found_at=case.opened_at,
    )  # fmt: skip
    basic = queries.paid(one.claims)
    Evidence.objects.bulk_create(Evidence.of(case.pk, claim, basic.get(claim.pk, 0)) for claim in claims)


def _row(act: Act) -> Finding:
    found: Finding = Finding.objects.select_for_update().get(pk=act.case.pk)
    return found


def on_reply(act: Act) -> None:
    """The institution's head answers."""
    row = _row(act)
    row.reply, row.replied_by_id, row.replied_at = act.values["text"], act.acting.seat_id, act.at
    row.save(force_update=True)
    act.reason = "admitted" if act.values["admits"] == "yes" else "denied"


def _decide(act: Act, verdict: str, recover_fen: int) -> None:
    """Raises Refused where the decider sits at the institution that is asked."""
    if act.acting.unit_id == act.case.to_unit_id:
        raise Refused("不能核定本机构的疑点", remedy="由医共体基金自查组核定")
    row = _row(act)
    row.verdict, row.verdict_text, row.recover_fen = verdict, act.values["text"], recover_fen
    row.decided_by_id, row.decided_account, row.decided_at = act.acting.seat_id, act.acting.account_id, act.at
    row.save(force_update=True)
    act.reason = verdict


def on_uphold(act: Act) -> None:
    """Founded, money comes back: never more than the fund paid for the evidence. Raises Refused."""
    recover, paid = act.values["recover"], queries.evidence_sum(act.case.pk)
    if recover > paid:
        raise Refused(f"追回金额 {money.yuan(recover)} 元超过涉及清单的统筹支付 {money.yuan(paid)} 元", field="recover",
                      remedy="改为不超过统筹支付的金额；没有可追回的金额时用“成立，不追回”")  # fmt: skip
    _decide(act, Finding.Verdict.UPHELD, recover)


def on_warn(act: Act) -> None:
    """Founded, nothing to recover."""
    _decide(act, Finding.Verdict.UPHELD, 0)


def on_overturn(act: Act) -> None:
    """Not founded."""
    _decide(act, Finding.Verdict.OVERTURNED, 0)


def on_return(act: Act) -> None:
    """The second person wants it decided anew."""
    row = _row(act)
    row.verdict, row.verdict_text, row.recover_fen = "", "", 0
    row.decided_by_id = row.decided_account = row.decided_at = None
    row.save(force_update=True)


def on_approve(act: Act) -> None:
    """The second person approves: what is recovered enters the books. Raises Refused for whoever decided, in whatever seat."""
    row = _row(act)
    if act.acting.account_id == row.decided_account or act.acting.seat_id == row.decided_by_id:
        raise Refused("核定人不能批准自己核定的追回", remedy="须由另一人批准")
    row.approved_by_id, row.approved_account, row.approved_at = act.acting.seat_id, act.acting.account_id, act.at
    (row.voucher,) = post(act, entries.recovery(row.institution_id, row.recover_fen, act.case.number, day(act)))
    row.save(force_update=True)
