"""How a village clinic is run, from a day on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from yigongti.kernel.access.door import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.registry.actions.network.acts import first_time
from yigongti.registry.models import ClinicMode, Institution


def run_as(institution_id: int, mode: str, on: date) -> bool:
    """From a day on the clinic is run in this way; returns whether anything changed."""
    open_one = ClinicMode.objects.filter(institution_id=institution_id, ends=None).first()
    if open_one is not None and open_one.mode == mode:
        return False
    if open_one is not None and open_one.starts >= on:
        open_one.mode = mode
        open_one.save(force_update=True)
        return True
    if open_one is not None:
        open_one.ends = on - timedelta(days=1)
        open_one.save(force_update=True)
    ClinicMode.objects.create(institution_id=institution_id, mode=mode, starts=on)
    return True


def change_clinic_mode(*, acting: Acting, institution_id: int, values: dict[str, Any], client_id: UUID) -> bool:
    """Another way of running a village clinic from a day on (N1); true when it stands.

    Args:
        values: ``mode`` of ``ClinicMode.Mode``, ``starts``.
    Raises:
        Denied: without the right. Refused: no village clinic, nothing changes, or a later change stands already.
    """
    acting.demand("registry.manage")
    clinic = Institution.objects.select_for_update().select_related("unit").get(pk=institution_id)
    if not first_time(acting, client_id, "clinic_mode", institution_id):
        return True
    if clinic.kind != Institution.Kind.VILLAGE_CLINIC:
        raise Refused("只有村卫生室登记举办形式", field="mode", remedy="请在村卫生室的页面上登记")
    open_one = ClinicMode.objects.filter(institution=clinic, ends=None).first()
    if open_one is not None and values["starts"] < open_one.starts:
        raise Refused(
            f"{open_one.starts} 起的举办形式已登记，不能改在它之前",
            field="starts",
            remedy=f"选 {open_one.starts} 或以后",
        )
    if not run_as(clinic.pk, values["mode"], values["starts"]):
        raise Refused("举办形式没有变化", field="mode", remedy="选另一种，或不用登记")
    label = ClinicMode.Mode(values["mode"]).label
    log.did("mode_changed", "institution", [clinic.pk], [], why=f"{label}，{values['starts']} 起")
    return True
