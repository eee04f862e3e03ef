"""Booking as facts: one row a place, one row a booking, one row a stay on the waiting list. Nobody is named."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.facts.facade import Column, Fact, Lines
from yigongti.service.booking import queries, words
from yigongti.service.booking.models import Slot, Waiting

PLACES = Fact(
    name="booking_places",
    title="号源、床位与检查",
    row="一个可预约的号、床或检查",
    opens="/booking/place/{row_id}/",
    lines="booking_places",
    columns=(
        Column("row_id", "id", "号"),
        Column("unit", "id", "机构"),
        Column("consortium", "id", "医共体"),
        Column("kind", "text", "expert 专家号、bed 床位、exam 检查"),
        Column("kept", "flag", "为家庭医生转诊预留"),
        Column("released", "flag", "到时未用而释放"),
        Column("channel", "text", "referral 转诊、desk 窗口、resident 居民、空为没有人约"),
        Column("status", "text", "booked、arrived、missed、held、空为没有人约"),
        Column("over", "flag", "时间已过"),
        Column("starts", "moment", "开始"),
    ),
    sql="""
select k.id, k.unit_id, u.consortium_id, k.kind, k.reserved, k.released_at is not null, coalesce(t.channel, ''),
       coalesce(t.status, ''), k.ends <= now(), k.starts
  from booking_slot k join booking_session s on s.id = k.session_id join access_unit u on u.id = k.unit_id
  left join access.taken t on t.slot_id = k.id
 where s.status = 'open' order by k.id""",
)

WAITS = Fact(
    name="booking_waits",
    title="候补",
    row="一次候补登记",
    opens="/booking/waiting/",
    lines="booking_waits",
    columns=(
        Column("row_id", "id", "候补"),
        Column("unit", "id", "机构"),
        Column("consortium", "id", "医共体"),
        Column("kind", "text", "expert 专家号、bed 床位、exam 检查"),
        Column("status", "text", "waiting、offered、booked、left、expired"),
        Column("waited", "integer", "从登记到到号", "秒"),
        Column("since", "moment", "登记"),
        Column("offered_at", "moment", "到号"),
    ),
    sql="""
select w.id, w.unit_id, u.consortium_id, w.kind, w.status,
       extract(epoch from w.offered_at - w.since)::bigint, w.since, w.offered_at
  from booking_waiting w join access_unit u on u.id = w.unit_id order by w.id""",
)

FACTS = (PLACES, WAITS)


def place_lines(ids: Sequence[int], acting: Acting) -> Lines:
    """Port ``booking_places``: places as a figure's page lists them; nobody is named."""
    rows = Slot.objects.select_related("resource", "unit").filter(pk__in=list(ids)).order_by("-starts")
    return Lines(
        ("机构", "资源", "时间", "号"),
        tuple(
            (row.pk, reverse("booking:session", args=[row.session_id]),
             (row.unit.name, row.resource.title, queries.when(row.kind, row.starts, row.ends), str(row.number)))
            for row in rows
        ),
    )  # fmt: skip


def wait_lines(ids: Sequence[int], acting: Acting) -> Lines:
    """Port ``booking_waits``: entries of the waiting list as far as the fence shows them, without names."""
    rows = Waiting.objects.select_related("unit").filter(pk__in=list(ids)).order_by("-since")
    return Lines(
        ("机构", "专科", "登记", "结果"),
        tuple(
            (row.pk, reverse("booking:waiting"),
             (row.unit.name, f"{row.specialty}（{words.word(words.KINDS, row.kind)}）",
              f"{calendar.local(row.since):%Y-%m-%d %H:%M}", row.get_status_display()))
            for row in rows
        ),
    )  # fmt: skip
