"""Reading a sent form: every field into a typed value or a problem with its remedy. Never raises on what a
user sends.

Nothing that was typed is lost: :class:`Parsed` keeps the texts, so that the page shows them again beside
the problems.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from yigongti.kernel import calendar

from . import reading, sent
from .choice import RELATIONS, Choice
from .describe import readable
from .description import LOOKUPS, NUMBERS, Field, Form, Problem
from .env import Env, Source
from .reading import Unreadable
from .typed import typed
from .values import Chosen, Consent, Picked, stored

_MASK = "*"
_EMPTY = object()
_BAD = object()


@dataclass(frozen=True)
class Parsed:
    """A form with what was typed into it.

    values      field name → typed value (:mod:`~.values`); None = asked, not answered; absent = not asked,
                unreadable, or masked and sent back unchanged
    problems    in the order of the fields
    raw         name → texts as sent, shown again when there are problems
    unchanged   masked fields that came back as they were shown: leave what is stored alone
    place       tells this form from others of the same code on one page (it starts the ids of its elements)
    """

    form: Form
    env: Env
    values: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    raw: Mapping[str, list[str]] = field(default_factory=dict)
    unchanged: frozenset[str] = frozenset()
    place: str = ""

    @property
    def ok(self) -> bool:
        """Whether everything could be read and the form's own check found nothing."""
        return not self.problems

    @property
    def stored(self) -> dict[str, Any]:
        """The values in their JSON-able shape."""
        return stored(self.form, self.values)

    def problem(self, name: str) -> Problem | None:
        """The first problem of a field, if it has one."""
        return next((problem for problem in self.problems if problem.field == name), None)

    def refused(self, *problems: Problem) -> Parsed:
        """The same with further problems, such as those an action found."""
        return replace(self, problems=(*self.problems, *problems))


def parse(form: Form, data: Mapping[str, Any], *, env: Env, place: str = "") -> Parsed:
    """What was sent, read through the form's description.

    data: a QueryDict, or a mapping of names to texts, lists of texts or (tables) lists of objects.
    """
    texts = sent.sent(data)
    reader = _Reader(env, texts)
    for field_ in form.fields:
        if field_.asked(reader.values):
            reader.read(field_)
    problems = tuple(reader.problems)
    if not problems and form.check is not None:
        problems = tuple(form.check(reader.values))
    unchanged = frozenset(reader.unchanged)
    return Parsed(form, env, reader.values, problems, sent.kept(form, texts), unchanged, place)


def blank(form: Form, *, env: Env, raw: Mapping[str, list[str]] | None = None, place: str = "") -> Parsed:
    """The form before anybody sent it: what is known and the defaults filled in, or a draft's texts
    (*raw*).
    """
    if raw is not None:
        return Parsed(form, env, raw=sent.kept(form, raw), place=place)
    texts: sent.Sent = {}
    for field_ in form.fields:
        known = env.known.get(field_.name)
        value = known.value if known is not None else field_.default
        if field_.masked:
            value = env.masked_text(field_.name)
        if callable(value):
            value = value(env)
        texts.update(typed(field_, value, field_.name))
    return Parsed(form, env, raw=texts, place=place)


class _Reader:
    """One pass over the sent texts."""

    def __init__(self, env: Env, texts: sent.Sent) -> None:
        self.env = env
        self.texts = texts
        self.values: dict[str, Any] = {}
        self.problems: list[Problem] = []
        self.unchanged: set[str] = set()

    def read(self, asked: Field) -> None:
        value = self.value(asked, asked.name, asked.label)
        if value is not _BAD:
            self.values[asked.name] = value

    def value(self, asked: Field, name: str, called: str) -> Any:
        """The typed value, None when empty, or _BAD after noting the problem."""
        try:
            if asked.kind == "table":
                return self.table(asked)
            if asked.kind == "consent":
                return self.consent(asked)
            if asked.kind in LOOKUPS:
                found: Any = self.lookup(asked, name)
            elif asked.kind == "choices":
                found = self.choices(asked, name)
            else:
                found = self.single(asked, name)
        except Unreadable as wrong:
            return self.bad(asked, name, f"{called}：{wrong.message}", wrong.remedy)
        if found is _EMPTY:
            if asked.required:
                return self.bad(asked, name, f"{called}没有填写", _how_to_fill(asked))
            return () if asked.kind == "choices" else None
        return found

    def bad(self, asked: Field, name: str, message: str, remedy: str = "") -> Any:
        self.problems.append(Problem(name, message, remedy, asked.clause))
        return _BAD

    def first(self, name: str) -> str:
        texts = self.texts.get(name, ())
        return texts[0] if texts else ""

    def single(self, asked: Field, name: str) -> Any:
        raw = self.first(name)
        if not raw.strip():
            return _EMPTY
        if asked.masked and _MASK in raw:
            return self.masked(asked, name, raw)
        value = _read(asked, raw, self.env)
        _within(asked, value, self.env)
        return value

    def masked(self, asked: Field, name: str, raw: str) -> Any:
        if raw.strip() == self.env.masked_text(asked.name):
            self.unchanged.add(asked.name)
            return _BAD  # absent from the values: what is stored stays
        raise Unreadable("含有遮蔽用的 * 号", "要修改就完整地重新填写，不修改就保持原样")

    def choices(self, asked: Field, name: str) -> Any:
        offered = _offered(asked, self.env)
        picked: list[str] = []
        for raw in self.texts.get(name, ()):
            code = reading.text(raw, length=reading.SHORT)
            if code and code not in picked:
                picked.append(code)
        strange = [code for code in picked if code not in offered]
        if strange:
            raise Unreadable(f"「{strange[0]}」不是可选的项", "从列出的选项中选择")
        low, high = asked.limits(self.env)
        if low is not None and picked and len(picked) < low:
            raise Unreadable(f"只选了 {len(picked)} 项", f"至少选 {low} 项")
        if high is not None and len(picked) > high:
            raise Unreadable(f"选了 {len(picked)} 项", f"最多选 {high} 项")
        return tuple(offered[code] for code in picked) or _EMPTY

    def lookup(self, asked: Field, name: str) -> Any:
        code = reading.short(self.first(name))
        typed = reading.text(self.first(f"{name}__q"), length=reading.SHORT * 2)
        source = self.env.source(asked.port)
        chosen = source.get(code) if code.isascii() and code else None
        if typed and (chosen is None or typed not in (chosen.label, chosen.code)):
            chosen = _exact(source, typed, guess=asked.kind != "resident")
        if chosen is not None:
            return Picked(chosen.code, chosen.label, chosen.note)
        if not code and not typed:
            return _EMPTY
        raise Unreadable(f"没有找到「{typed or code}」", "输入名称、拼音首字母或编码，再从列表中选一项")

    def table(self, asked: Field) -> Any:
        lines = sent.indexes(asked, self.texts)
        if len(lines) > asked.line_limit:
            return self.bad(
                asked,
                asked.name,
                f"{asked.label}有 {len(lines)} 行",
                f"最多 {asked.line_limit} 行，请分次填写",
            )
        rows: list[dict[str, Any]] = []
        before = len(self.problems)
        for number, line in enumerate(lines, start=1):
            prefix = f"{asked.name}-{line}-"
            if any(text.strip() for name, texts in self.texts.items() if name.startswith(prefix) for text in texts):
                rows.append(self.row(asked, prefix, number))
        if len(self.problems) > before:
            return _BAD
        low = asked.min if isinstance(asked.min, int) else (1 if asked.required else 0)
        if len(rows) < low:
            return self.bad(asked, asked.name, f"{asked.label}没有填够", f"至少填 {low} 行")
        return tuple(rows)

    def row(self, asked: Field, prefix: str, number: int) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for column in asked.columns:
            if column.asked(row):
                value = self.value(column, prefix + column.name, f"{asked.label}第 {number} 行{column.label}")
                if value is not _BAD:
                    row[column.name] = value
        return row

    def consent(self, asked: Field) -> Any:
        name = asked.name
        agreed = self.first(name).strip() in ("yes", "on", "true", "1")
        by = reading.text(self.first(f"{name}-by"), length=reading.SHORT)
        relation = reading.text(self.first(f"{name}-relation"), length=reading.SHORT)
        if not agreed:
            if asked.required:
                return self.bad(asked, name, f"没有记录{asked.label}", "先取得同意并勾选，再提交")
            return None
        if not by:
            return self.bad(asked, f"{name}-by", f"{asked.label}：没有写由谁同意", "填写同意人的姓名")
        labels = {choice.code: choice.label for choice in (asked.options(self.env) or RELATIONS)}
        if relation not in labels:
            return self.bad(asked, f"{name}-relation", f"{asked.label}：没有选同意人与本人的关系", "从列出的关系中选择")
        at_text = self.first(f"{name}-at").strip()
        at = reading.moment(at_text) if at_text else self.env.now
        if at > self.env.now:
            return self.bad(asked, f"{name}-at", f"{asked.label}的时间在将来", "填写实际取得同意的时间")
        return Consent(True, by, labels[relation], at, self.env.who)


def _read(asked: Field, raw: str, env: Env) -> Any:
    kind = asked.kind
    if kind == "integer":
        return reading.integer(raw)
    if kind == "decimal":
        return reading.decimal(raw, places=asked.places)
    if kind == "fen":
        return reading.fen(raw)
    if kind == "date":
        return reading.day(raw)
    if kind == "datetime":
        return reading.moment(raw)
    if kind == "yesno":
        return reading.yesno(raw)
    if kind == "choice":
        code = reading.text(raw, length=reading.SHORT)
        offered = _offered(asked, env)
        if code not in offered:
            raise Unreadable(f"「{code}」不是可选的项", "从列出的选项中选择")
        return offered[code]
    lines = kind == "longtext"
    # A code is read the same in full width; a sentence keeps its Chinese punctuation, pattern or not.
    value = reading.text(raw, length=asked.length, lines=lines, plain=bool(asked.pattern) and not lines)
    if asked.pattern and not _matches(asked.pattern, value):
        raise Unreadable("格式不对", asked.pattern_says)
    return value or _EMPTY


def _offered(asked: Field, env: Env) -> dict[str, str]:
    """Code → the value it is read as: what is offered only here and now keeps its label."""
    fixed = not callable(asked.choices)
    return {item.code: item.code if fixed else Chosen(item.code, item.label) for item in asked.options(env)}


def _matches(pattern: str, value: str) -> bool:
    return re.fullmatch(pattern, value) is not None


def _within(asked: Field, value: Any, env: Env) -> None:
    if value is _EMPTY or asked.kind not in (*NUMBERS, "date", "datetime"):
        return
    low, high = asked.limits(env)
    if (low is None or value >= low) and (high is None or value <= high):
        return
    say = _say(asked)
    if low is not None and high is not None:
        remedy = f"应在 {say(low)} 到 {say(high)} 之间"
    elif low is not None:
        remedy = f"不能{'早于' if asked.kind in ('date', 'datetime') else '小于'} {say(low)}"
    else:
        remedy = f"不能{'晚于' if asked.kind in ('date', 'datetime') else '大于'} {say(high)}"
    raise Unreadable(f"{say(value)} 超出范围", remedy)


def _say(asked: Field) -> Any:
    def say(value: int | Decimal | date | datetime) -> str:
        if isinstance(value, datetime):
            return calendar.local(value).strftime("%Y-%m-%d %H:%M")
        return readable(asked, value)

    return say


def _exact(source: Source, typed: str, *, guess: bool) -> Choice | None:
    """The one entry that a typed text names exactly; a person is never guessed from a name."""
    found = source.get(typed) if typed.isascii() and len(typed) <= reading.SHORT else None
    if found is not None or not guess:
        return found
    same: Sequence[Choice] = [choice for choice in source.search(typed, 3) if typed in (choice.label, choice.code)]
    return same[0] if len(same) == 1 else None


def _how_to_fill(asked: Field) -> str:
    if asked.kind in ("choice", "choices", "yesno"):
        return "从列出的选项中选择"
    if asked.kind in LOOKUPS:
        return "输入名称、拼音首字母或编码，再从列表中选一项"
    return "这一项必须填写"
