"""``{% form parsed … %}`` draws a form; ``{% values form values %}`` tells what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import template

from yigongti.kernel.form import draw, render
from yigongti.kernel.form.describe import describe
from yigongti.kernel.form.description import Form
from yigongti.kernel.form.drafts import Saved
from yigongti.kernel.form.parse import Parsed

register = template.Library()
register.simple_tag(draw.field, name="field")
register.simple_tag(draw.box, name="box")
register.simple_tag(draw.options_by_note)


@register.inclusion_tag("form/form.html", takes_context=True)
def form(
    context: template.Context,
    parsed: Parsed,
    action: str = "",
    cancel: str = "",
    draft: Saved | None = None,
    draft_url: str = "",
    tone: str = "primary",
    consequence: str = "",
    submit: str = "",
    check: bool = True,
    hidden: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The whole form: summary of problems, what was restored, groups of fields, the button.

    action       where it is sent ("" = here); the same address answers inline checks (``_check``) and
                 discards drafts
    draft        the draft these texts were restored from, if they were
    draft_url    where the page saves while one types ("" = not saved)
    tone         primary, plain or danger; *consequence* says what a dangerous action brings about
    """
    sent_id = (parsed.raw.get("client_id") or [""])[0]
    return {
        "request": context.get("request"),
        "csrf_token": context.get("csrf_token"),
        "parsed": parsed,
        "parts": render.parts(parsed),
        "summary": render.summary(parsed),
        "action": action,
        "cancel": cancel,
        "draft": draft,
        "draft_url": draft_url,
        "check_url": (action or "?") if check and parsed.form.fields else "",
        "tone": tone if tone in ("primary", "plain", "danger") else "primary",
        "consequence": consequence,
        "submit": submit or parsed.form.submit,
        "client_id": sent_id if _is_uuid(sent_id) else str(uuid4()),
        "hidden": hidden or {},
    }


@register.inclusion_tag("form/fields.html")
def fields(parsed: Parsed) -> dict[str, Any]:
    """Only the fields, for a page with a frame of its own."""
    return {"parts": render.parts(parsed), "parsed": parsed}


@register.inclusion_tag("form/problems.html")
def problems(parsed: Parsed) -> dict[str, Any]:
    """Only the summary of what is wrong."""
    return {"summary": render.summary(parsed)}


@register.inclusion_tag("form/values.html")
def values(form: Form, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was answered, as a list of facts."""
    return {"lines": describe(form, given)}


def _is_uuid(text: str) -> bool:
    from uuid import UUID

    try:
        UUID(text)
    except ValueError:
        return False
    return True
