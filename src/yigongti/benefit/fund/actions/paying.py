"""Payment lists: capitation of contracted residents, benefit sharing of referrals, units of service. Two persons, then posted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from yigongti.benefit.fund.actions.posting import day, post
from yigongti.benefit.fund.actions.shared import account, another, in_words, is_real, lock, meant, opened
from yigongti.benefit.fund.models import PayLine, PayList
from yigongti.benefit.fund.parameters import pool as pool_parameters
from yigongti.benefit.fund.queries import entries, sharing
from yigongti.benefit.fund.queries import pool as queries
from yigongti.benefit.fund.rules import pool as rules
from yigongti.kernel import money
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Act, Case, Refused
from yigongti.kernel.text import cell
from yigongti.policy import facade as policy

PACKAGES = {"basic": "基本包", "chronic": "慢病包"}


def prepare(*, acting: Acting, values: dict[str, Any], client_id: UUID) -> Case:
    """Open a list from the values of ``forms.PAYLIST``. Raises Denied without ``fund.office``, Refused."""
    acting.demand("fund.office")
    unit = meant(values)
    title = f"{unit.name} {dict(PayList.Kind.choices)[values['kind']]} {values['period']}"
    return opened(acting=acting, flow="fund_paylist", unit=unit, title=title, values=values, client_id=client_id)


def on_prepare(act: Act) -> None:
    """Compute the lines and keep them. Raises Refused for a list without lines or with institutions of others."""
    unit_id, kind, year = act.case.from_unit_id, act.values["kind"], act.values["year"]
    place = act.acting.place
    lock(unit_id, year)
    with in_words():
        real = is_real(place)
        if real:
            _settled(kind, place, year)
        pool = rules.read(pool_parameters.resolve(place, year))
        lines = _lines(act, kind, pool, pool_parameters.prices(place, year))
    if not lines:
        raise Refused("没有需要支付的项目", field="kind", remedy="请核对期间和数量；已在其他清单上的转诊不再计入")
    names = {one.id for one in queries.members(unit_id)}
    if any(line.payee_id not in names or (line.payer_id or line.payee_id) not in names for line in lines):
        raise Refused("清单上有不属于该医共体的机构", field="consortium", remedy="请改选机构或医共体")
    row = PayList(
        case=act.case, consortium_id=unit_id, year=year, kind=kind, period=cell(act.values["period"]),
        note=cell(act.values.get("note") or ""), total_fen=sum(line.amount_fen for line in lines),
        parameter_set=policy.keep(place=place, on=pool_parameters.first_day(year)), prepared_by_id=act.acting.seat_id,
        prepared_account=account(act.acting),
    )  # fmt: skip
    other = queries.listed_twice(row, {line.payee_id for line in lines})
    if other is not None:
        raise Refused(f"{row.get_kind_display()} {row.period}已有清单 {other.case.number}，付给同一机构", field="period",
                      remedy="请核对期间；确要重编的，先撤回或不通过原清单")  # fmt: skip
    row.save(force_insert=True)
    for number, line in enumerate(lines, start=1):
        line.paylist, line.number = row, number
    PayLine.objects.bulk_create(lines)


def _settled(kind: str, place: str, year: int) -> None:
    """Raises AssumedRefused where the rate of a real county's list is merely assumed."""
    keys = {"capitation": "fund.pool.capitation", "referral": "fund.pool.referral_share"}
    policy.value(keys.get(kind, "fund.pool.unit_prices"), place=place, on=pool_parameters.first_day(year), real=True)


def _lines(act: Act, kind: str, pool: rules.PoolParameters, prices: dict[str, int]) -> list[PayLine]:
    if kind == "capitation":
        return [
            PayLine(
                payee_id=int(row["institution"]), units=row["persons"], unit_fen=pool.need("capitation_fen")[row["package"]],
                amount_fen=rules.capitation(row["package"], row["persons"], pool),
                basis=f"{PACKAGES[row['package']]} {row['persons']} 人年",
            )
            for row in act.values["contracted"]
        ]  # fmt: skip
    if kind == "referral":
        return _shared(act, pool)
    return [
        PayLine(
            payee_id=int(row["institution"]), units=row["count"], unit_fen=prices[kind], basis=cell(row["basis"]),
            amount_fen=row["count"] * prices[kind],
        )
        for row in act.values["units"]
    ]  # fmt: skip


def _shared(act: Act, pool: rules.PoolParameters) -> list[PayLine]:
    """What the treating institution gives to the other of each closed referral of the year that stands on no list yet."""
    lines = []
    for one in sharing.referrals(act.case.from_unit_id, act.values["year"]):
        share = rules.referral_share(
            direction=one.direction, sender=one.sender, receiver=one.receiver, income=one.income_fen, pool=pool
        )
        if share.amount:
            lines.append(PayLine(
                payer_id=share.payer, payee_id=share.payee, units=1, unit_fen=one.income_fen, amount_fen=share.amount,
                basis=f"{one.number} {'上转' if one.direction == 'up' else '下转'}，基金收入 {money.yuan(one.income_fen)} 元",
                referral=one.case_id,
            ))  # fmt: skip
    return lines


def on_approve(act: Act) -> None:
    """The second person approves: posted. Raises Refused for whoever prepared it."""
    row = PayList.objects.select_related("consortium").get(pk=act.case.pk)
    another(act, row.prepared_account, who="编制")
    PayList.objects.filter(pk=row.pk).update(
        approved_by_id=act.acting.seat_id, approved_account=account(act.acting), approved_at=act.at
    )
    post(act, entries.paylist(row, queries.lines_of(row.pk), day(act)))
