"""A form as a description: fields, kinds, units, limits, conditions. No Django, no database, no page.

A module writes its forms as data (``forms.py``); :mod:`~yigongti.kernel.form.parse` reads what a person sent,
:mod:`~yigongti.kernel.form.render` shows it, :mod:`~yigongti.kernel.form.describe` tells it back on a
detail page or in print. A wrong description is a programming error and is refused when the module is imported
(:class:`FormError`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .choice import Choice
from .env import Env

KINDS = (
    "text", "longtext", "integer", "decimal", "fen", "date", "datetime", "choice", "choices", "yesno",
    "code", "resident", "seat", "unit", "table", "consent",
)  # fmt: skip
#: Kinds whose value is looked up in a named source (a port); the kind is the source unless one is named.
LOOKUPS = ("code", "resident", "seat", "unit")
NUMBERS = ("integer", "decimal", "fen")
#: Names that a sent form carries beside its fields.
RESERVED = frozenset({"client_id", "csrfmiddlewaretoken", "draft_object", "next", "version"})

TEXT_LENGTH = 200
LONGTEXT_LENGTH = 4000
TABLE_ROWS = 50

_NAME = re.compile(r"^[a-z][a-z0-9_]{0,59}$")


class FormError(ValueError):
    """A form description that cannot be meant; raised while modules are imported, never for what a user
    typed.
    """


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what was sent, as data.

    ``field`` is the field's name (``table-2-column`` for row 2, counted from 0; "" for the whole form),
    ``message`` says what is wrong, ``remedy`` what to do, ``clause`` the rule behind it when there is one.
    All in Chinese.
    """

    field: str
    message: str
    remedy: str = ""
    clause: str = ""

    @property
    def text(self) -> str:
        """One sentence or two for a person: message, remedy, clause."""
        parts = [self.message.rstrip("。")]
        if self.remedy:
            parts.append(self.remedy.rstrip("。"))
        text = "。".join(parts) + "。"
        return f"{text}（依据：{self.clause}）" if self.clause else text


Choices = Sequence["Choice | tuple[str, str] | tuple[str, str, str]"]
Limit = int | Decimal | date | datetime | Callable[[Env], Any] | None


@dataclass(frozen=True, slots=True)
class Field:
    """One question.

    name        the key in the values, lower case
    label       what stands above it
    kind        one of :data:`KINDS`
    unit        shown inside the box and behind the value ("次/分", "元" is implied for fen)
    choices     for choice/choices (and, optionally, the relations of a consent): pairs or :class:`Choice`,
                or a callable taking the :class:`~.env.Env`
    source      for the look-up kinds: the name of the port; default is the kind itself
    min, max    limits of numbers (fen in fen), dates, datetimes; also how many entries of choices or rows
                of a table are wanted; a callable gets the Env (``lambda env: env.today``)
    places      decimals allowed of a decimal (default 2)
    max_length  characters of text (default 200) or longtext (default 4 000)
    pattern     regular expression the whole text must match; ``pattern_says`` then tells a person what is
                wanted
    rows        lines of a longtext box; for a table the empty lines offered first
    columns     of a table: fields again, no tables and no consents among them
    when        (other field's name, value or tuple of values): asked only then; for yesno True or False
    masked      the value is shown masked (an identity number, a telephone); sent back as shown it changes
                nothing
    width       twelfths of the line; 0 = what suits the kind
    clause      the text that demands the question; printed with its problem
    """

    name: str
    label: str
    kind: str = "text"
    required: bool = False
    unit: str = ""
    help: str = ""
    choices: Choices | Callable[[Env], Choices] = ()
    source: str = ""
    min: Limit = None
    max: Limit = None
    places: int = 2
    max_length: int = 0
    pattern: str = ""
    pattern_says: str = ""
    width: int = 0
    rows: int = 0
    columns: tuple[Field, ...] = ()
    default: Any = None
    when: tuple[str, Any] | None = None
    masked: bool = False
    clause: str = ""
    placeholder: str = ""

    def __post_init__(self) -> None:
        if not _NAME.match(self.name) or self.name in RESERVED:
            raise FormError(f"field name {self.name!r} is not usable")
        if self.kind not in KINDS:
            raise FormError(f"field {self.name}: unknown kind {self.kind!r}")
        if self.kind in ("choice", "choices") and not self.choices:
            raise FormError(f"field {self.name}: a {self.kind} needs choices")
        if self.kind == "code" and not self.source:
            raise FormError(f"field {self.name}: a code needs the name of its source")
        if (self.kind == "table") != bool(self.columns):
            raise FormError(f"field {self.name}: a table, and only a table, has columns")
        if any(column.kind in ("table", "consent") for column in self.columns):
            raise FormError(f"field {self.name}: a column can be neither a table nor a consent")
        if any(column.masked for column in self.columns):
            raise FormError(f"field {self.name}: a column can't be masked, its rows have no identity to keep")
        if not 0 <= self.width <= 12:
            raise FormError(f"field {self.name}: width is 1 to 12 twelfths of the line, 0 = what suits the kind")
        if self.masked and self.kind != "text":
            raise FormError(f"field {self.name}: only a text can be masked")
        _unique(self.name, self.columns)

    @property
    def length(self) -> int:
        """Characters a text may have."""
        return self.max_length or (LONGTEXT_LENGTH if self.kind == "longtext" else TEXT_LENGTH)

    @property
    def port(self) -> str:
        """Name of the source that a look-up kind asks ("" for other kinds)."""
        return (self.source or self.kind) if self.kind in LOOKUPS else ""

    @property
    def line_limit(self) -> int:
        """Rows a table may have."""
        return self.max if self.kind == "table" and isinstance(self.max, int) else TABLE_ROWS

    def options(self, env: Env) -> tuple[Choice, ...]:
        """What can be chosen here and now."""
        given = env.answer(self.choices) if callable(self.choices) else self.choices
        return tuple(item if isinstance(item, Choice) else Choice(*item) for item in given)

    def limits(self, env: Env) -> tuple[Any, Any]:
        """(min, max) with callables answered."""
        low = self.min(env) if callable(self.min) else self.min
        high = self.max(env) if callable(self.max) else self.max
        return low, high

    def asked(self, values: Mapping[str, Any]) -> bool:
        """Whether the condition of the field holds for the values read so far."""
        if self.when is None:
            return True
        other, wanted = self.when
        options = wanted if isinstance(wanted, (tuple, list, frozenset, set)) else (wanted,)
        found = values.get(other)
        if isinstance(found, (tuple, list)):
            return any(item in options for item in found)
        code = getattr(found, "code", found)
        return code in options


@dataclass(frozen=True, slots=True)
class Group:
    """A part of a form with a heading: the names of its fields in order."""

    title: str
    fields: tuple[str, ...]
    help: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its fields in order, their grouping, one check over all values, the verb on its button.

    ``check`` is called with the typed values once every field could be read and returns problems (none =
    fine); it is pure. ``intro`` stands above the fields. ``submit`` is a verb: 接收, 退回, 预约床位.
    """

    code: str
    title: str
    fields: tuple[Field, ...] = ()
    groups: tuple[Group, ...] = ()
    check: Callable[[dict[str, Any]], Sequence[Problem]] | None = None
    submit: str = "保存"
    intro: str = ""

    def __post_init__(self) -> None:
        if not re.match(r"^[a-z][a-z0-9_.\-]{0,79}$", self.code):
            raise FormError(f"form code {self.code!r} is not usable")
        _unique(self.code, self.fields)
        seen: set[str] = set()
        for field in self.fields:
            if field.when is not None and field.when[0] not in seen:
                raise FormError(f"form {self.code}: {field.name} depends on {field.when[0]}, which must come before it")
            seen.add(field.name)
        grouped = [name for group in self.groups for name in group.fields]
        if self.groups and sorted(grouped) != sorted(seen):
            raise FormError(f"form {self.code}: groups must hold every field once, differs in {set(grouped) ^ seen}")

    def field(self, name: str) -> Field:
        """The field of that name; KeyError if there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    def parts(self) -> Iterator[tuple[Group, tuple[Field, ...]]]:
        """Groups with their fields; a form without groups is one group without a title."""
        if not self.groups:
            yield Group("", tuple(field.name for field in self.fields)), self.fields
            return
        for group in self.groups:
            yield group, tuple(self.field(name) for name in group.fields)


def _unique(owner: str, fields: Sequence[Field]) -> None:
    names = [field.name for field in fields]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise FormError(f"{owner}: {sorted(twice)} described twice")
