"""What stands in a simulated visit: vignettes with their figures drawn, and plain lines for other diseases."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from yigongti.kernel.sampling import Sampling, Weighted
from yigongti.registry import facade as registry
from yigongti.service.care.rules import BY_CODE

COLUMNS = {
    "sbp": "systolic_mmhg", "dbp": "diastolic_mmhg", "temperature": "temperature_c", "heart_rate": "pulse_per_min",
    "resp_rate": "breaths_per_min", "spo2": "spo2_percent", "fbg": "glucose_mmol_l", "rbg": "glucose_mmol_l",
    "hb": "hemoglobin_g_l", "pain_score": "pain_score", "gcs": "gcs", "weight": "weight_kg",
}  # fmt: skip
"""Facts of the vignettes by the column that holds them."""
SEASONS = {
    "winter_spring": (11, 12, 1, 2, 3, 4), "summer_autumn": (6, 7, 8, 9, 10), "spring": (3, 4, 5), "summer": (6, 7, 8),
    "autumn": (9, 10, 11), "winter": (12, 1, 2), "autumn_winter": (9, 10, 11, 12, 1, 2),
    "spring_autumn": (3, 4, 5, 9, 10, 11),
}  # fmt: skip
OUT_OF_SEASON = 0.35
"""How much rarer a seasonal disease is outside its season."""
SEX = {"M": "male", "F": "female"}


@dataclass(frozen=True)
class Who:
    """A resident as the sample needs one."""

    subject_id: int
    name: str
    sex: str
    birth: date
    home_id: int | None
    township_id: int | None
    tags: tuple[str, ...] = ()

    def years(self, on: date) -> float:
        return (on - self.birth).days / 365.25


@dataclass(frozen=True)
class Text:
    """The words and figures of one visit."""

    code: str
    name: str
    chief: str
    history: str
    examination: str
    plan: str
    vitals: Mapping[str, Decimal | int] = field(default_factory=dict)
    red_flags: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    days: int | None = None
    pregnant: bool | None = None
    fasting: bool | None = None
    sensitive: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Everything drawn, by the vignettes' names; for whoever writes the story on."""


class Vignettes:
    """The vignettes and the disease mix, ready to draw from."""

    def __init__(self, sampling: Sampling) -> None:
        tree = sampling.tree("vignettes")
        self.defaults = tree["defaults"]
        self.codes = _codes(sampling, tree["vignettes"])
        self.usual_by = self._by_level(v for v in tree["vignettes"] if "referral" not in v)
        self.up_by = self._by_level(v for v in tree["vignettes"] if "referral" in v)
        self.emergencies = float(sampling.figure("referral", "emergency_percent"))
        self.mix: dict[str, Weighted[Mapping[str, str]]] = {}
        for level in ("village", "township", "county"):
            rows = [r for r in sampling.table("disease_mix") if r["level"] == level and r["code"] in self.codes]
            self.mix[level] = Weighted([(r, float(r["weight"])) for r in rows])

    def _by_level(self, vignettes: Any) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
        found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for one in vignettes:
            for level in one["levels"]:
                found.setdefault((level, one["dx"]), []).append(one)
        return found

    def referred(self, rng: random.Random, level: str, years: float, sex: str) -> tuple[Text, Mapping[str, Any]] | None:
        """A vignette that goes up and fits the person; None when none fits. Emergencies come as often as sourced."""
        planned = rng.random() * 100 >= self.emergencies
        fit = [
            v for (at, _), many in self.up_by.items() if at == level
            for v in many if v["referral"].get("planned", False) == planned and _fits(v, years, sex)
        ]  # fmt: skip
        if not fit:
            return None
        one = rng.choice(fit)
        return self._filled(rng, one, years), one

    def usual(
        self, rng: random.Random, level: str, years: float, who: Who, day: date
    ) -> tuple[Text, Mapping[str, Any] | None] | None:
        """A disease of the level's mix that fits person and season; None when the draw does not fit."""
        row = self.mix[level].draw(rng)
        wrong_sex = row["sex"] in SEX and SEX[row["sex"]] != who.sex
        if wrong_sex or not float(row["age_from"]) <= years <= float(row["age_to"]):
            return None
        if not _fits_code(self.codes[row["code"]], years, who.sex):
            return None
        season = SEASONS.get(row["season"])
        if season and day.month not in season and rng.random() > OUT_OF_SEASON:
            return None
        fit = [v for v in self.usual_by.get((level, row["code"]), ()) if _fits(v, years, who.sex)]
        if fit:
            one = rng.choice(fit)
            return self._filled(rng, one, years), one
        return self._plain(rng, row["code"], years, level), None

    def _vitals(self, rng: random.Random, ranges: Mapping[str, list[float]], years: float) -> dict[str, Any]:
        usual: Mapping[str, list[float]] = next(
            (d["vitals"] for d in self.defaults if d["age"][0] <= years < d["age"][1]), {}
        )
        drawn: dict[str, Any] = {}
        for name, (low, high) in {**usual, **ranges}.items():
            whole = isinstance(low, int) and isinstance(high, int)
            value = rng.randint(int(low), int(high)) if whole else round(rng.uniform(low, high), 1)
            drawn[name] = value if whole else Decimal(str(value))
        if "dbp" in drawn and "sbp" in drawn and drawn["dbp"] >= drawn["sbp"]:
            drawn["dbp"] = drawn["sbp"] - 20
        return drawn

    def _filled(self, rng: random.Random, one: Mapping[str, Any], years: float) -> Text:
        facts = self._vitals(rng, {**one.get("vitals", {}), **one.get("extra", {})}, years)
        if "days" in one:
            facts["days"] = rng.randint(*one["days"])
        if "years" in one:
            facts["years"] = rng.randint(*one["years"])
        code = self.codes[one["dx"]]
        exam = " ".join(part for part in (one.get("exam", ""), one.get("labs", "")) if part)
        drugs = "；".join(" ".join(map(str, drug[:3])) + f" {drug[3]}天" for drug in one.get("drugs", ()))
        plan = one["plan"] + (f"\n用药：{drugs}" if drugs else "")
        return Text(
            code.code, code.name, _say(one["chief"], facts), _say(one["history"], facts), _say(exam, facts),
            _say(plan, facts), _columns(facts), tuple(one.get("red_flags", ())),
            days=facts.get("days"), pregnant=True if one.get("pregnant") else None,
            fasting=True if "fbg" in facts else False if "rbg" in facts else None, sensitive=code.sensitive, facts=facts,
        )  # fmt: skip

    def _plain(self, rng: random.Random, code: str, years: float, level: str) -> Text:
        known = self.codes[code]
        days = rng.randint(1, 14)
        facts = self._vitals(rng, {}, years)
        return Text(
            known.code, known.name, f"{known.name}相关症状 {days} 天", "病史如主诉，无其他特殊不适。",
            "一般情况可，生命体征平稳。", "对症处理，注意观察，症状加重随时复诊。" if level != "county" else "按专科方案治疗，定期复诊。",
            _columns(facts), days=days, sensitive=known.sensitive, facts=facts,
        )  # fmt: skip


def _codes(sampling: Sampling, vignettes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What the registry knows of every code that may be drawn."""
    wanted = {row["code"] for row in sampling.table("disease_mix")} | {one["dx"] for one in vignettes}
    found = {code: registry.diagnosis(code) for code in sorted(wanted)}
    return {code: row for code, row in found.items() if row is not None}


def _fits(one: Mapping[str, Any], years: float, sex: str) -> bool:
    right_sex = one["sex"] not in SEX or SEX[one["sex"]] == sex
    return right_sex and one["age"][0] <= years <= one["age"][1]


def _fits_code(code: Any, years: float, sex: str) -> bool:
    days = years * 365.25
    if code.sex and SEX.get(code.sex, code.sex) != sex:
        return False
    return (code.age_min_days is None or days >= code.age_min_days) and (
        code.age_max_days is None or days <= code.age_max_days
    )


def _columns(facts: Mapping[str, Any]) -> dict[str, Decimal | int]:
    """Drawn facts as columns of a visit, inside the limits that the workstation takes."""
    held: dict[str, Decimal | int] = {}
    for name, value in facts.items():
        column = COLUMNS.get(name)
        if column is not None:
            sign = BY_CODE[column]
            inside = min(max(Decimal(value), sign.low), sign.high)
            held[column] = inside if sign.places else int(inside)
    return held


def _say(text: str, facts: Mapping[str, Any]) -> str:
    return text.format_map(_Known(facts))


class _Known(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "—"
