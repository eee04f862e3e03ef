"""The network of a blueprint at a scale, as plain rows: divisions, institutions. Pure: no database, no clock.

Counts of the text times the scale, at least one of every kind and level; what the text leaves open is the blueprint's
assumption. `alliances.py` and `centres.py` go on from here.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain
from typing import Any

from yigongti.kernel import ids, pinyin
from yigongti.policy.facade import Block, Blueprint, Site
from yigongti.registry.actions.places import Division
from yigongti.registry.rows import InstitutionRow
from yigongti.registry.sample import names

MOST_SCALE = 50
AREA = "0000"
"""An area code that nobody has, as the centres' telephones have it."""
LEADS = ("county_general", "county_tcm", "private_hospital")
"""Kinds that lead a consortium, in the order in which they are asked."""
COUNTY_KINDS = ("county_general", "county_tcm", "private_hospital", "mch", "specialist", "rehabilitation", "nursing",
                "other", "cdc", "public_health")  # fmt: skip
BEDS = {"county_general": 420, "county_tcm": 260, "private_hospital": 240, "mch": 80, "specialist": 120,
        "rehabilitation": 100, "nursing": 80, "other": 60}  # fmt: skip
LEVELS = {"county_general": "2a", "county_tcm": "2a", "private_hospital": "2", "mch": "2", "specialist": "2",
          "rehabilitation": "2", "nursing": "none"}  # fmt: skip
CENTRE_LON, CENTRE_LAT = Decimal("112.9000"), Decimal("28.2000")


class BadScale(ValueError):
    """A scale that no network can be made at; the message is Chinese and for the user."""


@dataclass(frozen=True)
class County:
    """A county or district of the plan: its code of six digits, its name, the codes of its consortia's leads."""

    code: str
    name: str


@dataclass
class Consortium:
    """A consortium (or urban group) of the plan: by which alliance of the blueprint, where, led by whom."""

    name: str
    alliance: str
    county: County
    block: Block
    lead: str = ""
    core: set[str] = field(default_factory=set)


@dataclass
class Plan:
    """What a blueprint becomes at a scale."""

    blueprint: Blueprint
    scale: float
    counties: list[County] = field(default_factory=list)
    divisions: list[Division] = field(default_factory=list)
    institutions: list[InstitutionRow] = field(default_factory=list)
    consortia: list[Consortium] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    outside: list[Site] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The region's division, six digits."""
        return self.blueprint.network.place

    def of(self, consortium: str, kinds: Sequence[str] = ()) -> list[InstitutionRow]:
        """Institutions of a consortium, those below a township included, by kind."""
        members = [row for row in self.institutions if row.consortium == consortium]
        codes = {row.code for row in members}
        below = [row for row in self.institutions if row.parent in codes]
        return [row for row in (*members, *below) if not kinds or row.kind in kinds]

    def kind(self, *kinds: str) -> list[InstitutionRow]:
        """Institutions of some kinds, in order."""
        return [row for row in self.institutions if row.kind in kinds]


@dataclass(frozen=True)
class Given:
    """Names that are given instead of invented: the county, its towns, the villages of each town."""

    county: str = ""
    towns: Sequence[str] = ()
    villages: Mapping[str, Sequence[str]] = field(default_factory=dict)


def check_scale(scale: float) -> float:
    """The scale itself. Raises BadScale for what is no scale."""
    if not 0 < scale <= MOST_SCALE:
        raise BadScale(f"规模 {scale:g} 不能用：应大于 0、不超过 {MOST_SCALE}（1 为原文的机构数，0.1 为十分之一）。")
    return scale


def scaled(count: int, scale: float) -> int:
    """So many at a scale: at least one of what there is."""
    return max(1, round(count * scale)) if count else 0


def plan(blueprint: Blueprint, scale: float | None = None, *, rng: random.Random | None = None,
         given: Given | None = None) -> Plan:  # fmt: skip
    """The network of a blueprint; the blueprint's own scale where none is given. Raises BadScale."""
    network = blueprint.network
    size = check_scale(network.scale if scale is None else scale)
    made = Plan(blueprint, size)
    made.sites = _sites(blueprint, size)
    made.outside = list(network.outside)
    drawing = _Drawing(made, rng or random.Random(0), given or Given())
    drawing.region()
    for block in network.blocks:
        drawing.block(block)
    drawing.hospitals()
    return made


def _sites(blueprint: Blueprint, scale: float) -> list[Site]:
    """City hospitals at a scale: those that something of the blueprint names, then as many as are left."""
    network = blueprint.network
    named = {block.lead for block in network.blocks} | {one.lead for one in blueprint.alliances}
    named |= {centre.site for _, centre in blueprint.centres()} | {m for a in blueprint.alliances for m in a.members}
    most = scaled(len(network.sites), scale)
    kept = [site for site in network.sites if site.code in named]
    rest = [site for site in network.sites if site.code not in named]
    chosen = {site.code for site in [*kept, *rest][: max(most, len(kept))]}
    return [site for site in network.sites if site.code in chosen]


class _Drawing:
    """Puts a plan together, block by block."""

    def __init__(self, made: Plan, rng: random.Random, given: Given) -> None:
        self.made, self.rng, self.given = made, rng, given
        invented = (f"{name}{'镇' if n % 3 else '乡'}" for n, name in enumerate(names.towns()))
        self.towns = chain(given.towns, invented)
        self.streets = (f"{name}街道" for name in names.towns())
        self.taken: set[str] = set()
        self.serial = 0
        self.credits = 0
        self.villages: list[InstitutionRow] = []
        self.places: list[Division] = []

    def region(self) -> None:
        """Province, city and the places beyond."""
        network = self.made.blueprint.network
        self.made.divisions += [
            Division(network.place[:2], network.province),
            Division(network.place[:4], network.city),
        ]
        known = {network.place[:2], network.place[:4]}
        for site in network.outside:
            for digits, name in ((2, "外省（模拟）"), (4, "外市（模拟）"), (6, "外地（模拟）")):
                code = site.place[:digits]
                if code not in known and not (digits == 6 and code.endswith("00")):
                    known.add(code)
                    self.made.divisions.append(Division(code, name))

    def block(self, block: Block) -> None:
        """A block's counties with consortia and everything in them."""
        scale = self.made.scale
        consortia = max(scaled(block.consortia, scale), 1 + block.private if block.private else 1)
        most = self.made.blueprint.consortia.most or consortia
        wanted = max(scaled(block.counties, scale), -(-consortia // most))
        counties = [self._county(block) for _ in range(min(wanted, consortia))]
        self.made.counties += counties
        spread = _spread(counties, consortia, block.pattern)
        group = [self._consortium(block, county) for county in spread]
        counts = {row.kind: scaled(row.count, scale) for row in block.rows}
        if block.lead == "county_general":
            short = len(group) - sum(counts.get(kind, 0) for kind in LEADS)
            counts["county_general"] = counts.get("county_general", 0) + max(0, short)
        self._leads(block, group, counts)
        for kind in COUNTY_KINDS:
            for number in range(counts.get(kind, 0)):
                self._county_level(kind, group[number % len(group)])
        self._primary(block, group, counts)

    def _county(self, block: Block) -> County:
        place = self.made.place
        if not place.endswith("00"):
            name = self.given.county or self.made.blueprint.network.name.removesuffix("（模拟）")
            county = County(place, name)
        else:
            made, self.serial = self.serial, self.serial + 1
            number = (1 if block.districts else 21) + made
            ending = "区" if block.districts else "县"
            county = County(f"{place[:4]}{number:02d}", f"{names.COUNTIES[made % len(names.COUNTIES)]}{ending}")
        self.places.append(Division(county.code, county.name))
        return county

    def _consortium(self, block: Block, county: County) -> Consortium:
        title = {"county": "医共体", "urban": "城市医联体"}[self.made.blueprint.alliance(block.alliance).kind]
        if block.core:
            title = "医疗集团"
        short = county.name.removesuffix("（演示）")
        number = sum(1 for one in self.made.consortia if one.county == county)
        name = f"{short}{'第' + '一二三四五六七八九'[number] if number else ''}{title}"
        made = Consortium(name, block.alliance, county, block)
        self.made.consortia.append(made)
        return made

    def _leads(self, block: Block, group: Sequence[Consortium], counts: dict[str, int]) -> None:
        """Give each consortium its lead and take it from the counts; the last are led by private hospitals."""
        if block.lead != "county_general":
            self._led_by_cities(block, group)
            return
        private = min(block.private, len(group) - 1)
        for number, one in enumerate(group):
            kinds = ("private_hospital",) if number >= len(group) - private else ("county_general", "county_tcm")
            kind = next(kind for kind in kinds if counts.get(kind))
            counts[kind] -= 1
            one.lead = self._county_level(kind, one, lead=True)

    def _led_by_cities(self, block: Block, group: Sequence[Consortium]) -> None:
        if block.lead != "cities":
            for one in group:
                one.lead = block.lead
            return
        busy = {one.lead for one in self.made.consortia}
        cities = [site.code for site in self.made.sites]
        order = [*(code for code in cities if code not in busy), *(code for code in cities if code in busy)]
        for number, one in enumerate(group):
            one.lead = order[number % len(order)]

    def _county_level(self, kind: str, one: Consortium, *, lead: bool = False) -> str:
        letters, ending = names.HOSPITALS[kind]
        same = sum(1 for row in self.made.institutions if row.kind == kind and row.place[:6] == one.county.code)
        county = len({row.place[:6] for row in self.made.institutions} | {one.county.code})
        index = next((n for n, c in enumerate(self.made.counties) if c == one.county), county)
        code = f"X{index + 1 if index else ''}{letters}{same + 1 if same else ''}"
        self._add(InstitutionRow(
            code=code, name=f"{one.county.name}{names.ordinal(same)}{ending}", kind=kind,
            place=one.county.code.ljust(12, "0"), consortium=one.name, lead=lead, level=LEVELS.get(kind, "none"),
            ownership="private_nonprofit" if kind == "private_hospital" else "public", is_tcm=kind == "county_tcm",
            beds=BEDS.get(kind, 0), credit_code=self._credit(one.county.code), lon=self._lon(index), lat=self._lat(index),
            address="城关大道", legal_person="（模拟）",
        ))  # fmt: skip
        return code

    def _primary(self, block: Block, group: Sequence[Consortium], counts: dict[str, int]) -> None:
        """Townships and community centres, then what hangs below them; every township has a clinic."""
        towns = counts.get("township_centre", 0)
        centres = counts.get("community_centre", 0)
        if towns + centres < len(group):
            towns, centres = (towns, len(group) - towns) if block.districts else (len(group) - centres, centres)
        made = [self._town(group[n % len(group)], "township_centre") for n in range(towns)]
        streets = [self._town(group[n % len(group)], "community_centre") for n in range(centres)]
        self._clinics(made, max(counts.get("village_clinic", 0), len(made)), "village_clinic")
        self._clinics(streets, counts.get("community_station", 0), "community_station")
        if block.core:
            self._core(block, group[0])

    def _core(self, block: Block, one: Consortium) -> None:
        one.core = {one.lead}
        for kind, number in (block.core or {}).items():
            rows = [row.code for row in self.made.institutions if row.kind == kind and row.consortium == one.name]
            one.core |= set(rows[: scaled(number, self.made.scale)])

    def _town(self, one: Consortium, kind: str) -> InstitutionRow:
        street = kind == "community_centre"
        name = next(self.streets) if street else next(self.towns)
        first = 1 if street else 100
        number = sum(1 for row in self.made.institutions if row.kind == kind and row.place[:6] == one.county.code)
        place = f"{one.county.code}{first + number:03d}"
        self.places.append(Division(place, name))
        index = self.made.counties.index(one.county)
        row = InstitutionRow(
            code=self._letters(name), name=f"{name}{'社区卫生服务中心' if street else '中心卫生院' if name.endswith('镇') else '卫生院'}",
            kind=kind, place=place.ljust(12, "0"), consortium=one.name, level="1", is_tcm=True, beds=self.rng.randrange(20, 60),
            credit_code=self._credit(one.county.code), lon=self._lon(index), lat=self._lat(index),
            serves=(place.ljust(12, "0"),), address=f"{name}{'社区路' if street else '政府街'} 1 号",
        )  # fmt: skip
        self._add(row)
        if street:
            self.villages_of(place, f"{name.removesuffix('街道')}社区", 1)
        return row

    def villages_of(self, town: str, name: str, number: int) -> str:
        """A division below a town or street; its code."""
        code = f"{town}{number:03d}"
        self.places.append(Division(code, name))
        return code

    def _clinics(self, towns: Sequence[InstitutionRow], count: int, kind: str) -> None:
        """So many clinics (or stations) spread evenly over townships (or community centres)."""
        if not towns:
            return
        for number, town in enumerate(towns):
            here = count // len(towns) + (1 if number < count % len(towns) else 0)
            given = list(self.given.villages.get(_town_name(town), ()))
            drawn = names.villages()
            for order in range(here):
                name = given[order] if order < len(given) else next(drawn)
                self._clinic(town, kind, name, order)

    def _clinic(self, town: InstitutionRow, kind: str, name: str, order: int) -> None:
        if kind == "village_clinic":
            place = self.villages_of(town.place[:9], name, 200 + order)
            more: dict[str, Any] = {
                "ownership": "collective",
                "clinic_mode": "village_township",
                "is_tcm": self.rng.random() < 0.6,
            }
            title = f"{name}卫生室"
        else:
            name = f"{name.removesuffix('村')}社区"
            place = self.villages_of(town.place[:9], name, 2 + order)
            more, title = {"is_tcm": True}, f"{name}卫生服务站"
        row = InstitutionRow(
            code=f"{town.code}-{place[9:]}", name=title, kind=kind, place=place, parent=town.code, serves=(place,),
            address=name, lon=town.lon, lat=town.lat, **more,
        )  # fmt: skip
        self.villages.append(replace(row, lon=self._near(town.lon, 400), lat=self._near(town.lat, 300)))

    def hospitals(self) -> None:
        """Hospitals of the city and beyond, then everything in its order: hospitals, townships, clinics."""
        led = {one.lead: one.name for one in reversed(self.made.consortia)}
        city = [self._site(site, number, led) for number, site in enumerate(self.made.sites, 1)]
        beyond = [self._site(site, number, {}) for number, site in enumerate(self.made.outside, 1)]
        rows = [*self.made.institutions, *city, *self.villages, *beyond]
        self.made.institutions = [replace(row, phone=f"{AREA}-{7_000_000 + n}") for n, row in enumerate(rows, 1)]
        self.made.divisions += self.places

    def _site(self, site: Site, number: int, led: Mapping[str, str]) -> InstitutionRow:
        inside = site in self.made.sites
        place = self.made.place if inside else site.place
        return InstitutionRow(
            code=site.code, name=f"{self.made.blueprint.network.city if inside else ''}{site.title}", kind=site.kind,
            place=place.ljust(12, "0"), consortium=led.get(site.code, ""), lead=site.code in led, level=site.level,
            ownership=site.ownership, beds=site.beds, is_tcm="中医" in site.title, credit_code=self._credit(place),
            lon=CENTRE_LON + Decimal(number) / 50, lat=CENTRE_LAT + (Decimal("0.05") if inside else Decimal("1.5")),
            address="（模拟）", legal_person="（模拟）",
        )  # fmt: skip

    # ---- small things ------------------------------------------------------------------------

    def _add(self, row: InstitutionRow) -> None:
        self.made.institutions.append(row)

    def _credit(self, county: str) -> str:
        self.credits += 1
        return credit_code(county, self.credits)

    def _letters(self, name: str) -> str:
        letters = pinyin.words(name).initials.upper()[:12] + "WSY"
        code, number = letters, 2
        while code in self.taken:
            code, number = f"{letters}{number}", number + 1
        self.taken.add(code)
        return code

    def _lon(self, county: int) -> Decimal:
        return CENTRE_LON + Decimal(county % 4) * Decimal("0.4") + Decimal(self.rng.randrange(-1800, 1800)) / 10_000

    def _lat(self, county: int) -> Decimal:
        return CENTRE_LAT + Decimal(county // 4) * Decimal("0.4") + Decimal(self.rng.randrange(-1500, 1500)) / 10_000

    def _near(self, middle: Decimal | None, most: int) -> Decimal:
        return (middle or Decimal(0)) + Decimal(self.rng.randrange(-most, most)) / 10_000


def _spread(counties: Sequence[County], consortia: int, pattern: Sequence[int]) -> list[County]:
    """The county of each consortium: after a pattern of the text where it fits, else evenly."""
    if len(pattern) == len(counties) and sum(pattern) == consortia:
        return [county for county, number in zip(counties, pattern, strict=True) for _ in range(number)]
    return sorted((counties[n % len(counties)] for n in range(consortia)), key=lambda county: county.code)


def _town_name(row: InstitutionRow) -> str:
    return row.name.removesuffix("中心卫生院").removesuffix("卫生院").removesuffix("社区卫生服务中心")


def credit_code(county: str, serial: int) -> str:
    """A social credit code with a right check character and a division that nobody bears."""
    return ids.compose_credit_code(f"12{county}{serial:09d}")
