"""Blueprints: how one published system builds its alliances, as data for ``county new``.

A blueprint is a template: ``county new`` reads it once and writes plain registry rows; afterwards only its page shows
it. Every item cites its clause; what the text leaves open is marked assumed and says what was assumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ..rules.terms import PolicyError

ALLIANCE_KINDS: Mapping[str, str] = {
    "county": "县域医共体", "urban": "城市医疗集团", "city_rural": "城乡医联体", "specialist": "专科联盟",
    "telemedicine": "远程医疗协作网",
}  # fmt: skip
MODES: Mapping[str, str] = {"tight": "紧密型", "trusteeship": "托管", "cooperation": "协作"}
BODY_KINDS: Mapping[str, str] = {
    "council": "理事会", "committee": "管理委员会", "mechanism": "工作推进机制", "party_committee": "党委",
}  # fmt: skip
AT = ("region", "county", "alliance")
"""Where a governing body or an office stands: once for the region, for each county, for each consortium."""
HOSTS = ("hq", "lead", "county", "city", "township")
"""Where a centre is: at headquarters, in each lead hospital, in each county's first lead, in one city hospital, in every
township or community centre."""


class UnknownBlueprint(PolicyError, LookupError):
    """There is no blueprint of that code."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a blueprint.

    A stable *code*, the title users read, the clause it stands in, how sure that is.
    """

    code: str
    title: str
    clause: str
    status: str = "confirmed"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Level(Item):
    """A level of the system.

    *branch* is what a member of this level is called; *kinds* of institutions stand at it; *receives*: patients are
    referred to it from below.
    """

    branch: str = ""
    kinds: tuple[str, ...] = ()
    receives: bool = False


@dataclass(frozen=True, slots=True)
class Alliance(Item):
    """One kind of alliance of the text.

    *count* is the text's number (None: left open, then *made* is what a full-scale simulation makes). *lead* and
    *members* are words of the plan: ``city1`` … = a city hospital by its code, ``cities`` = each in turn, ``leads``,
    ``hospitals``, ``towns``, ``outside``. *across*: members or leads beyond the province. *names*: named ones.
    """

    kind: str = "county"
    mode: str = "tight"
    count: int | None = None
    made: int = 1
    lead: str = ""
    members: tuple[str, ...] = ()
    scope: str = ""
    across: bool = False
    names: tuple[str, ...] = ()

    @property
    def full(self) -> int:
        """How many there are at full scale."""
        return self.count if self.count is not None else self.made


@dataclass(frozen=True, slots=True)
class Centre(Item):
    """A centre.

    *domain* is the code of the unified domain it serves (empty for those that serve patients); *host* one of HOSTS,
    *site* the code of the city hospital for host ``city``; *of*: only for alliances of this code.
    """

    domain: str = ""
    host: str = ""
    site: str = ""
    open_24h: bool = False
    of: str = ""


@dataclass(frozen=True, slots=True)
class Group(Item):
    """Something with parts: an area of the supervision list with its items, a department with its duties."""

    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class LeadRule:
    """Who may lead.

    Least hospital level (1–3) and grade (``a`` or nothing), kinds (``general``, ``tcm``, ``city``), whether it must be
    non-profit; *private*: a private hospital may lead where public ones cannot, of whatever level.
    """

    least_level: int
    kinds: tuple[str, ...]
    non_profit: bool
    clause: str
    status: str = "confirmed"
    note: str = ""
    least_grade: str = ""
    private: bool = False

    def admits(self, *, kind: str, level: str, ownership: str) -> bool:
        """Whether a hospital may lead: kind, level (``2a``) and ownership in the words of the registry."""
        if self.private and ownership.startswith("private"):
            return True
        number = int(level[0]) if level[:1].isdigit() else 0
        if kind not in self.kinds or number < self.least_level:
            return False
        if self.non_profit and ownership == "private_profit":
            return False
        return number > self.least_level or not self.least_grade or level[1:] == self.least_grade


@dataclass(frozen=True, slots=True)
class Body(Item):
    """A governing body.

    *kind* one of BODY_KINDS, *at* one of AT (*of*: only for alliances of this code); who presides, the departments and
    parties in it, where its daily work is done.
    """

    kind: str = "mechanism"
    at: str = "region"
    chair: str = ""
    office: str = ""
    term: str = ""
    members: tuple[str, ...] = ()
    of: str = ""


@dataclass(frozen=True, slots=True)
class Office(Item):
    """A person's office: the *login* of the simulated person whose seat bears this title."""

    login: str = ""
    at: str = "alliance"


@dataclass(frozen=True, slots=True)
class Consortia:
    """How many consortia a county may have; *most* None: left to the county."""

    least: int
    most: int | None
    clause: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stage(Item):
    """A stage of the timetable: until which day."""

    by: date | None = None


@dataclass(frozen=True, slots=True)
class Figure(Item):
    """A number of the text, as written, with what it counts."""

    value: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How many institutions of one kind a block of the simulated network has at full scale."""

    kind: str
    count: int
    clause: str = ""
    status: str = "assumed"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Site(Item):
    """A named hospital: of the city, or beyond the region (*place*: six digits)."""

    kind: str = "city_hospital"
    level: str = "3a"
    ownership: str = "public"
    beds: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the simulated network: counties with consortia of one alliance kind and their institutions.

    *lead*: ``county_general`` (one each), ``cities`` or a site's code; *private*: so many are led by a private hospital.
    *core*: the kinds that are tight members with their numbers, the rest cooperate. *districts*: the places are districts;
    *pattern*: consortia of each county at full scale.
    """

    code: str
    alliance: str
    counties: int
    consortia: int
    rows: tuple[Count, ...]
    lead: str = "county_general"
    private: int = 0
    districts: bool = False
    pattern: tuple[int, ...] = ()
    core: Mapping[str, int] | None = None
    clause: str = ""
    note: str = ""

    def count(self, kind: str) -> int:
        """Institutions of a kind at full scale."""
        return sum(row.count for row in self.rows if row.kind == kind)


@dataclass(frozen=True, slots=True)
class Network:
    """What a simulation makes of the text.

    The region's *name*, *place* (an unassigned division) and province; *scale* is what ``county new`` takes when none is
    given; names, sites and missing counts are assumed.
    """

    name: str
    place: str
    province: str
    city: str
    scale: float
    note: str
    blocks: tuple[Block, ...]
    sites: tuple[Site, ...] = ()
    outside: tuple[Site, ...] = ()


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One system.

    *place* is the folder of the jurisdiction whose parameters it brings; *starts* its day of issue.
    """

    code: str
    row: str
    title: str
    source: str
    document: str
    place: str
    starts: date
    levels: tuple[Level, ...]
    alliances: tuple[Alliance, ...]
    consortia: Consortia
    bodies: tuple[Body, ...]
    lead: LeadRule
    offices: tuple[Office, ...]
    domains: tuple[Item, ...]
    unchanged: tuple[Item, ...]
    headquarters: tuple[Centre, ...]
    resource_centres: tuple[Centre, ...]
    clinical_centres: tuple[Centre, ...]
    emergency_centres: tuple[Centre, ...]
    desks: tuple[Centre, ...]
    framework: tuple[Group, ...]
    stages: tuple[Stage, ...]
    supervision: tuple[Group, ...]
    departments: tuple[Group, ...]
    parameters: tuple[Item, ...]
    figures: tuple[Figure, ...]
    network: Network

    @property
    def short(self) -> str:
        """The title without its year, for narrow places."""
        return self.title.partition("（")[0]

    def centres(self) -> Iterator[tuple[str, Centre]]:
        """Every centre with its kind, as the registry calls it: hq, resource, clinical, emergency, desk."""
        groups = (
            ("hq", self.headquarters), ("resource", self.resource_centres), ("clinical", self.clinical_centres),
            ("emergency", self.emergency_centres), ("desk", self.desks),
        )  # fmt: skip
        return ((kind, centre) for kind, group in groups for centre in group)

    def alliance(self, code: str) -> Alliance:
        """An alliance kind by its code. Raises KeyError."""
        for one in self.alliances:
            if one.code == code:
                return one
        raise KeyError(code)

    def items(self) -> tuple[Item, ...]:
        """Every cited item, parts included, in the order of the blueprint."""
        flat: list[Item] = [
            *self.levels, *self.alliances, *self.bodies, *self.offices, *self.domains, *self.unchanged,
            *(centre for _, centre in self.centres()), *self.stages, *self.parameters, *self.figures,
        ]  # fmt: skip
        for group in (*self.framework, *self.supervision, *self.departments):
            flat += [group, *group.items]
        return tuple(flat)
