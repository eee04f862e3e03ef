"""At which level care is given: village, township, county, city, outside the region. One definition for every figure."""

from __future__ import annotations

LEVELS: tuple[tuple[str, str], ...] = (
    ("village", "村级"), ("township", "乡镇级"), ("county", "县级"), ("city", "市级"), ("outside", "区域外"),
)  # fmt: skip
"""Codes and words, from the resident upwards."""

PRIMARY = ("village", "township")
"""The levels that policy calls 基层."""

_VILLAGE = ("village_clinic", "community_station")
_TOWNSHIP = ("township_centre", "community_centre")
_CITY = ("city_hospital",)


def level_of(kind: str, *, inside: bool = True) -> str:
    """The level of an institution by its kind; `inside`: its place lies in the region."""
    if not inside:
        return "outside"
    return "village" if kind in _VILLAGE else "township" if kind in _TOWNSHIP else "city" if kind in _CITY else "county"


def level_sql(kind: str, place: str) -> str:
    """SQL for the same over the columns `kind` of an institution and `place` of its unit."""

    def listed(kinds: tuple[str, ...]) -> str:
        return ", ".join(f"'{one}'" for one in kinds)

    region = "(select regexp_replace(place, '(00)+$', '') from access_unit where kind = 'region' order by id limit 1)"
    return (
        f"case when not starts_with({place}, {region}) then 'outside' when {kind} in ({listed(_VILLAGE)}) then 'village'"
        f" when {kind} in ({listed(_TOWNSHIP)}) then 'township' when {kind} in ({listed(_CITY)}) then 'city' else 'county' end"
    )
