"""Objects and single rows cheaper: an object made of a row at once, INSERT and UPDATE of one object with a kept text.

Mixed into the base of every table. What these do is what Django does; where a value is an expression, it does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connections, models
from django.db.models.base import ModelState


class Record(models.Model):
    """A row as an object."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: Any, field_names: Collection[str], values: Collection[Any]) -> Any:
        """As Django's, without the detour over the keywords and signals of `__init__`, which no table here uses."""
        made = cls.__new__(cls)
        made._state = state = ModelState()
        state.adding, state.db = False, db
        made.__dict__.update(zip(field_names, values, strict=False))
        return made

    def _do_insert(self, manager: Any, using: Any, fields: Any, returning_fields: Any, raw: bool) -> Any:
        connection = connections[using]
        values = [field.pre_save(self, True) for field in fields]
        if raw or not fields or any(hasattr(value, "resolve_expression") for value in values):
            return super()._do_insert(manager, using, fields, returning_fields, raw)  # type: ignore[misc]
        params = [one.get_db_prep_save(value, connection) for one, value in zip(fields, values, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_insert(type(self), fields, returning_fields), params)
            return cursor.fetchall() if returning_fields else []

    def _do_update(
        self, base_qs: Any, using: Any, pk_val: Any, values: Any, update_fields: Any, forced_update: bool
    ) -> bool:
        plain = values and not any(hasattr(value, "resolve_expression") for _, _, value in values)
        if not plain or not (forced_update or not self._meta.select_on_save):
            updated: bool = super()._do_update(base_qs, using, pk_val, values, update_fields, forced_update)
            return updated
        connection = connections[using]
        params = [field.get_db_prep_save(value, connection) for field, _, value in values]
        with connection.cursor() as cursor:
            cursor.execute(_update(type(self), [field for field, _, _ in values]), [*params, pk_val])
            return bool(cursor.rowcount > 0)


_KEPT: dict[tuple[Any, ...], str] = {}
"""(model, verb, columns) → text."""


def _quoted(name: str) -> str:
    return '"' + name.replace("%", "%%") + '"'


def _placeholder(field: Any) -> str:
    """What stands for the field's value: arrays are cast, as Django casts them."""
    return f"%s::{field.db_type(connections['default'])}" if isinstance(field, ArrayField) else "%s"


def _insert(model: type[models.Model], fields: Sequence[Any], returning: Sequence[Any]) -> str:
    key = (model, "insert", *[field.column for field in (*fields, *returning)])
    if key not in _KEPT:
        columns, marks = ", ".join(_quoted(field.column) for field in fields), ", ".join(map(_placeholder, fields))
        back = f" RETURNING {', '.join(_quoted(field.column) for field in returning)}" if returning else ""
        _KEPT[key] = f"INSERT INTO {_quoted(model._meta.db_table)} ({columns}) VALUES ({marks}){back}"
    return _KEPT[key]


def _update(model: type[models.Model], fields: Sequence[Any]) -> str:
    key = (model, "update", *[field.column for field in fields])
    if key not in _KEPT:
        sets, pk = ", ".join(f"{_quoted(field.column)} = {_placeholder(field)}" for field in fields), model._meta.pk
        assert pk is not None
        _KEPT[key] = f"UPDATE {_quoted(model._meta.db_table)} SET {sets} WHERE {_quoted(pk.column)} = %s"
    return _KEPT[key]


__all__ = ["Record"]
