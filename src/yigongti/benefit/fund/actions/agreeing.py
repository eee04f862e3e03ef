"""Negotiation on record: every round kept with its reason, then agreed by one and signed by another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Max

from yigongti.benefit.fund.actions.shared import account, another, bp, meant, opened
from yigongti.benefit.fund.models import Agreement, Offer
from yigongti.benefit.fund.rules.agreeing import TERMS
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Act, Case, Refused
from yigongti.kernel.text import cell


def offer(*, acting: Acting, values: dict[str, Any], client_id: UUID) -> Case:
    """Open a negotiation with the bureau's first offer. Raises Denied without ``fund.bureau``, Refused."""
    acting.demand("fund.bureau")
    unit = meant(values)
    return opened(
        acting=acting, flow="fund_agreement", unit=unit, title=f"{unit.name} {values['year']} 年总额协商", values=values,
        client_id=client_id, from_unit=acting.unit_id,
    )  # fmt: skip


def on_offer(act: Act) -> None:
    """The agreement's row and its first round. Raises Refused while another negotiation of the year is open."""
    year = act.values["year"]
    others = Agreement.objects.filter(consortium_id=act.case.to_unit_id, year=year, case__closed_at=None)
    if others.exists():
        raise Refused(f"{year} 年的协商正在进行", field="year", remedy="请在原协商中继续，或先终止它")
    row = Agreement.objects.create(case=act.case, consortium_id=act.case.to_unit_id, year=year)
    _round(act, row.pk, Offer.Side.BUREAU)


def on_counter(act: Act) -> None:
    """The other side's terms, as a further round."""
    bureau = act.transition is not None and act.transition.code == "offer"
    _round(act, act.case.pk, Offer.Side.BUREAU if bureau else Offer.Side.CONSORTIUM)


def on_accept(act: Act) -> None:
    """One side agrees with the other's last offer: these are the terms to be signed."""
    last = Offer.objects.filter(agreement_id=act.case.pk).order_by("-number").first()
    assert last is not None
    Agreement.objects.filter(pk=act.case.pk).update(terms=last.terms, accepted_account=account(act.acting))


def on_sign(act: Act) -> None:
    """A second person of the consortium signs. Raises Refused for whoever accepted or offered."""
    row = Agreement.objects.get(pk=act.case.pk)
    assert row.accepted_account is not None
    another(act, row.accepted_account, who="同意")
    if Offer.objects.filter(agreement_id=row.pk, account=account(act.acting)).exists():
        raise Refused("方案是您提出过的，须由另一人签署", remedy="请负责人用本人账号办理")
    Agreement.objects.filter(pk=row.pk).update(
        signed_by_id=act.acting.seat_id, signed_account=account(act.acting), signed_at=act.at
    )


def _round(act: Act, agreement_id: int, side: str) -> None:
    last = Offer.objects.filter(agreement_id=agreement_id).aggregate(last=Max("number"))["last"] or 0
    Offer.objects.create(
        agreement_id=agreement_id, number=last + 1, side=side, terms=terms_of(act.values), at=act.at,
        reason=cell(act.values["reason"]), seat_id=act.acting.seat_id, account=account(act.acting),
    )  # fmt: skip


def terms_of(values: dict[str, Any]) -> dict[str, Any]:
    """The form's values as terms: fen, bp, yes or no, ISO day."""
    return {term.name: _plain(values[term.name]) for term in TERMS if values.get(term.name) is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return bp(value)
    return value.isoformat() if isinstance(value, date) else value
