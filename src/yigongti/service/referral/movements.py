"""Patients between levels: one row each time somebody is sent up, sent out or sent back (function 29: 资源与流向)."""

from __future__ import annotations

from yigongti.kernel.facts.facade import Column, Fact
from yigongti.kernel.indicator.facade import Indicator
from yigongti.registry.facade import level_sql

_FROM = level_sql("fi.kind", "f.place")
_TO = level_sql("ti.kind", "t.place")
_JOINS = """
  join access_unit f on f.id = c.from_unit_id left join registry_institution fi on fi.unit_id = f.id
  join access_unit t on t.id = c.to_unit_id left join registry_institution ti on ti.unit_id = t.id"""

MOVEMENTS = Fact(
    name="movements",
    title="患者流动",
    row="一次上转或下转",
    opens="/case/{row_id}/",
    columns=(
        Column("row_id", "id", "事项"),
        Column("from_unit", "id", "离开的机构"),
        Column("to_unit", "id", "去往的机构"),
        Column("consortium", "id", "医共体"),
        Column("way", "text", "up 上转、down 下转"),
        Column("from_level", "text", "离开的层级"),
        Column("to_level", "text", "去往的层级"),
        Column("path", "text", "离开层级-去往层级"),
        Column("at", "moment", "发出时间"),
    ),
    sql=f"""
select m.id, m.f, m.t, m.hq, m.way, m.fl, m.tl, m.fl || '-' || m.tl, m.at from (
select c.id, c.from_unit_id as f, c.to_unit_id as t, c.hq_unit_id as hq, 'up' as way, {_FROM} as fl, {_TO} as tl, r.sent_at as at
  from referral_referral r join case_case c on c.id = r.case_id {_JOINS} where r.direction = 'up' and r.sent_at is not null
union all
select c.id, c.to_unit_id, c.from_unit_id, c.hq_unit_id, 'down', {_TO}, {_FROM}, r.returned_at
  from referral_referral r join case_case c on c.id = r.case_id {_JOINS} where r.direction = 'up' and r.returned_at is not null
union all
select c.id, c.from_unit_id, c.to_unit_id, c.hq_unit_id, 'down', {_FROM}, {_TO}, r.sent_at
  from referral_referral r join case_case c on c.id = r.case_id {_JOINS} where r.direction = 'down' and r.sent_at is not null) m
 order by m.at""",
)

LEVEL_WORDS = {"village": "村级", "township": "乡镇级", "county": "县级", "city": "市级", "outside": "区域外"}
_PATHS = {f"{a}-{b}": f"{x} → {y}" for a, x in LEVEL_WORDS.items() for b, y in LEVEL_WORDS.items()}

FLOWS = Indicator(
    code="patient-flows", title="患者流动", fact="movements", kind="breakdown", month="at", unit="人次",
    clause="湘卫发〔2024〕4号 三(二)4：双向转诊；国卫办规划函〔2025〕63号 功能29", numerator=lambda t: t.way != "",
    numerator_text="期内发出的上转和下转，各计一次", by="path", by_title="流向", by_words=_PATHS,
    note="只含经平台转诊的；自行到区域外就医的需要医保数据，不估计。",
)  # fmt: skip

FACTS = (MOVEMENTS,)
INDICATORS = (FLOWS,)
