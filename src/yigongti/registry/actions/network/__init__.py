"""Every write of the network: institutions, alliances, centres, governing bodies, catchment, ability lists."""

from yigongti.registry.actions.network.institutions import ensure_region, write_institutions

__all__ = ["ensure_region", "write_institutions"]
