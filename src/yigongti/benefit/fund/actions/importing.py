"""Settlement lists by file: read, checked, settled person by person; with one bad row nothing is written, a dry run never writes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from yigongti.benefit.fund.actions.entering import AIDS, SEXES, level_of
from yigongti.benefit.fund.actions.settling import Draft, Seen, settle_all
from yigongti.benefit.fund.models import Claim, Settlement
from yigongti.benefit.fund.queries import residence
from yigongti.benefit.fund.rules import headings, lists
from yigongti.benefit.fund.rules.lists import BadRow, column
from yigongti.benefit.fund.rules.remarks import Remark, days, remarks
from yigongti.kernel import crypto, wiring
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.jobs.facade import defer
from yigongti.registry import facade as registry

MOST = 2_000
"""Rows of one file; a year comes in parts."""
Rows = list[tuple[int, Mapping[str, str]]]


@dataclass(frozen=True)
class Report:
    """What became of a file: rows read, settled, there already with the same content, every bad row, and what is worth a second look
    in those that were taken.
    """

    rows: int
    settled: int
    same: int
    bad: tuple[BadRow, ...]
    written: bool
    remarks: tuple[Remark, ...] = ()


class _Back(Exception):
    """Takes a dry run, or a file with a bad row, back to where it began."""


def run(*, acting: Acting, name: str, content: bytes, dry_run: bool) -> Report:
    """Import a file, or try to. Raises Denied without the right, Refused for a file that can't be read as a whole."""
    if not acting.may("fund.bureau"):
        acting.demand("fund.counter")
    rows = rows_of(name, content)
    if len(rows) > MOST:
        raise Refused(f"文件有 {len(rows)} 行，一次最多 {MOST} 行", field="file", remedy="请分成几个文件")
    good, bad = lists.read(rows)
    counts = [0, 0]
    noticed: list[Remark] = []
    try:
        with transaction.atomic():
            bad += _settled(acting, good, counts, noticed)
            if bad or dry_run:
                raise _Back
    except _Back:
        pass
    written = not bad and not dry_run
    if written and counts[0]:
        defer("fund_facts")
    log.did("imported" if written else "import_checked", "claim", [], [], why=f"{name[:60]}：{len(rows)} 行")
    return Report(len(rows), counts[0], counts[1], tuple(sorted(bad, key=lambda one: one.row)), written,
                  tuple(sorted(noticed, key=lambda one: (one.row, one.column))))  # fmt: skip


def rows_of(name: str, content: bytes) -> Rows:
    """The rows of an .xlsx, CSV, Parquet or JSON file by column name. Raises Refused for what is none."""
    try:
        if content.startswith(b"PAR1"):
            table = _parquet(content)
            return [(n, {k: "" if v is None else str(v) for k, v in row.items()}) for n, row in enumerate(table, 2)]
        if content.lstrip()[:1] in (b"[", b"{"):
            told = json.loads(content.decode("utf-8-sig"), parse_float=str)
            listed = told if isinstance(told, list) else told["setlinfo"]
            return [
                (n, {str(k): "" if v is None else str(v) for k, v in dict(row).items()})
                for n, row in enumerate(listed, 1)
            ]
        tables = wiring.port("read_tables")(name, content)
    except Refused:
        raise
    except Exception as wrong:
        text = str(wrong) if isinstance(wrong, ValueError) and not isinstance(wrong, UnicodeError) else ""
        raise Refused(f"读不了这个文件：{text[:120] or '格式不对或已损坏'}", field="file",
                      remedy="请用 .xlsx、CSV、Parquet 或 JSON，首行为中文名称或国家字段名") from None  # fmt: skip
    found: Rows = []
    for table in tables[:1]:
        heads = _heads(table.rows[0].cells if table.rows else ())
        found += [(row.number, dict(zip(heads, row.cells, strict=False))) for row in table.rows[1:]]
    return found


def _parquet(content: bytes) -> list[dict[str, Any]]:
    """The rows of a Parquet file, no more than told of. Raises Refused where it is cut off or damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(pq.read_table(io.BytesIO(content)).slice(0, MOST + 1).to_pylist())
    except (pa.ArrowException, OSError):
        raise Refused(
            "不是完整的 Parquet 文件，可能没有传完或已损坏", field="file", remedy="请重新导出后再上传"
        ) from None


def _heads(cells: Sequence[str]) -> list[str]:
    """The first row as national names. Raises Refused where a column that must be there is not, or a field comes twice."""
    try:
        heads = headings.named(cells)
    except headings.TwoColumns as twice:
        raise Refused(str(twice), field="file", remedy="请只保留一列") from None
    absent, strange = headings.lacking(heads)
    if absent:
        beside = f"；不认得的列：{'、'.join(strange[:10])}" if strange else ""
        raise Refused(
            f"首行没有这些必填的列：{'、'.join(absent)}{beside}", field="file",
            remedy="首行写中文名称或国家字段名，见页面上的字段表，或下载空表来填",
        )  # fmt: skip
    return heads


def _settled(
    acting: Acting, good: list[tuple[int, dict[str, Any]]], counts: list[int], noticed: list[Remark]
) -> list[BadRow]:
    """Settle the good rows, the persons in the order of their ids; what can't be is a bad row, what is odd is noticed."""
    ring = crypto.ring()
    people = _people([ring.index_identity(values["certno"]) for _, values in good])
    bad: list[BadRow] = []
    by_person: dict[int, list[tuple[int, dict[str, Any], Draft]]] = {}
    for number, values in good:
        person = people.get(ring.index_identity(values["certno"]))
        if person is None:
            shown = f"{values['certno'][:4]}…"
            bad.append(BadRow(number, column("certno"), shown, "unknown", "居民档案中没有这个证件号码，请核对或先建档"))
            continue
        draft, wrong = _draft(acting, values, person)
        if draft is None:
            bad.append(BadRow(number, column("fixmedins_code"), values["fixmedins_code"], "unknown", wrong))
            continue
        there = _there(draft)
        if there == "same":
            counts[1] += 1
        elif there == "other":
            bad.append(
                BadRow(number, column("setl_id"), draft.setl_id, "duplicate", "已经结算且内容不同，请先冲销原结算")
            )
        else:
            by_person.setdefault(draft.subject_id, []).append((number, values, draft))
    for subject, listed in sorted(by_person.items()):
        try:
            with transaction.atomic():
                if not acting.may("fund.bureau"):
                    proof = registry.Evidence("typed", listed[0][1]["certno"])
                    registry.relate_by_visit(acting=acting, subject_id=subject, evidence=proof)
                drafts = _insured(subject, [one for _, _, one in listed])
                before: list[Seen] = []
                clients = [uuid4() for _ in listed]
                settle_all(acting=acting, drafts=drafts, client_ids=clients, seen=before.append)
            counts[0] += len(listed)
            noticed += _noticed(before[0], [(number, one) for number, _, one in listed])
        except Refused as no:
            bad += [
                BadRow(number, column("setl_id"), one.setl_id, "unknown", f"{no.message}；{no.remedy}")
                for number, _, one in listed
            ]
    return bad


def _noticed(before: Seen, listed: Sequence[tuple[int, Draft]]) -> list[Remark]:
    """What is worth a second look in a person's rows, beside what stood before them."""
    standing = [(f"{one.institution} {days(one.claim)}", one.claim) for one in before]
    return remarks([(number, draft.reckoned(number)) for number, draft in listed], standing)


def _insured(subject: int, drafts: Sequence[Draft]) -> list[Draft]:
    """A person's drafts, each with the consortium that they belonged to on its day, which may not be today's."""
    times = residence.residences(subject)
    return [replace(one, consortium_id=residence.consortium_of(times, one.end_date)) for one in drafts]


def _people(identities: list[str]) -> dict[str, tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("select * from fund.insured(%s::text[])", [sorted(set(identities))])
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _draft(acting: Acting, values: dict[str, Any], person: tuple[Any, ...]) -> tuple[Draft | None, str]:
    subject, _, aid, sex, birth, consortium = person
    code, outside = values["fixmedins_code"], ("", "")
    site = registry.institutions().filter(unit__code=code).first()
    if site is not None and (site.pk in acting.units or acting.may("fund.bureau")):
        unit, tcm = int(site.pk), bool(site.is_tcm)
        level, inside = level_of(site)
    elif acting.may("fund.bureau"):
        if not values["fixmedins_name"]:
            return None, "县外机构须填写名称（fixmedins_name）"
        unit, tcm, level, inside = acting.region_id or acting.unit_id, False, values["level"], False
        outside = (code, values["fixmedins_name"])
    else:
        return None, "不是本机构的编号；县外清单由医保局导入"
    start, end = values["adm_time"], values["dscg_time"]
    return Draft(
        subject_id=subject, institution_id=unit, insurance=values["hi_type"], aid_class=values["aid_class"] or AIDS.get(aid, "none"),
        level=level, is_tcm=tcm, in_county=inside, kind=values["med_type"], start_date=start, end_date=end,
        total_fen=values["medfee_sumamt"], excluded_fen=values["fulamt_ownpay_amt"] + values["overlmt_selfpay"],
        copay_first_fen=values["preselfpay_amt"], source="bureau" if outside[0] else "import", consortium_id=consortium,
        referral=values["referral"], principal_dx=values["diag_code"], dx_name=values["diag_name"], other_dx=values["oth_diag_code"],
        procedures=values["oprn_oprt_code"], age_days=max((start - birth).days, 0), sex=SEXES.get(sex, ""),
        days=max((end - start).days, 1), outside_code=outside[0], outside_name=outside[1], mdtrt_id=values["mdtrt_id"],
        setl_id=values["setl_id"],
    ), ""  # fmt: skip


def _there(draft: Draft) -> str:
    """Whether the list stands already: "same" content, an "other" one, or "" for not at all."""
    standing = Settlement.objects.filter(kind="settled", reversal=None).values("claim_id")
    found = Claim.objects.filter(
        institution_id=draft.institution_id, setl_id=draft.setl_id, outside_code=draft.outside_code, pk__in=standing
    ).first()
    if found is None:
        return ""
    looked = (
        "kind",
        "start_date",
        "end_date",
        "total_fen",
        "excluded_fen",
        "copay_first_fen",
        "insurance",
        "principal_dx",
    )
    return "same" if all(getattr(found, name) == getattr(draft, name) for name in looked) else "other"
