"""The blueprint's centres as units: headquarters' below the consortium, the others in the lead hospital."""

from __future__ import annotations

from collections.abc import Iterable

from yigongti.kernel.access.models import Unit
from yigongti.kernel.sampling import Sampling
from yigongti.policy import facade as policy
from yigongti.registry.models import Alliance, Department, Institution


def centres(sampling: Sampling, region: Unit) -> None:
    """Make every centre that the blueprint names, once for each consortium. Runs as owner inside maintenance."""
    blueprint = policy.blueprint(str(sampling.options["blueprint"]))
    shared = (*blueprint.resource_centres, *blueprint.clinical_centres, *blueprint.emergency_centres)
    for alliance in Alliance.objects.filter(kind=Alliance.Kind.COUNTY, unit__region=region).select_related("unit"):
        assert alliance.unit is not None
        _below(alliance.unit, "HQ", (centre.title for centre in blueprint.headquarters), None)
        if alliance.lead_id is not None:
            lead = Unit.objects.get(pk=alliance.lead_id)
            _below(lead, "C", (centre.title for centre in shared), alliance.lead_id)


def _below(parent: Unit, mark: str, titles: Iterable[str], institution: int | None) -> None:
    known = set(Unit.objects.filter(parent=parent, kind=Unit.Kind.DEPARTMENT).values_list("name", flat=True))
    for number, title in enumerate(titles, start=1):
        if title in known:
            continue
        unit = Unit.objects.create(
            kind=Unit.Kind.DEPARTMENT, code=f"{parent.code[:24]}.{mark}{number:02d}", name=title, parent=parent,
            region_id=parent.region_id, consortium_id=parent.consortium_id, place=parent.place,
        )  # fmt: skip
        unit.path = [*parent.path, unit.pk]
        unit.save(force_update=True)
        if institution is not None:
            Department.objects.create(unit=unit, institution_id=institution)


def lead_fits(institution: Institution, blueprint_code: str) -> bool:
    """Whether a lead hospital satisfies the blueprint's rule: level, kind, non-profit."""
    rule = policy.blueprint(blueprint_code).lead
    kind = {"county_general": "general", "county_tcm": "tcm"}.get(institution.kind, institution.kind)
    level = int(institution.level[0]) if institution.level[:1].isdigit() else 0
    profit = institution.ownership == Institution.Ownership.PRIVATE_PROFIT
    return kind in rule.kinds and level >= rule.least_level and not (rule.non_profit and profit)
