"""Objects and single rows cheaper: an object made of a row at once, INSERT and UPDATE of one object with a kept text.

Mixed into the base of every table. What these do is what Django does; where a value is an expression, it does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connections, models
from django.db.models.base import ModelState
from django.utils.encoding import force_str
from django.utils.hashable import make_hashable


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

    def _get_FIELD_display(self, field: Any) -> Any:
        """The words of a choice; a list asks for each of its rows, and the words are the code's."""
        value = getattr(self, field.attname)
        return force_str(_titles(field).get(make_hashable(value), value), strings_only=True)

    def insert_once(self) -> bool:
        """Write this new row; False where one with the same key is there already (a form sent twice), and nothing is written.

        Said in the INSERT itself: no question before it and no savepoint around it, whoever else writes at the moment.
        """
        connection, meta = connections["default"], self._meta
        pk = meta.pk
        assert pk is not None
        back = [] if self.pk is not None else [pk]
        fields = [one for one in meta.local_concrete_fields if one not in back]
        params = [one.get_db_prep_save(one.pre_save(self, True), connection) for one in fields]
        with connection.cursor() as cursor:
            cursor.execute(f"{_insert(type(self), fields, ())} ON CONFLICT DO NOTHING{_returning(back)}", params)
            if cursor.rowcount != 1:
                return False
            if back:
                self.pk = cursor.fetchone()[0]
        self._state.adding, self._state.db = False, "default"
        return True

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


def _returning(fields: Sequence[Any]) -> str:
    return f" RETURNING {', '.join(_quoted(field.column) for field in fields)}" if fields else ""


@cache
def _titles(field: Any) -> dict[Any, Any]:
    return dict(make_hashable(field.flatchoices))


def _insert(model: type[models.Model], fields: Sequence[Any], returning: Sequence[Any]) -> str:
    key = (model, "insert", *[field.column for field in (*fields, *returning)])
    if key not in _KEPT:
        columns, marks = ", ".join(_quoted(field.column) for field in fields), ", ".join(map(_placeholder, fields))
        _KEPT[key] = f"INSERT INTO {_quoted(model._meta.db_table)} ({columns}) VALUES ({marks}){_returning(returning)}"
    return _KEPT[key]


def _update(model: type[models.Model], fields: Sequence[Any]) -> str:
    key = (model, "update", *[field.column for field in fields])
    if key not in _KEPT:
        sets, pk = ", ".join(f"{_quoted(field.column)} = {_placeholder(field)}" for field in fields), model._meta.pk
        assert pk is not None
        _KEPT[key] = f"UPDATE {_quoted(model._meta.db_table)} SET {sets} WHERE {_quoted(pk.column)} = %s"
    return _KEPT[key]


__all__ = ["Record"]
