"""Rest for Python's collector of cycles while much is made and nothing of it is garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting_collector(*, keep: bool = False) -> Iterator[None]:
    """No pass over what is growing: while modules are imported that was a seventh of the time, while a county is drawn a tenth.

    With `keep`, what is there at the end is never looked at again, so that forked processes share it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if keep:
            gc.freeze()
        if enabled:
            gc.enable()
