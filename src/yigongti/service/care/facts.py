"""Visits as facts: one row a visit with the level at which it took place. Ids and codes only; nobody is named."""

from __future__ import annotations

from yigongti.kernel.access.door import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.facts.facade import Column, Fact, Lines
from yigongti.registry.facade import level_sql
from yigongti.service.care.models import Visit

VISITS = Fact(
    name="visits",
    title="诊疗",
    row="一次诊疗",
    opens="/care/visit/{row_id}",
    lines="visit_lines",
    columns=(
        Column("row_id", "id", "诊疗"),
        Column("subject", "id", "居民（不含身份）"),
        Column("unit", "id", "接诊机构"),
        Column("consortium", "id", "医共体"),
        Column("level", "text", "village 村级、township 乡镇级、county 县级、city 市级、outside 区域外"),
        Column("kind", "text", "outpatient 门诊、inpatient 住院、home 上门"),
        Column("referred", "flag", "由转诊而来"),
        Column("started_at", "moment", "接诊时间"),
    ),
    sql=f"""
select v.id, v.subject_id, v.unit_id, u.consortium_id, {level_sql("i.kind", "u.place")}, v.kind, v.case_id is not null, v.started_at
  from care_visit v join access_unit u on u.id = v.unit_id
  left join registry_institution i on i.unit_id = case when u.kind = 'department' then u.parent_id else u.id end
 order by v.started_at, v.id""",
)

FACTS = (VISITS,)


def visit_lines(ids: list[int], acting: Acting) -> Lines:
    """Of the counted visits, those that the seat may open: others stay a number."""
    if not acting.may("clinical.read"):
        return Lines(("接诊", "机构", "类别"), ())
    found = {v.pk: v for v in Visit.objects.select_related("unit").filter(pk__in=ids)}
    if found:
        log.saw("visit", list(found), [v.subject_id for v in found.values()], why="打开指标的明细")
    rows = [(pk, f"/care/visit/{pk}", (f"{v.started_at:%Y-%m-%d}", v.unit.name, v.get_kind_display()))
            for pk in ids if (v := found.get(pk))]  # fmt: skip
    return Lines(("接诊", "机构", "类别"), tuple(rows))
