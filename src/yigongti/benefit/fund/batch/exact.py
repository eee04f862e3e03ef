"""Integer arithmetic inside Ibis expressions, exact on every engine.

Ibis writes `a // b` as FLOOR(a / b) in double precision, which is wrong from 2^53 on. Here the remainder, which engines compute on
integers, is taken off first; the quotient is then a whole number that a double holds (ADR 0021).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import ibis.expr.types as ir

    Whole: TypeAlias = "ir.IntegerValue | int"

BLOCK = 100_000


def divide(a: ir.IntegerValue, b: Whole) -> ir.IntegerValue:
    """a div b for 0 ≤ a < 2^63, b > 0 and a quotient below 2^51."""
    quotient: ir.IntegerValue = ((a - a % b) / b).round().cast("int64")
    return quotient


def half_up(a: ir.IntegerValue, b: Whole) -> ir.IntegerValue:
    """a / b to the nearest integer, halves up; 0 ≤ a < 2^63, 0 < b < 2^62, a quotient below 2^51."""
    rest = a % b
    return divide(a, b) + _one_if(rest >= b - rest)


def _one_if(holds: ir.BooleanValue) -> ir.IntegerValue:
    """1 or 0; PostgreSQL has no cast from a truth value to int64."""
    import ibis

    found: ir.IntegerValue = ibis.ifelse(holds, 1, 0)
    return found


def mul(amount: ir.IntegerValue, bp: Whole) -> ir.IntegerValue:
    """`kernel.money.mul` of an amount ≤ 10^13 fen."""
    return divide(amount * bp + 5_000, 10_000)


def product_over(table: ir.Table, name: str, a: str, b: str, divisor: str) -> ir.Table:
    """*table* with column *name* = half_up(a × b / divisor), exact where a × b leaves int64.

    0 ≤ a < 2^63, 0 ≤ b and 0 < divisor ≤ 10^13, a result below 2^63. Schoolbook long division: b = q·divisor + r, then r times the
    digits of a to the base 10^5, so that nothing exceeds 2 × 10^18. Each stage is a column, or the text would double at each.
    """
    table = table.mutate(_r=table[b] % table[divisor])
    table = table.mutate(_whole=table[a] * divide(table[b], table[divisor]), _q=table[a] * 0, _rest=table[a] * 0)
    for power in (3, 2, 1, 0):
        digit = divide(table[a], BLOCK**power) % BLOCK if power else table[a] % BLOCK
        table = table.mutate(_t=table["_rest"] * BLOCK + digit * table["_r"])
        table = table.mutate(
            _q=table["_q"] * BLOCK + divide(table["_t"], table[divisor]), _rest=table["_t"] % table[divisor]
        )
    up = _one_if(table["_rest"] >= table[divisor] - table["_rest"])
    return table.mutate(**{name: table["_whole"] + table["_q"] + up}).drop("_r", "_whole", "_q", "_rest", "_t")
