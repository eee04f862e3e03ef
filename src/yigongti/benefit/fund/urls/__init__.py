"""Addresses of the fund, a file a part."""

from typing import Final

URLS: Final = tuple(f"{__name__}.{part}" for part in ("counter", "pool", "sandbox"))
