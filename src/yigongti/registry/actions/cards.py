"""Health cards and the other cards that name a person: issued, added, lost, issued anew; the code of this moment."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from yigongti.kernel import calendar, crypto, text
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.registry import identifiers, parameters
from yigongti.registry.actions.residents import region_county
from yigongti.registry.actions.scanning import seal
from yigongti.registry.models import Card, Resident
from yigongti.registry.queries.residents import canonical_of, same_person
from yigongti.registry.rules import cards

OURS = (Card.Kind.HEALTH, Card.Kind.PAPER)
ENDINGS = {"lost": "挂失", "revoked": "注销"}


@dataclass(frozen=True)
class Shown:
    """A code to be shown now: its text, whose card it is of, how many seconds it is good (0: as long as the card)."""

    text: str
    card: Card
    seconds: int


def issue(*, acting: Acting, subject_id: int, kind: str = Card.Kind.HEALTH, client_id: UUID) -> Card:
    """Issue a health card, or a paper code beside it; one of each is live at a time, an older one is replaced.

    Staff issue for a resident they see, residents for themselves. The same client id again returns the card it made.
    Raises Denied; Refused for somebody who has died.
    """
    who = _person(acting, subject_id)
    known: Card | None = Card.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    if kind not in OURS:
        raise Refused("这类卡不由本平台发放", field="kind", remedy="用“登记其他卡”录入卡号")
    old = Card.objects.select_for_update().filter(subject_id=who.pk, kind=kind, status="active").first()
    if old is not None:
        _end(old, Card.Status.REPLACED, "补发新卡")
    number = cards.number(region_county(acting), secrets.randbelow(10**9))
    return _write(acting, who.pk, kind, number, "", client_id, old)


def add_card(*, acting: Acting, subject_id: int, kind: str, number: str, label: str, client_id: UUID) -> Card:
    """Note a card that somebody else issued (insurance, hospital): its number names the person from now on.

    Raises Denied; Refused where the number can't be one or is another person's.
    """
    acting.demand("registry.resident")
    who = _person(acting, subject_id)
    known: Card | None = Card.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    try:
        plain = text.code(number, label="卡号").replace("-", "")
    except text.TextError as wrong:
        raise Refused(str(wrong), field="number") from None
    if not (6 <= len(plain) <= 30 and plain.isascii() and plain.isalnum()):
        raise Refused("卡号应为 6 至 30 位字母或数字", field="number", remedy="对照卡面逐位核对，不含空格")
    return _write(acting, who.pk, kind, plain, label.strip()[:40], client_id, None)


def _write(
    acting: Acting, subject_id: int, kind: str, number: str, label: str, client_id: UUID, replaces: Card | None
) -> Card:
    ring = crypto.ring()
    card = Card(
        client_id=client_id, subject_id=subject_id, kind=kind, label=label, unit_id=acting.unit_id, seat_id=acting.seat_id,
        number_cipher=ring.encrypt(number, context=identifiers.CARD_CONTEXT), number_index=ring.index_identity(number),
        issued_at=calendar.now(), replaces=replaces,
    )  # fmt: skip
    try:
        with transaction.atomic():
            card.save(force_insert=True)
    except IntegrityError as clash:
        again: Card | None = Card.objects.filter(client_id=client_id).first()
        if again is not None:
            return again
        if "one_live" not in str(clash):
            raise
        raise Refused(
            "这个卡号已登记在另一份档案上", field="number", remedy="核对卡号；确是同一人的两份档案，请提出合并"
        ) from None
    log.did("card_issued", "card", [card.pk], [subject_id], why=f"登记{card.get_kind_display()}")
    return card


def end_card(*, acting: Acting, card_id: int, how: str) -> Card:
    """Report a card lost or revoke it; from this moment it names nobody. Raises Card.DoesNotExist, Refused."""
    card: Card = Card.objects.select_for_update().get(pk=card_id)
    _person(acting, card.subject_id)
    if how not in ENDINGS:
        raise Denied("card")
    if card.status == Card.Status.ACTIVE:
        _end(card, Card.Status.LOST if how == "lost" else Card.Status.REVOKED, ENDINGS[how])
        log.did("card_ended", "card", [card.pk], [card.subject_id], why=ENDINGS[how])
    return card


def _end(card: Card, status: str, why: str) -> None:
    card.status, card.ended_at, card.ended_why = status, calendar.now(), why
    card.save(force_update=True, update_fields=["status", "ended_at", "ended_why"])


def end_all(subject_ids: tuple[int, ...], why: str) -> int:
    """Revoke whatever is live, with one reason (a death); returns how many."""
    rows = Card.objects.filter(subject_id__in=subject_ids, status="active")
    return int(rows.update_any(status=Card.Status.REVOKED, ended_at=calendar.now(), ended_why=why))


def revive(subject_ids: tuple[int, ...], why: str) -> int:
    """Take back what `end_all` did for this reason; returns how many."""
    rows = Card.objects.filter(subject_id__in=subject_ids, status=Card.Status.REVOKED, ended_why=why)
    return int(rows.update_any(status=Card.Status.ACTIVE, ended_at=None, ended_why=""))


def code_now(acting: Acting, subject_id: int) -> Shown | None:
    """The dynamic code of the person's health card for this moment; None: no live card. Residents, of their own only."""
    if subject_id not in acting.subjects:
        raise Denied("card")
    card = live_card(subject_id, Card.Kind.HEALTH)
    if card is None:
        return None
    now = int(calendar.now().timestamp())
    code = cards.dynamic(identifiers.card_number(card), at=now, nonce=secrets.token_hex(4).upper(), seal=seal)
    return Shown(code, card, parameters.code_seconds(acting.place))


def paper_code(card: Card) -> Shown:
    """The code that a live paper card carries. Raises Refused for an ended or another kind of card."""
    if card.kind != Card.Kind.PAPER or card.status != Card.Status.ACTIVE:
        raise Refused("这张纸质健康码已停用", remedy="重新发放后再打印")
    return Shown(cards.paper(identifiers.card_number(card), seal=seal), card, 0)


def live_card(subject_id: int, kind: str) -> Card | None:
    found: Card | None = Card.objects.filter(
        subject_id__in=same_person(subject_id), kind=kind, status="active"
    ).order_by("-pk").first()  # fmt: skip
    return found


def _person(acting: Acting, subject_id: int) -> Resident:
    """The person's present entry, where the seat may act on it. Raises Denied; Refused for the dead."""
    if subject_id not in acting.subjects:
        acting.demand("registry.resident")
    found: Resident | None = Resident.objects.filter(pk=canonical_of(subject_id)).first()
    if found is None:
        raise Denied("resident")
    if found.status == Resident.Status.DEAD:
        raise Refused(f"{found.name}已登记死亡，不能发卡", remedy="死亡登记有误的，先在“变动”里撤销")
    return found
