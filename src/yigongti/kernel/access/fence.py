"""Row policies, declared beside each table and turned into numbered migrations.

A `Fence` holds one SQL boolean expression per command over the row's own columns. Every fenced table has row
security ENABLEd and FORCEd; a command without an expression is not granted at all. The constants below are the
words an expression is written in; each is wrapped in a sub-select so that PostgreSQL evaluates it once a query and
not once a row (measured: a count over five million rows takes 6.7 s instead of 112 s).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import Model

ACTOR = "ygt_actor"
FINDER = "ygt_finder"

UNITS = "(select access.units())::bigint[]"
"""Ids of the units the seat reaches."""
SUBJECTS = "(select access.subjects())::bigint[]"
"""Ids of the subjects that are the seat's own: the resident and whom they look after."""
OWN = "(select (access.subjects())[1])"
"""Id of the subject that the seat itself is: the first of its subjects; null for staff."""
SEAT = "(select access.seat())"
ACCOUNT = "(select access.account())"
RIGHTS = "(select access.rights())::text[]"
UNIT = "(select access.unit())"
ANYBODY = "(select access.seat()) is not null"


def has(right: str) -> str:
    """SQL: the seat's role holds `right`."""
    if not right.replace(".", "").replace("_", "").isalnum():
        raise ValueError(f"not a right: {right!r}")
    return f"'{right}' = any({RIGHTS})"


def opens(subject_column: str) -> str:
    """SQL: a relation that is live today opens this subject to one of the seat's units."""
    return f"exists (select 1 from access.related g where g.subject_id = {subject_column} and g.live)"


def related(subject_column: str) -> str:
    """SQL: one of the seat's units has, or once had, a relation with this subject.

    ``access.related`` is a view of the finder that shows a seat the relations of its own units and no others. Written
    out over ``access_grant`` the condition would pull that table's policies, and theirs, into the plan of every
    clinical query: 208 sub-plans, 17 ms for a count that runs in 0.04 ms (docs/bench.md).
    """
    return f"exists (select 1 from access.related g where g.subject_id = {subject_column})"


def treated(subject_column: str) -> str:
    """SQL: an open case about this subject is in the hands of this very seat (view ``access.held`` of the cases)."""
    return f"exists (select 1 from access.held h where h.subject_id = {subject_column})"


@dataclass(frozen=True)
class Fence:
    """Row policies of one table for the acting role; None = the command is not granted.

    `finder` lists the commands that the functions of the finder may use on all rows ("select", "insert", ...).
    `update` holds for the row before and after, unless `updated` says what the row after must satisfy (closing a row that
    may only be written while it is open).
    """

    select: str | None
    insert: str | None = None
    update: str | None = None
    delete: str | None = None
    finder: tuple[str, ...] = ()
    updated: str | None = None


@dataclass(frozen=True)
class Policy:
    """A further permissive policy that a higher module lays on a lower module's table."""

    table: str
    name: str
    command: str
    using: str | None = None
    check: str | None = None
    role: str = ACTOR


def policies_of(table: str, fence: Fence) -> Iterator[Policy]:
    """The policies that a declaration stands for."""
    if fence.select:
        yield Policy(table, f"{table}_select", "select", using=fence.select)
    if fence.insert:
        yield Policy(table, f"{table}_insert", "insert", check=fence.insert)
    if fence.update:
        yield Policy(table, f"{table}_update", "update", using=fence.update, check=fence.updated or fence.update)
    if fence.delete:
        yield Policy(table, f"{table}_delete", "delete", using=fence.delete)
    for command in fence.finder:
        using = None if command == "insert" else "true"
        check = "true" if command in ("insert", "update") else None
        yield Policy(table, f"{table}_finder_{command}", command, using=using, check=check, role=FINDER)


def policy_sql(policy: Policy) -> list[str]:
    """Statements that (re)make one policy with the grant it needs."""
    using = f" using ({policy.using})" if policy.using else ""
    check = f" with check ({policy.check})" if policy.check else ""
    return [
        f'drop policy if exists "{policy.name}" on "{policy.table}"',
        f'create policy "{policy.name}" on "{policy.table}" for {policy.command} to {policy.role}{using}{check}',
        f'grant {policy.command} on "{policy.table}" to {policy.role}',
    ]


def fence_sql(table: str, fence: Fence, has_sequence: bool) -> list[str]:
    """All statements that put a table behind its fence; safe to run again."""
    out = [
        f'alter table "{table}" enable row level security',
        f'alter table "{table}" force row level security',
        f'revoke all on "{table}" from {ACTOR}, {FINDER}',
    ]
    for policy in policies_of(table, fence):
        out += policy_sql(policy)
    if has_sequence and (fence.insert or "insert" in fence.finder):
        out.append(f'grant usage on sequence "{table}_id_seq" to {ACTOR}, {FINDER}')
    return out


def app_sql(models: Sequence[type[Model]], extra: Sequence[Policy] = ()) -> list[str]:
    """Statements for every model of an app, then the policies it lays on lower tables.

    Raises:
        ValueError: a model declares no fence: a table without a decision who may see it is a defect.
    """
    out: list[str] = []
    for model in models:
        if model._meta.proxy:
            continue
        fence = getattr(model, "fence", None)
        if fence is None:
            raise ValueError(f"{model._meta.label} declares no fence")
        pk = model._meta.pk
        sequence = pk is not None and pk.get_internal_type() == "BigAutoField"
        out += fence_sql(model._meta.db_table, fence, sequence)
    for policy in extra:
        out += policy_sql(policy)
    return out
