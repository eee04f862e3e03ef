"""The three things of booking that wait for a person: an offer from the waiting list, an appointment that was suspended,
an appeal against being kept out. Each is held by the institution's booking desk until a moment that policy gives.
"""

from __future__ import annotations

from yigongti.kernel.case.facade import Flow, Holder, State, Transition
from yigongti.service.booking import forms
from yigongti.service.booking.actions import calendars, moving, restricting, waiting

DESK = Holder("to", "booking.desk", "预约窗口")
ROBOT = Holder("to", "booking.robot", "预约机器人")
MANAGER = Holder("to", "booking.manage", "排班管理")

OFFERED = Flow(
    code="booking_offered", version=1, title="候补到号", noun="候补到号", domain="booking", start="offered",
    shown_to_subject=True, opens=(ROBOT, DESK), form=forms.OFFER, on_open=waiting.on_offered,
    states=(
        State("offered", "待确认", DESK, "booking.offer", meaning="号已留出，等居民自行确认或窗口联系确认；过时让给下一位"),
        State("taken", "已预约", meaning="居民要了这个号", outcome="closed"),
        State("lost", "未要", meaning="居民不要或未及时确认，号已让给下一位", outcome="ended"),
    ),
    transitions=(
        Transition("confirm", "确认要号", ("offered",), "taken", (DESK,), forms.CONFIRM, waiting.on_confirm,
                   tone="primary", main=True),
        Transition("give_up", "居民放弃", ("offered",), "lost", (DESK,), forms.GIVE_UP, waiting.on_give_up,
                   tone="danger", consequence="号立即让给下一位，这位居民退出候补。"),
        Transition("settled", "居民已自行答复", ("offered",), "taken", (ROBOT,), None, waiting.on_settled, tells=()),
        Transition("lapse", "过时未确认", ("offered",), "lost", (ROBOT,), None, waiting.on_lapse),
    ),
)  # fmt: skip
"""Opened by the robot when a place frees; the person may answer on the phone as well."""

MOVED = Flow(
    code="booking_moved", version=1, title="停诊改约", noun="停诊改约", domain="booking", start="affected",
    shown_to_subject=True, opens=(MANAGER,), form=forms.MOVE, on_open=calendars.on_moved,
    states=(
        State("affected", "待改约", DESK, "booking.rebook", meaning="原预约因停诊取消，等窗口联系居民改约"),
        State("rebooked", "已改约", meaning="居民有了新的预约", outcome="closed"),
        State("dropped", "不再改约", meaning="居民不再需要或另有去处，原因已记录", outcome="ended"),
    ),
    transitions=(
        Transition("rebook", "改约", ("affected",), "rebooked", (DESK,), forms.REBOOK, moving.on_rebook,
                   tone="primary", main=True),
        Transition("drop", "不再改约", ("affected",), "dropped", (DESK,), forms.DROP, moving.on_drop, tone="danger",
                   consequence="事项结束，原因计入统计。"),
        Transition("settled", "居民已自行改约", ("affected",), "rebooked", (ROBOT,), None, moving.on_settled, tells=()),
    ),
)  # fmt: skip
"""Opened for each person booked in a session that was suspended."""

APPEAL = Flow(
    code="booking_appeal", version=1, title="爽约限制申诉", noun="申诉", domain="booking", start="filed",
    shown_to_subject=True, opens=(ROBOT, DESK), form=forms.FILED,
    states=(
        State("filed", "待答复", DESK, "booking.appeal", meaning="居民认为限制不当，等窗口核实后解除或维持"),
        State("lifted", "已解除", meaning="限制已解除", outcome="closed"),
        State("upheld", "已维持", meaning="限制维持到期满，理由已告知", outcome="ended"),
    ),
    transitions=(
        Transition("lift", "解除限制", ("filed",), "lifted", (DESK,), forms.LIFT, restricting.on_lift, tone="primary",
                   main=True),
        Transition("uphold", "维持限制", ("filed",), "upheld", (DESK,), forms.UPHOLD, restricting.on_uphold,
                   tone="danger", consequence="居民在限制到期前不能窗口或自助预约，转诊和急症除外。"),
    ),
)  # fmt: skip
"""What the person wrote is made a case by the robot within a minute."""

FLOWS: tuple[Flow, ...] = (OFFERED, MOVED, APPEAL)
