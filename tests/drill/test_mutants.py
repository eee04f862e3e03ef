"""Every small change of the settlement rule is noticed: the tests of the rule are run against each mutant of its source.

A mutant is the module with one operator, comparison, constant or term changed; the worked cases, the explanation, the calendar and
random claims against the second reading (``oracle``) must not all stay green.
A mutant that means the same is listed in SAME, with the reason.
"""

from __future__ import annotations

import ast
import copy
import os
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.benefit.fund import claims, oracle, test_batch, test_settlement
from yigongti.benefit.fund.rules import parameters, person, settlement

pytestmark = [pytest.mark.drill, pytest.mark.timeout(900)]
SOURCE = Path(settlement.__file__ or "").read_text(encoding="utf-8")
COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,),
}  # fmt: skip
COMPUTED: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Add,), ast.FloorDiv: (ast.Mult,), ast.Mod: (ast.FloorDiv,),
}  # fmt: skip
SAME = {
    # An estimate of the year that is some days off about the first of March: the correction behind it puts it right.
    "year_of: in_era - in_era // 1460 + in_era // 36524 - in_era // 146096 → in_era - in_era // 1460 + in_era // 36524 + in_era // 146096",
    "year_of: in_era - in_era // 1460 + in_era // 36524 → in_era - in_era // 1460 - in_era // 36524",
    "year_of: 1460 → 1461",
    "year_of: 36524 → 36525",
    "year_of: 146096 → 146097",
    "year_of: 146097 → 146098",
    # A tier that is just reached pays nothing, as one that is not; the next begins no lower.
    "tier_part: x <= lower → x < lower",
    # Any number below nothing says that a tier is not reached.
    "tier_part: 1 → 2",
    # The place of the deductibles is 0.
    "terms: at + DEDUCTIBLE → at - DEDUCTIBLE",
}
"""Mutants that mean the same, and why."""


TAKEN = [name for name, one in vars(person).items() if getattr(one, "__module__", "") == settlement.__name__ and callable(one)
         and not isinstance(one, type)]  # fmt: skip
"""What the driver takes from the rule: all of it is the mutant's, or a change there would go unseen."""


def mutants() -> Iterator[tuple[str, ast.Module]]:
    """(what was changed, the changed module), one change each, inside functions."""
    tree = ast.parse(SOURCE)
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        for at, node in enumerate(ast.walk(function)):
            for number in range(len(list(_changes(node)))):
                changed = copy.deepcopy(tree)
                same = next(
                    one for one in changed.body if isinstance(one, ast.FunctionDef) and one.name == function.name
                )
                target = list(ast.walk(same))[at]
                before = ast.unparse(target)
                list(_changes(target))[number]()
                after = ast.unparse(ast.fix_missing_locations(target))
                yield f"{function.name}: {before} → {after}", changed


def _changes(node: ast.AST) -> Iterator[Callable[[], None]]:
    """What can be changed at a node, as acts."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in COMPARED.get(type(node.ops[0]), ()):
            yield lambda other=other: setattr(node, "ops", [other()])  # type: ignore[misc]
    if isinstance(node, ast.BinOp):
        for sign in COMPUTED.get(type(node.op), ()):
            yield lambda sign=sign: setattr(node, "op", sign())  # type: ignore[misc]
        if isinstance(node.op, (ast.Sub, ast.FloorDiv, ast.Mod)):
            yield lambda: node.__dict__.update(left=node.right, right=node.left)
    if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
        yield lambda: setattr(node, "value", node.value + 1)  # type: ignore[operator]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("min", "max"):
        yield lambda: setattr(node.func, "id", "max" if node.func.id == "min" else "min")  # type: ignore[attr-defined]
    if isinstance(node, ast.BoolOp):
        yield lambda: setattr(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
        for gone in range(len(node.values)):
            yield lambda gone=gone: setattr(node, "values", 2 * [*node.values[:gone], *node.values[gone + 1 :]])  # type: ignore[misc]
    if isinstance(node, ast.IfExp):
        yield lambda: node.__dict__.update(body=node.orelse, orelse=node.body)


def _prove() -> None:
    """The tests of the rule, the quick ones first. Raises AssertionError and whatever a broken rule raises."""
    test_settlement.test_a_share_is_the_house_s_own_half_up_and_never_leaves_64_bits()
    for case in test_settlement.CASES:
        test_settlement.test_a_claim_is_settled_as_worked_by_hand(case)
        if not case.refused:
            test_settlement.test_the_explanation_accounts_for_every_fen(case)
    test_settlement.test_the_explanation_tells_the_chain_of_deductibles()
    test_settlement.test_the_explanation_tells_every_turn_of_a_claim()
    test_settlement.test_the_trace_holds_every_value_on_the_way()
    for seed in range(40):
        rows, file = claims.random_rows(seed, 60), claims.random_parameters(seed)
        assert test_batch.counter(rows, parameters.read(file)) == oracle.settle(rows, file)
    test_settlement.test_the_year_s_sums_have_a_limit()
    test_settlement.test_the_calendar_year_of_a_day_is_the_calendar_s()


def _survives(changed: ast.Module, patch: pytest.MonkeyPatch) -> bool:
    mutant = types.ModuleType("mutant")
    exec(compile(changed, "mutant", "exec"), mutant.__dict__)
    with patch.context() as patched:
        patched.setattr(test_settlement, "settlement", mutant)
        for name in TAKEN:
            patched.setattr(person, name, getattr(mutant, name))
        patched.setattr(parameters, "set_on", mutant.set_on)
        try:
            _prove()
        except Exception:
            return False
    return True


@pytest.mark.skipif(not os.environ.get("YGT_DRILL"), reason="a minute of one core: make drill")
def test_every_mutant_of_the_rule_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    every = list(mutants())
    assert len(every) > 200
    _prove()
    assert {name for name, changed in every if _survives(changed, monkeypatch)} == SAME
