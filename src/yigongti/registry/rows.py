"""What a spreadsheet or the simulation gives to the registry: plain frozen rows, in the registry's words and codes.

Codes are those of the model's choices (`registry.models`); places are twelve digits; empty text = not told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal


@dataclass(frozen=True)
class InstitutionRow:
    """An institution, keyed by `code`. `consortium` is the name of its consortium; `serves` are division codes."""

    code: str
    name: str
    kind: str
    place: str
    parent: str = ""
    consortium: str = ""
    lead: bool = False
    credit_code: str = ""
    level: str = "none"
    ownership: str = "public"
    is_tcm: bool = False
    legal_person: str = ""
    beds: int = 0
    told_staff: int | None = None
    told_doctors: int | None = None
    told_gps: int | None = None
    told_source: str = ""
    address: str = ""
    phone: str = ""
    lon: Decimal | None = None
    lat: Decimal | None = None
    clinic_mode: str = ""
    serves: tuple[str, ...] = ()


@dataclass(frozen=True)
class StaffRow:
    """A person in a role at a unit; the account is keyed by `login`, the seat by login, unit and role."""

    login: str
    name: str
    unit: str
    role: str
    department: str = ""
    title: str = ""
    category: str = "other"
    licence: str = ""
    practice_scope: str = ""
    prescribes: bool = False
    phone: str = ""
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True)
class ResidentRow:
    """A resident, keyed by identity number, else by record number, else by name, birth, sex and place."""

    name: str
    place: str
    sex: str = ""
    birth_date: date | None = None
    id_kind: str = ""
    id_number: str = ""
    phone: str = ""
    address: str = ""
    household: str = ""
    relation: str = ""
    record_number: str = ""
    insurance: str = "none"
    aid: str = ""
    tags: tuple[str, ...] = ()
    status: str = "living"
    status_on: date | None = None


@dataclass(frozen=True)
class MemberRow:
    """An institution (its code) in an alliance; `mode` is tight, trusteeship or cooperation."""

    institution: str
    mode: str = "cooperation"
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True)
class UnifiedRow:
    """A domain that an alliance has unified, with the clause that asks for it."""

    domain: str
    title: str
    clause: str = ""
    starts: date | None = None


@dataclass(frozen=True)
class AllianceRow:
    """An alliance, keyed by `name`. `kind` is county, urban, city_rural, specialist or telemedicine; `lead` an institution's code."""

    name: str
    kind: str
    lead: str = ""
    scope: str = ""
    agreement: str = ""
    agreement_no: str = ""
    agreement_signed: date | None = None
    members: tuple[MemberRow, ...] = ()
    unified: tuple[UnifiedRow, ...] = ()
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True)
class BodyMemberRow:
    """A party in a governing body; `role` is chair, vice or member."""

    party: str
    person: str = ""
    role: str = "member"


@dataclass(frozen=True)
class BodyRow:
    """A governing body, keyed by alliance (its name, "" = of the whole region) and `title`."""

    kind: str
    title: str
    alliance: str = ""
    chair: str = ""
    office: str = ""
    term_years: int | None = None
    clause: str = ""
    members: tuple[BodyMemberRow, ...] = ()
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True)
class ServiceRow:
    """A line of a centre's catalogue; `turnaround` in minutes."""

    code: str
    title: str
    unit_title: str = ""
    turnaround: int | None = None
    note: str = ""


@dataclass(frozen=True)
class HoursRow:
    """A span in which a centre is open on a weekday (0 = Monday)."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True)
class DutyRow:
    """A person (their login, at the host or in the consortium) on duty; an end not after the start is on the next day."""

    login: str
    day: date
    starts: time
    ends: time
    phone: str = ""


@dataclass(frozen=True)
class CentreRow:
    """A centre, keyed by host (an institution's code), alliance (its name), `kind` and `code`."""

    code: str
    kind: str
    title: str
    alliance: str = ""
    host: str = ""
    promise: str = ""
    phone: str = ""
    opens_24h: bool = False
    clause: str = ""
    services: tuple[ServiceRow, ...] = ()
    hours: tuple[HoursRow, ...] = ()
    duties: tuple[DutyRow, ...] = ()
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True)
class RowFault:
    """Why a row can't be taken: which row (0-based place in what was given), which field, what to do."""

    index: int
    field: str
    reason: str


@dataclass
class Counts:
    """What a bulk write did."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    @property
    def total(self) -> int:
        return self.created + self.updated + self.unchanged


@dataclass(frozen=True)
class Credential:
    """A first password, told once; it must be changed at the first sign-in."""

    login: str
    name: str
    password: str
