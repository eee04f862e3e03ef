"""Everything a version of the year end was computed from, as the files of fund.md 4: whoever has them gets the same fen.

Persons are numbered anew in each export: nobody is told by it.
"""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from typing import Any

from django.db import connection

from yigongti.benefit.fund.models import Clearing
from yigongti.benefit.fund.parameters import pool as pool_parameters
from yigongti.benefit.fund.parameters import settlement as parameters
from yigongti.benefit.fund.queries import facts, yearend
from yigongti.benefit.fund.rules.claims import PLACE
from yigongti.benefit.fund.rules.places import KEY

_CLAIMS = """
select c.id as claim_id, dense_rank() over (order by c.subject_id) as person_id, c.insurance, c.aid_class, c.institution_id,
       c.consortium_id, c.level, c.is_tcm, c.in_county, c.kind, c.start_date, c.end_date, c.episode as episode_id, c.referral,
       c.contracted, c.principal_dx, c.other_dx, c.procedures, c.age_days, c.sex, c.days, c.outcome, c.total_fen,
       c.excluded_fen, c.copay_first_fen, left(s.place, 6) as place
  from fund_claim c
  join lateral (select t.place from fund_settlement t where t.claim_id = c.id and t.kind = 'settled' and t.settled_at <= %(until)s
                   and not exists (select 1 from fund_settlement r where r.reverses_id = t.id and r.settled_at <= %(until)s)
                 order by t.sequence desc limit 1) s on true
 where c.id = any(%(ids)s) order by c.id"""

COMMAND = (
    "yigongti fund clear --claims claims.parquet --settled settled.parquet --grouped grouped.parquet"
    " --members members.parquet --consortia consortia.parquet --insured insured.parquet --parameters parameters.json --out out"
)
"""What an auditor runs beside the files."""


def files(row: Clearing, place: str) -> dict[str, bytes]:
    """Name → content of every file. Raises LookupError when the facts are no longer what they were."""
    rows = facts.facts(row.consortium_id, row.year, row.facts_until)
    if facts.digest(rows) != row.facts_digest:
        raise LookupError("结算数据与计算时不一致")
    priced = yearend.priced(row.consortium_id, row.year, row.pool, row.facts_until)
    settled = [
        (one.claim_id, one.deductible_fen, one.ratio_bp, one.basic_fen, one.serious_fen, one.aid_fen, one.person_pays_fen)
        for one in rows
    ]  # fmt: skip
    points = [(one.claim_id, "", "ungrouped", 0, priced.points.get(one.claim_id, 0)) for one in rows]
    members: list[tuple[Any, ...]] = [
        (row.consortium_id, one.institution_id, one.level, one.coefficient_bp, one.assessment_bp, one.quality_deduction_fen)
        for one in yearend.members_of(row.pk)
    ]  # fmt: skip
    here = {one[1] for one in members}
    met = {one.institution_id for one in rows if one.in_county} - here
    beside = {at: bp for at, bp in priced.coefficients.items() if at in met}
    members += [(None, at, None, bp, None, None) for at, bp in sorted(beside.items())]
    claims, places = _claims([one.claim_id for one in rows], row.facts_until)
    return {
        "claims.parquet": claims,
        "settled.parquet": _parquet(_SETTLED, settled),
        "grouped.parquet": _parquet(_GROUPED, points),
        "members.parquet": _parquet(_MEMBERS, members),
        "consortia.parquet": _parquet(_CONSORTIA, [(row.consortium_id, row.budget.tcm_led, row.assessment_bp)]),
        "insured.parquet": _parquet(_INSURED, [(row.consortium_id, name, n) for name, n in row.budget.persons.items()]),
        "parameters.json": json.dumps(_parameters(row, place, places), ensure_ascii=False, indent=1).encode(),
        "README.txt": _told(row, places, sum(one.consortium_id != row.consortium_id for one in rows), len(beside)).encode(),
    }  # fmt: skip


_SETTLED = (
    ("claim_id", "int64"), ("deductible_fen", "int64"), ("ratio_bp", "int32"), ("basic_fen", "int64"), ("serious_fen", "int64"),
    ("aid_fen", "int64"), ("person_pays_fen", "int64"),
)  # fmt: skip
_GROUPED = (
    ("claim_id", "int64"), ("group", "string"), ("kind_of_group", "string"), ("group_mean_fen", "int64"), ("points_milli", "int64"),
)  # fmt: skip
_MEMBERS = (
    ("consortium_id", "int64"), ("institution_id", "int64"), ("level", "string"), ("coefficient_bp", "int64"),
    ("assessment_bp", "int64"), ("quality_deduction_fen", "int64"),
)  # fmt: skip
_CONSORTIA = (("consortium_id", "int64"), ("tcm_led", "bool"), ("assessment_bp", "int64"))
_INSURED = (("consortium_id", "int64"), ("insurance", "string"), ("persons", "int64"))
_TYPES = {
    "claim_id": "int64", "person_id": "int64", "institution_id": "int64", "consortium_id": "int64", "episode_id": "int64",
    "is_tcm": "bool", "in_county": "bool", "contracted": "bool", "start_date": "date32", "end_date": "date32",
    "other_dx": "list", "procedures": "list", "age_days": "int32", "days": "int32", "total_fen": "int64",
    "excluded_fen": "int64", "copay_first_fen": "int64",
}  # fmt: skip


def _claims(ids: list[int], until: datetime) -> tuple[bytes, list[str]]:
    """The claims, and the places whose rules settled them."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMS, {"ids": ids, "until": until})
        names = [column.name for column in cursor.description]
        rows = cursor.fetchall()
    told = _parquet(tuple((name, _TYPES.get(name, "string")) for name in names), rows)
    return told, sorted({row[names.index(PLACE.name)] for row in rows})


def _parameters(row: Clearing, place: str, places: list[str]) -> dict[str, Any]:
    """Those of the year's first day; where claims follow several places' rules, each place's under its name (ADR 0038)."""
    first = pool_parameters.first_day(row.year)
    if len(places) <= 1:
        return parameters.resolve(place, first) | {"pool": row.pool}
    return {KEY: {name: parameters.resolve(name, first) for name in places}, "pool": row.pool}


def _parquet(columns: tuple[tuple[str, str], ...], rows: list[Any]) -> bytes:
    import pyarrow as pa  # half a second to import; only an export needs it
    import pyarrow.parquet as pq

    def kind(name: str) -> Any:
        return {"bool": pa.bool_(), "date32": pa.date32(), "list": pa.list_(pa.string())}.get(name) or getattr(
            pa, name
        )()

    arrays = [pa.array([row[at] for row in rows], kind(name)) for at, (_, name) in enumerate(columns)]
    out = io.BytesIO()
    pq.write_table(pa.table(arrays, names=[name for name, _ in columns]), out)
    return out.getvalue()


def _told(row: Clearing, places: list[str], guests: int, beside: int) -> str:
    treated = f"另有其他医共体参保人在本医共体成员机构的清单 {guests} 条：只计成员收入，不计入本医共体支付；别处的清单不在内。\n"
    several = (
        f"清单涉及 {len(places)} 个参保地（claims.parquet 的 place 列、parameters.json 的 places），各按当天参保地的参数结算。"
        "换过参保地的人在别处的清单不在本文件中，他们的个人累计以 settled.parquet 为准。\n\n"
    )
    return (
        f"{row.consortium.name} {row.year} 年清算，第 {row.version} 版\n"
        f"结算数据 {row.claims} 条（本医共体参保人，包括在其他医共体和县外就诊的），校验码 {row.facts_digest}\n"
        f"{treated if guests else ''}"
        f"考核得分第 {row.scores_number} 轮，校验码 {row.scores_digest}\n参数集 {row.parameter_set}\n\n"
        f"{several if len(places) > 1 else ''}"
        f"复算：\n{COMMAND}\n"
        "得到的 out/consortium.parquet 和 out/member.parquet 应与本版清算逐分一致。\n"
        "每个医共体各有一份复算数据，各按自己的总额和目录清算。机构系数随机构：在其他医共体机构住院的，用该机构所在医共体同年目录的系数，"
        f"没有写的按 100% 计；members.parquet 中 consortium_id 为空的 {beside} 行就是这些机构，只用其系数。\n"
        "复算的是清算，不是每份清单的结算：个人在别处的累计不在文件中，基金各项支付以 settled.parquet 为准。\n"
    )


def archive(row: Clearing, place: str) -> bytes:
    """The files as one ZIP, the same for the same version."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files(row, place).items():
            made.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content)
    return out.getvalue()
