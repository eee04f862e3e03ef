"""Compilers: Django's, a plain column written at once. A page of twenty queries names some thousand columns."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.backends.postgresql import compiler  # type: ignore[attr-defined]
from django.db.models.expressions import Col
from django.db.models.sql.compiler import SQLAggregateCompiler, SQLDeleteCompiler, SQLUpdateCompiler

SQLInsertCompiler = compiler.SQLInsertCompiler

__all__ = ["SQLAggregateCompiler", "SQLCompiler", "SQLDeleteCompiler", "SQLInsertCompiler", "SQLUpdateCompiler"]


@cache
def _after_alias(column: str) -> str:
    """`."column"`, as it stands behind an alias."""
    return f'."{column}"'


class SQLCompiler(compiler.SQLCompiler):
    """Django's SELECT compiler."""

    def compile(self, node: Any) -> tuple[str, Any]:
        """SQL and parameters of a node."""
        if node.__class__ is Col and node.alias:
            return self.quote_name_unless_alias(node.alias) + _after_alias(node.target.column), []
        found: tuple[str, Any] = super().compile(node)
        return found
