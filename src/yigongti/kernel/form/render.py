"""A parsed or blank form → what the templates show: one :class:`Control` a field, plain data, nothing to
decide left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe

from yigongti.kernel import calendar
from yigongti.kernel.markup import format_html

from . import reading, sent
from .choice import RELATIONS, Choice
from .description import LOOKUPS, Field, Problem
from .parse import Parsed
from .reading import Unreadable

_WIDTHS = (3, 4, 6, 8, 12)
_SEGMENTS = 6  # up to so many choices stand beside each other, more become a list to open
_LONG = 16  # an option longer than this has a line of its own
_SUITS = {
    "integer": 4, "decimal": 4, "fen": 4, "date": 4, "yesno": 4, "datetime": 6, "text": 6,
    "code": 6, "resident": 6, "seat": 6, "unit": 6,
}  # fmt: skip
_INPUT_MODES = {"integer": "numeric", "decimal": "decimal", "fen": "decimal"}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice as shown."""

    code: str
    label: str
    note: str
    on: bool
    id: str


@dataclass(frozen=True, slots=True)
class Control:
    """One field as shown: ids, texts, the problem beside it, where a known value comes from."""

    field: Field
    name: str
    id: str
    shape: str  # text, longtext, options, select, lookup, table, consent: which template draws it
    text: str = ""
    code: str = ""
    type: str = "text"
    problem: Problem | None = None
    origin: str = ""
    options: tuple[Option, ...] = ()
    lines: tuple[tuple[Control, ...], ...] = ()
    spare: tuple[Control, ...] = ()
    parts: Mapping[str, Any] | None = None
    when_value: str = ""
    lookup_url: str = ""

    @property
    def multiple(self) -> bool:
        return self.field.kind == "choices"

    @property
    def grouped(self) -> bool:
        """Whether it is several inputs under one legend."""
        return self.shape in ("options", "consent", "table")

    @property
    def tag(self) -> str:
        return "fieldset" if self.grouped else "div"

    @property
    def attributes(self) -> SafeString:
        """The attributes that every kind of input carries."""
        described = self.described_by
        return format_html(
            ' id="{}"{}{}{}',
            self.id,
            format_html(' aria-describedby="{}"', described) if described else "",
            mark_safe(' aria-invalid="true"') if self.problem is not None else "",
            mark_safe(' aria-required="true"') if self.field.required else "",
        )

    @property
    def stacked(self) -> bool:
        """Whether the options stand one below the other: long ones, or ones with a note."""
        return any(option.note or len(option.label) > _LONG for option in self.options)

    @property
    def inputmode(self) -> str:
        return _INPUT_MODES.get(self.field.kind, "")

    @property
    def unit(self) -> str:
        return self.field.unit or ("元" if self.field.kind == "fen" else "")

    @property
    def width(self) -> int:
        wanted = self.field.width or _SUITS.get(self.field.kind, 12)
        return next(width for width in _WIDTHS if width >= wanted)

    @property
    def said(self) -> str:
        """The problem as it stands beside the field: without the label that stands above it anyway."""
        return self.problem.text.removeprefix(f"{self.field.label}：") if self.problem is not None else ""

    @property
    def height(self) -> int:
        return self.field.rows or 3

    @property
    def described_by(self) -> str:
        """Ids for aria-describedby."""
        ids = [f"h-{self.id}"] if self.field.help else []
        if self.problem is not None:
            ids.append(f"e-{self.id}")
        return " ".join(ids)


@dataclass(frozen=True, slots=True)
class Part:
    """A group of controls under its heading."""

    title: str
    help: str
    controls: tuple[Control, ...]


def parts(parsed: Parsed) -> list[Part]:
    """The whole form as groups of controls."""
    return [
        Part(group.title, group.help, tuple(control(parsed, field) for field in fields))
        for group, fields in parsed.form.parts()
    ]


def control(parsed: Parsed, field: Field) -> Control:
    """One field with what was typed into it."""
    made = _control(parsed, field, field.name, anchor(parsed, field.name))
    return made


def anchor(parsed: Parsed, name: str) -> str:
    """The element id of a field; unique on a page that shows several forms."""
    return f"f-{parsed.place or parsed.form.code}-{name}".replace(".", "-")


def summary(parsed: Parsed) -> list[tuple[str, Problem]]:
    """(element id to jump to or "", problem) for the list above the form."""
    names = {field.name for field in parsed.form.fields}
    return [
        (anchor(parsed, problem.field) if _known(problem.field, names) else "", problem) for problem in parsed.problems
    ]


def _known(name: str, names: set[str]) -> bool:
    return name in names or name.partition("-")[0] in names


def _control(parsed: Parsed, field: Field, name: str, ident: str) -> Control:
    texts = parsed.raw.get(name, ())
    text = texts[0] if texts else ""
    known = parsed.env.known.get(field.name)
    shared: dict[str, Any] = {
        "field": field,
        "name": name,
        "id": ident,
        "problem": parsed.problem(name),
        "origin": known.origin if known is not None and not parsed.problems else "",
        "when_value": _when(field),
    }
    if field.kind in ("choice", "choices", "yesno"):
        return _options(parsed, field, texts, shared)
    if field.kind in LOOKUPS:
        return _lookup(parsed, field, name, text, shared)
    if field.kind == "table":
        return _table(parsed, field, shared)
    if field.kind == "consent":
        return _consent(parsed, field, name, shared)
    if field.kind == "longtext":
        return Control(shape="longtext", text=text, **shared)
    return Control(shape="text", text=_shown(field, text), type=_type(field, text), **shared)


def _options(parsed: Parsed, field: Field, texts: Sequence[str], shared: dict[str, Any]) -> Control:
    if field.kind == "yesno":
        offered: tuple[Choice, ...] = (Choice("yes", "是"), Choice("no", "否"))
    else:
        offered = field.options(parsed.env)
    chosen = set(texts)
    options = tuple(
        Option(item.code, item.label, item.note, item.code in chosen, f"{shared['id']}-{number}")
        for number, item in enumerate(offered)
    )
    few = field.kind != "choice" or len(options) <= _SEGMENTS
    return Control(shape="options" if few else "select", options=options, text=texts[0] if texts else "", **shared)


def _plain(text: str) -> bool:
    """Whether a source can be asked for it: a code in plain signs; what else was typed is only shown again."""
    return text.isascii() and text.isprintable() and len(text) <= reading.SHORT


def _lookup(parsed: Parsed, field: Field, name: str, text: str, shared: dict[str, Any]) -> Control:
    typed = (parsed.raw.get(f"{name}__q") or [""])[0]
    if text and not typed:
        found = parsed.env.source(field.port).get(text) if _plain(text) else None
        typed = found.label if found is not None else text
    try:
        url = reverse("form:lookup", args=[field.port])
    except NoReverseMatch:  # a form shown where the look-up address is not mounted still works without suggestions
        url = ""
    return Control(shape="lookup", text=typed, code=text, lookup_url=url, **shared)


def _table(parsed: Parsed, field: Field, shared: dict[str, Any]) -> Control:
    numbers = sent.indexes(field, parsed.raw)
    free = max(numbers, default=-1) + 1
    numbers += [free + extra for extra in range(max((field.rows or 1) - len(numbers), 0))]
    lines = tuple(_row(parsed, field, str(number)) for number in numbers)
    return Control(shape="table", lines=lines, spare=_row(parsed, field, "__n__"), **shared)


def _row(parsed: Parsed, field: Field, number: str) -> tuple[Control, ...]:
    return tuple(
        _control(
            parsed,
            column,
            f"{field.name}-{number}-{column.name}",
            anchor(parsed, f"{field.name}-{number}-{column.name}"),
        )
        for column in field.columns
    )


def _consent(parsed: Parsed, field: Field, name: str, shared: dict[str, Any]) -> Control:
    def typed(part: str) -> str:
        return (parsed.raw.get(f"{name}-{part}") or [""])[0]

    relations = field.options(parsed.env) or RELATIONS
    problem = parsed.problem(name) or next(
        (found for part in ("by", "relation", "at") if (found := parsed.problem(f"{name}-{part}")) is not None),
        None,
    )
    given = {
        "agreed": (parsed.raw.get(name) or [""])[0] in ("yes", "on", "true", "1"),
        "by": typed("by"),
        "at": typed("at") or calendar.local(parsed.env.now).strftime("%Y-%m-%dT%H:%M"),
        "relation": typed("relation"),
        "relations": relations,
    }
    return Control(shape="consent", parts=given, **{**shared, "problem": problem})


def _when(field: Field) -> str:
    if field.when is None:
        return ""
    wanted = field.when[1]
    items = wanted if isinstance(wanted, (tuple, list)) else (wanted,)
    return "|".join(
        {True: "yes", False: "no"}.get(item, str(item)) if isinstance(item, bool) else str(item) for item in items
    )


def _type(field: Field, text: str) -> str:
    """The input's type; a text that the browser's date box would swallow is shown in a plain one."""
    if field.kind not in ("date", "datetime"):
        return "text"
    if text:
        try:
            reading.day(text) if field.kind == "date" else reading.moment(text)
        except Unreadable:
            return "text"
    return "date" if field.kind == "date" else "datetime-local"


def _shown(field: Field, text: str) -> str:
    """A readable day or moment in the shape that the browser's own box takes; everything else as typed."""
    if not text or field.kind not in ("date", "datetime"):
        return text
    try:
        if field.kind == "date":
            return reading.day(text).isoformat()
        return calendar.local(reading.moment(text)).strftime("%Y-%m-%dT%H:%M")
    except Unreadable:
        return text
