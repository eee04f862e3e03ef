"""How reports and complaints show; the pages are the kernel's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Case, Flow
from yigongti.kernel.desk import Column, Create, Desk, Filter, of
from yigongti.kernel.form import Choice
from yigongti.service.complaint import actions, queries, words
from yigongti.service.complaint.flow import COMPLAINT, REFUSAL
from yigongti.service.complaint.models import Complaint


def _words(row: Complaint) -> str:
    return words.word(words.REFUSALS if row.kind == "refusal" else words.COMPLAINTS, row.category)


def _category(row: Any) -> str | None:
    return _words(row.more) if row.more is not None else None


def _verdict(row: Any) -> str | None:
    return words.word(words.VERDICTS, row.more.verdict) if row.more is not None and row.more.verdict else None


def detail(case: Case, row: Complaint | None) -> Sequence[tuple[str, str]]:
    if row is None:
        return []
    who = words.word(words.REPORTERS, row.reporter)
    rated = "" if row.satisfied is None else ("满意 " if row.satisfied else "不满意 ") + row.rated_text
    facts = [
        ("被反映机构", row.about.name), ("情形", _words(row)), ("发生日期", str(row.happened_on or "")),
        ("反映人", f"{who} {row.reporter_name} {row.phone}".strip()), ("经过", row.text), ("希望", row.wish),
        ("答复", row.answer), ("措施", row.measures), ("结论", words.word(words.VERDICTS, row.verdict)),
        ("评判理由", row.verdict_text), ("评价", rated.strip()),
    ]  # fmt: skip
    return [(label, text) for label, text in facts if text]


def _opening(flow: Flow) -> Callable[[Acting, dict[str, Any], UUID, int | None], Case]:
    def opened(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
        return actions.report(acting=acting, flow=flow.code, values=values, client_id=client_id, subject_id=subject_id)

    return opened


def _categories(pairs: tuple[tuple[str, str], ...]) -> Filter:
    def narrow(rows: QuerySet[Case], code: str) -> QuerySet[Case]:
        return rows.filter(complaint__category=code)

    return Filter("kind", "情形", lambda acting: [Choice(*pair) for pair in pairs], narrow)


_VERDICTS = Filter(
    "found", "结论", lambda acting: [Choice(*pair) for pair in words.VERDICTS],
    lambda rows, code: rows.filter(complaint__verdict=code),
)  # fmt: skip

REFUSAL_DESK = Desk(
    flow=REFUSAL, title="推诿举报", noun="推诿举报", rows=queries.by_case, detail=detail,
    columns=(
        Column("category", "情形", _category), Column("happened", "发生日期", of("happened_on"), "day"),
        Column("verdict", "结论", _verdict),
        Column("reported", "登记时间", lambda row: row.case.opened_at, "time", sort="opened_at", wide=True),
    ),
    filters=(_categories(words.REFUSALS), _VERDICTS),
    create=Create(open=_opening(REFUSAL), lead="首诊负责制，不得推诿病人：机构负责人在时限内答复，总部评判，成立的须整改。"),
)  # fmt: skip
COMPLAINT_DESK = Desk(
    flow=COMPLAINT, title="投诉", noun="投诉", rows=queries.by_case, detail=detail,
    columns=(
        Column("category", "类别", _category), Column("happened", "发生日期", of("happened_on"), "day"),
        Column("verdict", "结论", _verdict, wide=True),
        Column("reported", "登记时间", lambda row: row.case.opened_at, "time", sort="opened_at", wide=True),
    ),
    filters=(_categories(words.COMPLAINTS), _VERDICTS),
    create=Create(open=_opening(COMPLAINT), lead="本人提交或代为登记；机构受理、答复，投诉人评价，不满意的由总部复核。"),
)  # fmt: skip
DESKS = (REFUSAL_DESK, COMPLAINT_DESK)
