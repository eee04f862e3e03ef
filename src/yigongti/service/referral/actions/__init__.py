"""Every write of a referral: what a transition does to the row, to relations and to the clock.

Each effect runs inside the kernel's transaction with the case locked; it may refuse, and then nothing has happened.
"""

from yigongti.service.referral.actions.hospital import (
    on_accept,
    on_answer,
    on_arrive,
    on_decline,
    on_finish,
    on_hand_over,
    on_no_show,
    on_question,
    on_reschedule,
    on_send_down,
)
from yigongti.service.referral.actions.opening import on_sent, on_sent_down, send, send_down_directly
from yigongti.service.referral.actions.sender import (
    on_acknowledge,
    on_confirm,
    on_end,
    on_follow,
    on_rebook,
    on_reopen,
    on_resend,
)

__all__ = [
    "on_accept", "on_acknowledge", "on_answer", "on_arrive", "on_confirm", "on_decline", "on_end", "on_finish",
    "on_follow", "on_hand_over", "on_no_show", "on_question", "on_rebook", "on_reopen", "on_reschedule", "on_resend",
    "on_send_down", "on_sent", "on_sent_down", "send", "send_down_directly",
]  # fmt: skip
