"""Centres of every kind for a plan, with a first catalogue and hours. Pure, but for `lead_fits`, which reads one row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from typing import Any

from yigongti.policy import facade as policy
from yigongti.policy.facade import CentreKind
from yigongti.registry.rows import CentreRow, HoursRow, ServiceRow
from yigongti.registry.sample.plan import Consortium, Plan

WEEK = tuple(
    HoursRow(day, *span) for day in range(5) for span in ((time(8), time(12)), (time(14), time(17, 30)))
)  # fmt: skip
DAYS = tuple(HoursRow(day, time(8), time(18)) for day in range(7))
CATALOGUE: dict[str, tuple[ServiceRow, ...]] = {
    "imaging": (ServiceRow("dr", "数字化摄影诊断", "例", 30), ServiceRow("ct", "CT 诊断", "例", 60)),
    "laboratory": (ServiceRow("routine", "血尿常规", "份", 60), ServiceRow("chemistry", "生化检验", "份", 240)),
    "ecg": (ServiceRow("ecg", "常规心电图诊断", "例", 15), ServiceRow("holter", "动态心电图诊断", "例", 1440)),
    "pathology": (ServiceRow("biopsy", "常规组织病理诊断", "例", 4320),),
    "sterile_supply": (ServiceRow("pack", "器械包清洗灭菌", "包", 1440),),
    "consultation": (ServiceRow("consult", "远程会诊", "例", 1440),),
    "telemedicine": (ServiceRow("consult", "远程会诊", "例", 1440),),
}
"""A first catalogue by the centre's code; turnarounds are assumed and each centre's own to change."""
PROMISES = {
    "hq": "对成员单位的事项当日受理", "resource": "结果按目录时限发出，危急值立即电话通知", "clinical": "接受成员单位转诊、会诊和培训",
    "emergency": "全天接诊急危重症，绿色通道优先", "desk": "一站式受理上转和下转，专人协调",
}  # fmt: skip


def centres(plan: Plan) -> list[CentreRow]:
    """Every centre of the plan, at each of its hosts."""
    return [row for kind, centre in plan.blueprint.centres() for row in _rows(plan, kind, centre)]


def _rows(plan: Plan, kind: str, centre: CentreKind) -> Iterator[CentreRow]:
    host = centre.host or ("hq" if kind == "hq" else "lead")
    tight = [one for one in plan.consortia if _has(plan, one, kind, centre)]
    if host == "hq":
        yield from (_row(plan, kind, centre, one.name, "") for one in tight)
    elif host == "lead":
        yield from (_row(plan, kind, centre, one.name, one.lead) for one in tight)
    elif host == "county":
        first = {one.county.code: one for one in reversed(tight)}
        yield from (_row(plan, kind, centre, one.name, one.lead) for _, one in sorted(first.items()))
    elif host == "city":
        yield _row(plan, kind, centre, "", centre.site)
    else:
        for row in plan.kind("township_centre", "community_centre"):
            yield _row(plan, kind, centre, row.consortium, row.code)


def _has(plan: Plan, one: Consortium, kind: str, centre: CentreKind) -> bool:
    """Whether a consortium has the centre: those of headquarters only where domains are unified, desks everywhere."""
    if centre.of:
        return one.alliance == centre.of
    return kind == "desk" or plan.blueprint.alliance(one.alliance).kind == "county"


def _row(plan: Plan, kind: str, centre: CentreKind, alliance: str, host: str) -> CentreRow:
    open_24h = centre.open_24h or kind == "emergency"
    return CentreRow(
        code=centre.code, kind=kind, title=centre.title, alliance=alliance, host=host, promise=PROMISES.get(kind, ""),
        phone="0000-1200120" if open_24h else "0000-8000800", opens_24h=open_24h,
        clause=f"{plan.blueprint.source} {centre.clause}", services=CATALOGUE.get(centre.code, ()),
        hours=() if open_24h else WEEK if kind == "hq" else DAYS,
    )  # fmt: skip


KINDS = {"county_general": "general", "county_tcm": "tcm", "city_hospital": "city"}
"""Kinds of institutions as the blueprints' rule for leads calls them."""


def lead_fits(institution: Any, blueprint_code: str) -> bool:
    """Whether a lead hospital (a row or a record) satisfies the blueprint's rule: level, kind, ownership."""
    rule = policy.blueprint(blueprint_code).lead
    kind = KINDS.get(institution.kind, institution.kind)
    return rule.admits(kind=kind, level=institution.level, ownership=institution.ownership)
