"""The data dictionary, written from the models: ``python -m yigongti.runtime.dictionary [--write FILE]``.

Tables of the product's own modules with their columns, types, meanings and fences. A test keeps the committed copy
current, so nobody has to remember it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Field, Model

HEAD = """# Data dictionary

Written from the models by `python -m yigongti.runtime.dictionary --write docs/data-dictionary.md`; do not edit.
Moments are stored in UTC. A fence is the row policy that PostgreSQL enforces for the seat that acts: a command
that is not listed is not granted. Identifiers marked *sealed* are encrypted; their look-ups are keyed hashes.
"""


def tables() -> list[type[Model]]:
    """The product's own models, by table name."""
    from django.apps import apps

    own = [model for model in apps.get_models() if model.__module__.startswith("yigongti.")]
    return sorted(own, key=lambda model: model._meta.db_table)


def text() -> str:
    """The whole dictionary as Markdown."""
    models = tables()
    index = [f"- [`{model._meta.db_table}`](#{model._meta.db_table}): {_first(model)}" for model in models]
    parts = [HEAD, f"{len(models)} tables.\n", "\n".join(index) + "\n"]
    return "\n".join(parts + ["\n".join(_section(model)) for model in models])


def _first(model: type[Model]) -> str:
    """The first sentence of what a model says of itself; Django's own stand-in says nothing."""
    said = " ".join((model.__doc__ or "").split())
    return "" if said.startswith(f"{model.__name__}(") else said.split(". ")[0].rstrip(".") + "."


def _section(model: type[Model]) -> Iterator[str]:
    yield f"## {model._meta.db_table}\n"
    yield f"{_first(model)}\n"
    yield "| column | type | empty | meaning |"
    yield "|---|---|---|---|"
    for field in model._meta.concrete_fields:
        yield f"| `{field.column}` | {_type(field)} | {'yes' if field.null else ''} | {_meaning(field)} |"
    yield ""
    fence: Any = getattr(model, "fence", None)
    for command in ("select", "insert", "update", "delete") if fence is not None else ():
        rule = getattr(fence, command)
        if rule:
            yield f"- fence {command}: `{_short(rule)}`"
    yield ""


def _type(field: Field[Any, Any]) -> str:
    from django.db import connection

    kind = field.db_type(connection) or ""
    other = field.related_model
    if other is None or isinstance(other, str):
        return kind
    return f"{kind} → `{other._meta.db_table}`"


def _meaning(field: Field[Any, Any]) -> str:
    """Its help, else its title, else what it points to or its name in words; then its choices."""
    said, other = str(field.help_text or ""), field.related_model
    if not said and str(field.verbose_name) not in ("ID", field.name.replace("_", " ")):
        said = str(field.verbose_name)
    if not said and other is not None and not isinstance(other, str):
        said = f"{field.name.replace('_', ' ')}: {_first(other)[:1].lower()}{_first(other)[1:].rstrip('.')}"
    if not said:
        said = "row number" if field.primary_key else field.name.replace("_", " ")
    choices = [f"{code} {label}" for code, label in field.flatchoices]
    told = "; ".join(part for part in (said, ", ".join(choices)) if part)
    return " ".join(told.split()).replace("|", "\\|")


def _short(rule: str) -> str:
    """A rule without the wrapping that only the planner needs."""
    for word in ("units", "subjects", "rights"):
        for kind in ("bigint", "text"):
            rule = rule.replace(f"(select access.{word}())::{kind}[]", word)
    for word in ("seat", "account", "unit"):
        rule = rule.replace(f"(select access.{word}())", word)
    return " ".join(rule.split()).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Print the dictionary, or write it to the file after ``--write``."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yigongti.runtime.settings")
    django.setup()
    if arguments[:1] == ["--write"] and len(arguments) == 2:
        with open(arguments[1], "w", encoding="utf-8") as file:
            file.write(text())
    else:
        sys.stdout.write(text())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
