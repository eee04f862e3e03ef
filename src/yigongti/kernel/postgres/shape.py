"""What a SELECT's text depends on, without writing it: its shape and the values that fill it.

Two queries of one shape have the same text and differ in their parameters only. Known here are the shapes that pages ask by the
thousand: columns of a table and of the tables joined to it, compared with plain values or looked for in another such query, ordered,
cut, locked, counted. Everything else (annotations, groups, raw conditions) has no shape and is put together by Django every time.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.postgres.fields.array import ArrayContains  # type: ignore[attr-defined]
from django.db.models import Count, Exists, F, OrderBy, Subquery, Value, lookups
from django.db.models.expressions import Col, NegatedExpression, RawSQL, Star
from django.db.models.fields import related_lookups
from django.db.models.sql import Query
from django.db.models.sql.where import WhereNode

from yigongti.kernel.postgres.lookups import AnyOf, AnyRelated, array_of

_SELECT: Any = Query
_COUNT: Any = Count
_COMPARED = frozenset({
    lookups.Exact, lookups.GreaterThan, lookups.GreaterThanOrEqual, lookups.LessThan, lookups.LessThanOrEqual,
    lookups.IntegerFieldExact, lookups.IntegerGreaterThan, lookups.IntegerGreaterThanOrEqual, lookups.IntegerLessThan,
    lookups.IntegerLessThanOrEqual, lookups.StartsWith, lookups.Contains,
    related_lookups.RelatedExact, related_lookups.RelatedGreaterThan, related_lookups.RelatedGreaterThanOrEqual,
    related_lookups.RelatedLessThan, related_lookups.RelatedLessThanOrEqual,
})  # fmt: skip
_NULL = frozenset({lookups.IsNull, related_lookups.RelatedIsNull})
_LISTED = frozenset({AnyOf, AnyRelated})


class Shapeless(Exception):
    """The query's text has to be written."""


Values = list[Any]


def shape_of(query: Any, compiler: Any, connection: Any) -> tuple[tuple[Any, ...], Values]:
    """(shape, values in the order of the text). Raises Shapeless; Django's EmptyResultSet where a value can match nothing."""
    values: Values = []
    return _query(query, values, compiler, connection), values


def _query(query: Any, values: Values, compiler: Any, connection: Any) -> tuple[Any, ...]:
    if (
        query.__class__ is not _SELECT or query.combinator or query.extra or query.extra_tables or query.extra_order_by
        or query._filtered_relations or query.group_by is not None or query.distinct_fields or query.explain_info
        or query.model._meta.apps is not apps or query.combined_queries or query.extra_select_mask
        or (query.select_for_update and connection.get_autocommit())
    ):  # fmt: skip
        raise Shapeless
    names, defer = query.deferred_loading
    last: Values = []
    made = (
        query.model, tuple(map(_column, query.select)), query.values_select, _frozen(query.selected), query.default_cols,
        tuple((name, *_annotation(one, values, compiler, connection)) for name, one in query.annotations.items()),
        None if query.annotation_select_mask is None else frozenset(query.annotation_select_mask),
        tuple((alias, *_join(one), query.alias_refcount[alias] > 0) for alias, one in query.alias_map.items()),
        _where(query.where, values, compiler, connection), tuple(_order(one, last) for one in query.order_by),
        query.default_ordering, query.standard_ordering, query.low_mark, query.high_mark, query.distinct,
        _frozen(query.select_related), frozenset(names), defer, query.alias_cols, query.max_depth, query.subquery,
        tuple(query.external_aliases.items()), query.select_for_update and _lock(query),
    )  # fmt: skip
    values += last
    return made


def _lock(query: Any) -> tuple[Any, ...]:
    return (
        query.select_for_update_nowait, query.select_for_update_skip_locked, query.select_for_update_of,
        query.select_for_no_key_update,
    )  # fmt: skip


def _annotation(of: Any, values: Values, compiler: Any, connection: Any) -> tuple[Any, ...]:
    """What ``exists()`` and ``count()`` select, or one value out of another query."""
    if of.__class__ is Value and of.value.__class__ is int and of.value == 1:
        values.append(connection.ops.adapt_integerfield_value(1, "IntegerField"))
        return "one", of._output_field_or_none.__class__  # type: ignore[attr-defined]
    if of.__class__ is _COUNT and of.source_expressions[0].__class__ is Star and of.filter is None and not of.distinct:
        return ("count",)
    if of.__class__ is Subquery:
        return "value", _query(of.query, values, compiler, connection)
    raise Shapeless


def _column(of: Any) -> tuple[Any, int]:
    """Fields live as long as the process, so their identity names them."""
    if of.__class__ is not Col:
        raise Shapeless
    return of.alias, id(of.target)


def _join(of: Any) -> tuple[Any, ...]:
    if of.join_type is None:
        return (of.table_name,)
    if of.filtered_relation is not None:
        raise Shapeless
    return of.table_name, of.join_type, of.parent_alias, id(of.join_field), of.nullable


def _order(of: Any, values: Values) -> tuple[Any, ...]:
    if of.__class__ is str:
        return (of,)
    if of.__class__ is RawSQL:
        values += of.params
        return "raw", of.sql
    if of.__class__ is OrderBy and of.expression.__class__ is F:
        return "by", of.expression.name, of.descending, of.nulls_first, of.nulls_last
    raise Shapeless


def _frozen(of: Any) -> Any:
    return tuple((name, _frozen(one)) for name, one in of.items()) if isinstance(of, dict) else of


def _where(node: Any, values: Values, compiler: Any, connection: Any) -> tuple[Any, ...]:
    kind = node.__class__
    if kind is WhereNode:
        return (
            node.connector, node.negated, *[_where(child, values, compiler, connection) for child in node.children]
        )  # fmt: skip
    if kind is Exists:
        return kind, _query(node.query, values, compiler, connection)
    if kind is NegatedExpression:
        return kind, _where(node.expression, values, compiler, connection)
    return _lookup(node, values, compiler, connection)


def _lookup(one: Any, values: Values, compiler: Any, connection: Any) -> tuple[Any, ...]:
    kind = one.__class__
    if kind in _NULL:
        return kind, _column(one.lhs), one.rhs
    if kind is ArrayContains:
        text, found = one.process_rhs(compiler, connection)
        values += found
        return kind, _column(one.lhs), text
    if (kind not in _COMPARED and kind not in _LISTED) or one.bilateral_transforms:
        raise Shapeless
    if one.lhs.__class__ in (Exists, NegatedExpression) and one.rhs is True:  # how a condition stands in a filter
        return kind, _where(one.lhs, values, compiler, connection)
    left, right = _column(one.lhs), one.rhs
    if kind in _LISTED:
        if right.__class__ is _SELECT:
            return kind, left, _query(right, values, compiler, connection)
        if not array_of(one, connection):
            raise Shapeless
        if right:
            values += one.as_postgresql(compiler, connection)[1]
        return kind, left, bool(right)
    if right.__class__ is Col:
        return kind, left, _column(right)
    if right is None or hasattr(right, "as_sql") or hasattr(right, "resolve_expression"):
        raise Shapeless
    if isinstance(right, bool):
        return kind, left, right
    text, found = one.process_rhs(compiler, connection)
    values += found
    return kind, left, text


__all__ = ["Shapeless", "shape_of"]
