"""The referral form on paper (双向转诊单): what both sides sign, with what was sent and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.case.facade import Case
from yigongti.kernel.printing import Block, Column, Fields, Note, Paragraph, Printout, Signatures, Table
from yigongti.registry import facade as registry
from yigongti.service.care.facade import VisitSummary
from yigongti.service.referral import queries, words
from yigongti.service.referral.models import Referral

SOURCE_STATUS = {"confirmed": "已确认", "unconfirmed": "待确认", "assumed": "平台假定"}


def referral_form(case: Case) -> Printout:
    """The form as it stands now; parts that have not happened yet are left out. A4.

    Raises Referral.DoesNotExist where the fence hides the clinical part (the director's list).
    """
    row = queries.of_case(case.pk)
    if row is None:
        raise Referral.DoesNotExist(str(case.pk))
    blocks: list[Block] = [*_head(case, row), *_why(row), *_record(row)]
    if row.treated_at is not None:
        blocks += _back(row)
    blocks += _follow_ups(row)
    blocks += _end(row)
    down = row.direction == Referral.Direction.DOWN
    title = "双向转诊（下转）单" if down else "双向转诊（上转）单"
    return Printout(title, case.number, case.from_unit.name, tuple(blocks))


def _head(case: Case, row: Referral) -> list[Block]:
    person = registry.banner(row.subject_id)
    patient = (
        ("姓名", person.name if person else ""), ("性别", person.sex if person else ""),
        ("年龄", person.age if person else ""), ("健康档案编号", person.record_no if person else ""),
        (f"{person.id_label if person else '证件'}号", person.id_masked if person else ""), ("电话", person.phone_masked if person else ""),
        ("医保", person.insurance if person else ""), ("住址", person.address if person else ""),
    )  # fmt: skip
    way = (
        ("转出机构", case.from_unit.name), ("转出医生", row.sender.name), ("接收机构", case.to_unit.name),
        ("接诊科室", row.department or row.wanted_department),
        ("接诊医生", row.specialist.name if row.specialist else ""),
        ("预约到院", _stamp(row.appointment_at)),
        ("紧急程度", row.get_urgency_display() if row.direction == "up" else ""),
        ("前往方式", words.word(words.TRANSPORT, row.transport)), ("发出时间", _stamp(row.sent_at)),
        ("到院时间", _stamp(row.arrived_at)),
    )  # fmt: skip
    return [Fields(patient, title="患者"), Fields(way, title="转诊")]


def _why(row: Referral) -> list[Block]:
    blocks: list[Block] = [Fields((("转诊诊断", f"{row.dx_name}（{row.dx_code}）"),), columns=1)]
    if row.criteria:
        rows = [
            (one["text"], one.get("source", ""), SOURCE_STATUS.get(one.get("status", ""), "")) for one in row.criteria
        ]
        head = "符合的下转标准" if row.direction == Referral.Direction.DOWN else "符合的上转标准"
        blocks.append(Table((Column("理由", 5), Column("依据", 3), Column("状态", 1)), rows, title=head))
    blocks += _paragraphs(("转诊理由", row.reason), ("转诊前已作的处理", row.treated_before))
    return blocks


def _record(row: Referral) -> list[Block]:
    if not row.summary:
        return []
    held = VisitSummary.from_json(row.summary)
    pairs = (
        ("主诉", held.chief_complaint), ("体征", "　".join(one.text for one in held.vitals)),
        ("危险信号", "、".join(held.red_flags)), ("过敏史", "、".join(held.allergies)),
        ("长期问题", "、".join(held.problems)), ("诊断", "；".join(one.text for one in held.diagnoses)),
    )  # fmt: skip
    taken = calendar.local(datetime.fromisoformat(held.taken_at))
    blocks: list[Block] = [
        Fields(pairs, title=f"病历摘要（{held.unit} {held.doctor}，摘录于 {taken:%Y-%m-%d %H:%M}）", columns=1)
    ]
    blocks += _paragraphs(("现病史", held.history), ("查体与检查", held.examination), ("处理意见", held.plan))
    return blocks


def _back(row: Referral) -> list[Block]:
    pairs = (
        ("确诊诊断", f"{row.final_dx_name}（{row.final_dx_code}）"),
        ("转归", words.word((*words.OUTCOMES, *words.FINISHES), row.outcome)),
        ("小结时间", _stamp(row.treated_at)),
        ("首次随访日期", f"{row.follow_up_on:%Y-%m-%d}" if row.follow_up_on else ""),
    )  # fmt: skip
    blocks: list[Block] = [Fields(pairs, title="诊治与下转")]
    blocks += _paragraphs(("诊治小结", row.treatment), ("后续治疗与随访方案", row.return_plan))
    if row.drugs:
        rows = [(d.get("name"), d.get("dose"), d.get("frequency"), d.get("days")) for d in row.drugs]
        blocks.append(
            Table(
                (Column("药名与规格", 4), "每次用量", Column("用法", 2), Column("天数", 1, "right")), rows, title="用药"
            )
        )
    return blocks


def _follow_ups(row: Referral) -> list[Block]:
    found = list(row.follow_ups.order_by("at"))
    if not found:
        return []
    rows = [
        (_stamp(one.at), words.word(words.WAYS, one.way), words.word(words.CONDITIONS, one.condition),
         words.word(words.ADHERENCE, one.adherence), one.text)
        for one in found
    ]  # fmt: skip
    return [Table((Column("时间", 2), "方式", "情况", Column("服药", 1.3), Column("记录", 5)), rows, title="随访")]


def _end(row: Referral) -> list[Block]:
    consents = [_consent("转诊", row.consent), _consent("下转", row.return_consent)]
    pairs = tuple((label, text) for label, text in consents if text)
    blocks: list[Block] = [Fields(pairs, title="知情同意", columns=1)] if pairs else []
    blocks.append(Signatures(("转出医生", "接诊医生", "患者（家属）")))
    blocks.append(Note("上转标准中标为“平台假定”“待确认”的条目须由本县核定；本单由系统生成，扫描二维码核验。"))
    return blocks


def _consent(what: str, given: Mapping[str, Any] | None) -> tuple[str, str]:
    if not given:
        return what, ""
    at = calendar.local(datetime.fromisoformat(given["at"]))
    taken = f"，{given['recorder']}记录" if given.get("recorder") else ""
    return f"{what}知情同意", f"{given['by']}（{given['relation']}）于 {at:%Y-%m-%d %H:%M} 同意{taken}"


def _paragraphs(*pairs: tuple[str, str]) -> list[Block]:
    return [Paragraph(title, text) for title, text in pairs if text]


def _stamp(moment: datetime | None) -> str:
    return f"{calendar.local(moment):%Y-%m-%d %H:%M}" if moment is not None else ""
