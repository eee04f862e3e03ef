"""Tables of the registry: the network, the people, the codes, and the rows of its own cases."""

from yigongti.registry.models.cases import EXTRA_POLICIES, BreakGlass, Merge, SearchTally
from yigongti.registry.models.centres import (
    BodyMember,
    Centre,
    CentreDuty,
    CentreHours,
    CentreService,
    GoverningBody,
    NetworkAct,
    Unified,
)
from yigongti.registry.models.codes import IcdCode, Place
from yigongti.registry.models.network import (
    AbilityItem,
    Alliance,
    AllianceMember,
    Belonging,
    Catchment,
    ClinicMode,
    Department,
    Institution,
)
from yigongti.registry.models.people import PracticeRight, Practitioner, RecordSerial, Resident
from yigongti.registry.models.persons import (
    Card,
    CardUse,
    Kin,
    LifeEvent,
    Sorting,
    Sounding,
    Suspect,
    Unknown,
)
from yigongti.registry.models.shapes import PlacePopulation, PlaceShape

__all__ = [
    "EXTRA_POLICIES",
    "AbilityItem",
    "Alliance",
    "AllianceMember",
    "Belonging",
    "BodyMember",
    "BreakGlass",
    "Card",
    "CardUse",
    "Catchment",
    "Centre",
    "CentreDuty",
    "CentreHours",
    "CentreService",
    "ClinicMode",
    "Department",
    "GoverningBody",
    "IcdCode",
    "Institution",
    "Kin",
    "LifeEvent",
    "Merge",
    "NetworkAct",
    "Place",
    "PlacePopulation",
    "PlaceShape",
    "PracticeRight",
    "Practitioner",
    "RecordSerial",
    "Resident",
    "SearchTally",
    "Sorting",
    "Sounding",
    "Suspect",
    "Unified",
    "Unknown",
]  # fmt: skip
