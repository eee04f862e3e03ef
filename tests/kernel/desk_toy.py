"""A toy flow and its desk: the smallest customer of the case, form and desk kernels."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from tests.support.people import Bare

from yigongti.kernel import wiring
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Act, Case, Flow, Holder, Limit, Refused, State, Transition, open_case
from yigongti.kernel.desk import Column, Create, Desk, Filter, Row
from yigongti.kernel.form import Choice, Field, Form, Known

SENDER = Holder("from", "toy.sender", "发起人")
DESK_SIDE = Holder("to", "toy.desk", "受理台")
CODES = {"I10": "原发性高血压", "E11": "2型糖尿病", "J18": "肺炎"}


class Codes:
    """A code table of three."""

    def get(self, code: str) -> Choice | None:
        return Choice(code, CODES[code]) if code in CODES else None

    def search(self, text: str, limit: int) -> Sequence[Choice]:
        return [Choice(code, label) for code, label in CODES.items() if text in label or text in code][:limit]


OPEN_FORM = Form(
    "toy.open",
    "发起事项",
    fields=(
        Field("what", "事由", "text", required=True, max_length=60),
        Field("code", "诊断", "code", source="toycodes"),
        Field("sbp", "收缩压", "integer", unit="mmHg", min=40, max=300),
        Field("urgent", "是否紧急", "yesno"),
        Field("reason", "紧急原因", "longtext", required=True, when=("urgent", True)),
    ),
    submit="发起",
)
ACCEPT_FORM = Form(
    "toy.accept",
    "受理",
    fields=(
        Field("at", "安排时间", "datetime", required=True),
        Field("note", "说明", "longtext"),
        Field("phone", "联系电话", "text", masked=True, max_length=20),
    ),
    submit="受理",
)
DECLINE_FORM = Form("toy.decline", "退回", fields=(Field("why", "原因", "text", required=True),), submit="退回")


def _accept(act: Act) -> None:
    if "拒绝" in (act.values.get("note") or ""):
        raise Refused("说明中不能写拒绝", field="note", remedy="要拒绝请用退回", clause="玩具规则第1条")


FLOW = Flow(
    code="toy",
    version=1,
    title="玩具事项",
    noun="事项",
    domain="clinical",
    states=(
        State("sent", "待受理", DESK_SIDE, "toy.accept", "受理台在时限内受理或退回"),
        State("accepted", "办理中", DESK_SIDE, "toy.work"),
        State("returned", "待补充", SENDER, "toy.more"),
        State("done", "已办结"),
        State("declined", "已退回"),
    ),
    transitions=(
        Transition(
            "accept", "受理", ("sent",), "accepted", (DESK_SIDE,), ACCEPT_FORM, _accept, tone="primary", main=True,
        ),
        Transition("ask", "要求补充", ("sent",), "returned", (DESK_SIDE,), DECLINE_FORM),
        Transition("answer", "补充", ("returned",), "sent", (SENDER,), main=True),
        Transition(
            "decline", "退回", ("sent",), "declined", (DESK_SIDE,), DECLINE_FORM,
            tone="danger", consequence="退回后发起方立即看到原因；本单结束，不能恢复。",
        ),
        Transition("finish", "办结", ("accepted",), "done", (DESK_SIDE,), main=True),
    ),
    start="sent",
    opens=(SENDER,),
    form=OPEN_FORM,
)  # fmt: skip


class Toy:
    """A county with a toy desk: opens cases, gives clients."""

    def __init__(self, bare: Bare) -> None:
        self.bare = bare
        self.open_calls: list[dict[str, Any]] = []

    def create(self, acting: Acting, values: dict[str, Any], client_id: uuid.UUID, subject: int | None) -> Case:
        self.open_calls.append(values)
        return self.open(acting, title=values["what"], values=values, client_id=client_id)

    def open(
        self, acting: Acting, *, title: str = "甲的事项", values: dict[str, Any] | None = None,
        client_id: uuid.UUID | None = None, to: int | None = None,
    ) -> Case:  # fmt: skip
        return open_case(
            acting=acting, flow=FLOW.code, subject_id=self.bare.subject, from_unit=acting.unit_id,
            to_unit=to or self.bare.b, hq_unit=self.bare.consortium, title=title,
            values=values or {"what": title}, client_id=client_id or uuid.uuid4(),
        )  # fmt: skip

    @property
    def desk(self) -> Desk:
        return Desk(
            flow=FLOW,
            title="玩具台",
            columns=(
                Column("len", "标题长度", _length, kind="number"),
                Column("first", "首字", _first, sort="title"),
            ),
            filters=(
                Filter(
                    "urgency", "紧急程度", lambda acting: (Choice("2", "紧急"), Choice("0", "一般")),
                    lambda rows, value: rows.filter(priority=int(value)),
                ),
            ),
            rows=lambda ids: {pk: f"行{pk}" for pk in ids},
            detail=lambda case, more: (("玩具行", more),),
            known=lambda case, transition, env: {"phone": Known("138****0000", "档案")},
            create=Create(open=self.create),
        )  # fmt: skip

    @contextmanager
    def wired(self) -> Iterator[None]:
        with wiring.using(wiring_with(self.desk)):
            yield


def _length(row: Row) -> int:
    return len(row.case.title)


def _first(row: Row) -> str:
    return str(row.case.title[:1])


def limit(key: str, unit: int, on: Any) -> Limit:
    return Limit(timedelta(hours=4), timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))


def wiring_with(*desks: Desk) -> Any:
    """A wiring of these desks alone."""
    return SimpleNamespace(
        FLOWS=tuple(desk.flow for desk in desks),
        DESKS=desks,
        FORMS=(Form("toy.free", "随手记", fields=(Field("text", "内容", "longtext"),)),),
        PORTS={"limit": limit, "toycodes": Codes(), "print_mark": lambda place: ""},
        REACTIONS=(),
        EVENTS=(),
        PANELS={},
        ROOMS=(),
    )
