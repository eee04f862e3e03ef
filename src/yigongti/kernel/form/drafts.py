"""Half-filled forms that survive a closed window and the end of a session: saved, found again, discarded.

A draft belongs to one account and one object; it keeps the texts as typed (and the form's ``client_id``,
so that a form sent twice still has one effect). Content is sealed with the installation's key. Its size
and number are bounded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from yigongti.kernel import calendar, crypto

from .description import Form
from .sent import Sent, kept, sent

if TYPE_CHECKING:
    from yigongti.kernel.access.facade import Acting

    from .models import Draft

#: Bytes of typed text one draft may hold, and drafts one account may have.
SIZE = 64 * 1024
COUNT = 50
SEALED_AS = "form.draft"


class DraftRefused(ValueError):
    """The draft can't be kept; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft as shown and restored: its form, its object, where to go on, what was typed."""

    id: int
    form: str
    object: str
    title: str
    resume: str
    texts: Sent
    saved_at: datetime


def save(
    *, acting: Acting, form: Form, object: str, data: Mapping[str, Any], title: str, resume: str, key: str = ""
) -> datetime | None:
    """Keep what was typed, replacing the earlier draft of the same form and object; nothing typed discards
    it.

    resume: address inside this site at which the person goes on. Returns when it was saved, None when
    discarded. Raises DraftRefused when it is too large or there are too many.
    """
    texts = {name: items for name, items in kept(form, sent(data)).items() if any(items)}
    if not set(texts) - {"client_id"}:
        discard(acting=acting, form=key or form.code, object=object)
        return None
    content = json.dumps({"title": title[:120], "resume": _inside(resume), "texts": texts}, ensure_ascii=False)
    content = content.encode("utf-8", "replace").decode()
    if len(content.encode()) > SIZE:
        raise DraftRefused(f"内容超过 {SIZE // 1024} KB，没有自动保存。请先提交，或把长内容作为附件")
    now = calendar.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from form_draft where form <> %s or object <> %s", [key or form.code, object[:80]]
        )
        if cursor.fetchone()[0] >= COUNT:
            raise DraftRefused(f"未完成的表单已有 {COUNT} 份，没有自动保存。请先提交或放弃其中几份")
        cursor.execute(
            "insert into form_draft (account_id, form, object, content, saved_at) values (%s, %s, %s, %s, %s)"
            " on conflict (account_id, form, object)"
            " do update set content = excluded.content, saved_at = excluded.saved_at",
            [_account(acting), key or form.code, object[:80], crypto.ring().encrypt(content, context=SEALED_AS), now],
        )
    return now


def find(*, acting: Acting, form: str, object: str) -> Saved | None:
    """The draft of one form about one object."""
    return about(acting=acting, object=object).get(form)


def about(*, acting: Acting, object: str) -> dict[str, Saved]:
    """All drafts about one object by form code; one query."""
    from .models import Draft

    rows = Draft.objects.filter(account_id=_account(acting), object=object[:80])[:COUNT]
    return {row.form: _saved(row) for row in rows}


def mine(*, acting: Acting) -> list[Saved]:
    """The account's drafts, latest first; what a sign-in offers to go on with."""
    from .models import Draft

    rows = Draft.objects.filter(account_id=_account(acting)).order_by("-saved_at")[:COUNT]
    return [_saved(row) for row in rows]


def discard(*, acting: Acting, form: str, object: str) -> None:
    """Forget one draft; called when its form has been sent."""
    from .models import Draft

    Draft.objects.filter(account_id=_account(acting), form=form, object=object[:80]).delete()


def discard_one(*, acting: Acting, id: int) -> bool:
    """Forget the draft of that id; False when the account has none such."""
    from .models import Draft

    gone, _ = Draft.objects.filter(account_id=_account(acting), id=id).delete()
    return gone > 0


def _account(acting: Acting) -> int:
    if acting.account_id is None:
        raise DraftRefused("系统账号没有未完成的表单")
    return acting.account_id


def _saved(row: Draft) -> Saved:
    content = json.loads(crypto.ring().decrypt(row.content, context=SEALED_AS))
    texts = {name: list(items) for name, items in content["texts"].items()}
    return Saved(row.id, row.form, row.object, content["title"], content["resume"], texts, row.saved_at)


def _inside(address: str) -> str:
    """Only an address of this site; anything else leads to the start page."""
    if address.startswith("/") and not address.startswith(("//", "/\\")) and "\n" not in address:
        return address[:300]
    return "/"
