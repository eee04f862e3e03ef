"""Identity numbers and telephones on a resident's row: sealed, indexed, masked, opened with a trace in the log."""

from __future__ import annotations

from yigongti.kernel import crypto, ids, text
from yigongti.kernel.audit import log
from yigongti.registry.models import Card, Resident

ID_CONTEXT = "resident.id_number"
PHONE_CONTEXT = "resident.phone"
CARD_CONTEXT = "card.number"


def identity_fields(number: str) -> dict[str, str]:
    """The three stored forms of a checked identity number; all empty for none."""
    ring = crypto.ring()
    return {
        "id_cipher": ring.encrypt(number, context=ID_CONTEXT),
        "id_index": ring.index_identity(number),
        "id_last4": ring.index_last4(number),
    }


def phone_fields(number: str) -> dict[str, str]:
    """The three stored forms of a checked telephone number; all empty for none."""
    ring = crypto.ring()
    return {
        "phone_cipher": ring.encrypt(number, context=PHONE_CONTEXT),
        "phone_index": ring.index_phone(number),
        "phone_last4": ring.index_last4(number),
    }


def id_number(resident: Resident) -> str:
    """The identity number in clear, "" for none. The caller logs why."""
    return crypto.ring().decrypt(resident.id_cipher, context=ID_CONTEXT)


def phone_number(resident: Resident) -> str:
    """The telephone number in clear, "" for none. The caller logs why."""
    return crypto.ring().decrypt(resident.phone_cipher, context=PHONE_CONTEXT)


def masked_id(resident: Resident) -> str:
    number = id_number(resident)
    return text.mask_id(number) if number else ids.LABELS[ids.IdKind(resident.id_kind)]


def number_tail(cipher: str) -> str:
    """The last four signs of a sealed identity number, "" for none; of a short one what a mask leaves."""
    number = crypto.ring().decrypt(cipher, context=ID_CONTEXT)
    return text.mask_id(number).strip(text.MASK)[-4:]


def masked_phone(resident: Resident) -> str:
    number = phone_number(resident)
    return text.mask_phone(number) if number else ""


def card_number(card: Card) -> str:
    """A card's number in clear. The caller logs why."""
    return crypto.ring().decrypt(card.number_cipher, context=CARD_CONTEXT)


def masked_card(card: Card) -> str:
    number = card_number(card)
    return f"{number[:2]}{'*' * max(len(number) - 6, 4)}{number[-4:]}"


def reveal(resident: Resident, what: str) -> str:
    """The whole number, written to the log as revealed. `what`: id or phone."""
    log.did("revealed", "id_number" if what == "id" else "phone", [resident.pk], [resident.pk], why="显示完整号码")
    return id_number(resident) if what == "id" else phone_number(resident)
