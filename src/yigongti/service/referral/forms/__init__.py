"""The forms of referral's acts, as descriptions."""

from yigongti.service.referral.forms.two_way import (
    ACCEPT,
    ACKNOWLEDGE,
    ANSWER,
    ARRIVE,
    CANCEL,
    CLOSE_HERE,
    CONFIRM,
    CONSENT,
    DECLINE,
    DRUGS,
    FINISH,
    FOLLOW_ON,
    FOLLOW_UP,
    FORMS,
    HAND_OVER,
    MARKS,
    NO_SHOW,
    QUESTION,
    REASON,
    REBOOK,
    REOPEN,
    RESCHEDULE,
    RESEND,
    SEND,
    SEND_DIRECT,
    SEND_DOWN,
    WITHDRAW,
)

__all__ = [
    "ACCEPT", "ACKNOWLEDGE", "ANSWER", "ARRIVE", "CANCEL", "CLOSE_HERE", "CONFIRM", "CONSENT", "DECLINE",
    "DRUGS", "FINISH", "FOLLOW_ON", "FOLLOW_UP", "FORMS", "HAND_OVER", "MARKS", "NO_SHOW", "QUESTION", "REASON",
    "REBOOK", "REOPEN", "RESCHEDULE", "RESEND", "SEND", "SEND_DIRECT", "SEND_DOWN", "WITHDRAW",
]  # fmt: skip
