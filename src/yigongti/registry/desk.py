"""How the registry's cases show; the pages are the kernel's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.case.facade import Case
from yigongti.kernel.desk import Column, Create, Desk, Row
from yigongti.registry import identifiers
from yigongti.registry.actions.break_glass import open_from_desk
from yigongti.registry.actions.merge import propose_from_desk
from yigongti.registry.actions.unknown import open_unknown
from yigongti.registry.flow import BREAK_GLASS, PERSON_MERGE, UNKNOWN_PATIENT
from yigongti.registry.models import BreakGlass, Merge, Resident, Unknown
from yigongti.registry.queries.relations import break_glass_rows, merge_rows, unknown_rows


def _of(name: str) -> Any:
    def value(row: Row) -> Any:
        return getattr(row.more, name, None)

    return value


def _glass_detail(case: Case, row: BreakGlass | None) -> Sequence[tuple[str, str]]:
    if row is None:
        return []
    return [
        ("调阅人", f"{row.unit.name} {row.seat.name}"),
        ("理由", row.reason),
        ("开放至", f"{calendar.local(row.until):%Y-%m-%d %H:%M}"),
        ("复核结论", row.get_verdict_display()),
    ]


BREAK_GLASS_DESK = Desk(
    flow=BREAK_GLASS,
    title="紧急调阅复核",
    noun="紧急调阅",
    columns=(
        Column("title", "居民", lambda row: row.case.title.removeprefix("紧急调阅 ")),
        Column("unit", "调阅机构", lambda row: row.case.from_unit.name),
        Column("by", "调阅人", lambda row: row.more.seat.name if row.more else ""),
        Column("reason", "理由", _of("reason"), wide=True),
        Column("opened", "调阅时间", lambda row: row.case.opened_at, "time", sort="opened_at"),
        Column("verdict", "结论", lambda row: row.more.get_verdict_display() if row.more else ""),
    ),
    rows=break_glass_rows,
    detail=_glass_detail,
    create=Create(open=open_from_desk, about=True, lead="记录立即开放，同时交监管人员复核；居民本人会看到。"),
)


def _merge_detail(case: Case, row: Merge | None) -> Sequence[tuple[str, str]]:
    if row is None:
        return []
    people = {r.pk: r for r in Resident.objects.filter(pk__in=[row.keep_id, row.duplicate_id])}

    def tell(subject_id: int) -> str:
        one = people.get(subject_id)
        if one is None:
            return "不在您的可见范围内"
        return (
            f"{one.name} {one.get_sex_display()} {one.birth_date} 生 · 档案编号 {one.record_number}"
            f" · {identifiers.masked_id(one)} · {one.address or '住址未登记'}"
        )

    return [
        ("保留的档案", tell(row.keep_id)),
        ("重复的档案", tell(row.duplicate_id)),
        ("相似度", f"{row.score} / 100"),
        ("依据", "、".join(row.evidence) or "无"),
    ]


MERGE_DESK = Desk(
    flow=PERSON_MERGE,
    title="居民档案合并",
    noun="档案合并",
    columns=(
        Column("title", "档案", lambda row: getattr(row.more, "told", "") or row.case.title),
        Column("score", "相似度", _of("score"), "number"),
        Column("evidence", "依据", lambda row: "、".join(row.more.evidence) if row.more else "", wide=True),
        Column("unit", "提出机构", lambda row: row.case.from_unit.name),
        Column("opened", "提出时间", lambda row: row.case.opened_at, "time", sort="opened_at"),
    ),
    rows=merge_rows,
    detail=_merge_detail,
    create=Create(
        open=propose_from_desk, given=("keep", "duplicate"), lead="先在疑似重复清单里核对；合并由另一人审核。"
    ),
)


def _unknown_detail(case: Case, row: Unknown | None) -> Sequence[tuple[str, str]]:
    if row is None:
        return []
    entry = Resident.objects.filter(pk=row.subject_id).first()
    return [
        ("发现", f"{calendar.local(row.found_at):%Y-%m-%d %H:%M} {row.found_place}"),
        ("估计年龄", f"{row.age_low}—{row.age_high} 岁"),
        ("由谁送来", row.brought_by or "未记录"),
        ("体貌与随身物品", row.marks or "未记录"),
        ("临时档案", entry.record_number if entry else "不在您的可见范围内"),
    ]


UNKNOWN_DESK = Desk(
    flow=UNKNOWN_PATIENT,
    title="身份不明患者",
    noun="身份不明患者",
    columns=(
        Column("title", "患者", lambda row: row.case.title, wide=True),
        Column("age", "估计年龄", lambda row: f"{row.more.age_low}—{row.more.age_high} 岁" if row.more else ""),
        Column("marks", "体貌与随身物品", _of("marks"), wide=True),
        Column("unit", "登记机构", lambda row: row.case.from_unit.name),
        Column("opened", "登记时间", lambda row: row.case.opened_at, "time", sort="opened_at"),
    ),
    rows=unknown_rows,
    detail=_unknown_detail,
    create=Create(open=open_unknown, lead="先救治，再查明；查明时限到了会提醒。"),
)

DESKS = (BREAK_GLASS_DESK, MERGE_DESK, UNKNOWN_DESK)
