"""``__in`` over plain values as ``= ANY(array)``: one parameter however many values, so one statement and one kept plan.

Django writes ``IN (%s, %s, …)``: every length is another statement, which is planned anew through the row policies.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Field
from django.db.models.fields.related import ForeignObject
from django.db.models.fields.related_lookups import RelatedIn
from django.db.models.lookups import In

ARRAYS = {"bigint": "%s", "integer": "%s", "uuid": "%s::uuid[]", "text": "%s::text[]"}
"""Database type of a column → how its values stand as one array. Numbers are not cast: one that is too large for the column
equals nothing, and is no error."""


def array_of(lookup: Any, connection: Any) -> str:
    """The placeholder, or "" where the values are not plain ones of a type we know."""
    if not lookup.rhs_is_direct_value() or any(hasattr(value, "resolve_expression") for value in lookup.rhs):
        return ""
    field = lookup.lhs.output_field
    return _of_column(field, connection) if hasattr(field, "model") else _of_type(field, connection)


def _of_type(field: Any, connection: Any) -> str:
    kind = str(getattr(field, "db_type", lambda _: "")(connection) or "")
    return ARRAYS.get("text" if kind.startswith("varchar") else kind, "")


@cache
def _of_column(field: Any, connection: Any) -> str:
    """A column's, found once: a relation's type is looked up through the table it points to."""
    return _of_type(field, connection)


class _AnyOf:
    """What both lookups share."""

    def as_postgresql(self: Any, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        array = array_of(self, connection)
        if not array:
            found: tuple[str, tuple[Any, ...]] = self.as_sql(compiler, connection)
            return found
        values = [value for value in dict.fromkeys(self.rhs) if value is not None]
        if not values:
            raise EmptyResultSet
        _, prepared = self.get_db_prep_lookup(values, connection)
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} = ANY({array})", (*params, list(prepared))


@Field.register_lookup
class AnyOf(_AnyOf, In):
    """``field__in``."""


@ForeignObject.register_lookup
class AnyRelated(_AnyOf, RelatedIn):
    """``relation__in``."""
