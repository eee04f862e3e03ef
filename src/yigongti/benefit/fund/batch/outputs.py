"""Output files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(*targets: Path) -> Iterator[tuple[Path, ...]]:
    """Draft paths beside *targets*; put in their places when the block ends well, removed when it does not."""
    drafts = tuple(target.with_name(f".{target.name}.{os.getpid()}.part") for target in targets)
    try:
        yield drafts
        for draft, target in zip(drafts, targets, strict=True):
            os.replace(draft, target)
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)
