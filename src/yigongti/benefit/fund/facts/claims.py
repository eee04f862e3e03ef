"""Claims as facts: one for the figures, one by month for the fund's own commands. Surrogate ids only, nobody is named.

The monthly files have the columns of fund.md 1 and the results of the settlement, sorted by person and date, and are written
incrementally: only months whose claims changed since the last snapshot.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import reverse

from yigongti.benefit.fund.batch import outputs
from yigongti.benefit.fund.models import Claim
from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.facts.facade import Column, Fact, Lines

_STANDS = """
  join fund_settlement s on s.claim_id = c.id and s.kind = 'settled'
   and not exists (select 1 from fund_settlement v where v.reverses_id = s.id)"""

CLAIMS = Fact(
    name="fund_claims",
    title="医保结算清单",
    row="一份有效的结算清单",
    opens="/fund/claim/{row_id}/",
    lines="fund_claims",
    columns=(
        Column("row_id", "id", "清单"),
        Column("from_unit", "id", "参保人所属医共体"),
        Column("to_unit", "id", "就诊机构"),
        Column("insurance", "text", "resident 城乡居民、employee 职工"),
        Column("kind", "text", "inpatient 住院、outpatient 门诊"),
        Column("level", "text", "village、township、county、city、province"),
        Column("in_county", "flag", "县域内就诊"),
        Column("referral", "text", "none、up、down、exempt"),
        Column("total_fen", "fen", "总费用", "分"),
        Column("basic_fen", "fen", "基本医保统筹基金支付", "分"),
        Column("funds_fen", "fen", "基本医保、大病、救助支付合计", "分"),
        Column("person_pays_fen", "fen", "个人支付", "分"),
        Column("ended_at", "moment", "出院或就诊"),
    ),
    sql=f"""
select c.id, c.consortium_id, c.institution_id, c.insurance, c.kind, c.level, c.in_county, c.referral, c.total_fen, s.basic_fen,
       s.basic_fen + s.serious_fen + s.aid_fen, s.person_pays_fen, c.end_date::timestamp at time zone 'Asia/Shanghai'
  from fund_claim c {_STANDS} order by c.subject_id, c.end_date, c.start_date, c.id""",
)
FACTS = (CLAIMS,)


def lines(ids: Sequence[int], acting: Acting) -> Lines:
    """Port ``fund_claims``: claims as a figure's page lists them, through the fence; nobody is named."""
    rows = Claim.objects.select_related("institution").filter(pk__in=list(ids)).order_by("-end_date", "-pk")
    return Lines(
        ("机构", "类别", "日期", "诊断"),
        tuple(
            (row.pk, reverse("fund:claim", args=[row.pk]),
             (row.place_name, row.get_kind_display(), str(row.end_date), row.principal_dx))
            for row in rows
        ),
    )  # fmt: skip


# ---- by month, for the commands of the fund ---------------------------------------------------------

RESULTS = ("deductible_fen", "ratio_bp", "basic_fen", "serious_fen", "aid_fen", "person_pays_fen")
_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("claim_id", "c.id", "int64"), ("person_id", "coalesce(p.canonical_id, p.id)", "int64"),
    ("insurance", "c.insurance", "string"), ("aid_class", "c.aid_class", "string"),
    ("institution_id", "c.institution_id", "int64"), ("consortium_id", "c.consortium_id", "int64"),
    ("level", "c.level", "string"), ("is_tcm", "c.is_tcm", "bool"), ("in_county", "c.in_county", "bool"),
    ("kind", "c.kind", "string"), ("start_date", "c.start_date", "date32"), ("end_date", "c.end_date", "date32"),
    ("episode_id", "c.episode", "int64"), ("referral", "c.referral", "string"), ("contracted", "c.contracted", "bool"),
    ("principal_dx", "c.principal_dx", "string"), ("other_dx", "c.other_dx", "list"), ("procedures", "c.procedures", "list"),
    ("age_days", "c.age_days", "int64"), ("sex", "c.sex", "string"), ("days", "c.days", "int64"), ("outcome", "c.outcome", "string"),
    ("total_fen", "c.total_fen", "int64"), ("excluded_fen", "c.excluded_fen", "int64"),
    ("copay_first_fen", "c.copay_first_fen", "int64"), ("place", "left(s.place, 6)", "string"),
    *((name, f"s.{name}", "int64") for name in RESULTS),
)  # fmt: skip
"""Name in the file, expression, type: fund.md 1, the county whose rules settled it (six digits, as policy looks them up; ADR 0038),
then the results."""
_MONTH = "to_char(c.end_date, 'YYYY-MM')"
_SQL = f"""
with state as materialized (
  select {_MONTH} as month, count(*) as n, max(s.id) as newest,
         sum(s.id) + coalesce(sum(hashint8extended(m.canonical_id, c.id)::numeric), 0) as ids
    from fund_claim c left join (select id, canonical_id from access_subject where canonical_id is not null) m
      on m.id = c.subject_id {_STANDS} group by 1),
changed as (
  select month from state t where not exists (select 1 from unnest(%s::text[], %s::bigint[], %s::bigint[], %s::numeric[])
    as k(month, n, newest, ids) where (k.month, k.n, k.newest, k.ids) = (t.month, t.n, t.newest, t.ids)))
select t.month, t.n, t.newest, t.ids, r.* from state t left join lateral (
  select {", ".join(f"{sql} as {name}" for name, sql, _ in _COLUMNS)}
    from fund_claim c join access_subject p on p.id = c.subject_id {_STANDS}
   where {_MONTH} = t.month and t.month in (select month from changed)) r on true
 order by t.month, r.person_id, r.end_date, r.start_date, r.claim_id"""
"""One statement, so that every month is of the same moment; months that have not changed come without rows. Two entries found to be one
person, or no longer, change the months of their claims, although nothing was settled: `ids` holds who is another's entry."""


@dataclass(frozen=True)
class Exported:
    """Where the monthly files lie, as of which moment, claims of all months, months written anew."""

    path: Path
    as_of: str
    rows: int
    written: tuple[str, ...]


def export(acting: Acting) -> Exported:
    """Bring the monthly files up to one moment, one export after the other. Raises Denied for who may not build facts; half a
    file is never seen.
    """
    acting.demand("facts.build")
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('fund_facts', 0))")
    path = Path(settings.FACTS_DIR) / "fund"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    head = path / "claims.json"
    columns = [name for name, _, _ in _COLUMNS]
    told: dict[str, Any] = json.loads(head.read_text(encoding="utf-8")) if head.exists() else {}
    # Files of other columns, from before an update of the program, are written anew: a year is read as one table.
    months: dict[str, list[Any]] = told["months"] if told.get("columns") == columns else {}
    known = {month: state for month, state in months.items() if (path / f"claims-{month}.parquet").exists()}
    as_of = calendar.now().isoformat()
    state: dict[str, list[Any]] = {}
    batches: dict[str, list[list[Any]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _SQL,
            [
                list(known),
                *([one[at] for one in known.values()] for at in range(2)),
                [int(one[2]) for one in known.values()],
            ],
        )
        while rows := cursor.fetchmany(20_000):
            for month, n, newest, ids, *values in rows:
                state[month] = [n, newest, str(ids)]
                if values[0] is not None:
                    batches.setdefault(month, []).append(values)
    # All of them or none: a month of another moment than the head says is not what anybody may count with.
    with outputs.whole(*(path / f"claims-{month}.parquet" for month in batches), head) as (*parts, draft):
        for part, rows in zip(parts, batches.values(), strict=True):
            _month(part, rows)
        draft.write_text(json.dumps({"as_of": as_of, "columns": columns, "months": state}), encoding="utf-8")
    for old in {*told.get("months", ()), *known} - set(state):
        (path / f"claims-{old}.parquet").unlink(missing_ok=True)
    return Exported(path, as_of, sum(one[0] for one in state.values()), tuple(sorted(batches)))


def _month(path: Path, rows: list[list[Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {
        "int64": pa.int64(),
        "string": pa.string(),
        "bool": pa.bool_(),
        "date32": pa.date32(),
        "list": pa.list_(pa.string()),
    }
    schema = pa.schema([(name, types[kind]) for name, _, kind in _COLUMNS])
    columns = [pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)]
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), path)
