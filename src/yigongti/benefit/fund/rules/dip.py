"""DIP: payment by points of disease groups (fund.md 3). One case at a time, as the counter and the explanation need it.

Amounts are fen, points thousandths of a point (points = 1000 × RW), factors basis points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from yigongti.benefit.fund.rules import factors
from yigongti.benefit.fund.rules.catalogue import Catalogue
from yigongti.benefit.fund.rules.parameters import ParameterFault
from yigongti.benefit.fund.rules.points import PLAIN, RULES, charged
from yigongti.kernel.money import half_up, mul, percent, yuan

BLANKS = (" ", "\t", "\n", "\r", "\u00a0", "\u3000")
KINDS = ("conservative", "diagnostic", "therapeutic", "operation")
"""Of a composite group, low to high."""
KIND_WORDS = {"conservative": "内科治疗", "diagnostic": "诊断性操作", "therapeutic": "治疗性操作", "operation": "手术"}
OPERATION = KINDS.index("operation")
UNGROUPED = "ungrouped"
MAX_WEIGHT, MAX_HIGH_BP = 1_000, 100_000


@dataclass(frozen=True)
class DipParameters:
    """`year_weights`: oldest base year first; `low_bp`, `high_bp`: of the group's mean; `auxiliary`: factors switched on."""

    core_min_cases: int = 15
    year_weights: tuple[int, ...] = (1, 2, 7)
    low_bp: int = 5_000
    high_bp: int = 20_000
    auxiliary: factors.Auxiliary = field(default_factory=factors.Auxiliary)


def read(raw: object) -> DipParameters:
    """The object `dip` of a parameter file. Raises ParameterFault naming every key that is missing or wrong."""
    problems = _problems("dip", raw, ("core_min_cases", "year_weights", "low_bp", "high_bp"), ("auxiliary",))
    auxiliary, more = factors.read(raw.get("auxiliary", {}) if isinstance(raw, Mapping) else {})
    if problems or more or not isinstance(raw, Mapping):
        raise ParameterFault((*problems, *more))
    return DipParameters(raw["core_min_cases"], tuple(raw["year_weights"]), raw["low_bp"], raw["high_bp"], auxiliary)


def read_drg(raw: object) -> tuple[tuple[int, ...], int, int]:
    """The object `drg`: (year_weights, low_bp, high_bp). Raises ParameterFault."""
    problems = _problems("drg", raw, ("year_weights", "low_bp", "high_bp"), ())
    if problems or not isinstance(raw, Mapping):
        raise ParameterFault(problems)
    return tuple(raw["year_weights"]), raw["low_bp"], raw["high_bp"]


BOUNDS = {"core_min_cases": (1, 10**9), "low_bp": (0, 10_000), "high_bp": (10_000, MAX_HIGH_BP)}


def _problems(name: str, raw: object, required: Sequence[str], optional: Sequence[str]) -> list[str]:
    if not isinstance(raw, Mapping):
        return [f"参数“{name}”应是一个对象，含 {'、'.join(required)}"]
    problems = [f"{name}：缺少参数“{key}”" for key in required if key not in raw]
    problems += [f"{name}：不认识的参数“{key}”" for key in raw if key not in (*required, *optional)]
    for key, (low, high) in BOUNDS.items():
        if key in required and key in raw and not (type(raw[key]) is int and low <= raw[key] <= high):
            problems.append(f"{name}.{key} 是 {raw[key]!r}，应是 {low} 到 {high} 的整数")
    weights = raw.get("year_weights", [1])
    if not isinstance(weights, list | tuple) or not weights:
        return [*problems, f"{name}.year_weights 应是一列正整数，最早的年份在前，如 [1, 2, 7]"]
    return problems + [
        f"{name}.year_weights 第 {at} 项是 {weight!r}，应是 1 到 {MAX_WEIGHT} 的整数"
        for at, weight in enumerate(weights, 1)
        if type(weight) is not int or not 1 <= weight <= MAX_WEIGHT
    ]


def normal(dx: str) -> str:
    """A diagnosis as groups know it: upper case, blanks removed."""
    dx = dx.upper()
    for blank in BLANKS:
        dx = dx.replace(blank, "")
    return dx


def dx4(dx: str) -> str:
    """The first five characters of the diagnosis, as ``K35.8``."""
    return normal(dx)[:5]


def ops(procedures: Iterable[str | None] | None) -> str:
    """The distinct procedures sorted and joined by ``+``; ``-`` if there is none."""
    return "+".join(sorted({code for code in procedures or () if code})) or "-"


def kind(operations: str, kinds: Mapping[str, str]) -> str:
    """The highest kind among the procedures of *operations*; a code not in *kinds* is an operation."""
    if operations == "-":
        return KINDS[0]
    return max((kinds.get(code, KINDS[OPERATION]) for code in operations.split("+")), key=KINDS.index)


def case_points(total_fen: int, mean_fen: int, points_milli: int, low_bp: int, high_bp: int) -> tuple[int, str]:
    """A case's own points and the rule that gave them: `plain`, `low` (by cost) or `high` (excess added, listed for review)."""
    counted, rule = charged(total_fen, mean_fen, low_bp, high_bp)
    return points_milli if rule == PLAIN else half_up(points_milli * counted, mean_fen), RULES[rule]


@dataclass(frozen=True)
class Case:
    """What grouping looks at."""

    principal_dx: str
    procedures: tuple[str, ...]
    total_fen: int
    other_dx: tuple[str, ...] = ()
    age_days: int | None = None
    days: int | None = None
    outcome: str | None = None
    icu_days: int | None = None


@dataclass(frozen=True)
class Grouped:
    """A case's group with every intermediate value. `rule`: plain, low, high or ungrouped; `tried`: the keys looked up, in order."""

    group: str
    kind_of_group: str
    group_mean_fen: int
    group_points_milli: int
    rule: str
    before_factor_milli: int
    factor: factors.Factor | None
    points_milli: int
    tried: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """Where a pair of diagnosis and procedures belongs: group (`ungrouped`), mean (fen), points (milli); the keys looked up."""

    group: str
    kind_of_group: str
    mean_fen: int
    points_milli: int
    tried: tuple[str, ...]


class Groups:
    """The groups of one catalogue; each distinct pair of diagnosis and procedures is looked up once, however many cases have it."""

    def __init__(self, catalogue: Catalogue, kinds: Mapping[str, str]) -> None:
        self.catalogue, self.kinds = catalogue, kinds
        self._known: dict[tuple[str, tuple[str, ...]], Found] = {}

    def of(self, principal_dx: str, procedures: Iterable[str]) -> Found:
        """Core group, else composite group, else ungrouped (fund.md 3)."""
        key = (principal_dx, tuple(procedures))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._look_up(*key)
        return found

    def _look_up(self, principal_dx: str, procedures: tuple[str, ...]) -> Found:
        first, operations = dx4(principal_dx), ops(procedures)
        core, composite = f"{first}|{operations}", f"{first[:3]}#{kind(operations, self.kinds)}"
        for tried, name in (((core,), core), ((core, composite), composite)):
            group = self.catalogue.groups.get(name)
            if group is not None and group.kind_of_group == ("core" if name == core else "composite"):
                return Found(name, group.kind_of_group, group.mean_fen, group.points_milli, tried)
        return Found(UNGROUPED, UNGROUPED, 0, 0, (core, composite))


def rule_of(found: Found, total_fen: int, parameters: DipParameters) -> tuple[int, str]:
    """A case's own points in the group found and the rule that gave them (`plain`, `low`, `high`, `ungrouped`)."""
    if found.group == UNGROUPED:
        return 0, UNGROUPED
    return case_points(total_fen, found.mean_fen, found.points_milli, parameters.low_bp, parameters.high_bp)


def group_case(case: Case, catalogue: Catalogue, kinds: Mapping[str, str], parameters: DipParameters) -> Grouped:
    """One case in a catalogue: core group, else composite group, else ungrouped (fund.md 3)."""
    found = Groups(catalogue, kinds).of(case.principal_dx, case.procedures)
    points, rule = rule_of(found, case.total_fen, parameters)
    factor = parameters.auxiliary.highest(case) if rule != UNGROUPED else None
    final = mul(points, factor.bp) if factor else points
    return Grouped(
        found.group, found.kind_of_group, found.mean_fen, found.points_milli, rule, points, factor, final, found.tried
    )


Keyed = tuple[tuple[str, str], int, int, int]
"""((dx4, ops), base year by its place, cases, total_fen); a key may stand in several rows."""


def labelled(
    sums: Sequence[Keyed], kinds: Mapping[str, str], core_min_cases: int
) -> list[tuple[str, str, int, int, int]]:
    """What base cases cost by group: `batch.dip.base_sums` for the few keys of one county, in memory."""
    count: dict[tuple[str, str], int] = {}
    for key, _, cases, _ in sums:
        count[key] = count.get(key, 0) + cases
    rows = []
    for (first, operations), year, cases, total in sums:
        core = count[first, operations] >= core_min_cases
        name = f"{first}|{operations}" if core else f"{first[:3]}#{kind(operations, kinds)}"
        rows.append((name, "core" if core else "composite", year, cases, total))
    return rows


def is_same_pay(group: str, diagnoses: Iterable[str]) -> bool:
    """Whether a group belongs to a disease of the primary-care list: without operation, its diagnosis begins with a listed one."""
    conservative = group.endswith(("|-", "#conservative"))
    return conservative and group.startswith(tuple(normal(code) for code in diagnoses))


def group_words(name: str, titles: Mapping[str, str] | None = None) -> str:
    """A group as it is read, K29#operation as K29 手术, I10|- as I10 无手术操作; with *titles* (by code) each code with its name:
    K80.2|51.23 as K80.2 胆囊结石 + 51.23 腹腔镜胆囊切除术.
    """
    if name == UNGROUPED:
        return "未入组"
    head, _, means = name.partition("#")
    diagnosis, _, operations = head.partition("|")
    known = titles or {}
    told = " + ".join(
        f"{code} {known.get(code, '')}".strip() for code in (diagnosis, *operations.split("+")) if code not in ("", "-")
    )
    return f"{told} {'无手术操作' if operations == '-' else KIND_WORDS.get(means, means)}".strip()


def explain(
    case: Case, catalogue: Catalogue, kinds: Mapping[str, str], parameters: DipParameters, titles: Mapping[str, str]
) -> list[str]:
    """How a case is grouped and pointed, step by step, in Chinese; *titles*: what diagnoses and procedures are called, by code."""
    found = group_case(case, catalogue, kinds, parameters)
    first, operations = dx4(case.principal_dx), ops(case.procedures)

    def named(code: str) -> str:
        return f"{code} {titles.get(code, '')}".strip()

    steps = [
        f"主要诊断 {case.principal_dx} 去空格、转大写后取前五位：{named(first)}",
        f"手术操作去重、排序：{'、'.join(map(named, operations.split('+')))}" if operations != "-" else "没有手术操作",
    ]
    for at, key in enumerate(found.tried):
        held = key == found.group
        word = "核心病种" if at == 0 else "综合病种"
        steps.append(f"查{word}“{group_words(key, titles)}”：{'目录中有，归入' if held else '目录中没有'}")
        if at == 0 and not held:
            which = KIND_WORDS[kind(operations, kinds)]
            steps.append(f"取诊断前三位 {first[:3]}，手术操作最高类别为“{which}”")
    if found.rule == UNGROUPED:
        return [*steps, "两者都没有：未入组，0 分，列入待处理"]
    steps.append(f"病种均费 {yuan(found.group_mean_fen)} 元，病种分值 {points_text(found.group_points_milli)} 分")
    cost, low, high = yuan(case.total_fen), percent(parameters.low_bp), percent(parameters.high_bp)
    steps.append(
        {
            "plain": f"本例费用 {cost} 元，在均费的 {low} 与 {high} 之间：按病种分值计",
            "low": f"本例费用 {cost} 元，低于均费的 {low}：分值 × 费用 ÷ 均费，四舍五入",
            "high": f"本例费用 {cost} 元，高于均费的 {high}：分值 ×（费用 − 均费 × {percent(parameters.high_bp - 10_000)}）÷ 均费，送审核",
        }[found.rule]
    )
    if found.factor is not None:
        steps.append(f"辅助分型取最高的一项：{found.factor.why}，× {percent(found.factor.bp)}")
    return [*steps, f"本例分值 {points_text(found.points_milli)} 分"]


def points_text(milli: int) -> str:
    """Thousandths of a point as points: 944183 → ``944.183``."""
    sign = "-" if milli < 0 else ""
    return f"{sign}{abs(milli) // 1_000:,}.{abs(milli) % 1_000:03d}"
