"""The rule and its loops, compiled once by Numba and kept (ADR 0020).

The functions stay plain Python where they are written; here they are made known to the compiler, and one eager signature
of each entry is compiled or taken from the cache. The cache's folder is named by a hash of the sources, so a changed rule
can never be answered by an old compilation.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import numba
from numba import types
from numba.extending import register_jitable

from ..rules import claims, settlement
from . import delta, kernel, scattering

try:
    import fcntl
except ImportError:  # no such locks on this system
    fcntl = None  # type: ignore[assignment]


def array(kind: Any, dimensions: int = 1, *, fixed: bool = False) -> types.Array:
    """The type of a contiguous array; a *fixed* parameter takes read-only and writable arrays alike."""
    return types.Array(kind, dimensions, "C", readonly=fixed)


Functions = tuple[Callable[..., Any], ...]
LONG, INT, FLAG = types.int64, types.int32, types.boolean
LONGS, FIXED = array(LONG), array(LONG, fixed=True)
TABLE = array(LONG, 2)
INTS, BYTES, FLAGS = array(INT), array(types.uint8), array(FLAG, fixed=True)
FIXED_INTS, FIXED_BYTES = array(INT, fixed=True), array(types.uint8, fixed=True)
BATCH = types.Tuple([
    types.UniTuple(FIXED, 6), types.UniTuple(FIXED_INTS, 2), types.UniTuple(FIXED_INTS, 5), types.UniTuple(FIXED_INTS, 5),
    types.UniTuple(FIXED_BYTES, 4), FIXED_INTS, FIXED_INTS,
])  # fmt: skip
PERSON = types.UniTuple(LONGS, 5)
LAW = types.Tuple([FIXED, FIXED, LONG, array(LONG, 2, fixed=True), FIXED])
CHUNK = types.Tuple([*[FIXED] * 6, FIXED_INTS])
SORTED = types.Tuple([INTS, INTS, LONGS, LONGS])
GATHERED = types.Tuple([*[LONGS] * 6, INTS])
ENTRIES: dict[Callable[..., Any], Any] = {
    kernel.judge: LONG(BATCH, LONG, LONG, BYTES, LONGS, LONGS, INTS),
    kernel.reject: types.void(BATCH, LONG, LONG, FIXED_BYTES, LONG, TABLE),
    kernel.agree: types.void(types.Tuple([FIXED, FIXED, LONG]), TABLE),
    kernel.run: LONG(CHUNK, PERSON, LAW, TABLE, INTS),
    scattering.scatter: LONG(CHUNK, FIXED, FIXED, TABLE, TABLE, INTS, LONGS, TABLE, FIXED),
    scattering.collect: LONG(TABLE, LONG, INTS, TABLE, INTS, LONGS, LONG),
    scattering.arrange: types.void(TABLE, LONG, SORTED, LONG, INTS),
    scattering.gather: types.void(TABLE, TABLE, INTS, LONG, LONG, FIXED, GATHERED),
    scattering.mark: LONG(FIXED, LONG, LONG, BYTES, LONGS),
    scattering.find: types.void(FIXED, FIXED, FIXED_BYTES, BYTES),
    delta.encode: [LONG(one, LONG, array(types.uint64), LONGS, LONGS) for one in (FIXED, FIXED_INTS)],
    delta.pack: LONG(FIXED_INTS, LONG, array(types.uint64)),
}
CALLED = (
    *settlement.COMPILED, kernel.tell, kernel.slot_of,
    scattering.bucket_of, scattering.not_above, scattering.later, scattering.merge, scattering.inside,
    delta.push, delta.push_varint, delta.zigzag, delta.width,
)  # fmt: skip
INLINED = (*settlement.INLINED, claims.wrong_amounts, claims.fault, kernel.agreement)
_known: set[Callable[..., Any]] = set()
"""What the compiler has been told of already: rules are shared by the entries of several modules."""


@cache
def compiled() -> SimpleNamespace:
    """The entries by name, compiled or from the cache; the first time on a machine takes some seconds."""
    found = compile_entries(
        ENTRIES, CALLED, INLINED, (claims, settlement, kernel, scattering, delta, sys.modules[__name__])
    )
    return SimpleNamespace(**{one.__name__: made for one, made in found.items()})


def compile_entries(
    entries: dict[Callable[..., Any], Any], called: Functions, inlined: Functions, sources: tuple[ModuleType, ...]
) -> dict[Callable[..., Any], Callable[..., Any]]:
    """Compile *entries* (function → signature), which call *called* and hold *inlined*; kept under a hash of the *sources*."""
    for function in set(called) - _known:
        register_jitable(function)
    for function in set(inlined) - _known:
        register_jitable(inline="always")(function)
    _known.update(called, inlined)
    folder, config, njit = cache_folder(sources), cast(Any, numba.config), cast(Any, numba.njit)
    with alone(folder):
        if folder is not None:
            config.CACHE_DIR = str(folder)
        options = {"nogil": True, "error_model": "numpy", "cache": folder is not None}
        return {one: njit(signature, **options)(one) for one, signature in entries.items()}


@contextlib.contextmanager
def alone(folder: Path | None) -> Iterator[None]:
    """One process compiles, the others wait and take what it made; without a folder everybody for himself."""
    if folder is None or fcntl is None:
        yield
        return
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def cache_folder(sources: tuple[ModuleType, ...]) -> Path | None:
    """A private writable folder for these sources and this compiler; None where there is none.

    Looked for in ``YIGONGTI_CACHE``, the data directory, the user's cache, the place for temporary files.
    """
    text = "\n".join([sys.version, numba.__version__, *(inspect.getsource(one) for one in sources)])
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    own, data = os.environ.get("YIGONGTI_CACHE"), os.environ.get("YIGONGTI_DATA")
    user = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    places = [
        *([Path(own)] if own else []),
        *([Path(data) / "cache"] if data else []),
        Path(user) / "yigongti",
        Path(tempfile.gettempdir()) / f"yigongti-{os.getuid() if hasattr(os, 'getuid') else 0}",
    ]
    for place in places:
        folder = place / "compiled" / name
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        # What lies there is run: nobody else may have put it there.
        if os.access(folder, os.W_OK) and (not hasattr(os, "getuid") or place.stat().st_uid == os.getuid()):
            return folder
    return None
