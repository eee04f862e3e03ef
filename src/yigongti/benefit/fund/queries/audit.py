"""What the audit reads: standing claims as its rules want them, findings for the desk, deaths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Count, OuterRef, Q, Subquery, Sum

from yigongti.benefit.fund.batch.auditing import schema
from yigongti.benefit.fund.models.audit import Evidence, Finding
from yigongti.benefit.fund.models.claims import Claim, spoken
from yigongti.benefit.fund.rules.audit import RULES, Rule
from yigongti.kernel import calendar, money
from yigongti.registry import facade as registry

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK = 50_000
_STANDING = """
select c.id, c.subject_id, c.institution_id, u.consortium_id, c.level, c.kind, c.start_date - date '1970-01-01',
       c.end_date - date '1970-01-01', (extract(year from c.end_date) * 10 + extract(quarter from c.end_date))::int,
       c.referral, c.principal_dx, c.age_days, c.sex, c.outcome, c.total_fen, s.basic_fen
  from fund_claim c
  join fund_settlement s on s.claim_id = c.id and s.kind = 'settled'
   and not exists (select 1 from fund_settlement r where r.reverses_id = s.id)
  join access_unit u on u.id = c.institution_id
 where c.end_date >= %s
 order by c.id"""
"""A voided claim has no standing settlement and is not looked at."""


def standing(since: date) -> pa.Table:
    """Standing claims that end on or after *since*, columns of ``rules.audit.COLUMNS``, through the fence."""
    import pyarrow as pa

    shape, parts = schema(), []
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [since])
        while rows := cursor.fetchmany(_BLOCK):
            died = registry.deaths({row[1] for row in rows})
            columns = [list(one) for one in zip(*rows, strict=True)]
            columns.append([_day(died.get(row[1])) for row in rows])
            parts.append(pa.table([pa.array(one, kind) for one, kind in zip(columns, shape.types, strict=True)], shape))
    return pa.concat_tables(parts) if parts else shape.empty_table()


def _day(on: date | None) -> int | None:
    return None if on is None else (on - date(1970, 1, 1)).days


def known(pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which pairs of rule and evidence have been found before."""
    wanted = set(pairs)
    rows = Finding.objects.filter(evidence_key__in={key for _, key in wanted}).values_list("rule", "evidence_key")
    return {(rule, key) for rule, key in rows} & wanted


def claims(ids: Sequence[int]) -> list[Claim]:
    """Claims by id, oldest first."""
    return list(Claim.objects.filter(pk__in=list(ids)).order_by("start_date", "pk"))


def title(rule: Rule, institution: str, period: int, claims: Sequence[Claim]) -> str:
    """Rule, institution, and what tells a finding from others of these: the newest of its claims, or the quarter."""
    if rule.about == "institution":
        what = f"{period // 10} 年第 {period % 10} 季度"
    else:
        what = max((spoken(one.pk, one.end_date) for one in claims), default="")
    return f"{rule.title}：{institution} {what}"


def by_case(case_ids: Sequence[int]) -> dict[int, Finding]:
    """Findings of these cases, with who acted."""
    rows = Finding.objects.select_related("institution", "replied_by", "decided_by", "approved_by")
    return {row.pk: row for row in rows.filter(pk__in=list(case_ids))}


def evidence_of(case_id: int) -> list[Evidence]:
    """The claims of a finding, oldest first; each with the claim's `readable` (its id), None where the seat may not read it."""
    claim = Claim.objects.filter(pk=OuterRef("claim_id"))
    rows = Evidence.objects.select_related("institution").filter(finding_id=case_id).annotate(
        readable=Subquery(claim.values("pk"))
    )  # fmt: skip
    return list(rows.order_by("start_date", "pk")[:200])


def evidence_sum(case_id: int) -> int:
    """What the fund paid for all claims of a finding, fen: no more can be recovered."""
    return sum(Evidence.objects.filter(finding_id=case_id).values_list("basic_fen", flat=True))


def institutions(ids: Iterable[int]) -> dict[int, Any]:
    """Units by id."""
    from yigongti.kernel.access.models import Unit

    return {unit.pk: unit for unit in Unit.objects.filter(pk__in=set(ids))}


def paid(ids: Sequence[int]) -> dict[int, int]:
    """What the fund pays for claims as they stand, fen."""
    from yigongti.benefit.fund.models.claims import Settlement

    rows = Settlement.objects.filter(claim_id__in=list(ids), kind="settled", reversal=None)
    return dict(rows.values_list("claim_id", "basic_fen"))


@dataclass(frozen=True)
class Effect:
    """What a rule has brought in a span: findings, undecided ones, verdicts; fen at issue and recovered."""

    rule: Rule
    found: int = 0
    open: int = 0
    upheld: int = 0
    overturned: int = 0
    amount_fen: int = 0
    recovered_fen: int = 0

    @property
    def hit_bp(self) -> int | None:
        """Upheld among the decided; None before anything was decided."""
        decided = self.upheld + self.overturned
        return money.half_up(self.upheld * money.WHOLE, decided) if decided else None

    @property
    def overturned_bp(self) -> int | None:
        """Overturned among the decided."""
        return None if self.hit_bp is None else money.WHOLE - self.hit_bp


def effects(since: date) -> list[Effect]:
    """Every rule with the findings in reach since a day; a rule that found nothing says so."""
    rows = Finding.objects.filter(found_at__gte=calendar.start_of(since)).values("rule").annotate(
        found=Count("pk"), open=Count("pk", filter=Q(verdict="")), upheld=Count("pk", filter=Q(verdict="upheld")),
        overturned=Count("pk", filter=Q(verdict="overturned")), amount_fen=Sum("amount_fen"),
        recovered_fen=Sum("recover_fen", filter=Q(approved_at__isnull=False), default=0),
    )  # fmt: skip
    by = {row.pop("rule"): row for row in rows}
    return [Effect(rule, **by.get(rule.code, {})) for rule in RULES]
