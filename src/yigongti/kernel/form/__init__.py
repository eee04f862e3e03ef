"""Forms as descriptions: written once as data, read with clear problems, rendered by the server, told back
readably.

    FORM = Form("demo.send", "发出", fields=(Field("reason", "原因", "longtext", required=True), ...),
    submit="发出") parsed = parse(FORM, request.POST, env=Env.here(acting))
    if parsed.ok: act(..., values=parsed.values)      # typed; parsed.stored is the JSON-able twin
    describe(FORM, entry.values)                      # typed or stored → lines "label: value unit"

In a template: ``{% load forms %}{% form parsed action="/…" draft=… %}``.
"""

from .choice import Choice
from .describe import Line, describe, readable
from .description import Field, Form, FormError, Group, Problem
from .env import Env, Known, Source
from .masking import mask
from .parse import Parsed, blank, parse
from .values import Chosen, Consent, Picked

__all__ = [
    "Choice", "Chosen", "Consent", "Env", "Field", "Form", "FormError", "Group", "Known", "Line", "Parsed", "Picked",
    "Problem", "Source", "blank", "describe", "mask", "parse", "readable",
]  # fmt: skip
