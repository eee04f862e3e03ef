"""Compilers: Django's; the text of a SELECT whose shape has been asked before is kept, a plain column is written at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db.backends.postgresql import compiler  # type: ignore[attr-defined]
from django.db.models.expressions import Col
from django.db.models.sql.compiler import SQLAggregateCompiler, SQLDeleteCompiler, SQLUpdateCompiler

from yigongti.kernel.postgres.shape import Shapeless, shape_of

SQLInsertCompiler = compiler.SQLInsertCompiler

__all__ = ["SQLAggregateCompiler", "SQLCompiler", "SQLDeleteCompiler", "SQLInsertCompiler", "SQLUpdateCompiler"]


@cache
def _after_alias(column: str) -> str:
    """`."column"`, as it stands behind an alias."""
    return f'."{column}"'


MOST = 4_000
"""Texts kept a process; more shapes than this are put together every time."""


@dataclass
class _Text:
    """A kept SELECT: its text, and what reading its rows needs."""

    sql: str
    select: Any
    klass_info: Any
    annotation_col_map: Any
    col_count: Any
    has_extra_select: Any
    converters: dict[int, Any] | None = None


_kept: dict[tuple[Any, ...], _Text | None] = {}
"""Shape → text; None where Django's values differ from the shape's: such a query is written anew every time."""


class SQLCompiler(compiler.SQLCompiler):
    """Django's SELECT compiler.

    A text is kept only if the values that Django put in were those that the shape says, in their order, types included.
    """

    _text: _Text | None = None

    def as_sql(self, with_limits: bool = True, with_col_aliases: bool = False) -> tuple[str, Any]:
        """The text and its values."""
        try:
            of, values = shape_of(self.query, self, self.connection)
        except (Shapeless, EmptyResultSet, FullResultSet):
            return self._written(with_limits, with_col_aliases)
        shape = (with_limits, with_col_aliases, *of)
        text = _kept.get(shape)
        if text is not None:
            self.select, self.klass_info, self.annotation_col_map = (
                text.select,
                text.klass_info,
                text.annotation_col_map,
            )
            self.col_count, self.has_extra_select, self._text = text.col_count, text.has_extra_select, text
            return text.sql, tuple(values)
        sql, params = self._written(with_limits, with_col_aliases)
        if shape not in _kept and len(_kept) < MOST:
            same = list(map(type, params)) == list(map(type, values)) and list(params) == values
            _kept[shape] = _Text(
                sql, self.select, self.klass_info, self.annotation_col_map, self.col_count, self.has_extra_select
            ) if same else None  # fmt: skip
        return sql, params

    def get_converters(self, expressions: Any) -> dict[int, Any]:
        """What turns a column as read into a field's value; of a kept text asked once."""
        text = self._text
        if text is None:
            found: dict[int, Any] = super().get_converters(expressions)
            return found
        if text.converters is None:
            text.converters = super().get_converters(expressions)
        return text.converters

    def _written(self, with_limits: bool, with_col_aliases: bool) -> tuple[str, Any]:
        found: tuple[str, Any] = super().as_sql(with_limits, with_col_aliases)
        return found

    def compile(self, node: Any) -> tuple[str, Any]:
        """SQL and parameters of a node."""
        if node.__class__ is Col and node.alias:
            return self.quote_name_unless_alias(node.alias) + _after_alias(node.target.column), []
        found: tuple[str, Any] = super().compile(node)
        return found
