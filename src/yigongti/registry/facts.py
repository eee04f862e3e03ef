"""The network as facts: one row an institution with what it has, one row a township with who lives there. Public facts."""

from __future__ import annotations

from yigongti.kernel.access.door import Acting
from yigongti.kernel.facts.facade import Column, Fact, Lines
from yigongti.registry.models import Institution, Place
from yigongti.registry.rules.levels import level_sql

GENERAL = "全科"
PLACE_FROM = 10**11
"""Row ids from here on are division codes of twelve digits; below are institutions."""

NETWORK = Fact(
    name="network",
    title="医疗卫生资源",
    row="一家机构的资源，或一个乡镇（街道）的人口",
    opens="/institutions/{row_id}/",
    right="network.read",
    lines="network_lines",
    columns=(
        Column("row_id", "id", "机构，或 12 位区划代码"),
        Column("sort", "text", "institution 机构、place 乡镇（街道）"),
        Column("kind", "text", "机构类别"),
        Column("level", "text", "village 村级、township 乡镇级、county 县级、city 市级、outside 区域外"),
        Column("consortium", "id", "医共体"),
        Column("township", "id", "所在或负责的乡镇级机构"),
        Column("beds", "integer", "编制床位", "张"),
        Column("staff", "integer", "在岗卫生人员", "人"),
        Column("doctors", "integer", "执业（助理）医师", "人"),
        Column("gps", "integer", "全科医生", "人"),
        Column("rural", "integer", "乡村医生", "人"),
        Column("population", "integer", "常住人口", "人"),
        Column("residents", "integer", "主索引在管居民", "人"),
    ),
    sql=f"""
with staff as (
  select coalesce(d.institution_id, p.unit_id) as unit, count(*) as n,
         count(*) filter (where p.category in ('clinical', 'tcm', 'dental', 'public_health')) as doctors,
         count(*) filter (where p.category in ('clinical', 'tcm')
                            and (p.department like '%%{GENERAL}%%' or p.practice_scope like '%%{GENERAL}%%')) as gps,
         count(*) filter (where p.category = 'rural') as rural
    from registry_practitioner p left join registry_department d on d.unit_id = p.unit_id where p.active group by 1),
home as (select rpad(left(place, 9), 12, '0') as place, count(*) as n
           from registry_resident where status = 'living' and not merged group by 1),
people as (select distinct on (place_id) place_id, persons from registry_placepopulation order by place_id, year desc)
select u.id, 'institution', i.kind, {level_sql("i.kind", "u.place")}, u.consortium_id,
       case when i.kind in ('village_clinic', 'community_station') then u.parent_id else u.id end, i.beds,
       coalesce(i.told_staff, s.n, 0), coalesce(i.told_doctors, s.doctors, 0), coalesce(i.told_gps, s.gps, 0),
       coalesce(s.rural, 0), 0, 0
  from registry_institution i join access_unit u on u.id = i.unit_id left join staff s on s.unit = u.id where u.active
union all
select p.code::bigint, 'place', '', 'township', c.consortium_id, c.township_id, 0, 0, 0, 0, 0,
       coalesce(n.persons, 0), coalesce(h.n, 0)
  from registry_place p
  left join registry_catchment c on c.place = p.code and c.starts <= current_date and (c.ends is null or c.ends >= current_date)
  left join people n on n.place_id = p.code left join home h on h.place = p.code
 where p.level = 4 and (c.id is not null or n.persons is not null or h.n is not null)""",
)

FACTS = (NETWORK,)


def network_lines(ids: list[int], acting: Acting) -> Lines:
    """Rows of the network as a page lists them: institutions and townships, both public inside the house."""
    del acting
    units = [pk for pk in ids if pk < PLACE_FROM]
    found = {
        one.pk: (one.pk, f"/institutions/{one.pk}/", (one.unit.name, one.get_kind_display(), one.get_level_display()))
        for one in Institution.objects.select_related("unit").filter(pk__in=units)
    }
    for place in Place.objects.filter(pk__in=[str(pk) for pk in ids if pk >= PLACE_FROM]):
        found[int(place.pk)] = (int(place.pk), "", (place.name, "乡镇（街道）", ""))
    return Lines(("名称", "类别", "等级"), tuple(found[pk] for pk in ids if pk in found))
