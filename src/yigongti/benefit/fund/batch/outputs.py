"""Output files that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
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


@contextmanager
def gathered(out: Path) -> Iterator[Path]:
    """A draft folder beside *out*; its files are put into *out* when the block ends well, removed when it does not."""
    draft = out.with_name(f".{out.name}.{os.getpid()}.part")
    draft.mkdir()
    try:
        yield draft
        out.mkdir(exist_ok=True)
        for file in sorted(draft.iterdir()):
            os.replace(file, out / file.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
