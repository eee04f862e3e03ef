"""The only door into the registry for other modules: frozen dataclasses and plain functions."""

from __future__ import annotations

from yigongti.kernel import ids
from yigongti.registry import sampled
from yigongti.registry.actions.accounts import ensure_robots, rescue, resident_account, sync_roles
from yigongti.registry.actions.births import register_newborn
from yigongti.registry.actions.break_glass import break_glass
from yigongti.registry.actions.cards import add_card, code_now, end_card, issue
from yigongti.registry.actions.county import new_region
from yigongti.registry.actions.duplicates import find_suspects
from yigongti.registry.actions.life import record_life_event, undo_life_event
from yigongti.registry.actions.merge import propose_merge
from yigongti.registry.actions.network.abilities import starting_abilities
from yigongti.registry.actions.network.alliance_bulk import write_alliances, write_bodies
from yigongti.registry.actions.network.catchment import assign, change_catchment
from yigongti.registry.actions.network.centre_bulk import write_centres
from yigongti.registry.actions.network.institutions import ensure_region, write_institutions
from yigongti.registry.actions.network.settling import settle_residents
from yigongti.registry.actions.places import (
    Division,
    load_starter_codes,
    package_divisions,
    write_codes,
    write_places,
)
from yigongti.registry.actions.relations import Evidence, acted, checked_in, opened, relate_by_visit
from yigongti.registry.actions.resident_bulk import write_residents
from yigongti.registry.actions.residents import change, register
from yigongti.registry.actions.sorting import sort_rows
from yigongti.registry.actions.soundings import complete_soundings, write_soundings
from yigongti.registry.actions.staff import first_password, write_staff
from yigongti.registry.actions.unknown import open_unknown
from yigongti.registry.identifiers import masked_id, masked_phone, number_tail
from yigongti.registry.models import ClinicMode, Institution, Practitioner, Resident
from yigongti.registry.queries.centres import Desk, OnDuty, desks, on_duty
from yigongti.registry.queries.climbing import STEPS, Higher, receiving
from yigongti.registry.queries.duplicates import similar
from yigongti.registry.queries.exports import institution_rows, resident_rows, staff_rows
from yigongti.registry.queries.network import (
    Ability,
    Responsible,
    abilities,
    can_treat,
    diagnosis,
    diagnosis_chapter,
    diagnosis_titles,
    institution_of,
    institutions,
    lead_of,
    place_name,
    practice,
    prefixes,
    responsible_for,
    seats_at,
    together,
    villages,
)
from yigongti.registry.queries.persons import alive_among, deaths, died_before, namesakes, scanned, village_names
from yigongti.registry.queries.relations import relations_of
from yigongti.registry.queries.residents import (
    Allergies,
    Brief,
    Person,
    banner,
    brief,
    briefs,
    canonical_of,
    desk_banner,
    entry,
    get,
    names,
    own,
    same_person,
    sex_and_birth,
)
from yigongti.registry.queries.search import Candidate, Found, candidate, search
from yigongti.registry.queries.shapes import network_map
from yigongti.registry.queries.sorting import SubjectTable
from yigongti.registry.queries.standing import network as network_standing
from yigongti.registry.roles import BY_CODE, RIGHTS, ROLES, Role, staff_roles
from yigongti.registry.rows import (
    AllianceRow,
    BodyMemberRow,
    BodyRow,
    CentreRow,
    Counts,
    Credential,
    DutyRow,
    HoursRow,
    InstitutionRow,
    MemberRow,
    ResidentRow,
    RowFault,
    ServiceRow,
    StaffRow,
    UnifiedRow,
)
from yigongti.registry.rules.levels import LEVELS, PRIMARY, level_of, level_sql
from yigongti.registry.rules.network import Practice
from yigongti.registry.rules.places import area_of, full_code
from yigongti.registry.sample.plan import BadScale, check_scale

INSTITUTION_KINDS: tuple[tuple[str, str], ...] = tuple(Institution.Kind.choices)
INSTITUTION_LEVELS: tuple[tuple[str, str], ...] = tuple(Institution.Level.choices)
OWNERSHIPS: tuple[tuple[str, str], ...] = tuple(Institution.Ownership.choices)
CLINIC_MODES: tuple[tuple[str, str], ...] = tuple(ClinicMode.Mode.choices)
CATEGORIES: tuple[tuple[str, str], ...] = tuple(Practitioner.Category.choices)
SEXES: tuple[tuple[str, str], ...] = tuple(Resident.Sex.choices)
ID_KINDS: tuple[tuple[str, str], ...] = tuple((kind.value, label) for kind, label in ids.LABELS.items())
INSURANCES: tuple[tuple[str, str], ...] = tuple(Resident.Insurance.choices)
AIDS: tuple[tuple[str, str], ...] = tuple(Resident.Aid.choices)
HOUSEHOLD: tuple[tuple[str, str], ...] = tuple(Resident.Relation.choices)
TAGS: tuple[tuple[str, str], ...] = tuple(Resident.Tag.choices)
STATUSES: tuple[tuple[str, str], ...] = tuple(Resident.Status.choices)

__all__ = [
    "AIDS",
    "BY_CODE",
    "CATEGORIES",
    "CLINIC_MODES",
    "HOUSEHOLD",
    "ID_KINDS",
    "INSTITUTION_KINDS",
    "INSTITUTION_LEVELS",
    "INSURANCES",
    "LEVELS",
    "OWNERSHIPS",
    "PRIMARY",
    "RIGHTS",
    "ROLES",
    "SEXES",
    "STATUSES",
    "STEPS",
    "TAGS",
    "Ability",
    "Allergies",
    "AllianceRow",
    "BadScale",
    "BodyMemberRow",
    "BodyRow",
    "Brief",
    "Candidate",
    "CentreRow",
    "Counts",
    "Credential",
    "Desk",
    "Division",
    "DutyRow",
    "Evidence",
    "Found",
    "Higher",
    "HoursRow",
    "Institution",
    "InstitutionRow",
    "MemberRow",
    "OnDuty",
    "Person",
    "Practice",
    "Resident",
    "ResidentRow",
    "Responsible",
    "Role",
    "RowFault",
    "ServiceRow",
    "StaffRow",
    "SubjectTable",
    "UnifiedRow",
    "abilities",
    "acted",
    "add_card",
    "alive_among",
    "area_of",
    "assign",
    "banner",
    "break_glass",
    "brief",
    "briefs",
    "can_treat",
    "candidate",
    "canonical_of",
    "change",
    "change_catchment",
    "check_scale",
    "checked_in",
    "code_now",
    "complete_soundings",
    "deaths",
    "desk_banner",
    "desks",
    "diagnosis",
    "diagnosis_chapter",
    "diagnosis_titles",
    "died_before",
    "end_card",
    "ensure_region",
    "ensure_robots",
    "entry",
    "find_suspects",
    "first_password",
    "full_code",
    "get",
    "institution_of",
    "institution_rows",
    "institutions",
    "issue",
    "lead_of",
    "level_of",
    "level_sql",
    "load_starter_codes",
    "masked_id",
    "masked_phone",
    "names",
    "namesakes",
    "network_map",
    "network_standing",
    "new_region",
    "number_tail",
    "on_duty",
    "open_unknown",
    "opened",
    "own",
    "package_divisions",
    "place_name",
    "practice",
    "prefixes",
    "propose_merge",
    "receiving",
    "record_life_event",
    "register",
    "register_newborn",
    "relate_by_visit",
    "relations_of",
    "rescue",
    "resident_account",
    "resident_rows",
    "responsible_for",
    "same_person",
    "sampled",
    "scanned",
    "search",
    "seats_at",
    "settle_residents",
    "sex_and_birth",
    "similar",
    "sort_rows",
    "staff_roles",
    "staff_rows",
    "starting_abilities",
    "sync_roles",
    "together",
    "undo_life_event",
    "village_names",
    "villages",
    "write_alliances",
    "write_bodies",
    "write_centres",
    "write_codes",
    "write_institutions",
    "write_places",
    "write_residents",
    "write_soundings",
    "write_staff",
]  # fmt: skip
