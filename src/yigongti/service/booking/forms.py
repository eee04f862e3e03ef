"""The forms of booking, as descriptions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import current
from yigongti.kernel.form import Choice, Env, Field, Form, Problem
from yigongti.registry import facade as registry
from yigongti.service.booking import queries, words
from yigongti.service.booking.models import Moved
from yigongti.service.booking.rules import clock

AHEAD = 60
"""Furthest day that a form lets one choose, in days; what is offered is policy's booking.ahead."""


def _seats(env: Env) -> Sequence[Choice]:
    acting = env.acting or current()
    return [
        Choice(str(seat.pk), seat.name, getattr(seat, "department", ""))
        for seat in registry.seats_at(acting.unit_id, "referral.specialist")
    ]


def _clock_problems(values: dict[str, Any]) -> Sequence[Problem]:
    wrong = [name for name in ("starts_at", "ends_at") if clock(str(values.get(name) or "")) is None]
    return [Problem(name, "不是时间", "按 08:00 的样式填写") for name in wrong]


RESOURCE = Form(
    code="booking.resource",
    title="新建可预约资源",
    submit="保存资源",
    fields=(
        Field("kind", "类别", "choice", required=True, choices=words.KINDS, default="expert"),
        Field("department", "科室", max_length=80, required=True, width=6),
        Field("specialty", "专科", max_length=80, width=6, help="按此查找和候补，不填同科室"),
        Field("title", "名称", max_length=120, required=True, width=8, placeholder="如：心内科 王医生专家门诊"),
        Field("seat", "医生", "choice", choices=_seats, when=("kind", "expert"), width=4),
        Field("location", "地点", max_length=120, width=8, placeholder="楼、层、诊室或病区"),
    ),
)
PLAN = Form(
    code="booking.plan",
    title="增加每周排班",
    submit="增加排班",
    check=_clock_problems,
    fields=(
        Field("weekday", "星期", "choice", required=True,
              choices=tuple((str(n), name) for n, name in enumerate(words.WEEKDAYS))),
        Field("starts_at", "开始", max_length=5, required=True, width=3, default="08:00"),
        Field("ends_at", "结束", max_length=5, required=True, width=3, default="11:30"),
        Field("places", "号数或床数", "integer", required=True, min=1, max=400, width=3),
        Field("share_percent", "预留比例", "decimal", unit="%", min=0, max=100, width=3,
              help="不填按政策；低于政策会在总览中提示", clause="湘卫发〔2024〕4号 四(三)"),
        Field("starts", "生效日期", "date", width=4, default=lambda env: env.today),
    ),
)  # fmt: skip
SUSPEND = Form(
    code="booking.suspend",
    title="停诊",
    submit="停诊并通知",
    intro="已预约的居民立即收到通知，每人生成一件停诊改约事项，由预约窗口在时限内联系改约。",
    fields=(
        Field("code", "原因", "choice", required=True, choices=words.SUSPENSIONS),
        Field("text", "说明", max_length=100, help="居民可见"),
    ),
)


def _window_channels(env: Env) -> Sequence[Choice]:
    return [Choice("normal", "普通"), Choice("urgent", "急症", "不受爽约限制")]


BOOK = Form(
    code="booking.book",
    title="窗口预约",
    submit="预约",
    fields=(
        Field("urgency", "情况", "choice", required=True, choices=_window_channels, default="normal"),
        Field("note", "备注", max_length=100, width=8),
    ),
)


def _specialties(env: Env) -> Sequence[Choice]:
    acting = env.acting or current()
    found: dict[tuple[str, str], str] = {}
    for one in queries.resources(acting.units):
        found.setdefault((one.kind, one.specialty), words.word(words.KINDS, one.kind))
    return [Choice(f"{kind}:{name}", f"{name}（{title}）") for (kind, name), title in sorted(found.items())]


WAIT = Form(
    code="booking.wait",
    title="登记候补",
    submit="登记候补",
    intro="有号空出时按急症、尽快、择期和登记先后依次到号，到号后须在时限内确认。",
    fields=(
        Field("specialty", "专科", "choice", required=True, choices=_specialties),
        Field("until", "最晚日期", "date", required=True, min=lambda env: env.today,
              max=lambda env: env.today + timedelta(days=AHEAD), default=lambda env: env.today + timedelta(days=14)),
        Field("priority", "紧急程度", "choice", choices=words.PRIORITIES, default="0"),
    ),
)  # fmt: skip
APPEAL = Form(
    code="booking.appeal",
    title="申诉",
    submit="提交申诉",
    intro="写明当时没有来的原因。预约窗口在时限内答复；限制到期也会自动解除。",
    fields=(Field("text", "理由", "longtext", required=True, max_length=500, rows=4),),
)

# ---- acts of the cases ---------------------------------------------------------------------------

CONFIRM = Form(
    code="booking.confirm", title="居民确认要号", submit="确认预约",
    fields=(Field("way", "联系方式", "choice", required=True,
                  choices=(("phone", "电话"), ("here", "当面"), ("family", "家属代为确认"))),),
)  # fmt: skip
GIVE_UP = Form(
    code="booking.give_up", title="居民放弃", submit="放弃此号",
    fields=(
        Field("reason", "原因", "choice", required=True,
              choices=(("recovered", "不再需要"), ("elsewhere", "已在别处就诊"), ("time", "时间不合适"))),
        Field("text", "说明", max_length=100),
    ),
)  # fmt: skip


def _instead(env: Env) -> Sequence[Choice]:
    """Free places of the same department for who was moved; kept ones where the booking was a referral's."""
    moved = Moved.objects.select_related("booking__resource").filter(pk=env.case.pk).first() if env.case else None
    if moved is None:
        return []
    before = moved.booking
    found = queries.offers(
        acting=env.acting or current(), kind=before.kind, unit_id=before.unit_id, start=calendar.today(), days=AHEAD,
        specialty=before.resource.department, channel="referral" if before.case_id else before.channel, most=60,
    )  # fmt: skip
    return [Choice(str(one.id), f"{one.when} {one.title}", "预留号" if one.reserved else "") for one in found]


REBOOK = Form(
    code="booking.rebook", title="改约", submit="改约并通知",
    fields=(
        Field("slot", "改到", "choice", required=True, choices=_instead, help="已与居民电话确认"),
        Field("text", "说明", max_length=100),
    ),
)  # fmt: skip
DROP = Form(
    code="booking.drop", title="不再改约", submit="结束",
    fields=(
        Field("reason", "去向", "choice", required=True,
              choices=(("recovered", "不再需要"), ("elsewhere", "去其他机构就诊"), ("primary", "回基层处理"),
                       ("lost", "多次联系不上"))),
        Field("text", "说明", max_length=100),
    ),
)  # fmt: skip
LIFT = Form(
    code="booking.lift", title="解除限制", submit="解除限制",
    fields=(Field("reason", "理由", max_length=150, required=True, help="居民可见"),),
)  # fmt: skip
UPHOLD = Form(
    code="booking.uphold", title="维持限制", submit="维持限制",
    fields=(Field("reason", "理由", max_length=150, required=True, help="居民可见"),),
)  # fmt: skip
OFFER = Form(code="booking.offer", title="候补到号", fields=())
MOVE = Form(code="booking.move", title="停诊改约", fields=(Field("reason", "停诊原因", max_length=200),))
FILED = Form(code="booking.filed", title="申诉", fields=(Field("text", "理由", "longtext"),))

FORMS = (RESOURCE, PLAN, SUSPEND, BOOK, WAIT, APPEAL)
