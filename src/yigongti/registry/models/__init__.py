"""Tables of the registry: the network, the people, the codes, and the rows of its own cases."""

from yigongti.registry.models.cases import EXTRA_POLICIES, BreakGlass, Merge, SearchTally
from yigongti.registry.models.codes import IcdCode, Place
from yigongti.registry.models.network import (
    AbilityItem,
    Alliance,
    AllianceMember,
    Catchment,
    ClinicMode,
    Department,
    Institution,
)
from yigongti.registry.models.people import PracticeRight, Practitioner, RecordSerial, Resident

__all__ = [
    "EXTRA_POLICIES", "AbilityItem", "Alliance", "AllianceMember", "BreakGlass", "Catchment", "ClinicMode", "Department",
    "IcdCode", "Institution", "Merge", "Place", "PracticeRight", "Practitioner", "RecordSerial", "Resident", "SearchTally",
]  # fmt: skip
