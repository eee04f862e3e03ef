"""The one table of forms: what was typed and not yet sent."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from yigongti.kernel.access.fence import ACCOUNT, Fence
from yigongti.kernel.access.models import Fenced


class Draft(Fenced):
    """A half-filled form of one account about one object; the content is encrypted, nobody else ever reads
    it.
    """

    account = models.ForeignKey("access.Account", models.DO_NOTHING)
    form = models.CharField(max_length=80)
    object = models.CharField(max_length=80, help_text="what the form is about, e.g. case-12; new for a fresh one")
    content = models.TextField(help_text="sealed JSON: title, address to go on at, texts by field")
    saved_at = models.DateTimeField()

    fence = Fence(
        select=f"account_id = {ACCOUNT}",
        insert=f"account_id = {ACCOUNT}",
        update=f"account_id = {ACCOUNT}",
        delete=f"account_id = {ACCOUNT}",
    )

    class Meta:
        db_table = "form_draft"
        constraints = [
            models.UniqueConstraint(fields=["account", "form", "object"], name="form_draft_one_an_object"),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("content"), 131_072), name="form_draft_content_is_bounded"
            ),
        ]
        indexes = [models.Index(fields=["account", "-saved_at"], name="form_draft_latest")]
