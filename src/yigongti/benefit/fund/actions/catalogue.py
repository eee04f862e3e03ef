"""Every write of a catalogue: train it from standing claims, publish it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max

from yigongti.benefit.fund.actions.procedures import ensure
from yigongti.benefit.fund.actions.rows import place_of
from yigongti.benefit.fund.models import Catalogue, CatalogueGroup, Coefficient
from yigongti.benefit.fund.queries import catalogue as queries
from yigongti.benefit.fund.queries import procedures
from yigongti.benefit.fund.rules import dip
from yigongti.benefit.fund.rules.catalogue import CatalogueFault
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Act, Case, Refused, open_case
from yigongti.policy import facade as policy

_LOCK = 7480
"""Seed of the advisory lock that makes catalogues of one consortium and year follow one another."""


def train(*, acting: Acting, values: dict[str, Any], client_id: UUID) -> Case:
    """Open the case of a new catalogue from the typed values of ``forms.catalogue.TRAIN``.

    Raises Denied without the right ``fund.office`` at the consortium, Refused where there is nothing to train on.
    """
    unit = queries.consortium(int(values["consortium"]))
    if unit is None:
        raise Refused("没有这个医共体，或不在您的管辖范围内", field="consortium", remedy="请选择列出的医共体")
    return open_case(
        acting=acting, flow="fund_catalogue", subject_id=None, from_unit=unit.pk, to_unit=unit.pk, hq_unit=unit.pk,
        title=f"{unit.name} {values['year']} 年病种目录", values=values, client_id=client_id,
    )  # fmt: skip


def on_train(act: Act) -> None:
    """Train and write the next version of the consortium and year. Raises Refused."""
    assert act.acting.account_id is not None
    unit, year = act.case.from_unit_id, act.values["year"]
    lines = act.values.get("coefficients") or ()
    institutions = [int(line["institution"]) for line in lines]
    members = queries.members(unit)
    if len(set(institutions)) != len(institutions) or not set(institutions) <= members.keys():
        raise Refused(
            "机构系数中有重复的机构，或不是本医共体的成员", field="coefficients", remedy="每个成员机构最多一行"
        )
    place = place_of(act.acting, unit)
    try:
        raw = queries.parameters(place, date(year, 1, 1))
        same = queries.same_pay(place, date(year, 1, 1))
        table = ensure(act.acting, unit)
        trained = queries.trained(unit, year, dip.read(raw), procedures.of(table))
    except CatalogueFault as fault:
        raise Refused(str(fault)) from fault
    except policy.PolicyGap as gap:
        raise Refused(str(gap), field="year", remedy="请改选年度，或由政策管理员补上该年度的参数") from gap
    if not trained.groups:
        years = len(raw["year_weights"])
        raise Refused(f"{year - years}—{year - 1} 年没有本医共体已结算的住院清单，无法形成目录", field="year",
                      remedy="请先导入往年的结算清单，或改选年度")  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"{unit}:{year}", _LOCK])
    last = Catalogue.objects.filter(consortium_id=unit, year=year).aggregate(last=Max("number"))["last"] or 0
    Catalogue.objects.create(
        case=act.case, consortium_id=unit, year=year, number=last + 1, parameters=raw, place=place,
        procedures=table,
        sources=[[one.name, one.weight, one.cases, str(one.total_fen)] for one in trained.sources],
        mean_all_fen=trained.mean_all_fen, digest=trained.digest, basis=act.values.get("basis") or "",
        written_by_id=act.acting.seat_id, written_account=act.acting.account_id,
    )  # fmt: skip
    CatalogueGroup.objects.bulk_create(
        [
            CatalogueGroup(
                catalogue_id=act.case.pk, name=one.name, kind_of_group=one.kind_of_group, cases=one.cases,
                weighted_fen=one.weighted_fen, weighted_cases=one.weighted_cases, mean_fen=one.mean_fen,
                points_milli=one.points_milli, same_pay=dip.is_same_pay(one.name, same),
            )
            for _, one in sorted(trained.groups.items())
        ],
        batch_size=2_000,
    )  # fmt: skip
    Coefficient.objects.bulk_create(
        Coefficient(
            catalogue_id=act.case.pk, institution_id=int(line["institution"]), coefficient_bp=int(line["percent"] * 100)
        )
        for line in lines
    )


def on_publish(act: Act) -> None:
    """The second person agrees: two names, and from here on it holds. Raises Refused for the writer."""
    row = Catalogue.objects.get(pk=act.case.pk)
    if act.acting.account_id is None or row.written_account == act.acting.account_id:
        raise Refused("目录是您形成的，须由另一人发布", remedy="请医保管理中心负责人用本人账号办理", clause="两人复核")
    if queries.loaded(row).digest != row.digest:
        raise Refused("目录内容与形成时的校验码不符，不能发布", remedy="请另形成一版，并报告系统管理员")
    Catalogue.objects.filter(pk=row.pk, published_at=None).update(
        published_by_id=act.acting.seat_id, published_account=act.acting.account_id, published_at=act.at
    )
