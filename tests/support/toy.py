"""A toy flow for kernel tests: two sides, four states, one decline."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from yigongti.kernel.case.flow import Act, Flow, Holder, Limit, Refused, State, Transition

SENDER = Holder("from", "toy.sender", "发起医生")
DESK = Holder("to", "toy.desk", "服务台")
LIMIT = Limit(timedelta(hours=4), timedelta(hours=1), timedelta(0), timedelta(hours=20))


def refuse_empty(act: Act) -> None:
    if act.values.get("text") == "refuse me":
        raise Refused("不能这样办理", field="text", remedy="换一种说法")


FLOW = Flow(
    code="toy", version=1, title="玩具", noun="玩具单", domain="clinical", start="sent", opens=(SENDER,),
    shown_to_subject=True,
    states=(
        State("sent", "待接收", DESK, "toy.sent"), State("accepted", "待完成", DESK, "toy.accepted"),
        State("declined", "待发起方处理", SENDER, "toy.declined"), State("done", "已完成"),
    ),
    transitions=(
        Transition("accept", "接收", ("sent",), "accepted", (DESK,), effect=refuse_empty, main=True),
        Transition("decline", "退回", ("sent",), "declined", (DESK,), tone="danger"),
        Transition("finish", "完成", ("accepted",), "done", (DESK,), main=True),
        Transition("resend", "重新发送", ("declined",), "sent", (SENDER,), main=True),
        Transition("reopen", "重开", ("done",), "accepted", (DESK,)),
    ),
)  # fmt: skip


def wiring(**more: Any) -> SimpleNamespace:
    """A wiring with the toy flow alone."""
    offers = {
        "FLOWS": (FLOW,),
        "PORTS": {"limit": lambda key, unit, on: LIMIT},
        "REACTIONS": (),
        "EVENTS": (),
        "PANELS": {},
    }
    return SimpleNamespace(**{**offers, **more})
