"""What the fund contributes to others' screens, a file a part."""

from yigongti.benefit.fund.desk import adjustment, audit, catalogue, special
from yigongti.benefit.fund.panels import paths, pool, sandbox

PANELS = {
    "visit.after_diagnosis": (paths.costs,),
    "desk.create": (paths.before_referring,),
    "cockpit": (pool.balance,),
    "case.main": (adjustment.lines, catalogue.lines, audit.lines, special.record, pool.record, sandbox.attached),
}
"""Slot → who fills it (`kernel.panel`)."""
