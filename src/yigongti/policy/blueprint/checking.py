"""What a blueprint's file must keep to: cited items, known words, parameters that its jurisdiction really sets."""

from __future__ import annotations

from ..loader import shipped
from ..rules.terms import STATUSES
from .model import ALLIANCE_KINDS, AT, BODY_KINDS, HOSTS, MODES, Blueprint


def faults(blueprint: Blueprint, name: str) -> list[str]:
    """Every fault of titles, clauses, statuses, domains, words of the plan and parameters, naming file and item."""
    found = [f"{name} · {item.code}：应有 title、clause 和合法的 status"
              for item in blueprint.items() if not item.title or not item.clause or item.status not in STATUSES]  # fmt: skip
    found += [f"{name} · {item.code}：假定的内容应写明 note" for item in blueprint.items()
               if item.status == "assumed" and not item.note]  # fmt: skip
    domains = {domain.code for domain in blueprint.domains}
    sites = {site.code for site in blueprint.network.sites}
    for kind, centre in blueprint.centres():
        if kind == "hq" and centre.domain not in domains:
            found.append(f"{name} · {centre.code}：没有统一管理领域 {centre.domain}")
        if (centre.host and centre.host not in HOSTS) or (centre.host == "city" and centre.site not in sites):
            found.append(f"{name} · {centre.code}：没有地点 {centre.host} {centre.site}")
    for one in blueprint.alliances:
        if one.kind not in ALLIANCE_KINDS or one.mode not in MODES:
            found.append(f"{name} · {one.code}：没有医联体种类 {one.kind} 或方式 {one.mode}")
    found += [f"{name} · {body.code}：没有种类 {body.kind} 或地点 {body.at}" for body in blueprint.bodies
               if body.kind not in BODY_KINDS or body.at not in AT]  # fmt: skip
    return found + _unknown_parameters(blueprint, name)


def _unknown_parameters(blueprint: Blueprint, name: str) -> list[str]:
    """Parameters that the folder of the blueprint's jurisdiction does not set from the clause named."""
    shelf = shipped()
    place = next((place.code for place in shelf.places.values() if place.folder == blueprint.place), "")
    return [
        f"{name} · {item.code}：{blueprint.place}/ 中没有出自 {item.clause} 的这一参数"
        for item in blueprint.parameters
        if not any(value.clause == item.clause for value in shelf.history(item.code, place))
    ]
